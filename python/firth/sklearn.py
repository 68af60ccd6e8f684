"""Models as scikit-learn estimators. scikit-learn itself is needed only where its own functions are
called with them.

The pattern of every estimator of firth: the constructor stores its arguments and nothing else; what
is learned or opened ends in "_"; `get_params` and `set_params` are those of the constructor.
"""

from __future__ import annotations

import inspect
import os
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _texts
from ._embedder import Embedder
from ._load import load


class Estimator:
    """scikit-learn's protocol of parameters, without scikit-learn."""

    @classmethod
    def _param_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {name: getattr(self, name) for name in self._param_names()}

    def set_params(self, **params: Any) -> Any:
        """Change arguments of the constructor."""
        for name, value in params.items():
            if name not in self._param_names():
                raise ValueError(
                    f"{type(self).__name__}: expected one of {', '.join(self._param_names())}, "
                    f"found the parameter {name!r}"
                )
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        shown = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default
        ]
        return f"{type(self).__name__}({', '.join(shown)})"

    def __sklearn_clone__(self) -> Any:
        return type(self)(**self.get_params())


class TextEmbedder(Estimator):
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
        if not hasattr(self, "model_"):
            raise _not_fitted(self)
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

    def fit_transform(self, X: Any, y: Any = None) -> npt.NDArray[np.float32]:
        """`fit`, then `transform`."""
        return self.fit(X, y).transform(X)

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """A name for each component: "textembedder0", …"""
        if not hasattr(self, "model_"):
            raise _not_fitted(self)
        return np.asarray([f"textembedder{i}" for i in range(self.n_features_out_)], dtype=object)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=False),
            transformer_tags=TransformerTags(preserves_dtype=[]),
            input_tags=InputTags(string=True, two_d_array=False),
            requires_fit=True,
        )


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


def _not_fitted(estimator: Estimator) -> Exception:
    message = f"{type(estimator).__name__}: expected fit() before this call"
    try:
        from sklearn.exceptions import NotFittedError
    except ImportError:
        return ValueError(message)
    error: Exception = NotFittedError(message)
    return error


__all__ = ["Estimator", "TextEmbedder"]
