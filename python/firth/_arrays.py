"""Arrays in: whatever holds numbers as the contiguous float32 matrix that the engine reads."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]


def is_tensor(value: Any) -> bool:
    """Whether this is a torch tensor; torch is not imported to find out."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def to_tensor(array: npt.NDArray[Any]) -> Any:
    """A torch tensor that shares the array's memory."""
    try:
        import torch  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise ImportError("convert_to_tensor: expected torch to be installed, found none") from error
    return torch.from_numpy(array if array.flags.writeable else array.copy())


class Scores(npt.NDArray[np.float32] if TYPE_CHECKING else np.ndarray):  # type: ignore[misc]
    """An array that also has those methods of a torch tensor that numpy's arrays lack and that scripts
    call on scores."""

    def numpy(self) -> npt.NDArray[np.float32]:
        plain: npt.NDArray[np.float32] = self.view(np.ndarray)
        return plain

    def cpu(self) -> Scores:
        return self

    def detach(self) -> Scores:
        return self


def as_scores(array: npt.NDArray[np.float32]) -> Any:
    """What sentence-transformers would give: a torch tensor. Where torch is not loaded nobody can do
    more with one than with `Scores`."""
    return to_tensor(array) if "torch" in sys.modules else array.view(Scores)


def as_array(value: Any, name: str) -> npt.NDArray[Any]:
    if is_tensor(value):
        return np.asarray(value.detach().cpu())
    if isinstance(value, (list, tuple)) and value and is_tensor(value[0]):
        return np.stack([np.asarray(each.detach().cpu()) for each in value])
    if not isinstance(value, (np.ndarray, list, tuple)) and hasattr(value, "__dlpack__"):
        return np.from_dlpack(value)
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name}: expected rows of one length, found others ({error})") from None


def as_matrix(value: Any, name: str) -> FloatMatrix:
    """(n, d) float32, C-contiguous; a single vector becomes one row. Copies only where it must."""
    array = as_array(value, name)
    if array.dtype.kind in "UT" or isinstance(value, str):
        raise TypeError(f"{name}: expected vectors, found texts; model.encode makes vectors of them")
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected numbers, found dtype {array.dtype}")
    if array.ndim == 1:
        array = array[None, :]
    if array.ndim != 2:
        raise ValueError(f"{name}: expected a matrix (n, dimension), found shape {array.shape}")
    return np.ascontiguousarray(array, dtype=np.float32)
