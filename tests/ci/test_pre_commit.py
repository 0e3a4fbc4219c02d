"""The hooks, as the real pre-commit installs and runs them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGED = ("kllint", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")
PITFALL = """\
import torch


def train(policy, reference, batch, optimizer, beta):
    logp = policy(batch)
    with torch.no_grad():
        ref_logp = reference(batch)
    delta = ref_logp - logp
    kl = torch.exp(delta) - 1 - delta
    loss = (-batch.advantages * logp + beta * kl).mean()
    loss.backward()
    optimizer.step()
"""

LOSSES = """\
import torch


def kl_penalty(logp, ref_logp):
    delta = ref_logp - logp
    return torch.exp(delta) - 1 - delta
"""
TRAINER = """\
import torch

from losses import kl_penalty


def train(policy, reference, batch, optimizer, beta):
    logp = policy(batch)
    with torch.no_grad():
        ref_logp = reference(batch)
    loss = (-batch.advantages * logp + beta * kl_penalty(logp, ref_logp)).mean()
    loss.backward()
    optimizer.step()
"""


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="session")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of the package as it stands, which pre-commit can clone."""
    clone = tmp_path_factory.mktemp("kllint")
    for name in PACKAGED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, clone / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, clone / name)
    git(clone, "init", "-q")
    git(clone, "add", "-A")
    git(clone, "commit", "-q", "-m", "as it stands")
    return clone


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps what it installs, once for all tests."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def sample(tmp_path: Path, hooks: Path) -> Path:
    """A repository that uses the hooks."""
    repository = {"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD")}
    config = {"repos": [repository | {"hooks": [{"id": "kllint"}, {"id": "kllint-config"}]}]}
    (tmp_path / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    (tmp_path / "pyproject.toml").write_text('[tool.kllint]\nexclude = ["generated/"]\n')
    for name in ("one.py", "two.py", "generated/three.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(PITFALL)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    return tmp_path


def run(sample: Path, home: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit code, and the findings without what differs in how often they are said."""
    git(sample, "add", "-A")
    command = [sys.executable, "-m", "pre_commit", "run", "--color", "never", *arguments]
    environment = {**os.environ, "PRE_COMMIT_HOME": str(home)}
    done = subprocess.run(command, cwd=sample, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, re.findall(r"^\S+:\d+:\d+: KL\d+", done.stdout, re.MULTILINE)


def test_the_hook_fails_on_a_pitfall_and_passes_without(sample: Path, home: Path) -> None:
    code, found = run(sample, home, "--all-files")
    assert code == 1
    assert [line.split(": ")[1] for line in found] == ["KL102", "KL102"]
    fixed = PITFALL.replace("torch.exp(delta) - 1 - delta", "0.5 * delta**2")
    (sample / "one.py").write_text(fixed)
    marked = PITFALL.replace("    delta =", "    # kllint: file-ignore[KL102] as in the paper\n    delta =")
    (sample / "two.py").write_text(marked)
    assert run(sample, home, "--all-files") == (0, [])


@pytest.mark.parametrize("name", ["one.py", "losses.py", "trainer.py"])
def test_one_file_gets_the_findings_that_it_gets_among_all(sample: Path, home: Path, name: str) -> None:
    (sample / "losses.py").write_text(LOSSES)
    (sample / "trainer.py").write_text(TRAINER)  # without it, nothing trains on losses.py
    _, found = run(sample, home, "--all-files")
    assert len(found) == 3
    expected = [line for line in found if line.startswith(name)]
    assert run(sample, home, "--files", name) == (int(bool(expected)), expected)


def test_excluded_files_are_not_linted_though_they_are_named(sample: Path, home: Path) -> None:
    assert run(sample, home, "--files", "generated/three.py") == (0, [])


def test_the_manifest_is_one(hooks: Path) -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"]
    subprocess.run(command, cwd=hooks, check=True)
    for hook in yaml.safe_load((hooks / ".pre-commit-hooks.yaml").read_text()):
        assert hook["require_serial"]
        assert "--force-exclude" in hook["entry"]
