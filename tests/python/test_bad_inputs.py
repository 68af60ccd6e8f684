"""Whatever is handed in: a Python exception with one line that says what was expected and found."""

import re

import firth
import numpy as np
import pytest

SURROGATE = "\ud800"


class Broken:
    """An iterable that fails on its way."""

    def __iter__(self):
        yield "a cat"
        raise RuntimeError("the source ended early")


class Liar(list):
    def __len__(self):
        return 1_000_000


@pytest.mark.parametrize(
    ("texts", "error", "message"),
    [
        (None, TypeError, "expected texts, found None"),
        (3, TypeError, "expected str or a list of str, found int"),
        (b"bytes", TypeError, "expected str, found bytes"),
        ({"a": "b"}, TypeError, "found a mapping"),
        ([1, 2], TypeError, r"texts\[0\]: expected str, found int \(1\)"),
        (["a", None], TypeError, r"texts\[1\]: expected str, found None"),
        (("a", float("nan")), TypeError, r"texts\[1\]: expected str, found float \(nan\)"),
        (["a", b"b"], TypeError, r"texts\[1\]: expected str, found bytes"),
        ([["a"]], TypeError, r"texts\[0\]: expected str, found list"),
        ([("a", "b")], TypeError, r"texts\[0\]: expected str, found tuple"),
        (["a", np.float32(1)], TypeError, r"texts\[1\]: expected str, found float32"),
        (["a", SURROGATE], ValueError, r"texts\[1\]: .*lone surrogate"),
        (SURROGATE, ValueError, r"texts\[0\]: .*lone surrogate"),
        (np.array([SURROGATE]), ValueError, r"texts\[0\]: .*found the code 55296"),
        (np.array([1.0, 2.0]), TypeError, "expected an array of str, found dtype float64"),
        (np.array([b"a"]), TypeError, "expected an array of str"),
        (np.array([["a", "b"]]), ValueError, r"expected one axis, found an array of shape \(1, 2\)"),
        (np.array(["a", None], dtype=object), TypeError, r"texts\[1\]: expected str, found None"),
        (np.array(["2020-01-01"], dtype="M8[D]"), TypeError, "expected an array of str"),
        (Broken(), RuntimeError, "the source ended early"),
        (object(), TypeError, "found object"),
        (memoryview(b"abc"), TypeError, "found memoryview"),
    ],
)
def test_texts_that_are_none(model, texts, error, message):
    with pytest.raises(error, match=message) as found:
        model.encode(texts)
    assert "\n" not in str(found.value)
    if texts is not None and not isinstance(texts, (Broken, str)):
        with pytest.raises(error):
            model.tokenizer.encode_ragged(texts)


def test_a_list_that_lies_about_its_length(model):
    assert model.encode(Liar(["a", "b"])).shape[0] == 2


def test_a_list_that_changes_while_it_is_read(model):
    texts = ["a cat"] * 50

    def shrink(done, total):
        texts.clear()

    assert model.encode(texts, progress=shrink).shape[0] == 50


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"prompt": 3}, TypeError),
        ({"prompt": SURROGATE}, (ValueError, TypeError)),
        ({"prompt_name": "nobody"}, ValueError),
        ({"truncate_dim": 0}, ValueError),
        ({"truncate_dim": -3}, ValueError),
        ({"truncate_dim": "4"}, TypeError),
        ({"device": "cuda"}, ValueError),
        ({"layers": [10**30]}, (TypeError, OverflowError)),
        ({"layers": ["last"]}, (TypeError, ValueError)),
        ({"layers": [99]}, ValueError),
        ({"long": "chunk", "chunk_overlap": 10_000}, ValueError),
        ({"long": "chunk", "chunk_overlap": -1}, TypeError),
        ({"output": "words"}, ValueError),
        ({"output_value": "words"}, ValueError),
        ({"nonsense": 1}, TypeError),
    ],
)
def test_options_that_are_none(model, options, error):
    with pytest.raises(error):
        model.encode(["a cat", "a cat sat on the mat and slept " * 20], **options)


def test_exceptions_of_callbacks_and_generators_come_back(model):
    def progress(done, total):
        raise KeyError(done)

    with pytest.raises(KeyError):
        model.encode(["a cat"] * 100, progress=progress)

    def texts():
        yield "a"
        yield 1 / 0

    with pytest.raises(ZeroDivisionError):
        model.encode(texts())
    with pytest.raises(KeyError):
        firth.eval.sts(model, [("a", "b", 1.0)] * 20, progress=lambda done: {}[done])
    assert model.encode("a cat").shape == (model.dimension,)


def test_progress_counts_to_the_end(model):
    seen = []
    model.encode(["a cat"] * 300, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (300, 300) and seen == sorted(seen)
    seen.clear()
    model.encode((f"text {i}" for i in range(300)), progress=lambda *at: seen.append(at))
    assert seen[-1] == (300, None)


@pytest.mark.parametrize(
    "vectors",
    [
        np.zeros((2, 3), dtype=complex),
        np.array(["a"]),
        np.zeros((2, 2, 2)),
        [[1.0], [1.0, 2.0]],
        "abc",
        None,
        np.array([[None, 1.0]], dtype=object),
    ],
)
def test_vectors_that_are_none(vectors):
    for call in (firth.Index, lambda v: firth.similarity(v, v), lambda v: firth.search(v, v)):
        with pytest.raises((TypeError, ValueError)):
            call(vectors)


def test_vectors_of_other_layouts():
    rng = np.random.default_rng(1)
    a = rng.normal(size=(6, 8)).astype(np.float32)
    expected = firth.similarity(a, a)
    for form in (a.astype(np.float64), np.asfortranarray(a), a.tolist(), np.repeat(a, 2, 0)[::2]):
        assert np.allclose(firth.similarity(form, form), expected, atol=1e-6)
    assert firth.similarity(a[0], a).shape == (1, 6)
    integers = rng.integers(-9, 9, size=(3, 8))
    assert np.array_equal(
        firth.similarity(integers, integers, "dot"), (integers @ integers.T).astype(np.float32)
    )


@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_not_finite(number):
    bad = np.ones((3, 4), dtype=np.float32)
    bad[1, 2] = number
    with pytest.raises(ValueError, match="row 1|query"):
        firth.Index(bad)
    with pytest.raises(ValueError):
        firth.Index(np.ones((3, 4))).search(bad)


def test_shapes_that_do_not_meet():
    with pytest.raises(ValueError, match="found 3 and 4"):
        firth.similarity(np.ones((2, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="as many rows"):
        firth.similarity_pairwise(np.ones((2, 3)), np.ones((3, 3)))
    with pytest.raises(ValueError):
        firth.search(np.ones((1, 3)), np.ones((2, 4)))
    with pytest.raises(ValueError, match="similarity: expected"):
        firth.similarity(np.ones((2, 3)), np.ones((2, 3)), "angle")
    with pytest.raises(ValueError, match="k: expected at least 1"):
        firth.search(np.ones((1, 3)), np.ones((2, 3)), k=0)
    with pytest.raises(NotImplementedError):
        firth.Index(np.ones((2, 3)), "manhattan")


def test_messages_are_one_line(model_path, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "ba\\nd"}')
    with pytest.raises(NotImplementedError) as found:
        firth.load(tmp_path)
    assert "\n" not in str(found.value)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(ValueError, match=re.escape("config.json")):
        firth.load(tmp_path)
    for wrong in (None, 3, b"x"):
        with pytest.raises((TypeError, FileNotFoundError)):
            firth.load(wrong)
    with pytest.raises((ValueError, FileNotFoundError)):
        firth.load("")
    with pytest.raises((ValueError, FileNotFoundError)):
        firth.load("a\0b")


def test_the_extension_alone_refuses_other_types(model):
    core = model._core
    for texts in (3, None, "ab", {1: 2}, iter([1])):
        try:
            core.embed(texts, "", 0, None, [], "truncate", 32, None)
        except (TypeError, ValueError):
            continue
        assert isinstance(texts, str)  # a sequence of its characters
    with pytest.raises(TypeError):
        firth._core.similarity_matrix(np.ones((2, 2)), np.ones((2, 2)), "dot")  # float64
    with pytest.raises(TypeError):
        firth._core.Embedder()


def test_what_newcomers_try(model_path, tmp_path, monkeypatch):
    (tmp_path / "models").mkdir()
    (tmp_path / "models/small").symlink_to(model_path)
    monkeypatch.chdir(tmp_path)
    assert firth.load("sentence-transformers/small").name == firth.load("small").name
    with pytest.raises(FileNotFoundError, match="near: 'small'; 'firth pull smal' downloads it"):
        firth.load("smal")
    with pytest.raises(TypeError, match="expected vectors, found texts"):
        firth.search("a kitten", ["a cat", "a dog"])
    with pytest.raises(TypeError, match="expected vectors, found texts"):
        firth.similarity(["a"], ["b"])
    with pytest.raises(TypeError, match="made by from_file"):
        firth.Tokenizer("tokenizer.json")
    assert repr(firth.Index([[1.0, 0.0]])) == "<Index of 1 vectors, dimension 2>"
    assert {"Any", "importlib"}.isdisjoint(dir(firth))
