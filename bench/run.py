#!/usr/bin/env python3
"""Times firth and its peers in turn on the same texts and prints the ratios.

    bench/run.py [--precision f32|bf16|int8] [--level avx2] [--threads 1] [--texts mix|p128|FILE.json] [--count 400]
                 [--rounds 5] [--sts FILE.csv.gz] [--out FILE.json]

Each engine is a process that loads its model once (bench/peers/protocol.py). A round calls every engine
once, one after another, so that a change of the machine's speed meets all of them; the figure is the
median over the rounds, and a ratio is the median of the rounds' ratios. Vectors are compared with those
of sentence-transformers: an engine that is fast at other vectors would not be a peer.
"""

import argparse
import csv
import gzip
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile

from engines import LEVEL_ENVIRONMENT, ROOT, Engine, commit, cpu_name, rounds

REFERENCE = "sentence-transformers"
# The peers that have each precision. sentence-transformers in f32 is in every run, as the yardstick of the vectors.
# OpenVINO's int8 needs a program of its own and data to calibrate with, and is left out.
PEERS = {
    "f32": [REFERENCE, "onnxruntime", "openvino", "ctranslate2"],
    "bf16": [REFERENCE, "sentence-transformers-bf16", "openvino-bf16"],
    "int8": [REFERENCE, "onnxruntime-int8", "ctranslate2-int8"],
}


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


def read_pairs(path):
    """Pairs of sentences and what people thought of their likeness: rows of two texts and a number."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        return [(a, b, float(score)) for a, b, score in csv.reader(file)]


def ranks(values):
    import numpy

    _, places, counts = numpy.unique(values, return_inverse=True, return_counts=True)
    return (numpy.cumsum(counts) - (counts - 1) / 2)[places]


def sts_scores(commands, arguments, folder):
    """100 x Spearman's correlation of cosines with the judgements, engine after engine."""
    import numpy

    pairs = read_pairs(arguments.sts)
    texts_file = pathlib.Path(folder) / "sts.json"
    texts_file.write_text(json.dumps([text for a, b, _ in pairs for text in (a, b)]))
    scores = {}
    for name, command in commands.items():
        engine = Engine(name, command(texts_file), arguments.threads, arguments.level)
        engine.run()
        path = pathlib.Path(folder) / f"{name}-sts.npy"
        engine.ask(f"save {path}")
        engine.ask("quit")
        values = numpy.load(path)
        values /= numpy.linalg.norm(values, axis=1, keepdims=True)
        cosine = (values[0::2] * values[1::2]).sum(axis=1)
        scores[name] = 100 * numpy.corrcoef(ranks(cosine), ranks([score for _, _, score in pairs]))[0, 1]
    return scores


def table(engines, tokens, cosine, clock):
    times = {engine.name: engine.cpu_seconds if clock == "cpu" else engine.seconds for engine in engines}
    rows = []
    for engine in engines:
        seconds = times[engine.name]
        ratios = [theirs / ours for ours, theirs in zip(times["firth"], seconds, strict=True)]
        rows.append({
            "engine": engine.name,
            "version": engine.about["version"],
            "tokens_per_second": tokens / statistics.median(seconds),
            "spread": (max(seconds) - min(seconds)) / statistics.median(seconds),
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
    parser.add_argument("--precision", choices=PEERS, default="f32")
    parser.add_argument("--level", choices=LEVEL_ENVIRONMENT, default="", help="keep every engine to this level")
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall",
                        help="cpu: processor time, for machines that others use too")  # fmt: skip
    parser.add_argument("--sts", type=pathlib.Path, help="also score the engines on these pairs of sentences")
    parser.add_argument("--firth", type=pathlib.Path, default=ROOT / "build/firth")
    parser.add_argument("--peers", help="default: all that have the precision")
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
        if not (arguments.converted / "model-int8.onnx").exists():
            print("bench: converting the model for the peers", file=sys.stderr)
            subprocess.run([*worker, "convert", *common, str(arguments.converted)], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # fmt: skip
        own_model = arguments.model
        if arguments.precision == "int8":
            own_model = pathlib.Path(folder) / "firth-int8"
            command = [str(arguments.firth), "quantize", str(arguments.model), "-o", str(own_model)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        threads = str(arguments.threads)
        commands = {"firth": lambda texts: [
            str(arguments.engine), str(own_model), str(texts), threads, arguments.precision]}  # fmt: skip
        peers = PEERS[arguments.precision] if arguments.peers is None else arguments.peers.split(",")
        for peer in filter(None, peers):
            commands[peer] = lambda texts, peer=peer: [
                *worker, peer, str(arguments.model), str(texts), threads, str(arguments.converted)]  # fmt: skip
        engines = []
        for name, command in commands.items():
            print(f"bench: loading {name}", file=sys.stderr)
            engines.append(Engine(name, command(texts_file), arguments.threads, arguments.level))
        rounds(engines, arguments.rounds)
        names = {engine.name for engine in engines}
        cosine = cosines(engines, folder) if REFERENCE in names else None
        if cosine is None:
            raise SystemExit(f"bench: {REFERENCE} is the yardstick of the vectors: keep it among --peers")
        rows = table(engines, tokens, cosine, arguments.clock)
        sts = sts_scores(commands, arguments, folder) if arguments.sts else {}

    about = {
        "machine": cpu_name(), "level": engines[0].about.get("level"), "commit": commit(),
        "threads": arguments.threads, "texts": arguments.texts, "num_texts": len(texts), "num_tokens": tokens,
        "rounds": arguments.rounds, "precision": arguments.precision, "kept_to": arguments.level or "nothing",
        "clock": arguments.clock, "roof_gflops": engines[0].about.get("roof_gflops"),
    }  # fmt: skip
    print(f"{about['machine']}, level {about['level']}, {arguments.precision}, {arguments.threads} thread(s), commit {about['commit']}; "
          f"{len(texts)} texts of `{arguments.texts}`, {tokens} tokens, {arguments.rounds} rounds\n")  # fmt: skip
    print("| engine | tokens/s | firth is faster by | share of the roof | cosine mean / min | STS | load s | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    # Products alone: 6 layers x (4 x 384^2 + 2 x 384 x 1536) multiply-adds a token.
    flops_per_token = 2 * 6 * (4 * 384 * 384 + 2 * 384 * 1536)
    for row in rows:
        roof = about["roof_gflops"]
        share = row["tokens_per_second"] * flops_per_token / (roof * 1e9 * arguments.threads) if roof else None
        row["share_of_roof"] = share
        row["sts"] = sts.get(row["engine"])
        print(f"| {row['engine']} ({row['version']}) | {row['tokens_per_second']:,.0f} | "
              f"{row['firth_is_faster_by']:.2f} | {f'{share:.0%}' if share else ''} | "
              f"{row['cosine_mean']:.6f} / {row['cosine_min']:.6f} | "
              f"{'' if row['sts'] is None else format(row['sts'], '.2f')} | {row['load_seconds']:.2f} | "
              f"{row['peak_mib']:,.0f} |")  # fmt: skip
    if arguments.out:
        arguments.out.write_text(json.dumps({**about, "engines": rows}, indent=1) + "\n")


main()
