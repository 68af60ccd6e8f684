"""Truncation with a stride, strategies and directions, against the tokenizers library where it is."""

import itertools
import json

import firth
import pytest
from conftest import MODELS

FILE = MODELS / "sentence-transformer/tokenizer.json"
LONG = "one cat sat on the mat and the other slept in the house by the river"


def shown(encoding):
    names = ("ids", "tokens", "offsets", "type_ids", "attention_mask", "special_tokens_mask",
             "sequence_ids", "word_ids")  # fmt: skip
    return {name: getattr(encoding, name) for name in names}


def plain(tokenizer):
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


@pytest.mark.parametrize("pair", [None, "", "the bank", "the bank by the river was closed on that day 日本"])
def test_the_library_gives_the_same(pair):
    tokenizers = pytest.importorskip("tokenizers", reason="tokenizers is not installed")
    ours, theirs = plain(firth.Tokenizer.from_file(FILE)), plain(tokenizers.Tokenizer.from_file(str(FILE)))
    compared = 0
    for length, stride, strategy, direction in itertools.product(
        (5, 6, 8, 9, 13, 60), (0, 1, 3), ("longest_first", "only_first", "only_second"), ("right", "left")):  # fmt: skip
        cut = {"stride": stride, "strategy": strategy, "direction": direction}
        ours.enable_truncation(length, **cut)
        try:
            theirs.enable_truncation(length, **cut)
            expected = theirs.encode(LONG, pair)
        except BaseException:  # the library's panics too: what it cannot do we need not
            continue
        found = ours.encode(LONG, pair)
        assert shown(found) == shown(expected), (length, cut)
        assert found.n_sequences == expected.n_sequences
        if pair is None or strategy != "longest_first":
            assert [shown(part) for part in found.overflowing] == [
                shown(part) for part in expected.overflowing], (length, cut)  # fmt: skip
        compared += 1
    assert compared > 30


def test_windows_cover_the_text():
    tokenizer = plain(firth.Tokenizer.from_file(FILE))
    whole = tokenizer.encode(LONG)
    tokenizer.enable_truncation(7, stride=2)
    parts = [(part := tokenizer.encode(LONG)), *part.overflowing]
    assert all(len(part) <= 7 and part.tokens[0] == "[CLS]" for part in parts)
    inner = [part.ids[1:-1] for part in parts]
    assert all(a[-2:] == b[:2] for a, b in zip(inner, inner[1:]))
    joined = inner[0] + [each for ids in inner[1:] for each in ids[2:]]
    assert joined == whole.ids[1:-1]
    batch = tokenizer.encode_batch([LONG, "a cat"])
    assert [part.ids for part in batch[0].overflowing] == [part.ids for part in parts[1:]]
    assert batch[1].overflowing == []
    tokenizer.enable_padding(length=9)
    assert {len(part) for part in tokenizer.encode(LONG).overflowing} == {9}


def test_the_file_says_how():
    spec = json.loads(FILE.read_text())
    spec["truncation"] = {"max_length": 6, "stride": 1, "strategy": "LongestFirst", "direction": "Left"}
    tokenizer = firth.Tokenizer.from_str(json.dumps(spec))
    tokenizer.no_padding()
    assert tokenizer.truncation == {"max_length": 6, "stride": 1, "strategy": "longest_first",
                                    "direction": "left"}  # fmt: skip
    found = tokenizer.encode(LONG)
    assert len(found) == 6 and found.offsets[-2][1] == len(LONG)
    with pytest.raises(NotImplementedError, match="from the right"):
        tokenizer.encode_ragged([LONG])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_length": 0}, "max_length: expected at least 1"),
        ({"max_length": 5, "stride": -1}, "stride: expected"),
        ({"max_length": 5, "strategy": "no"}, "strategy: expected"),
        ({"max_length": 5, "direction": "up"}, "direction: expected"),
        ({"max_length": 5, "stride": 3, "direction": "left"}, "a stride below the 3"),
        ({"max_length": 5, "strategy": "only_second"}, "a second text"),
        ({"max_length": 1, "direction": "left"}, "at least 2, the special tokens"),
    ],
)
def test_what_cannot_be(options, message):
    tokenizer = plain(firth.Tokenizer.from_file(FILE))
    with pytest.raises(ValueError, match=message):
        tokenizer.enable_truncation(**options)
        tokenizer.encode(LONG)
