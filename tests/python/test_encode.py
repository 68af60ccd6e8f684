"""Texts to vectors: the numbers are the reference's, whatever the texts come in."""

import copy
import json
import logging
import pickle
import threading

import firth
import numpy as np
import pytest
from conftest import MODELS, copy_model

TEXTS = ["a cat", "The bank is closed.", "日本 😀 a text longer than twelve bytes", "", "x " * 50]


def safetensors(path):
    content = path.read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    header.pop("__metadata__", None)
    kinds = {"F32": np.float32, "I64": np.int64, "I32": np.int32}
    return {
        name: np.frombuffer(
            content[8 + length + info["data_offsets"][0] : 8 + length + info["data_offsets"][1]],
            dtype=kinds[info["dtype"]],
        ).reshape(info["shape"])
        for name, info in header.items()
        if info["dtype"] in kinds
    }


@pytest.mark.parametrize("name", ["sentence-transformer", "static-st", "model2vec"])
def test_vectors_are_those_of_the_reference(name):
    folder = MODELS / name
    cases = json.loads((folder / "expected/cases.json").read_text())
    expected = safetensors(folder / "expected/expected.safetensors")
    rows = cases.get("rows") or cases["embedding_rows"]
    texts = {case["id"]: case["text"] for case in cases["texts"]}
    vectors = firth.load(folder).encode([texts[row] for row in rows])
    assert len(rows) == len(expected["sentence_embedding"]) > 30
    for row, wanted in zip(vectors, expected["sentence_embedding"]):
        assert np.linalg.norm(row - wanted) <= 1e-5 * max(np.linalg.norm(wanted), 1e-9)


def test_one_text_is_a_vector_and_bits_do_not_depend_on_the_batch(model):
    whole = model.encode(TEXTS)
    assert whole.shape == (len(TEXTS), model.dimension) and whole.dtype == np.float32
    for text, row in zip(TEXTS, whole):
        one = model.encode(text)
        assert one.shape == (model.dimension,)
        assert np.array_equal(one, row)


def test_blocks_of_a_long_input_are_joined(static_model):
    texts = [f"text {i % 97}" for i in range(40_000)]
    vectors = static_model.encode(texts)
    assert vectors.shape == (40_000, static_model.dimension)
    assert np.array_equal(vectors[:97], vectors[97 * 300 : 97 * 301])
    assert np.array_equal(static_model.encode(iter(texts)), vectors)


@pytest.mark.parametrize("empty", [[], (), np.array([], dtype="U1"), iter([])])
def test_no_texts_are_no_rows(model, empty):
    assert model.encode(empty).shape == (0, model.dimension)
    assert model.encode(empty, truncate_dim=4).shape == (0, 4)


def test_numpy_arrays_of_every_layout(model):
    expected = model.encode(TEXTS)
    array = np.array(TEXTS)
    every_second = np.array([text for text in TEXTS for _ in range(2)])[::2]
    assert not every_second.flags.c_contiguous
    forms = [array, array.astype(object), every_second, array.astype(array.dtype.newbyteorder(">"))]
    if hasattr(np.dtypes, "StringDType"):
        forms.append(array.astype(np.dtypes.StringDType()))
    for form in forms:
        assert np.array_equal(model.encode(form), expected)
    assert np.array_equal(model.encode(array[::-1]), expected[::-1])
    assert np.array_equal(model.encode(np.array("a cat")), expected[0])
    assert np.array_equal(model.encode(np.str_("a cat")), expected[0])


def test_result_is_shared_without_copies(model):
    vectors = model.encode(TEXTS)
    shared = np.from_dlpack(vectors)
    assert np.shares_memory(shared, vectors)
    assert vectors.flags.c_contiguous and vectors.flags.writeable
    assert vectors.ctypes.data % 64 == 0
    kept = vectors[1:]
    copied = kept.copy()
    del vectors, shared
    model.encode(TEXTS * 3)
    assert np.array_equal(kept, copied)


def test_normalize_and_truncate(model):
    plain = model.encode(TEXTS)
    unit = model.encode(TEXTS, normalize_embeddings=True)
    assert np.allclose(np.linalg.norm(unit, axis=1), 1, atol=1e-6)
    short = model.encode(TEXTS, truncate_dim=5)
    assert short.shape == (len(TEXTS), 5) and np.array_equal(short, plain[:, :5])
    both = model.encode(TEXTS, truncate_dim=5, normalize_embeddings=True)
    assert np.allclose(np.linalg.norm(both, axis=1), 1, atol=1e-6)
    assert model.encode(TEXTS, truncate_dim=10_000).shape == plain.shape


def test_prompts(model):
    assert model.prompts
    name, text = next(iter(model.prompts.items()))
    by_name = model.encode(TEXTS, prompt_name=name)
    assert np.array_equal(by_name, model.encode(TEXTS, prompt=text))
    with pytest.raises(ValueError, match="prompt_name: expected one of"):
        model.encode(TEXTS, prompt_name="nobody")
    if "query" in model.prompts:
        query = model.encode(TEXTS, prompt_name="query")
        assert np.array_equal(model.encode_query(TEXTS), query)


def test_tokens_and_layers(model):
    tokens = model.encode(["a cat", "the bank"], output="tokens")
    assert [len(t.tokens) for t in tokens] == [len(t.ids) for t in tokens]
    assert tokens[0].vectors.shape == (len(tokens[0].tokens), tokens[1].vectors.shape[1])
    begin, end = tokens[0].offsets[-2]
    assert "a cat"[begin:end] == "cat" or tokens[0].tokens[-2].startswith("##")
    layers = model.encode("a cat", output="layers")
    assert sorted(layers.layers) == list(range(model.num_layers))
    assert np.array_equal(layers.layers[model.num_layers - 1], tokens[0].vectors)
    assert list(model.encode("a cat", output="layers", layers=[-1]).layers) == [-1]
    by_name = model.encode(["a cat"], output_value="token_embeddings")
    assert np.array_equal(by_name[0], tokens[0].vectors)
    everything = model.encode("a cat", output_value=None)
    assert set(everything) == {
        "input_ids", "attention_mask", "token_embeddings", "sentence_embedding"}  # fmt: skip
    with pytest.raises(ValueError, match="output: expected"):
        model.encode("a cat", output="words")
    with pytest.raises(ValueError, match="layer 99"):
        model.encode("a cat", output="layers", layers=[99])


def test_a_mean_of_layers(model):
    last = model.encode(TEXTS)
    assert np.array_equal(model.encode(TEXTS, layers=[-1]), last)
    assert not np.array_equal(model.encode(TEXTS, layers=[0, -1]), last)


def test_long_texts(model, caplog):
    long = "cat " * 10_000
    with caplog.at_level(logging.INFO, "firth"):
        cut = model.encode(["a cat", long])
    assert "1 text longer than" in caplog.text and "cut to them" in caplog.text
    assert cut.shape[0] == 2
    averaged = model.encode(["a cat", long], long="chunk", chunk_overlap=2)
    assert np.array_equal(averaged[0], cut[0]) and not np.array_equal(averaged[1], cut[1])
    windows, offsets = model.encode(["a cat", long, "a dog"], long="chunk-each", chunk_overlap=2)
    assert offsets.tolist()[:2] == [0, 1] and offsets[-1] == len(windows) > 4
    assert np.array_equal(windows[0], cut[0])
    with pytest.raises(ValueError, match=r"texts\[1\]: expected at most"):
        model.encode(["a cat", long], long="error")
    with pytest.raises(ValueError, match="long: expected"):
        model.encode(["a cat"], long="fold")


def test_windows_of_an_iterator_are_numbered_on(model, monkeypatch):
    monkeypatch.setattr("firth._texts.ITERATOR_BLOCK", 2)
    texts = ["a cat", "cat " * 500, "a dog", "dog " * 500, "end"]
    windows, offsets = model.encode(texts, long="chunk-each", chunk_overlap=2)
    again, offsets_again = model.encode(iter(texts), long="chunk-each", chunk_overlap=2)
    assert np.array_equal(windows, again) and np.array_equal(offsets, offsets_again)


def test_what_the_command_line_warns_of_is_logged(model, caplog):
    with caplog.at_level(logging.INFO, "firth"):
        model.encode(["a cat", " \n", ""])
        model.encode(["𓀀𓀁𓀂 𓀃𓀄"] * 3)
    messages = [record.getMessage() for record in caplog.records]
    assert any("2 texts are empty (the first: texts[1])" in message for message in messages)
    unknown = [record for record in caplog.records if "are unknown to" in record.getMessage()]
    assert all(record.levelno == logging.WARNING for record in unknown)


def test_precisions_of_the_result(model):
    plain = model.encode(TEXTS)
    bits = model.encode(TEXTS, precision="ubinary")
    assert np.array_equal(bits, np.packbits(plain > 0, axis=1))
    assert model.encode(TEXTS, precision="binary").dtype == np.int8
    assert model.encode(TEXTS, precision="int8").dtype == np.int8
    assert model.encode(TEXTS, precision="uint8").dtype == np.uint8
    with pytest.raises(ValueError, match="precision: expected one of"):
        model.encode(TEXTS, precision="float8")


def test_batch_size_changes_nothing(model):
    assert np.array_equal(model.encode(TEXTS, batch_size=1), model.encode(TEXTS, batch_size=512))
    for wrong, error in ((0, ValueError), (2.5, TypeError), ("32", TypeError)):
        with pytest.raises(error, match="batch_size"):
            model.encode(TEXTS, batch_size=wrong)


def test_names(tmp_path, monkeypatch, model_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    copy_model(tmp_path / "models/org/tiny")
    assert firth.load("tiny").dimension == firth.load("org/tiny").dimension
    assert set(firth.list_models()) >= {"tiny", "org/tiny"}
    with pytest.raises(FileNotFoundError, match="near: 'org/tiny'"):
        firth.load("org/tinny")
    with pytest.raises(FileNotFoundError, match="found nothing there"):
        firth.load("./nowhere")
    with pytest.raises(NotImplementedError, match="expected a model"):
        firth.load(tmp_path)


def test_options_of_loading(model_path):
    assert firth.load(model_path, max_length=5).max_seq_length == 5
    assert firth.load(model_path, pooling="cls").pooling == "cls"
    assert firth.load(model_path, threads=1).encode(TEXTS).shape[0] == len(TEXTS)
    for options in ({"precision": "f8"}, {"threads": 0}, {"max_length": -1}, {"pooling": "sum"}):
        with pytest.raises(ValueError, match=next(iter(options))):
            firth.load(model_path, **options)


def test_max_seq_length_can_be_set(model_path):
    model = firth.load(model_path)
    full = model.encode("a cat sat on the mat and slept")
    model.max_seq_length = 6
    assert model.max_seq_length == 6
    assert not np.array_equal(model.encode("a cat sat on the mat and slept"), full)
    assert np.array_equal(model.encode("a cat"), firth.load(model_path).encode("a cat"))


def test_identity_names_the_space(model, model_path):
    assert len(model.identity) == 32
    assert model.identity == firth.load(model_path).identity
    assert model.identity != firth.load(model_path, pooling="cls").identity


def test_copies_and_pickles(model):
    expected = model.encode(TEXTS)
    for other in (copy.copy(model), copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(other.encode(TEXTS), expected)
        other.prompts["more"] = "x"
        assert "more" not in model.prompts


def test_closed(model_path):
    model = firth.load(model_path)
    with model:
        vectors = model.encode(TEXTS)
    assert "closed" in repr(model) and vectors.shape[0] == len(TEXTS)
    for use in (lambda: model.encode("a"), lambda: model.dimension, lambda: model.tokenizer):
        with pytest.raises(ValueError, match="expected an open model, found one that was closed"):
            use()
    model.close()
    with pytest.raises(ValueError, match="closed"):
        pickle.loads(pickle.dumps(model)).encode("a")


def test_closing_while_another_thread_encodes(model_path):
    model = firth.load(model_path)
    found = []
    thread = threading.Thread(target=lambda: found.append(model.encode(TEXTS * 200).shape))
    thread.start()
    while not found and thread.is_alive():
        model.close()
    thread.join()
    assert found == [] or found == [(len(TEXTS) * 200, 24)] or len(found) == 1
