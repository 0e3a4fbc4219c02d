"""A document as a tree of maps, lists and scalars with their places: what YAML, TOML and JSON share."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from kllint.configs.setting import UNRESOLVED, Key, Scalar, Setting, Unresolved, Value, key_of, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.marks import Text

MAX_SETTINGS = 20_000  # an alias bomb ends here
MAX_DEPTH = 60

INTERPOLATION = re.compile(r"\$\{\s*([^{}]*?)\s*\}")
TEMPLATE = re.compile(r"\{\{.*\}\}|<%.*%>|^<[^>]+>$")


class Malformed(Exception):  # noqa: N818  # it says what the text is
    """The text is not of the language that its name promises."""


class Leaf(NamedTuple):
    """A scalar, and the characters it stands at; `block` where it spans lines and may hold a script."""

    value: Scalar | Unresolved
    start: int
    end: int
    block: bool = False


@dataclass(slots=True)
class Branch:
    """A map or, with `ordinal` keys, a list; entries are key, where the key stands, and what it holds."""

    ordinal: bool = False
    end: int = 0
    entries: list[tuple[str, int, Node]] = field(default_factory=list)


Node: TypeAlias = Leaf | Branch


def settings(root: Node, text: Text, mount: Key = ()) -> tuple[Setting, ...]:
    """Every scalar and every list of scalars under `root`, in the order of the text."""
    return resolve(tuple(_flatten(root, text, mount)))


def _flatten(root: Node, text: Text, mount: Key) -> Iterator[Setting]:
    todo: list[tuple[Key, int, Node]] = [(mount, 0, root)]
    left = MAX_SETTINGS
    while todo and left:
        left -= 1
        key, start, node = todo.pop()
        if isinstance(node, Leaf):
            yield Setting(key, node.value, text.span(start, node.end))
            continue
        if node.ordinal and (items := _scalars(node)) is not None:
            yield Setting(key, items, text.span(start, node.end))
        if len(key) < MAX_DEPTH:
            todo.extend(
                (key + ((name,) if node.ordinal else key_of(name)), at, child)
                for name, at, child in node.entries[::-1]
            )


def _scalars(node: Branch) -> tuple[Value, ...] | None:
    values = tuple(child.value for _, _, child in node.entries if isinstance(child, Leaf))
    return values if len(values) == len(node.entries) else None


def resolve(found: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """Replace interpolations by what the same document says; what it does not say is unresolved."""
    by_key = {setting.key: setting.value for setting in found}
    return tuple(
        Setting(setting.key, value, setting.span)
        if (value := resolved(setting.value, setting.key, by_key)) is not setting.value
        else setting
        for setting in found
    )


def resolved(value: Value, key: Key, by_key: dict[Key, Value], depth: int = 8) -> Value:
    """The value that an interpolation stands for."""
    if not isinstance(value, str):
        return value
    if TEMPLATE.search(value):
        return UNRESOLVED
    if "${" not in value:
        return value
    whole = INTERPOLATION.fullmatch(value)
    if whole is None or not depth:
        return UNRESOLVED
    target, default = _target(whole[1], key)
    if target in by_key:
        return resolved(by_key[target], target, by_key, depth - 1)
    return UNRESOLVED if default is None else literal(default)


def _target(text: str, key: Key) -> tuple[Key, str | None]:
    """The key that an interpolation names and its default: `a.b`, `..b`, `oc.select:a.b,1`, `oc.env:A,1`."""
    resolver, colon, rest = text.partition(":")
    if colon:
        name, _, default = rest.partition(",")
        known = {"oc.select": key_of(name), "oc.env": ()}
        return known.get(resolver.strip(), ()), default.strip().strip(
            "'\""
        ) or None if resolver.strip() in known else None
    dots = len(text) - len(text.lstrip("."))
    return (key[:-dots] if dots else ()) + key_of(text), None
