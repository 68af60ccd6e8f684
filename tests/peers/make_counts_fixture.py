#!/usr/bin/env python3
"""Writes tests/fixtures/counts/scikit_learn.json: what scikit-learn 1.9.1 makes of a few texts with
many options. Run by hand: make_counts_fixture.py OUT (needs scikit-learn)."""

import json
import sys

from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

TEXTS = [
    "The cat sat on the mat; the cat's hat was flat.",
    "A dog and a cat: dogs, cats & other animals_2 in 2024!",
    "",
    "Äpfel, Öl und Überfluß – naïve café, CAFÉ, ＦＵＬＬ width",
    "苹果 香蕉 樱桃，苹果和香蕉。",
    "ΟΔΥΣΣΕΥΣ και ΣΑΣ.  İstanbul\tIstanbul  x²  ½ नमस्ते",
    "aa aa\n\naa  bb a.b.c o'neill e\u0301te\u0301 10,000 3.14",
    "the the the",
    "\u00a0non\u2003breaking\u3000spaces\x1cand\x1funits \U0001f600 \U0001d538bc",
]
QUERIES = ["the unknown cat", "", "香蕉", "aa bb aa"]
CASES = [
    ("count", {}),
    ("count", {"ngram_range": (1, 3)}),
    ("count", {"ngram_range": (2, 2), "stop_words": ["the", "cat"]}),
    ("count", {"min_df": 2}),
    ("count", {"min_df": 0.2, "max_df": 0.3}),
    ("count", {"max_df": 1}),
    ("count", {"binary": True, "lowercase": False}),
    ("count", {"token_pattern": r"(?u)\b\w+\b", "ngram_range": (1, 2)}),
    ("count", {"token_pattern": r"[a-z]+"}),
    ("count", {"strip_accents": "unicode"}),
    ("count", {"strip_accents": "ascii"}),
    ("count", {"analyzer": "char", "ngram_range": (1, 3)}),
    ("count", {"analyzer": "char", "ngram_range": (3, 5), "min_df": 2}),
    ("count", {"analyzer": "char_wb", "ngram_range": (1, 4)}),
    ("count", {"analyzer": "char_wb", "ngram_range": (4, 6)}),
    ("count", {"vocabulary": ["zebra", "cat", "the cat", "香蕉"], "ngram_range": (1, 2)}),
    ("tfidf", {}),
    ("tfidf", {"sublinear_tf": True, "ngram_range": (1, 2)}),
    ("tfidf", {"norm": "l1", "smooth_idf": False}),
    ("tfidf", {"norm": None, "use_idf": False}),
    ("tfidf", {"norm": None, "analyzer": "char", "ngram_range": (2, 3)}),
    ("tfidf", {"vocabulary": ["cat", "the", "dog"]}),
    ("hashing", {"n_features": 32}),
    ("hashing", {"n_features": 7, "norm": None, "ngram_range": (1, 2)}),
    ("hashing", {"n_features": 1 << 20, "norm": "l1", "alternate_sign": False, "analyzer": "char_wb",
                 "ngram_range": (2, 4)}),
    ("hashing", {"n_features": 16, "binary": True, "norm": None}),
]
KINDS = {"count": CountVectorizer, "tfidf": TfidfVectorizer, "hashing": HashingVectorizer}


def rows(matrix):
    matrix.sort_indices()
    ends = matrix.indptr
    return [
        [[int(c), float(v)] for c, v in zip(matrix.indices[a:b], matrix.data[a:b])]
        for a, b in zip(ends, ends[1:])
    ]


def main(out):
    cases = []
    for kind, options in CASES:
        vectorizer = KINDS[kind](**options)
        case = {"kind": kind, "options": options, "rows": rows(vectorizer.fit_transform(TEXTS))}
        case["query_rows"] = rows(vectorizer.transform(QUERIES))
        if kind != "hashing":
            case["terms"] = list(vectorizer.get_feature_names_out())
        if kind == "tfidf" and options.get("use_idf", True):
            case["idf"] = vectorizer.idf_.tolist()
        cases.append(case)
    with open(out, "w", encoding="utf-8") as file:
        json.dump({"texts": TEXTS, "queries": QUERIES, "cases": cases}, file, ensure_ascii=False)
        file.write("\n")


if __name__ == "__main__":
    main(sys.argv[1])
