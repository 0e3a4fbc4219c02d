"""What a user did wrong, said so that the user can put it right."""

from __future__ import annotations


class UserError(Exception):
    """A mistake in the arguments, the settings or the environment: reported in a few words, exit code 2.

    `what` went wrong and where; `advice` says what to do about it.
    """

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
