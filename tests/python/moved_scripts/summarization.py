import numpy as np

from firth import SentenceTransformer

model = SentenceTransformer("all-MiniLM-L6-v2")
sentences = ["New York City is large.", "It has museums.", "Many people live in New York City.", "A cat sat."]
embeddings = model.encode(sentences)
similarity_scores = model.similarity(embeddings, embeddings).numpy()
centrality = similarity_scores.sum(axis=0)
for i in np.argsort(-centrality)[:3]:
    print(sentences[i].strip(), f"{centrality[i]:.3f}")
