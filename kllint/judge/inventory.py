"""The inventory: every KL expression that a function's own text computes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Site
from kllint.judge.choices import alternatives
from kllint.judge.conditions import NOTHING, Assumptions, assume, consistent, said
from kllint.judge.full import FullKl, full_kl
from kllint.judge.terms import sides_of
from kllint.link.words import names_kl
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Regime, Role, Use

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Span
    from kllint.ir.values import Value
    from kllint.judge.judging import Judge
    from kllint.judge.reading import Reading
    from kllint.link.scope import Closure

_ORDER = (Use.LOSS, Use.REWARD, Use.EARLY_STOP, Use.COEF, Use.METRIC, Use.LIBRARY, Use.UNKNOWN)


def sites(judge: Judge, closure: Closure) -> Iterator[Site]:
    """The KL expressions of one function, the outermost of those that stand inside each other."""
    found: dict[Span, tuple[Value, Reading | FullKl, Assumptions]] = {}
    for value, guards in judge.linker.notes.get(closure.number, ()):
        around = NOTHING.union(*(assume(guard, holds=True) for guard in guards))
        for inside, reading in readings(judge, value):
            held = inside | around if consistent(inside | around) else inside
            span = reading.formula.span
            is_own = span is not None and span.path == closure.scope.path
            if span is not None and is_own and (reading.formula.number == value.number or span == value.span):
                found.setdefault(span, (value, reading, held))
    for span, (_, reading, held) in found.items():
        if not any(_within(span, other) for other in found if other != span):
            yield site(judge, closure, span, reading, held)


def readings(judge: Judge, value: Value) -> Iterator[tuple[Assumptions, Reading | FullKl]]:
    """What an expression is, under each alternative of what it is made of."""
    whole = full_kl(judge.leaves, value)
    if whole is not None:
        yield NOTHING, whole
        return
    if not judge.leaves.of(value):
        return
    for held, one in alternatives(judge.leaves, value) or ():
        reading = judge.reader.read(one)
        if reading is not None and listed(reading):
            yield held, reading


def listed(reading: Reading) -> bool:
    """Whether an expression is a KL rather than a log-ratio on its way to one."""
    if reading.estimator is Estimator.OTHER:
        return False
    if reading.estimator is not Estimator.K1:
        return True
    if reading.anchored or reading.other is None:
        return reading.sign < 0
    return True


def _within(inner: Span, outer: Span) -> bool:
    return inner.path == outer.path and outer.start <= inner.start and inner.end <= outer.end


def site(judge: Judge, closure: Closure, span: Span, reading: Reading | FullKl, held: Assumptions) -> Site:
    """One line of the inventory."""
    use = next((use for use in _ORDER if use in judge.uses.get(span, ())), Use.UNKNOWN)
    regime = judge.regimes.get(span, Regime.UNKNOWN)
    condition = said(held) or None
    verdict = judge.verdicts.get(span, Verdict.NOT_JUDGED).value
    if isinstance(reading, FullKl):
        return Site(
            span, closure.name, reading.kind, reading.estimator.value, reading.numerator.value, reading.denominator.value,
            "none", reading.gradient.value, use.value, regime.value, condition, None, None, verdict,
        )  # fmt: skip
    numerator, denominator = sides_of(reading)
    fit = reading.fit
    derivative = fit.derivative.render() if fit is not None and fit.derivative is not None else None
    return Site(
        span, closure.name, "sample", reading.estimator.value, numerator.value, denominator.value, _weight(reading),
        reading.gradient.value, use.value, regime.value, condition, fit.value.render() if fit else None, derivative,
        verdict,
    )  # fmt: skip


def _weight(reading: Reading) -> str:
    return reading.weight.value


__all__ = ["Role", "listed", "names_kl", "readings", "site", "sites"]
