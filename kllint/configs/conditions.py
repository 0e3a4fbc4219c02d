"""Conditions on the values of keys, which are true, false or, where a value is not known, neither."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import ge, gt, le, lt, ne
from typing import TYPE_CHECKING, TypeAlias

from kllint.configs.setting import Scalar, Unresolved, Value, literal

if TYPE_CHECKING:
    from collections.abc import Callable

COMPARISON = re.compile(r"(!=|>=|<=|>|<)\s*(-?[\w.]+)")
OPERATORS: dict[str, Callable[[float, float], bool]] = {"!=": ne, ">=": ge, "<=": le, ">": gt, "<": lt}


@dataclass(frozen=True, slots=True)
class Equals:
    """The value is one of these."""

    wanted: tuple[str, ...]

    def holds(self, value: Value) -> bool | None:
        """Whether it holds; None where the value is not known."""
        return None if isinstance(value, Unresolved) else spelling(value) in self.wanted

    def __str__(self) -> str:
        return f"= {' or '.join(self.wanted)}"


@dataclass(frozen=True, slots=True)
class Compares:
    """The value is a number that compares so; a switch or a word is never equal to a number."""

    operator: str
    bound: str

    def holds(self, value: Value) -> bool | None:
        """Whether it holds; None where the value is not known or cannot be compared."""
        if isinstance(value, Unresolved):
            return None
        value = literal(value) if isinstance(value, str) else value
        bound = literal(self.bound)
        if isinstance(value, int | float) and isinstance(bound, int | float):
            return OPERATORS[self.operator](value, bound)
        if value is None:  # `null` switches off what a number would switch on
            return False
        return spelling(value) != spelling(bound) if self.operator == "!=" else None

    def __str__(self) -> str:
        return f"{self.operator} {self.bound}"


Test: TypeAlias = Equals | Compares
Conditions: TypeAlias = tuple[tuple[str, Test], ...]


def spelling(value: Value) -> str:
    """How a value is compared: `True`, `true` and "True" are one, as are 2, 2.0 and "2"."""
    if isinstance(value, str):
        value = literal(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).lower()


def test(wanted: object) -> Test:
    """A condition as profiles write it: `true`, `"grpo"`, `["grpo", "rloo"]`, `"!= 0"`; raises ValueError."""
    if isinstance(wanted, str) and (comparison := COMPARISON.fullmatch(wanted)):
        return Compares(comparison[1], comparison[2])
    wanted = wanted if isinstance(wanted, list) else [wanted]
    if not wanted or not all(isinstance(item, str | int | float) for item in wanted):
        raise ValueError(f"{wanted!r} is no condition: a value, a list, or a comparison such as '!= 0'")
    return Equals(tuple(spelling(_scalar(item)) for item in wanted))


def _scalar(item: object) -> Scalar:
    return item if isinstance(item, str | int | float) else None
