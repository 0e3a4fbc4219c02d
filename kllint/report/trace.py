"""What is known of the KL terms on one line, and of their ways from log-probs to uses."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from kllint.report.frame import frame
from kllint.report.paint import Paint, Style, clip, wrap
from kllint.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Analysis, Finding, Site, Span, Step, Way
    from kllint.report.places import Places

_INDENT = " " * 6


def trace(analysis: Analysis, places: Places, line: int, width: int | None, *, colour: bool) -> Iterator[str]:
    """For each term on the line what it is and what is said of it, then the ways that lead through the line.

    Where a KL is computed on the line, only the ways from there are shown.
    """
    paint = Paint(colour)
    named = set(analysis.files)
    for site in analysis.sites:
        if _is_on(site.span, line, places):
            yield from _site(site, places, width, paint)
    for finding in analysis.findings:
        if _is_on(finding.span, line, places):
            yield from _finding(finding, width)
    through = [way for way in analysis.ways if _leads_through(way, line, named, places)]
    computed = [way for way in through if way.span.path in named and _is_on(way.span, line, places)]
    for way in computed or through:
        yield from _way(way, places, width, paint)


def nearest_lines(analysis: Analysis, places: Places) -> list[int]:
    """The lines that have a term."""
    return sorted({places.place(site.span).start.line for site in analysis.sites})


def _leads_through(way: Way, line: int, named: set[str], places: Places) -> bool:
    return any(step.span.path in named and _is_on(step.span, line, places) for step in way.steps)


def _is_on(span: Span, line: int, places: Places) -> bool:
    place = places.place(span)
    last = place.end.line - (place.end.column == 1)
    return place.start.line <= line <= max(place.start.line, last)


def _site(site: Site, places: Places, width: int | None, paint: Paint) -> Iterator[str]:
    where = f" in {site.function}" if site.function else ""
    yield paint(plain(f"{places.place(site.span)}{where}"), Style.STRONG)
    yield from frame(places, site.span, width, paint, Style.INFO)
    facts = (
        ("estimator", f"{site.estimator} of KL({site.numerator} || {site.denominator})"),
        ("value", site.value),
        ("derivative", site.derivative and f"{site.derivative}, with respect to log q"),
        ("weight", site.weight),
        ("gradient", site.grad),
        ("use", site.use),
        ("samples", {"on": "on-policy", "off": "off-policy"}.get(site.regime, site.regime)),
        ("only when", site.condition),
        ("verdict", site.verdict),
    )
    yield from _facts(facts, width)
    yield ""


def _facts(facts: tuple[tuple[str, str | None], ...], width: int | None) -> Iterator[str]:
    for name, fact in facts:
        if fact:
            yield from wrap(plain(f"  {name}: {fact}"), width, _INDENT)


def _finding(finding: Finding, width: int | None) -> Iterator[str]:
    condition = f" (when {finding.condition})" if finding.condition else ""
    yield from wrap(
        plain(f"  {finding.rule} {finding.severity}: {finding.message}{condition}"), width, _INDENT
    )
    yield ""


def _way(way: Way, places: Places, width: int | None, paint: Paint) -> Iterator[str]:
    condition = f", when {way.condition}" if way.condition else ""
    title = (
        f"{places.place(way.span)}: {way.estimator} on its way to the {way.use} in {way.function}{condition}"
    )
    yield from (paint(line, Style.STRONG) for line in wrap(plain(title), width, _INDENT))
    told: tuple[str | None, str | None] = (None, None)
    together = groupby(way.steps, key=lambda step: (step.span.path, places.place(step.span).start.line))
    for number, (_, group) in enumerate(together, start=1):
        steps = list(group)
        yield from _step(number, steps, places, width, paint)
        formulas = next(((one.value, one.derivative) for one in reversed(steps) if one.derivative), told)
        if formulas != told:
            yield from _facts((("   value", formulas[0]), ("   derivative", formulas[1])), width)
        told = formulas
    yield ""


def _step(number: int, steps: list[Step], places: Places, width: int | None, paint: Paint) -> Iterator[str]:
    """The steps of one line of code: its place, the code, and what happens there."""
    span = steps[0].span
    source = places.sources.source(span.path)
    code = plain(f"     | {source.line(source.position(span.start).line).strip()}")
    happened = "; ".join(step.text for step in steps)
    yield from wrap(plain(f"  {number}. {places.place(span)}: {happened}"), width, _INDENT)
    yield paint(code if width is None else clip(code, width), Style.FRAME)
