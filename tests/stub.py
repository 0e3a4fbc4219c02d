"""A stand-in for the analysis that finds the words k1, k2 and k3: for tests of all that is around it."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from kllint.findings import (
    Analysis,
    Applicability,
    Confidence,
    Edit,
    Evidence,
    Finding,
    Fix,
    Note,
    Problem,
    Severity,
    Site,
    Span,
    Step,
    Way,
)
from kllint.source.discover import kind_of
from kllint.source.files import read
from kllint.source.gate import check
from kllint.source.scan import may_suppress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pytest

    from kllint.settings.options import AnalysisOptions
    from kllint.source.text import Source

FOUND = {
    "k3": ("KL102", Severity.ERROR, Confidence.HIGH),
    "k2": ("KL107", Severity.WARNING, Confidence.MEDIUM),
    "k1": ("KL106", Severity.INFO, Confidence.LOW),
}


def install(monkeypatch: pytest.MonkeyPatch) -> list[AnalysisOptions]:
    """Put the stand-in in the place of the analysis; returns the options that it will be called with."""
    module = ModuleType("kllint.analysis")
    calls: list[AnalysisOptions] = []

    def analyse(named: Sequence[Path], options: AnalysisOptions) -> Analysis:
        calls.append(options)
        return _analyse(named, options)

    def traced(named: Sequence[Path], options: AnalysisOptions) -> Analysis:
        whole = analyse(named, options)
        return whole._replace(ways=tuple(_way(finding) for finding in whole.findings))

    vars(module).update(analyse=analyse, traced=traced)
    monkeypatch.setitem(sys.modules, "kllint.analysis", module)
    return calls


def _analyse(named: Sequence[Path], options: AnalysisOptions) -> Analysis:
    findings: list[Finding] = []
    sites: list[Site] = []
    problems: list[Problem] = []
    comments: list[str] = []
    for path in map(str, named):
        source = read(path, options.contents)
        kind = kind_of(path)
        if isinstance(source, Problem):
            problems.append(source)
            continue
        if (kind is None or kind.is_code) and (refusal := check(source)):
            problems.append(Problem(path, refusal.reason, refusal.offset))
            continue
        if may_suppress(source.raw):
            comments.append(path)
        findings += _findings(source)
        sites += [_site(finding) for finding in findings if finding.span.path == path]
    return Analysis(tuple(findings), tuple(sites), tuple(problems), tuple(map(str, named)), tuple(comments))


def _findings(source: Source) -> Iterator[Finding]:
    for match in re.finditer(rb"\b(k[123])\b(?:\([^)]*\))?", source.raw):
        rule, severity, confidence = FOUND[match[1].decode()]
        span = Span(source.path, *match.span())
        function = re.findall(rb"def (\w+)", source.raw[: match.start()])[-1:]
        near = Note(Span(source.path, match.start(), match.start() + 2), "the estimator [k] is here")
        steps = (Note(Span(source.path, 0, 1), "log-probs"), Note(span, "the loss"))
        is_k3 = match[1] == b"k3"
        yield Finding(
            rule,
            severity,
            confidence,
            f"{match[1].decode()} of lp[mask] is wrong",
            span,
            function=function[0].decode() if function else "",
            condition='kind == "k3"' if is_k3 and b"kind" in source.raw else None,
            selected_by_default=True if is_k3 and b"kind" in source.raw else None,
            evidence=Evidence("exp(-d) - 1 + d", "1 - exp(-d)") if is_k3 else None,
            related=(near,) if is_k3 else (),
            flow=steps if is_k3 else (),
            fixes=(Fix("Write k2", Applicability.UNSAFE, (Edit(span, "k2"),)),) if is_k3 else (),
            instead="0.5 * d[mask] ** 2" if is_k3 else None,
        )


def _site(finding: Finding) -> Site:
    return Site(
        span=finding.span,
        function=finding.function,
        kind="sample",
        estimator="k3" if finding.rule == "KL102" else "k2",
        numerator="actor",
        denominator="reference",
        weight="none",
        grad="live",
        use="loss",
        regime="unknown",
        condition=finding.condition,
        value="exp(-d) - 1 + d",
        derivative="1 - exp(-d)",
        verdict="gradient of the forward KL",
    )


def _way(finding: Finding) -> Way:
    start = Step(Span(finding.span.path, 0, 1), "log-probs", None, None)
    steps = (start, Step(finding.span, "the loss", "exp(-d) - 1 + d", "1 - exp(-d)"))
    return Way(finding.span, finding.function, "k3", "loss", finding.condition, steps)
