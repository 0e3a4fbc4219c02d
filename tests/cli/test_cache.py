"""`kllint cache`, and runs over a cache that is shared, spoilt, or not to be had."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Kllint

ROOT = Path(__file__).parents[2]
CHECK = [sys.executable, "-m", "kllint", "check", "--output-format", "json", "--jobs", "1"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "setup.py").touch()
    return tmp_path


def start(project: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*CHECK, *more],
        cwd=project,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def findings(run: subprocess.Popen[str]) -> list[object]:
    out, error = run.communicate(timeout=120)
    assert error == ""
    assert run.returncode == 1
    found: list[object] = json.loads(out)["findings"]
    return found


def test_the_folder_is_that_of_the_project_or_of_the_settings(kllint: Kllint, tree: Path) -> None:
    (tree / "src").mkdir()
    assert kllint("cache", "dir", "src").out == f"{tree}/.kllint_cache\n"
    (tree / "kllint.toml").write_text('cache-dir = "elsewhere"\n')
    assert kllint("cache", "dir").out == f"{tree}/elsewhere\n"
    assert kllint("cache", "dir", "--cache-dir", "here").out == "here\n"


def test_clearing_removes_what_a_run_has_put_there_and_nothing_else(project: Path, kllint: Kllint) -> None:
    expected = findings(start(project))
    folder = project / ".kllint_cache"
    (folder / "notes.txt").write_text("mine")
    entries = list(folder.glob("??/*"))
    assert len(entries) == 1
    done = kllint("cache", "clear", str(project))
    assert (done.code, done.out) == (0, f"{folder}: 1 cached file removed.\n")
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == [".gitignore", "notes.txt"]
    assert kllint("cache", "clear", str(project)).out == f"{folder}: 0 cached files removed.\n"
    assert findings(start(project)) == expected


def test_clearing_what_is_not_there_does_no_harm(kllint: Kllint, tree: Path) -> None:
    assert kllint("cache", "clear").code == 0
    assert list(tree.iterdir()) == [tree / "setup.py"]
    assert kllint("cache", "clear", "gone").code == 2 or not (tree / "gone").exists()


def test_runs_at_once_on_one_cache_find_the_same(project: Path) -> None:
    runs = [start(project) for _ in range(3)]
    first, second, third = [findings(run) for run in runs]
    assert first == second == third == findings(start(project)) == findings(start(project, "--no-cache"))


@pytest.mark.parametrize("garbage", [b"", b"\0" * 100, b"{}"])
def test_a_spoilt_cache_is_as_none(project: Path, garbage: bytes) -> None:
    expected = findings(start(project))
    for entry in (project / ".kllint_cache").glob("??/*"):
        entry.write_bytes(garbage)
    assert findings(start(project)) == expected


def test_a_cache_cleared_in_the_middle_of_a_run_does_no_harm(project: Path) -> None:
    expected = findings(start(project))
    run = start(project)
    shutil.rmtree(project / ".kllint_cache", ignore_errors=True)
    assert findings(run) == expected


@pytest.mark.parametrize("folder", ["/dev/null/cache", "/proc/cache", "setup.py"])
def test_a_cache_that_cannot_be_had_is_done_without(project: Path, folder: str) -> None:
    expected = findings(start(project, "--no-cache"))
    assert findings(start(project, "--cache-dir", folder)) == expected
    assert not (project / ".kllint_cache").exists()
