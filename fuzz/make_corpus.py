#!/usr/bin/env python3
"""Makes the first seeds of fuzz/corpus/: small well-formed inputs and the classic lies about them. What a
fuzzer finds is added beside them by hand. Usage: fuzz/make_corpus.py (writes next to itself)"""
import base64
import gzip
import json
import pathlib
import struct

CORPUS = pathlib.Path(__file__).parent / "corpus"
FIXTURES = pathlib.Path(__file__).parent.parent / "tests" / "fixtures"


def seed(parser, name, content):
    path = CORPUS / parser / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def safetensors(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def npy(version, header, data=b""):
    text = header.encode() + b"\n"
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


def fasttext(kind=2, loss=2, bucket=3, words=("the", "</s>"), labels=(), quantized=False, kept=None, **lies):
    """A model of dimension 2; `lies` replace numbers of its head."""
    head = dict(magic=793712314, version=12, dim=2, ws=5, epoch=5, min_count=1, neg=5, ngrams=2, loss=loss,
                kind=kind, bucket=bucket, minn=2, maxn=3, rate=100) | {k: v for k, v in lies.items() if k != "size"}
    out = struct.pack("<14id", *head.values(), 1e-4)
    out += struct.pack("<3iqq", lies.get("size", len(words) + len(labels)), len(words), len(labels), 9, -1 if kept is None else len(kept))
    for text, type in [(w, 0) for w in words] + [(label, 1) for label in labels]:
        out += text.encode() + b"\0" + struct.pack("<qb", 3, type)
    for i, bucket in enumerate(kept or []):
        out += struct.pack("<2i", bucket, i)
    rows = len(words) + (bucket if kept is None else len(kept))
    numbers = [i / 8 for i in range(2 * rows)]
    quantizer = lambda dim: struct.pack("<4i", dim, dim, 1, 1) + struct.pack(f"<{256 * dim}f", *[i / 99 for i in range(256 * dim)])
    if quantized:
        out += struct.pack("<bbqqi", 1, 1, rows, 2, 2 * rows) + bytes(2 * rows) + quantizer(2) + bytes(rows) + quantizer(1)
    else:
        out += struct.pack(f"<bqq{2 * rows}f", 0, rows, 2, *numbers)
    rows = len(labels) if kind == 3 else len(words)
    return out + struct.pack(f"<bqq{2 * rows}f", 0, rows, 2, *[0.5] * (2 * rows))


def make_words():
    seed("fasttext", "skipgram", fasttext())
    seed("fasttext", "chinese", fasttext(words=("\u4e2d\u6587", "</s>")))
    labels = ("__label__a", "__label__b", "__label__c")
    for loss in range(1, 5):
        seed("fasttext", f"supervised_{loss}", fasttext(kind=3, loss=loss, labels=labels))
    seed("fasttext", "quantized", fasttext(kind=3, loss=3, labels=labels, quantized=True, kept=[2]))
    seed("fasttext", "version_11", fasttext(kind=3, loss=3, labels=labels, version=11))
    seed("fasttext", "no_labels", fasttext(kind=3, loss=3))
    seed("fasttext", "cut_short", fasttext()[:-3])
    seed("fasttext", "too_long", fasttext() + b"x")
    seed("fasttext", "buckets_without_rows", fasttext(bucket=0)[:46] + struct.pack("<i", 9) + fasttext(bucket=0)[50:])
    for name, lie in {"dim_0": {"dim": 0}, "dim_large": {"dim": 1 << 19}, "negative": {"dim": -2}, "entries": {"size": 1 << 30},
                      "newer": {"version": 13}, "loss_9": {"loss": 9}, "maxn_large": {"maxn": 1 << 29}}.items():
        seed("fasttext", "lie_" + name, fasttext(**lie))
    floats = struct.pack("<2f", 0.5, -1.0)
    seed("word_vectors", "binary", b"2 2\nthe " + floats + b"\ncat " + floats + b"\n")
    seed("word_vectors", "binary_gensim", b"2 2\nthe " + floats + b"cat " + floats)
    seed("word_vectors", "text", "2 2\nthe 0.5 -1\ncat 1e-3 2\n")
    seed("word_vectors", "glove", "the 0.5 -1\n. . . 1 2\n  3 4\nna\u00efve 5 6\n")
    seed("word_vectors", "head_lies", "2 999999999999\nthe 0.5 -1\n")
    seed("word_vectors", "head_overflows", "18446744073709551615 4611686018427387904\nthe 1\n")
    seed("word_vectors", "count_lies", b"3 2\nthe " + floats)
    seed("word_vectors", "nan", b"1 2\nthe \0\0\xc0\x7f\0\0\0\0")
    seed("word_vectors", "twice", "the 1 2\nthe 3 4\n")
    seed("word_vectors", "gzip", gzip.compress(b"the 1 2\n", mtime=0))
    seed("word_vectors", "fasttext", fasttext())


def make_bpe_files():
    every_byte = "".join(f"{base64.b64encode(bytes([b])).decode()} {b}\n" for b in range(256))
    seed("bpe_files", "tiktoken_bytes", "0" + every_byte)
    seed("bpe_files", "tiktoken_merges", "0" + every_byte + "dGg= 256\ndGhl 257\n")
    seed("bpe_files", "tiktoken_hole", "0" + every_byte[:-20])
    seed("bpe_files", "merges", "1#version: 0.2\na b\nab c\na a\naa aa\n")
    seed("bpe_files", "merges_of_unknown", "1a x\n")
    seed("regex", "words", "\\w+|[^\\w\\s]+\nthe cat, sat")
    seed("regex", "empty_matches", "x*\nabxxc")
    seed("regex", "lookaround", "(?<=a)b(?!c)|\\s+(?!\\S)\nab abc  b ")
    seed("regex", "explodes", "(a|a?)+$\n" + "a" * 40 + "b")
    model = {"type": "BPE", "vocab": {"a": 0, "b": 1, "ab": 2, "<0x63>": 3, "?": 4}, "merges": ["a b"]}
    for name, extra in [("plain", {}), ("unknown", {"unk_token": "?", "fuse_unk": True}),
                        ("bytes", {"byte_fallback": True, "end_of_word_suffix": "c"})]:
        split = {"type": "Split", "pattern": {"Regex": "\\s"}, "behavior": "MergedWithNext", "invert": False}
        seed("tokenizer_json", f"bpe_{name}", json.dumps(
            {"version": "1.0", "pre_tokenizer": split, "model": {**model, **extra}}))


def make_safetensors():
    two = {"a": tensor("F32", [2], 0, 8), "b": tensor("BF16", [1, 2], 8, 12)}
    seed("safetensors", "two_tensors", safetensors({"__metadata__": {"format": "pt"}, **two}, bytes(12)))
    seed("safetensors", "every_dtype", safetensors(
        {t: tensor(t, [0], 0, 0) for t in ("F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL", "F8_E4M3")}))
    seed("safetensors", "scalar", safetensors({"s": tensor("I64", [], 0, 8)}, bytes(8)))
    seed("safetensors", "unaligned", safetensors({"u": tensor("U8", [1], 0, 1), "f": tensor("F32", [1], 1, 5)}, bytes(5)))
    seed("safetensors", "overlap", safetensors({"a": tensor("U8", [4], 0, 4), "b": tensor("U8", [4], 2, 6)}, bytes(6)))
    seed("safetensors", "hole", safetensors({"a": tensor("U8", [1], 0, 1), "b": tensor("U8", [1], 2, 3)}, bytes(3)))
    seed("safetensors", "shape_overflows", safetensors({"a": tensor("F32", [2**62, 4], 0, 0)}))
    seed("safetensors", "header_longer_than_file", safetensors(two, length=2**40))
    seed("safetensors", "header_length_overflows", safetensors(two, length=2**64 - 1))
    seed("safetensors", "data_cut_short", safetensors(two, bytes(11)))
    seed("safetensors", "name_twice", safetensors(b'{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}'))


def make_hub_listing():
    def file(path, **more):
        return {"type": "file", "path": path, "size": 3, "oid": "a" * 40, **more}

    lfs = {"oid": "b" * 64, "size": 1000, "pointerSize": 134}
    seed("hub_listing", "revision", json.dumps({"id": "a/b", "sha": "1" * 40, "siblings": [
        {"rfilename": "config.json"}, {"rfilename": "1_Pooling/config.json"}]}))
    seed("hub_listing", "tree", json.dumps([{"type": "directory", "path": "1_Pooling"}, file("config.json"),
                                            file("model.safetensors", lfs=lfs), file("1_Pooling/config.json")]))
    seed("hub_listing", "names_out", json.dumps([file("../config.json"), file("/etc/config.json")]))
    seed("hub_listing", "backslash", json.dumps([file("..\\config.json")]))
    seed("hub_listing", "nul", json.dumps([file("config.json\0")]))
    seed("hub_listing", "case", json.dumps([file("a.model"), file("A.model")]))
    seed("hub_listing", "sha_is_a_path", json.dumps({"sha": "../x"}))
    seed("hub_listing", "size_overflows", json.dumps([file("config.json", lfs={**lfs, "size": 2**63})]))
    seed("hub_listing", "name", "org/name@refs/pr/1")


def make_npy():
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }"
    seed("npy", "f32", npy(1, text % ("<f4", False, "(2, 3)"), bytes(24)))
    seed("npy", "f16_version_2", npy(2, text % ("<f2", False, "(2,)"), bytes(4)))
    seed("npy", "f64_fortran", npy(1, text % ("<f8", True, "(2, 2)"), bytes(32)))
    seed("npy", "big_endian", npy(3, text % (">i4", False, "(1, 1)"), bytes(4)))
    seed("npy", "scalar", npy(1, text % ("|u1", False, "()"), bytes(1)))
    seed("npy", "object", npy(1, text % ("|O", False, "(1,)"), b"\x80\x04N."))
    seed("npy", "shape_overflows", npy(1, text % ("<f4", False, "(4611686018427387904, 4, 4)")))
    seed("npy", "negative", npy(1, text % ("<f4", False, "(-1, 2)"), bytes(8)))
    seed("npy", "cut_short", npy(1, text % ("<f4", False, "(2, 3)"), bytes(23)))
    seed("npy", "magic_only", b"\x93NUMPY\x01\x00")


def make_records():
    seed("records", "lines", "tone\n\ntwo\r\nno end")
    seed("records", "jsonl", 'j{"id":1,"text":"caf\\u00e9 \\ud83d\\ude00"}\n\n{"id":"b","text":""}\n')
    seed("records", "jsonl_broken", 'j{"id":1,"text":"a"}\n{"id":2,"text":"b"\n')
    seed("records", "jsonl_lone_surrogate", 'j{"id":1,"text":"\\ud800"}\n')
    seed("records", "jsonl_deep", "j" + "[" * 2000)
    seed("records", "csv", 'cid,text\r\n1,"say ""hi"",\nfriend"\r\n2,plain\r\n')
    seed("records", "csv_open_quote", 'cid,text\n1,"never closed\n')
    seed("records", "csv_short_row", "cid,text\n1\n")
    seed("records", "csv_byte_order_mark", "c\ufeffid,text\n1,a\n")
    seed("records", "tsv", "vid\ttext\n1\ta b\n")
    seed("records", "invalid_utf8", b"tgood\nbad \xff\xfe\xc3\n")
    seed("records", "gzip", b"t" + gzip.compress(b"one\ntwo\n", mtime=0))
    seed("records", "gzip_cut_short", b"t" + gzip.compress(b"one\ntwo\n", mtime=0)[:-9])
    seed("records", "gzip_bomb", b"t" + gzip.compress(bytes(1 << 22), mtime=0))


def make_text():
    seed("json", "every_kind", '{"a":[1,-2.5e300,true,null,"\\u0000\\n"],"b":{"c":18446744073709551615}}')
    seed("json", "key_twice", '{"a":1,"a":2}')
    seed("json", "deep", "[" * 1100 + "]" * 1100)
    seed("json", "number_too_large", "[1e999, 123456789012345678901234567890]")
    seed("json", "invalid_utf8", b'["\xff\xc3"]')
    for name in ("limits-right", "wordpiece-cased"):
        # The whole file would be slow to mutate: its parts with a vocabulary of a few words.
        document = json.loads((FIXTURES / "tokenizers" / name / "tokenizer.json").read_text())
        keep = {token["content"] for token in document["added_tokens"]} | {"the", "a", "##b", "caf"}
        vocabulary = document["model"]["vocab"]
        document["model"]["vocab"] = {word: i for word, i in vocabulary.items() if word in keep}
        seed("tokenizer_json", name, json.dumps(document))
    seed("vocab_txt", "small", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\ncat\ns\n##at\n")
    seed("vocab_txt", "word_twice", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\nthe\n\n\n")
    seed("vocab_txt", "no_unknown", "[CLS]\n[SEP]\nthe\n")
    for name, text in {
            "words": "Hello, world! unaffable don't", "chinese": "中文分词很有趣", "emoji": "👩‍👩‍👧 😀️ ok",
            "accents": "Café naïve İstanbul ﬁne ①", "special": "[CLS] x [MASK][SEP][UNK]", "long": "a" * 300,
            "controls": "a\u0000b\u200bc\u00add\ufffd\u2028e", "combining": "e\u0301\u0301\u0301 \u0301x"}.items():
        seed("word_piece", name, text)
    seed("word_piece", "invalid_utf8", b"ok \xff\xed\xa0\x80\xf4\x90\x80\x80\xc0\xaf end\xe2\x82")


def field(number, value):
    """Of a protobuf message: an integer, a float or bytes."""
    if isinstance(value, bytes):
        return bytes([number << 3 | 2]) + varint(len(value)) + value
    if isinstance(value, float):
        return bytes([number << 3 | 5]) + struct.pack("<f", value)
    return varint(number << 3) + varint(value)


def varint(value):
    low = value & 0x7F
    return bytes([low]) if value < 0x80 else bytes([low | 0x80]) + varint(value >> 7)


def piece(text, score=-1.0, kind=1):
    return field(1, field(1, text.encode()) + field(2, score) + field(3, kind))


def charsmap():
    """Turns whatever begins with "A" into "bc", and "\\r" into nothing."""
    units = [0] * 0x300
    units[0] = 0x100 << 10
    for byte, value in ((0x41, 0), (0x0D, 2)):
        node, leaf = 0x100 ^ byte, 0x200 + byte
        units[node] = (node ^ leaf) << 10 | 1 << 8 | byte
        units[leaf] = 1 << 31 | value
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + b"bc\0"


def make_sentencepiece():
    pieces = piece("<unk>", 0.0, 2) + piece("<s>", 0.0, 3) + b"".join(
        piece(text, -float(i)) for i, text in enumerate(["\u2581", "a", "\u2581a", "b", "c", "bc", "\u2581The", "e", "\u00e9", "quick"]))
    all_bytes = b"".join(piece(f"<0x{byte:02X}>", 0.0, 6) for byte in range(256))
    defined = piece("th", 0.0, 4) + piece("\u2581\u2581", 0.0, 4)
    trainer = lambda **fields: field(2, b"".join(field({"type": 3, "suffix": 24, "bytes": 35}[k], v) for k, v in fields.items()))
    for name, kind in (("unigram", 1), ("bpe", 2), ("word", 3), ("char", 4)):
        seed("sentencepiece", name, pieces + trainer(type=kind))
    seed("sentencepiece", "bpe_unused", pieces + piece("ab", -0.5, 5) + piece("abc", -3.0, 1) + trainer(type=2))
    seed("sentencepiece", "bpe_defined", pieces + defined + trainer(type=2, suffix=1))
    seed("sentencepiece", "unigram_defined", pieces + defined + trainer(type=1))
    seed("sentencepiece", "unigram_bytes", pieces + all_bytes + trainer(type=1, bytes=1))
    seed("sentencepiece", "bpe_bytes", pieces + all_bytes + trainer(type=2, bytes=1))
    seed("sentencepiece", "charsmap", pieces + field(3, field(2, charsmap()) + field(3, 0) + field(4, 0) + field(5, 0)))
    seed("sentencepiece", "denormalizer", pieces + field(5, field(2, charsmap())))
    seed("sentencepiece", "cut", (pieces + trainer(type=1))[:-3])
    seed("sentencepiece", "length_lies", pieces + b"\x0a\xff\xff\xff\xff\x0f")
    seed("precompiled", "small", charsmap())
    seed("precompiled", "value_outside", charsmap()[:-3])
    seed("precompiled", "trie_outside", charsmap()[:100])
    seed("precompiled", "size_lies", b"\xff\xff\xff\xff" + charsmap()[4:])
    seed("precompiled", "not_utf8", charsmap() + b"\xff")
    for name in ("words", "chinese", "emoji", "accents", "controls", "combining"):
        seed("unigram", name, (CORPUS / "word_piece" / name).read_bytes())
    seed("unigram", "spaces", "  a\u2581 \u3000b\r\n\u0301 \u00a0")
    whole = lambda **parts: json.dumps({"version": "1.0", "added_tokens": [], **parts}, ensure_ascii=False)
    unigram = {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["\u2581", -1], ["a", -2.5], ["\u2581a", -1.5], ["<0x41>", -3]]}
    metaspace = {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first", "split": True}
    replace = {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "\u2581"}
    seed("tokenizer_json", "unigram.json", whole(model=unigram, pre_tokenizer=metaspace, decoder=metaspace, normalizer={
        "type": "Sequence", "normalizers": [{"type": "Precompiled", "precompiled_charsmap": base64.b64encode(charsmap()).decode()}, replace]}))
    seed("tokenizer_json", "unigram_bytes.json", whole(
        model={**unigram, "byte_fallback": True, "unk_id": None}, normalizer={"type": "ByteLevel"},
        pre_tokenizer={"type": "Sequence", "pretokenizers": [{"type": "UnicodeScripts"}, {"type": "FixedLength", "length": 3}]},
        decoder={"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 1},
                                                  {"type": "CTC", "pad_token": "", "word_delimiter_token": "", "cleanup": True}]}))


make_safetensors()
make_bpe_files()
make_hub_listing()
make_npy()
make_records()
make_text()
make_sentencepiece()
make_words()
