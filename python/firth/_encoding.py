"""Encoding: the tokens of a text, under the names of the tokenizers library."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from . import _core
from ._truncation import rooms, windows


class Encoding:
    """The tokens of a text (or of two), each list as long as the others.

    Examples
    --------
    >>> encoding = firth.load("all-MiniLM-L6-v2").tokenizer.encode("a cat")
    >>> len(encoding.ids) == len(encoding.tokens) == len(encoding)
    True
    """

    def __init__(
        self,
        core: _core.Encoding,
        *,
        overflow: Callable[[], list[Encoding]] | None = None,
        num_sequences: int = 1,
    ) -> None:
        self._ids: list[int] = core.ids
        self._type_ids: list[int] = core.type_ids
        self._tokens: list[str] = core.tokens
        self._offsets: list[tuple[int, int]] = core.offsets
        self._word_ids: list[int | None] = core.word_ids
        self._special_tokens_mask: list[int] = core.special_tokens_mask
        self._attention_mask = [1] * len(self._ids)
        self._sequence_ids = _sequences(self._special_tokens_mask, self._type_ids, num_sequences)
        self._overflow = overflow
        self._num_sequences = num_sequences
        self._rest: list[Encoding] = []
        self._pad: dict[str, Any] = {"length": 0}

    def __len__(self) -> int:
        return len(self._ids)

    def __repr__(self) -> str:
        return f"Encoding(num_tokens={len(self)})"

    @property
    def ids(self) -> list[int]:
        """Token ids, what a model reads."""
        return self._ids

    @property
    def tokens(self) -> list[str]:
        """The tokens as the vocabulary spells them."""
        return self._tokens

    @property
    def offsets(self) -> list[tuple[int, int]]:
        """Begin and end of each token in its text, as Python counts characters."""
        return self._offsets

    @property
    def type_ids(self) -> list[int]:
        """0 for the first text, 1 for the second, as the model's template says."""
        return self._type_ids

    @property
    def attention_mask(self) -> list[int]:
        """1 for tokens, 0 for padding."""
        return self._attention_mask

    @property
    def special_tokens_mask(self) -> list[int]:
        """1 for tokens that are not of the text: [CLS], padding."""
        return self._special_tokens_mask

    @property
    def word_ids(self) -> list[int | None]:
        """The number of the word that each token belongs to; None for special tokens."""
        return self._word_ids

    words = word_ids

    @property
    def sequence_ids(self) -> list[int | None]:
        """0 for tokens of the first text, 1 for those of the second, None for special tokens."""
        return self._sequence_ids

    @property
    def n_sequences(self) -> int:
        """How many texts it is of."""
        return self._num_sequences

    @property
    def overflowing(self) -> list[Encoding]:
        """What truncation cut off, in windows that overlap by the stride of `enable_truncation`; found when
        it is asked for."""
        if self._overflow is not None:
            self._rest = self._overflow()
            self._overflow = None
            for part in self._rest:
                part.pad(**self._pad)
        return self._rest

    def token_to_sequence(self, token_index: int) -> int | None:
        """0 or 1, the text a token belongs to; None for special tokens."""
        return self._sequence_ids[token_index]

    def token_to_chars(self, token_index: int) -> tuple[int, int] | None:
        """Begin and end of a token in its text; None for special tokens."""
        return None if self._special_tokens_mask[token_index] else self._offsets[token_index]

    def token_to_word(self, token_index: int) -> int | None:
        """The number of a token's word."""
        return self._word_ids[token_index]

    def char_to_token(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The token that covers this character of a text; None if none does."""
        for index, (begin, end) in enumerate(self._offsets):
            if begin <= char_pos < end and self._sequence_ids[index] == sequence_index:
                return index
        return None

    def char_to_word(self, char_pos: int, sequence_index: int = 0) -> int | None:
        """The word that covers this character of a text."""
        token = self.char_to_token(char_pos, sequence_index)
        return None if token is None else self._word_ids[token]

    def word_to_tokens(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """First token of a word of a text and the one after its last."""
        found = [
            index
            for index, word in enumerate(self._word_ids)
            if word == word_index and self._sequence_ids[index] == sequence_index
        ]
        return (found[0], found[-1] + 1) if found else None

    def word_to_chars(self, word_index: int, sequence_index: int = 0) -> tuple[int, int] | None:
        """Begin and end of a word in its text."""
        tokens = self.word_to_tokens(word_index, sequence_index)
        if tokens is None:
            return None
        return self._offsets[tokens[0]][0], self._offsets[tokens[1] - 1][1]

    def pad(
        self,
        length: int,
        direction: str = "right",
        pad_id: int = 0,
        pad_type_id: int = 0,
        pad_token: str = "[PAD]",
    ) -> None:
        """Make it at least `length` tokens long, at its right or left end."""
        self._pad = {"length": length, "direction": direction, "pad_id": pad_id,
                     "pad_type_id": pad_type_id, "pad_token": pad_token}  # fmt: skip
        for part in self._rest:
            part.pad(**self._pad)
        missing = length - len(self)
        if direction not in ("right", "left"):
            raise ValueError(f"direction: expected 'right' or 'left', found {direction!r}")
        if missing <= 0:
            return
        for name, filler in (
            ("_ids", pad_id),
            ("_type_ids", pad_type_id),
            ("_tokens", pad_token),
            ("_offsets", (0, 0)),
            ("_word_ids", None),
            ("_special_tokens_mask", 1),
            ("_attention_mask", 0),
            ("_sequence_ids", None),
        ):
            old, new = getattr(self, name), [filler] * missing
            setattr(self, name, old + new if direction == "right" else new + old)

    def _of_tokens(self, kept: list[int]) -> Encoding:
        """Some of its tokens, by their numbers."""
        part = copy.copy(self)
        part._overflow, part._rest = None, []
        for name in _LISTS:
            values = getattr(self, name)
            setattr(part, name, [values[i] for i in kept])
        return part

    def _cut(self, max_length: int, stride: int, strategy: str, direction: str) -> list[Encoding]:
        """Its windows of at most max_length tokens, special tokens in each, the main one first."""
        if len(self) <= max_length:
            return [self]
        own: list[list[int]] = [
            [i for i, sequence in enumerate(self._sequence_ids) if sequence == which]
            for which in range(self.n_sequences)
        ]
        room = max_length - (len(self) - sum(map(len, own)))
        if room < 0:
            raise ValueError(
                f"enable_truncation: expected a max_length of at least {max_length - room}, the special "
                f"tokens, found {max_length}"
            )
        each = rooms([len(tokens) for tokens in own], room, strategy)
        choices = [
            [set(tokens[begin:end]) for begin, end in windows(len(tokens), size, stride, direction)]
            for tokens, size in zip(own, each)
        ]
        if len(choices) == 1:
            kept = choices[0]
        else:  # the others of the first text with all of the second, then the first with the others
            first, second = choices
            kept = [first[0] | second[0]]
            kept += [a | b for a in first[1:] for b in second]
            kept += [first[0] | b for b in second[1:]]
        return [
            self._of_tokens([i for i in range(len(self)) if self._sequence_ids[i] is None or i in some])
            for some in kept
        ]


_LISTS = ("_ids", "_type_ids", "_tokens", "_offsets", "_word_ids", "_special_tokens_mask",
          "_attention_mask", "_sequence_ids")  # fmt: skip


def _sequences(special: list[int], type_ids: list[int], num_sequences: int) -> list[int | None]:
    """The text of each token: with two of them the second begins after the special tokens in between, or
    where the type changes."""
    found: list[int | None] = []
    which, before, begun = 0, 0, False
    for i, mask in enumerate(special):
        if mask:
            found.append(None)
            continue
        if num_sequences == 2 and which == 0:
            parted = begun and (special[i - 1] == 1 or type_ids[i] != type_ids[before])
            which = int(parted or type_ids[i] == 1)
        found.append(which)
        before, begun = i, True
    return found
