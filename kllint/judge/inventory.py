"""The inventory: every KL expression that a function's own text computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.findings import Site, Span
from kllint.judge.assumption import NOTHING, Assumptions
from kllint.judge.conditions import assume, consistent, said
from kllint.judge.full import FullKl, cross_entropy, full_kl
from kllint.judge.reach import Reach
from kllint.judge.terms import sides_of
from kllint.link.words import names_kl
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Regime, Use

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from kllint.fence import Fence
    from kllint.ir.values import Value
    from kllint.judge.judging import Judge
    from kllint.judge.reading import Reading
    from kllint.link.scope import Closure

_SURE = (Use.LOSS, Use.REWARD)
_ORDER = (Use.REWARD, Use.LOSS, Use.EARLY_STOP, Use.COEF, Use.METRIC, Use.LIBRARY)


def inventory(judge: Judge, closures: Sequence[Closure], fence: Fence) -> tuple[Site, ...]:
    """The KL expressions of some functions, each with the best use that any way from it leads to."""
    entries: dict[Span, Entry] = {}
    for closure in closures:
        found = fence.alone(closure.scope.path, entries_of, judge, closure)
        entries.update((entry.span, entry) for entry in found)
    entries.update((entry.span, entry) for entry in known_to_callers(judge, closures, entries))
    reach = Reach(judge, closures, entries, fence)
    listed = (site(judge, entry, reach.uses.get(entry.span, [])) for entry in entries.values())
    return tuple(sorted(listed, key=lambda one: one.span))


def known_to_callers(judge: Judge, closures: Sequence[Closure], entries: Collection[Span]) -> Iterator[Entry]:
    """The expressions whose sides only a caller can tell: `a - b` of a helper."""
    for span, reading in sorted(judge.formulas.items(), key=lambda item: item[0]):
        around = [one for one in closures if _holds(one, span)]
        new = not any(other.covers(span) or span.covers(other) for other in entries)
        if around and new and (isinstance(reading, FullKl) or listed(reading)):
            inmost = max(around, key=lambda one: one.definition.start)
            yield Entry(span, inmost.name, reading, NOTHING)


def _holds(closure: Closure, span: Span) -> bool:
    definition = closure.definition
    return closure.scope.path == span.path and definition.start <= span.start and span.end <= definition.end


@dataclass(frozen=True, slots=True)
class Entry:
    """A KL expression of one function, under the alternative in which it was read first."""

    span: Span
    function: str
    reading: Reading | FullKl
    held: Assumptions


def entries_of(judge: Judge, closure: Closure) -> Iterator[Entry]:
    """The KL expressions of one function, the outermost of those that stand inside each other."""
    found: dict[Span, Entry] = {}
    for value, guards in judge.linker.notes.get(closure.number, ()):
        around = NOTHING.union(*(assume(guard, holds=True) for guard in guards))
        for inside, reading in readings(judge, closure, value):
            held = inside | around if consistent(inside | around) else inside
            span = reading.formula.span
            is_own = span is not None and span.path == closure.scope.path
            if span is not None and is_own and (reading.formula.number == value.number or span == value.span):
                found.setdefault(span, Entry(span, closure.name, reading, held))
    for span, entry in found.items():
        if not any(other.covers(span) for other in found if other != span):
            yield entry


def readings(judge: Judge, closure: Closure, value: Value) -> Iterator[tuple[Assumptions, Reading | FullKl]]:
    """What an expression is, under each alternative of what it is made of."""
    whole = full_kl(judge.leaves, value)
    if whole is None and says_kl(closure):
        whole = cross_entropy(judge.leaves, value)
    if whole is not None:
        yield NOTHING, whole
        return
    if not judge.leaves.of(value):
        return
    for held, one in judge.choices.alternatives(value) or ():
        reading = judge.reader.read(one)
        if reading is not None and listed(reading):
            yield held, reading


def says_kl(closure: Closure) -> bool:
    """Whether a function, or the class whose method it is, is named for a KL."""
    owner = closure.owner.name if closure.owner is not None else ""
    return names_kl(closure.definition.name) or names_kl(owner)


def listed(reading: Reading) -> bool:
    """Whether an expression is a KL rather than a log-ratio on its way to one."""
    if reading.estimator is Estimator.OTHER:
        return False
    if reading.estimator is not Estimator.K1:
        return True
    if reading.anchored or reading.other is None:
        return reading.sign < 0
    return True


def use_of(judged: Collection[Use], reached: Sequence[Use]) -> Use:
    """The use that the judge is sure of, else the best of those that are merely reached."""
    sure = next((use for use in _SURE if use in judged), None)
    if sure is not None:
        return sure
    return next((use for use in _ORDER if use in judged or use in reached), Use.UNKNOWN)


def site(judge: Judge, entry: Entry, reached: Sequence[Use]) -> Site:
    """One line of the inventory."""
    span, reading, held = entry.span, entry.reading, entry.held
    use = use_of(judge.uses.get(span, ()), reached)
    regime = judge.regimes.get(span, Regime.UNKNOWN)
    condition = said(held) or None
    verdict = judge.verdicts.get(span, Verdict.NOT_JUDGED).value
    if isinstance(reading, FullKl):
        return Site(
            span, entry.function, reading.kind, reading.estimator.value, reading.numerator.value, reading.denominator.value,
            "none", reading.gradient.value, use.value, regime.value, condition, None, None, verdict,
        )  # fmt: skip
    numerator, denominator = sides_of(reading)
    fit = reading.fit
    derivative = fit.derivative.render() if fit is not None and fit.derivative is not None else None
    return Site(
        span, entry.function, "sample", reading.estimator.value, numerator.value, denominator.value, _weight(reading),
        reading.gradient.value, use.value, regime.value, condition, fit.value.render() if fit else None, derivative,
        verdict,
    )  # fmt: skip


def _weight(reading: Reading) -> str:
    return reading.weight.value
