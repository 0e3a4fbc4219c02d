"""The whole program, without a stand-in, on a project that holds the examples."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.report.code_scanning import complaints

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "setup.py").touch()
    return folder


def kllint(project: Path, *arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kllint", *arguments]
    kept = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    environment = kept | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command,
        cwd=project,
        env=environment,
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
    )


def findings(project: Path, path: str) -> list[dict[str, Any]]:
    """The findings of one run, as JSON has them."""
    printed = kllint(project, path, "--output-format", "json").stdout
    found: list[dict[str, Any]] = json.loads(printed)["findings"]
    return found


def test_wrong_examples_are_found_and_right_ones_are_not(project: Path) -> None:
    assert kllint(project, "examples/wrong").returncode == 1
    assert kllint(project, "examples/right").returncode == 0


def test_their_log_is_as_code_scanning_wants_it(project: Path, tmp_path: Path) -> None:
    output = f"sarif:{tmp_path}/log.sarif"
    assert kllint(project, "examples", "--min-severity", "info", "--output", output).returncode == 1
    text = (tmp_path / "log.sarif").read_text()
    assert complaints(text, project) == []
    assert len(json.loads(text)["runs"][0]["results"]) >= 10


def test_findings_of_one_file_are_those_it_has_among_all(project: Path) -> None:
    everything = findings(project, "examples")
    paths = sorted({finding["path"] for finding in everything})
    assert len(paths) > 2
    for path in paths:
        assert findings(project, path) == [finding for finding in everything if finding["path"] == path]


@pytest.mark.parametrize("command", ["inventory", "check"])
def test_standard_input_is_analysed(project: Path, command: str) -> None:
    text = (ROOT / "examples/wrong/reinforce.py").read_text()
    name = "examples/wrong/new.py"
    done = kllint(project, command, "-", "--stdin-filename", name, "-q", standard_input=text)
    assert done.stderr == ""
    assert f"{name}:" in done.stdout
