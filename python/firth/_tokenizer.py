"""Tokenizer, under the method names of the tokenizers library."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core, _texts
from ._encoding import Encoding
from .trainers import Trainer


class Tokenizer:
    """Texts to token ids, as the tokenizers library makes them.

    `Tokenizer.from_file` obeys the truncation and padding sections of tokenizer.json, as that library
    does; a model's own (`Embedder.tokenizer`) neither cuts nor pads.

    Examples
    --------
    >>> tokenizer = firth.Tokenizer.from_file("models/all-MiniLM-L6-v2/tokenizer.json")
    >>> encoding = tokenizer.encode("a cat")
    >>> tokenizer.decode(encoding.ids)
    'a cat'
    """

    _handle: _core.Tokenizer
    _truncation: dict[str, Any] | None
    _padding: dict[str, Any] | None
    _source: Callable[[], str] | None  # gives its tokenizer.json, if it has one

    def __init__(self, *_: Any, **__: Any) -> None:
        raise TypeError(
            "Tokenizer: made by from_file, from_str, from_pretrained, blank or Embedder.tokenizer"
        )

    @classmethod
    def _of(cls, core: _core.Tokenizer, spec: dict[str, Any] | None = None) -> Tokenizer:
        self = object.__new__(cls)
        self._handle = core
        self._truncation = None
        self._padding = None
        self._source = None
        spec = spec or {}
        if core.truncation_max_length and spec.get("truncation"):
            self._truncation = {
                "max_length": core.truncation_max_length,
                "stride": spec["truncation"].get("stride", 0),
                "strategy": _snake_case(spec["truncation"].get("strategy", "LongestFirst")),
                "direction": spec["truncation"].get("direction", "Right").lower(),
            }
        if spec.get("padding"):
            self._padding = _padding_of(spec["padding"])
        return self

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Tokenizer:
        """Open a tokenizer.json, a vocab.txt, or a folder that holds one of them."""
        name = os.fspath(path)
        core = _core.open_tokenizer(name)
        if os.path.isdir(name):
            name = os.path.join(name, "tokenizer.json")
        if not name.endswith(".json") or not os.path.exists(name):
            return cls._of(core)
        self = cls._of(core, json.loads(_text_of(name)))
        self._source = lambda: _text_of(name)
        return self

    @classmethod
    def from_str(cls, json_text: str) -> Tokenizer:
        """Open what stands in a tokenizer.json."""
        self = cls._of(_core.tokenizer_from_str(json_text), json.loads(json_text))
        self._source = lambda: json_text
        return self

    @classmethod
    def from_buffer(cls, buffer: bytes) -> Tokenizer:
        """The same, of bytes."""
        return cls.from_str(bytes(buffer).decode())

    @classmethod
    def from_pretrained(cls, identifier: str | os.PathLike[str]) -> Tokenizer:
        """The tokenizer in the folder of a model that `firth.load` finds by this path or name."""
        return cls.from_file(_core.find_model(os.fspath(identifier)))

    @classmethod
    def blank(
        cls,
        kind: str = "bpe",
        *,
        normalizer: str = "none",
        pre_tokenizer: str = "none",
        unk_token: str | None = None,
        **parts: Any,
    ) -> Tokenizer:
        """A tokenizer without a vocabulary, to be trained.

        Parameters
        ----------
        kind
            "bpe", "wordpiece", "unigram" or "word".
        normalizer, pre_tokenizer
            Names with commas between, as `firth train tokenizer --help` lists them ("nfkc,lowercase",
            "byte-level"), or the JSON object of a tokenizer.json.
        unk_token
            The token that stands for what is not known.
        parts
            `post_processor` and `decoder`, as in tokenizer.json.

        Examples
        --------
        >>> tokenizer = firth.Tokenizer.blank("word", pre_tokenizer="whitespace", unk_token="[UNK]")
        >>> trainer = firth.trainers.WordLevelTrainer(special_tokens=["[UNK]"])
        >>> tokenizer.train_from_iterator(["a cat", "a hat"], trainer)
        >>> tokenizer.encode("a dog").tokens
        ['a', '[UNK]']
        """
        unknown = set(parts) - {"post_processor", "decoder"}
        if unknown:
            raise TypeError(f"blank: expected post_processor or decoder, found {sorted(unknown)[0]!r}")
        if kind not in _BLANK_MODELS:
            raise ValueError(f"kind: expected one of {', '.join(_BLANK_MODELS)}, found {kind!r}")
        model = dict(_BLANK_MODELS[kind])
        if unk_token is not None and kind != "unigram":
            model["unk_token"] = unk_token
        spec = {
            "version": "1.0",
            "truncation": None,
            "padding": None,
            "added_tokens": [],
            "normalizer": json.loads(_core.normalizer_json(normalizer)),
            "pre_tokenizer": json.loads(_core.pre_tokenizer_json(pre_tokenizer)),
            "post_processor": parts.get("post_processor"),
            "decoder": parts.get("decoder"),
            "model": model,
        }
        return cls.from_str(json.dumps(spec))

    def train(self, files: str | os.PathLike[str] | Sequence[Any], trainer: Trainer) -> None:
        """Learn the vocabulary anew from files of UTF-8 text.

        Each line is a text, its line break part of it, as in the tokenizers library;
        `train_from_iterator` takes texts as they are.
        """
        if isinstance(files, (str, os.PathLike)):
            files = [files]
        self.train_from_iterator(_lines_of(files), trainer)

    def train_from_iterator(
        self, iterator: Iterable[Any], trainer: Trainer, length: int | None = None
    ) -> None:
        """Learn the vocabulary anew from texts; an item may be a list of texts.

        Normalizer, pre-tokenizer, post-processor and decoder stay; merges and vocabulary are those that
        the tokenizers library learns with the same options. Memory holds the distinct words.

        Examples
        --------
        >>> tokenizer = firth.Tokenizer.blank("wordpiece", pre_tokenizer="bert", unk_token="[UNK]")
        >>> trainer = firth.trainers.WordPieceTrainer(vocab_size=20, special_tokens=["[UNK]"])
        >>> tokenizer.train_from_iterator(["a cat", "a hat"], trainer)
        >>> tokenizer.token_to_id("[UNK]")
        0
        """
        core = _core.TokenizerTrainer(self.to_str(), trainer.kind, trainer._options)
        for block in _blocks_of_texts(iterator):
            core.add(block)
        trained = core.train()
        self._handle = _core.tokenizer_from_str(trained)
        self._source = lambda: trained

    def to_str(self, pretty: bool = False) -> str:
        """What stands in its tokenizer.json."""
        if self._source is None:
            raise ValueError("Tokenizer: expected one that was made from a tokenizer.json")
        text = self._source()
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2) if pretty else text

    def save(self, path: str | os.PathLike[str], pretty: bool = True) -> None:
        """Write its tokenizer.json."""
        _core.write_file(os.fspath(path), self.to_str(pretty))

    def encode(
        self,
        sequence: str,
        pair: str | None = None,
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> Encoding:
        """The tokens of a text, or of two as one sequence.

        Examples
        --------
        >>> tokenizer = firth.load("all-MiniLM-L6-v2").tokenizer
        >>> tokenizer.encode("a cat", add_special_tokens=False).offsets[0]
        (0, 1)
        """
        _refuse_words(is_pretokenized)
        core = self._handle.encode(sequence, pair, add_special_tokens, self._fast_limit())
        return self._padded([self._cut(core, sequence, pair, add_special_tokens)])[0]

    def encode_batch(
        self,
        input: Iterable[Any],
        is_pretokenized: bool = False,
        add_special_tokens: bool = True,
    ) -> list[Encoding]:
        """The tokens of each text; an item may be a pair (text, text). On all threads."""
        _refuse_words(is_pretokenized)
        texts, pairs = _split_pairs(_texts.whole(input))
        cores = self._handle.encode_batch(texts, pairs, add_special_tokens, self._fast_limit())
        if self._truncation is None:
            return self._padded([Encoding(core, num_sequences=1 + bool(pairs)) for core in cores])
        rows = texts if isinstance(texts, (list, tuple)) else _texts.as_list(texts)
        return self._padded([
            self._cut(core, row, pairs[i] if pairs else None, add_special_tokens)
            for i, (core, row) in enumerate(zip(cores, rows))
        ])  # fmt: skip

    encode_batch_fast = encode_batch

    def encode_ragged(
        self, texts: _texts.Texts, add_special_tokens: bool = True
    ) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """The ids of many texts without a Python object a token, and without padding.

        Returns
        -------
        ids, offsets
            (total) int32, one text after another; (n + 1) int64: text i is
            ids[offsets[i]:offsets[i + 1]].

        Examples
        --------
        >>> tokenizer = firth.load("all-MiniLM-L6-v2").tokenizer
        >>> ids, offsets = tokenizer.encode_ragged(["a cat", ""], add_special_tokens=False)
        >>> int(offsets[1]) == int(offsets[2]) == len(ids)
        True
        """
        if self._truncation is not None and self._fast_limit() == 0:
            raise NotImplementedError("encode_ragged: expected truncation from the right, found another")
        return self._handle.encode_ids(_texts.whole(texts), add_special_tokens, self._fast_limit())

    def decode(self, ids: Sequence[int], skip_special_tokens: bool = True) -> str:
        """The text of token ids, as near as the tokenizer can come to it."""
        return self._handle.decode([int(each) for each in ids], skip_special_tokens)

    def decode_batch(
        self, sequences: Iterable[Sequence[int]], skip_special_tokens: bool = True
    ) -> list[str]:
        """The texts of several lists of ids."""
        return [self.decode(ids, skip_special_tokens) for ids in sequences]

    def token_to_id(self, token: str) -> int | None:
        """The id of a token; None if there is no such token."""
        return self._handle.token_to_id(token)

    def id_to_token(self, id: int) -> str | None:
        """The token of an id; None if there is no such id."""
        return self._handle.id_to_token(id)

    def get_vocab(self, with_added_tokens: bool = True) -> dict[str, int]:
        """Every token and its id."""
        _refuse_without_added(with_added_tokens)
        tokens = ((self.id_to_token(id), id) for id in range(self._handle.vocab_size))
        return {token: id for token, id in tokens if token is not None}

    def get_vocab_size(self, with_added_tokens: bool = True) -> int:
        """How many tokens there are.

        Examples
        --------
        >>> tokenizer = firth.load("all-MiniLM-L6-v2").tokenizer
        >>> tokenizer.get_vocab_size() == len(tokenizer.get_vocab())
        True
        """
        _refuse_without_added(with_added_tokens)
        return sum(self.id_to_token(id) is not None for id in range(self._handle.vocab_size))

    def num_special_tokens_to_add(self, is_pair: bool) -> int:
        """Tokens that are put around a text, or around two."""
        pair = "a" if is_pair else None
        whole = self._handle.encode("a", pair, True, 0)
        return len(whole.ids) - len(self._handle.encode("a", pair, False, 0).ids)

    @property
    def truncation(self) -> dict[str, Any] | None:
        """Where texts are cut; None: nowhere."""
        return self._truncation

    @property
    def padding(self) -> dict[str, Any] | None:
        """What shorter texts are filled up with; None: with nothing."""
        return self._padding

    def enable_truncation(
        self,
        max_length: int,
        stride: int = 0,
        strategy: str = "longest_first",
        direction: str = "right",
    ) -> None:
        """Cut texts to `max_length` tokens, special tokens included.

        Parameters
        ----------
        stride
            Tokens that the windows of `Encoding.overflowing` share.
        strategy
            Of a pair: "longest_first", "only_first" or "only_second" is cut.
        direction
            "right" keeps a text's beginning, "left" its end.

        Examples
        --------
        >>> tokenizer = firth.load("all-MiniLM-L6-v2").tokenizer
        >>> tokenizer.enable_truncation(5, stride=1)
        >>> encoding = tokenizer.encode("a cat sat on the mat")
        >>> len(encoding), all(len(part) <= 5 for part in encoding.overflowing)
        (5, True)
        """
        if max_length < 1:
            raise ValueError(f"max_length: expected at least 1, found {max_length}")
        if stride < 0:
            raise ValueError(f"stride: expected at least 0, found {stride}")
        if strategy not in ("longest_first", "only_first", "only_second"):
            raise ValueError("strategy: expected 'longest_first', 'only_first' or 'only_second', "
                             f"found {strategy!r}")  # fmt: skip
        if direction not in ("right", "left"):
            raise ValueError(f"direction: expected 'right' or 'left', found {direction!r}")
        self._truncation = {
            "max_length": max_length,
            "stride": stride,
            "strategy": strategy,
            "direction": direction,
        }

    def no_truncation(self) -> None:
        """Cut nothing."""
        self._truncation = None

    def enable_padding(
        self,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
        length: int | None = None,
        pad_to_multiple_of: int | None = None,
    ) -> None:
        """Fill texts up to `length` tokens; None: to the longest of a batch."""
        self._padding = {
            "length": length,
            "pad_to_multiple_of": pad_to_multiple_of,
            "pad_id": pad_id,
            "pad_token": pad_token,
            "pad_type_id": pad_type_id,
            "direction": direction,
        }

    def no_padding(self) -> None:
        """Fill nothing up."""
        self._padding = None

    def __repr__(self) -> str:
        return f"<Tokenizer of {self._handle.vocab_size} ids>"

    def _fast_limit(self) -> int:
        """Where the engine itself may cut; 0: nowhere, or `_cut` does."""
        cut = self._truncation
        plain = cut is not None and (cut["strategy"], cut["direction"]) == ("longest_first", "right")
        return int(cut["max_length"]) if cut is not None and plain else 0

    def _cut(
        self, core: _core.Encoding, text: str, pair: str | None, add_special_tokens: bool
    ) -> Encoding:
        num_sequences = 1 if pair is None else 2
        cut = self._truncation
        if cut is None:
            return Encoding(core, num_sequences=num_sequences)
        if self._fast_limit() == 0:
            parts = Encoding(core, num_sequences=num_sequences)._cut(**cut)
            parts[0]._rest = parts[1:]
            return parts[0]

        def rest() -> list[Encoding]:
            whole = self._handle.encode(text, pair, add_special_tokens, 0)
            return Encoding(whole, num_sequences=num_sequences)._cut(**cut)[1:]

        full = len(core.ids) >= cut["max_length"]
        return Encoding(core, overflow=rest if full else None, num_sequences=num_sequences)

    def _padded(self, encodings: list[Encoding]) -> list[Encoding]:
        pad = self._pad_to(max(map(len, encodings), default=0))
        if pad is not None:
            for encoding in encodings:
                encoding.pad(**pad)
        return encodings

    def _pad_to(self, longest: int) -> dict[str, Any] | None:
        if self._padding is None:
            return None
        pad = dict(self._padding)
        length = pad.pop("length") or longest
        multiple = pad.pop("pad_to_multiple_of")
        if multiple:
            length = -(-length // multiple) * multiple
        return {"length": length, **pad}


# What a model of each kind is before it has learned anything.
_BLANK_MODELS: dict[str, dict[str, Any]] = {
    "bpe": {"type": "BPE", "vocab": {}, "merges": []},
    "wordpiece": {
        "type": "WordPiece",
        "unk_token": "[UNK]",
        "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100,
        "vocab": {},
    },
    "unigram": {"type": "Unigram", "unk_id": None, "vocab": []},
    "word": {"type": "WordLevel", "unk_token": "<unk>", "vocab": {}},
}

_TRAINING_BLOCK = 4096  # texts that are handed over at once


def _text_of(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _lines_of(files: Iterable[Any]) -> Iterable[str]:
    for path in files:
        with open(path, encoding="utf-8", newline="\n") as file:
            yield from file


def _blocks_of_texts(iterator: Iterable[Any]) -> Iterable[list[str]]:
    block: list[str] = []
    for item in [iterator] if isinstance(iterator, str) else iterator:
        if isinstance(item, str):
            block.append(item)
        elif isinstance(item, (list, tuple)):
            block.extend(item)
        else:
            raise TypeError(f"iterator: expected str or lists of str, found {type(item).__name__}")
        if len(block) >= _TRAINING_BLOCK:
            yield block
            block = []
    yield block


def _refuse_words(is_pretokenized: bool) -> None:
    if is_pretokenized:
        raise NotImplementedError("is_pretokenized: expected texts, found lists of words; join them")


def _refuse_without_added(with_added_tokens: bool) -> None:
    if not with_added_tokens:
        raise NotImplementedError("with_added_tokens: expected True; added tokens are not kept apart")


def _split_pairs(items: Any) -> tuple[Any, list[str] | None]:
    if not isinstance(items, (list, tuple)) or not any(isinstance(i, (list, tuple)) for i in items):
        return items, None
    for number, item in enumerate(items):
        if not isinstance(item, (list, tuple)) or len(item) != 2:
            raise TypeError(f"input[{number}]: expected a pair of texts like the others, found {item!r:.80}")
    return [item[0] for item in items], [item[1] for item in items]


def _snake_case(name: str) -> str:
    return "".join("_" + c.lower() if c.isupper() else c for c in name).lstrip("_")


def _padding_of(spec: dict[str, Any]) -> dict[str, Any]:
    strategy = spec.get("strategy", "BatchLongest")
    return {
        "length": strategy["Fixed"] if isinstance(strategy, dict) else None,
        "pad_to_multiple_of": spec.get("pad_to_multiple_of"),
        "pad_id": spec.get("pad_id", 0),
        "pad_token": spec.get("pad_token", "[PAD]"),
        "pad_type_id": spec.get("pad_type_id", 0),
        "direction": spec.get("direction", "Right").lower(),
    }
