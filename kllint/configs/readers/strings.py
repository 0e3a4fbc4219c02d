"""Commands in Python's strings and lists: `f"python -m ... a.b=c"`, `["--kl-type", "k3"]`."""

from __future__ import annotations

import ast
import re
from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

from kllint.configs.readers import arguments, shell
from kllint.configs.readers.chars import Chars, opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.module import Module
    from kllint.configs.setting import Unit

ARGUMENT = re.compile(r"(?:^|[\s\"'])(?:--[A-Za-z][\w.-]*|\+{0,2}[A-Za-z_]\w*(?:\.\w+)+=)")
LIKELY = re.compile(rb"--[A-Za-z]|\.\w+=")
PIECE = re.compile(r"([A-Za-z]{0,2})('''|\"\"\"|'|\")")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def launches(module: Module) -> Iterator[Unit]:
    """The commands that strings and lists of strings spell; docstrings spell none."""
    likely = [match.start() for match in LIKELY.finditer(module.raw)]
    lines = [bisect_right(module.starts, place) for place in likely]
    if not likely:
        return
    taken: set[int] = {id(node.value) for node in module.of(ast.Expr)}
    for node in module.of(ast.List, ast.Tuple, ast.Constant, ast.JoinedStr):
        at = bisect_left(lines, node.lineno)
        if at == len(lines) or lines[at] > (node.end_lineno or node.lineno) or id(node) in taken:
            continue
        if isinstance(node, ast.List | ast.Tuple):
            if any(map(_argument, node.elts)):
                taken.update(map(id, ast.walk(node)))
                fields = [word for item in node.elts for word in _words(module, item)]
                if (unit := arguments.unit(fields, module.path)) is not None:
                    yield unit
        elif isinstance(node, ast.Constant | ast.JoinedStr):
            taken.update(map(id, ast.walk(node)))
            start, end = module.extent(node)
            chars = (
                _chars(module, node) if bisect_left(likely, end) - bisect_left(likely, start) > 1 else Chars()
            )
            if len(ARGUMENT.findall(chars.text)) > 1:
                yield from shell.units(chars, module.path)


def _argument(node: ast.expr) -> bool:
    text = node.values[0] if isinstance(node, ast.JoinedStr) and node.values else node
    value = text.value if isinstance(text, ast.Constant) else None
    return isinstance(value, str) and ARGUMENT.match(value) is not None


def _words(module: Module, node: ast.expr) -> list[Chars]:
    """The words of an item: one where it is not a string."""
    if isinstance(node, ast.Constant | ast.JoinedStr) and (chars := _chars(module, node)).text:
        return [word for word in chars.split() if word.text]
    return [opaque(module.span(node).start)]


def _chars(module: Module, node: ast.Constant | ast.JoinedStr) -> Chars:
    """The content of a string literal, of all its pieces, with the place of each character."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, str):
        return Chars()
    start, end = module.extent(node)
    source = module.raw[start:end].decode("utf-8")
    places = [*accumulate((len(char.encode()) for char in source), initial=start)]
    text: list[str] = []
    at: list[int] = []
    index = 0
    while index < len(source):
        piece = PIECE.match(source, index)
        if piece is None:
            index += 1
            continue
        prefix, quote = piece[1].lower(), piece[2]
        index = piece.end()
        while index < len(source) and not source.startswith(quote, index):
            char, width = _char(source, index, prefix)
            text.append(char)
            at.extend([places[index]] * len(char))
            index += width
        index += len(quote)
    return Chars("".join(text), at)


def _char(source: str, index: int, prefix: str) -> tuple[str, int]:
    """One character of a literal, and how much of the source it takes."""
    char, after = source[index], source[index + 1 : index + 2]
    if char == "\\" and "r" not in prefix:
        return ("" if after == "\n" else ESCAPES.get(after, after)), 2
    if "f" in prefix and char in "{}":
        if after == char:
            return char, 2
        return opaque(0).text, _field(source, index)
    return char, 1


def _field(source: str, index: int) -> int:
    """The length of a replacement field."""
    depth = 0
    for end in range(index, len(source)):
        depth += (source[end] == "{") - (source[end] == "}")
        if depth <= 0:
            return end + 1 - index
    return len(source) - index
