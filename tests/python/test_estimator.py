"""The base of estimators: two small ones of it, held to scikit-learn's own checks; sparse matrices there
and back."""

import pickle
import subprocess
import sys

import numpy as np
import pytest
from firth import _core, _sparse
from firth._estimator import (
    Classifier,
    Transformer,
    check_fitted,
    check_labels,
    check_rows,
    random_seed,
)


class RowScaler(Transformer[np.ndarray]):
    """Divides by the largest absolute value of each column; sparse matrices stay sparse."""

    _takes_sparse = True
    _preserved_dtypes = ("float64", "float32")

    def __init__(self, *, floor=1e-12, random_state=None):
        self.floor = floor
        self.random_state = random_state

    def fit(self, X, y=None):
        rows = check_rows(self, X, reset=True, dtype="float")
        dense = _sparse.to_dense(rows) if isinstance(rows, tuple) else rows
        self.scale_ = np.maximum(np.abs(dense).max(axis=0), self.floor)
        random_seed(self.random_state)
        return self

    def transform(self, X):
        check_fitted(self)
        rows = check_rows(self, X, reset=False, dtype="float")
        if not isinstance(rows, tuple):
            return (rows / self.scale_).astype(rows.dtype)
        indptr, indices, data, num_cols = rows
        scaled = (data / self.scale_[indices]).astype(data.dtype)
        return _sparse.to_scipy((indptr, indices, scaled, num_cols))

    def _num_outputs(self):
        return self.n_features_in_


class Nearest(Classifier):
    """The class whose mean is nearest."""

    def fit(self, X, y):
        rows = check_rows(self, X, reset=True, dtype=np.float64)
        self.classes_, codes = check_labels(y, len(rows))
        self.means_ = np.stack([rows[codes == c].mean(axis=0) for c in range(len(self.classes_))])
        return self

    def predict(self, X):
        check_fitted(self)
        rows = check_rows(self, X, reset=False, dtype=np.float64)
        distances = ((rows[:, None, :] - self.means_) ** 2).sum(axis=2)
        return self.classes_[distances.argmin(axis=1)]


@pytest.mark.parametrize("estimator", [RowScaler(), RowScaler(floor=1e-3), Nearest()])
@pytest.mark.filterwarnings("ignore:.*does not inherit from")
def test_scikit_learn_accepts_them(estimator):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    from sklearn.base import clone
    from sklearn.utils.estimator_checks import check_estimator

    found = check_estimator(estimator, on_fail=None)
    failed = {each["check_name"]: each["exception"] for each in found if each["status"] == "failed"}
    assert not failed, failed
    assert len(found) > 35
    assert clone(estimator).get_params() == estimator.get_params()


def test_tables_with_names():
    pd = pytest.importorskip("pandas", reason="pandas is not installed")
    table = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    scaler = RowScaler().fit(table)
    assert scaler.feature_names_in_.tolist() == ["a", "b"]
    with pytest.raises(ValueError, match="same order as they were in fit"):
        scaler.transform(table[["b", "a"]])
    with pytest.raises(ValueError, match="unseen at fit time:\n- c\n"):
        scaler.transform(table.rename(columns={"b": "c"}))
    with pytest.raises(ValueError, match="yet now missing:\n- b\n"):
        scaler.transform(table[["a"]])
    with pytest.warns(UserWarning, match="does not have valid feature names"):
        scaler.transform(table.to_numpy())
    assert not hasattr(scaler.fit(table.to_numpy()), "feature_names_in_")


@pytest.mark.parametrize(
    ("X", "message"),
    [
        ([1.0, 2.0], "Reshape your data"),
        ([[1.0], [np.nan]], "contains NaN"),
        ([[1.0], [np.inf]], "contains infinity"),
        ([[1e39], [0]], None),
        (np.zeros((0, 3)), r"0 sample\(s\)"),
        (np.zeros((3, 0)), r"0 feature\(s\)"),
        ([[1j]], "Complex data not supported"),
        ([["a"]], "expected numbers"),
        ([[1.0], [1.0, 2.0]], "rows of one length"),
        (np.zeros((2, 2, 2)), "two axes"),
        (None, "."),
    ],
)
def test_what_is_no_matrix(X, message):
    if message is None:
        RowScaler().fit(X)  # float64, as it came
        return
    with pytest.raises((ValueError, TypeError), match=message):
        RowScaler().fit(X)


def test_without_scikit_learn():
    scaler = RowScaler(floor=0.5)
    assert repr(scaler) == "RowScaler(floor=0.5)"
    with pytest.raises(ValueError, match="expected one of floor, random_state, found"):
        scaler.set_params(other=1)
    with pytest.raises(AttributeError, match="expected fit"):
        scaler.transform([[1.0]])
    with pytest.raises(ValueError, match="expected fit"):
        scaler.get_feature_names_out()
    assert scaler.fit_transform([[2.0, -4.0], [1.0, 1.0]]).tolist() == [[1.0, -1.0], [0.5, 0.25]]
    assert scaler.get_feature_names_out().tolist() == ["rowscaler0", "rowscaler1"]
    copied = pickle.loads(pickle.dumps(scaler))
    assert copied.transform([[2.0, 4.0]]).tolist() == [[1.0, 1.0]]


def test_seeds():
    assert random_seed(7) == random_seed(np.int32(7)) == 7
    assert random_seed(np.random.RandomState(1)) == random_seed(np.random.RandomState(1))
    assert random_seed(np.random.default_rng(1)) == random_seed(np.random.default_rng(1))
    assert random_seed(None) != random_seed(None)
    for bad in (-1, 1.5, "7", True):
        with pytest.raises(ValueError, match="random_state: expected"):
            random_seed(bad)


# Sparse matrices.


def random_matrix(sparse, rng, rows, columns, dtype):
    dense = rng.random((rows, columns)) * (rng.random((rows, columns)) < 0.2)
    return sparse.csr_matrix(dense.astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_there_and_back(dtype):
    sparse = pytest.importorskip("scipy.sparse", reason="scipy is not installed")
    rng = np.random.default_rng(5)
    for rows, columns in ((0, 3), (1, 1), (7, 5), (50, 200)):
        matrix = random_matrix(sparse, rng, rows, columns, dtype)
        for form in (matrix, sparse.csr_array(matrix), matrix.tocsc(), matrix.tocoo()):
            parts = _sparse.csr_parts(form, "X", dtype)
            assert [part.dtype for part in parts[:3]] == [np.int64, np.int32, dtype]
            back = _sparse.to_scipy(parts)
            assert back.shape == matrix.shape and (back != matrix).nnz == 0
            assert np.array_equal(_sparse.to_dense(parts), matrix.toarray())
        sorted_csr = _core.sorted_csr_f32 if dtype == np.float32 else _core.sorted_csr_f64
        again = sorted_csr(_sparse.csr_parts(matrix, "X", dtype))
        assert (_sparse.to_scipy(again) != matrix).nnz == 0
    parts = _sparse.csr_parts(matrix, "X", dtype)
    assert np.shares_memory(parts[2], matrix.data) and np.shares_memory(parts[1], matrix.indices)
    back = _sparse.to_scipy(parts)
    assert np.shares_memory(back.data, parts[2]) and np.shares_memory(back.indices, parts[1])


def test_rows_that_are_not_sorted():
    sparse = pytest.importorskip("scipy.sparse", reason="scipy is not installed")
    matrix = sparse.csr_matrix(
        (np.array([1.0, 2.0, 4.0]), np.array([2, 0, 2]), np.array([0, 3])), shape=(1, 4))  # fmt: skip
    indptr, indices, data, num_cols = _sparse.csr_parts(matrix, "X", np.float64)
    assert (indptr.tolist(), indices.tolist(), data.tolist(), num_cols) == ([0, 2], [0, 2], [2.0, 5.0], 4)
    assert matrix.indices.tolist() == [2, 0, 2]  # the caller's is as it was


def test_arrays_that_are_no_matrix():
    good = (np.array([0, 2]), np.array([0, 2], np.int32), np.array([1.0, 2.0]), 3)
    assert _core.sorted_csr_f64(good)[1].tolist() == [0, 2]
    for place, bad, error, message in (
        (0, np.array([1, 2]), ValueError, "begin with 0"),
        (0, np.array([0, 3]), ValueError, "expected 3 of each"),
        (0, np.array([0, 2], np.int32), TypeError, "incompatible"),
        (1, np.array([0, 3], np.int32), ValueError, "columns below 3"),
        (1, np.array([0, -1], np.int32), ValueError, "columns below 3"),
        (1, np.array([[0, 2]], np.int32), TypeError, "incompatible"),
        (2, np.array([1, 2]), TypeError, "incompatible"),
        (2, np.zeros(4)[::2], TypeError, "incompatible"),
        (3, -1, TypeError, "incompatible"),
        (3, 2**31, ValueError, "at most 2147483647"),
    ):
        parts = list(good)
        parts[place] = bad
        with pytest.raises(error, match=message):
            _core.sorted_csr_f64(tuple(parts))


def test_the_result_outlives_the_input():
    indptr, indices, data, _ = _core.sorted_csr_f32(
        (np.array([0, 2]), np.array([1, 0], np.int32), np.array([1.0, 2.0], np.float32), 2))  # fmt: skip
    assert (indptr.tolist(), indices.tolist(), data.tolist()) == ([0, 2], [0, 1], [2.0, 1.0])
    assert data.flags.owndata is False and data.base is not None


def test_neither_library_is_imported():
    import firth

    path = firth.__path__[0].rsplit("/", 1)[0]
    script = ("import sys; sys.path.insert(0, sys.argv[1]); import firth._estimator, firth.sklearn; "
              "print({'scipy', 'sklearn'} & set(sys.modules))")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
