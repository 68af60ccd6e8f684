"""SentenceTransformer: an Embedder under sentence-transformers' constructor and method names, so that
code moves over by changing its import. What cannot be is refused with a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from ._embedder import Array, Embedder, _check_device

_UNHEEDED = {
    "cache_folder", "trust_remote_code", "revision", "local_files_only", "token", "use_auth_token",
    "model_card_data", "tokenizer_kwargs", "processor_kwargs", "config_kwargs",
}  # fmt: skip

_REFUSED = {
    "fit": "training", "old_fit": "training", "train": "training", "save": "saving",
    "save_pretrained": "saving", "save_to_hub": "saving", "push_to_hub": "saving",
    "add_module": "a change of its modules", "add_adapter": "adapters", "load_adapter": "adapters",
    "half": "16-bit weights; open it with model_kwargs={'torch_dtype': 'bfloat16'}",
    "cuda": "a device other than the CPU", "forward": "a pass over torch tensors; use encode",
    "transformers_model": "a torch module", "config": "a torch module's configuration",
}  # fmt: skip


class _Refused(NotImplementedError, AttributeError):
    """hasattr() says False, and who asks all the same is told why."""


class SentenceTransformer(Embedder):
    """A model under sentence-transformers' names.

    Parameters
    ----------
    model_name_or_path
        A folder or a name, as `firth.load` takes it. Nothing is downloaded.
    prompts, default_prompt_name
        In addition to and instead of those of the model's files.
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
        if modules is not None or model_name_or_path is None:
            raise NotImplementedError(
                "SentenceTransformer: expected a model's folder or name, found "
                + ("modules" if modules is not None else "none")
            )
        _check_device(device)
        unknown = sorted(set(unheeded) - _UNHEEDED)
        if unknown:
            raise TypeError(f"SentenceTransformer: unexpected keyword arguments {', '.join(unknown)}")
        if backend not in ("torch", "onnx", "openvino"):
            raise ValueError(f"backend: expected 'torch', 'onnx' or 'openvino', found {backend!r}")
        super().__init__(model_name_or_path, precision=_precision_of(model_kwargs or {}))
        self.prompts.update(prompts or {})
        if default_prompt_name is not None:
            self._resolve_prompt(None, default_prompt_name)
            self.default_prompt_name = default_prompt_name
        if similarity_fn_name is not None:
            self.similarity_fn_name = similarity_fn_name
        self.truncate_dim = truncate_dim

    @property
    def device(self) -> str:
        return "cpu"

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

    # There is one device, and one process keeps all of its cores busy.

    def to(self, device: Any = None, *_: Any, **__: Any) -> SentenceTransformer:
        _check_device(device)
        return self

    def cpu(self) -> SentenceTransformer:
        return self

    def eval(self) -> SentenceTransformer:
        return self

    def start_multi_process_pool(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Nothing is started: one process uses every core. `encode(pool=…)` accepts it."""
        return {"input": None, "output": None, "processes": []}

    @staticmethod
    def stop_multi_process_pool(pool: Any) -> None:
        """There is nothing to stop."""

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

    def __getattr__(self, name: str) -> NoReturn:
        if name in _REFUSED:
            raise _Refused(f"SentenceTransformer.{name}: firth's models know no {_REFUSED[name]}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def _precision_of(model_kwargs: dict[str, Any]) -> str | None:
    names = {"bfloat16": "bf16", "float16": "f32", "float32": "f32", "auto": "f32"}
    for key, value in model_kwargs.items():
        dtype = str(value).removeprefix("torch.")
        if key in ("torch_dtype", "dtype") and dtype in names:
            return names[dtype]
        if key not in ("attn_implementation", "device_map", "low_cpu_mem_usage", "file_name",
                       "provider", "export"):  # fmt: skip
            raise NotImplementedError(f"model_kwargs: expected torch_dtype, found {key}={value!r:.80}")
    return None
