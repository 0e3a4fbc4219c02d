"""A parsed Python module: what its names stand for, what its literals are worth, where its nodes stand."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from kllint.configs.readers.tree import Malformed
from kllint.configs.setting import UNRESOLVED, File, Setting, Value, key_of
from kllint.findings import Span
from kllint.source.gate import Refusal, parse
from kllint.source.text import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

Named: TypeAlias = ast.expr | ast.arg | ast.keyword

MAX_DEPTH = 6


class Module:
    """One module; raises `Malformed` where the gate refuses it. Nothing of it is imported or run."""

    def __init__(self, file: File) -> None:
        source = Source(file.path, file.raw)
        tree = parse(source)
        if isinstance(tree, Refusal) or source.encoding != "utf-8":
            raise Malformed("no Python that can be read")
        self.tree = tree
        self.path = file.path
        self.raw = file.raw
        self.starts = [source.bom, *source.starts[1:]]
        self.nodes = tuple(ast.walk(self.tree))
        self.imports = dict(self._imports())
        self.packages = tuple(sorted({name.partition(".")[0] for name in self.imports.values()} - {""}))
        self.constants = self._constants()

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
        return UNRESOLVED

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
        return Setting(key_of(name), value, self.span(key, last))

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
        for node in self.nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.asname or alias.name.partition(".")[0], alias.name
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    yield alias.asname or alias.name, f"{'.' * node.level}{node.module or ''}.{alias.name}"

    def _constants(self) -> dict[str, ast.expr]:
        """Names that are bound once in the whole module, and to what."""
        values: dict[str, ast.expr] = {}
        times: Counter[str] = Counter()
        for node in self.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                values |= {target.id: node.value} if isinstance(target, ast.Name) else {}
            elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                times[node.id] += 1
            elif isinstance(node, ast.arg):
                times[node.arg] += 1
        return {name: value for name, value in values.items() if times[name] == 1}
