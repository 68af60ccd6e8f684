#!/usr/bin/env python3
"""Writes tests/fixtures/counts/bm25.json: scores of bm25s 0.3.16 and rank-bm25 0.2.2 for a few texts.
Run by hand: make_bm25_fixture.py OUT (needs both)."""

import json
import sys

import bm25s
import rank_bm25

DOCS = [
    "the cat sat on the mat", "a dog and a cat", "the the the dog", "birds sing on the roof",
    "one two three four five six seven eight nine ten cat", "mat", "dog dog dog mat",
]
QUERIES = ["the cat", "dog dog mat", "birds", "unknown words", "the unknown cat"]


def main(out):
    docs, queries = [d.split() for d in DOCS], [q.split() for q in QUERIES]
    cases = []
    for method in ["robertson", "lucene", "atire", "bm25l", "bm25+"]:
        for k1, b in [(1.5, 0.75), (1.2, 0.4)]:
            index = bm25s.BM25(method=method, k1=k1, b=b, delta=0.5, dtype="float64")
            index.index(docs, show_progress=False)
            known = set(w for d in docs for w in d)
            scores = [
                index.get_scores([w for w in q if w in known]).tolist()
                if any(w in known for w in q) else [0.0] * len(docs)
                for q in queries
            ]
            cases.append({"method": method, "k1": k1, "b": b, "delta": 0.5, "scores": scores})
    for name, kind, delta in [("rank-okapi", rank_bm25.BM25Okapi, 0.5),
                              ("rank-bm25l", rank_bm25.BM25L, 0.5),
                              ("rank-bm25+", rank_bm25.BM25Plus, 1.0)]:
        index = kind(docs)
        scores = [index.get_scores(q).tolist() for q in queries]
        cases.append({"method": name, "k1": 1.5, "b": 0.75, "delta": delta, "scores": scores})
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"texts": DOCS, "queries": QUERIES, "cases": cases}, file)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
