"""The GitHub Action: its scripts are run as GitHub would run them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
PROGRAM = """#!/bin/sh
export PYTHONPATH={root}
exec {python} -c 'import pytest; from tests import stub; stub.install(pytest.MonkeyPatch())
from kllint.cli.app import main; main()' "$@"
"""


@pytest.fixture
def runner(tmp_path: Path) -> Path:
    """A runner's temporary folder with kllint in it, beside a project."""
    program = tmp_path / "temp/kllint/bin/kllint"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM.format(root=ROOT, python=sys.executable))
    program.chmod(0o755)
    (tmp_path / "project").mkdir()
    (tmp_path / "project/setup.py").touch()
    (tmp_path / "project/a.py").write_text("x = k3\n")
    return tmp_path


def lint(runner: Path, **inputs: str) -> tuple[str, dict[str, str]]:
    """What the lint step prints, and its outputs."""
    defaults = {name: str(entry["default"]) for name, entry in ACTION["inputs"].items()}
    given = defaults | {name.replace("_", "-"): value for name, value in inputs.items()}
    step = STEPS["Lint"]
    variables = {name: given[value.split("inputs.")[1].split(" ")[0]] for name, value in step["env"].items()}
    outputs = runner / "outputs"
    environment = {
        **os.environ,
        **variables,
        "RUNNER_TEMP": str(runner / "temp"),
        "GITHUB_OUTPUT": str(outputs),
    }
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    done = subprocess.run(
        command, cwd=runner / "project", env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout, dict(line.split("=", 1) for line in outputs.read_text().splitlines())


def test_inputs_are_in_no_script() -> None:
    assert [name for name, step in STEPS.items() if "${{" in step.get("run", "")] == []


def test_findings_are_uploaded(runner: Path) -> None:
    printed, outputs = lint(runner, category="core")
    assert printed.startswith("a.py:1:5: KL102")
    assert outputs["status"] == "1"
    run = json.loads(Path(outputs["sarif"]).read_text())["runs"][0]
    assert run["automationDetails"]["id"] == "core/"


def test_findings_are_annotations(runner: Path) -> None:
    printed, outputs = lint(runner, advanced_security="false")
    assert printed.startswith("::error title=KL102")
    assert outputs == {"status": "1"}


def test_paths_and_arguments_are_taken_as_they_are(runner: Path) -> None:
    odd = runner / "project/$(touch broken) b"
    odd.mkdir()
    (odd / "c.py").write_text("x = k1\n")
    printed, outputs = lint(
        runner,
        paths="$(touch broken) b\n\nsetup.py\n",
        arguments="--min-severity\ninfo\n--min-confidence=low\n",
        advanced_security="false",
    )
    assert "KL106" in printed
    assert "a.py" not in printed
    assert outputs["status"] == "1"
    assert not (runner / "project/broken").exists()


@pytest.mark.parametrize(
    ("status", "fail", "code"), [("0", "true", 0), ("1", "true", 1), ("1", "false", 0), ("2", "false", 2)]
)
def test_the_job_fails_as_asked(status: str, fail: str, code: int) -> None:
    step = STEPS["Fail if there are findings"]
    variables = {"KLLINT_STATUS": status, "KLLINT_FAIL": fail}
    assert set(variables) == set(step["env"])
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env={**os.environ, **variables}, check=False)
    assert done.returncode == code
