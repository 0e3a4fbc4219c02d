"""Reviewdog's diagnostic format, for comments on pull requests of many hosts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kllint.findings import Severity, Span
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Fix
    from kllint.report.model import Page, Report, Reported
    from kllint.report.places import Places
    from kllint.source.text import Position, Source

SEVERITIES = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.INFO: "INFO"}


def render(report: Report, page: Page) -> Iterator[str]:
    """One diagnostic result."""
    problems = [
        {
            "message": problem.reason,
            "location": _location(Span(problem.path, problem.offset or 0, problem.offset or 0), page.places),
            "severity": "ERROR",
            "code": {"value": "KL001"},
        }
        for problem in report.problems
    ]
    found = [_diagnostic(reported, page.places) for reported in report.findings]
    yield json.dumps({"source": {"name": "kllint"}, "diagnostics": problems + found}, indent=2)


def _diagnostic(reported: Reported, places: Places) -> dict[str, Any]:
    finding = reported.finding
    suggestions = [suggestion for fix in finding.fixes for suggestion in _suggestions(fix, places)]
    return {
        "message": "; ".join([finding.message, *conditions(finding, places)]),
        "location": _location(finding.span, places),
        "severity": SEVERITIES[finding.severity],
        "code": {"value": finding.rule, "url": reported.rule.url},
        **({"suggestions": suggestions} if suggestions else {}),
    }


def _suggestions(fix: Fix, places: Places) -> list[dict[str, Any]]:
    """The edits of a fix, if it is a single one: several are not to be applied one without the other."""
    if len(fix.edits) != 1 or places.sources.notebook(fix.edits[0].span.path):
        return []
    (edit,) = fix.edits
    return [{"range": _location(edit.span, places)["range"], "text": edit.text}]


def _location(span: Span, places: Places) -> dict[str, Any]:
    place = places.in_file(span)
    text = places.text_in_file(span.path)
    return {"path": place.path, "range": {"start": _bytes(place.start, text), "end": _bytes(place.end, text)}}


def _bytes(position: Position, source: Source) -> dict[str, int]:
    """A position with its column in bytes of UTF-8, as this format counts."""
    before = source.line(position.line)[: position.column - 1]
    return {"line": position.line, "column": len(before.encode("utf-8", "surrogatepass")) + 1}
