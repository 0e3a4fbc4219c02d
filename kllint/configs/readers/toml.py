"""TOML, with the places of its keys, which the standard library's parser does not tell."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING

from kllint.configs.readers.tree import Branch, Leaf, Malformed, Node
from kllint.configs.setting import UNRESOLVED

if TYPE_CHECKING:
    from collections.abc import Iterator

PART = r"""(?:[A-Za-z0-9_-]+|"[^"\n]*"|'[^'\n]*')"""
KEY = re.compile(rf"[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART})*)[ \t]*=[ \t]*")
TABLE = re.compile(rf"[ \t]*\[\[?[ \t]*({PART}(?:[ \t]*\.[ \t]*{PART})*)[ \t]*\]\]?")
SKIP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
STRING = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'', re.DOTALL)


def documents(text: str) -> Iterator[Node]:
    """The one document of a file as a tree of dotted keys; raises `Malformed`."""
    try:
        tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Malformed(str(error)) from None
    root = Branch(end=len(text))
    prefix, at = "", 0
    while (at := SKIP.match(text, at).end()) < len(text):  # type: ignore[union-attr]  # it matches nothing, too
        if header := TABLE.match(text, at):
            prefix, at = header[1].replace('"', "").replace("'", "") + ".", header.end()
        elif key := KEY.match(text, at):
            at = _entry(text, key, prefix, root, len(text))
        else:
            raise Malformed("neither a key nor a table")
    yield root


def _entry(text: str, key: re.Match[str], prefix: str, root: Branch, limit: int) -> int:
    """Add a key with its value, or the entries of its inline table, and tell where the value ends."""
    name, start, end = prefix + re.sub(r"[\"' \t]", "", key[1]), key.end(), _value_end(text, key.end(), limit)
    if not text.startswith("{", start):
        root.entries.append((name, key.start(1), _value(text, start, end)))
        return end
    at = start + 1
    while (at := SKIP.match(text, at).end()) < end and (inner := KEY.match(text, at)):  # type: ignore[union-attr]
        at = _entry(text, inner, f"{name}.", root, end - 1)
    return end


def _value_end(text: str, at: int, limit: int) -> int:
    """Where a value ends: at a comma, a comment or a line end outside strings and brackets."""
    depth = 0
    while at < limit:
        if string := STRING.match(text, at):
            at = string.end()
            continue
        char = text[at]
        if depth == 0 and char in ",#\r\n":
            break
        depth += (char in "[{") - (char in "]}")
        at = text.find("\n", at) if char == "#" else at + 1
        at = limit if at < 0 else at
    while text[at - 1] in " \t":
        at -= 1
    return at


def _value(text: str, start: int, end: int) -> Node:
    try:
        value = tomllib.loads(f"value = {text[start:end]}")["value"]
    except tomllib.TOMLDecodeError:
        value = None
    if isinstance(value, list):
        entries = [(str(index), start, _leaf(item, start, end)) for index, item in enumerate(value)]
        return Branch(ordinal=True, end=end, entries=entries)
    return _leaf(value, start, end)


def _leaf(value: object, start: int, end: int) -> Node:
    known = value if isinstance(value, str | int | float) else UNRESOLVED
    return Leaf(known, start, end, isinstance(known, str) and "\n" in known)
