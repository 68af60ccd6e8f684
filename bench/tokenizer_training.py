#!/usr/bin/env python3
"""Times `firth train tokenizer` and the trainers of Hugging Face tokenizers in turn and prints the ratios.

    bench/tokenizer_training.py CORPUS.txt [--megabytes 20] [--threads 1,2] [--rounds 2] [--kinds bpe,unigram]

A round runs both, one after the other, each in a process of its own, from the file to the written tokenizer.json. What
counts is the processor time of the process (and its time on the clock), the best of the rounds, and the greatest
memory it had. The reference reads the file itself (Tokenizer.train) and from an iterator of Python; the better one
counts. Vocabularies are compared: WordPiece and Unigram differ in a few tokens, as the reference does from run to run.
Needs the Python package tokenizers.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KINDS = {"bpe": ("byte-level", 30000), "wordpiece": ("bert", 30000), "unigram": ("metaspace", 8000), "word": ("whitespace", 30000)}


def reference(kind, corpus, output, way):
    """Runs in a process of its own."""
    import tokenizers
    from tokenizers import models, normalizers, pre_tokenizers, trainers

    preset, vocab_size = KINDS[kind]
    model = {"bpe": models.BPE, "wordpiece": models.WordPiece, "unigram": models.Unigram, "word": models.WordLevel}[kind]
    tokenizer, options = tokenizers.Tokenizer(model()), {}
    if preset == "byte-level":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        options["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet()
    elif preset == "bert":
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    elif preset == "metaspace":
        tokenizer.normalizer, tokenizer.pre_tokenizer = normalizers.NFKC(), pre_tokenizers.Metaspace()
    else:
        tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = {"bpe": trainers.BpeTrainer, "wordpiece": trainers.WordPieceTrainer, "unigram": trainers.UnigramTrainer,
               "word": trainers.WordLevelTrainer}[kind](vocab_size=vocab_size, show_progress=False, **options)  # fmt: skip
    if way == "file":
        tokenizer.train([corpus], trainer)
    else:
        with open(corpus, encoding="utf-8", newline="\n") as file:
            tokenizer.train_from_iterator((line.rstrip("\n") for line in file), trainer)
    tokenizer.save(output)


def timed(command, env):
    start = time.time()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"bench: {' '.join(command)} failed")
    return {"cpu": usage.ru_utime + usage.ru_stime, "wall": time.time() - start, "megabytes": usage.ru_maxrss / 1024}


def better(a, b):
    return {key: min(a[key], b[key]) for key in a} if a else b


def vocabulary(path):
    vocab = json.loads(path.read_text())["model"]["vocab"]
    return {piece for piece, _ in vocab} if isinstance(vocab, list) else set(vocab)


def compare(arguments, kind, corpus, threads, folder):
    preset, vocab_size = KINDS[kind]
    ours, theirs = folder / "firth.json", folder / "reference.json"
    command = [arguments.program, "train", "tokenizer", kind, str(corpus), "-o", str(ours), "--vocab-size", str(vocab_size),
               "--preset", preset, "--special-tokens=", "--unk-token=", "--threads", str(threads), "--quiet"]  # fmt: skip
    env = {**os.environ, "RAYON_NUM_THREADS": str(threads), "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
    best = {"firth": None, "file": None, "iterator": None}
    for _ in range(arguments.rounds):
        best["firth"] = better(best["firth"], timed(command, env))
        for way in ("file", "iterator"):
            run = [sys.executable, __file__, "--reference", kind, way, str(corpus), str(theirs)]
            best[way] = better(best[way], timed(run, env))
    peer = min(best["file"], best["iterator"], key=lambda row: row["cpu"])
    shared = len(vocabulary(ours) & vocabulary(theirs)) / len(vocabulary(theirs))  # of the iterator, which came last
    row = {"kind": kind, "threads": threads, "firth": best["firth"], "tokenizers": peer, "shared": shared}
    print(f"| {kind}, {preset} | {threads} | {best['firth']['cpu']:.2f} | {peer['cpu']:.2f} | {peer['cpu'] / best['firth']['cpu']:.1f} | "
          f"{best['firth']['wall']:.2f} | {peer['wall']:.2f} | {peer['wall'] / best['firth']['wall']:.1f} | "
          f"{best['firth']['megabytes']:.0f} | {peer['megabytes']:.0f} | {shared:.4f} |", flush=True)  # fmt: skip
    return row


def main():
    if sys.argv[1:2] == ["--reference"]:
        kind, way, corpus, output = sys.argv[2:]
        reference(kind, corpus, output, way)
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--threads", default="1")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--program", default=str(ROOT / "build/firth"))
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        corpus = pathlib.Path(name, "corpus.txt")
        with open(arguments.corpus, "rb") as file, open(corpus, "wb") as copy:
            for line in file:  # this process stays small: what it holds would count for its children
                if copy.tell() + len(line) > arguments.megabytes * 1e6:
                    break
                copy.write(line)
        print(f"{arguments.corpus.name}, {corpus.stat().st_size / 1e6:.1f} MB, {platform.processor() or platform.machine()}\n")
        print("| kind, words | threads | firth s (processor) | tokenizers s | faster by | firth s (clock) | tokenizers s | faster by | "
              "firth MB | tokenizers MB | shared tokens |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|")  # fmt: skip
        for threads in map(int, arguments.threads.split(",")):
            for kind in arguments.kinds.split(","):
                rows.append(compare(arguments, kind, corpus, threads, pathlib.Path(name)))
    if arguments.out:
        arguments.out.write_text(json.dumps({"machine": platform.processor(), "runs": rows}, indent=1) + "\n")


main()
