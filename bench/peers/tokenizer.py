"""A peer of bench/tokenization.py: tokenizes the lines of files with one library, on one thread.

    tokenizer.py LIBRARY TOKENIZER.json PASSES FILE...

Prints a line of JSON for each file: MB/s of processor time on the first pass and on the best one, the number of ids
and the checksum that bench/tokenizer_bench prints. LIBRARY is tokenizers, tokie, fastokens, tiktoken or bpe-openai
(the last two know the ranks of cl100k and o200k themselves: TOKENIZER.json only names which).
"""

import importlib.metadata
import json
import os
import pathlib
import sys
import time

os.environ["RAYON_NUM_THREADS"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


def byte_ranks(path):
    printing = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printing]
    alphabet = {chr(c): byte for c, byte in [*zip(printing, printing), *((256 + i, b) for i, b in enumerate(others))]}
    spec = json.loads(pathlib.Path(path).read_text())
    added = {token["content"] for token in spec["added_tokens"]}
    vocabulary = spec["model"]["vocab"].items()
    return {bytes(alphabet[c] for c in token): rank for token, rank in vocabulary if token not in added}


def open_encoder(library, path):
    """A function from a text to its ids."""
    if library == "tokenizers":
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(path)
        return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    if library == "tokie":
        import tokie

        tokenizer = tokie.Tokenizer.from_json(path)
        return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    if library == "fastokens":
        import fastokens

        tokenizer = fastokens.Tokenizer.from_file(path)
        return lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    ranks = byte_ranks(path)
    name = {50256: "r50k_base", 100256: "cl100k_base", 199998: "o200k_base"}[len(ranks)]
    if library == "bpe-openai":
        import bpe_openai

        return bpe_openai.get_encoding(name).encode
    import tiktoken
    import tiktoken_ext.openai_public as public

    public.load_tiktoken_bpe = lambda *_, **__: ranks
    public.data_gym_to_mergeable_bpe_ranks = lambda *_, **__: ranks
    return tiktoken.Encoding(**public.ENCODING_CONSTRUCTORS[name]()).encode_ordinary


def main():
    library, tokenizer, passes, *files = sys.argv[1:]
    start = time.process_time()
    encode = open_encoder(library, tokenizer)
    opened = time.process_time() - start
    for file in files:
        data = pathlib.Path(file).read_bytes()
        lines = data.decode().removesuffix("\n").split("\n")
        seconds = []
        for _ in range(int(passes)):
            start = time.process_time()
            results = [encode(line) for line in lines]
            seconds.append(time.process_time() - start)
        ids = [i for result in results for i in result]
        checksum = sum((i + 1) * value for i, value in enumerate(ids)) % 2**64
        print(json.dumps({
            "file": file, "first": len(data) / 1e6 / seconds[0], "best": len(data) / 1e6 / min(seconds),
            "ids": len(ids), "checksum": checksum, "open_seconds": opened,
            "version": importlib.metadata.version(library),
        }), flush=True)  # fmt: skip


main()
