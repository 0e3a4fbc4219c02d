"""Short ways to lint text: which rules speak of a project, without the numeric ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.analysis import analyse
from kllint.settings.options import AnalysisOptions
from kllint.theory.vocabulary import Regime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from kllint.findings import Analysis

NUMERIC = "KL4"


def plant(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def lint(folder: Path, files: Mapping[str, str], regime: Regime = Regime.UNKNOWN) -> Analysis:
    """Analyse a project made of these files alone, in this process."""
    plant(folder, files)
    named = [folder / name for name in files]
    found = analyse(named, AnalysisOptions(folder, regime=regime, jobs=1))
    assert found.problems == ()
    alone = analyse(named, AnalysisOptions(folder, regime=regime, jobs=1, inventory=False))
    assert alone.findings == found.findings
    return found


def codes(analysis: Analysis) -> set[str]:
    """The rules about the gradient that have a finding."""
    return {finding.rule for finding in analysis.findings if not finding.rule.startswith(NUMERIC)}
