"""A model as LangChain's Embeddings: `pip install firth[langchain]`."""

from __future__ import annotations

import os
from typing import Any, Union

from langchain_core.embeddings import Embeddings

from ._embedder import Embedder
from ._load import load


class FirthEmbeddings(Embeddings):
    """Embeddings for LangChain's vector stores and retrievers.

    Parameters
    ----------
    model
        A path or name, as `firth.load` takes it, or an `Embedder`.
    encode_kwargs
        For every call of `Embedder.encode`, for example {"normalize_embeddings": True}.

    Queries get the model's prompt for queries and documents that for documents, where it has them.
    """

    def __init__(
        self,
        model: Union[str, os.PathLike[str], Embedder],
        *,
        encode_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model if isinstance(model, Embedder) else load(model)
        self.encode_kwargs = dict(encode_kwargs or {})

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """A vector for each text."""
        vectors: list[list[float]] = self.model.encode_document(texts, **self.encode_kwargs).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query."""
        vector: list[float] = self.model.encode_query(text, **self.encode_kwargs).tolist()
        return vector
