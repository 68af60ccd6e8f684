"""Vectors in fewer bits, as sentence-transformers' quantize_embeddings makes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

PRECISIONS = ("float32", "int8", "uint8", "binary", "ubinary")


def quantize(
    vectors: npt.NDArray[np.float32],
    precision: str | None,
    ranges: npt.NDArray[np.float32] | None = None,
) -> npt.NDArray[Any]:
    """(n, d) float32 to (n, d) int8 or uint8, or to (n, ceil(d / 8)) bits. `ranges` (2, d): smallest
    and largest value of each component; None: of these vectors."""
    if precision is None or precision == "float32" or len(vectors) == 0:
        return vectors
    if precision in ("int8", "uint8"):
        if ranges is None:
            ranges = np.vstack((vectors.min(axis=0), vectors.max(axis=0)))
        starts = ranges[0]
        steps = (ranges[1] - ranges[0]) / 255
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled = (vectors - starts) / steps
        # A component that never changes has no steps; a value beyond the ranges has no integer.
        scaled = np.clip(np.nan_to_num(scaled, nan=0.0, posinf=255.0, neginf=0.0), 0, 255)
        whole: npt.NDArray[Any] = (
            scaled.astype(np.uint8) if precision == "uint8" else (scaled - 128).astype(np.int8)
        )
        return whole
    if precision in ("binary", "ubinary"):
        bits = np.packbits(vectors > 0, axis=1)
        return bits if precision == "ubinary" else (bits.astype(np.int16) - 128).astype(np.int8)
    raise ValueError(f"precision: expected one of {', '.join(PRECISIONS)}, found {precision!r}")
