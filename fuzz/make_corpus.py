#!/usr/bin/env python3
"""Makes the first seeds of fuzz/corpus/: small well-formed inputs and the classic lies about them. What a
fuzzer finds is added beside them by hand. Usage: fuzz/make_corpus.py (writes next to itself)"""
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


make_safetensors()
make_npy()
make_records()
make_text()
