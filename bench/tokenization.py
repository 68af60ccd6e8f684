#!/usr/bin/env python3
"""Times firth's tokenizers and their peers in turn on the same texts and prints the ratios.

    bench/tokenization.py TOKENIZER.json... --texts FILE... [--rounds 3] [--passes 8] [--peers a,b] [--out FILE.json]

A round runs every engine once, one after another, each in a process of its own and once for each file of texts: its
first pass is a cold one, the best of its passes a warm one. Figures are MB of text per second of processor time, on
one thread; of the rounds the best counts. firth's ids must be those of each peer: where they differ, it is said, and
the figure is no comparison.

    bench/tokenization.py --nasty TOKENIZER.json     t(2n)/t(n) of firth on texts that are hard to cut, up to a megabyte
"""

import argparse
import json
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ["tokie", "fastokens", "bpe-openai", "tiktoken", "tokenizers"]
LINE = re.compile(r": ([\d.]+) MB/s \(first pass ([\d.]+)\), \d+ lines, (\d+) ids, checksum (\d+)")
UNITS = {"one letter": "a", "spaces": " ", "underscores": "_", "digits": "7", "marks": "\u0301", "joiners": "\u200d",
         "Chinese": "\u4e2d", "no spaces": "notaspaceinsight", "line breaks": "\n ", "capitals": "aB"}  # fmt: skip


def run_firth(program, tokenizer, file):
    text = subprocess.run([program, tokenizer, file], check=True, capture_output=True, text=True).stdout
    best, first, ids, checksum = LINE.search(text).groups()
    return {"best": float(best), "first": float(first), "ids": int(ids), "checksum": int(checksum), "version": ""}


def run_peer(library, tokenizer, passes, file):
    command = [sys.executable, str(ROOT / "bench/peers/tokenizer.py"), library, tokenizer, str(passes), file]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        print(f"bench: {library} does not read {tokenizer}: {result.stderr.strip().splitlines()[-1]}", file=sys.stderr)
        return None
    return json.loads(result.stdout)


def compare(arguments, tokenizer, file):
    engines = {"firth": lambda: run_firth(arguments.program, tokenizer, file)}
    for peer in filter(None, arguments.peers.split(",")):
        engines[peer] = lambda peer=peer: run_peer(peer, tokenizer, arguments.passes, file)
    best = {}
    for _ in range(arguments.rounds):
        for name, run in list(engines.items()):
            found = run()
            if found is None:
                del engines[name]
                continue
            old = best.setdefault(name, found)
            best[name] = {**found, "best": max(found["best"], old["best"]), "first": max(found["first"], old["first"])}
    ours = best["firth"]
    name = f"{pathlib.Path(tokenizer).name}, {pathlib.Path(file).name}"
    print(f"\n{name}\n\n| engine | warm MB/s | firth is faster by | first pass MB/s | firth is faster by | ids |")
    print("|---|---:|---:|---:|---:|---|")
    for engine, row in best.items():
        row["equal_ids"] = (row["ids"], row["checksum"]) == (ours["ids"], ours["checksum"])
        print(f"| {engine} {row['version']} | {row['best']:.1f} | {ours['best'] / row['best']:.2f} | {row['first']:.1f} | "
              f"{ours['first'] / row['first']:.2f} | {'equal' if row['equal_ids'] else 'differ'} |")  # fmt: skip
    return {"tokenizer": pathlib.Path(tokenizer).name, "texts": pathlib.Path(file).name, "engines": best}


def nasty(arguments, tokenizer):
    print(f"\n{pathlib.Path(tokenizer).name}: seconds for a text of one unit again and again\n")
    print("| unit | 256 kB | 512 kB | 1 MB | t(2n)/t(n) |\n|---|---:|---:|---:|---:|")
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, unit in UNITS.items():
            times = []
            for size in (1 << 18, 1 << 19, 1 << 20):
                path = pathlib.Path(folder, "text.jsonl")
                path.write_bytes((unit * size).encode()[:size].decode(errors="ignore").replace("\n", "\r").encode())
                runs = [run_firth(arguments.program, tokenizer, str(path)) for _ in range(3)]
                times.append(size / 1e6 / max(run["first"] for run in runs))
            ratio = max(times[1] / times[0], times[2] / times[1])
            worst = max(worst, ratio)
            print(f"| {name} | " + " | ".join(f"{t:.4f}" for t in times) + f" | {ratio:.2f} |")
    print(f"\nthe greatest ratio: {worst:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tokenizers", nargs="+")
    parser.add_argument("--texts", nargs="+", default=[])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--passes", type=int, default=8)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--program", default=str(ROOT / "build/bench/tokenizer_bench"))
    parser.add_argument("--nasty", action="store_true")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.nasty:
        for tokenizer in arguments.tokenizers:
            nasty(arguments, tokenizer)
        return
    rows = [compare(arguments, tokenizer, file) for tokenizer in arguments.tokenizers for file in arguments.texts]
    if arguments.out:
        arguments.out.write_text(json.dumps({"machine": platform.processor(), "runs": rows}, indent=1) + "\n")


main()
