"""How good a model is, on data that people judged; the figures are those of `firth eval`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from . import _core
from ._embedder import Embedder
from .keyed_vectors import KeyedVectors

Progress = Callable[[int], object]


def sts(
    model: Embedder,
    data: str | os.PathLike[str] | Sequence[tuple[str, str, float]],
    *,
    prompt: str | None = None,
    truncate_dim: int | None = None,
    normalize_embeddings: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Semantic textual similarity: people's scores of sentence pairs against the vectors'.

    Parameters
    ----------
    data
        A .csv, .tsv or .jsonl file with columns sentence1, sentence2 and score (or STS-B's without a
        header); or a list of (first, second, score).
    progress
        Called with the number of texts embedded so far. What it raises stops the evaluation.

    Returns
    -------
    dict
        "spearman_cosine" (the usual figure, in [-1, 1]; None where undefined), "pearson_cosine", the
        same for dot, euclidean and manhattan; "num_pairs"; "seconds" of embedding.

    Examples
    --------
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> pairs = [("a cat", "a kitten", 4.0), ("a cat", "a bank", 0.5), ("a dog", "a dog", 5.0)]
    >>> firth.eval.sts(model, pairs)["num_pairs"]
    3
    """
    options = (prompt, truncate_dim or 0, True if normalize_embeddings else None, progress)
    if isinstance(data, (str, os.PathLike)):
        return _core.evaluate_sts_file(model._core, os.fspath(data), *options)
    rows = list(data)
    for number, row in enumerate(rows):
        if not isinstance(row, (tuple, list)) or len(row) != 3:
            raise TypeError(f"data[{number}]: expected (first, second, score), found {row!r:.80}")
    first, second, scores = ([row[i] for row in rows] for i in range(3))
    return _core.evaluate_sts_pairs(
        model._core, first, second, [float(score) for score in scores], *options
    )


def retrieval(
    model: Embedder,
    folder: str | os.PathLike[str],
    *,
    split: str = "test",
    cutoffs: Sequence[int] = (1, 3, 5, 10, 100),
    query_prompt: str | None = None,
    document_prompt: str | None = None,
    skip_same_id: bool = False,
    truncate_dim: int | None = None,
    normalize_embeddings: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Retrieval on a collection in BEIR's form, or Cranfield's: every query against every document.

    Returns
    -------
    dict
        "ndcg@k", "recall@k" and "mrr@k" for each cutoff, "map", all in [0, 1]; "num_documents",
        "num_queries", and seconds by part.

    Examples
    --------
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> figures = firth.eval.retrieval(model, "scifact")
    >>> 0 <= figures["ndcg@10"] <= 1
    True
    """
    return _core.evaluate_retrieval(
        model._core,
        os.fspath(folder),
        split,
        list(cutoffs),
        query_prompt,
        document_prompt,
        skip_same_id,
        truncate_dim or 0,
        True if normalize_embeddings else None,
        progress,
    )


def words(
    vectors: KeyedVectors,
    *,
    similarity: Sequence[str | os.PathLike[str]] = (),
    analogies: Sequence[str | os.PathLike[str]] = (),
    restrict_vocab: int = 300_000,
    case_insensitive: bool = True,
) -> dict[str, Any]:
    """Word vectors: people's scores of pairs of words, and analogies; the figures equal gensim's.

    Parameters
    ----------
    similarity
        Files with two words and a score a line (WordSim-353, SimLex-999, …).
    analogies
        Files in word2vec's form: four words a line, sections that begin with ": name".
    restrict_vocab
        Only so many first words are known; 0 = all.

    Returns
    -------
    dict
        "similarity": by file "pairs", "known" of them, "spearman" and "pearson" in [-1, 1] or None.
        "analogies": by file "questions", "known" of them, "right_3cosadd", "right_3cosmul", and
        "sections" with the same for each.

    Examples
    --------
    >>> vectors = firth.KeyedVectors.from_arrays(["a", "b", "c", "d"], [[1, 0], [0, 1], [2, 0], [0, 3]])
    >>> firth.eval.words(vectors)
    {'similarity': {}, 'analogies': {}}
    """
    if isinstance(similarity, (str, os.PathLike)) or isinstance(analogies, (str, os.PathLike)):
        raise TypeError("similarity, analogies: expected lists of paths, found one path")
    return _core.evaluate_words(
        vectors.vectors,
        vectors.index_to_key,
        [os.fspath(path) for path in similarity],
        [os.fspath(path) for path in analogies],
        restrict_vocab,
        case_insensitive,
    )


__all__ = ["retrieval", "sts", "words"]
