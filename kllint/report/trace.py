"""What is known of the KL terms on one line, and of their way to loss or reward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.report.frame import frame
from kllint.report.paint import Paint, Style, wrap
from kllint.report.plain import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Analysis, Finding, Site, Span
    from kllint.report.places import Places


def trace(analysis: Analysis, places: Places, line: int, width: int | None, *, colour: bool) -> Iterator[str]:
    """For each term on the line: where it is, what it is, and the steps to its use."""
    paint = Paint(colour)
    for site in analysis.sites:
        if line in _lines(site.span, places):
            yield from _site(site, places, width, paint)
    for finding in analysis.findings:
        spans = [finding.span, *(note.span for note in (*finding.flow, *finding.related))]
        if any(line in _lines(span, places) for span in spans):
            yield from _finding(finding, places, width, paint)


def nearest_lines(analysis: Analysis, places: Places) -> list[int]:
    """The lines that have a term."""
    return sorted({places.place(site.span).start.line for site in analysis.sites})


def _lines(span: Span, places: Places) -> range:
    place = places.place(span)
    last = place.end.line - (place.end.column == 1)
    return range(place.start.line, max(place.start.line, last) + 1)


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
    for name, fact in facts:
        if fact:
            yield from wrap(plain(f"  {name}: {fact}"), width, " " * 6)
    yield ""


def _finding(finding: Finding, places: Places, width: int | None, paint: Paint) -> Iterator[str]:
    yield from wrap(plain(f"{finding.rule} {finding.severity}: {finding.message}"), width, "  ")
    for number, note in enumerate(finding.flow or finding.related, start=1):
        yield from wrap(plain(f"  {number}. {places.place(note.span)}: {note.message}"), width, " " * 6)
        yield from frame(places, note.span, width, paint, Style.INFO)
    yield ""
