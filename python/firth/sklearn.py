"""Models as scikit-learn estimators. scikit-learn itself is needed only where its own functions are
called with them."""

from __future__ import annotations

import os
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _texts
from ._embedder import Embedder
from ._estimator import Transformer, check_fitted
from ._load import load


class TextEmbedder(Transformer[npt.NDArray[np.float32]]):
    """A transformer: texts in, vectors out, for pipelines and column transformers.

    Parameters
    ----------
    model
        A path or name, as `firth.load` takes it, or an `Embedder`.
    prompt, prompt_name, normalize_embeddings, truncate_dim
        As in `Embedder.encode`.

    Examples
    --------
    >>> from firth.sklearn import TextEmbedder
    >>> embedder = TextEmbedder("all-MiniLM-L6-v2", truncate_dim=8)
    >>> embedder.fit_transform(["a cat", "a dog"]).shape
    (2, 8)
    """

    _takes_texts = True

    def __init__(
        self,
        model: Union[str, os.PathLike[str], Embedder, None] = None,
        *,
        prompt: str | None = None,
        prompt_name: str | None = None,
        normalize_embeddings: bool = False,
        truncate_dim: int | None = None,
    ) -> None:
        self.model = model
        self.prompt = prompt
        self.prompt_name = prompt_name
        self.normalize_embeddings = normalize_embeddings
        self.truncate_dim = truncate_dim

    def fit(self, X: Any, y: Any = None) -> TextEmbedder:
        """Opens the model; nothing is learned from the texts."""
        if self.model is None:
            raise ValueError("TextEmbedder: expected a model's path or name, found None")
        self.model_ = self.model if isinstance(self.model, Embedder) else load(self.model)
        self.n_features_out_ = min(self.truncate_dim or self.model_.dimension, self.model_.dimension)
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float32]:
        """(n, n_features_out_) float32, a row a text."""
        check_fitted(self)
        if isinstance(X, str):
            raise ValueError("X: expected several texts, found one str")
        vectors: npt.NDArray[np.float32] = self.model_.encode(
            _texts.whole(_one_column(X)),
            prompt=self.prompt,
            prompt_name=self.prompt_name,
            normalize_embeddings=self.normalize_embeddings,
            truncate_dim=self.truncate_dim,
        )
        return vectors

    def _num_outputs(self) -> int:
        return self.n_features_out_


def _one_column(X: Any) -> Any:
    """The only column of a table, as a ColumnTransformer may hand over."""
    shape = getattr(X, "shape", None)
    if shape is None or len(shape) != 2:
        return X
    if shape[1] != 1:
        raise ValueError(f"X: expected one column of texts, found {shape[1]}")
    if isinstance(X, np.ndarray):
        return X[:, 0]
    return X.iloc[:, 0] if hasattr(X, "iloc") else X[X.columns[0]]


__all__ = ["TextEmbedder"]
