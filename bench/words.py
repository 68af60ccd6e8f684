#!/usr/bin/env python3
"""Training of word vectors: firth beside gensim (corpus_file), Debian's fasttext and, where they are
given by path, word2vec.c. One corpus, one thread each unless --threads says otherwise, in turn; words
of the corpus per second of processor time of the training alone, and of everything (reading, vocabulary,
writing). With --similarity and --analogies the vectors are scored by gensim's own evaluation.

  bench/words.py CORPUS [--dim 100 300] [--epochs 1] [--seeds 1] [--word2vec-bin PATH] [--json]

gensim is installed by: pip install gensim; fasttext by: apt-get install fasttext. A peer that is not there
is left out."""
import argparse
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).parent.parent

GENSIM = """
import sys, time, json
from gensim.models import Word2Vec
sg, dim, epochs, seed, threads, path, out = *map(int, sys.argv[1:6]), *sys.argv[6:]
start = time.process_time()
model = Word2Vec(vector_size=dim, window=5, negative=5, sample=1e-3, min_count=5, sg=sg, workers=threads, seed=seed,
                 alpha=0.025 if sg else 0.05)
model.build_vocab(corpus_file=path)
train = time.process_time()
model.train(corpus_file=path, epochs=epochs, total_examples=model.corpus_count, total_words=model.corpus_total_words)
train = time.process_time() - train
model.wv.save_word2vec_format(out, binary=True)
print(json.dumps({"train": train}))
"""


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def engines(args, model, dim, seed, folder, epochs):
    """name -> (command, output)"""
    corpus, threads = str(args.corpus), str(args.threads)
    out = lambda name: str(folder / f"{name}-{model}-{dim}-{seed}.bin")
    cbow = ["--cbow"] if model == "cbow" else []
    found = {}
    if model != "subword":
        found["firth"] = [args.firth, "train", "word2vec", corpus, "-o", out("firth"), "--dim", str(dim), "--epochs", str(epochs),
                          "--threads", threads, "--seed", str(seed), "-q", *cbow]
        if subprocess.run([sys.executable, "-c", "import gensim"], stderr=subprocess.DEVNULL).returncode == 0:
            found["gensim"] = [sys.executable, "-c", GENSIM, "1" if model == "skipgram" else "0", str(dim), str(epochs), str(seed),
                               threads, corpus, out("gensim")]
        if args.word2vec_bin:
            found["word2vec.c"] = [args.word2vec_bin, "-train", corpus, "-output", out("word2vec.c"), "-size", str(dim), "-window", "5",
                                   "-negative", "5", "-hs", "0", "-sample", "1e-3", "-iter", str(epochs), "-threads", threads,
                                   "-binary", "1", "-min-count", "5", "-cbow", str(int(model == "cbow"))]
    else:
        found["firth"] = [args.firth, "train", "fasttext", corpus, "-o", out("firth"), "--dim", str(dim), "--epochs", str(epochs),
                          "--threads", threads, "--seed", str(seed), "--bucket", "200000", "-q"]
        if shutil.which("fasttext"):
            found["fasttext"] = ["fasttext", "skipgram", "-input", corpus, "-output", out("fasttext")[:-4], "-dim", str(dim), "-epoch",
                                 str(epochs), "-thread", threads, "-bucket", "200000", "-verbose", "0"]
    return {name: (command, out(name)) for name, command in found.items()}


def quality(args, path):
    try:
        from gensim.models import KeyedVectors
        from gensim.models.fasttext import load_facebook_vectors
    except ImportError:
        return {}
    with open(path, "rb") as file:
        is_fasttext = file.read(4) == b"\xba\x16\x4f\x2f"
    vectors = load_facebook_vectors(path) if is_fasttext else KeyedVectors.load_word2vec_format(path, binary=True, unicode_errors="replace")
    scores = {}
    for name in args.similarity:
        scores[pathlib.Path(name).stem] = round(100 * vectors.evaluate_word_pairs(name, case_insensitive=True)[1][0], 2)
    for name in args.analogies:
        scores[pathlib.Path(name).stem] = round(100 * vectors.evaluate_word_analogies(name, restrict_vocab=30000)[0], 2)
    return scores


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=pathlib.Path)
    parser.add_argument("--dim", type=int, nargs="+", default=[100, 300])
    parser.add_argument("--models", nargs="+", default=["skipgram", "cbow", "subword"])
    parser.add_argument("--epochs", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--similarity", nargs="*", default=[])
    parser.add_argument("--analogies", nargs="*", default=[])
    parser.add_argument("--firth", default=str(ROOT / "build" / "firth"))
    parser.add_argument("--word2vec-bin")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    tokens = sum(len(line.split()) for line in open(args.corpus, encoding="utf-8", errors="replace"))
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for model in args.models:
            for dim in args.dim:
                for seed in range(1, args.seeds + 1):
                    one = {key: processor_seconds(command)[0] for key, (command, _) in engines(args, model, dim, seed, folder, args.epochs).items()}
                    # The cost of an epoch is what twice as many cost more.
                    two = {key: processor_seconds(command)[0] for key, (command, _) in engines(args, model, dim, seed, folder, 2 * args.epochs).items()}
                    for key, (_, out) in engines(args, model, dim, seed, folder, args.epochs).items():
                        rate = tokens * args.epochs / max(two[key] - one[key], 1e-9)
                        rows.append({"model": model, "dim": dim, "seed": seed, "engine": key, "tokens_per_cpu_second": round(rate),
                                     "with_reading_and_writing": round(tokens * args.epochs / one[key]),
                                     "epochs_scored": 2 * args.epochs, **quality(args, out)})
                        if os.path.exists(out):
                            os.remove(out)
    if args.json:
        print(json.dumps({"tokens": tokens, "threads": args.threads, "rows": rows}))
        return
    print(f"{tokens:,} tokens, {args.threads} thread(s), {args.epochs} and {2 * args.epochs} epochs; tokens per second of processor time")
    for row in rows:
        peers = [other for other in rows if (other["model"], other["dim"], other["seed"]) == (row["model"], row["dim"], row["seed"])]
        ours = next(other for other in peers if other["engine"] == "firth")
        ratio = ours["tokens_per_cpu_second"] / row["tokens_per_cpu_second"]
        scores = "  ".join(f"{key} {value}" for key, value in row.items() if key not in (
            "model", "dim", "seed", "engine", "tokens_per_cpu_second", "with_reading_and_writing", "epochs_scored"))
        print(f"{row['model']:<9} dim {row['dim']:<4} seed {row['seed']}  {row['engine']:<11} {row['tokens_per_cpu_second']:>10,}"
              f"  (all {row['with_reading_and_writing']:>9,})  firth is {ratio:.2f} times as fast  {scores}")


if __name__ == "__main__":
    main()
