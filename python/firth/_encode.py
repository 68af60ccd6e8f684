"""The work behind `Embedder.encode`: its arguments checked, texts handed over block by block, and what
comes back as arrays, tensors or a record for each text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core, _progress, _report, _texts
from ._arrays import FloatMatrix, is_tensor, to_tensor


@dataclass(frozen=True)
class TokenVectors:
    """The tokens of one text with their vectors in context.

    Attributes
    ----------
    tokens
        As the vocabulary spells them, special tokens included: n of them.
    ids
        (n) int32.
    offsets
        (n, 2): begin and end in the text, as Python counts characters; (0, 0) for special tokens.
    vectors
        (n, hidden_size) float32: the last of `layers`.
    layers
        Layer number as it was asked for -> (n, hidden_size) float32. 0 is the embedding output.
    """

    tokens: list[str]
    ids: npt.NDArray[np.int32]
    offsets: npt.NDArray[np.uint32]
    vectors: FloatMatrix
    layers: dict[int, FloatMatrix]


# Arguments.


def one_of(inputs: Any, sentences: Any, call: str = "encode") -> Any:
    """The one of the two names of one argument that was given."""
    if inputs is None and sentences is None:
        raise TypeError(f"{call}: expected texts, found None")
    if inputs is not None and sentences is not None:
        raise TypeError(f"{call}: expected inputs or sentences, found both")
    return sentences if inputs is None else inputs


def check_device(device: Any) -> None:
    if device is None or isinstance(device, list) and all(str(each) == "cpu" for each in device):
        return
    if str(device) != "cpu":
        raise ValueError(f"device: expected 'cpu', the only one there is, found {str(device)!r}")


def check_batch_size(batch_size: Any) -> None:
    if isinstance(batch_size, bool) or not hasattr(batch_size, "__index__"):
        raise TypeError(f"batch_size: expected int, found {type(batch_size).__name__}")
    if batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, found {batch_size}")


def check_dim(dim: int | None, dimension: int) -> int | None:
    if dim is None:
        return None
    if dim < 1:
        raise ValueError(f"truncate_dim: expected at least 1, found {dim}")
    return min(int(dim), dimension)


def any_tensor(*values: Any) -> bool:
    return any(
        is_tensor(value) or (isinstance(value, (list, tuple)) and value and is_tensor(value[0]))
        for value in values
    )


def as_tensors(found: Any) -> Any:
    if isinstance(found, dict):
        return {name: to_tensor(value) for name, value in found.items()}
    return to_tensor(found)


def choose_prompt(prompt: str | None, prompt_name: str | None, prompts: dict[str, str]) -> str | None:
    """The text to put before the inputs; None: neither is given."""
    if prompt is not None:
        if not isinstance(prompt, str):
            raise TypeError(f"prompt: expected str, found {type(prompt).__name__}")
        return prompt
    if prompt_name is None:
        return None
    if prompt_name not in prompts:
        known = ", ".join(sorted(prompts)) or "none"
        raise ValueError(
            f"prompt_name: expected one of the model's prompts ({known}), found {prompt_name!r}"
        )
    return prompts[prompt_name]


# Computation.


def encode_vectors(
    core: _core.Embedder,
    texts: Any,
    *,
    prompt: str,
    dim: int | None,
    reporter: _progress.Reporter,
    normalize: bool = False,
    layers: Sequence[int] = (),
    long_policy: str = "truncate",
    chunk_overlap: int = 32,
) -> tuple[FloatMatrix, npt.NDArray[np.int64] | None]:
    """The vectors of all texts, and the rows of each where a text has several."""
    # Components are cut off before vectors are made unit length only if the caller asks for
    # that; what the model itself normalizes is cut afterwards, as sentence-transformers does.
    cut_inside = dim if normalize and dim is not None else 0
    parts: list[FloatMatrix] = []
    offsets: list[npt.NDArray[np.int64]] = []
    with reporter:
        for block in _texts.blocks(texts):
            result = core.embed(
                block,
                prompt=prompt,
                dim=cut_inside,
                normalize=True if normalize else None,
                layers=layers,
                long_policy=long_policy,
                chunk_overlap=chunk_overlap,
                progress=reporter.callback,
            )
            _report.log_result(result, core.name, core.max_length, long_policy, reporter.num_before)
            parts.append(result.vectors)
            if result.row_offsets is not None:
                offsets.append(result.row_offsets)
            reporter.block_done(result.report.num_items)
    if not parts:
        parts.append(np.zeros((0, cut_inside or core.dimension), dtype=np.float32))
    vectors = parts[0] if len(parts) == 1 else np.concatenate(parts)
    if dim is not None and dim < vectors.shape[1]:
        vectors = np.ascontiguousarray(vectors[:, :dim])
    return vectors, _joined_offsets(offsets) if long_policy == "chunk-each" else None


def encode_tokens(
    core: _core.Embedder,
    texts: Any,
    *,
    prompt: str,
    dim: int | None,
    output: str | None,
    output_value: str | None,
    layers: Sequence[int] | None,
) -> list[Any]:
    """A `TokenVectors` a text; or what `output_value` names: its matrix, or a dict of everything."""
    if output is None and output_value not in ("token_embeddings", None):
        raise ValueError(
            "output_value: expected 'sentence_embedding', 'token_embeddings' or None, "
            f"found {output_value!r}"
        )
    numbers = [-1]
    if output == "layers":
        numbers = list(range(core.num_layers)) if layers is None else list(layers)
    whole = _texts.whole(texts)
    found = core.embed_tokens(whole, prompt=prompt, layers=numbers)
    _report.log_unknown(found.report, core.name)
    items = _split_tokens(found, numbers)
    if output is not None:
        return items
    if output_value == "token_embeddings":
        return [item.vectors for item in items]
    quiet = _progress.Reporter(whole, False, None)
    sentences, _ = encode_vectors(core, whole, prompt=prompt, dim=dim, reporter=quiet)
    return [
        {
            "input_ids": item.ids.astype(np.int64),
            "attention_mask": np.ones(len(item.ids), dtype=np.int64),
            "token_embeddings": item.vectors,
            "sentence_embedding": sentence,
        }
        for item, sentence in zip(items, sentences)
    ]


def _split_tokens(found: Any, numbers: Sequence[int]) -> list[TokenVectors]:
    bounds = found.offsets.tolist()
    items = []
    for begin, end in zip(bounds, bounds[1:]):
        layers = {number: layer[begin:end] for number, layer in zip(numbers, found.layers)}
        items.append(
            TokenVectors(
                tokens=found.pieces[begin:end],
                ids=found.ids[begin:end],
                offsets=found.spans[begin:end],
                vectors=found.layers[-1][begin:end],
                layers=layers,
            )
        )
    return items


def _joined_offsets(offsets: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    if not offsets:
        return np.zeros(1, dtype=np.int64)
    joined = [offsets[0]]
    for block in offsets[1:]:
        joined.append(block[1:] + joined[-1][-1])
    return np.concatenate(joined)
