"""The kinds of values that settings take: how each is read, and how a JSON schema says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kllint.errors import suggestion

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Schema = dict[str, Any]

VERSION_PATTERN = r"^\d+(\.\d+)*$"


class Unexpected(Exception):  # noqa: N818  # it reads as what it says
    """A value of another kind than the key takes."""

    def __init__(self, expected: str, value: Any, hint: str = "") -> None:
        super().__init__(f"expected {expected}, got {value!r}{hint}")


class Kind(NamedTuple):
    """One kind of value: `parse` makes of it what kllint uses, or raises Unexpected."""

    parse: Callable[[Any], Any]
    schema: Callable[[], Schema]


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Unexpected("true or false", value)
    return value


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Unexpected("a whole number, 0 or more", value)
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Unexpected("a string", value)
    return value


def _version(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(VERSION_PATTERN, value):
        raise Unexpected('a version such as "0.8.1"', value)
    return value


def _selector(value: Any) -> str:
    from kllint.rules.registry import RULES  # noqa: PLC0415  # only who selects pays for all the rules

    if not isinstance(value, str) or not value or not any(code.startswith(value) for code in RULES):
        raise Unexpected("a rule code or the beginning of one", value, suggestion(str(value), RULES))
    return value


def _selector_schema() -> Schema:
    from kllint.rules.registry import RULES  # noqa: PLC0415

    prefixes = {code[:length] for code in RULES for length in range(2, len(code) + 1)}
    return {"type": "string", "enum": sorted(prefixes)}


FLAG = Kind(_flag, lambda: {"type": "boolean"})
COUNT = Kind(_count, lambda: {"type": "integer", "minimum": 0})
TEXT = Kind(_text, lambda: {"type": "string"})
VERSION = Kind(_version, lambda: {"type": "string", "pattern": VERSION_PATTERN})
SELECTOR = Kind(_selector, _selector_schema)  # KL102, KL1 or KL


def choice(words: Mapping[str, Any]) -> Kind:
    """One of some words, each of which stands for something."""

    def parse(value: Any) -> Any:
        if not isinstance(value, str) or value not in words:
            expected = ", ".join(f'"{word}"' for word in words)
            raise Unexpected(f"one of {expected}", value, suggestion(str(value), words))
        return words[value]

    return Kind(parse, lambda: {"type": "string", "enum": list(words)})


def list_of(item: Kind) -> Kind:
    """A list of values of one kind."""

    def parse(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise Unexpected("a list", value)
        return tuple(item.parse(entry) for entry in value)

    return Kind(parse, lambda: {"type": "array", "items": item.schema()})


def table_of(key: Kind, entry: Kind) -> Kind:
    """A table from keys of one kind to values of one kind."""

    def parse(value: Any) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise Unexpected("a table", value)
        return {key.parse(name): entry.parse(part) for name, part in value.items()}

    def schema() -> Schema:
        return {"type": "object", "propertyNames": key.schema(), "additionalProperties": entry.schema()}

    return Kind(parse, schema)
