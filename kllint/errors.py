"""What a user did wrong, said so that the user can put it right, and what may have been meant."""

from __future__ import annotations

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

    spelled = {name.lower(): name for name in known}
    close = get_close_matches(word.lower().replace("_", "-"), spelled, n=1, cutoff=0.6)
    return f"; did you mean {spelled[close[0]]}?" if close else ""
