"""JUnit's XML, which most CI servers read: a suite for each file, a failed case for each finding."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from kllint.report.plain import plain
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.report.model import Page, Report, Reported


def render(report: Report, page: Page) -> Iterator[str]:
    """The suites; a clean run is one case that passed, since some servers take none for a mistake."""
    total, broken = len(report.findings), len(report.problems)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="kllint" tests="{total + broken or 1}" failures="{total}" errors="{broken}">'
    for problem in report.problems:
        path = page.places.path(problem.path)
        yield f'  <testsuite name={_quoted(path)} tests="1" failures="0" errors="1">'
        yield f'    <testcase name="KL001 unreadable-file" classname={_quoted(path)}>'
        place = _text(str(page.places.of_problem(problem)))
        yield f"      <error message={_quoted(problem.reason)}>{place}</error>"
        yield "    </testcase>"
        yield "  </testsuite>"
    for path, group in groupby(report.findings, lambda reported: reported.finding.span.path):
        yield from _suite(page.places.path(path), list(group), page)
    if not total + broken:
        yield '  <testsuite name="kllint" tests="1" failures="0" errors="0">'
        yield f'    <testcase name="no findings in {report.files} files" classname="kllint"/>'
        yield "  </testsuite>"
    yield "</testsuites>"


def _suite(path: str, findings: list[Reported], page: Page) -> Iterator[str]:
    yield f'  <testsuite name={_quoted(path)} tests="{len(findings)}" failures="{len(findings)}" errors="0">'
    for reported in findings:
        finding = reported.finding
        place = page.places.place(finding.span)
        name = _quoted(f"{finding.rule} {reported.rule.name} at line {place.start.line}")
        text = "\n".join(
            [str(place), *conditions(finding, page.places), *([finding.instead] if finding.instead else [])]
        )
        yield f'    <testcase name={name} classname={_quoted(path)} line="{place.start.line}">'
        kind = finding.severity.value
        yield f'      <failure type="{kind}" message={_quoted(finding.message)}>{_text(text)}</failure>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _quoted(text: str) -> str:
    return quoteattr(_legal(text))


def _text(text: str) -> str:
    return escape("\n".join(map(_legal, text.split("\n"))))


def _legal(text: str) -> str:
    """The text without the few characters that XML cannot hold."""
    return re.sub("[\ufffe\uffff]", "\ufffd", plain(text))
