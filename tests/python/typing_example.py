"""What a user's editor must understand; read by mypy and pyright, not run."""

from collections.abc import Iterator

import firth
import numpy as np
import numpy.typing as npt


def vectors_of(texts: list[str]) -> npt.NDArray[np.float32]:
    model: firth.Embedder = firth.load("all-MiniLM-L6-v2")
    rows, scores = firth.search(model.encode(texts), model.encode(texts), k=3)
    first: int = int(rows[0, 0])
    assert scores.shape == rows.shape and first >= 0
    return model.encode(texts, normalize_embeddings=True, truncate_dim=64)


def words(path: str) -> Iterator[str]:
    for key, _ in firth.KeyedVectors.load(path).most_similar("orange"):
        yield key


def ids(text: str) -> list[int]:
    return firth.Tokenizer.from_file("tokenizer.json").encode(text).ids


moved: firth.SentenceTransformer = firth.SentenceTransformer("all-MiniLM-L6-v2", truncate_dim=8)
dimension: int = moved.get_embedding_dimension()
