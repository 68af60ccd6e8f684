#!/usr/bin/env python3
"""Compares `firth tokenize` on SentencePiece model files with the program sentencepiece.

    tests/peers/sentencepiece_differential.py build/firth --texts FILE... [--model FILE.model]... [--rounds 3] [--seed 1]

Trains small models of every type and setting on the lines of the text files (after those given with
--model), makes random texts, and compares ids, pieces and places. Needs the Python packages
sentencepiece and tokenizers.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import sentencepiece
from random_texts import random_text

RULES = ["nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity"]
SYMBOLS = ["<a>", "<ab>", "th", "\u2581\u2581", "\u65e5\u672c", "the quick", ")"]


def random_settings(rng):
    flag = lambda p=0.5: rng.random() < p
    kind = rng.choice(["unigram", "unigram", "bpe", "bpe", "char", "word"])
    settings = {"model_type": kind, "vocab_size": rng.choice([3000, 4000]), "hard_vocab_limit": False,
                "character_coverage": rng.choice([0.98, 0.9995, 1.0]), "normalization_rule_name": rng.choice(RULES),
                "add_dummy_prefix": flag(0.7), "remove_extra_whitespaces": flag(0.7), "split_digits": flag(),
                "user_defined_symbols": rng.sample(SYMBOLS, rng.randrange(0, 4)),
                "control_symbols": ["<ctl>"] if flag() else [], "byte_fallback": kind in ("unigram", "bpe") and flag(0.3),
                "treat_whitespace_as_suffix": kind != "word" and flag(0.3), "allow_whitespace_only_pieces": flag(0.3)}  # fmt: skip
    if kind == "word":
        settings["user_defined_symbols"] = []
    return settings


def expected(model, texts):
    for text in texts:
        chars = {0: 0}  # byte to character
        end = 0
        for i, c in enumerate(text):
            end += len(c.encode())
            chars[end] = i + 1
        pieces = model.encode(text, return_type="proto").pieces
        yield {"ids": [p.id for p in pieces], "tokens": [p.piece for p in pieces],
               "offsets": [[chars[p.begin], chars[p.end]] for p in pieces]}  # fmt: skip


def got(program, path, texts, folder):
    source = pathlib.Path(folder, "texts.jsonl")
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [program, "tokenize", "--model", path, "--json", "--field", "text", str(source)]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [json.loads(line) for line in lines]


def compare(program, path, texts, folder, byte_places):
    model = sentencepiece.SentencePieceProcessor(model_file=path)
    bad = 0
    for text, want, have in zip(texts, expected(model, texts), got(program, path, texts, folder), strict=True):
        # The bytes of a character: sentencepiece gives its place to the last of them, firth to each.
        keys = ["ids", "tokens"] + (["offsets"] if byte_places else [])
        wrong = [key for key in keys if want[key] != have[key]]
        if wrong:
            bad += 1
            if bad <= 3:
                print(f"{path}: {text!r}: {wrong[0]}:\n  expected {want[wrong[0]]}\n  found    {have[wrong[0]]}")
    return bad


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--texts", action="append", required=True)
    parser.add_argument("--model", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    lines = [line for path in args.texts for line in pathlib.Path(path).read_text().splitlines() if line]
    bad = count = 0
    with tempfile.TemporaryDirectory() as folder:
        models = list(args.model)
        for i in range(args.rounds):
            settings = random_settings(rng)
            print(settings, flush=True)
            models.append(f"{folder}/{i}.model")
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(rng.sample(lines, min(len(lines), 3000))), model_prefix=f"{folder}/{i}",
                minloglevel=2, max_sentence_length=20000, num_threads=2, **settings)  # fmt: skip
        for path in models:
            texts = rng.sample(lines, min(len(lines), 500)) + [random_text(rng) for _ in range(1500)]
            texts += ["", " ", "   ", "a", " a ", "a  b", "\u2581", "a\u2581 b", "\n", "<ctl>", "<unk>", "<s>", "th" * 300]
            texts = [text.replace("\0", "") for text in texts]
            byte_fallback = sentencepiece.SentencePieceProcessor(model_file=path).piece_to_id("<0x41>") != 0
            bad += compare(args.program, path, texts, folder, not byte_fallback)
            count += len(texts)
    print(f"{count} texts, {bad} differ")
    sys.exit(bad > 0)


main()
