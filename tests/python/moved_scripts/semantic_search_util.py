from firth import SentenceTransformer, util

model = SentenceTransformer("all-MiniLM-L6-v2")
corpus = ["The cat sits outside", "A man is playing guitar", "The new movie is awesome"]
corpus_embeddings = model.encode(corpus, show_progress_bar=False, normalize_embeddings=True)
query_embeddings = model.encode(["Which animal is outdoors?"], normalize_embeddings=True)
hits = util.semantic_search(query_embeddings, corpus_embeddings, score_function=util.dot_score)
for hit in hits[0]:
    print(corpus[hit["corpus_id"]], "(Score: {:.4f})".format(hit["score"]))

cosine_scores = util.cos_sim(corpus_embeddings, corpus_embeddings)
for i in range(len(corpus) - 1):
    for j in range(i + 1, len(corpus)):
        print(f"{corpus[i]}\t{corpus[j]}\t{cosine_scores[i][j].item():.4f}")

for score, i, j in util.paraphrase_mining(model, corpus):
    print(corpus[i], corpus[j], f"{score:.4f}")
