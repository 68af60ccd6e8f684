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

RANGES = [(0x20, 0x7F), (0x20, 0x7F), (0x61, 0x7B), (0, 0x20), (0xA0, 0x180), (0x180, 0x250), (0x300, 0x370),
          (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE80), (0x1100, 0x1200), (0x1E00, 0x2070),
          (0x2070, 0x2C00), (0x3000, 0x3100), (0x3400, 0x3500), (0x4E00, 0x5000), (0xAC00, 0xAD00),
          (0xF900, 0xFB50), (0xFE00, 0x10000), (0x1D100, 0x1D200), (0x1F300, 0x1F700), (0x20000, 0x20100),
          (0x2F800, 0x2FA20), (0xE0000, 0xE0200), (0, 0x110000)]  # fmt: skip
WORDS = ["the", "The", "embedding", "İstanbul", "straße", "naïve", "e\u0301", "word", "[MASK]", "[SEP]", "can't",
         "日本", "안녕", "\u00a0", "\u200d", "  ", "\t", "##ing", "ΑΣ", "1234", "½", "…", "-", "_", "x" * 120]  # fmt: skip


def random_char(rng):
    begin, end = rng.choice(RANGES)
    c = rng.randrange(begin, end)
    return "?" if 0xD800 <= c < 0xE000 else chr(c)


def random_text(rng):
    parts = []
    for _ in range(rng.randrange(0, 30)):
        kind = rng.random()
        if kind < 0.3:
            parts.append(rng.choice(WORDS))
        elif kind < 0.5:
            parts.append(" ")
        else:
            begin, end = rng.choice(RANGES)
            for _ in range(rng.randrange(1, 8)):
                c = rng.randrange(begin, end)
                parts.append("?" if 0xD800 <= c < 0xE000 else chr(c))
    return "".join(parts)


def random_normalizer(rng, depth=0):
    flag = lambda: rng.random() < 0.5
    kind = rng.choice(["BertNormalizer"] * 6 + ["Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Strip",
                                                "Replace", "Prepend", "Nmt", "Sequence"])  # fmt: skip
    if kind == "BertNormalizer":
        return {"type": kind, "clean_text": rng.random() < 0.8, "handle_chinese_chars": rng.random() < 0.8,
                "strip_accents": rng.choice([None, True, False]), "lowercase": flag()}  # fmt: skip
    if kind == "Strip":
        return {"type": kind, "strip_left": flag(), "strip_right": flag()}
    if kind == "Replace":
        return {"type": kind, "pattern": {"String": rng.choice(["a", "th", " ", "é", "日"])},
                "content": rng.choice(["", "b", "xyz", "é", " "])}  # fmt: skip
    if kind == "Prepend":
        return {"type": kind, "prepend": rng.choice(["x", "\u2581", "ab "])}
    if kind == "Sequence" and depth < 2:
        return {"type": kind, "normalizers": [random_normalizer(rng, depth + 1) for _ in range(rng.randrange(0, 4))]}
    return {"type": "NFC" if kind == "Sequence" else kind}


def random_pre_tokenizer(rng, depth=0):
    kind = rng.choice(["BertPreTokenizer"] * 5 + ["Whitespace", "WhitespaceSplit", "Punctuation", "Digits",
                                                  "CharDelimiterSplit", "Sequence"])  # fmt: skip
    if kind == "Punctuation":
        behaviors = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
        return {"type": kind, "behavior": rng.choice(behaviors)}
    if kind == "Digits":
        return {"type": kind, "individual_digits": rng.random() < 0.5}
    if kind == "CharDelimiterSplit":
        return {"type": kind, "delimiter": rng.choice("e é")}
    if kind == "Sequence" and depth < 2:
        parts = [random_pre_tokenizer(rng, depth + 1) for _ in range(rng.randrange(1, 4))]
        return {"type": kind, "pretokenizers": parts}
    return {"type": "BertPreTokenizer" if kind == "Sequence" else kind}


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
    contents = ["[CLS]", "[SEP]", "[MASK]", *rng.sample(["word", "the", "The", "日本", "é", "x", "in", "[", " a", "ΑΣ", "[MASK]x"], rng.randrange(0, 5))]
    flag = lambda p: rng.random() < p
    added = [{"id": vocabulary.get(content, len(vocabulary) + i), "content": content, "single_word": flag(0.3),
              "lstrip": flag(0.3), "rstrip": flag(0.3), "normalized": flag(0.3), "special": flag(0.5)}
             for i, content in enumerate(contents)]  # fmt: skip
    special = lambda name: {"SpecialToken": {"id": name, "type_id": 0}}
    template = {"type": "TemplateProcessing", "single": [special("[CLS]"), {"Sequence": {"id": "A", "type_id": 0}}],
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [1], "tokens": ["[CLS]"]}}}  # fmt: skip
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": rng.choice([None, random_normalizer(rng), random_normalizer(rng)]),
            "pre_tokenizer": rng.choice([None, random_pre_tokenizer(rng), random_pre_tokenizer(rng)]),
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
