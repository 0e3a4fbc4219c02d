"""What a reporter is given: the findings to show, what was left out and why, and the page to fill."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from kllint.report.places import relative

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from kllint.findings import Finding, Problem
    from kllint.report.places import Places
    from kllint.report.rules import RuleText


class Reported(NamedTuple):
    """A finding to show, with a fingerprint that outlives moved lines."""

    finding: Finding
    rule: RuleText
    fingerprint: str


class LeftOut(NamedTuple):
    """How many findings are not shown, by the reason."""

    suppressed: int = 0  # by a comment
    below: int = 0  # the least severity or confidence that was asked for
    unchanged: int = 0  # on lines older than --diff-base
    baseline: int = 0  # known to the baseline
    stale: int = 0  # entries of the baseline that nothing answers to any more


class Report(NamedTuple):
    """The outcome of one run of `check`."""

    findings: tuple[Reported, ...]
    problems: tuple[Problem, ...]
    files: int
    left_out: LeftOut = LeftOut()


class Page(NamedTuple):
    """Where a report is to be shown.

    `repository` is what paths are relative to in the formats of code hosts; `width` is None where
    lines may be as long as they like; `category` is SARIF's name for this kind of run.
    """

    places: Places
    repository: Path
    rules: Callable[[], Mapping[str, RuleText]]
    width: int | None = None
    colour: bool = False
    category: str | None = None

    def host_path(self, path: str) -> str:
        """A path as code hosts know it: relative to the repository, links resolved."""
        return relative(os.path.realpath(path), self.repository)
