"""Conditions taken as true or false."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self, TypeAlias

if TYPE_CHECKING:
    from kllint.ir.values import Value


class Assumption(str):
    """A condition taken as true or false; equal conditions have equal keys.

    A string, since those are what Python compares and hashes the fastest.
    """

    __slots__ = ("condition", "holds", "key")
    key: str
    holds: bool
    condition: Value

    def __new__(cls, key: str, condition: Value, *, holds: bool) -> Self:
        """The condition as a text that differs from its opposite."""
        self = super().__new__(cls, f"{'+' if holds else '-'}{key}")
        self.key, self.holds, self.condition = key, holds, condition
        return self

    @property
    def opposite(self) -> str:
        """What contradicts it."""
        return f"{'-' if self.holds else '+'}{self.key}"


Assumptions: TypeAlias = frozenset[Assumption]
NOTHING: Assumptions = frozenset()
