"""Functions on vectors, under the names of sentence_transformers.util. Similarities are torch tensors
where torch is loaded, as that library gives them, and numpy arrays where it is not."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _search
from ._arrays import as_array, as_matrix, as_scores, to_tensor
from ._embedder import Embedder
from ._encode import any_tensor
from ._quantize import quantize

Array = npt.NDArray[Any]


def cos_sim(a: Any, b: Any) -> Any:
    """Cosines of every row of a and every row of b: (n, m).

    >>> firth.util.cos_sim([1.0, 0.0], [[0.0, 2.0], [3.0, 0.0]]).tolist()
    [[0.0, 1.0]]
    """
    return as_scores(_search.similarity(a, b, "cosine"))


pytorch_cos_sim = cos_sim


def dot_score(a: Any, b: Any) -> Any:
    """Dot products of every row of a and every row of b: (n, m).

    >>> firth.util.dot_score([[1.0, 2.0]], [[3.0, 4.0]]).tolist()
    [[11.0]]
    """
    return as_scores(_search.similarity(a, b, "dot"))


def euclidean_sim(a: Any, b: Any) -> Any:
    """Negative Euclidean distances: (n, m)."""
    return as_scores(_search.similarity(a, b, "euclidean"))


def manhattan_sim(a: Any, b: Any) -> Any:
    """Negative Manhattan distances: (n, m)."""
    return as_scores(_search.similarity(a, b, "manhattan"))


def pairwise_cos_sim(a: Any, b: Any) -> Any:
    """Cosines of row i of a and row i of b: (n)."""
    return as_scores(_search.similarity_pairwise(a, b, "cosine"))


def pairwise_dot_score(a: Any, b: Any) -> Any:
    """Dot products of row i of a and row i of b: (n)."""
    return as_scores(_search.similarity_pairwise(a, b, "dot"))


def pairwise_euclidean_sim(a: Any, b: Any) -> Any:
    """Negative Euclidean distances of row i of a and row i of b: (n)."""
    return as_scores(_search.similarity_pairwise(a, b, "euclidean"))


def pairwise_manhattan_sim(a: Any, b: Any) -> Any:
    """Negative Manhattan distances of row i of a and row i of b: (n)."""
    return as_scores(_search.similarity_pairwise(a, b, "manhattan"))


def pairwise_angle_sim(x: Any, y: Any) -> Any:
    """AnglE's similarity (arXiv:2309.12871) of row i of x and row i of y: (n). The halves of a vector
    are real and imaginary parts; |cosine + sine| of the angle between them.

    >>> firth.util.pairwise_angle_sim([[1.0, 0.0]], [[1.0, 0.0]]).tolist()
    [1.0]
    """
    a, b = as_matrix(x, "x"), as_matrix(y, "y")
    cosines = _search.similarity_pairwise(a, b, "cosine")
    half = (a.shape[1] + 1) // 2
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    sines = (_second(a, half) * b[:, :half] - a[:, :half] * _second(b, half)).sum(axis=1)
    return as_scores(np.abs(cosines + sines / np.maximum(norms, np.float32(1e-12))))


def _second(rows: Array, half: int) -> Array:
    """The second half of each row, of an odd dimension with a zero at its end."""
    second = np.zeros((len(rows), half), dtype=rows.dtype)
    second[:, : rows.shape[1] - half] = rows[:, half:]
    return second


class SimilarityFunction(Enum):
    """How vectors are compared: a name, or what `similarity_fn_name` takes.

    >>> firth.util.SimilarityFunction.DOT_PRODUCT.value
    'dot'
    """

    COSINE = "cosine"
    DOT_PRODUCT = "dot"
    DOT = "dot"
    EUCLIDEAN = "euclidean"
    MANHATTAN = "manhattan"

    @staticmethod
    def possible_values() -> list[str]:
        """All names."""
        return [each.value for each in SimilarityFunction]

    @staticmethod
    def to_similarity_fn(name: str | SimilarityFunction) -> Callable[[Any, Any], Any]:
        """The function on matrices: `cos_sim`, …"""
        return _FUNCTIONS[SimilarityFunction(name).value][0]

    @staticmethod
    def to_similarity_pairwise_fn(name: str | SimilarityFunction) -> Callable[[Any, Any], Any]:
        """The function on pairs of rows: `pairwise_cos_sim`, …"""
        return _FUNCTIONS[SimilarityFunction(name).value][1]


_FUNCTIONS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "cosine": (cos_sim, pairwise_cos_sim),
    "dot": (dot_score, pairwise_dot_score),
    "euclidean": (euclidean_sim, pairwise_euclidean_sim),
    "manhattan": (manhattan_sim, pairwise_manhattan_sim),
}


def normalize_embeddings(embeddings: Any) -> Any:
    """Rows of unit length; zero rows stay zero.

    >>> firth.util.normalize_embeddings([[3.0, 4.0]]).round(6).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    matrix = as_matrix(embeddings, "embeddings")
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    unit = matrix / np.maximum(norms, np.float32(1e-12))
    return to_tensor(unit) if any_tensor(embeddings) else unit


def truncate_embeddings(embeddings: Any, truncate_dim: int | None) -> Any:
    """The first components of each vector."""
    return embeddings[..., :truncate_dim]


def quantize_embeddings(
    embeddings: Any,
    precision: str,
    ranges: Any = None,
    calibration_embeddings: Any = None,
) -> Array:
    """Vectors as "int8" or "uint8" (by the range of each component, of the calibration vectors if
    there are any) or as bits, "binary" or "ubinary".

    >>> firth.util.quantize_embeddings([[0.5, -0.5] * 4], "ubinary").tolist()
    [[170]]
    """
    matrix = as_matrix(embeddings, "embeddings")
    if ranges is None and calibration_embeddings is not None:
        sample = as_matrix(calibration_embeddings, "calibration_embeddings")
        ranges = np.vstack((sample.min(axis=0), sample.max(axis=0)))
    return quantize(matrix, precision, None if ranges is None else as_matrix(ranges, "ranges"))


def _similarity_of(score_function: Any) -> str | None:
    """Which of the engine's similarities a function is; None: the caller's own."""
    names = {cos_sim: "cosine", dot_score: "dot", euclidean_sim: "euclidean"}
    name = getattr(score_function, "__name__", "")
    if score_function in names:
        return names[score_function]
    return {"cos_sim": "cosine", "dot_score": "dot", "euclidean_sim": "euclidean"}.get(name)


def semantic_search(
    query_embeddings: Any,
    corpus_embeddings: Any,
    query_chunk_size: int = 100,
    corpus_chunk_size: int = 500000,
    top_k: int = 10,
    score_function: Callable[[Any, Any], Any] = cos_sim,
) -> list[list[dict[str, int | float]]]:
    """The nearest rows of a corpus to each query, the nearest first.

    >>> hits = firth.util.semantic_search([[1.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], top_k=1)
    >>> hits
    [[{'corpus_id': 1, 'score': 1.0}]]
    """
    queries = as_matrix(query_embeddings, "query_embeddings")
    name = _similarity_of(score_function)
    if name is not None:
        rows, scores = _search.search(queries, corpus_embeddings, top_k, name)
    else:
        own = as_array(score_function(query_embeddings, corpus_embeddings), "score_function")
        rows = np.argsort(-own, axis=1, kind="stable")[:, :top_k]
        scores = np.take_along_axis(own, rows, axis=1)
    return [
        [{"corpus_id": int(row), "score": float(score)} for row, score in zip(*hits)]
        for hits in zip(rows, scores)
    ]


def paraphrase_mining_embeddings(
    embeddings: Any,
    query_chunk_size: int = 5000,
    corpus_chunk_size: int = 100000,
    max_pairs: int = 500000,
    top_k: int = 100,
    score_function: Callable[[Any, Any], Any] = cos_sim,
) -> list[list[float | int]]:
    """The most alike pairs of rows: [[score, i, j], …], the most alike first.

    >>> firth.util.paraphrase_mining_embeddings([[1.0, 0.0], [0.0, 1.0], [1.0, 0.1]])[0][1:]
    [0, 2]
    """
    matrix = as_matrix(embeddings, "embeddings")
    if len(matrix) < 2:
        return []
    hits = semantic_search(matrix, matrix, top_k=top_k + 1, score_function=score_function)
    found: dict[tuple[int, int], float] = {}
    for i, row in enumerate(hits):
        for hit in row:
            j = int(hit["corpus_id"])
            if i != j:
                found[min(i, j), max(i, j)] = float(hit["score"])
    pairs = sorted(((score, i, j) for (i, j), score in found.items()), key=lambda pair: -pair[0])
    return [[score, i, j] for score, i, j in pairs[:max_pairs]]


def paraphrase_mining(
    model: Embedder, sentences: list[str], show_progress_bar: bool = False, **options: Any
) -> list[list[float | int]]:
    """`paraphrase_mining_embeddings` of texts."""
    encode = {name: options.pop(name) for name in ("batch_size", "prompt_name", "prompt", "truncate_dim")
              if name in options}  # fmt: skip
    vectors = model.encode(sentences, show_progress_bar=show_progress_bar, **encode)
    return paraphrase_mining_embeddings(vectors, **options)


def community_detection(
    embeddings: Any, threshold: float = 0.75, min_community_size: int = 10, batch_size: int = 1024
) -> list[list[int]]:
    """Groups of rows whose cosine to the group's centre is at least the threshold; groups do not
    overlap, the largest comes first, its centre stands first.

    >>> firth.util.community_detection([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]], min_community_size=2)
    [[0, 1]]
    """
    matrix = as_matrix(embeddings, "embeddings")
    groups = []
    for begin in range(0, len(matrix), batch_size):
        cosines = _search.similarity(matrix[begin : begin + batch_size], matrix)
        for row in cosines:
            members = np.flatnonzero(row >= threshold)
            if len(members) >= min_community_size:
                groups.append(members[np.argsort(-row[members], kind="stable")].tolist())
    groups.sort(key=len, reverse=True)
    taken: set[int] = set()
    unique = []
    for group in groups:
        left = [row for row in group if row not in taken]
        if len(left) >= min_community_size:
            unique.append(left)
            taken.update(left)
    return sorted(unique, key=len, reverse=True)


__all__ = [
    "SimilarityFunction",
    "community_detection",
    "cos_sim",
    "dot_score",
    "euclidean_sim",
    "manhattan_sim",
    "normalize_embeddings",
    "pairwise_angle_sim",
    "pairwise_cos_sim",
    "pairwise_dot_score",
    "pairwise_euclidean_sim",
    "pairwise_manhattan_sim",
    "paraphrase_mining",
    "paraphrase_mining_embeddings",
    "pytorch_cos_sim",
    "quantize_embeddings",
    "semantic_search",
    "truncate_embeddings",
]
