"""A model as LlamaIndex's BaseEmbedding: `pip install firth[llama-index]`."""

from __future__ import annotations

import asyncio
import os
from typing import Any, Union

from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.bridge.pydantic import PrivateAttr

from ._embedder import Embedder
from ._load import load


class FirthEmbedding(BaseEmbedding):
    """An embedding model for LlamaIndex.

    Parameters
    ----------
    model
        A path or name, as `firth.load` takes it, or an `Embedder`.
    encode_kwargs
        For every call of `Embedder.encode`.
    others
        As BaseEmbedding takes them: embed_batch_size, callback_manager, …

    Queries get the model's prompt for queries and texts that for documents, where it has them.
    """

    _model: Embedder = PrivateAttr()
    _encode_kwargs: dict[str, Any] = PrivateAttr()

    def __init__(
        self,
        model: Union[str, os.PathLike[str], Embedder],
        *,
        encode_kwargs: dict[str, Any] | None = None,
        embed_batch_size: int = 512,
        **others: Any,
    ) -> None:
        opened = model if isinstance(model, Embedder) else load(model)
        others.setdefault("model_name", opened.name)
        super().__init__(embed_batch_size=embed_batch_size, **others)
        self._model = opened
        self._encode_kwargs = dict(encode_kwargs or {})

    @classmethod
    def class_name(cls) -> str:
        return "FirthEmbedding"

    def _get_query_embedding(self, query: str) -> list[float]:
        vector: list[float] = self._model.encode_query(query, **self._encode_kwargs).tolist()
        return vector

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._model.encode_document(
            texts, **self._encode_kwargs
        ).tolist()
        return vectors

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)
