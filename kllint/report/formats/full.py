"""For people at a terminal: the code, the evidence, and what to write instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Confidence, Span
from kllint.report.formats.concise import STYLES
from kllint.report.frame import frame
from kllint.report.paint import Paint, Style, wrap
from kllint.report.plain import plain
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Finding, Problem
    from kllint.report.model import Page, Report, Reported


def render(report: Report, page: Page) -> Iterator[str]:
    """The problems, then the findings, with an empty line after each."""
    paint = Paint(page.colour)
    for problem in report.problems:
        yield from _problem(problem, page, paint)
        yield ""
    for reported in report.findings:
        yield from _finding(reported, page, paint)
        yield ""


def _problem(problem: Problem, page: Page, paint: Paint) -> Iterator[str]:
    yield from _head("KL001 error:", f" unreadable-file: {problem.reason}", Style.ERROR, page, paint)
    yield from _at(str(page.places.of_problem(problem)), "", page, paint)
    if problem.offset is not None and page.places.sources.source(problem.path).raw:
        span = Span(problem.path, problem.offset, problem.offset)
        yield from frame(page.places, span, page.width, paint, Style.ERROR)


def _finding(reported: Reported, page: Page, paint: Paint) -> Iterator[str]:
    finding = reported.finding
    style = STYLES[finding.severity]
    message = f" {reported.rule.name}: {finding.message}"
    yield from _head(f"{finding.rule} {finding.severity}:", message, style, page, paint)
    yield from _at(str(page.places.place(finding.span)), finding.function, page, paint)
    yield from frame(page.places, finding.span, page.width, paint, style)
    for label, text in _remarks(finding, page):
        first, *rest = wrap(plain(f"  = {label}: {text}"), page.width, " " * 6)
        yield first.replace(f"= {label}:", f"{paint('=', Style.FRAME)} {paint(f'{label}:', Style.STRONG)}", 1)
        yield from rest


def _remarks(finding: Finding, page: Page) -> Iterator[tuple[str, str]]:
    if finding.evidence:
        yield "value", finding.evidence.value
        yield "derivative", f"{finding.evidence.derivative}, with respect to log q"
    for condition in conditions(finding, page.places):
        yield "only", condition
    if finding.confidence is not Confidence.HIGH:
        yield "confidence", str(finding.confidence)
    for note in finding.related:
        yield "note", f"{page.places.place(note.span)}: {note.message}"
    if finding.instead:
        yield "instead", finding.instead
    for fix in finding.fixes:
        yield "fix", f"{fix.title} ({fix.applicability})"


def _head(head: str, message: str, style: Style, page: Page, paint: Paint) -> Iterator[str]:
    first, *rest = wrap(plain(head + message), page.width, "  ")
    yield paint(first[: len(head)], style) + first[len(head) :]
    yield from rest


def _at(place: str, function: str, page: Page, paint: Paint) -> Iterator[str]:
    where = f" in {function}" if function else ""
    first, *rest = wrap(plain(f" --> {place}{where}"), page.width, "     ")
    yield f"{paint(first[:4], Style.FRAME)}{first[4:]}"
    yield from rest
