"""Workflow commands of GitHub Actions: each finding is an annotation on its lines."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kllint.findings import Severity, Span
from kllint.report.plain import plain
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.report.model import Page, Report

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
SHOWN = 10  # annotations of one level that GitHub shows of one step; it drops the others without a word


def render(report: Report, page: Page) -> Iterator[str]:
    """The problems and the gravest findings first, and a word if GitHub will not show them all."""
    for problem in report.problems:
        offset = problem.offset or 0
        span = Span(problem.path, offset, offset)
        yield _command(Severity.ERROR, "KL001 unreadable-file", problem.reason, span, page)
    counts = Counter({Severity.ERROR: len(report.problems)})
    for severity in Severity:
        for reported in report.findings:
            finding = reported.finding
            if finding.severity is not severity:
                continue
            counts[severity] += 1
            message = "; ".join([finding.message, *conditions(finding, page.places)])
            yield _command(severity, f"{finding.rule} {reported.rule.name}", message, finding.span, page)
    hidden = sum(max(count - SHOWN, 0) for count in counts.values())
    if hidden:
        yield (
            f"kllint: GitHub shows {SHOWN} annotations of each level a step: {hidden} of those above "
            "are in this log only. The format sarif has no such limit."
        )


def _command(severity: Severity, title: str, message: str, span: Span, page: Page) -> str:
    place = page.places.in_file(span)
    properties = {
        "title": title,
        "file": page.host_path(span.path),
        "line": place.start.line,
        "col": place.start.column,
        "endLine": place.end.line,
        "endColumn": place.end.column,
    }
    shown = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{LEVELS[severity]} {shown}::{_data(message)}"


def _data(text: str) -> str:
    return plain(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
