"""One line a finding, for pipes and for editors that read `path:line:column: message`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.findings import Confidence, Severity
from kllint.report.paint import Paint, Style
from kllint.report.plain import plain
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.report.model import Page, Report

STYLES = {Severity.ERROR: Style.ERROR, Severity.WARNING: Style.WARNING, Severity.INFO: Style.INFO}


def render(report: Report, page: Page) -> Iterator[str]:
    """The problems, then the findings."""
    paint = Paint(page.colour)
    for problem in report.problems:
        place = paint(plain(f"{page.places.of_problem(problem)}:"), Style.STRONG)
        yield f"{place} {paint('KL001 error:', Style.ERROR)} {plain(problem.reason)}"
    for reported in report.findings:
        finding = reported.finding
        place = paint(plain(f"{page.places.place(finding.span)}:"), Style.STRONG)
        head = paint(f"{finding.rule} {finding.severity}:", STYLES[finding.severity])
        notes = [*conditions(finding, page.places), *_doubt(finding.confidence)]
        tail = f" ({'; '.join(notes)})" if notes else ""
        yield f"{place} {head} {plain(finding.message + tail)}"


def _doubt(confidence: Confidence) -> list[str]:
    return [] if confidence is Confidence.HIGH else [f"{confidence} confidence"]
