"""What configuration says: of a name, and of itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from kllint.configs.setting import Origin
from kllint.findings import Note

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.configs.setting import Key, Value
    from kllint.findings import Finding, Problem, Span


@dataclass(frozen=True, slots=True)
class ConfigValue:
    """A value that a key has somewhere, with the whole path of the key there."""

    key: Key
    value: Value
    origin: Origin
    span: Span

    @property
    def declared(self) -> bool:
        """Whether it is the default of a field or an option."""
        return self.origin is Origin.DEFAULTS

    @property
    def note(self) -> Note:
        """The place, for "selected by default in FILE:LINE"."""
        return Note(self.span, f"{'.'.join(self.key)} = {self.value}")


Lookup: TypeAlias = "Callable[[str, str], tuple[ConfigValue, ...]]"
"""What is configured under an access path, for the code of some file."""


def agreement(one: Key, other: Key) -> int:
    """How many parts two paths have in common at their ends."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))


class Told(NamedTuple):
    """What configuration gets wrong, and where it could not be analysed."""

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]


class Configured(Protocol):
    """The configuration of a project."""

    def lookup(self, key: str, near: str) -> tuple[ConfigValue, ...]:
        """The values of an access path, for the code of a file, in whose time they are looked for."""

    def told(self) -> Told:
        """What is wrong with it, and with what was looked up so far."""
