"""Which framework a unit is for."""

from __future__ import annotations

from enum import IntEnum, unique
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kllint.configs.gate import Hints
from kllint.configs.penalties import selectors, switches
from kllint.configs.setting import Key, Origin, Unit
from kllint.findings import Confidence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kllint.configs.profile import Detect, Profile

Keys: TypeAlias = "Mapping[str, set[Key]]"  # by their last part

SIGNED = 2
"""How many keys of a signature it takes."""


class Evidence(NamedTuple):
    """How much tells for a framework: kinds of evidence, how many keys, how early the name stands."""

    score: int = 0
    keys: int = 0  # the length of the longest key of its own, or how many of a signature there are
    order: int = 0

    @property
    def sure(self) -> bool:
        """Whether it is more than keys that others may have as well."""
        return self.score >= Weight.VALUE


class Sight(NamedTuple):
    """What stands around a unit: names, the parts of all of them, and the keys that it sets."""

    names: Sequence[str]
    parts: frozenset[str]
    keys: Keys


NONE = Evidence()


@unique
class Weight(IntEnum):
    """How much a piece of evidence says. Two profiles never judge one unit: the most wins."""

    NAME = 16  # a module, class or command
    KEY = 12  # a key path that only this framework has
    VALUE = 8  # a name among the values of a file, or among the imports beside a dictionary
    SIGNATURE = 4  # keys that others may have as well
    BESIDE = 2  # an import that changes what a name means
    FOLDER = 1  # the file lies in the framework's package


class Detector:
    """Which of some frameworks a unit is for."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._profiles = [(profile, _telling(profile.detect)) for profile in profiles]

    def choose(self, unit: Unit, names: Sequence[str]) -> tuple[Profile, Evidence] | None:
        """The profile with the most evidence; the first by name where two have the same."""
        best, chosen = (False, NONE), None
        sight = Sight(names, frozenset(chain.from_iterable(map(segments, names))), _by_last_part(unit))
        words = sight.parts.union(names, sight.keys, segments(unit.path))
        for profile in (profile for profile, telling in self._profiles if not telling.isdisjoint(words)):
            found = evidence(profile.detect, unit, sight)
            # A guess gives way to every profile that knows.
            rank = (bool(found.score) and profile.confidence is not Confidence.LOW, found)
            if found.score and rank > best:
                best, chosen = rank, profile
        return (chosen, best[1]) if chosen else None


def _telling(detect: Detect) -> frozenset[str]:
    """Words one of which is in sight of each unit for which there is evidence."""
    commands = chain.from_iterable(command[:1] for command in detect.commands)
    keys = chain.from_iterable(key[-1:] for key in (*detect.keys, *detect.signature))
    return frozenset((*_roots(detect.modules), *detect.classes, *commands, *keys))


def _by_last_part(unit: Unit) -> Keys:
    keys: dict[str, set[Key]] = {}
    for setting in unit.settings:
        if setting.key:
            keys.setdefault(setting.key[-1], set()).add(setting.key)
    return keys


def evidence(detect: Detect, unit: Unit, sight: Sight) -> Evidence:
    """How much tells that the unit is for this framework; a score of 0 where nothing does."""
    if detect.beside and not any(module in unit.modules for module in detect.beside):
        return NONE
    inside = any(contains(segments(unit.path), segments(module)) for module in detect.modules)
    order = _named(detect, sight, inside=inside)
    named = Weight.VALUE if unit.origin is Origin.FILE else Weight.NAME
    score = named * (order is not None)
    shown = 0
    if _shows(detect, unit):
        longest = max((len(wanted) for wanted in detect.keys if _has(sight.keys, wanted)), default=0)
        signed = sum(_has(sight.keys, wanted) for wanted in detect.signature)
        signed = signed if signed >= SIGNED else 0
        shown = longest or signed
        score += Weight.KEY if longest else Weight.SIGNATURE * (signed > 0)
        score += Weight.FOLDER * (inside and not detect.classes and unit.origin is not Origin.LAUNCH)
    return Evidence(score + Weight.BESIDE * bool(detect.beside), shown, -(order or 0)) if score else NONE


def _shows(detect: Detect, unit: Unit) -> bool:
    """Whether the keys of a unit tell: a class that is called is known by its name alone.

    So is one that is declared, unless it is a copy of the framework's under the same name: `beta` is a field
    of many classes.
    """
    if unit.origin is Origin.DEFAULTS and detect.classes:
        return any(name in detect.classes for name in unit.names[:1])
    return unit.origin is not Origin.CALL


def _named(detect: Detect, sight: Sight, *, inside: bool) -> int | None:
    """Where the first name stands that is a command, one of the classes or, without classes, the package."""
    names = sight.names
    if any(contains(names, command) for command in detect.commands):
        return 0
    if sight.parts.isdisjoint(detect.classes or _roots(detect.modules)):
        return None
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


def _roots(modules: Iterable[str]) -> Iterator[str]:
    return chain.from_iterable(segments(module)[:1] for module in modules)


def _has(keys: Keys, wanted: Key) -> bool:
    """Whether one of the key paths ends with another."""
    return any(key[-len(wanted) :] == wanted for key in keys.get(wanted[-1], ()))


@cache
def segments(name: str) -> tuple[str, ...]:
    """The parts of a dotted name or of a path to a Python file."""
    name = name.removesuffix(".py").replace("\\", "/")
    return tuple(part for part in name.split("/" if "/" in name else ".") if part)


def contains(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether `wanted` stands in `parts` without a gap."""
    width = len(wanted)
    if not width or wanted[0] not in parts:
        return False
    return any(tuple(parts[i : i + width]) == tuple(wanted) for i in range(len(parts) - width + 1))


def hints(profile: Profile) -> Hints:
    """What tells that a file may be for a framework, to be looked for in its bytes."""
    detect = profile.detect
    commands = (word for command in detect.commands for word in command)
    return Hints.of(_words(profile), detect.modules, detect.classes, commands, detect.keys, detect.signature)


def _words(profile: Profile) -> Iterator[str]:
    """The last parts of the keys that a finding can stand at."""
    names = {pitfall.at for pitfall in profile.pitfalls}
    for penalty in profile.penalties:
        names |= {*selectors(penalty), *switches(penalty), *(name for name, _ in penalty.mode)}
    for name in names:
        for spelling in profile.keys[name].spellings:
            yield spelling[-1]
