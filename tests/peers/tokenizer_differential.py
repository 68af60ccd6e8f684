#!/usr/bin/env python3
"""Compares `firth tokenize` with Hugging Face tokenizers on texts that no fixture holds.

    tests/peers/tokenizer_differential.py build/firth [--tokenizer FILE.json]... [--texts FILE]... [--rounds 20] [--seed 1]

Each round makes random texts from a wild mixture of characters and runs them, after the lines of the
text files, through the tokenizers given and through one made at random: options, vocabulary, added
tokens with all their flags. Ids, tokens and offsets must be equal, with and without special tokens.
Needs the Python package tokenizers.
"""
import argparse
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import tokenizers
from component_cases import normalizer, pre_tokenizer
from random_texts import random_char, random_text

def random_unigram(rng, vocabulary):
    """Few different scores, so that many ways to cut a word are equally good; duplicates; missing bytes."""
    scores = rng.choice([[-1.0], [-1.0, -2.0, -3.5], [0.5, -0.25, 0.0], None])
    pieces = [rng.choice(["", "", "\u2581"]) + piece.lstrip("#@") for piece in vocabulary] + ["\u2581", "ab", "abc", "bc"]
    byte_fallback = rng.random() < 0.5
    if byte_fallback:
        pieces += [f"<0x{byte:02X}>" for byte in range(256 if rng.random() < 0.7 else 200)]
    vocab = [[piece, rng.uniform(-12, 0) if scores is None else rng.choice(scores)] for piece in pieces if piece or rng.random() < 0.5]
    for i, name in enumerate(["[UNK]", "[CLS]", "[SEP]", "[MASK]"]):
        vocab[i][0] = name
    return {"type": "Unigram", "unk_id": 0, "vocab": vocab, "byte_fallback": byte_fallback}


def random_tokenizer(rng):
    word_piece = rng.random() < 0.8
    vocabulary = ["[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "word", "日", "i", "istanbul", "e\u0301"]
    prefix = rng.choice(["##", "##", "##", "", "@"])
    for _ in range(600):
        piece = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randrange(1, 4)))
        vocabulary.append(rng.choice(["", prefix]) + piece)
    vocabulary += [mark + random_char(rng) for mark in ["", prefix] for _ in range(800)]
    vocabulary = {token: i for i, token in enumerate(dict.fromkeys(vocabulary))}
    model = {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": prefix,
             "max_input_chars_per_word": rng.choice([100, 100, 5, 1]), "vocab": vocabulary}  # fmt: skip
    if not word_piece:
        model = {"type": "WordLevel", "unk_token": "[UNK]", "vocab": vocabulary}
    if rng.random() < 0.5:
        model = random_unigram(rng, vocabulary)
    ids = vocabulary if model["type"] != "Unigram" else {piece: i for i, (piece, _) in enumerate(model["vocab"])}
    contents = ["[CLS]", "[SEP]", "[MASK]", *rng.sample(["word", "the", "The", "日本", "é", "x", "in", "[", " a", "ΑΣ", "[MASK]x"], rng.randrange(0, 5))]
    flag = lambda p: rng.random() < p
    added = [{"id": ids.get(content, len(ids) + i), "content": content, "single_word": flag(0.3),
              "lstrip": flag(0.3), "rstrip": flag(0.3), "normalized": flag(0.3), "special": flag(0.5)}
             for i, content in enumerate(contents)]  # fmt: skip
    special = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    template = {"type": "TemplateProcessing", "single": [special("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}}  # fmt: skip
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": rng.choice([None, normalizer(rng), normalizer(rng)]),
            "pre_tokenizer": rng.choice([None, pre_tokenizer(rng), pre_tokenizer(rng)]),
            "post_processor": rng.choice([None, template]), "decoder": None, "model": model}  # fmt: skip


def firth_lines(program, path, texts, folder, plain):
    source = pathlib.Path(folder, "texts.jsonl")
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [program, "tokenize", "--model", path, "--json", "--field", "text", str(source)]
    result = subprocess.run(command + ["--no-special"] * plain, check=True, capture_output=True)
    return result.stdout.decode().removesuffix("\n").split("\n")


def compare(program, path, texts, folder):
    try:
        reference = tokenizers.Tokenizer.from_file(path)
    except Exception as error:  # two added tokens may be one after normalization: it refuses those
        print(f"not opened by the reference: {error}")
        return 0
    reference.no_truncation()
    reference.no_padding()
    wrong = 0
    for plain in (False, True):
        lines = firth_lines(program, path, texts, folder, plain)
        for text, line in zip(texts, lines, strict=True):
            expected = reference.encode(text, add_special_tokens=not plain)
            got = json.loads(line)
            offsets = [list(pair) for pair in expected.offsets]
            if (got["ids"], got["tokens"], got["offsets"]) != (expected.ids, expected.tokens, offsets):
                wrong += 1
                if wrong <= 3:
                    print(f"text {text!r}\n  expected {expected.tokens} {offsets}\n  found    {got['tokens']} {got['offsets']}")
    return wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--tokenizer", action="append", default=[])
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    lines = [line for path in arguments.texts for line in pathlib.Path(path).read_text().split("\n")]
    wrong = num_texts = 0
    with tempfile.TemporaryDirectory() as folder:
        for path in arguments.tokenizer if lines else []:
            wrong += compare(arguments.program, path, lines, folder)
        num_texts += len(lines) * len(arguments.tokenizer)
        for i in range(arguments.rounds):
            rng = random.Random(arguments.seed * 100003 + i)
            texts = [random_text(rng) for _ in range(200)]
            made = pathlib.Path(folder, f"made{i}.json")
            made.write_text(json.dumps(random_tokenizer(rng)))
            for path in [*arguments.tokenizer, str(made)]:
                count = compare(arguments.program, path, texts, folder)
                num_texts += len(texts)
                if count:
                    print(f"round {i}, {path}: {count} of {2 * len(texts)} differ")
                    if path == str(made):
                        spec = json.loads(made.read_text())
                        spec["model"].pop("vocab")
                        print(json.dumps(spec))
                wrong += count
    print(f"{num_texts} texts, {wrong} differ")
    sys.exit(wrong != 0)


if __name__ == "__main__":
    main()
