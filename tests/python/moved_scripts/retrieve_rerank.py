from firth import CrossEncoder, SentenceTransformer, util

bi_encoder = SentenceTransformer("all-MiniLM-L6-v2")
bi_encoder.max_seq_length = 32
cross_encoder = CrossEncoder("ms-marco-MiniLM-L6-v2")

passages = [
    "Berlin has a population of 3.7 million people.",
    "Berlin is well known for its museums.",
    "A cat slept on the mat all day.",
    "The bank was closed on Sunday.",
    "New York City had eight million inhabitants.",
]
corpus_embeddings = bi_encoder.encode(passages, convert_to_tensor=False, show_progress_bar=False)


def search(query):
    question_embedding = bi_encoder.encode(query)
    hits = util.semantic_search(question_embedding, corpus_embeddings, top_k=4)[0]
    cross_inp = [[query, passages[hit["corpus_id"]]] for hit in hits]
    cross_scores = cross_encoder.predict(cross_inp)
    for idx in range(len(cross_scores)):
        hits[idx]["cross-score"] = cross_scores[idx]
    for hit in sorted(hits, key=lambda x: x["score"], reverse=True)[0:3]:
        print("\t{:.3f}\t{}".format(hit["score"], passages[hit["corpus_id"]]))
    for hit in sorted(hits, key=lambda x: x["cross-score"], reverse=True)[0:3]:
        print("\t{:.3f}\t{}".format(hit["cross-score"], passages[hit["corpus_id"]]))


search("How many people live in Berlin?")
search(query="where did the cat sleep?")
