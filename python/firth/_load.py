"""Opening models by path or name."""

from __future__ import annotations

import os

from . import _core
from ._embedder import Embedder


def load(
    path_or_name: str | os.PathLike[str],
    *,
    pooling: str | None = None,
    max_length: int | None = None,
    precision: str | None = None,
    threads: int | None = None,
) -> Embedder:
    """Open a model: texts become vectors with `Embedder.encode`.

    Parameters
    ----------
    path_or_name
        The model's folder (sentence-transformers, Hugging Face, model2vec), or its name, which is
        looked for in ./models, the folders of $FIRTH_MODELS, firth's own cache and the Hugging Face
        cache, in this order. Nothing is downloaded.
    pooling
        How token vectors become one: "mean", "cls", "last", "max", "mean_sqrt_len", "weightedmean"
        or several with "+" between. None: as the model's files say, else mean.
    max_length
        Tokens of a text, special tokens included. None: as the model's files say.
    precision
        Arithmetic of the model's products: "f32", "bf16", "int8", or "auto" (bf16 where the machine
        is fastest with it). None: int8 where the folder holds int8 weights, else f32.
    threads
        None: all that the process may use, shared with other models.

    Raises
    ------
    FileNotFoundError
        There is no such model.
    NotImplementedError
        What lies there is of a kind that firth does not read; the message says what it reads.
    ValueError
        The files contradict each other or their format.

    Examples
    --------
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> model.encode("A cat sat on the mat.").shape == (model.dimension,)
    True
    """
    return Embedder(
        path_or_name, pooling=pooling, max_length=max_length, precision=precision, threads=threads
    )


def list_models() -> dict[str, str]:
    """Names and folders of the models that `load` finds by name.

    Examples
    --------
    >>> "all-MiniLM-L6-v2" in firth.list_models()
    True
    """
    models: dict[str, str] = {}
    for name, path in _core.find_models():
        models.setdefault(name, path)
    return models
