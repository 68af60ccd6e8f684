"""Texts in: which of Python's many sorts of text columns this is, and how the engine reads it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol, Union

import numpy as np
import numpy.typing as npt


class ArrowColumn(Protocol):
    """A column of pandas, polars, pyarrow or any other library with Arrow's stream interface."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


Texts = Union[Sequence[str], npt.NDArray[Any], ArrowColumn, Iterable[str]]

# Texts of an iterator that are embedded at a time.
ITERATOR_BLOCK = 16384


def _array_texts(array: npt.NDArray[Any]) -> Any:
    if array.ndim != 1:
        raise ValueError(f"texts: expected one axis, found an array of shape {array.shape}")
    if array.dtype.kind == "U":
        native = array.dtype.newbyteorder("=")
        return array if array.dtype == native else array.astype(native)
    if array.dtype.kind in "OT":
        return array.tolist()
    raise TypeError(f"texts: expected an array of str, found dtype {array.dtype}")


def _is_series(value: Any) -> bool:
    return hasattr(value, "to_numpy") and hasattr(value, "dtype")


def known_texts(texts: Any) -> Any | None:
    """What the extension reads: list, tuple, 'U' array or Arrow column; None for an iterator."""
    if isinstance(texts, (list, tuple)):
        return texts
    if isinstance(texts, np.ndarray):
        return _array_texts(texts)
    if isinstance(texts, (bytes, bytearray, memoryview)):
        raise TypeError(f"texts: expected str, found {type(texts).__name__}; decode it first")
    if isinstance(texts, Mapping):
        raise TypeError("texts: expected a list of str, found a mapping")
    # A pandas column of Python objects goes through Arrow only where pyarrow is installed, and is
    # read as fast without.
    if _is_series(texts) and getattr(texts.dtype, "kind", "") in "OT" and texts.dtype == object:
        return texts.tolist()
    if hasattr(texts, "__arrow_c_stream__") or hasattr(texts, "__arrow_c_array__"):
        return texts
    if _is_series(texts):
        if hasattr(texts, "array") and hasattr(texts.array, "__arrow_array__"):
            return texts.array.__arrow_array__()
        return _array_texts(texts.to_numpy(dtype=object))
    if isinstance(texts, Sequence):
        return list(texts)
    if isinstance(texts, Iterable):
        return None
    raise TypeError(f"texts: expected str or a list of str, found {type(texts).__name__}")


def blocks(texts: Any) -> Iterator[Any]:
    """The texts in one piece, or those of an iterator some thousand at a time."""
    known = known_texts(texts)
    if known is not None:
        yield known
        return
    iterator = iter(texts)
    while block := list(itertools.islice(iterator, ITERATOR_BLOCK)):
        yield block


def whole(texts: Any) -> Any:
    """The texts in one piece."""
    known = known_texts(texts)
    return list(texts) if known is None else known


def as_list(texts: Any) -> list[str]:
    """The str themselves, of whatever holds them."""
    return list(texts.to_pylist() if hasattr(texts, "to_pylist") else texts)


def is_single(texts: Any) -> bool:
    return isinstance(texts, str) or (
        isinstance(texts, np.ndarray) and texts.ndim == 0 and texts.dtype.kind == "U"
    )
