"""Embedder: an opened model."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Literal, overload

import numpy.typing as npt

from . import _core, _progress, _texts
from ._arrays import to_tensor
from ._encode import (
    any_tensor,
    as_tensors,
    check_batch_size,
    check_device,
    check_dim,
    choose_prompt,
    encode_tokens,
    encode_vectors,
    one_of,
)
from ._quantize import quantize
from ._search import similarity, similarity_pairwise
from ._tokenizer import Tokenizer

Array = npt.NDArray[Any]
Precision = Literal["float32", "int8", "uint8", "binary", "ubinary"]


class Embedder:
    """A model that turns texts into vectors. `firth.load` makes one.

    Safe to use from several threads at once, and in processes forked after it was loaded. Pickles as
    its path and options: the process that unpickles it opens the model again.

    Examples
    --------
    >>> model = firth.load("all-MiniLM-L6-v2")
    >>> vectors = model.encode(["A cat sat on the mat.", "A kitten sat on a rug."])
    >>> vectors.shape == (2, model.dimension)
    True
    >>> model.similarity(vectors, vectors).shape
    (2, 2)
    """

    def __init__(
        self,
        path_or_name: str | os.PathLike[str],
        *,
        pooling: str | None = None,
        max_length: int | None = None,
        precision: str | None = None,
        threads: int | None = None,
    ) -> None:
        for name, number in (("max_length", max_length), ("threads", threads)):
            if number is not None and number < 1:
                raise ValueError(f"{name}: expected at least 1, found {number}")
        self._path = _core.find_model(os.fspath(path_or_name))
        self._options: dict[str, Any] = {
            "pooling": pooling,
            "max_length": max_length or 0,
            "precision": precision or "",
            "num_threads": threads or 0,
        }
        self._open: _core.Embedder | None = None
        self._reopen()
        self._name = self._core.name
        self.prompts: dict[str, str] = dict(self._core.prompts)
        self.default_prompt_name: str | None = self._core.default_prompt_name or None
        self.truncate_dim: int | None = None
        self._similarity: str | None = None

    def _reopen(self) -> None:
        self._open = _core.open_embedder(self._path, **self._options)

    @property
    def _core(self) -> _core.Embedder:
        if self._open is None:
            raise ValueError(f"{self._name}: expected an open model, found one that was closed")
        return self._open

    # What the model is.

    @property
    def name(self) -> str:
        """The last part of the path it was opened from."""
        return self._name

    @property
    def path(self) -> str:
        """The folder it was opened from."""
        return self._path

    @property
    def kind(self) -> str:
        """The sort of model: "sentence-transformers", "bert", "model2vec", …"""
        return self._core.kind

    @property
    def dimension(self) -> int:
        """Components of a vector, when none are cut off."""
        return self._core.dimension

    @property
    def num_layers(self) -> int:
        """Hidden states that can be asked for, the embedding output included; 0 = none."""
        return self._core.num_layers

    @property
    def pooling(self) -> str:
        """How token vectors become one; "" where nothing is pooled."""
        return self._core.pooling

    @property
    def licence(self) -> str:
        """As the model's files state it; "" = not stated."""
        return self._core.licence

    @property
    def normalized(self) -> bool:
        """Whether vectors are unit length without being asked for."""
        return self._core.normalized

    @property
    def identity(self) -> str:
        """32 hexadecimal digits that name the vector space: a hash of the model's files and of every
        choice that moves vectors. Vectors of one identity may be compared."""
        return self._core.identity()

    @property
    def similarity_fn_name(self) -> str:
        """How vectors of this model are compared: "cosine", "dot", "euclidean" or "manhattan"."""
        return self._similarity or self._core.similarity

    @similarity_fn_name.setter
    def similarity_fn_name(self, name: str | None) -> None:
        value = None if name is None else str(getattr(name, "value", name))
        if value not in (None, "cosine", "dot", "euclidean", "manhattan"):
            raise ValueError(
                "similarity_fn_name: expected 'cosine', 'dot', 'euclidean' or 'manhattan', "
                f"found {value!r}"
            )
        self._similarity = value

    @property
    def max_seq_length(self) -> int | None:
        """Tokens of a text that count, special tokens included; None = no limit. Setting it opens
        the model again."""
        return self._core.max_length or None

    @max_seq_length.setter
    def max_seq_length(self, length: int) -> None:
        if length < 1:
            raise ValueError(f"max_seq_length: expected at least 1, found {length}")
        if length != self.max_seq_length:
            self._options["max_length"] = length
            self._reopen()

    @property
    def tokenizer(self) -> Tokenizer:
        """What makes the model's token ids."""
        tokenizer = _core.tokenizer_of(self._core)
        if tokenizer is None:
            raise NotImplementedError(f"{self._name}: a {self.kind} model has no tokens")
        return Tokenizer._of(tokenizer)

    # Texts to vectors.

    @overload
    def encode(
        self,
        inputs: _texts.Texts | None = None,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        output_value: Literal["sentence_embedding"] = "sentence_embedding",
        precision: str = "float32",
        convert_to_numpy: Literal[True] = True,
        convert_to_tensor: Literal[False] = False,
        device: Any = None,
        normalize_embeddings: bool = False,
        truncate_dim: int | None = None,
        pool: Any = None,
        chunk_size: int | None = None,
        *,
        sentences: _texts.Texts | None = None,
        output: Literal["vectors"] | None = None,
        layers: Sequence[int] | None = None,
        long: Literal["truncate", "error", "chunk"] = "truncate",
        chunk_overlap: int = 32,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> Array: ...

    @overload
    def encode(
        self,
        inputs: _texts.Texts | None = None,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        output_value: str | None = "sentence_embedding",
        precision: str = "float32",
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        device: Any = None,
        normalize_embeddings: bool = False,
        truncate_dim: int | None = None,
        pool: Any = None,
        chunk_size: int | None = None,
        *,
        sentences: _texts.Texts | None = None,
        output: Literal["vectors", "tokens", "layers"] | None = None,
        layers: Sequence[int] | None = None,
        long: Literal["truncate", "error", "chunk", "chunk-each"] = "truncate",
        chunk_overlap: int = 32,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> Any: ...

    def encode(
        self,
        inputs: Any = None,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        output_value: str | None = "sentence_embedding",
        precision: str = "float32",
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        device: Any = None,
        normalize_embeddings: bool = False,
        truncate_dim: int | None = None,
        pool: Any = None,
        chunk_size: int | None = None,
        *,
        sentences: Any = None,
        output: Literal["vectors", "tokens", "layers"] | None = None,
        layers: Sequence[int] | None = None,
        long: Literal["truncate", "error", "chunk", "chunk-each"] = "truncate",
        chunk_overlap: int = 32,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> Any:
        """Turn texts into vectors.

        Parameters
        ----------
        inputs
            One str; or a list, tuple, numpy array or iterator of str; or a column of pandas, polars
            or pyarrow, which is read where it lies in memory. (`sentences` is an older name.)
        prompt_name, prompt
            Text put before every input: by its name in `prompts`, or as it is. Neither: the model's
            default prompt, if it has one.
        batch_size, pool, chunk_size
            Accepted and not heeded: batches are cut by their tokens, on all threads.
        show_progress_bar
            A bar, if tqdm is installed. None: if the logger "firth" shows INFO.
        output_value
            "sentence_embedding"; "token_embeddings": a matrix (num_tokens, hidden_size) a text; None:
            a dict of everything a text.
        precision
            Type of the result: "float32"; "int8" or "uint8", by the range of each component among
            these vectors; "binary" or "ubinary", a bit a component.
        convert_to_numpy, convert_to_tensor
            convert_to_tensor gives a torch tensor that shares the memory; convert_to_numpy=False
            without it a list of them.
        device
            None or "cpu".
        normalize_embeddings
            Make vectors unit length. False leaves them as the model makes them.
        truncate_dim
            Keep the first so many components.
        output
            "vectors", the default; "tokens": a `TokenVectors` a text; "layers": the same with the
            hidden states `layers`.
        layers
            With output="layers": those wanted, 0 = the embedding output, -1 the last; None: all.
            Else: the mean of these layers is pooled instead of the last one.
        long
            Texts beyond `max_seq_length`: "truncate"; "error", a ValueError; "chunk", the average of
            overlapping windows; "chunk-each", a row for each window: then the result is
            (vectors, row_offsets), text i having rows row_offsets[i] to row_offsets[i + 1].
        chunk_overlap
            Tokens that neighbouring windows share.
        progress
            Called with the number of texts done and of all (None for an iterator). What it raises
            stops the computation.

        Returns
        -------
        numpy.ndarray
            (n, dimension) float32, row i for text i; (dimension,) for one str. It owns its memory,
            which `numpy.from_dlpack`, torch and others share.

        Examples
        --------
        >>> model = firth.load("all-MiniLM-L6-v2")
        >>> model.encode(["a cat", "a kitten"]).dtype
        dtype('float32')
        >>> model.encode("a cat", truncate_dim=8).shape
        (8,)
        >>> model.encode(word for word in ["one", "two", "three"]).shape[0]
        3
        >>> tokens = model.encode("a cat", output="tokens")
        >>> tokens.vectors.shape[0] == len(tokens.tokens)
        True
        """
        texts = one_of(inputs, sentences)
        check_device(device)
        check_batch_size(batch_size)
        single = _texts.is_single(texts)
        texts = [str(texts)] if single else texts
        prompt = self._resolve_prompt(prompt, prompt_name)
        dim = truncate_dim if truncate_dim is not None else self.truncate_dim
        dim = check_dim(dim, self.dimension)
        wants_tokens = output in ("tokens", "layers") or output_value != "sentence_embedding"
        if wants_tokens:
            found = encode_tokens(
                self._core, texts, prompt=prompt, dim=dim, output=output, output_value=output_value,
                layers=layers)  # fmt: skip
            if convert_to_tensor and output is None:
                found = [as_tensors(each) for each in found]
            return found[0] if single else found
        if output not in (None, "vectors"):
            raise ValueError(f"output: expected 'vectors', 'tokens' or 'layers', found {output!r}")
        show = _progress.wants_bar(show_progress_bar)
        vectors, row_offsets = encode_vectors(
            self._core,
            texts,
            prompt=prompt,
            dim=dim,
            normalize=bool(normalize_embeddings),
            layers=layers or (),
            long_policy=long,
            chunk_overlap=chunk_overlap,
            reporter=_progress.Reporter(texts, show, progress),
        )
        result: Any = quantize(vectors, precision)
        if convert_to_tensor:
            result = to_tensor(result)
        elif not convert_to_numpy:
            result = list(to_tensor(result))
        if row_offsets is not None:
            return result, row_offsets
        return result[0] if single else result

    def encode_query(self, inputs: Any = None, prompt_name: str | None = None, **options: Any) -> Any:
        """`encode` with the model's prompt for queries: the one named "query", else the default.

        Examples
        --------
        >>> firth.load("all-MiniLM-L6-v2").encode_query(["a question"]).ndim
        2
        """
        return self._encode_role(inputs, prompt_name, ("query",), options)

    def encode_document(
        self, inputs: Any = None, prompt_name: str | None = None, **options: Any
    ) -> Any:
        """`encode` with the model's prompt for documents: the first it has of "document", "passage"
        and "corpus", else the default.

        Examples
        --------
        >>> firth.load("all-MiniLM-L6-v2").encode_document(["a passage"]).ndim
        2
        """
        return self._encode_role(inputs, prompt_name, ("document", "passage", "corpus"), options)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Every vector of the one matrix against every one of the other, by `similarity_fn_name`.

        Returns (n1, n2) float32; greater is nearer. Torch tensors in give a torch tensor.

        Examples
        --------
        >>> model = firth.load("all-MiniLM-L6-v2")
        >>> vectors = model.encode(["a cat", "a dog", "a river"])
        >>> model.similarity(vectors[:1], vectors).shape
        (1, 3)
        """
        scores = similarity(embeddings1, embeddings2, self.similarity_fn_name)
        return to_tensor(scores) if any_tensor(embeddings1, embeddings2) else scores

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Row i of the one matrix against row i of the other, by `similarity_fn_name`: (n) float32.

        Examples
        --------
        >>> model = firth.load("all-MiniLM-L6-v2")
        >>> vectors = model.encode(["a cat", "a dog"])
        >>> model.similarity_pairwise(vectors, vectors).round(5).tolist()
        [1.0, 1.0]
        """
        scores = similarity_pairwise(embeddings1, embeddings2, self.similarity_fn_name)
        return to_tensor(scores) if any_tensor(embeddings1, embeddings2) else scores

    # Life and copies.

    def close(self) -> None:
        """Give the weights back. Calls that are under way end as usual; later ones raise ValueError.

        Examples
        --------
        >>> with firth.load("all-MiniLM-L6-v2") as model:
        ...     vectors = model.encode(["a cat"])
        """
        self._open = None

    def __enter__(self) -> Embedder:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        if self._open is None:
            return f"<{type(self).__name__} {self._name} (closed)>"
        return f"<{type(self).__name__} {self._name}: {self.kind}, dimension {self.dimension}>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": None, "_was_open": self._open is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        was_open = state.pop("_was_open")
        self.__dict__.update(state)
        if was_open:
            self._reopen()

    def __copy__(self) -> Embedder:
        copied = object.__new__(type(self))
        copied.__dict__.update(self.__dict__)
        copied._options = dict(self._options)
        copied.prompts = dict(self.prompts)
        return copied

    def __deepcopy__(self, memo: dict[int, Any]) -> Embedder:
        return self.__copy__()  # the engine's part never changes, so both may have it

    def _encode_role(
        self, inputs: Any, prompt_name: str | None, roles: Sequence[str], options: dict[str, Any]
    ) -> Any:
        if prompt_name is None and options.get("prompt") is None:
            prompt_name = next((role for role in roles if role in self.prompts), None)
        return self.encode(inputs, prompt_name=prompt_name, **options)

    def _resolve_prompt(self, prompt: str | None, prompt_name: str | None) -> str:
        name = self.default_prompt_name if prompt_name is None else prompt_name
        chosen = choose_prompt(prompt, name, self.prompts)
        return chosen or ""
