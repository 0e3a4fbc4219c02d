"""The whole program on the examples, without a stand-in."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.report.code_scanning import complaints

ROOT = Path(__file__).parents[2]


def kllint(*arguments: str, standard_input: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kllint", *arguments]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=standard_input, capture_output=True, text=True, check=False
    )


def test_wrong_examples_are_found_and_right_ones_are_not() -> None:
    assert kllint("examples/wrong", "--isolated").returncode == 1
    assert kllint("examples/right", "--isolated").returncode == 0


def test_their_log_is_as_code_scanning_wants_it(tmp_path: Path) -> None:
    done = kllint(
        "examples", "--isolated", "--min-severity", "info", "--output", f"sarif:{tmp_path}/log.sarif"
    )
    assert done.returncode == 1
    text = (tmp_path / "log.sarif").read_text()
    assert complaints(text, ROOT) == []
    assert len(json.loads(text)["runs"][0]["results"]) >= 10


def test_findings_of_one_file_are_those_it_has_among_all() -> None:
    everything = json.loads(kllint("examples", "--isolated", "--output-format", "json").stdout)["findings"]
    paths = sorted({finding["path"] for finding in everything})
    assert len(paths) > 2
    for path in paths:
        alone = json.loads(kllint(path, "--isolated", "--output-format", "json").stdout)["findings"]
        assert alone == [finding for finding in everything if finding["path"] == path]


@pytest.mark.parametrize("command", ["inventory", "check"])
def test_standard_input_is_analysed(command: str) -> None:
    text = (ROOT / "examples/wrong/reinforce.py").read_text()
    done = kllint(command, "-", "--stdin-filename", "examples/wrong/new.py", "-q", standard_input=text)
    assert done.stderr == ""
    assert "examples/wrong/new.py:" in done.stdout
