"""Which framework a unit is for."""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from kllint.configs.setting import Key, Origin, Unit
from kllint.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kllint.configs.profile import Detect, Profile

SIGNED = 2
"""How many keys of a signature it takes."""


class Evidence(NamedTuple):
    """How much tells for a framework: kinds of evidence, how many keys, how early the name stands."""

    score: int = 0
    keys: int = 0  # the length of the longest key of its own, or how many of a signature there are
    order: int = 0


NONE = Evidence()


class Weight(IntEnum):
    """How much a piece of evidence says. Two profiles never judge one unit: the most wins."""

    NAME = 4  # a module, class or command
    KEY = 3  # a key path that only this framework has
    SIGNATURE = 2  # keys that others may have as well
    BESIDE = 2  # an import that changes what a name means
    FOLDER = 1  # the file lies in the framework's package


def choose(profiles: Iterable[Profile], unit: Unit, names: Sequence[str]) -> Profile | None:
    """The profile with the most evidence; the first by name where two have the same."""
    best, chosen = (False, NONE), None
    for profile in profiles:
        found = evidence(profile.detect, unit, names)
        # A guess gives way to every profile that knows.
        rank = (bool(found.score) and profile.confidence is not Confidence.LOW, found)
        if found.score and rank > best:
            best, chosen = rank, profile
    return chosen


def evidence(detect: Detect, unit: Unit, names: Sequence[str]) -> Evidence:
    """How much tells that the unit is for this framework; a score of 0 where nothing does."""
    if detect.beside and not any(module in unit.modules for module in detect.beside):
        return NONE
    inside = any(contains(segments(unit.path), segments(module)) for module in detect.modules)
    order = _named(detect, names, inside=inside)
    score = Weight.NAME if order is not None else 0
    keys = 0
    # A class that is called is known by its name, and fields may be those of another class of the same names.
    if unit.origin in {Origin.FILE, Origin.LAUNCH} or (unit.origin is Origin.DEFAULTS and not detect.classes):
        longest, signed = _longest_key(detect, unit), _signed(detect, unit)
        keys = longest or signed
        score += Weight.KEY if longest else Weight.SIGNATURE * (signed > 0)
        score += Weight.FOLDER * (inside and not detect.classes and unit.origin is not Origin.LAUNCH)
    return Evidence(score + Weight.BESIDE * bool(detect.beside), keys, -(order or 0)) if score else NONE


def _named(detect: Detect, names: Sequence[str], *, inside: bool) -> int | None:
    """Where the first name stands that is a command, one of the classes or, without classes, the package."""
    if any(contains(tuple(names), command) for command in detect.commands):
        return 0
    for order, name in enumerate(names):
        parts = segments(name)
        ours = any(contains(parts, segments(module)) for module in detect.modules)
        if detect.classes:
            foreign = "." in name.lstrip(".") and not name.startswith(".") and not ours
            if parts and parts[-1] in detect.classes and (ours or (inside and not foreign)):
                return order
        elif ours:
            return order
    return None


def _longest_key(detect: Detect, unit: Unit) -> int:
    keys = {setting.key for setting in unit.settings}
    return max((len(wanted) for wanted in detect.keys if any(ends(key, wanted) for key in keys)), default=0)


def _signed(detect: Detect, unit: Unit) -> int:
    keys = {setting.key for setting in unit.settings}
    found = sum(1 for wanted in detect.signature if any(ends(key, wanted) for key in keys))
    return found if found >= SIGNED else 0


@cache
def segments(name: str) -> tuple[str, ...]:
    """The parts of a dotted name or of a path to a Python file."""
    name = name.removesuffix(".py").replace("\\", "/")
    return tuple(part for part in name.split("/" if "/" in name else ".") if part)


def contains(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` stands in `parts` without a gap."""
    width = len(wanted)
    return width > 0 and any(
        tuple(parts[i : i + width]) == tuple(wanted) for i in range(len(parts) - width + 1)
    )


def ends(key: Key, wanted: Key) -> bool:
    """Whether a key path ends with another."""
    return key[-len(wanted) :] == wanted
