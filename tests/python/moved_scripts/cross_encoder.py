import numpy as np

from firth import CrossEncoder

model = CrossEncoder("ms-marco-MiniLM-L6-v2", max_length=48)
query = "A man is eating pasta."
corpus = ["A man is eating food.", "The girl is carrying a baby.", "A cheetah is running behind its prey."]

ranks = model.rank(query, corpus, return_documents=True, top_k=2)
for rank in ranks:
    print(f"{rank['score']:.2f}\t{rank['corpus_id']}\t{rank['text']}")

scores = model.predict([[query, sentence] for sentence in corpus], batch_size=2, show_progress_bar=False)
print(scores.shape, scores.dtype)
for idx in reversed(np.argsort(scores)):
    print(f"{scores[idx]:.2f}\t{corpus[idx]}")
print(f"{model.predict((query, corpus[0])):.3f}", model.predict([]).shape, model.num_labels)
