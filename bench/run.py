#!/usr/bin/env python3
"""Times firth and its peers in turn on the same texts and prints the ratios.

    bench/run.py [--threads 1] [--texts mix|p128|FILE.json] [--count 400] [--rounds 5] [--out FILE.json]

Each engine is a process that loads its model once (bench/peers/protocol.py). A round calls every engine
once, one after another, so that a change of the machine's speed meets all of them; the figure is the
median over the rounds, and a ratio is the median of the rounds' ratios. Vectors are compared with those
of sentence-transformers: an engine that is fast at other vectors would not be a peer.
"""

import argparse
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from engines import ROOT, Engine, commit, cpu_name, rounds

PEERS = ["sentence-transformers", "onnxruntime", "openvino", "ctranslate2"]
REFERENCE = "sentence-transformers"


def read_texts(name, count, seed):
    path = ROOT / "bench/data/encoder_texts.json"
    texts = json.loads((path if name in ("mix", "p128") else pathlib.Path(name)).read_text())
    if isinstance(texts, dict):
        texts = texts[name]
    if count and count < len(texts):
        texts = random.Random(seed).sample(texts, count)
    return texts


def count_tokens(model, texts):
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.enable_truncation(256)
    tokenizer.no_padding()
    return sum(len(encoding.ids) for encoding in tokenizer.encode_batch(texts))


def cosines(engines, folder):
    import numpy

    vectors = {}
    for engine in engines:
        path = pathlib.Path(folder) / f"{engine.name}.npy"
        engine.ask(f"save {path}")
        values = numpy.load(path)
        vectors[engine.name] = values / numpy.linalg.norm(values, axis=1, keepdims=True)
    return {name: (values * vectors[REFERENCE]).sum(axis=1) for name, values in vectors.items()}


def table(engines, tokens, cosine):
    firth = engines[0]
    rows = []
    for engine in engines:
        ratios = [theirs / ours for ours, theirs in zip(firth.seconds, engine.seconds, strict=True)]
        rows.append({
            "engine": engine.name,
            "version": engine.about["version"],
            "tokens_per_second": tokens / statistics.median(engine.seconds),
            "spread": (max(engine.seconds) - min(engine.seconds)) / statistics.median(engine.seconds),
            "firth_is_faster_by": statistics.median(ratios),
            "cosine_mean": float(cosine[engine.name].mean()),
            "cosine_min": float(cosine[engine.name].min()),
            "load_seconds": engine.about["load_seconds"],
            "peak_mib": engine.ask("quit")["peak_mib"],
        })  # fmt: skip
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=pathlib.Path, default=ROOT / "models/all-MiniLM-L6-v2")
    parser.add_argument("--texts", default="mix", help="mix, p128, or a JSON list of strings")
    parser.add_argument("--count", type=int, default=400, help="texts taken at random; 0 = all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--engine", type=pathlib.Path, default=ROOT / "build/bench/embed_engine")
    parser.add_argument("--converted", type=pathlib.Path, default=ROOT / "build/bench/converted")
    parser.add_argument("--out", type=pathlib.Path, help="also write the figures as JSON")
    arguments = parser.parse_args()

    texts = read_texts(arguments.texts, arguments.count, arguments.seed)
    tokens = count_tokens(arguments.model, texts)
    worker = [sys.executable, str(ROOT / "bench/peers/encoder.py")]
    with tempfile.TemporaryDirectory() as folder:
        texts_file = pathlib.Path(folder) / "texts.json"
        texts_file.write_text(json.dumps(texts))
        common = [str(arguments.model), str(texts_file), str(arguments.threads)]
        if not (arguments.converted / "ctranslate2").exists():
            print("bench: converting the model for the peers", file=sys.stderr)
            subprocess.run([*worker, "convert", *common, str(arguments.converted)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        engines = [Engine("firth", [str(arguments.engine), *common], arguments.threads)]
        for peer in filter(None, arguments.peers.split(",")):
            print(f"bench: loading {peer}", file=sys.stderr)
            command = [*worker, peer, *common, str(arguments.converted)]
            engines.append(Engine(peer, command, arguments.threads))
        rounds(engines, arguments.rounds)
        names = {engine.name for engine in engines}
        cosine = cosines(engines, folder) if REFERENCE in names else None
        if cosine is None:
            raise SystemExit(f"bench: {REFERENCE} is the yardstick of the vectors: keep it among --peers")
        rows = table(engines, tokens, cosine)

    about = {
        "machine": cpu_name(), "level": engines[0].about.get("level"), "commit": commit(),
        "threads": arguments.threads, "texts": arguments.texts, "num_texts": len(texts), "num_tokens": tokens,
        "rounds": arguments.rounds, "roof_gflops": engines[0].about.get("roof_gflops"),
    }  # fmt: skip
    print(f"{about['machine']}, level {about['level']}, {arguments.threads} thread(s), commit {about['commit']}; "
          f"{len(texts)} texts of `{arguments.texts}`, {tokens} tokens, {arguments.rounds} rounds\n")  # fmt: skip
    print("| engine | tokens/s | firth is faster by | share of the roof | cosine mean / min | load s | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    # Products alone: 6 layers x (4 x 384^2 + 2 x 384 x 1536) multiply-adds a token.
    flops_per_token = 2 * 6 * (4 * 384 * 384 + 2 * 384 * 1536)
    for row in rows:
        roof = about["roof_gflops"]
        share = row["tokens_per_second"] * flops_per_token / (roof * 1e9 * arguments.threads) if roof else None
        row["share_of_roof"] = share
        print(f"| {row['engine']} ({row['version']}) | {row['tokens_per_second']:,.0f} | "
              f"{row['firth_is_faster_by']:.2f} | {f'{share:.0%}' if share else ''} | "
              f"{row['cosine_mean']:.6f} / {row['cosine_min']:.6f} | {row['load_seconds']:.2f} | "
              f"{row['peak_mib']:,.0f} |")  # fmt: skip
    if arguments.out:
        arguments.out.write_text(json.dumps({**about, "engines": rows}, indent=1) + "\n")


main()
