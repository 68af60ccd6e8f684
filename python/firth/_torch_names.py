"""What SentenceTransformer and CrossEncoder share: names and arguments that mean something to torch
modules. Those that may be passed over are; the others are refused with a sentence."""

from __future__ import annotations

import os
from typing import Any, NoReturn, TypeVar

from ._encode import check_device

Self = TypeVar("Self", bound="TorchNames")

_UNHEEDED = {
    "cache_folder", "trust_remote_code", "revision", "local_files_only", "token", "use_auth_token",
    "model_card_data", "tokenizer_kwargs", "tokenizer_args", "processor_kwargs", "config_kwargs",
    "config_args", "keep_in_fp32_modules",
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


class TorchNames:
    """Devices, process pools and training, as far as there are any."""

    @property
    def device(self) -> str:
        return "cpu"

    # There is one device, and one process keeps all of its cores busy.

    def to(self: Self, device: Any = None, *_: Any, **__: Any) -> Self:
        check_device(device)
        return self

    def cpu(self: Self) -> Self:
        return self

    def eval(self: Self) -> Self:
        return self

    def start_multi_process_pool(self, *_: Any, **__: Any) -> dict[str, Any]:
        """Nothing is started: one process uses every core. `encode(pool=…)` accepts it."""
        return {"input": None, "output": None, "processes": []}

    @staticmethod
    def stop_multi_process_pool(pool: Any) -> None:
        """There is nothing to stop."""

    def __getattr__(self, name: str) -> NoReturn:
        if name in _REFUSED:
            raise _Refused(f"{type(self).__name__}.{name}: firth's models know no {_REFUSED[name]}")
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")


def name_of_model(who: str, given: str | os.PathLike[str] | None) -> str | os.PathLike[str]:
    if given is None:
        raise NotImplementedError(f"{who}: expected a model's folder or name, found none")
    return given


def check_construction(
    who: str,
    modules: Any,
    device: Any,
    model_kwargs: dict[str, Any] | None,
    backend: str,
    unheeded: dict[str, Any],
) -> str | None:
    """Refuses what cannot be; returns the precision that `model_kwargs` asks for."""
    if modules is not None:
        raise NotImplementedError(f"{who}: expected a model's folder or name, found modules")
    check_device(device)
    unknown = sorted(set(unheeded) - _UNHEEDED)
    if unknown:
        raise TypeError(f"{who}: unexpected keyword arguments {', '.join(unknown)}")
    if backend not in ("torch", "onnx", "openvino"):
        raise ValueError(f"backend: expected 'torch', 'onnx' or 'openvino', found {backend!r}")
    return _precision_of(model_kwargs or {})


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
