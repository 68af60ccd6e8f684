"""Trainers of tokenizers: the reference's vocabularies from the reference's calls."""

import json
import pathlib

import firth
import pytest
from firth import trainers

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures" / "tokenizers-training"
LINES = (FIXTURES / "corpus.txt").read_bytes().decode().split("\n")


def model_of(tokenizer):
    return json.loads(tokenizer.to_str())["model"]


def reference(name):
    return json.loads((FIXTURES / f"{name}.json").read_text())["model"]


def test_bpe_is_the_references():
    tokenizer = firth.Tokenizer.blank("bpe", normalizer="nfkc", pre_tokenizer="whitespace", unk_token="<unk>")
    tokenizer.train_from_iterator(iter(LINES), trainers.BpeTrainer(vocab_size=400, special_tokens=["<unk>", "<pad>"]))
    assert model_of(tokenizer)["vocab"] == reference("bpe")["vocab"]
    assert model_of(tokenizer)["merges"] == reference("bpe")["merges"]
    assert tokenizer.token_to_id("<pad>") == 1


def test_byte_level_bpe_and_lists_of_lists():
    tokenizer = firth.Tokenizer.blank("bpe", pre_tokenizer="byte-level")
    trainer = trainers.BpeTrainer(
        vocab_size=500, min_frequency=2, special_tokens=["<|endoftext|>"], initial_alphabet=trainers.byte_alphabet()
    )
    tokenizer.train_from_iterator([LINES[:100], LINES[100:]], trainer)
    assert model_of(tokenizer)["merges"] == reference("bpe-bytes")["merges"]
    assert tokenizer.decode(tokenizer.encode("a Kiyo 中").ids) != ""


def test_word_level_and_unigram():
    tokenizer = firth.Tokenizer.blank("word", normalizer="lowercase", pre_tokenizer="whitespace", unk_token="[UNK]")
    tokenizer.train_from_iterator(
        LINES, trainers.WordLevelTrainer(vocab_size=300, min_frequency=2, special_tokens=["[UNK]"])
    )
    assert model_of(tokenizer)["vocab"] == reference("wordlevel")["vocab"]
    tokenizer = firth.Tokenizer.blank("unigram", normalizer="nfkc", pre_tokenizer="metaspace")
    tokenizer.train_from_iterator(
        LINES, trainers.UnigramTrainer(vocab_size=300, special_tokens=["<unk>", "<s>"], unk_token="<unk>")
    )
    found, expected = dict(model_of(tokenizer)["vocab"]), dict(reference("unigram")["vocab"])
    assert found.keys() == expected.keys()
    assert max(abs(found[piece] - expected[piece]) for piece in expected) < 0.01


def test_files_are_read_with_their_line_breaks(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_bytes(b"a b\r\nc\n")
    tokenizer = firth.Tokenizer.blank("word", unk_token="?")
    tokenizer.train([path], trainers.WordLevelTrainer())
    assert tokenizer.get_vocab() == {"a b\r\n": 0, "c\n": 1}


def test_a_tokenizer_keeps_its_parts_and_is_saved(tmp_path):
    tokenizer = firth.Tokenizer.from_file(FIXTURES / "wordpiece.json")
    tokenizer.enable_truncation(3)
    tokenizer.train_from_iterator(["Zz zz zz"] * 3, trainers.WordPieceTrainer(special_tokens=["[UNK]"]))
    assert tokenizer.encode("ZZ").tokens == ["zz"]
    assert tokenizer.truncation["max_length"] == 3
    tokenizer.save(tmp_path / "tokenizer.json")
    assert firth.Tokenizer.from_file(tmp_path / "tokenizer.json").get_vocab() == tokenizer.get_vocab()


def test_what_cannot_be_is_refused():
    tokenizer = firth.Tokenizer.blank("unigram")
    with pytest.raises(ValueError, match="vocab_size: expected at least 3"):
        tokenizer.train_from_iterator(["abc"], trainers.UnigramTrainer(vocab_size=2))
    with pytest.raises(TypeError, match="expected str or lists of str, found int"):
        tokenizer.train_from_iterator([1], trainers.UnigramTrainer())
    with pytest.raises(ValueError, match="vocab_size: expected a whole number from 0, found 'x'"):
        tokenizer.train_from_iterator(["a"], trainers.BpeTrainer(vocab_size="x"))
    with pytest.raises(ValueError, match="kind: expected one of"):
        firth.Tokenizer.blank("charlevel")
    with pytest.raises(ValueError, match="pre-tokenizer: expected"):
        firth.Tokenizer.blank("bpe", pre_tokenizer="spaces")
    with pytest.raises(ValueError, match=r"expected one that was made from a tokenizer\.json"):
        firth.Tokenizer._of(tokenizer._handle).to_str()


def test_repr_shows_the_options():
    assert repr(trainers.WordLevelTrainer(vocab_size=5)) == "WordLevelTrainer(vocab_size=5, min_frequency=0, special_tokens=[])"
