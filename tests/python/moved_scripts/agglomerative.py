from sklearn.cluster import AgglomerativeClustering

from firth import SentenceTransformer

embedder = SentenceTransformer("all-MiniLM-L6-v2")
corpus = ["A man is eating food.", "A man is eating pasta.", "A cat sat.", "A cat slept.", "x"]
corpus_embeddings = embedder.encode(corpus)
clustering_model = AgglomerativeClustering(n_clusters=None, distance_threshold=1.5)
clustering_model.fit(corpus_embeddings)
print(clustering_model.labels_.tolist())
