"""Tokenizer and Encoding, beside the tokenizers library's recorded output."""

import json

import firth
import numpy as np
import pytest
from conftest import MODELS

FOLDER = MODELS / "sentence-transformer"
CASES = json.loads((FOLDER / "expected/cases.json").read_text())["texts"]


@pytest.fixture(scope="module")
def tokenizer():
    opened = firth.Tokenizer.from_file(FOLDER / "tokenizer.json")
    opened.no_truncation()
    opened.no_padding()
    return opened


def test_encodings_are_those_of_the_reference(tokenizer):
    encodings = tokenizer.encode_batch([case["text"] for case in CASES])
    compared = 0
    for case, encoding in zip(CASES, encodings):
        if case["truncated_from"] is not None:
            continue
        compared += 1
        assert encoding.ids == case["ids"]
        assert encoding.tokens == case["tokens"]
        assert encoding.type_ids == case["type_ids"]
        assert encoding.attention_mask == case["attention_mask"]
        assert encoding.special_tokens_mask == case["special_tokens_mask"]
        assert encoding.offsets == [tuple(place) for place in case["offsets"]]
        one = tokenizer.encode(case["text"])
        assert one.ids == encoding.ids and one.offsets == encoding.offsets
    assert compared > 20


def test_ragged_ids_are_the_same(tokenizer):
    texts = [case["text"] for case in CASES] * 5
    ids, offsets = tokenizer.encode_ragged(texts)
    assert ids.dtype == np.int32 and offsets.dtype == np.int64 and len(offsets) == len(texts) + 1
    for i, encoding in enumerate(tokenizer.encode_batch(texts)):
        assert ids[offsets[i] : offsets[i + 1]].tolist() == encoding.ids


def test_ways_to_open(tokenizer, model):
    text = "a cat, and 日本"
    expected = tokenizer.encode(text).ids
    json_text = (FOLDER / "tokenizer.json").read_text()
    for other in (
        firth.Tokenizer.from_str(json_text),
        firth.Tokenizer.from_buffer(json_text.encode()),
        firth.Tokenizer.from_file(FOLDER),
        firth.Tokenizer.from_pretrained(FOLDER),
        firth.Tokenizer.from_file(FOLDER / "vocab.txt"),
        model.tokenizer,
    ):
        other.no_padding()
        assert other.encode(text).ids == expected
    with pytest.raises(TypeError, match="made by from_file"):
        firth.Tokenizer()
    with pytest.raises(FileNotFoundError):
        firth.Tokenizer.from_file("nowhere.json")
    with pytest.raises(ValueError, match="tokenizer.json"):
        firth.Tokenizer.from_str("{")


def test_a_models_tokenizer_outlives_the_model():
    model = firth.load(FOLDER)
    tokenizer = model.tokenizer
    expected = tokenizer.encode("a cat").ids
    model.close()
    del model
    assert tokenizer.encode("a cat").ids == expected


def test_pairs(tokenizer):
    encoding = tokenizer.encode("a cat", "a dog")
    assert sorted(set(encoding.type_ids)) == [0, 1]
    batch = tokenizer.encode_batch([("a cat", "a dog"), ["x", "y"]])
    assert batch[0].ids == encoding.ids and len(batch) == 2
    with pytest.raises(TypeError, match=r"input\[1\]: expected a pair"):
        tokenizer.encode_batch([("a", "b"), "c"])
    assert tokenizer.num_special_tokens_to_add(False) == 2
    assert tokenizer.num_special_tokens_to_add(True) == 3


def test_vocabulary_and_decoding(tokenizer):
    vocabulary = tokenizer.get_vocab()
    assert len(vocabulary) == tokenizer.get_vocab_size()
    for token, id in list(vocabulary.items())[:50]:
        assert tokenizer.token_to_id(token) == id and tokenizer.id_to_token(id) == token
    assert tokenizer.token_to_id("no such token") is None
    assert tokenizer.id_to_token(10**6) is None and tokenizer.id_to_token(-1) is None
    ids = tokenizer.encode("the quick brown fox").ids
    assert tokenizer.decode(ids) == "the quick brown fox"
    assert tokenizer.decode(ids, skip_special_tokens=False).startswith("[CLS]")
    assert tokenizer.decode_batch([ids, ids[:1]])[1] == ""
    assert tokenizer.decode([10**6, -5]) == ""
    for wrong in (["a"], [None], 3):
        with pytest.raises((TypeError, ValueError)):
            tokenizer.decode(wrong)


def test_truncation_and_padding(tokenizer):
    own = firth.Tokenizer.from_file(FOLDER / "tokenizer.json")
    own.enable_truncation(6)
    assert len(own.encode("a cat sat on the mat").ids) == 6 and own.truncation["max_length"] == 6
    own.enable_padding(length=12, pad_id=7, pad_token="[P]")
    padded = own.encode("a cat")
    assert len(padded) == 12 and padded.ids[-1] == 7 and padded.tokens[-1] == "[P]"
    assert sum(padded.attention_mask) == len(tokenizer.encode("a cat"))
    own.enable_padding(direction="left", pad_to_multiple_of=8)
    assert {len(e) for e in own.encode_batch(["a cat", "x"])} == {8}
    assert own.encode_batch(["a cat", "x"])[1].attention_mask[0] == 0
    own.no_truncation()
    own.no_padding()
    assert own.truncation is None and own.padding is None
    with pytest.raises(ValueError):
        own.enable_truncation(0)


def test_the_sections_of_the_file_are_obeyed(tmp_path):
    spec = json.loads((FOLDER / "tokenizer.json").read_text())
    spec["truncation"] = {
        "direction": "Right", "max_length": 6, "strategy": "LongestFirst", "stride": 0}  # fmt: skip
    spec["padding"] = {
        "strategy": {"Fixed": 10}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
        "pad_type_id": 0, "pad_token": "[PAD]"}  # fmt: skip
    (tmp_path / "tokenizer.json").write_text(json.dumps(spec))
    opened = firth.Tokenizer.from_file(tmp_path / "tokenizer.json")
    assert opened.truncation["max_length"] == 6 and opened.padding["length"] == 10
    encoding = opened.encode("a cat sat on the mat and slept")
    assert len(encoding.ids) == 10 and sum(encoding.attention_mask) == 6


def test_places(tokenizer):
    text = "A cat, 日本!"
    encoding = tokenizer.encode(text)
    for index, (begin, end) in enumerate(encoding.offsets):
        if encoding.token_to_chars(index) is None:
            continue
        assert encoding.char_to_token(begin) == index
        word = encoding.token_to_word(index)
        first, last = encoding.word_to_tokens(word)
        assert first <= index < last
        assert encoding.word_to_chars(word)[0] <= begin < end <= encoding.word_to_chars(word)[1]
    assert encoding.char_to_token(1) is None and encoding.word_to_tokens(99) is None
    assert encoding.char_to_word(0) == 0


def test_what_is_refused(tokenizer):
    with pytest.raises(NotImplementedError, match="is_pretokenized"):
        tokenizer.encode(["a", "b"], is_pretokenized=True)
    with pytest.raises(NotImplementedError, match="with_added_tokens"):
        tokenizer.get_vocab_size(with_added_tokens=False)
    for wrong, error in ((3, TypeError), (None, TypeError), ("\ud800", ValueError)):
        with pytest.raises(error, match="text"):
            tokenizer.encode(wrong)
        with pytest.raises(error):
            tokenizer.encode_batch([wrong])
    with pytest.raises(TypeError):
        tokenizer.encode("a", pair=3)
