"""What a user did wrong, said so that the user can put it right, and what may have been meant."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class UserError(Exception):
    """A mistake in the arguments, the settings or the environment: reported in a few words, exit code 2.

    `what` went wrong and where; `advice` says what to do about it.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice


def suggestion(word: str, known: Iterable[str]) -> str:
    """`: did you mean ...?` with the known word closest to what was written, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415  # only errors pay for it

    meant = word.lower().replace("_", "-")
    spelled = {name.lower(): name for name in known}
    close = get_close_matches(meant, spelled, n=5, cutoff=0.6)
    if not close:
        return ""
    best = max(close, key=lambda name: _shared(name, meant))
    return f"; did you mean {spelled[best]}?"


def _shared(one: str, other: str) -> int:
    """How many letters two words begin with alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
