"""Interning: of values that read the same in every part, one is judged for all.

A function that calls another has the same sinks, computed from parameters of its own: they differ in nothing
that a judgement goes by, which is names, places and defaults.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, render

if TYPE_CHECKING:
    from collections.abc import Callable


class Interned:
    """The values that stand for all that read the same; `default` gives that of a parameter."""

    def __init__(self, default: Callable[[Value], Value | None]) -> None:
        self._default = default
        self._standing: dict[tuple[object, ...], Value] = {}
        self._known: dict[int, Value] = {}

    def of(self, value: Value) -> Value:
        """The value that stands for this one; those that it is computed from are interned as well."""
        known = self._known
        stack = [value]
        while stack:
            node = stack[-1]
            waiting = [arg for arg in node.args if arg.number not in known]
            if waiting and node.number not in known:
                stack.extend(waiting)
                continue
            stack.pop()
            if node.number not in known:
                known[node.number] = self._one(node, tuple([known[arg.number] for arg in node.args]))
        return known[value.number]

    def _one(self, node: Value, args: tuple[Value, ...]) -> Value:
        key = (node.op, node.span, *self._data(node), *[arg.number for arg in args])
        standing = self._standing.get(key)
        if standing is None:
            standing = node if args == node.args else Value(node.op, args, node.data, node.span)
            self._standing[key] = self._known[standing.number] = standing
        return standing

    def _data(self, node: Value) -> tuple[object, ...]:
        """What tells the data of a value from that of others."""
        data = node.data
        if node.op is ops.PARAMETER:
            default = self._default(node)
            return data[1], default and render(default)
        if node.op is ops.PARTIAL:
            return (node.number,)
        return type(data), data  # 1, 1.0 and True are equal
