"""firth: obtain embeddings on an ordinary CPU, search and measure them.

    >>> import firth
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> vectors = model.encode(["A cat sat on the mat.", "The bank is closed."])
    >>> vectors.shape == (2, model.dimension)
    True

- `load`, `Embedder`: models, and texts to vectors.
- `CrossEncoder`: models that score a pair of texts, to rank what a search found.
- `SentenceTransformer`, `util`: the same under sentence-transformers' names.
- `search`, `similarity`, `Index`: matrices of vectors against each other.
- `Tokenizer`, `Encoding`: token ids, under the names of the tokenizers library.
- `trainers`: tokenizers learned from your own texts.
- `KeyedVectors`: files of word vectors, under gensim's names.
- `Word2Vec`, `FastText`: vectors learned from your own texts; `FastTextModel`: fastText's files.
- `eval`: how good a model is, on data that people judged.
- `firth.sklearn`, `firth.langchain`, `firth.llama_index`: the same models inside those libraries.

Messages about texts that were cut or words that a model does not know go to the logger "firth".
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import eval, trainers, util
    from ._cross_encoder import CrossEncoder
    from ._embedder import Embedder
    from ._encode import TokenVectors
    from ._encoding import Encoding
    from ._load import list_models, load
    from ._search import Index, search, similarity, similarity_pairwise
    from ._sentence_transformer import SentenceTransformer
    from ._tokenizer import Tokenizer
    from .keyed_vectors import KeyedVectors
    from .util import SimilarityFunction
    from .word2vec import FastText, FastTextModel, Word2Vec, load_facebook_vectors

    __version__: str

# Where each name lives. Nothing is imported before it is used, so that the `firth` command does not
# wait for numpy.
_HOMES = {
    "CrossEncoder": "_cross_encoder",
    "Embedder": "_embedder",
    "TokenVectors": "_encode",
    "Encoding": "_encoding",
    "Tokenizer": "_tokenizer",
    "FastText": "word2vec",
    "FastTextModel": "word2vec",
    "Index": "_search",
    "KeyedVectors": "keyed_vectors",
    "SentenceTransformer": "_sentence_transformer",
    "SimilarityFunction": "util",
    "Word2Vec": "word2vec",
    "list_models": "_load",
    "load": "_load",
    "load_facebook_vectors": "word2vec",
    "search": "_search",
    "similarity": "_search",
    "similarity_pairwise": "_search",
}

__all__ = [
    "CrossEncoder",
    "Embedder",
    "Encoding",
    "FastText",
    "FastTextModel",
    "Index",
    "KeyedVectors",
    "SentenceTransformer",
    "SimilarityFunction",
    "TokenVectors",
    "Tokenizer",
    "Word2Vec",
    "eval",
    "list_models",
    "load",
    "load_facebook_vectors",
    "search",
    "similarity",
    "similarity_pairwise",
    "trainers",
    "util",
]


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        value = getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
    elif name in ("eval", "trainers", "util"):
        value = importlib.import_module(f".{name}", __name__)
    elif name == "__version__":
        value = importlib.import_module("._core", __name__).version
    else:
        raise AttributeError(f"module 'firth' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    hidden = {"Any", "TYPE_CHECKING", "annotations", "importlib"}
    return sorted({*globals(), *__all__, "__version__"} - hidden)
