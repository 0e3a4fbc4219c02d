"""A progress line on a terminal, for runs that take a while."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

PATIENCE = 1.0  # seconds before anything is shown
INTERVAL = 0.1
BAR = 24


class Progress:
    """Shows how far a run is on standard error, if that is a terminal that can redraw a line."""

    def __init__(self, *, quiet: bool) -> None:
        self._wanted = not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + PATIENCE
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def show(self, done: int, total: int) -> None:
        """Say how many files are done."""
        now = time.monotonic()
        if not self._wanted or now < self._next or not total:
            return
        self._next = now + INTERVAL
        self._shown = True
        filled = BAR * done // total
        sys.stderr.write(f"\r\x1b[K[{'#' * filled:{BAR}}] {done:,} of {total:,} files")
        sys.stderr.flush()
