#!/usr/bin/env python3
"""Writes tests/fixtures/sentencepiece: small models of every type, and what the program sentencepiece makes of texts.

    python scripts/make_sentencepiece_fixture.py TEXT_FILE...

The models are trained on the lines of the text files. Needs the Python package sentencepiece.
"""
import gzip
import json
import pathlib
import random
import sys

import sentencepiece

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tests" / "peers"))
from random_texts import random_text

MODELS = {
    "unigram": {"model_type": "unigram", "vocab_size": 600},
    "unigram-bytes": {"model_type": "unigram", "vocab_size": 900, "byte_fallback": True, "normalization_rule_name": "identity",
                      "add_dummy_prefix": False, "user_defined_symbols": ["<a>", "<ab>", "\u2581\u2581"]},
    "unigram-suffix": {"model_type": "unigram", "vocab_size": 600, "normalization_rule_name": "identity",
                       "treat_whitespace_as_suffix": True, "control_symbols": ["<ctl>"]},
    "bpe": {"model_type": "bpe", "vocab_size": 600, "normalization_rule_name": "identity", "user_defined_symbols": ["th", "the quick"]},
    "bpe-bytes": {"model_type": "bpe", "vocab_size": 900, "byte_fallback": True, "normalization_rule_name": "identity",
                  "remove_extra_whitespaces": False, "split_digits": True, "allow_whitespace_only_pieces": True},
    "char": {"model_type": "char", "vocab_size": 200, "normalization_rule_name": "identity"},
    "word": {"model_type": "word", "vocab_size": 300, "normalization_rule_name": "identity"},
}  # fmt: skip


def case(model, text):
    chars, end = {0: 0}, 0  # byte to character
    for i, c in enumerate(text):
        end += len(c.encode())
        chars[end] = i + 1
    pieces = model.encode(text, return_type="proto").pieces
    ids = [piece.id for piece in pieces]
    return {"text": text, "ids": ids, "tokens": [piece.piece for piece in pieces],
            "offsets": [[chars[piece.begin], chars[piece.end]] for piece in pieces], "decoded": model.decode(ids)}  # fmt: skip


def main():
    lines = [line for path in sys.argv[1:] for line in pathlib.Path(path).read_text().splitlines() if line]
    folder = pathlib.Path(__file__).parents[1] / "tests" / "fixtures" / "sentencepiece"
    folder.mkdir(exist_ok=True)
    rng = random.Random(1)
    texts = ["", " ", "  ", "a", " a ", "a  b", "\u2581", "a\u2581 b", "\n", "<ctl>", "<unk>", "<s> <a><ab>", "th" * 200, "\u00bd \ufb01 \uff21", "0123456789"]
    texts += rng.sample(lines, 40) + [random_text(rng).replace("\0", "") for _ in range(60)]
    for name, settings in MODELS.items():
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(lines), model_prefix=f"{folder}/{name}", minloglevel=2, hard_vocab_limit=False,
            max_sentence_length=20000, character_coverage=0.995, num_threads=1, **settings)  # fmt: skip
        (folder / f"{name}.vocab").unlink()
        model = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/{name}.model")
        with gzip.GzipFile(folder / f"{name}.jsonl.gz", "w", mtime=0) as file:
            for text in texts:
                file.write((json.dumps(case(model, text), ensure_ascii=False) + "\n").encode())


main()
