"""The base of what learns from data: scikit-learn's protocol without scikit-learn, which is looked for
only where its own functions are at work (its tags, its exceptions).

An estimator is a class whose constructor stores its arguments and nothing else; `fit` checks them, gets
the data by `check_rows(self, X, reset=True)`, and stores what it learned under names that end in "_";
`transform` or `predict` call `check_fitted(self)` and `check_rows(self, X, reset=False)`. What computes
is bound in python/src. `sklearn.utils.estimator_checks.check_estimator` then passes; docs/architecture.md
has the whole list.
"""

from __future__ import annotations

import inspect
import sys
import warnings
from typing import Any, Generic, Literal, TypeVar

import numpy as np
import numpy.typing as npt

from . import _sparse
from ._arrays import as_array

Self = TypeVar("Self", bound="Estimator")
Result = TypeVar("Result")


class Estimator:
    """scikit-learn's protocol of parameters and tags."""

    # What the tags say; a subclass writes what differs.
    _takes_sparse = False
    _takes_texts = False
    _needs_labels = False
    _allows_nan = False
    _non_deterministic = False

    @classmethod
    def _param_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {name: getattr(self, name) for name in self._param_names()}

    def set_params(self: Self, **params: Any) -> Self:
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

    def __sklearn_clone__(self: Self) -> Self:
        return type(self)(**self.get_params())

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import InputTags, Tags, TargetTags

        return Tags(
            estimator_type=None,
            target_tags=TargetTags(required=self._needs_labels),
            input_tags=InputTags(
                sparse=self._takes_sparse,
                string=self._takes_texts,
                two_d_array=not self._takes_texts,
                allow_nan=self._allows_nan,
            ),
            non_deterministic=self._non_deterministic,
            requires_fit=True,
        )


class Transformer(Estimator, Generic[Result]):
    """An estimator with `fit` and `transform`; Result is what transform gives."""

    # The types of input that come out as they went in: ["float32"], ["float64", "float32"]; [] = always
    # one type.
    _preserved_dtypes: tuple[str, ...] = ()

    def fit(self: Any, X: Any, y: Any = None) -> Any:
        raise NotImplementedError

    def transform(self, X: Any) -> Result:
        raise NotImplementedError

    def fit_transform(self, X: Any, y: Any = None) -> Result:
        """`fit`, then `transform`."""
        result: Result = self.fit(X, y).transform(X)
        return result

    def _num_outputs(self) -> int:
        """Columns of what `transform` gives."""
        raise NotImplementedError

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """A name for each column of the result: the class's and a number."""
        check_fitted(self)
        name = type(self).__name__.lower()
        return np.asarray([f"{name}{i}" for i in range(self._num_outputs())], dtype=object)

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import TransformerTags

        tags = super().__sklearn_tags__()
        tags.transformer_tags = TransformerTags(preserves_dtype=list(self._preserved_dtypes))
        return tags


class Classifier(Estimator):
    """An estimator with `fit(X, y)`, `classes_` and `predict`."""

    _needs_labels = True

    def predict(self, X: Any) -> npt.NDArray[Any]:
        raise NotImplementedError

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of rows whose label is predicted."""
        return float(np.average(self.predict(X) == np.asarray(y), weights=sample_weight))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags

        tags = super().__sklearn_tags__()
        tags.estimator_type = "classifier"
        tags.classifier_tags = ClassifierTags()
        return tags


class Clusterer(Estimator):
    """An estimator with `fit`, `labels_` and, mostly, `predict`."""

    labels_: npt.NDArray[np.int32]

    def fit(self: Any, X: Any, y: Any = None) -> Any:
        raise NotImplementedError

    def fit_predict(self, X: Any, y: Any = None) -> npt.NDArray[np.int32]:
        """`fit`, then the group of each row."""
        self.fit(X)
        return self.labels_

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.estimator_type = "clusterer"
        return tags


# Fitted or not.


class NotFittedError(ValueError, AttributeError):
    """`transform` or `predict` before `fit`; where scikit-learn is loaded its own exception is raised."""


def check_fitted(estimator: Estimator) -> None:
    """Raises unless `fit` was called."""
    if not estimator.__sklearn_is_fitted__():
        raise not_fitted(estimator)


def not_fitted(estimator: Estimator) -> Exception:
    """The exception to raise."""
    kind: Any = _of_scikit_learn("NotFittedError", NotFittedError)
    error: Exception = kind(f"{type(estimator).__name__}: expected fit() before this call")
    return error


def _of_scikit_learn(name: str, otherwise: type[Exception]) -> Any:
    """A class of sklearn.exceptions if that is loaded: who catches it has it."""
    return getattr(sys.modules.get("sklearn.exceptions"), name, otherwise)


# Data in.


def check_rows(
    estimator: Estimator,
    X: Any,
    *,
    reset: bool,
    dtype: npt.DTypeLike | Literal["float"] = np.float32,
    min_rows: int = 1,
) -> Any:
    """Rows of numbers as the engine reads them.

    Parameters
    ----------
    X
        (n, features): a numpy array, nested lists, a table of pandas or polars, a torch tensor; a matrix
        of scipy.sparse where the estimator's `_takes_sparse` says so.
    reset
        In `fit`: note `n_features_in_` (and `feature_names_in_`, of a table with names). Elsewhere:
        compare with them.
    dtype
        float32, float64, or "float": either, as it comes; anything else becomes float64.

    Returns
    -------
    A C-contiguous array, a copy only where it must be; of a sparse matrix `_sparse.CsrParts`. Neither
    holds NaN or infinity, unless `_allows_nan`.
    """
    names = _column_names(X)
    rows: Any
    if _sparse.is_sparse(X):
        rows, shape, numbers = _check_sparse(estimator, X, dtype)
    else:
        rows = _check_dense(X, dtype)
        shape, numbers = rows.shape, rows
    _check_size(shape, min_rows)
    if not estimator._allows_nan and not np.isfinite(numbers).all():
        found = "NaN" if np.isnan(numbers).any() else "infinity"
        raise ValueError(f"X: expected finite numbers, found {found}. Input X contains {found}.")
    _check_columns(estimator, shape[1], names, reset)
    return rows


def _check_sparse(
    estimator: Estimator, X: Any, dtype: npt.DTypeLike
) -> tuple[_sparse.CsrParts, tuple[int, int], npt.NDArray[Any]]:
    if not estimator._takes_sparse:
        raise TypeError(
            f"X: {type(estimator).__name__} expects a dense array, found a sparse matrix; "
            "X.toarray() makes one"
        )
    parts = _sparse.csr_parts(X, "X", _float_type(X.dtype, dtype))
    return parts, (_sparse.rows_of(parts), parts[3]), parts[2]


def _check_dense(X: Any, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    array = as_array(X, "X")
    if array.dtype.kind == "c":
        raise ValueError(f"X: Complex data not supported, found dtype {array.dtype}")
    if array.ndim != 2:
        raise ValueError(
            f"X: expected two axes (n, features), found shape {array.shape}. Reshape your data: "
            "X.reshape(-1, 1) if it is one feature, X.reshape(1, -1) if it is one row"
        )
    wanted = _float_type(array.dtype, dtype)
    if array.dtype.kind not in "fiubO":
        raise ValueError(f"X: expected numbers, found dtype {array.dtype}")
    # One sum would find what overflows float32; that is for the check of what is finite.
    with np.errstate(over="ignore"):
        return np.ascontiguousarray(array, dtype=wanted)


def _float_type(given: npt.DTypeLike, wanted: npt.DTypeLike) -> npt.DTypeLike:
    if wanted != "float":
        return wanted
    return np.float32 if np.dtype(given) in (np.float32, np.float16) else np.float64


def _check_size(shape: tuple[int, ...], min_rows: int) -> None:
    if shape[0] < min_rows:
        raise ValueError(
            f"X: Found array with {shape[0]} sample(s) (shape={shape}) while a minimum of {min_rows} "
            "is required."
        )
    if shape[1] < 1:
        raise ValueError(
            f"X: Found array with 0 feature(s) (shape={shape}) while a minimum of 1 is required."
        )


def _column_names(X: Any) -> npt.NDArray[np.object_] | None:
    """The names of a table's columns, if all of them are str."""
    columns = getattr(X, "columns", None)
    if columns is None or getattr(X, "ndim", 2) != 2:
        return None
    names = np.asarray(list(columns), dtype=object)
    return names if len(names) and all(isinstance(name, str) for name in names) else None


def _check_columns(
    estimator: Any, num_columns: int, names: npt.NDArray[np.object_] | None, reset: bool
) -> None:
    if reset:
        estimator.n_features_in_ = num_columns
        if names is not None:
            estimator.feature_names_in_ = names
        elif hasattr(estimator, "feature_names_in_"):
            del estimator.feature_names_in_
        return
    known = getattr(estimator, "feature_names_in_", None)
    if names is not None and known is not None and not np.array_equal(names, known):
        raise ValueError(_other_names(names, known))
    if names is None and known is not None:
        warnings.warn(
            f"X does not have valid feature names, but {type(estimator).__name__} was fitted with "
            "feature names",
            stacklevel=4,
        )
    if num_columns != estimator.n_features_in_:
        raise ValueError(
            f"X has {num_columns} features, but {type(estimator).__name__} is expecting "
            f"{estimator.n_features_in_} features as input"
        )


def _other_names(names: npt.NDArray[np.object_], known: npt.NDArray[np.object_]) -> str:
    """scikit-learn's own words, which people look for."""
    text = "The feature names should match those that were passed during fit.\n"
    new, gone = sorted(set(names) - set(known)), sorted(set(known) - set(names))
    for title, some in (("unseen at fit time", new), ("seen at fit time, yet now missing", gone)):
        if some:
            shown = "".join(f"- {name}\n" for name in some[:5]) + ("- ...\n" if some[5:] else "")
            text += f"Feature names {title}:\n{shown}"
    if not new and not gone:
        text += "Feature names must be in the same order as they were in fit.\n"
    return text


def check_labels(y: Any, num_rows: int) -> tuple[npt.NDArray[Any], npt.NDArray[np.int32]]:
    """(classes, codes): the sorted classes of a classifier's labels, and for each row the number of its
    class, int32."""
    if y is None:
        raise ValueError("y: requires y to be passed, but the target y is None")
    labels = as_array(y, "y")
    if labels.ndim == 2 and labels.shape[1] == 1:
        kind = _of_scikit_learn("DataConversionWarning", UserWarning)
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected", kind, stacklevel=3
        )
        labels = labels[:, 0]
    if labels.ndim != 1:
        raise ValueError(f"y: expected one label a row, found shape {labels.shape}")
    if len(labels) != num_rows:
        raise ValueError(f"y: expected {num_rows} labels, one a row, found {len(labels)}")
    if labels.dtype.kind == "f":
        if not np.isfinite(labels).all():
            found = "NaN" if np.isnan(labels).any() else "infinity"
            raise ValueError(f"y: expected labels, found {found}. Input y contains {found}.")
        if (labels != np.floor(labels)).any():
            raise ValueError("y: expected labels. Unknown label type: continuous")
    classes, codes = np.unique(labels, return_inverse=True)
    return classes, codes.astype(np.int32)


def random_seed(random_state: Any) -> int:
    """The engine's seed, of what scikit-learn's users pass: a whole number; a numpy RandomState or
    Generator, which is asked for one; None, another one each time."""
    if random_state is None:
        return int(np.random.default_rng().integers(2**63))
    if isinstance(random_state, np.random.RandomState):
        return int(random_state.randint(2**31 - 1))
    if isinstance(random_state, np.random.Generator):
        return int(random_state.integers(2**63))
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool):
        if random_state < 0:
            raise ValueError(f"random_state: expected at least 0, found {random_state}")
        return int(random_state)
    raise ValueError(
        f"random_state: expected int, RandomState, Generator or None, found {random_state!r}"
    )
