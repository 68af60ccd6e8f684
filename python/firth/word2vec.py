"""Word2Vec and FastText: learning vectors of words, under gensim's names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _core
from .keyed_vectors import KeyedVectors

Vector = npt.NDArray[np.float32]
Sentence = Union[str, Sequence[str]]

# Between the words of a sentence that is a list: no word has it.
_SEPARATOR = "\x1f"
_BLOCK = 10_000


def _lines(path: str | os.PathLike[str]) -> Iterable[Sentence]:
    with open(path, encoding="utf-8", errors="replace") as file:
        yield from file


def _joined(sentence: Sentence) -> str:
    words = sentence.split() if isinstance(sentence, str) else sentence
    return _SEPARATOR.join(words)


class Word2Vec:
    """Vectors of words by skip-gram or CBOW, learned when the object is made.

    Parameters
    ----------
    sentences
        Lists of words, or texts whose words stand between blanks.
    corpus_file
        A file with a sentence a line, in place of `sentences`.
    vector_size, window, min_count, max_final_vocab, alpha, min_alpha, sg, hs, negative, ns_exponent,
    cbow_mean, shrink_windows, sample, epochs, seed
        As in gensim. `alpha` None: 0.025, of CBOW 0.05 (gensim has 0.025 for both).
    deterministic
        The same bytes for the same seed, on one thread; else all threads of firth are used.

    Attributes
    ----------
    wv
        KeyedVectors, words by falling count.
    losses
        The mean loss of each epoch.

    Examples
    --------
    >>> model = firth.Word2Vec([["cat", "dog"], ["fish", "swim"]] * 50, vector_size=8, min_count=1)
    >>> model.wv["cat"].shape
    (8,)
    """

    _defaults: dict[str, Any] = {"ns_exponent": 0.75, "sample": 1e-3, "minn": 0, "maxn": 0, "bucket": 1,
                                 "end_words": False}

    def __init__(
        self,
        sentences: Iterable[Sentence] | None = None,
        corpus_file: str | os.PathLike[str] | None = None,
        vector_size: int = 100,
        alpha: float | None = None,
        window: int = 5,
        min_count: int = 5,
        max_final_vocab: int | None = None,
        sample: float | None = None,
        seed: int = 1,
        min_alpha: float = 0.0001,
        sg: int = 0,
        hs: int = 0,
        negative: int = 5,
        ns_exponent: float | None = None,
        cbow_mean: int = 1,
        epochs: int = 5,
        shrink_windows: bool = True,
        deterministic: bool = False,
        **more: Any,
    ) -> None:
        if (sentences is None) == (corpus_file is None):
            raise ValueError("sentences, corpus_file: expected one of them")
        rate = alpha if alpha is not None else self._rate(bool(sg))
        options = {
            **self._defaults, "dim": vector_size, "window": window, "min_count": min_count,
            "max_vocab": max_final_vocab or 0, "lr": float(rate), "min_lr": float(min_alpha / rate),
            "hs": bool(hs), "cbow": not sg, "negative": 0 if hs and negative == 5 else negative,
            "cbow_mean": bool(cbow_mean), "epochs": epochs, "shrink_windows": bool(shrink_windows),
            "seed": seed, "deterministic": deterministic, "separator": _SEPARATOR, **more,
        }
        if sample is not None:
            options["sample"] = float(sample)
        if ns_exponent is not None:
            options["ns_exponent"] = float(ns_exponent)
        unknown = sorted(set(more) - set(self._defaults))
        if unknown:
            raise TypeError(f"{type(self).__name__}: no option {', '.join(unknown)}")
        self._trainer = _core.WordTrainer(options)
        block: list[str] = []
        for sentence in sentences if sentences is not None else _lines(corpus_file or ""):
            block.append(_joined(sentence))
            if len(block) == _BLOCK:
                self._trainer.add(block)
                block = []
        if block:
            self._trainer.add(block)
        self._trainer.train()
        self.vector_size = vector_size
        self.losses: list[float] = self._trainer.losses()
        self.wv = self._keyed_vectors()

    @staticmethod
    def _rate(is_skip_gram: bool) -> float:
        return 0.025 if is_skip_gram else 0.05

    def _keyed_vectors(self) -> KeyedVectors:
        return KeyedVectors.from_arrays(self._trainer.words(), self._trainer.vectors())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the vectors, in the form that the name's ending says (.bin, .vec, .npy, …)."""
        self.wv.save(path)


class FastTextKeyedVectors(KeyedVectors):
    """KeyedVectors that make vectors of unknown words from their character n-grams."""

    def __init__(self, vector_size: int) -> None:
        super().__init__(vector_size)
        self._file: _core.FastTextFile | None = None

    @classmethod
    def _of(cls, file: _core.FastTextFile) -> FastTextKeyedVectors:
        self = cls.from_arrays(file.words, file.vectors())
        assert isinstance(self, cls)
        self._file = file
        return self

    def get_vector(self, key: Any, norm: bool = False) -> Vector:
        if not isinstance(key, str) or self.has_index_for(key) or self._file is None:
            return super().get_vector(key, norm)
        vector: Vector = self._file.vector(key)[0]
        length = float(np.linalg.norm(vector))
        return vector / np.float32(length) if norm and length > 0 else vector

    def get_sentence_vector(self, text: str) -> Vector:
        """What `fasttext print-sentence-vectors` prints."""
        if self._file is None:
            raise ValueError("get_sentence_vector: expected a fastText model")
        vector: Vector = self._file.text_vector(text)[0]
        return vector


class FastText(Word2Vec):
    """Vectors of words and of their character n-grams; see Word2Vec for the other options.

    `min_n`, `max_n` and `bucket` say which n-grams there are. Files of fastText itself are opened
    by `load_facebook_model` and written by `save` with a name that ends in .bin.

    Examples
    --------
    >>> model = firth.FastText([["cat", "dog"], ["fish", "swim"]] * 50, vector_size=8, min_count=1,
    ...                        bucket=100)
    >>> model.wv["cats"].shape
    (8,)
    """

    _defaults = {"ns_exponent": 0.5, "sample": 1e-4, "minn": 3, "maxn": 6, "bucket": 2_000_000,
                 "end_words": True}

    def __init__(self, *args: Any, min_n: int = 3, max_n: int = 6, bucket: int = 2_000_000, **options: Any) -> None:
        super().__init__(*args, minn=min_n if max_n > 0 else 0, maxn=max_n, bucket=bucket, **options)

    @staticmethod
    def _rate(is_skip_gram: bool) -> float:
        return 0.05

    def _keyed_vectors(self) -> KeyedVectors:
        self._file = self._trainer.fasttext()
        return FastTextKeyedVectors._of(self._file)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write fastText's .bin, or the vectors of the known words in another form."""
        if os.fspath(path).endswith(".bin"):
            self._file.write(os.fspath(path))
        else:
            self.wv.save(path)


class FastTextModel:
    """A model in fastText's own file (.bin, .ftz), under the names of its Python module.

    Examples
    --------
    >>> model = firth.FastTextModel("topics.bin")  # doctest: +SKIP
    >>> model.predict("the team won again")  # doctest: +SKIP
    (('__label__sport',), array([0.93], dtype=float32))
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = _core.FastTextFile.open(os.fspath(path))
        self.words: list[str] = self._file.words
        self.labels: list[str] = self._file.labels

    def get_dimension(self) -> int:
        """Components of a vector."""
        return int(self._file.dimension)

    def get_word_vector(self, word: str) -> Vector:
        """Of any word: the mean of its rows."""
        vector: Vector = self._file.vector(word)[0]
        return vector

    def get_sentence_vector(self, text: str) -> Vector:
        """Of a text; a supervised model's is the mean of all its features."""
        vector: Vector = self._file.text_vector(text)[0]
        return vector

    def predict(self, text: str, k: int = 1, threshold: float = 0.0) -> tuple[tuple[str, ...], Vector]:
        """The k most probable labels and their probabilities."""
        found = self._file.predict(text, k if k > 0 else len(self.labels), threshold)
        return tuple(label for label, _ in found), np.array([p for _, p in found], dtype=np.float32)


def load_facebook_vectors(path: str | os.PathLike[str]) -> FastTextKeyedVectors:
    """The vectors of a fastText file, also of words that it does not have."""
    return FastTextKeyedVectors._of(_core.FastTextFile.open(os.fspath(path)))
