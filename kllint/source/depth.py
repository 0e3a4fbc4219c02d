"""How deep a program nests, found without recursion."""

from __future__ import annotations

import ast
import re

_LEAVES = frozenset({ast.Name, ast.Constant, ast.Pass, ast.alias, str, int, bool, type(None)})
_SHALLOW = frozenset({"ctx", "op", "ops", "id", "name", "attr", "arg", "kind", "names", "type_comment"})
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {}  # the fields of each class that may hold further nodes

_TOKEN = re.compile(
    r"""\"{3}.*?\"{3} | '{3}.*?'{3} | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' | \#[^\r\n]*
      | (?P<open>[(\[{]) | (?P<close>[)\]}]) | (?P<end>[,;\r\n]) | \b(?P<elif>elif)\b
      | (?P<link>\b(?:not|and|or|if|lambda|await)\b | [^\w\s])""",
    re.DOTALL | re.VERBOSE,
)


def deeper_than(tree: ast.AST, bound: int) -> bool:
    """Whether a tree nests deeper than `bound`, a BoolOp counting once for each operand.

    `ast` keeps `a and b and ...` flat where LibCST nests it.
    """
    return _at_most(tree) > bound and _exactly(tree, bound)


def _at_most(tree: ast.AST) -> int:
    """An upper bound of the depth: level by level, each as deep as the widest BoolOp in it."""
    level, depth = [tree], 0
    while level:
        below: list[ast.AST] = []
        for node in level:
            for name in _FIELDS.get(node.__class__) or _fields(node.__class__):
                child = getattr(node, name)
                if child.__class__ is list:
                    below += child
                else:
                    below.append(child)
        depth += max((len(node.values) for node in level if node.__class__ is ast.BoolOp), default=1)
        level = [node for node in below if node.__class__ not in _LEAVES]
    return depth


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


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    names = tuple(name for name in kind._fields if name not in _SHALLOW)
    return _FIELDS.setdefault(kind, names)


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
