"""The JSON contract, version 1: keys are added at times, but none changes or goes."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Finding, Fix, Note, Problem, Site
    from kllint.report.model import Page, Report, Reported
    from kllint.report.places import Place, Places

VERSION = 1


def render(report: Report, page: Page) -> Iterator[str]:
    """The whole report as one JSON object."""
    places = page.places
    yield dumps(
        {
            "version": VERSION,
            "findings": [_finding(reported, places) for reported in report.findings],
            "errors": [_problem(problem, places) for problem in report.problems],
            "summary": _summary(report),
        }
    )


def sites_object(sites: tuple[Site, ...], problems: tuple[Problem, ...], places: Places) -> dict[str, Any]:
    """The inventory as a JSON object."""
    return {
        "version": VERSION,
        "sites": [_site(site, places) for site in sites],
        "errors": [_problem(problem, places) for problem in problems],
    }


def dumps(value: Any) -> str:
    """JSON in ASCII, whatever is in names and sources."""
    return json.dumps(value, indent=2)


def _finding(reported: Reported, places: Places) -> dict[str, Any]:
    finding = reported.finding
    return {
        "rule": finding.rule,
        "name": reported.rule.name,
        "severity": finding.severity.value,
        "confidence": finding.confidence.value,
        "message": finding.message,
        **_place(places.place(finding.span)),
        "condition": finding.condition,
        "selected_by_default": finding.selected_by_default,
        "evidence": _evidence(finding),
        "related": [_note(note, places) for note in finding.related],
        "flow": [_note(note, places) for note in finding.flow],
        "fixes": [_fix(fix, places) for fix in finding.fixes],
        "fingerprint": reported.fingerprint,
        "url": reported.rule.url,
    }


def _evidence(finding: Finding) -> dict[str, str] | None:
    if finding.evidence is None:
        return None
    return {"value": finding.evidence.value, "derivative": finding.evidence.derivative}


def _site(site: Site, places: Places) -> dict[str, Any]:
    names = (
        "function",
        "kind",
        "estimator",
        "numerator",
        "denominator",
        "weight",
        "grad",
        "use",
        "regime",
        "condition",
        "value",
        "derivative",
        "verdict",
    )
    return {**_place(places.place(site.span)), **{name: getattr(site, name) for name in names}}


def _note(note: Note, places: Places) -> dict[str, Any]:
    return {**_place(places.place(note.span)), "message": note.message}


def _fix(fix: Fix, places: Places) -> dict[str, Any]:
    edits = [{**_place(places.place(edit.span)), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "applicability": fix.applicability.value, "edits": edits}


def _problem(problem: Problem, places: Places) -> dict[str, Any]:
    place = _place(places.of_problem(problem))
    known = problem.offset is not None
    return {
        "rule": "KL001",
        "message": problem.reason,
        **place,
        "start": place["start"] if known else None,
        "end": place["end"] if known else None,
    }


def _place(place: Place) -> dict[str, Any]:
    cell = {} if place.cell is None else {"cell": place.cell}
    return {
        "path": place.path,
        **cell,
        "start": {"line": place.start.line, "column": place.start.column},
        "end": {"line": place.end.line, "column": place.end.column},
    }


def _summary(report: Report) -> dict[str, Any]:
    findings = [reported.finding for reported in report.findings]
    left_out = report.left_out
    return {
        "files": report.files,
        "findings": len(findings),
        "errors": len(report.problems),
        "by_severity": dict(sorted(Counter(finding.severity.value for finding in findings).items())),
        "by_rule": dict(sorted(Counter(finding.rule for finding in findings).items())),
        "suppressed": left_out.suppressed,
        "below_threshold": left_out.below,
        "unchanged": left_out.unchanged,
        "baseline": left_out.baseline,
        "stale_baseline_entries": left_out.stale,
    }
