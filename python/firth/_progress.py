"""Progress of a call: a bar where tqdm is installed, and the caller's own function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ._report import logger

Progress = Callable[[int, "int | None"], object]


def wants_bar(show_progress_bar: bool | None) -> bool:
    if show_progress_bar is None:
        return 0 < logger.getEffectiveLevel() <= 20
    return bool(show_progress_bar)


class Reporter:
    """Adds up the texts of the blocks of one call and tells those who want to know."""

    def __init__(self, texts: Any, show: bool, progress: Progress | None) -> None:
        self._total: int | None = len(texts) if hasattr(texts, "__len__") else None
        self._show = show
        self._progress = progress
        self._bar: Any = None
        self.num_before = 0
        # None keeps short calls in the calling thread.
        self.callback = self._at if show or progress is not None else None

    def __enter__(self) -> Reporter:
        if self._show:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                logger.debug("no progress bar: tqdm is not installed")
            else:
                self._bar = tqdm(total=self._total, unit="text", unit_scale=True)
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _at(self, done: int) -> None:
        done += self.num_before
        if self._bar is not None and done > self._bar.n:
            self._bar.update(done - self._bar.n)
        if self._progress is not None:
            self._progress(done, self._total)

    def block_done(self, num_texts: int) -> None:
        if self.callback is not None:
            self._at(num_texts)
        self.num_before += num_texts
