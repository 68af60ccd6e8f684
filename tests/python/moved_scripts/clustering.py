from firth import SentenceTransformer, util

model = SentenceTransformer("all-MiniLM-L6-v2", truncate_dim=16)
pool = model.start_multi_process_pool()
sentences = [f"This is sentence {i}" for i in range(100)]
embeddings = model.encode(sentences, pool=pool, batch_size=64)
model.stop_multi_process_pool(pool)
print("Embeddings computed. Shape:", embeddings.shape)
clusters = util.community_detection(embeddings, min_community_size=5, threshold=0.75)
for i, cluster in enumerate(clusters):
    print(f"\nCluster {i + 1}, #{len(cluster)} Elements")
    for sentence_id in cluster[0:3]:
        print("\t", sentences[sentence_id])
