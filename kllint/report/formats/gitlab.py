"""GitLab's Code Quality report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kllint.findings import Severity, Span
from kllint.report.fingerprint import digest
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.report.model import Page, Report

SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}


def render(report: Report, page: Page) -> Iterator[str]:
    """A list of issues."""
    issues = [
        _issue("KL001", problem.reason, Severity.ERROR, _span(problem.path, problem.offset), page)
        | {"fingerprint": digest("KL001", page.host_path(problem.path), problem.reason)}
        for problem in report.problems
    ]
    for reported in report.findings:
        finding = reported.finding
        message = "; ".join([finding.message, *conditions(finding, page.places)])
        issue = _issue(finding.rule, message, finding.severity, finding.span, page)
        issues.append(issue | {"fingerprint": reported.fingerprint})
    yield json.dumps(issues, indent=2)


def _span(path: str, offset: int | None) -> Span:
    return Span(path, offset or 0, offset or 0)


def _issue(rule: str, message: str, severity: Severity, span: Span, page: Page) -> dict[str, Any]:
    place = page.places.in_file(span)
    return {
        "type": "issue",
        "check_name": rule,
        "description": f"{rule}: {message}",
        "categories": ["Bug Risk"],
        "severity": SEVERITIES[severity],
        "location": {
            "path": page.host_path(span.path),
            "lines": {"begin": place.start.line, "end": place.end.line},
        },
    }
