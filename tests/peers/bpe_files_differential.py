#!/usr/bin/env python3
"""Compares byte-level BPE in its older files with the programs that read them.

    tests/peers/bpe_files_differential.py build/firth TOKENIZER.json [--texts FILE]... [--rounds 3] [--seed 1]

TOKENIZER.json is a byte-level BPE tokenizer whose ids are tiktoken's ranks (GPT-2's, cl100k's, o200k's). From it
are made, in a scratch folder, a .tiktoken file, which tiktoken reads with its own expression, and folders with
vocab.json and merges.txt, which transformers reads as GPT-2's and RoBERTa's. Ids must be equal on random texts and
on the lines of the text files. Needs the Python packages tiktoken and transformers.
"""
import argparse
import base64
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from random_texts import random_text

PATTERNS = {50256: "r50k_base", 100256: "cl100k_base", 199998: "o200k_base"}


def byte_alphabet():
    printing = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printing]
    return {chr(c): byte for c, byte in [*zip(printing, printing), *((256 + i, byte) for i, byte in enumerate(others))]}


def firth_ids(program, model, texts, folder):
    source = pathlib.Path(folder, "texts.jsonl")
    source.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    command = [program, "tokenize", "--model", str(model), "--json", "--field", "text", str(source)]
    lines = subprocess.run(command, check=True, capture_output=True).stdout.decode().splitlines()
    return [json.loads(line)["ids"] for line in lines]


def compare(name, texts, found, expected):
    wrong = 0
    for text, got, want in zip(texts, found, expected, strict=True):
        if got != want:
            wrong += 1
            if wrong <= 3:
                print(f"{name}: text {text!r}\n  expected {want}\n  found    {got}")
    print(f"{name}: {len(texts)} texts, {wrong} differ")
    return wrong


def check_tiktoken(program, spec, texts, folder):
    import tiktoken
    import tiktoken_ext.openai_public as public

    alphabet = byte_alphabet()
    added = {token["content"] for token in spec["added_tokens"]}
    ranks = {bytes(alphabet[c] for c in token): rank for token, rank in spec["model"]["vocab"].items() if token not in added}
    name = PATTERNS[len(ranks)]
    path = pathlib.Path(folder, f"{name}.tiktoken")
    path.write_text("".join(f"{base64.b64encode(token).decode()} {rank}\n" for token, rank in sorted(ranks.items(), key=lambda x: x[1])))
    public.load_tiktoken_bpe = lambda *_, **__: ranks
    public.data_gym_to_mergeable_bpe_ranks = lambda *_, **__: ranks
    encoding = tiktoken.Encoding(**public.ENCODING_CONSTRUCTORS[name]())
    expected = [encoding.encode(text, allowed_special="all") for text in texts]
    return compare(path.name, texts, firth_ids(program, path, texts, folder), expected)


def check_folder(program, spec, texts, folder, kind, settings):
    import transformers

    path = pathlib.Path(folder, kind)
    path.mkdir()
    vocabulary = dict(spec["model"]["vocab"])
    for token in [added["content"] for added in spec["added_tokens"]] + ["<s>", "<pad>", "</s>", "<unk>", "<mask>"] * (kind != "gpt2"):
        vocabulary.setdefault(token, max(vocabulary.values()) + 1)
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in spec["model"]["merges"]]
    (path / "vocab.json").write_text(json.dumps(vocabulary))
    (path / "merges.txt").write_text("#version: 0.2\n" + "".join(merge + "\n" for merge in merges))
    (path / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    expected = [tokenizer(text).input_ids for text in texts]
    return compare(f"{kind} {settings}", texts, firth_ids(program, path, texts, folder), expected)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("tokenizer")
    parser.add_argument("--texts", action="append", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    texts = [line for path in arguments.texts for line in pathlib.Path(path).read_text().split("\n") if line]
    texts += [random_text(rng) for _ in range(200 * arguments.rounds)]
    texts += ["", " ", "a\n  ", "a \n \n", "<|endoftext|>b", "a<mask> b", "  <mask>c"]
    spec = json.loads(pathlib.Path(arguments.tokenizer).read_text())
    mask = {"content": "<mask>", "lstrip": True, "rstrip": False, "normalized": False, "single_word": False, "__type": "AddedToken"}
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        wrong += check_tiktoken(arguments.program, spec, texts, folder)
        kinds = [("gpt2", {"tokenizer_class": "GPT2Tokenizer"}),
                 ("gpt2-prefixed", {"tokenizer_class": "GPT2TokenizerFast", "add_prefix_space": True}),
                 ("roberta", {"tokenizer_class": "RobertaTokenizer", "mask_token": mask}),
                 ("bart", {"tokenizer_class": "BartTokenizer"}),
                 ("qwen2", {"tokenizer_class": "Qwen2Tokenizer"})]  # fmt: skip
        for kind, settings in kinds:
            wrong += check_folder(arguments.program, spec, texts, folder, kind, settings)
    sys.exit(wrong != 0)


main()
