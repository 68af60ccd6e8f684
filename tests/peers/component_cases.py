#!/usr/bin/env python3
"""Writes random normalizers, pre-tokenizers and decoders with what Hugging Face tokenizers makes of random texts.

    tests/peers/component_cases.py --specs 300 --seed 1 -o /tmp/cases.jsonl.gz
    FIRTH_COMPONENT_CASES=/tmp/cases.jsonl.gz build/bin/firth_text_test --gtest_filter='Components.*'

The file has the form of tests/fixtures/tokenizers/components.jsonl.gz. Where the reference itself fails
on a text (some parts panic) the text is left out. Needs the Python package tokenizers.
"""
import argparse
import gzip
import json
import os
import pathlib
import random

import tokenizers
from random_texts import WORDS, random_char, random_text

FIXTURES = pathlib.Path(__file__).parents[1] / "fixtures" / "tokenizers"
STRINGS = ["a", "th", " ", "é", "日", "  ", "the", "\u2581", "``", "", ".", "e\u0301"]
REGEXES = [" {2,}", r"\s+", r"\d", r"[aeiou]", r"^", r"$", r"x*", r"\p{L}+", r"(?<=a)b", r" +$", r"^ +", r"[\r\n]", "a|b|", r"\w+|[^\w\s]+", r"\p{M}",
           r"(?i:THE)", r"'s|'t| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", r"\p{N}{1,3}", r"."]  # fmt: skip
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def charsmap():
    spec = json.loads((FIXTURES / "xlmr-small" / "tokenizer.json").read_text())["normalizer"]
    return spec["normalizers"][0]["precompiled_charsmap"]


CHARSMAP = charsmap()


def pattern(rng):
    return {"String": rng.choice(STRINGS)} if rng.random() < 0.5 else {"Regex": rng.choice(REGEXES)}


def normalizer(rng, depth=0):
    flag = lambda: rng.random() < 0.5
    kind = rng.choice(["BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "StripAccents", "Strip", "Replace", "Replace",
                       "Prepend", "Nmt", "ByteLevel", "Precompiled", "Precompiled", "Sequence", "Sequence", "Sequence"])  # fmt: skip
    spec = {"type": kind}
    if kind == "BertNormalizer":
        spec |= {"clean_text": flag(), "handle_chinese_chars": flag(), "strip_accents": rng.choice([None, True, False]), "lowercase": flag()}
    elif kind == "Strip":
        spec |= {"strip_left": flag(), "strip_right": flag()}
    elif kind == "Replace":
        spec |= {"pattern": pattern(rng), "content": rng.choice(["", "b", "xyz", "é", " ", "\u2581"])}
    elif kind == "Prepend":
        spec |= {"prepend": rng.choice(["x", "\u2581", "ab ", ""])}
    elif kind == "Precompiled":
        spec |= {"precompiled_charsmap": CHARSMAP}
    elif kind == "Sequence":
        spec["normalizers"] = [normalizer(rng, depth + 1) for _ in range(rng.randrange(0, 4))] if depth < 2 else []
    return spec


def pre_tokenizer(rng, depth=0):
    flag = lambda: rng.random() < 0.5
    kind = rng.choice(["BertPreTokenizer", "Whitespace", "WhitespaceSplit", "Punctuation", "Digits", "CharDelimiterSplit", "Metaspace", "Metaspace",
                       "Metaspace", "ByteLevel", "Split", "Split", "UnicodeScripts", "FixedLength", "Sequence", "Sequence", "Sequence"])  # fmt: skip
    spec = {"type": kind}
    if kind == "Punctuation":
        spec["behavior"] = rng.choice(BEHAVIORS)
    elif kind == "Digits":
        spec["individual_digits"] = flag()
    elif kind == "CharDelimiterSplit":
        spec["delimiter"] = rng.choice("e é日")
    elif kind == "Metaspace":
        spec |= {"replacement": rng.choice("\u2581\u2581_é"), "prepend_scheme": rng.choice(["first", "never", "always"]), "split": flag()}
    elif kind == "ByteLevel":
        spec |= {"add_prefix_space": flag(), "trim_offsets": flag(), "use_regex": flag()}
    elif kind == "Split":
        spec |= {"pattern": pattern(rng), "behavior": rng.choice(BEHAVIORS), "invert": flag()}
    elif kind == "FixedLength":
        spec["length"] = rng.choice([1, 2, 5, 100])
    elif kind == "Sequence":
        spec["pretokenizers"] = [pre_tokenizer(rng, depth + 1) for _ in range(rng.randrange(0, 4))] if depth < 2 else []
    return spec


def decoder(rng, depth=0):
    flag = lambda: rng.random() < 0.5
    kind = rng.choice(["ByteLevel", "Replace", "WordPiece", "ByteFallback", "Fuse", "Strip", "Metaspace", "BPEDecoder", "CTC", "Sequence", "Sequence"])
    spec = {"type": kind}
    if kind == "Replace":
        spec |= {"pattern": pattern(rng), "content": rng.choice(["", "b", " "])}
    elif kind == "WordPiece":
        spec |= {"prefix": rng.choice(["##", "", "@"]), "cleanup": flag()}
    elif kind == "Strip":
        spec |= {"content": rng.choice([" ", "\u2581", "é"]), "start": rng.randrange(3), "stop": rng.randrange(3)}
    elif kind == "Metaspace":
        spec |= {"replacement": "\u2581", "prepend_scheme": rng.choice(["first", "never", "always"]), "split": flag()}
    elif kind == "BPEDecoder":
        spec["suffix"] = rng.choice(["</w>", "e", ""])
    elif kind == "CTC":
        spec |= {"pad_token": rng.choice(["<pad>", ""]), "word_delimiter_token": rng.choice(["|", ""]), "cleanup": flag()}
    elif kind == "ByteLevel":
        spec |= {"add_prefix_space": flag(), "trim_offsets": flag(), "use_regex": flag()}
    elif kind == "Sequence":
        spec["decoders"] = [decoder(rng, depth + 1) for _ in range(rng.randrange(0, 4))] if depth < 2 else []
    return spec


def random_token(rng):
    return rng.choice([
        rng.choice(WORDS), "\u2581" + rng.choice(WORDS), "##ing", "<0x%02X>" % rng.randrange(256), "<0xE6>", "<0x97>", "<0xa5>", "<0xZZ>", "<0x+1>",
        "Ġthe", "Ã", "©", "e</w>", "|", "<pad>", " n't", " .", " do not", "  \u2581\u2581", "",
        "".join(random_char(rng) for _ in range(rng.randrange(3))),
    ])  # fmt: skip


def build(kind, spec):
    """The part, by way of a whole tokenizer: the only way to read its JSON."""
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    whole = {"version": "1.0", "model": model, "added_tokens": [], kind: spec}
    return getattr(tokenizers.Tokenizer.from_str(json.dumps(whole)), kind)


def cases(rng, kind, part, count):
    for _ in range(count):
        if kind == "decoder":
            tokens = [random_token(rng) for _ in range(rng.randrange(1, 12))]
            call = lambda: [tokens, part.decode(tokens)]
        else:
            text = random_text(rng) or "a"  # of nothing a pre-tokenizer by itself makes a piece or none
            call = lambda: [text, part.normalize_str(text) if kind == "normalizer" else part.pre_tokenize_str(text)]
        try:
            yield call()
        except BaseException as error:  # a panic of the reference is no Exception
            if isinstance(error, KeyboardInterrupt):
                raise


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--specs", type=int, default=200)
    parser.add_argument("--texts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", required=True)
    args = parser.parse_args()
    os.environ["RUST_BACKTRACE"] = "0"
    rng = random.Random(args.seed)
    with gzip.open(args.output, "wt") as file:
        for _ in range(args.specs):
            kind, make = rng.choice([("normalizer", normalizer), ("pre_tokenizer", pre_tokenizer), ("decoder", decoder)])
            spec = make(rng)
            part = build(kind, spec)
            file.write(json.dumps({"kind": kind, "spec": spec, "cases": list(cases(rng, kind, part, args.texts))}) + "\n")


if __name__ == "__main__":
    main()
