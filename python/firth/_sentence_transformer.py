"""SentenceTransformer: an Embedder under sentence-transformers' constructor and method names, so that
code moves over by changing its import. What cannot be is refused with a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ._arrays import as_scores
from ._embedder import Array, Embedder
from ._search import similarity, similarity_pairwise
from ._torch_names import TorchNames, check_construction, name_of_model


class SentenceTransformer(TorchNames, Embedder):
    """A model under sentence-transformers' names.

    Parameters
    ----------
    model_name_or_path
        A folder or a name, as `firth.load` takes it. Nothing is downloaded.
    prompts, default_prompt_name
        In addition to and instead of those of the model's files; "query" and "document" are "" where
        nobody says otherwise.
    similarity_fn_name, truncate_dim
        As sentence-transformers has them.
    device, backend
        None or "cpu"; "torch", "onnx" and "openvino" mean the same: this engine.
    model_kwargs
        {"torch_dtype": "bfloat16"} (or "dtype") rounds weights and inputs of products to it;
        float16 weights are computed with in float32.

    Examples
    --------
    >>> from firth import SentenceTransformer
    >>> model = SentenceTransformer("all-MiniLM-L6-v2")
    >>> embeddings = model.encode(["The weather is lovely today.", "He drove to the stadium."])
    >>> model.similarity(embeddings, embeddings).shape
    (2, 2)
    """

    def __init__(
        self,
        model_name_or_path: str | os.PathLike[str] | None = None,
        *,
        modules: Any = None,
        device: Any = None,
        prompts: dict[str, str] | None = None,
        default_prompt_name: str | None = None,
        similarity_fn_name: str | None = None,
        truncate_dim: int | None = None,
        model_kwargs: dict[str, Any] | None = None,
        backend: str = "torch",
        **unheeded: Any,
    ) -> None:
        precision = check_construction(
            "SentenceTransformer", modules, device, model_kwargs, backend, unheeded
        )
        super().__init__(name_of_model("SentenceTransformer", model_name_or_path), precision=precision)
        # As sentence-transformers has it since version 5: the two names always exist, so that
        # encode_document never gets to "passage" or "corpus". firth.load's models do.
        self.prompts = {"query": "", "document": "", **self.prompts, **(prompts or {})}
        if default_prompt_name is not None:
            self._resolve_prompt(None, default_prompt_name)
            self.default_prompt_name = default_prompt_name
        if similarity_fn_name is not None:
            self.similarity_fn_name = similarity_fn_name
        self.truncate_dim = truncate_dim

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """`Embedder.similarity`; a torch tensor where torch is loaded."""
        return as_scores(similarity(embeddings1, embeddings2, self.similarity_fn_name))

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        """`Embedder.similarity_pairwise`; a torch tensor where torch is loaded."""
        return as_scores(similarity_pairwise(embeddings1, embeddings2, self.similarity_fn_name))

    def get_embedding_dimension(self) -> int:
        """Components of what `encode` gives."""
        return min(self.dimension, self.truncate_dim or self.dimension)

    def get_sentence_embedding_dimension(self) -> int:
        """Components of what `encode` gives."""
        return self.get_embedding_dimension()

    def get_max_seq_length(self) -> int | None:
        """`max_seq_length`."""
        return self.max_seq_length

    @contextmanager
    def truncate_embeddings(self, truncate_dim: int | None) -> Iterator[None]:
        """Inside this context `encode` keeps the first `truncate_dim` components."""
        before = self.truncate_dim
        self.truncate_dim = truncate_dim
        try:
            yield
        finally:
            self.truncate_dim = before

    truncate_sentence_embeddings = truncate_embeddings

    def encode_multi_process(self, sentences: Any, pool: Any = None, **options: Any) -> Array:
        """`encode`; one process uses every core."""
        vectors: Array = self.encode(sentences, **options)
        return vectors

    def evaluate(self, evaluator: Any, output_path: str | None = None) -> Any:
        """Calls an evaluator of sentence-transformers with this model."""
        return evaluator(self, output_path)

    def tokenize(self, texts: Any) -> Any:
        """Token ids and masks, padded to the longest text, as a dict of torch tensors (n, longest)."""
        from ._arrays import to_tensor

        import numpy as np

        tokenizer = self.tokenizer
        if self.max_seq_length is not None:
            tokenizer.enable_truncation(self.max_seq_length)
        tokenizer.enable_padding()
        encodings = tokenizer.encode_batch([texts] if isinstance(texts, str) else texts)
        columns = {
            "input_ids": [encoding.ids for encoding in encodings],
            "token_type_ids": [encoding.type_ids for encoding in encodings],
            "attention_mask": [encoding.attention_mask for encoding in encodings],
        }
        return {name: to_tensor(np.asarray(rows, dtype=np.int64)) for name, rows in columns.items()}
