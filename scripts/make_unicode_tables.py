#!/usr/bin/env python3
"""Writes firth/text/unicode_tables.cc.

A tokenizer's ids depend on which Unicode version its parts were compiled with, and the reference
(Hugging Face tokenizers) mixes several: Rust's char for case and white space, one crate for
categories, others for normalization and for grapheme clusters, a table of its own for scripts. So
its tables are not read from Unicode's files but asked of the installed library, code point by code
point. Canonical combining classes are Python's
(they never change once assigned) where the library agrees that the code point is assigned. Scripts,
which serve messages only, are those of Perl's Unicode::UCD.

    python scripts/make_unicode_tables.py > firth/text/unicode_tables.cc
"""
import base64
import struct
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


def cluster_counter():
    """count(texts): for each text, in how many steps a Precompiled normalizer takes it.

    Its map turns whatever begins with any byte but a line feed into Z. The reference looks a whole grapheme
    cluster up where that has fewer than six bytes, which gives one Z, and else its characters one by one. So
    the number of Zs tells where clusters end, as far as that can matter.
    """
    # A double array: the root's children lie at base ^ byte, each with one leaf, whose value is 0 = "Z".
    root_base, units = 0x100, [0] * 0x400
    units[0] = root_base << 10
    for byte in range(1, 256):
        if byte != 0x0A:
            node, leaf = root_base ^ byte, 0x200 + byte
            units[node] = (node ^ leaf) << 10 | 1 << 8 | byte
            units[leaf] = 1 << 31
    trie = struct.pack(f"<{len(units)}I", *units)
    charsmap = struct.pack("<I", len(trie)) + trie + b"Z\0"
    normalizer = normalizers.Precompiled(charsmap)

    def count(texts):
        lines = normalizer.normalize_str("\n".join(texts)).split("\n")
        assert len(lines) == len(texts)
        return [len(line) for line in lines]

    return count


def grapheme_classes():
    """{code point: number in GraphemeClass of unicode.h}; what is missing is Other."""
    count = cluster_counter()
    mark, lead, vowel, linker, letter = "\u0301", "\u1100", "\u1161", "\u094d", "\u0915"
    result = {0x0A: 1, 0x0D: 1}
    for chunk in chunks():
        chars = [chr(c) for c in chunk if c not in (0x0A, 0x0D)]

        def holds(text, steps):
            """Whether text(c) takes `steps` steps, for each c."""
            return [n == steps for n in count([text(c) for c in chars])]

        rows = zip(chars, holds(lambda c: "a" + c, 1), holds(lambda c: c + "a", 1), holds(lambda c: c + mark, 1),
                   holds(lambda c: "\xa9\u200d" + c, 3), holds(lambda c: f"\xa9{c}\u200d\xa9{mark}", 5),
                   holds(lambda c: lead + c + mark, 3), holds(lambda c: vowel + c + mark, 3), holds(lambda c: c + vowel + mark, 3),
                   holds(lambda c: c + linker + letter + mark, 4), holds(lambda c: letter + c + letter + mark, 4),
                   holds(lambda c: letter + c + linker + letter + mark, 5), strict=True)  # fmt: skip
        for c, joins, prepends, marked, picture, extends, after_lead, after_vowel, before_vowel, first, links, passes in rows:
            code = ord(c)
            if code == 0x200D:
                value = 3
            elif joins and links:
                value = 5
            elif joins and extends:
                value = 2 if passes else 4
            elif joins:
                value = 6
            elif prepends:
                value = 7
            elif not marked and len(c.encode()) < 4:
                value = 1
            elif picture:
                value = 8
            elif first:
                value = 9
            elif len(c.encode()) == 3 and (after_lead or after_vowel):
                # L joins what L and V can follow; LV and LVT follow L only, V follows both, T follows V.
                value = (11 if before_vowel else 12) if after_lead and after_vowel else 12 if after_vowel else (
                    10 if code < 0xAC00 or code > 0xD7A3 else 13 if before_vowel else 14)
            else:
                continue
            result[code] = value
    return result


def script_classes():
    """{code point: script, a number from 1} as the pre-tokenizer UnicodeScripts has it: 0 is none, and
    Hiragana and Katakana are Han."""
    split = pre_tokenizers.UnicodeScripts().pre_tokenize_str
    starts = {begin for _, (begin, _) in split("".join(map(chr, CODE_POINTS)))}
    runs = []
    for i, c in enumerate(CODE_POINTS):
        if i in starts:
            runs.append([c])
        else:
            runs[-1].append(c)
    representatives, result = [], {}
    for run in runs:
        for c in run:
            # What belongs to no script joins both neighbours.
            if len(split("a" + chr(c))) == 1 and len(split("\u0416" + chr(c))) == 1:
                result[c] = 0
                continue
            if c != run[0] and result[run[0]] != 0:
                result[c] = result[run[0]]
                continue
            same = [i for i, other in enumerate(representatives) if len(split(other + chr(c))) == 1]
            if not same:
                representatives.append(chr(c))
                same = [len(representatives) - 1]
            assert len(same) == 1
            result[c] = same[0] + 1
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
    graphemes, scripts = grapheme_classes(), script_classes()
    record = lambda c: (flags[c], classes.get(c, 0), graphemes.get(c, 0), scripts.get(c, 0), lower_delta.get(c, 0))
    records = sorted({record(c) for c in range(LIMIT)})
    number = {r: i for i, r in enumerate(records)}
    properties = [number[record(c)] for c in range(LIMIT)]

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
    array("CodePointRecord", "kCodePointRecords", records, lambda r: "{%d, %d, %d, %d, %d}" % r)
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
