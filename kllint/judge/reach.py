"""What becomes of each KL expression, by reachability alone: the inventory's answer where a walk is too strict.

The judge follows a term to its sink only as long as it knows what every operation does to it. For the use of
an expression that is too much to ask: a value that goes through a list, a foreign function or an object
still ends where that ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.fence import Fence
    from kllint.findings import Span
    from kllint.ir.values import Value
    from kllint.judge.judging import Judge
    from kllint.link.scope import Closure

_ORDER = (Use.REWARD, Use.LOSS, Use.EARLY_STOP, Use.COEF, Use.METRIC, Use.LIBRARY)
_TRUTHS = {ops.COMPARE, ops.NOT, ops.AND, ops.OR, ops.FORMAT}


class Reach:
    """The uses that spans are reached from, over all sinks of a project; each value is visited once a use."""

    def __init__(
        self, judge: Judge, closures: Iterable[Closure], spans: Iterable[Span], fence: Fence
    ) -> None:
        self.judge = judge
        self.fence = fence
        self.spans = frozenset(spans)
        self.uses: dict[Span, list[Use]] = {}
        ends = self.ends(closures)
        rewards = frozenset(value.number for value in ends[Use.REWARD])
        for use in _ORDER:
            self.visit(use, ends[use], rewards if use is Use.LOSS else frozenset())

    def ends(self, closures: Iterable[Closure]) -> dict[Use, list[Value]]:
        """Where values end, by use; what a function returns is for whoever calls it."""
        found: dict[Use, list[Value]] = {use: [] for use in Use}
        for closure in closures:
            for use, value in self.fence.alone(closure.scope.path, self.ends_of, closure):
                found[use].append(value)
        return found

    def ends_of(self, closure: Closure) -> Iterator[tuple[Use, Value]]:
        for sink in self.judge.sinks_of(closure):
            known = bool(self.judge.leaves.of(sink.value))
            yield self.judge.as_used(sink).use if known else sink.use, sink.value
        summary = self.judge.linker.summaries.get(closure.number)
        if summary is not None:
            yield Use.LIBRARY, summary.returns

    def visit(self, use: Use, ends: Iterable[Value], barred: frozenset[int]) -> None:
        """Marks every span below some values, but for those below what is barred."""
        stack = [value for value in ends if value.number not in barred]
        seen = {value.number for value in stack}
        while stack:
            node = stack.pop()
            if node.span in self.spans:
                uses = self.uses.setdefault(node.span, [])
                if use not in uses:
                    uses.append(use)
            for part in self.parts(node):
                if part.number not in seen and part.number not in barred:
                    seen.add(part.number)
                    stack.append(part)

    def parts(self, value: Value) -> Iterator[Value]:
        """What a value is computed from; conditions, masks and indices only choose."""
        match value.op:
            case op if op in _TRUTHS:
                return
            case ops.CHOICE | ops.WHERE:
                yield from value.args[1:]
            case ops.ITEM | ops.GATHER:
                yield value.args[0]
            case _:
                yield from value.args
        yield from self.judge.leaves.stored(value)
