"""What must make no difference: the order of files, processes, the cache, what is named, where it is, its layout."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kllint import analysis, core
from kllint.analysis import analyse
from kllint.settings.options import AnalysisOptions
from tests.literate import read

if TYPE_CHECKING:
    from kllint.findings import Analysis, Finding
    from kllint.load.project import Project

CASES: Final = [
    case for path in sorted(Path(__file__).with_name("cases").glob("*.md")) for case in read(path)
]
SEVERAL: Final = [case for case in CASES if len(case.files) > 1]
ROOT: Final = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One project of all cases, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("tree")
    for number, case in enumerate(CASES):
        case.write(folder / f"case{number}")
    return folder


@pytest.fixture(scope="module")
def whole(tree: Path) -> Analysis:
    found = analyse(files_of(tree), AnalysisOptions(tree, jobs=1))
    assert len(found.findings) > 100
    return found


def files_of(tree: Path) -> list[Path]:
    return sorted(tree.rglob("*.py"))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_files(tree: Path, whole: Analysis, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    works = analysis.project_of

    def shuffled(named: list[Path], options: AnalysisOptions) -> Project:
        project = works(named, options)
        files = list(project.files.items())
        random.Random(seed).shuffle(files)  # noqa: S311
        project.files = dict(files)
        return project

    monkeypatch.setattr(analysis, "project_of", shuffled)
    found = analyse(files_of(tree)[::-1], AnalysisOptions(tree, jobs=1))
    assert (found.findings, found.sites) == (whole.findings, whole.sites)


def test_processes_and_cache(
    tree: Path, whole: Analysis, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(core, "ENOUGH_BYTES", 0)
    named = files_of(tree)
    for jobs in (4, 1):
        for folder in (None, tmp_path / "cache", tmp_path / "cache"):
            assert analyse(named, AnalysisOptions(tree, jobs=jobs, cache_folder=folder)) == whole
    assert (
        analyse(named[:5], AnalysisOptions(tree, jobs=1, cache_folder=tmp_path / "cache")).files
        == whole.files[:5]
    )


def test_a_file_that_was_changed_and_changed_back(tree: Path, whole: Analysis, tmp_path: Path) -> None:
    options = AnalysisOptions(tree, jobs=1, cache_folder=tmp_path / "cache")
    assert analyse(files_of(tree), options) == whole
    changed = Path(whole.findings[0].span.path)
    text = changed.read_text()
    try:
        changed.write_text(text.replace("detach", "clone").replace("- 1", "- 2"))
        assert analyse(files_of(tree), options) == analyse(files_of(tree), AnalysisOptions(tree, jobs=1))
    finally:
        changed.write_text(text)
    assert analyse(files_of(tree), options) == whole


@pytest.mark.parametrize("case", SEVERAL, ids=lambda case: case.name)
def test_one_file_named_instead_of_all(case: object, tmp_path: Path) -> None:
    case.write(tmp_path)  # type: ignore[attr-defined]
    everything = analyse(files_of(tmp_path), AnalysisOptions(tmp_path, jobs=1))
    for path in files_of(tmp_path):
        alone = analyse([path], AnalysisOptions(tmp_path, jobs=1))
        assert alone.findings == tuple(one for one in everything.findings if one.span.path == str(path))
        assert alone.sites == tuple(one for one in everything.sites if one.span.path == str(path))


def test_some_files_named_instead_of_all(tree: Path, whole: Analysis) -> None:
    named = files_of(tree)[::3]
    found = analyse(named, AnalysisOptions(tree, jobs=1))
    assert found.findings == tuple(one for one in whole.findings if Path(one.span.path) in named)


def test_hash_seeds_and_the_working_directory(tree: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "kllint",
        "check",
        ".",
        "--isolated",
        "--no-cache",
        "--output-format",
        "json",
    ]
    told = [
        subprocess.run(
            [*command, "--min-severity", "info", "--min-confidence", "low", "--project-root", "."],
            cwd=tree,
            env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for seed in ("1", "2")
    ]
    assert told[0] == told[1]
    assert len(json.loads(told[0])["findings"]) > 100


@pytest.mark.parametrize(
    "layout", [["--line-length", "60"], ["--line-length", "320"], ["--config", "format.quote-style='single'"]]
)
def test_layout(tree: Path, whole: Analysis, tmp_path: Path, layout: list[str]) -> None:
    for path in files_of(tree):
        copy = tmp_path / path.relative_to(tree)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    subprocess.run(
        [sys.executable, "-m", "ruff", "format", "--isolated", "--quiet", *layout, str(tmp_path)], check=True
    )
    found = analyse(files_of(tmp_path), AnalysisOptions(tmp_path, jobs=1))
    assert said(found, tmp_path) == said(whole, tree)


def said(found: Analysis, folder: Path) -> list[tuple[str, ...]]:
    """The findings without their places."""
    return sorted(_said(finding, folder) for finding in found.findings)


def _said(finding: Finding, folder: Path) -> tuple[str, ...]:
    path = Path(finding.span.path).relative_to(folder)
    return (
        str(path),
        finding.function,
        finding.rule,
        finding.severity,
        finding.confidence,
        finding.condition or "",
        finding.message,
    )
