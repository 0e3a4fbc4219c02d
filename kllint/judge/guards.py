"""The conditions around a sink's statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.judge.assumption import NOTHING, Assumptions
from kllint.judge.conditions import assume, consistent
from kllint.link.words import words

if TYPE_CHECKING:
    from kllint.link.sinks import Sink

_TELLING_GUARDS = {"kl", "beta", "estimator", "penalty", "ref", "reference", "kld"}


def surely(sink: Sink) -> Assumptions:
    """All conditions around a sink's statement."""
    return NOTHING.union(*(assume(guard, holds=True) for guard in sink.guards))


def guard_assumptions(sink: Sink) -> Assumptions:
    """The conditions around a sink's statement that are about the KL."""
    held = NOTHING
    for guard in sink.guards:
        for one in assume(guard, holds=True):
            if _TELLING_GUARDS & set(words(one.key)) and len(one.key) < 120:
                held |= {one}
    return held if consistent(held) else NOTHING
