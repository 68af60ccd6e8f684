import logging

from firth import SentenceTransformer

logging.basicConfig(format="%(asctime)s - %(message)s", level=logging.WARNING)

if __name__ == "__main__":
    sentences = [f"This is sentence {i}" for i in range(200)]
    model = SentenceTransformer("all-MiniLM-L6-v2", device="cpu")
    emb = model.encode(sentences, device=["cpu", "cpu"], batch_size=16, chunk_size=50)
    print("Embeddings computed. Shape:", emb.shape)
