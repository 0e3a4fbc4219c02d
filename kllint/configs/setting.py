"""What every reader yields: settings with their place, and the units that belong together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto, unique
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from kllint.findings import Span


@unique
class Unresolved(Enum):
    """A value that the text does not tell: a template, an undefined variable, the output of a command."""

    UNRESOLVED = auto()


UNRESOLVED = Unresolved.UNRESOLVED

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = Scalar | tuple["Value", ...] | Unresolved
Key: TypeAlias = tuple[str, ...]

TRUE = frozenset({"true", "yes", "on"})
FALSE = frozenset({"false", "no", "off"})
NULL = frozenset({"null", "none", "~", ""})


class File(NamedTuple):
    """A file as it is on disk; `path` is what findings call it."""

    path: str
    raw: bytes


@unique
class Origin(Enum):
    """What kind of text a unit was read from: it decides what an absent key means."""

    DEFAULTS = auto()  # argparse, click, dataclass or pydantic defaults: others may switch them on
    FILE = auto()  # YAML, TOML, JSON: absent keys have the framework's default
    LAUNCH = auto()  # a command with its arguments
    CALL = auto()  # a config class called with keyword arguments


class Setting(NamedTuple):
    """One key with its value; `span` is the key as far as the value where both stand on one line.

    `source` is where the value stands if that is elsewhere: the assignment of a shell variable.
    """

    key: Key
    value: Value
    span: Span
    source: Span | None = None


class Base(NamedTuple):
    """Another file whose values a unit takes over, as the text names it."""

    file: str
    mount: Key = ()  # where in the unit its values are put
    wins: bool = False  # whether they override the unit's own


@dataclass(frozen=True, slots=True)
class Unit:
    """Settings that act together: one document, one command, one call, one class.

    `names` are the modules, classes and programs in sight: they tell which framework reads it. `modules`
    are the packages that its file imports. A `partial` unit goes over others that are not in sight.
    """

    origin: Origin
    path: str
    settings: tuple[Setting, ...]
    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    bases: tuple[Base, ...] = ()
    partial: bool = False


@lru_cache(1 << 14)  # the same keys come again and again
def key_of(text: str) -> Key:
    """The path of a dotted name: `--kl-loss.type`, `kl_loss.type` and `+kl_loss.type` are one."""
    return tuple(part for part in text.lstrip("-+~").replace("-", "_").split(".") if part)


@lru_cache(1 << 14)
def literal(text: str) -> Scalar:
    """The value of an unquoted word, as YAML, OmegaConf and argparse agree to read it."""
    text = text.strip()
    lowered = text.lower()
    if lowered in TRUE or lowered in FALSE:
        return lowered in TRUE
    if lowered in NULL:
        return None
    return number(text) if text[:1] in "+-.0123456789" else text


def number(text: str) -> Scalar:
    """An int or a float, or the text itself."""
    for kind in (int, float):
        try:
            return kind(text.replace("_", ""))
        except ValueError:
            continue
    return text
