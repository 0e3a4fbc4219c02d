"""Which versions of a framework something holds for, and which version a tree asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from operator import eq, ge, gt, le, lt
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable

OPERATORS: dict[str, Callable[[int, int], bool]] = {">=": ge, "<=": le, "==": eq, ">": gt, "<": lt}
BOUND = re.compile(r"(>=|<=|==|>|<)\s*(\d+(?:\.\d+)*)")

Release: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Versions:
    """A range such as ">=0.5,<0.7"; without bounds it holds every version."""

    bounds: tuple[tuple[str, Release], ...] = ()

    @classmethod
    def parse(cls, text: str) -> Versions:
        """Read a range; raises ValueError."""
        parts = [part.strip() for part in text.split(",") if part.strip()]
        matches = [BOUND.fullmatch(part) for part in parts]
        if None in matches:
            raise ValueError(f"{text!r} is no range of versions such as '>=0.5,<0.7'")
        return cls(tuple((match[1], release(match[2])) for match in matches if match))

    def __contains__(self, version: str) -> bool:
        return all(
            OPERATORS[operator](_compare(release(version), bound), 0) for operator, bound in self.bounds
        )


def release(text: str) -> Release:
    """The numbers of a version: (0, 6, 1) of "0.6.1.dev3"."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(map(int, match[0].split("."))) if match else ()


def pinned(package: str, texts: list[str]) -> str | None:
    """The version that requirements pin a package to, if all of them agree."""
    pin = re.compile(
        rf"(?<![\w-]){re.escape(package)}\s*(?:\[[^\]]*\])?\s*==\s*(\d+(?:\.\d+)*)", re.IGNORECASE
    )
    naming = (text for text in texts if package.lower() in text.lower())
    found = {match[1] for text in naming for match in pin.finditer(text)}
    return found.pop() if len(found) == 1 else None


def _compare(one: Release, other: Release) -> int:
    for left, right in zip_longest(one, other, fillvalue=0):
        if left != right:
            return 1 if left > right else -1
    return 0
