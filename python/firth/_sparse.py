"""Sparse matrices in and out, as scipy.sparse holds them. scipy is needed by whoever passes or wants
one, and is imported by nobody else."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core

# indptr, indices, data and the number of columns: rows sorted, no column twice. What a bound function
# with a CsrIn<T> takes, and one with a CsrOut<T> gives (python/src/sparse_arrays.h).
CsrParts = tuple[npt.NDArray[np.int64], npt.NDArray[np.int32], npt.NDArray[Any], int]


def is_sparse(value: Any) -> bool:
    """Whether this is a matrix or array of scipy.sparse."""
    sparse = sys.modules.get("scipy.sparse")
    return sparse is not None and bool(sparse.issparse(value))


def csr_parts(value: Any, name: str, dtype: npt.DTypeLike = np.float32) -> CsrParts:
    """Any matrix of scipy.sparse as the engine reads it; what has the type and the order is not copied.

    `dtype` is float32 or float64.
    """
    matrix = value.tocsr()
    if matrix.ndim != 2:
        raise ValueError(f"{name}: expected a matrix (n, features), found shape {matrix.shape}")
    if matrix.data.dtype.kind == "c":
        raise ValueError(f"{name}: Complex data not supported, found dtype {matrix.data.dtype}")
    num_rows, num_cols = (int(size) for size in matrix.shape)
    if num_cols > np.iinfo(np.int32).max:
        raise ValueError(f"{name}: expected at most 2^31 - 1 columns, found {num_cols:,}")
    parts = (
        np.ascontiguousarray(matrix.indptr, dtype=np.int64),
        np.ascontiguousarray(matrix.indices, dtype=np.int32),
        np.ascontiguousarray(matrix.data, dtype=dtype),
        num_cols,
    )
    if matrix.has_canonical_format:
        return parts
    return _core.sorted_csr_f32(parts) if parts[2].dtype == np.float32 else _core.sorted_csr_f64(parts)


def rows_of(parts: CsrParts) -> int:
    return len(parts[0]) - 1


def to_scipy(parts: CsrParts) -> Any:
    """A scipy.sparse.csr_matrix that has the values and columns without a copy."""
    try:
        from scipy.sparse import csr_matrix
    except ImportError as error:
        raise ImportError("a sparse result: expected scipy to be installed, found none") from error
    indptr, indices, data, num_cols = parts
    matrix = csr_matrix((data, indices, indptr), shape=(rows_of(parts), num_cols), copy=False)
    matrix.has_canonical_format = True
    return matrix


def to_dense(parts: CsrParts) -> npt.NDArray[Any]:
    """The same numbers, zeros too: (n, columns). For small matrices and for who has no scipy."""
    indptr, indices, data, num_cols = parts
    dense = np.zeros((rows_of(parts), num_cols), dtype=data.dtype)
    dense[np.repeat(np.arange(rows_of(parts)), np.diff(indptr)), indices] = data
    return dense
