"""A parsed Python module: what its names stand for, what its literals are worth, where its nodes stand."""

from __future__ import annotations

import ast
from collections import Counter
from functools import cached_property
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, TypeVar, cast

from kllint.configs.readers.tree import Malformed
from kllint.configs.setting import UNRESOLVED, File, Setting, Value, key_of
from kllint.findings import Span
from kllint.source.gate import Refusal, walked
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Named: TypeAlias = ast.expr | ast.arg | ast.keyword
Pairs: TypeAlias = list[tuple[str, ast.expr | ast.keyword, ast.expr]]

Node = TypeVar("Node", bound=ast.AST)

KINDS = frozenset(
    {
        *(ast.Import, ast.ImportFrom, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Expr),
        *(ast.Assign, ast.AnnAssign, ast.arg, ast.Call, ast.Dict),
        *(ast.List, ast.Tuple, ast.Constant, ast.JoinedStr),
    }
)
"""The nodes that readers look at."""
MAX_DEPTH = 6
FIELDS = frozenset({"field", "Field", "ib", "Option", "Argument"})
OPTIONS = frozenset({"add_argument", "option"})
PARSES = ("parse", "cli")  # `parser.parse_args()`, `parse_args_into_dataclasses()`, `tyro.cli(Args)`


class Module:
    """One module; raises `Malformed` where the gate refuses it. Nothing of it is imported or run."""

    def __init__(self, file: File) -> None:
        source = Source(file.path, file.raw)
        found = walked(source)
        if isinstance(found, Refusal) or source.encoding != "utf-8":
            raise Malformed("no Python that can be read")
        self.path = file.path
        self.raw = file.raw
        self.starts = [source.bom, *source.starts[1:]]
        _, levels = found
        self._nodes: dict[type, list[tuple[int, ast.AST]]] = {kind: [] for kind in KINDS}
        nodes = (node for level in levels for node in level if node.__class__ in KINDS)
        for number, node in enumerate(nodes):
            self._nodes[node.__class__].append((number, node))
        self.imports = dict(self._imports())
        self.packages = tuple(sorted({name.partition(".")[0] for name in self.imports.values()} - {""}))
        names = (node for level in levels for node in level if node.__class__ is ast.Name)
        self.constants = self._constants(node.id for node in names if node.ctx.__class__ is not ast.Load)
        self.arguments = frozenset(self._arguments())

    def of(self, *kinds: type[Node]) -> list[Node]:
        """The nodes of some `KINDS`, those that stand outside before those inside, in the order of the text."""
        found = merge(*(self._nodes[kind] for kind in kinds), key=itemgetter(0))
        return [cast("Node", node) for _, node in found]

    def value(self, node: ast.expr, depth: int = MAX_DEPTH) -> Value:
        """What a literal is worth, or a name that is bound once and to a literal."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool | None):
            return node.value
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self.value(node.operand, depth)
            return -inner if isinstance(inner, int | float) else UNRESOLVED
        if isinstance(node, ast.List | ast.Tuple) and depth:
            return tuple(self.value(item, depth - 1) for item in node.elts)
        if isinstance(node, ast.Name) and node.id in self.constants and depth:
            return self.value(self.constants[node.id], depth - 1)
        if depth and (default := self.passed(node)) is not None:
            return self.value(default, depth - 1)
        return UNRESOLVED

    def passed(self, node: ast.AST | None) -> ast.expr | None:
        """The default that `args.beta` stands for, where the module declares one and only one."""
        if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
            return None
        return self.declared.get(node.attr) if node.value.id in self.arguments else None

    @cached_property
    def declared(self) -> Mapping[str, ast.expr]:
        """The defaults of options and of fields of classes, by a name that is declared once."""
        found = [*self._declared()]
        times = Counter(name for name, _ in found)
        return {name: value for name, value in found if value is not None and times[name] == 1}

    def dotted(self, node: ast.expr) -> str:
        """A class or function by the module it comes from: `trl.GRPOConfig`; empty for what has no name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *parts[::-1]])

    def setting(self, name: str, value: Value, key: Named, last: ast.AST | None = None) -> Setting:
        """A setting whose place is `key`, as far as `last` where that ends on the same line."""
        default = self.passed(last)
        source = None if default is None else self.span(default)
        return Setting(key_of(name), value, self.span(key, last), source)

    def keywords(self, node: ast.Call) -> Iterator[Setting]:
        """What a call is given by name."""
        for keyword in node.keywords:
            if keyword.arg:
                yield self.setting(keyword.arg, self.value(keyword.value), keyword, keyword.value)
                continue
            spread = keyword.value
            spread = self.constants.get(spread.id, spread) if isinstance(spread, ast.Name) else spread
            for name, key, value in pairs(spread) or ():
                yield self.setting(name, self.value(value), key, value)

    def extent(self, node: ast.expr) -> tuple[int, int]:
        """The bytes that a node begins and ends at."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self.starts[node.lineno - 1] + node.col_offset, self.starts[end_line - 1] + end_column

    def span(self, key: Named, last: ast.AST | None = None) -> Span:
        """The bytes of a node as far as the end of another one, but never beyond its first line."""
        start = self.starts[key.lineno - 1] + key.col_offset
        for node in (last, key):
            if node is not None and getattr(node, "end_lineno", 0) == key.lineno:
                return Span(
                    self.path, start, self.starts[key.lineno - 1] + getattr(node, "end_col_offset", 0)
                )
        width = len((key.arg or "").encode()) if isinstance(key, ast.keyword) else 1
        return Span(self.path, start, start + width)

    def _imports(self) -> Iterator[tuple[str, str]]:
        for node in self.of(ast.Import, ast.ImportFrom):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0], alias.name
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"

    def _constants(self, stored: Iterable[str]) -> dict[str, ast.expr]:
        """Names that are bound once in the whole module, and to what."""
        times = Counter(stored)
        times.update(node.arg for node in self.of(ast.arg))
        bound = [(node.targets[0], node.value) for node in self.of(ast.Assign)]
        bound += [(node.target, node.value) for node in self.of(ast.AnnAssign) if node.value is not None]
        named = ((target.id, value) for target, value in bound if isinstance(target, ast.Name))
        return {name: value for name, value in named if times[name] == 1}

    def _arguments(self) -> Iterator[str]:
        """Names that stand for declared values: classes and their instances, parsed arguments, parameters."""
        classes = {node.name for node in self.of(ast.ClassDef)}
        yield from classes
        yield from (node.arg for node in self.of(ast.arg))
        for node in self.of(ast.Assign):
            if isinstance(node.value, ast.Call):
                name = called_name(node.value)
                if name not in classes and not name.startswith(PARSES):
                    continue
                for target in node.targets:
                    items = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
                    yield from (item.id for item in items if isinstance(item, ast.Name))

    def _declared(self) -> Iterator[tuple[str, ast.expr | None]]:
        for node in self.of(ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value:
                    yield item.target.id, default_of(item.value)
                elif isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
                    yield item.targets[0].id, default_of(item.value)
        yield from (_option(call) for call in self.of(ast.Call) if called_name(call) in OPTIONS)


def _option(node: ast.Call) -> tuple[str, ast.expr | None]:
    """The attribute that holds an option, and its default."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    target = given.get("dest")
    names = [target] if target is not None else node.args
    spelt = [str(name.value) for name in names if isinstance(name, ast.Constant)]
    return "_".join(key_of(max(spelt, key=len, default=""))), given.get("default")


def called_name(node: ast.expr) -> str:
    """The last part of the name of what is called or decorated with."""
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def default_of(node: ast.expr) -> ast.expr | None:
    """The default of a field: the expression itself, or what `field(default=...)` and `Field(...)` hold."""
    if not isinstance(node, ast.Call):
        return node
    if called_name(node) not in FIELDS:
        return None
    for keyword in node.keywords:
        if keyword.arg == "default":
            return keyword.value
        if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
            return keyword.value.body
    return node.args[0] if node.args else None


def pairs(node: ast.AST) -> Pairs | None:
    """The entries of `{"key": value}` and `dict(key=value)`."""
    if isinstance(node, ast.Dict):
        return [
            (key.value, key, value)
            for key, value in zip(node.keys, node.values, strict=True)
            if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
    if isinstance(node, ast.Call) and called_name(node) == "dict" and not node.args:
        return [(keyword.arg, keyword, keyword.value) for keyword in node.keywords if keyword.arg]
    return None
