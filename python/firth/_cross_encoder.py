"""CrossEncoder: models that score a pair of texts by reading both, under sentence-transformers' names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core, _progress, _report
from ._arrays import as_array, to_tensor
from ._encode import check_batch_size, check_device, choose_prompt, one_of
from ._torch_names import TorchNames, check_construction, name_of_model

Scores = npt.NDArray[np.float32]


class CrossEncoder(TorchNames):
    """A model that scores pairs of texts, such as a question and a passage: slower than comparing
    vectors, and better. Search first, then rank what was found.

    Safe to use from several threads at once and in forked processes. Pickles as its path and options.

    Parameters
    ----------
    model_name_or_path
        A folder or a name, as `firth.load` takes it. Nothing is downloaded.
    max_length
        Tokens of a pair, special tokens included; None: as the model's files say. The longer text of a
        pair that is too long loses tokens first.
    activation_fn
        What makes scores of the model's logits, for instance `torch.nn.Sigmoid()` or a function of an
        array (n, num_labels); None: what the model's files name, mostly a sigmoid.
    num_labels
        Accepted if it is the number that the model has.
    prompts, default_prompt_name
        Texts put before the first text of each pair, by name, beside those of the model's files.
    device, backend, model_kwargs
        As in `SentenceTransformer`.
    threads
        None: all that the process may use, shared with other models.

    Examples
    --------
    >>> from firth import CrossEncoder
    >>> model = CrossEncoder("ms-marco-MiniLM-L6-v2")
    >>> model.predict([("how many live in Berlin?", "Berlin has 3.7 million inhabitants."),
    ...                ("how many live in Berlin?", "Berlin is known for its museums.")]).shape
    (2,)
    >>> best = model.rank("a cat", ["a bank", "a kitten", "a river"], top_k=1)
    >>> sorted(best[0])
    ['corpus_id', 'score']
    """

    def __init__(
        self,
        model_name_or_path: str | os.PathLike[str] | None = None,
        num_labels: int | None = None,
        max_length: int | None = None,
        activation_fn: Callable[[Any], Any] | None = None,
        *,
        modules: Any = None,
        device: Any = None,
        prompts: dict[str, str] | None = None,
        default_prompt_name: str | None = None,
        model_kwargs: dict[str, Any] | None = None,
        backend: str = "torch",
        threads: int | None = None,
        **unheeded: Any,
    ) -> None:
        activation_fn = unheeded.pop("default_activation_function", activation_fn)
        precision = check_construction(
            "CrossEncoder", modules, device, model_kwargs, backend, unheeded
        )
        for name, number in (("max_length", max_length), ("threads", threads)):
            if number is not None and number < 1:
                raise ValueError(f"{name}: expected at least 1, found {number}")
        self._path = _core.find_model(os.fspath(name_of_model("CrossEncoder", model_name_or_path)))
        self._options: dict[str, Any] = {
            "max_length": max_length or 0,
            "precision": precision or "",
            "num_threads": threads or 0,
        }
        self._open: _core.Reranker | None = None
        self._reopen()
        self._name = self._core.name
        if num_labels not in (None, self.num_labels):
            raise ValueError(f"num_labels: expected {self.num_labels}, as {self._name} has, "
                             f"found {num_labels}")  # fmt: skip
        self.activation_fn = activation_fn
        self.prompts: dict[str, str] = {**self._core.prompts, **(prompts or {})}
        choose_prompt(None, default_prompt_name, self.prompts)
        self.default_prompt_name = default_prompt_name

    def _reopen(self) -> None:
        self._open = _core.open_reranker(self._path, **self._options)

    @property
    def _core(self) -> _core.Reranker:
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
    def labels(self) -> list[str]:
        """What the scores of a pair stand for."""
        return self._core.labels

    @property
    def num_labels(self) -> int:
        """Scores of a pair."""
        return len(self._core.labels)

    @property
    def max_length(self) -> int | None:
        """Tokens of a pair that count, special tokens included; None = no limit. Setting it opens the
        model again."""
        return self._core.max_length or None

    @max_length.setter
    def max_length(self, length: int) -> None:
        if length < 1:
            raise ValueError(f"max_length: expected at least 1, found {length}")
        if length != self.max_length:
            self._options["max_length"] = length
            self._reopen()

    @property
    def max_seq_length(self) -> int | None:
        """`max_length`."""
        return self.max_length

    @max_seq_length.setter
    def max_seq_length(self, length: int) -> None:
        self.max_length = length

    # Pairs to scores.

    def predict(
        self,
        inputs: Any = None,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        activation_fn: Callable[[Any], Any] | None = None,
        apply_softmax: bool | None = False,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        device: Any = None,
        pool: Any = None,
        chunk_size: int | None = None,
        *,
        sentences: Any = None,
        num_workers: int = 0,
        progress: Callable[[int, int | None], object] | None = None,
    ) -> Any:
        """Score pairs of texts.

        Parameters
        ----------
        inputs
            A list of pairs, each a tuple or list of two str, or an array (n, 2) of str; or one pair.
            (`sentences` is an older name.)
        prompt_name, prompt
            Text put before the first text of every pair, by its name in `prompts` or as it is. Neither:
            the default prompt, if there is one.
        activation_fn
            Instead of the model's own. It gets a torch tensor where torch is loaded, else an array.
        apply_softmax
            Of a model with several labels: make the scores of each pair add up to 1.
        convert_to_numpy, convert_to_tensor, show_progress_bar, progress, device
            As in `Embedder.encode`.
        batch_size, pool, chunk_size, num_workers
            Accepted and not heeded: batches are cut by their tokens, on all threads.

        Returns
        -------
        (n) float32, of a model with several labels (n, num_labels); a single score, or (num_labels),
        for one pair.

        Examples
        --------
        >>> model = firth.CrossEncoder("ms-marco-MiniLM-L6-v2")
        >>> scores = model.predict([["a cat", "a kitten"], ["a cat", "a bank"]])
        >>> bool((scores > 0).all() and (scores < 1).all())
        True
        """
        given = one_of(inputs, sentences, "predict")
        check_device(device)
        check_batch_size(batch_size)
        single = _is_pair(given)
        queries, documents = _split_pairs([given] if single else given)
        function = activation_fn if activation_fn is not None else self.activation_fn
        reporter = _progress.Reporter(queries, _progress.wants_bar(show_progress_bar), progress)
        with reporter:
            scores, report = self._core.score(
                queries,
                documents,
                prompt=self._resolve_prompt(prompt, prompt_name),
                logits=function is not None,
                progress=reporter.callback,
            )
        _report.log_unknown(report, self._name)
        if function is not None:
            scores = _activated(function, scores)
        if apply_softmax and scores.shape[1] > 1:
            scores = _softmax(scores)
        result: Any = scores[:, 0] if scores.shape[1] == 1 else scores
        if convert_to_tensor:
            result = to_tensor(result)
        elif not convert_to_numpy:
            result = list(to_tensor(result))
        return result[0] if single else result

    def rank(
        self,
        query: str,
        documents: Sequence[str],
        top_k: int | None = None,
        return_documents: bool = False,
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        activation_fn: Callable[[Any], Any] | None = None,
        device: Any = None,
        pool: Any = None,
        chunk_size: int | None = None,
        **unheeded: Any,
    ) -> list[dict[str, Any]]:
        """Documents by how well they answer a query, the best first; equal ones in their order.

        Returns [{"corpus_id": …, "score": …}, …], with return_documents=True also "text". The other
        arguments are those of `predict`.

        Examples
        --------
        >>> model = firth.CrossEncoder("ms-marco-MiniLM-L6-v2")
        >>> [hit["text"] for hit in model.rank("a cat", ["a cat"], return_documents=True)]
        ['a cat']
        """
        if self.num_labels != 1:
            raise ValueError(
                f"rank: expected a model with one label, found {self.num_labels} "
                f"({', '.join(self.labels)}); use predict"
            )
        if not isinstance(query, str):
            raise TypeError(f"query: expected str, found {type(query).__name__}")
        if isinstance(documents, str):
            raise TypeError("documents: expected a list of str, found one str")
        texts = list(documents)
        scores = self.predict(
            [(query, text) for text in texts],
            prompt_name=prompt_name,
            prompt=prompt,
            show_progress_bar=show_progress_bar,
            activation_fn=activation_fn,
            device=device,
            batch_size=batch_size,
        )
        order = np.argsort(-scores, kind="stable")[:top_k]
        hits: list[dict[str, Any]] = []
        for i in order:
            hits.append({"corpus_id": int(i), "score": float(scores[i])})
            if return_documents:
                hits[-1]["text"] = texts[i]
        return hits

    # Life and copies.

    def close(self) -> None:
        """Give the weights back; later calls raise ValueError."""
        self._open = None

    def __enter__(self) -> CrossEncoder:
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
            return f"<CrossEncoder {self._name} (closed)>"
        return f"<CrossEncoder {self._name}: {self._core.kind}, {self.num_labels} labels>"

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_open": None, "_was_open": self._open is not None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        was_open = state.pop("_was_open")
        self.__dict__.update(state)
        if was_open:
            self._reopen()

    def _resolve_prompt(self, prompt: str | None, prompt_name: str | None) -> str | None:
        name = self.default_prompt_name if prompt_name is None else prompt_name
        return choose_prompt(prompt, name, self.prompts)


def _is_pair(inputs: Any) -> bool:
    if isinstance(inputs, np.ndarray):
        return inputs.ndim == 1 and len(inputs) > 0 and isinstance(inputs[0], str)
    return isinstance(inputs, (list, tuple)) and len(inputs) > 0 and isinstance(inputs[0], str)


def _split_pairs(inputs: Any) -> tuple[list[Any], list[Any]]:
    if isinstance(inputs, (str, bytes)):
        raise TypeError(f"inputs: expected pairs of str, found {type(inputs).__name__}")
    queries, documents = [], []
    for i, pair in enumerate(inputs):
        if not isinstance(pair, (list, tuple, np.ndarray)):
            raise TypeError(f"inputs[{i}]: expected two str, found {type(pair).__name__}")
        if len(pair) != 2:
            raise ValueError(f"inputs[{i}]: expected two str, found {len(pair)} items")
        queries.append(pair[0])
        documents.append(pair[1])
    return queries, documents


def _activated(function: Callable[[Any], Any], logits: Scores) -> Scores:
    has_torch = "torch" in sys.modules
    found = as_array(function(to_tensor(logits) if has_torch else logits), "activation_fn")
    if found.shape != logits.shape:
        raise ValueError(
            f"activation_fn: expected shape {logits.shape}, as it was given, found {found.shape}"
        )
    return np.ascontiguousarray(found, dtype=np.float32)


def _softmax(scores: Scores) -> Scores:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Scores = powers / powers.sum(axis=1, keepdims=True)
    return shares
