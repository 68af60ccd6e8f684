"""Matrices of vectors against each other."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import FloatMatrix, as_matrix

Scores = npt.NDArray[np.float32]


def similarity(a: Any, b: Any, by: str = "cosine") -> Scores:
    """Every row of `a` (n, d) against every row of `b` (m, d): (n, m) float32, greater is nearer.

    `by` is "cosine", "dot", "euclidean" or "manhattan" (distances are negative).

    Examples
    --------
    >>> firth.similarity([[1.0, 0.0]], [[0.0, 2.0], [3.0, 0.0]]).tolist()
    [[0.0, 1.0]]
    """
    return _core.similarity_matrix(as_matrix(a, "a"), as_matrix(b, "b"), by)


def similarity_pairwise(a: Any, b: Any, by: str = "cosine") -> Scores:
    """Row i of `a` against row i of `b`: (n) float32.

    Examples
    --------
    >>> firth.similarity_pairwise([[1.0, 0.0]], [[0.0, 2.0]], by="dot").tolist()
    [0.0]
    """
    return _core.similarity_pairs(as_matrix(a, "a"), as_matrix(b, "b"), by)


class Index:
    """The nearest rows of a matrix, found by looking at every row.

    Parameters
    ----------
    vectors
        (n, d). A contiguous float32 array is kept, not copied: leave it as it is.
    similarity
        "cosine", "dot" or "euclidean".
    form
        What the first pass reads: "f32" finds the true nearest rows; "int8" and "binary" read a
        quarter and a thirty-second of the memory and may miss some.
    overfetch
        Candidates of the first pass for each row asked. None: 2, 4 and 20 for the three forms.

    Examples
    --------
    >>> index = firth.Index([[1.0, 0.0], [0.0, 1.0], [0.7, 0.7]])
    >>> rows, scores = index.search([[1.0, 0.1]], k=2)
    >>> rows.tolist()
    [[0, 2]]
    """

    def __init__(
        self,
        vectors: Any,
        similarity: str = "cosine",
        form: str = "f32",
        overfetch: int | None = None,
    ) -> None:
        self.vectors: FloatMatrix = as_matrix(vectors, "vectors")
        self._index = _core.make_index(self.vectors, similarity, form, overfetch or 0)

    def __len__(self) -> int:
        return self._index.num_rows

    def __repr__(self) -> str:
        return f"<Index of {len(self):,} vectors, dimension {self.dimension}>"

    @property
    def dimension(self) -> int:
        """Components of a vector."""
        return self._index.dimension

    def search(self, queries: Any, k: int = 10) -> tuple[npt.NDArray[np.int64], Scores]:
        """The k nearest rows to each query (m, d), the nearest first.

        Returns
        -------
        rows, scores
            (m, k) int64 and (m, k) float32; k is cut to the number of rows.
        """
        if k < 1:
            raise ValueError(f"k: expected at least 1, found {k}")
        return self._index.search(as_matrix(queries, "queries"), k)


def search(
    queries: Any, corpus: Any, k: int = 10, similarity: str = "cosine", form: str = "f32"
) -> tuple[npt.NDArray[np.int64], Scores]:
    """The k nearest rows of `corpus` (n, d) to each of `queries` (m, d), the nearest first.

    Returns (m, k) int64 rows and (m, k) float32 scores. `Index` keeps what the corpus is turned
    into, for searching it again.

    Examples
    --------
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> corpus = model.encode(["a cat", "a river", "a kitten"])
    >>> rows, scores = firth.search(model.encode(["a cat"]), corpus, k=1)
    >>> rows.tolist()
    [[0]]
    """
    return Index(corpus, similarity, form).search(queries, k)
