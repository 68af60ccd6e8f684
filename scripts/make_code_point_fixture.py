#!/usr/bin/env python3
"""Writes tests/fixtures/tokenizers/code_points.json: what the reference (Hugging Face tokenizers)
makes of every code point, as a hash for each part and block of 4,096 code points.

Each code point c is put as c, and between marks as "A" c U+0301 U+0323 c "b"; the results, in UTF-8
and each ended by a line feed, go into one FNV-1a hash a block. Of a pre-tokenizer the pieces are
joined by U+001F.

    python scripts/make_code_point_fixture.py > tests/fixtures/tokenizers/code_points.json
"""
import json

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

BLOCK = 4096
NORMALIZERS = [
    {"type": "NFD"}, {"type": "NFC"}, {"type": "NFKD"}, {"type": "NFKC"}, {"type": "Lowercase"},
    {"type": "StripAccents"}, {"type": "Strip", "strip_left": True, "strip_right": True}, {"type": "Nmt"},
    *({"type": "BertNormalizer", "clean_text": clean, "handle_chinese_chars": chinese,
       "strip_accents": accents, "lowercase": lower}
      for clean, chinese, accents, lower in [
          (True, True, None, True), (True, True, None, False), (True, True, False, True),
          (False, False, True, False), (True, False, None, True), (False, True, None, True)]),
]  # fmt: skip
PRE_TOKENIZERS = [
    {"type": "BertPreTokenizer"}, {"type": "Whitespace"}, {"type": "WhitespaceSplit"},
    {"type": "Punctuation", "behavior": "Isolated"}, {"type": "Digits", "individual_digits": True},
]  # fmt: skip


def built(part, spec):
    tokenizer = json.loads(Tokenizer(models.WordLevel({"a": 0}, unk_token="a")).to_str())
    tokenizer[part] = spec
    return getattr(Tokenizer.from_str(json.dumps(tokenizer)), part)


def fnv1a(data):
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def hashes(result_of):
    blocks = []
    for begin in range(0, 0x110000, BLOCK):
        data = bytearray()
        for c in range(begin, begin + BLOCK):
            if not 0xD800 <= c < 0xE000:
                for text in (chr(c), "A" + chr(c) + "\u0301\u0323" + chr(c) + "b"):
                    data += result_of(text).encode() + b"\n"
        blocks.append(fnv1a(data))
    return blocks


def main():
    entries = []
    for spec in NORMALIZERS:
        entries.append({"kind": "normalizer", "spec": spec,
                        "hashes": hashes(built("normalizer", spec).normalize_str)})  # fmt: skip
    for spec in PRE_TOKENIZERS:
        part = built("pre_tokenizer", spec)
        pieces = lambda text: "\x1f".join(piece for piece, _ in part.pre_tokenize_str(text))
        entries.append({"kind": "pre_tokenizer", "spec": spec, "hashes": hashes(pieces)})
    print(json.dumps(entries, indent=0))


main()
