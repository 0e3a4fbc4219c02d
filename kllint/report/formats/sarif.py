"""SARIF 2.1.0, to the letter of what GitHub code scanning reads of it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from kllint import __version__
from kllint.findings import Applicability, Confidence, Severity, Span
from kllint.report.line_hash import line_hashes
from kllint.report.wording import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kllint.findings import Finding, Fix, Note, Problem
    from kllint.report.model import Page, Report, Reported
    from kllint.report.rules import RuleText

Object = dict[str, Any]

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ROOT = "%SRCROOT%"
MAX_RESULTS = 25_000
MAX_LOCATIONS = 1_000  # of one result, and steps of one flow that GitHub shows
MAX_DESCRIPTION = 1_024
TAGS = ["correctness", "kl-divergence", "reinforcement-learning"]

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEM_SEVERITIES = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_PRECISIONS = {Severity.ERROR: "high", Severity.WARNING: "high", Severity.INFO: "medium"}
_RANKS = {Confidence.HIGH: 90.0, Confidence.MEDIUM: 60.0, Confidence.LOW: 30.0}


def render(report: Report, page: Page) -> Iterator[str]:
    """One run; findings that comments silence are left out, since GitHub would open alerts for them."""
    yield json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [_Run(report, page).object()]}, indent=2)


class _Run:
    """The making of the one run."""

    def __init__(self, report: Report, page: Page) -> None:
        self.report = report
        self.page = page
        self.rules = page.rules()
        self.indices = {code: index for index, code in enumerate(self.rules)}
        self._hashes: dict[str, list[str]] = {}

    def object(self) -> Object:
        shown = _gravest(self.report.findings)
        notifications = [self._unread(problem) for problem in self.report.problems]
        if len(shown) < len(self.report.findings):
            notifications.append(_cut(len(self.report.findings)))
        return {
            "tool": {"driver": self._driver()},
            "automationDetails": {"id": f"{(self.page.category or 'kllint').rstrip('/')}/"},
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": {ROOT: {"description": {"text": "The root of the repository."}}},
            "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
            "results": [self._result(reported) for reported in shown],
        }

    def _driver(self) -> Object:
        from kllint.rules.rule import repository  # noqa: PLC0415

        address = {"informationUri": repository()} if repository() else {}
        return {
            "name": "kllint",
            "version": __version__,
            "semanticVersion": __version__,
            **address,
            "rules": [_rule(rule) for rule in self.rules.values()],
        }

    def _result(self, reported: Reported) -> Object:
        finding = reported.finding
        notes = finding.related[: MAX_LOCATIONS - 1]
        links = "".join(f" [{_escaped(note.message)}]({index})." for index, note in enumerate(notes, start=1))
        message = ". ".join(
            [finding.message.rstrip("."), *map(_sentence, conditions(finding, self.page.places))]
        )
        return {
            "ruleId": finding.rule,
            "ruleIndex": self.indices[finding.rule],
            "level": _LEVELS[finding.severity],
            "rank": _RANKS[finding.confidence],
            "message": {"text": f"{_escaped(message)}.{links}"},
            "locations": [self._location(finding.span) | _logical(finding.function)],
            "partialFingerprints": {
                "primaryLocationLineHash": self._line_hash(finding.span),
                "kllint/v1": reported.fingerprint,
            },
            **self._optional(finding, notes),
        }

    def _optional(self, finding: Finding, notes: Sequence[Note]) -> Object:
        made: Object = {}
        if notes:
            made["relatedLocations"] = [
                {"id": id_, **self._note(note)} for id_, note in enumerate(notes, start=1)
            ]
        if finding.flow:
            steps = [{"location": self._note(note)} for note in finding.flow[:MAX_LOCATIONS]]
            made["codeFlows"] = [{"threadFlows": [{"locations": steps}]}]
        if fixes := [self._fix(fix) for fix in finding.fixes if self._is_applicable(fix)]:
            made["fixes"] = fixes
        properties: Object = {"confidence": finding.confidence.value}
        if finding.evidence:
            properties["value"] = finding.evidence.value
            properties["derivative"] = finding.evidence.derivative
        if finding.instead:
            properties["instead"] = finding.instead
        return made | {"properties": properties}

    def _is_applicable(self, fix: Fix) -> bool:
        """Whether the edits of a fix are edits of files: those of a notebook's code are not."""
        is_text = not any(self.page.places.sources.notebook(edit.span.path) for edit in fix.edits)
        return is_text and bool(fix.edits) and fix.applicability is not Applicability.DISPLAY

    def _fix(self, fix: Fix) -> Object:
        by_path: dict[str, list[Object]] = {}
        for edit in fix.edits:
            replacement = {"deletedRegion": self._region(edit.span), "insertedContent": {"text": edit.text}}
            by_path.setdefault(edit.span.path, []).append(replacement)
        changes = [
            {"artifactLocation": self._artifact(path), "replacements": replacements}
            for path, replacements in by_path.items()
        ]
        return {"description": {"text": f"{fix.title} ({fix.applicability})"}, "artifactChanges": changes}

    def _note(self, note: Note) -> Object:
        return self._location(note.span) | {"message": {"text": _escaped(note.message)}}

    def _unread(self, problem: Problem) -> Object:
        offset = problem.offset or 0
        return {
            "level": "error",
            "descriptor": {"id": "KL001"},
            "message": {"text": _escaped(problem.reason)},
            "locations": [self._location(Span(problem.path, offset, offset))],
        }

    def _location(self, span: Span) -> Object:
        return {
            "physicalLocation": {"artifactLocation": self._artifact(span.path), "region": self._region(span)}
        }

    def _artifact(self, path: str) -> Object:
        relative = self.page.host_path(path)
        uri = quote(relative, safe="/", errors="surrogateescape")
        return {"uri": f"file://{uri}"} if relative.startswith("/") else {"uri": uri, "uriBaseId": ROOT}

    def _region(self, span: Span) -> Object:
        place = self.page.places.in_file(span)
        return {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        }

    def _line_hash(self, span: Span) -> str:
        if span.path not in self._hashes:
            raw = self.page.places.text_in_file(span.path).raw
            self._hashes[span.path] = line_hashes(raw.decode("utf-8", "replace"))
        return self._hashes[span.path][self.page.places.in_file(span).start.line - 1]


def _gravest(findings: Sequence[Reported]) -> list[Reported]:
    """As many findings as GitHub takes; if that is not all, the gravest."""
    if len(findings) <= MAX_RESULTS:
        return list(findings)
    order = list(Severity)
    return sorted(findings, key=lambda reported: order.index(reported.finding.severity))[:MAX_RESULTS]


def _cut(found: int) -> Object:
    text = f"{found} findings, of which the {MAX_RESULTS} gravest are in this file: GitHub takes no more."
    return {"level": "warning", "message": {"text": text}}


def _rule(rule: RuleText) -> Object:
    address = {"helpUri": rule.url} if rule.url.startswith("https://") else {}
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _clipped(rule.summary)},
        "fullDescription": {"text": _clipped(_first_section(rule))},
        "help": {"text": rule.doc, "markdown": rule.doc},
        **address,
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "precision": _PRECISIONS[rule.severity],
            "problem.severity": _PROBLEM_SEVERITIES[rule.severity],
            "tags": TAGS,
        },
    }


def _first_section(rule: RuleText) -> str:
    """What the rule does, in one paragraph."""
    section = re.search(r"^## .+\n(.+?)(?=^## |\Z)", rule.doc, re.MULTILINE | re.DOTALL)
    return " ".join(section[1].split()) if section else rule.summary


def _clipped(text: str) -> str:
    return text if len(text) <= MAX_DESCRIPTION else text[: MAX_DESCRIPTION - 3] + "..."


def _sentence(text: str) -> str:
    return f"Only {text}"


def _logical(function: str) -> Object:
    return {"logicalLocations": [{"fullyQualifiedName": function, "kind": "function"}]} if function else {}


def _escaped(text: str) -> str:
    """The text with nothing in it that SARIF takes for a link."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)
