"""CrossEncoder: scores of pairs as the reference gives them, and the names of sentence-transformers."""

import json
import os
import pickle
import signal
import struct
import threading

import numpy as np
import pytest
from conftest import MODELS
from firth import CrossEncoder

PATH = MODELS / "cross-encoder"
CASES = json.loads((PATH / "expected/cases.json").read_text())["pairs"]
PAIRS = [(case["text"], case["text_pair"]) for case in CASES]


@pytest.fixture(scope="module")
def model():
    return CrossEncoder(PATH)


def expected(name):
    """A tensor of the fixture's safetensors file: a header of JSON, then the numbers."""
    data = (PATH / "expected/expected.safetensors").read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    begin, end = json.loads(data[8 : 8 + size])[name]["data_offsets"]
    return np.frombuffer(data[8 + size + begin : 8 + size + end], np.float32)


def test_scores_are_those_of_the_reference(model):
    assert len(expected("scores")) == len(PAIRS) > 1
    assert np.allclose(model.predict(PAIRS), expected("scores"), atol=2e-5)
    assert np.allclose(model.predict(PAIRS, activation_fn=lambda x: x), expected("logits"), atol=2e-5)


def test_shapes(model):
    scores = model.predict(PAIRS)
    assert scores.shape == (len(PAIRS),) and scores.dtype == np.float32
    one = model.predict(PAIRS[0])
    assert np.isscalar(one) and one == scores[0]
    assert model.predict(list(PAIRS[0])) == scores[0] == model.predict(np.array(PAIRS[0]))
    for form in (np.array(PAIRS), iter(PAIRS), tuple(map(list, PAIRS))):
        assert np.array_equal(model.predict(form), scores)
    assert np.array_equal(model.predict(sentences=PAIRS, batch_size=1, num_workers=3), scores)
    assert np.array_equal([model.predict(pair) for pair in PAIRS], scores)  # alone and in a batch
    assert model.predict([]).shape == (0,)
    assert np.array_equal(model.predict(PAIRS, apply_softmax=True), scores)  # of one label


def test_activations(model):
    scores = model.predict(PAIRS)
    logits = model.predict(PAIRS, activation_fn=lambda x: x)
    assert np.allclose(1 / (1 + np.exp(-logits)), scores, atol=1e-6)
    doubled = CrossEncoder(PATH, activation_fn=lambda x: 2 * x)
    assert np.allclose(doubled.predict(PAIRS), 2 * logits)
    assert np.allclose(doubled.predict(PAIRS, activation_fn=lambda x: x), logits)
    with pytest.raises(ValueError, match="activation_fn: expected shape"):
        model.predict(PAIRS, activation_fn=lambda x: x[:1])
    with pytest.raises(ZeroDivisionError):
        model.predict(PAIRS, activation_fn=lambda x: 1 // 0)


def test_ranking(model):
    query, documents = PAIRS[0][0], [pair[1] for pair in PAIRS]
    hits = model.rank(query, documents, return_documents=True)
    scores = model.predict([(query, document) for document in documents])
    assert [hit["corpus_id"] for hit in hits] == np.argsort(-scores, kind="stable").tolist()
    assert [hit["score"] for hit in hits] == sorted(scores.tolist(), reverse=True)
    assert all(hit["text"] == documents[hit["corpus_id"]] for hit in hits)
    assert model.rank(query, documents, top_k=2) == [
        {"corpus_id": hit["corpus_id"], "score": hit["score"]} for hit in hits[:2]]  # fmt: skip
    assert [hit["corpus_id"] for hit in model.rank("a", ["x", "x", "x"])] == [0, 1, 2]
    assert model.rank("a", []) == []


def test_prompts_and_length():
    plain = CrossEncoder(PATH)
    pair = ("a cat", "a kitten")
    prompted = CrossEncoder(PATH, prompts={"mine": "find: "}, default_prompt_name="mine")
    assert prompted.predict(pair) == plain.predict(("find: a cat", "a kitten")) != plain.predict(pair)
    assert prompted.predict(pair, prompt="") == plain.predict(pair)
    assert plain.predict(pair, prompt="find: ") == prompted.predict(pair, prompt_name="mine")
    long = ("a cat", "sat " * 100)
    short = CrossEncoder(PATH, max_length=12)
    assert short.max_length == short.max_seq_length == 12 and short.predict(long) != plain.predict(long)
    plain.max_length = 12
    assert plain.predict(long) == short.predict(long)


def test_construction_and_life(model):
    assert (model.num_labels, model.labels, model.device) == (1, ["LABEL_0"], "cpu")
    assert CrossEncoder(str(PATH), num_labels=1, device="cpu", trust_remote_code=True).name
    copied = pickle.loads(pickle.dumps(model))
    assert np.array_equal(copied.predict(PAIRS), model.predict(PAIRS))
    for options, error in (
        ({"num_labels": 3}, ValueError), ({"max_length": 0}, ValueError), ({"nonsense": 1}, TypeError),
        ({"default_prompt_name": "nobody"}, ValueError), ({"device": "cuda"}, ValueError),
        ({"modules": []}, NotImplementedError), ({"threads": 0}, ValueError),
    ):  # fmt: skip
        with pytest.raises(error):
            CrossEncoder(PATH, **options)
    with pytest.raises(FileNotFoundError):
        CrossEncoder("no-such-model")
    with pytest.raises((ValueError, NotImplementedError)):
        CrossEncoder(MODELS / "sentence-transformer").predict(("a", "b"))
    with pytest.raises(NotImplementedError, match="know no training"):
        model.fit([])
    with CrossEncoder(PATH) as closed:
        pass
    assert repr(closed) == "<CrossEncoder cross-encoder (closed)>"
    with pytest.raises(ValueError, match="closed"):
        closed.predict(("a", "b"))


@pytest.mark.parametrize(
    ("inputs", "error", "message"),
    [
        ("a cat", TypeError, "inputs: expected pairs"),
        (None, TypeError, "predict: expected texts"),
        ([("a",)], ValueError, r"inputs\[0\]: expected two str, found 1"),
        ([("a", "b"), ("a", "b", "c")], ValueError, r"inputs\[1\]: expected two str, found 3"),
        ([("a", "b"), "ab"], TypeError, r"inputs\[1\]: expected two str, found str"),
        ([("a", "b"), ("a", None)], TypeError, r"documents\[1\]: expected str, found None"),
        ([(b"a", "b")], TypeError, r"queries\[0\]: expected str, found bytes"),
        ([("a", "b"), (float("nan"), "b")], TypeError, r"queries\[1\]: .*nan"),
        ([("a", "\ud800")], ValueError, r"documents\[0\]: .*surrogate"),
        (7, TypeError, "."),
    ],
)
def test_what_is_no_pair(model, inputs, error, message):
    with pytest.raises(error, match=message):
        model.predict(inputs)


def test_what_rank_refuses(model):
    for query, documents, error in (("a", "b", TypeError), (None, ["b"], TypeError),
                                    ("a", [None], TypeError), (["a"], ["b"], TypeError)):  # fmt: skip
        with pytest.raises(error):
            model.rank(query, documents)


def test_progress_and_what_it_raises(model):
    seen = []
    model.predict(PAIRS * 10, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (10 * len(PAIRS), 10 * len(PAIRS))
    with pytest.raises(KeyError):
        model.predict(PAIRS, progress=lambda *_: {}["x"])


def test_threads_and_forks(model):
    expected = model.predict(PAIRS)
    found = []
    threads = [threading.Thread(target=lambda: found.append(model.predict(PAIRS))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(np.array_equal(each, expected) for each in found)
    if not hasattr(os, "fork"):
        return
    child = os.fork()
    if child == 0:
        signal.alarm(30)
        os._exit(0 if np.array_equal(model.predict(PAIRS), expected) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_library_gives_the_same(model):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    library = pytest.importorskip("sentence_transformers", reason="sentence-transformers is not installed")
    theirs = library.CrossEncoder(str(PATH), device="cpu")
    pairs = [*PAIRS, ("", ""), ("日本", "emoji 😀"), ("long " * 60, "short"), ("a", "b " * 90)]
    for options in (
        {}, {"activation_fn": torch.nn.Identity()}, {"activation_fn": torch.tanh},
        {"prompt": "about: "}, {"convert_to_tensor": True}, {"apply_softmax": True},
    ):  # fmt: skip
        ours, reference = model.predict(pairs, **options), theirs.predict(pairs, **options)
        assert type(ours) is type(reference) and ours.shape == reference.shape
        assert np.allclose(ours, reference, atol=2e-5), options
    listed = model.predict(pairs, convert_to_numpy=False)
    assert isinstance(listed, list) and isinstance(listed[0], torch.Tensor)
    query, documents = "how many people", [pair[1] for pair in pairs]
    for options in ({}, {"top_k": 3, "return_documents": True}):
        ours, reference = model.rank(query, documents, **options), theirs.rank(query, documents, **options)
        assert [list(hit) for hit in ours] == [list(hit) for hit in reference]
        assert [hit["score"] for hit in ours] == pytest.approx([hit["score"] for hit in reference], abs=2e-5)
    assert (model.num_labels, model.max_length) == (theirs.num_labels, theirs.max_length)
