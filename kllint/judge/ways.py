"""Every way of a project from a KL expression to a use: what `kllint trace` tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.judge.way import way

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.findings import Way
    from kllint.judge.judging import Judge
    from kllint.link.scope import Closure


def ways(judge: Judge, closures: Iterable[Closure]) -> tuple[Way, ...]:
    """Every way from a KL expression to a use, those to one use by one way once."""
    found: dict[tuple[object, ...], Way] = {}
    fence = judge.linker.fence
    for closure in closures:
        for made in fence.alone(closure.scope.path, ways_of, judge, closure):
            found.setdefault((made.span, made.use, made.condition, made.steps), made)
    return tuple(
        sorted(found.values(), key=lambda made: (made.span, made.steps[-1].span, made.condition or ""))
    )


def ways_of(judge: Judge, closure: Closure) -> Iterator[Way]:
    """The ways to the uses that are in one function."""
    for sink, reached in judge.arrivals(closure):
        for one in reached:
            made = way(judge.leaves, sink, one)
            if made is not None:
                yield made
