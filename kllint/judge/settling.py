"""Settles what the rules say: of many findings of one pitfall, one is kept, at the place where it is to be mended."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.findings import Confidence, Finding, Note, Severity, Span
from kllint.judge.conditions import breadth
from kllint.kernels import is_kernel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.judge.walk import Reached
    from kllint.link.sinks import Sink


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finding before duplicates are taken out: the calls between the sink's function and the formula."""

    finding: Finding
    formula: Span
    calls: tuple[Span, ...]
    sink: Sink
    reached: Reached

    @property
    def key(self) -> tuple[str, Span, tuple[Span, ...]]:
        """What candidates for the same pitfall, reached by the same calls, have in common."""
        return self.finding.rule, self.formula, self.calls


def settle(candidates: Iterable[Candidate]) -> list[Candidate]:
    """One finding a pitfall: at the formula, or at the call that makes a shared helper's choice wrong."""
    kept: dict[tuple[str, Span, tuple[Span, ...]], Candidate] = {}
    for one in sorted(candidates, key=_rank):
        shorter = (one.calls[i:] for i in range(len(one.calls) + 1))
        known = next(
            (key for key in ((one.finding.rule, one.formula, calls) for calls in shorter) if key in kept),
            None,
        )
        if known is None:
            kept[one.key] = one
        elif _severity_rank(one.finding) < _severity_rank(kept[known].finding):
            kept[known] = dataclasses.replace(kept[known], finding=stronger(kept[known].finding, one.finding))
    return merge_calls(kept.values())


def stronger(kept: Finding, other: Finding) -> Finding:
    """The kept finding with the severity that another call of the same code earns it."""
    return kept._replace(
        severity=other.severity, confidence=other.confidence, selected_by_default=True,
        related=(*kept.related, *other.related),
    )  # fmt: skip


_AT_THE_CALL = {"KL308"}  # what the helper lacks shows only where its caller asks for it


def merge_calls(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those of one place and rule under several conditions as one."""
    merged: dict[tuple[str, Span], Candidate] = {}
    for one in map(placed, candidates):
        key = (one.finding.rule, one.finding.span)
        other = merged.get(key)
        if other is None or _severity_rank(one.finding) < _severity_rank(other.finding):
            merged[key] = one
    return list(merged.values())


def placed(one: Candidate) -> Candidate:
    """The candidate with its finding where it is to be mended: what a helper is asked for, at the call."""
    finding = one.finding
    if is_kernel(one.formula.path):
        ours = [call for call in one.calls if not is_kernel(call.path)]
        return dataclasses.replace(one, finding=finding._replace(span=ours[-1])) if ours else one
    if one.calls and (finding.condition is not None or finding.rule in _AT_THE_CALL):
        note = Note(one.formula, "the estimator is written here")
        moved = finding._replace(span=one.calls[0], related=(note, *finding.related))
        return dataclasses.replace(one, finding=moved)
    return one


def _rank(one: Candidate) -> tuple[object, ...]:
    """The order in which candidates are kept: what is nearest, worst, and says the most."""
    finding, broad = one.finding, breadth(one.reached.assumptions)
    return len(one.calls), _severity_rank(finding), finding.span, -broad, finding.condition or ""


def _severity_rank(finding: Finding) -> tuple[int, int]:
    severity = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}[finding.severity]
    confidence = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}[finding.confidence]
    return severity, confidence
