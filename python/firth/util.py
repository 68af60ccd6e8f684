"""Functions on vectors, under the names of sentence_transformers.util. Arrays in give arrays, torch
tensors give torch tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _search
from ._arrays import as_array, as_matrix, is_tensor, to_tensor
from ._embedder import Embedder, _any_tensor
from ._quantize import quantize

Array = npt.NDArray[Any]


def _like(inputs: tuple[Any, ...], result: Array) -> Any:
    return to_tensor(result) if _any_tensor(*inputs) else result


def cos_sim(a: Any, b: Any) -> Any:
    """Cosines of every row of a and every row of b: (n, m).

    >>> firth.util.cos_sim([1.0, 0.0], [[0.0, 2.0], [3.0, 0.0]]).tolist()
    [[0.0, 1.0]]
    """
    return _like((a, b), _search.similarity(a, b, "cosine"))


pytorch_cos_sim = cos_sim


def dot_score(a: Any, b: Any) -> Any:
    """Dot products of every row of a and every row of b: (n, m).

    >>> firth.util.dot_score([[1.0, 2.0]], [[3.0, 4.0]]).tolist()
    [[11.0]]
    """
    return _like((a, b), _search.similarity(a, b, "dot"))


def euclidean_sim(a: Any, b: Any) -> Any:
    """Negative Euclidean distances: (n, m)."""
    return _like((a, b), _search.similarity(a, b, "euclidean"))


def manhattan_sim(a: Any, b: Any) -> Any:
    """Negative Manhattan distances: (n, m)."""
    return _like((a, b), _search.similarity(a, b, "manhattan"))


def pairwise_cos_sim(a: Any, b: Any) -> Any:
    """Cosines of row i of a and row i of b: (n)."""
    return _like((a, b), _search.similarity_pairwise(a, b, "cosine"))


def pairwise_dot_score(a: Any, b: Any) -> Any:
    """Dot products of row i of a and row i of b: (n)."""
    return _like((a, b), _search.similarity_pairwise(a, b, "dot"))


def pairwise_euclidean_sim(a: Any, b: Any) -> Any:
    """Negative Euclidean distances of row i of a and row i of b: (n)."""
    return _like((a, b), _search.similarity_pairwise(a, b, "euclidean"))


def pairwise_manhattan_sim(a: Any, b: Any) -> Any:
    """Negative Manhattan distances of row i of a and row i of b: (n)."""
    return _like((a, b), _search.similarity_pairwise(a, b, "manhattan"))


def normalize_embeddings(embeddings: Any) -> Any:
    """Rows of unit length; zero rows stay zero.

    >>> firth.util.normalize_embeddings([[3.0, 4.0]]).round(6).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    matrix = as_matrix(embeddings, "embeddings")
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return _like((embeddings,), matrix / np.maximum(norms, np.float32(1e-12)))


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
    "community_detection",
    "cos_sim",
    "dot_score",
    "euclidean_sim",
    "manhattan_sim",
    "normalize_embeddings",
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
