"""KeyedVectors: files of word vectors, under gensim's names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any, Union

import numpy as np
import numpy.typing as npt

from . import _core
from ._arrays import FloatMatrix, as_matrix
from ._search import Index

Vector = npt.NDArray[np.float32]
Key = Union[str, int]
Weighted = Union[Key, Vector, "tuple[Key | Vector, float]"]


class KeyedVectors:
    """Words, or other keys, and a vector for each.

    Attributes
    ----------
    vectors
        (n, vector_size) float32; read-only where it is the file itself, mapped.
    index_to_key, key_to_index
        Row to key, and key to row.

    Examples
    --------
    >>> words = firth.KeyedVectors.load("words.vec")
    >>> words.most_similar("orange", topn=1)[0][0]
    'lemon'
    >>> "river" in words
    True
    """

    def __init__(self, vector_size: int) -> None:
        self.vectors: FloatMatrix = np.zeros((0, vector_size), dtype=np.float32)
        self.index_to_key: list[str] = []
        self.key_to_index: dict[str, int] = {}
        self._index: Index | None = None
        self._norms: Vector | None = None

    @classmethod
    def load(
        cls, path: str | os.PathLike[str], *, format: str = "auto", ids: str | None = None
    ) -> KeyedVectors:
        """Read a table of vectors.

        Known are word2vec's text (.vec, .txt, also GloVe's) and binary form (.bin), .npy with ids in
        a file of their own (`ids`), .safetensors, .jsonl, .json, .csv and .tsv, text forms also
        compressed (.gz, .zst). Rows without ids get their numbers as keys.
        """
        file = _core.read_vectors(os.fspath(path), format, ids or "")
        keys = file.ids if file.ids is not None else [str(i) for i in range(len(file.vectors))]
        return cls.from_arrays(keys, file.vectors)

    @classmethod
    def load_word2vec_format(
        cls, fname: str | os.PathLike[str], binary: bool = False, **unheeded: Any
    ) -> KeyedVectors:
        """Read word2vec's text or binary form; GloVe's text too, whatever `no_header` says."""
        unknown = sorted(set(unheeded) - {"no_header", "encoding", "unicode_errors", "datatype"})
        if unknown:
            raise NotImplementedError(f"load_word2vec_format: no support for {', '.join(unknown)}")
        return cls.load(fname, format="word2vec-binary" if binary else "word2vec")

    @classmethod
    def from_arrays(cls, keys: Sequence[str], vectors: Any) -> KeyedVectors:
        """Of keys and the rows that belong to them.

        Examples
        --------
        >>> firth.KeyedVectors.from_arrays(["a", "b"], [[1, 0], [0, 1]])["b"].tolist()
        [0.0, 1.0]
        """
        matrix = as_matrix(vectors, "vectors")
        if len(keys) != len(matrix):
            raise ValueError(f"keys: expected {len(matrix)}, one a row, found {len(keys)}")
        self = cls(matrix.shape[1])
        self.vectors = matrix
        self.index_to_key = list(keys)
        # Of a key that occurs twice the first row counts.
        for row, key in enumerate(self.index_to_key):
            self.key_to_index.setdefault(key, row)
        return self

    def save_word2vec_format(self, fname: str | os.PathLike[str], binary: bool = False) -> None:
        """Write word2vec's text or binary form."""
        form = "word2vec-binary" if binary else "word2vec"
        _core.write_vectors(os.fspath(fname), form, self.vectors, self.index_to_key, "f32")

    def save(self, path: str | os.PathLike[str], dtype: str = "f32") -> None:
        """Write the form that the name's ending says: .npy, .safetensors, .jsonl, .csv, .vec, …"""
        _core.write_vectors(os.fspath(path), "auto", self.vectors, self.index_to_key, dtype)

    # One key.

    @property
    def vector_size(self) -> int:
        """Components of a vector."""
        return int(self.vectors.shape[1])

    def __len__(self) -> int:
        return len(self.index_to_key)

    def __contains__(self, key: object) -> bool:
        return self.has_index_for(key)

    def has_index_for(self, key: object) -> bool:
        """Whether there is a vector for this key."""
        return key in self.key_to_index

    def get_index(self, key: Any, default: int | None = None) -> int:
        """The row of a key; of a whole number, itself."""
        if isinstance(key, (int, np.integer)) and not isinstance(key, bool):
            row = int(key)
            if 0 <= row < len(self):
                return row
        elif isinstance(key, str) and key in self.key_to_index:
            return int(self.key_to_index[key])
        if default is not None:
            return default
        raise KeyError(f"expected one of the {len(self):,} keys, found {key!r}")

    def get_vector(self, key: Key, norm: bool = False) -> Vector:
        """The vector of a key, a view; with norm=True a copy of unit length."""
        vector: Vector = self.vectors[self.get_index(key)]
        return _unit(vector) if norm else vector

    def __getitem__(self, key_or_keys: Key | Sequence[Key]) -> npt.NDArray[np.float32]:
        if isinstance(key_or_keys, (str, int, np.integer)):
            return self.get_vector(key_or_keys)
        return np.vstack([self.get_vector(key) for key in key_or_keys])

    def get_mean_vector(
        self,
        keys: Iterable[Key | Vector],
        weights: Sequence[float] | None = None,
        pre_normalize: bool = True,
        post_normalize: bool = False,
        ignore_missing: bool = True,
    ) -> Vector:
        """The mean of several vectors, each made unit length first and weighted.

        Examples
        --------
        >>> words = firth.KeyedVectors.load("words.vec")
        >>> words.get_mean_vector(["orange", "lemon"]).shape == (words.vector_size,)
        True
        """
        found = list(keys)
        if not found:
            raise ValueError("keys: expected at least one, found none")
        factors = [1.0] * len(found) if weights is None else list(weights)
        if len(factors) != len(found):
            raise ValueError(f"weights: expected {len(found)}, one a key, found {len(factors)}")
        total, weight = np.zeros(self.vector_size, dtype=np.float32), 0.0
        for key, factor in zip(found, factors):
            if isinstance(key, np.ndarray):
                vector = np.asarray(key, dtype=np.float32)
            elif ignore_missing and not self._has(key):
                continue
            else:
                vector = self.get_vector(key)
            total += factor * (_unit(vector) if pre_normalize else vector)
            weight += abs(factor)
        mean: Vector = total / weight if weight > 0 else total
        return _unit(mean) if post_normalize else mean

    # Neighbours.

    def most_similar(
        self,
        positive: Any = None,
        negative: Any = None,
        topn: int | None = 10,
        clip_start: int = 0,
        clip_end: int | None = None,
        restrict_vocab: int | None = None,
    ) -> Any:
        """The keys nearest to the mean of `positive` less `negative`, by cosine, without these.

        Returns [(key, cosine), …], the nearest first; with topn=None all cosines, by row.

        Examples
        --------
        >>> words = firth.KeyedVectors.load("words.vec")
        >>> [key for key, cosine in words.most_similar(positive=["orange"], topn=2)]
        ['lemon', 'bank']
        """
        if topn is not None and topn < 1:
            return []
        wanted = [*_weighted(positive, 1.0), *_weighted(negative, -1.0)]
        mean = self.get_mean_vector(
            [key for key, _ in wanted], [weight for _, weight in wanted], ignore_missing=False
        )
        inputs = {self.get_index(key) for key, _ in wanted if not isinstance(key, np.ndarray)}
        first = max(clip_start, 0)
        last = min(x for x in (clip_end, restrict_vocab, len(self)) if x is not None)
        if topn is None:
            return self.cosine_similarities(mean, self.vectors[first:last])
        if first >= last:
            return []
        whole = (first, last) == (0, len(self))
        index = self._whole_index() if whole else Index(self.vectors[first:last])
        rows, scores = index.search(mean, topn + len(inputs))
        found = ((int(row) + first, float(score)) for row, score in zip(rows[0], scores[0]))
        return [(self.index_to_key[row], score) for row, score in found if row not in inputs][:topn]

    def similar_by_word(self, word: Key, topn: int = 10, restrict_vocab: int | None = None) -> Any:
        """`most_similar` of one key."""
        return self.most_similar([word], topn=topn, restrict_vocab=restrict_vocab)

    similar_by_key = similar_by_word

    def similar_by_vector(
        self, vector: Any, topn: int = 10, restrict_vocab: int | None = None
    ) -> Any:
        """`most_similar` of a vector."""
        return self.most_similar([np.asarray(vector)], topn=topn, restrict_vocab=restrict_vocab)

    def most_similar_to_given(self, key1: Key, keys_list: Sequence[Key]) -> Key:
        """That of some keys which is nearest to one."""
        return max(keys_list, key=lambda key: self.similarity(key1, key))

    def closer_than(self, key1: Key, key2: Key) -> list[str]:
        """The keys that are nearer to the first than the second is."""
        cosines = self.cosine_similarities(self.get_vector(key1), self.vectors)
        rows = np.flatnonzero(cosines > cosines[self.get_index(key2)])
        return [self.index_to_key[row] for row in rows if row != self.get_index(key1)]

    def rank(self, key1: Key, key2: Key) -> int:
        """The place of the second key among the neighbours of the first, from 1."""
        return len(self.closer_than(key1, key2)) + 1

    def doesnt_match(self, words: Sequence[Key]) -> Key:
        """The key that is farthest from the mean of all of them.

        Examples
        --------
        >>> firth.KeyedVectors.load("words.vec").doesnt_match(["orange", "lemon", "river"])
        'river'
        """
        used = [word for word in words if self._has(word)]
        if not used:
            raise ValueError("words: expected at least one of the keys, found none")
        units = np.vstack([self.get_vector(word, norm=True) for word in used])
        mean = _unit(units.mean(axis=0))
        return used[int(np.argmin(units @ mean))]

    # Pairs.

    def similarity(self, w1: Key, w2: Key) -> float:
        """The cosine of two keys' vectors.

        Examples
        --------
        >>> round(firth.KeyedVectors.load("words.vec").similarity("orange", "orange"), 6)
        1.0
        """
        return float(np.dot(self.get_vector(w1, norm=True), self.get_vector(w2, norm=True)))

    def distance(self, w1: Key, w2: Key) -> float:
        """1 less the cosine."""
        return 1 - self.similarity(w1, w2)

    def distances(self, word_or_vector: Key | Vector, other_words: Sequence[Key] = ()) -> Vector:
        """1 less the cosine to each of the others; to all keys if none are named."""
        vector = (
            word_or_vector
            if isinstance(word_or_vector, np.ndarray)
            else self.get_vector(word_or_vector)
        )
        rows = self.vectors if not len(other_words) else self[list(other_words)]
        distances: Vector = 1 - self.cosine_similarities(vector, rows)
        return distances

    def n_similarity(self, ws1: Sequence[Key], ws2: Sequence[Key]) -> float:
        """The cosine of two means."""
        if not len(ws1) or not len(ws2):
            raise ZeroDivisionError("n_similarity: expected two lists of keys, found an empty one")
        first = self.get_mean_vector(ws1, pre_normalize=False, ignore_missing=False)
        second = self.get_mean_vector(ws2, pre_normalize=False, ignore_missing=False)
        return float(np.dot(_unit(first), _unit(second)))

    @staticmethod
    def cosine_similarities(vector_1: Any, vectors_all: Any) -> Vector:
        """The cosine of one vector and each of several: (n)."""
        cosines: Vector = _core.similarity_matrix(
            as_matrix(vector_1, "vector_1"), as_matrix(vectors_all, "vectors_all"), "cosine"
        )[0]
        return cosines

    def __repr__(self) -> str:
        return f"<KeyedVectors of {len(self):,} keys, vector_size {self.vector_size}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_index": None}

    def _has(self, key: Any) -> bool:
        if isinstance(key, (int, np.integer)):
            return bool(0 <= key < len(self))
        return key in self.key_to_index

    def _whole_index(self) -> Index:
        if self._index is None:
            self._index = Index(self.vectors)
        return self._index


def _unit(vector: Vector) -> Vector:
    norm = float(np.linalg.norm(vector))
    unit: Vector = vector / np.float32(norm) if norm > 0 else vector
    return unit


def _weighted(keys: Any, weight: float) -> list[tuple[Any, float]]:
    """One key, a vector, or a list of keys, vectors and pairs (key, weight)."""
    if keys is None:
        return []
    if isinstance(keys, (str, int, np.integer)):
        return [(keys, weight)]
    if isinstance(keys, np.ndarray) and keys.ndim == 1 and keys.dtype.kind == "f":
        return [(keys, weight)]
    return [
        (key[0], weight * float(key[1])) if isinstance(key, tuple) else (key, weight)
        for key in keys
    ]
