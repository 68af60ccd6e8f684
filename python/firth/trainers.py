"""Trainers of tokenizers, under the names of the tokenizers library.

    >>> import firth
    >>> tokenizer = firth.Tokenizer.blank("bpe", pre_tokenizer="byte-level")
    >>> trainer = firth.trainers.BpeTrainer(vocab_size=300, initial_alphabet=firth.trainers.byte_alphabet())
    >>> tokenizer.train_from_iterator(["a cat", "a hat", "that cat"], trainer)
    >>> tokenizer.encode("a cat").tokens
    ['a', 'Ġcat']

A trainer is its options; `Tokenizer.train` and `Tokenizer.train_from_iterator` do the work.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import _core

__all__ = [
    "BpeTrainer",
    "Trainer",
    "UnigramTrainer",
    "WordLevelTrainer",
    "WordPieceTrainer",
    "byte_alphabet",
]


def byte_alphabet() -> list[str]:
    """The 256 characters that stand for bytes: the initial alphabet of byte-level tokenizers."""
    return list(_core.byte_alphabet())


def _contents(special_tokens: Iterable[Any]) -> list[str]:
    # AddedToken of the tokenizers library has its text in `content`.
    return [str(getattr(token, "content", token)) for token in special_tokens]


class Trainer:
    """What the four trainers have in common: options by name, `kind` says which model."""

    kind = ""

    def __init__(self, **options: Any) -> None:
        self._options = {name: value for name, value in options.items() if value is not None}

    def __repr__(self) -> str:
        shown = {name: value for name, value in self._options.items() if name != "initial_alphabet"}
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in shown.items())})"


class BpeTrainer(Trainer):
    """Byte pair encoding: the pair of neighbours that occurs most often becomes a token.

    Parameters
    ----------
    vocab_size, min_frequency
        How many tokens to have in the end; how often a pair must occur to become one.
    special_tokens
        They get the first ids.
    limit_alphabet, initial_alphabet
        How many characters to keep; characters to have whether they occur or not.
    continuing_subword_prefix, end_of_word_suffix
        Put before tokens that continue a word, behind tokens that end one.
    max_token_length
        Tokens stay shorter than so many characters.
    """

    kind = "bpe"

    def __init__(
        self,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        special_tokens: Iterable[Any] = (),
        limit_alphabet: int | None = None,
        initial_alphabet: Iterable[str] = (),
        continuing_subword_prefix: str | None = None,
        end_of_word_suffix: str | None = None,
        max_token_length: int | None = None,
    ) -> None:
        super().__init__(
            vocab_size=vocab_size,
            min_frequency=min_frequency,
            special_tokens=_contents(special_tokens),
            limit_alphabet=limit_alphabet,
            initial_alphabet="".join(each[:1] for each in initial_alphabet),
            continuing_subword_prefix=continuing_subword_prefix,
            end_of_word_suffix=end_of_word_suffix,
            max_token_length=max_token_length,
        )


class WordPieceTrainer(Trainer):
    """WordPiece, learned as the tokenizers library does: byte pair encoding without its merges."""

    kind = "wordpiece"

    def __init__(
        self,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        special_tokens: Iterable[Any] = (),
        limit_alphabet: int | None = None,
        initial_alphabet: Iterable[str] = (),
        continuing_subword_prefix: str | None = "##",
        end_of_word_suffix: str | None = None,
    ) -> None:
        super().__init__(
            vocab_size=vocab_size,
            min_frequency=min_frequency,
            special_tokens=_contents(special_tokens),
            limit_alphabet=limit_alphabet,
            initial_alphabet="".join(each[:1] for each in initial_alphabet),
            continuing_subword_prefix=continuing_subword_prefix or "",
            end_of_word_suffix=end_of_word_suffix,
        )


class UnigramTrainer(Trainer):
    """Unigram: many pieces at first, of which those go that the likelihood misses least.

    Parameters
    ----------
    vocab_size, special_tokens, initial_alphabet
        As for BPE.
    shrinking_factor, n_sub_iterations
        The share of the pieces that a round keeps; rounds of expectation between two cuts.
    unk_token
        Stands for what is not known; put first if it is no special token.
    max_piece_length, seed_size
        Characters that a piece may have; pieces to begin with.
    """

    kind = "unigram"

    def __init__(
        self,
        vocab_size: int = 8000,
        special_tokens: Iterable[Any] = (),
        shrinking_factor: float = 0.75,
        unk_token: str | None = None,
        max_piece_length: int = 16,
        n_sub_iterations: int = 2,
        initial_alphabet: Iterable[str] = (),
        seed_size: int = 1000000,
    ) -> None:
        super().__init__(
            vocab_size=vocab_size,
            special_tokens=_contents(special_tokens),
            shrinking_factor=shrinking_factor,
            unk_token=unk_token,
            max_piece_length=max_piece_length,
            n_sub_iterations=n_sub_iterations,
            initial_alphabet="".join(each[:1] for each in initial_alphabet),
            seed_size=seed_size,
        )


class WordLevelTrainer(Trainer):
    """Whole words: the most frequent ones."""

    kind = "word"

    def __init__(
        self,
        vocab_size: int = 30000,
        min_frequency: int = 0,
        special_tokens: Iterable[Any] = (),
    ) -> None:
        super().__init__(
            vocab_size=vocab_size,
            min_frequency=min_frequency,
            special_tokens=_contents(special_tokens),
        )
