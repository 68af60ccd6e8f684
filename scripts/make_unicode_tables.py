#!/usr/bin/env python3
"""Writes firth/text/unicode_tables.cc.

A tokenizer's ids depend on which Unicode version its parts were compiled with, and the reference
(Hugging Face tokenizers) mixes several: Rust's char for case and white space, one crate for
categories, another for normalization. So its tables are not read from Unicode's files but asked of
the installed library, code point by code point. Canonical combining classes are Python's
(they never change once assigned) where the library agrees that the code point is assigned. Scripts,
which serve messages only, are those of Perl's Unicode::UCD.

    python scripts/make_unicode_tables.py > firth/text/unicode_tables.cc
"""
import subprocess
import sys
import unicodedata

import tokenizers
from tokenizers import normalizers, pre_tokenizers

BLOCK = 128
LIMIT = 0x110000
HANGUL = range(0xAC00, 0xAC00 + 11172)
CODE_POINTS = [c for c in range(LIMIT) if not 0xD800 <= c < 0xE000]
CHUNK = 4096
SEPARATOR = "\ua000"  # a letter that nothing decomposes to or combines with


def chunks():
    for i in range(0, len(CODE_POINTS), CHUNK):
        yield CODE_POINTS[i:i + CHUNK]


def normalized(normalizer):
    """{code point: what the normalizer makes of it alone} where that is something else."""
    result = {}
    for chunk in chunks():
        chunk = [c for c in chunk if c != ord(SEPARATOR)]
        pieces = normalizer.normalize_str(SEPARATOR.join(map(chr, chunk))).split(SEPARATOR)
        for c, piece in zip(chunk, pieces, strict=True):
            if piece != chr(c):
                result[c] = piece
    return result


def pieces_of(pre_tokenizer):
    """For each code point c, in a text a c a c a …, the piece it lies in ("" = none)."""
    for chunk in chunks():
        text = "a" + "a".join(map(chr, chunk)) + "a"
        piece_at = [""] * len(text)
        for piece, (begin, end) in pre_tokenizer.pre_tokenize_str(text):
            for i in range(begin, end):
                piece_at[i] = piece
        for i, c in enumerate(chunk):
            yield c, piece_at[2 * i + 1]


def combining_classes(nfd):
    result = {}
    for c in CODE_POINTS:
        value = unicodedata.combining(chr(c))
        if value == 0:
            continue
        # U+0334 has class 1 and U+0301 class 230: a character of a class above 1 (below 230) moves
        # behind (before) it.
        low, high = chr(c) + "\u0334", "\u0301" + chr(c)
        if nfd.normalize_str(low) != low or nfd.normalize_str(high) != high:
            result[c] = value
    return result


def main():
    bert = dict(clean_text=False, handle_chinese_chars=False, strip_accents=False, lowercase=False)
    nfd, nfc = normalizers.NFD(), normalizers.NFC()
    cleaned = normalized(normalizers.BertNormalizer(**{**bert, "clean_text": True}))
    stripped = normalized(normalizers.BertNormalizer(**{**bert, "strip_accents": True}))
    marks = normalized(normalizers.StripAccents())
    lower = normalized(normalizers.Lowercase())
    canonical = normalized(nfd)
    compatible = normalized(normalizers.NFKD())
    classes = combining_classes(nfd)
    flags = {c: 0 for c in range(LIMIT)}
    for c, piece in pieces_of(pre_tokenizers.WhitespaceSplit()):
        flags[c] |= 1 * (piece == "")
    for c, piece in pieces_of(pre_tokenizers.Punctuation()):
        flags[c] |= 2 * (len(piece) == 1)
    for c, piece in pieces_of(pre_tokenizers.Digits(individual_digits=True)):
        flags[c] |= 4 * (len(piece) == 1)
    for c, piece in pieces_of(pre_tokenizers.Whitespace()):
        flags[c] |= 8 * (len(piece) > 1)
    for c in CODE_POINTS:
        flags[c] |= 16 * (cleaned.get(c) == "") | 64 * (marks.get(c) == "")
        flags[c] |= 32 * (c not in canonical and stripped.get(c) == "")
    lower_delta = {}
    for c, text in lower.items():
        if len(text) == 1:
            lower_delta[c] = ord(text) - c
        elif c != 0x130:
            sys.exit(f"U+{c:04X} becomes several characters in lower case: extend the table")
    records = sorted({(flags[c], classes.get(c, 0), lower_delta.get(c, 0)) for c in range(LIMIT)})
    number = {r: i for i, r in enumerate(records)}
    properties = [number[flags[c], classes.get(c, 0), lower_delta.get(c, 0)] for c in range(LIMIT)]

    entries, data, index = [(0, 0, 0)], [], [0] * LIMIT
    for c in sorted(set(canonical) | set(compatible)):
        if c in HANGUL:
            continue
        first = canonical.get(c, "")
        second = compatible.get(c, "")
        second = "" if second == first else second
        index[c] = len(entries)
        entries.append((len(data), len(first), len(second)))
        data += [ord(x) for x in first + second]
    compositions = []
    for c, text in canonical.items():
        if c in HANGUL or len(text) < 2:
            continue
        first = nfc.normalize_str(text[:-1])
        if len(first) == 1 and nfc.normalize_str(first + text[-1]) == chr(c):
            compositions.append((ord(first), ord(text[-1]), c))
    compositions.sort()
    write(records, properties, entries, data, index, compositions, script_ranges())


def script_ranges():
    program = ("use Unicode::UCD qw(charscripts); my $s = charscripts();"
               "for my $n (keys %$s) { for my $r (@{$s->{$n}}) { print \"$r->[0] $r->[1] $n\\n\" } }")
    # "Old_italic" is written Old_Italic by Unicode.
    spelled = lambda name: "_".join(word[:1].upper() + word[1:] for word in name.split("_"))
    lines = subprocess.run(["perl", "-e", program], check=True, capture_output=True, text=True).stdout
    ranges = sorted((int(a), int(b), spelled(name)) for a, b, name in map(str.split, lines.splitlines()))
    merged = []
    for begin, end, name in ranges:
        if merged and merged[-1][2] == name and merged[-1][1] + 1 == begin:
            merged[-1] = (merged[-1][0], end, name)
        else:
            merged.append((begin, end, name))
    return merged


def two_level(values):
    blocks, stage1, stage2 = {}, [], []
    for i in range(0, len(values), BLOCK):
        block = tuple(values[i:i + BLOCK])
        if block not in blocks:
            blocks[block] = len(blocks)
            stage2 += block
        stage1.append(blocks[block])
    return stage1, stage2


def array(kind, name, values, show=str):
    print(f"const {kind} {name}[] = {{")
    line = "   "
    for value in values:
        text = f" {show(value)},"
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line + "\n};\n")


def write(records, properties, entries, data, index, compositions, scripts):
    property1, property2 = two_level(properties)
    decomposition1, decomposition2 = two_level(index)
    assert max(max(property1), max(decomposition1)) < 65536 and len(data) < 65536
    names = sorted({name for _, _, name in scripts} | {"Unknown"})
    print("// Generated by scripts/make_unicode_tables.py: the character tables of Hugging Face\n"
          f"// tokenizers {tokenizers.__version__}. Do not edit.")
    print('#include "firth/text/unicode_tables.h"\n\n// clang-format off\nnamespace firth::internal {\n')
    array("std::uint16_t", "kPropertyStage1", property1)
    array("std::uint16_t", "kPropertyStage2", property2)
    array("CodePointRecord", "kCodePointRecords", records, lambda r: "{%d, %d, %d}" % r)
    array("std::uint16_t", "kDecompositionStage1", decomposition1)
    array("std::uint16_t", "kDecompositionStage2", decomposition2)
    array("Decomposition", "kDecompositions", entries, lambda r: "{%d, %d, %d}" % r)
    array("char32_t", "kDecompositionData", data, hex)
    array("Composition", "kCompositions", compositions, lambda r: "{0x%x, 0x%x, 0x%x}" % r)
    print(f"const std::size_t kNumCompositions = {len(compositions)};\n")
    array("char* const", "kScriptNames", names, lambda n: f'"{n}"')
    array("ScriptRange", "kScriptRanges", scripts,
          lambda r: "{0x%x, 0x%x, %d}" % (r[0], r[1], names.index(r[2])))
    print(f"const std::size_t kNumScriptRanges = {len(scripts)};")
    print(f"const std::uint8_t kUnknownScript = {names.index('Unknown')};\n")
    print("}  // namespace firth::internal")


main()
