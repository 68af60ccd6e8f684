#!/usr/bin/env python3
"""Times exact search beside faiss and numpy and prints the ratios.

    bench/search.py [--rows 100000] [--dim 384] [--queries 1000] [--threads 1] [--rounds 5] [--out FILE.json]

Rows are unit vectors near some hundred centres, queries are rows with noise, both of a fixed seed, so that
neighbours are as close to one another as those of real texts. Engines are called in turn (bench/engines.py);
recall is the share of the ten hits that float64 arithmetic gives.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import numpy as np
from engines import ROOT, Engine, commit, cpu_name, rounds

FIRTH = ["f32", "int8", "binary"]
PEERS = ["faiss-flat", "numpy", "faiss-sq8", "faiss-binary"]


def near(centres, count, noise, random):
    rows = centres[random.integers(0, len(centres), count)]
    rows = rows + noise / np.sqrt(rows.shape[1]) * random.standard_normal(rows.shape, dtype=np.float32)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def true_hits(rows, queries):
    wide = rows.astype(np.float64).T
    found = []
    for begin in range(0, len(queries), 64):
        scores = queries[begin : begin + 64].astype(np.float64) @ wide
        found.append(np.argpartition(scores, -10, axis=1)[:, -10:])
    return np.concatenate(found)


def recall(truth, found):
    same = [len(set(a) & set(b)) for a, b in zip(truth.tolist(), found.tolist(), strict=True)]
    return sum(same) / truth.size


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--dim", type=int, default=384)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--engine", type=pathlib.Path, default=ROOT / "build/bench/search_engine")
    parser.add_argument("--out", type=pathlib.Path, help="also write the figures as JSON")
    arguments = parser.parse_args()

    random = np.random.default_rng(arguments.seed)
    centres = near(np.zeros((1, arguments.dim), np.float32), 300, 1, random)
    rows = near(centres, arguments.rows, 1, random)
    queries = near(rows, arguments.queries, 0.5, random)
    truth = true_hits(rows, queries)
    peers = [name for name in arguments.peers.split(",") if name]
    with tempfile.TemporaryDirectory() as folder:
        files = [f"{folder}/rows.npy", f"{folder}/queries.npy"]
        for file, values in zip(files, (rows, queries), strict=True):
            np.save(file, values)
        common = [*files, str(arguments.threads)]
        worker = [sys.executable, str(ROOT / "bench/peers/search.py")]
        engines = [Engine(f"firth {form}", [str(arguments.engine), form, *common], arguments.threads)
                   for form in FIRTH]  # fmt: skip
        engines += [Engine(peer, [*worker, peer, *common], arguments.threads) for peer in peers]
        rounds(engines, arguments.rounds)
        table = []
        for engine in engines:
            engine.ask(f"save {folder}/found.npy")
            seconds = statistics.median(engine.seconds)
            table.append({
                "engine": engine.name, "version": engine.about["version"],
                "queries_per_second": len(queries) / seconds,
                "gflops": 2 * rows.size * len(queries) / seconds * 1e-9,
                "recall": recall(truth, np.load(f"{folder}/found.npy").astype(int)),
                "seconds": engine.seconds, "peak_mib": engine.ask("quit")["peak_mib"],
            })  # fmt: skip

    roof = engines[0].about["roof_gflops"]
    about = {"machine": cpu_name(), "level": engines[0].about["level"], "commit": commit(),
             "rows": arguments.rows, "dim": arguments.dim, "queries": arguments.queries,
             "threads": arguments.threads, "rounds": arguments.rounds, "roof_gflops": roof}  # fmt: skip
    yardstick = next((row for row in table if row["engine"] == "faiss-flat"), table[0])
    print(f"{about['machine']}, level {about['level']}, {arguments.threads} thread(s), commit {about['commit']}; "
          f"{arguments.queries} queries, {arguments.rows} rows of {arguments.dim}, roof {roof:.0f} GFLOP/s\n")  # fmt: skip
    print(f"| engine | queries/s | times {yardstick['engine']} | GFLOP/s | recall@10 | peak MiB |")
    print("|---|---:|---:|---:|---:|---:|")
    for row in table:
        pairs = zip(yardstick["seconds"], row["seconds"], strict=True)
        row["ratio"] = statistics.median(theirs / ours for theirs, ours in pairs)
        print(f"| {row['engine']} ({row['version']}) | {row['queries_per_second']:,.0f} | {row['ratio']:.2f} | "
              f"{row['gflops']:,.0f} | {row['recall']:.4f} | {row['peak_mib']:,.0f} |")  # fmt: skip
    if arguments.out:
        arguments.out.write_text(json.dumps({**about, "engines": table}, indent=1) + "\n")


main()
