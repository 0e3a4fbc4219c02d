"""Phrases that several formats share."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from kllint.findings import SELECTED, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.findings import Finding
    from kllint.report.model import LeftOut, Report
    from kllint.report.places import Places

DEFAULT = {True: ", the default", False: ", not the default", None: ""}


def conditions(finding: Finding, places: Places) -> list[str]:
    """Under which selector value a finding holds, if under one, and where the default says so."""
    if not finding.condition:
        return []
    chosen = next((note.span for note in finding.flow if note.message == SELECTED), None)
    place = places.place(chosen) if finding.selected_by_default and chosen else None
    where = f", selected by default in {place.path}:{place.start.line}" if place else ""
    return [f"when {finding.condition}{where or DEFAULT[finding.selected_by_default]}"]


def summary(report: Report) -> str:
    """One line on the whole run."""
    counts = Counter(reported.finding.severity for reported in report.findings)
    counts[Severity.ERROR] += len(report.problems)
    found = [plural(counts[severity], NOUNS[severity]) for severity in Severity if counts[severity]]
    left_out = "; ".join(_left_out(report.left_out))
    in_files = plural(report.files, "file")
    said = (
        f"Found {' and '.join(found)} in {in_files}" if found else f"All clear: nothing found in {in_files}"
    )
    return f"{said} ({left_out})." if left_out else f"{said}."


def statistics(report: Report) -> list[str]:
    """How often each rule was broken, the most frequent first."""
    counts = Counter((reported.finding.rule, reported.rule.name) for reported in report.findings)
    if report.problems:
        counts["KL001", "unreadable-file"] += len(report.problems)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [f"{count:6,}  {code}  {name}" for (code, name), count in ordered]


NOUNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "remark"}


def _left_out(left_out: LeftOut) -> Iterator[str]:
    if left_out.suppressed:
        yield f"{left_out.suppressed} silenced by comments"
    if left_out.baseline:
        yield f"{left_out.baseline} known to the baseline"
    if left_out.unchanged:
        yield f"{left_out.unchanged} on unchanged lines"
    if left_out.below:
        yield f"{left_out.below} below --min-severity or --min-confidence"
    if left_out.stale:
        entries = plural(left_out.stale, "baseline entry", "baseline entries")
        yield f"{entries} no longer needed: run `kllint baseline prune`"


def plural(count: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
