"""How deep a program nests, found without recursion."""

from __future__ import annotations

import ast
import re
from typing import TypeAlias

Levels: TypeAlias = list[list[ast.AST]]
"""The nodes of a tree, level by level, each in the order of the text; contexts and operators are left out."""

_LEAVES = frozenset({ast.Name, ast.Constant, ast.Pass, ast.alias})
_NO_NODES = frozenset({str, int, bool, type(None)})
_SHALLOW = frozenset({"ctx", "op", "ops", "id", "name", "attr", "arg", "kind", "names", "type_comment"})


class _Fields(dict[type[ast.AST], tuple[str, ...]]):
    """The fields of each class that may hold further nodes."""

    def __missing__(self, kind: type[ast.AST]) -> tuple[str, ...]:
        names = () if kind in _LEAVES else kind._fields
        return self.setdefault(kind, tuple(name for name in names if name not in _SHALLOW))


_FIELDS = _Fields()

_TOKEN = re.compile(
    r"""\"{3}.*?\"{3} | '{3}.*?'{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | \#[^\r\n]*
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<end>[,;\r\n]) | \b(?P<elif>elif)\b
      | (?P<link>\b(?:not|and|or|if|lambda|await)\b | [^\w\s])""",
    re.DOTALL | re.VERBOSE,
)


def levels(tree: ast.AST) -> Levels:
    """The nodes of a tree, without recursion."""
    found, level = [], [tree]
    while level:
        found.append(level)
        below: list[ast.AST] = []
        for node in level:
            for name in _FIELDS[node.__class__]:
                child = getattr(node, name)
                if child.__class__ is list:
                    below += child
                else:
                    below.append(child)
        level = [node for node in below if node.__class__ not in _NO_NODES]
    return found


def deeper_than(levels: Levels, bound: int) -> bool:
    """Whether a tree nests deeper than `bound`, a BoolOp counting once for each operand.

    `ast` keeps `a and b and ...` flat where LibCST nests it.
    """
    return _at_most(levels) > bound and _exactly(levels[0][0], bound)


def _at_most(levels: Levels) -> int:
    """An upper bound of the depth without leaves: each level is as deep as the widest BoolOp in it."""
    return sum(
        max((len(node.values) for node in level if node.__class__ is ast.BoolOp), default=1)
        for level in levels
        if any(node.__class__ not in _LEAVES for node in level)
    )


def _exactly(tree: ast.AST, bound: int) -> bool:
    level = [(tree, 0)]
    while level:
        level = [
            (child, depth + _weight(child)) for node, depth in level for child in ast.iter_child_nodes(node)
        ]
        if any(depth > bound for _, depth in level):
            return True
    return False


def _weight(node: ast.AST) -> int:
    return len(node.values) if isinstance(node, ast.BoolOp) else 1


def looks_deep(text: str, bound: int) -> bool:
    """Whether text that the host's own parser refuses may nest deeper than `bound`.

    A guess on the safe side: the open brackets and the operators between their commas are added up.
    """
    links = [0]
    elifs = 0
    for token in _TOKEN.finditer(text):
        match token.lastgroup:
            case "open":
                links.append(1)
            case "close" if len(links) > 1:
                links.pop()
                links[-1] += 1  # calls and subscripts chain: x[0][0]
            case "end" if len(links) == 1 or token["end"] in ",;":
                links[-1] = 0
            case "elif":
                elifs += 1
            case "link":
                links[-1] += 1
        if elifs > bound or (links[-1] + len(links) > bound // 2 and sum(links) > bound):
            return True
    return False
