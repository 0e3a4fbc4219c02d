"""From what the analysis found to what is reported: severities, comments, thresholds and what is known."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from kllint.findings import Confidence, Severity
from kllint.report.fingerprint import counted, fingerprint
from kllint.report.model import LeftOut, Report, Reported

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from kllint.baseline.changes import Changes
    from kllint.baseline.known import Baseline, Entry
    from kllint.findings import Analysis, Finding
    from kllint.report.rules import RuleText
    from kllint.settings.model import Settings
    from kllint.source.files import Sources

_SEVERITIES = list(Severity)
_CONFIDENCES = list(Confidence)


class Wanted(NamedTuple):
    """What is to be reported of an analysis; `settings` are those of a file, by its path."""

    settings: Callable[[str], Settings]
    rules: Callable[[], Mapping[str, RuleText]]
    sources: Sources
    root: Path
    changes: Changes | None = None
    baseline: Baseline | None = None


class Built(NamedTuple):
    """A report, whether it makes the run fail, and the stale entries of the baseline."""

    report: Report
    failed: bool
    stale: tuple[Entry, ...] = ()


def build(analysis: Analysis, wanted: Wanted) -> Built:
    """The report of an analysis."""
    problems = tuple(
        problem
        for problem in analysis.problems
        if wanted.settings(problem.path).runs("KL001", problem.path)
        and (wanted.changes is None or wanted.changes.touch_file(problem.path))
    )
    spoken, suppressed = _after_comments(analysis, wanted)
    loud = [finding for finding in spoken if _is_loud(finding, wanted.settings(finding.span.path))]
    recent = [finding for finding in loud if _is_recent(finding, wanted)]
    split = wanted.baseline.split(recent, wanted.sources, analysis.files) if wanted.baseline else None
    new = split.new if split else recent
    left_out = LeftOut(
        suppressed=suppressed,
        below=len(spoken) - len(loud),
        unchanged=len(loud) - len(recent),
        baseline=split.known if split else 0,
        stale=len(split.stale) if split else 0,
    )
    report = Report(_reported(new, wanted), problems, len(analysis.files), left_out)
    failed = bool(problems) or any(
        at_least(finding.severity, wanted.settings(finding.span.path).fail_on) for finding in new
    )
    return Built(report, failed, split.stale if split else ())


def at_least(severity: Severity, bound: Severity) -> bool:
    """Whether a severity is as grave as a bound."""
    return _SEVERITIES.index(severity) <= _SEVERITIES.index(bound)


def _after_comments(analysis: Analysis, wanted: Wanted) -> tuple[list[Finding], int]:
    """The findings of rules that are on, without those that comments silence, and how many those are."""
    by_file = {
        path: tuple(found) for path, found in groupby(_ordered(analysis.findings), lambda f: f.span.path)
    }
    spoken: list[Finding] = []
    suppressed = 0
    commented = {*analysis.comments} - {problem.path for problem in analysis.problems}
    for path in sorted({*by_file, *commented}):
        kept, silenced = _of_file(path, by_file.get(path, ()), wanted, has_comments=path in commented)
        spoken += kept
        suppressed += silenced
    return _ordered(spoken), suppressed


def _of_file(
    path: str, findings: Sequence[Finding], wanted: Wanted, *, has_comments: bool
) -> tuple[Sequence[Finding], int]:
    settings = wanted.settings(path)
    on = [
        finding._replace(severity=settings.severity_of(finding.rule, finding.severity))
        for finding in findings
        if settings.runs(finding.rule, path)
    ]
    if not has_comments:
        return on, 0
    from kllint.source.suppressions import apply  # noqa: PLC0415  # imports tokenize, which few runs need

    outcome = apply(wanted.sources.source(path), on, wanted.rules(), lambda code: settings.runs(code, path))
    return [*outcome.kept, *outcome.complaints], len(outcome.silenced)


def _is_loud(finding: Finding, settings: Settings) -> bool:
    sure = _CONFIDENCES.index(finding.confidence) <= _CONFIDENCES.index(settings.min_confidence)
    return sure and at_least(finding.severity, settings.min_severity)


def _is_recent(finding: Finding, wanted: Wanted) -> bool:
    if wanted.changes is None:
        return True
    source, span = wanted.sources.source(finding.span.path), finding.span
    lines = range(source.position(span.start).line, source.position(max(span.start, span.end - 1)).line + 1)
    return wanted.changes.touch(span.path, lines)


def _reported(findings: Sequence[Finding], wanted: Wanted) -> tuple[Reported, ...]:
    marks = counted(fingerprint(finding, wanted.sources, wanted.root) for finding in findings)
    rules = wanted.rules() if findings else {}
    return tuple(
        Reported(finding, rules[finding.rule], mark) for finding, mark in zip(findings, marks, strict=True)
    )


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda f: (f.span.path.split("/"), f.span.start, f.span.end, f.rule, f.message)
    )
