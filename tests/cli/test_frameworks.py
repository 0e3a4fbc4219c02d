"""Profiles and versions of frameworks in the settings, with the worked example of docs/profiles.md."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "profiles.md").read_text("utf-8")
PROFILE = "tools/mytrainer.toml"


def blocks(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return [text.partition("```")[0] for text in PAGE.split(f"```{language}\n")[1:]]


def kllint(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "kllint", "--jobs", "1", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    settings, profile, *_ = blocks("toml")
    for name, text in {"pyproject.toml": settings, PROFILE: profile, "run.sh": blocks("sh")[0]}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    return tmp_path


def test_the_worked_example_of_the_page(example: Path) -> None:
    assert (
        kllint(example, "run.sh", "--output-format", "concise").stdout.splitlines()[0]
        == blocks("text")[0].strip()
    )
    assert kllint(example, "run.sh", "--isolated").returncode == 0


def test_a_changed_profile_is_read_again_in_spite_of_the_cache(example: Path) -> None:
    assert [kllint(example, "run.sh").returncode for _ in range(2)] == [1, 1]
    profile = example / PROFILE
    profile.write_text(profile.read_text("utf-8").replace('schulman = "k3"', 'schulman = "k2"'), "utf-8")
    changed = kllint(example, "run.sh", "--min-confidence", "low")
    assert "KL107" in changed.stdout
    assert "KL102" not in changed.stdout


def test_a_profile_may_replace_a_built_in_one(example: Path) -> None:
    profile = example / PROFILE
    profile.write_text(profile.read_text("utf-8").replace('"mytrainer"', '"verl"', 1), "utf-8")
    launch = "python -m verl.trainer.main_ppo actor_rollout_ref.actor.use_kl_loss=True\n"
    (example / "run.sh").write_text(launch, "utf-8")
    assert kllint(example, "run.sh").returncode == 0
    assert kllint(example, "run.sh", "--isolated").returncode == 1


def test_mistakes_are_said_in_a_few_words(example: Path) -> None:
    profile = example / PROFILE
    profile.write_text(profile.read_text("utf-8").replace('use = "loss"', 'use = "los"'), "utf-8")
    done = kllint(example, "run.sh")
    assert done.returncode == 2
    assert f"{PROFILE}:18: penalties[0].use: 'los' is not known" in done.stderr
    assert "did you mean 'loss'?" in done.stderr
    profile.unlink()
    assert "No such file" in kllint(example, "run.sh").stderr
    (example / "pyproject.toml").write_text('[tool.kllint]\nframework-versions = { verl = "new" }\n')
    assert "pyproject.toml:2: `framework-versions`: expected a version" in kllint(example, "run.sh").stderr


@pytest.mark.parametrize(("version", "code"), [("0.7.0", "KL308"), ("0.8.0", "KL107")])
def test_a_version_picks_the_defaults_and_names_that_hold(example: Path, version: str, code: str) -> None:
    keys = "actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_type=k3+"
    (example / "run.sh").write_text(f"python -m verl.trainer.main_ppo {keys}\n", "utf-8")
    (example / "pyproject.toml").write_text(f'[tool.kllint]\nframework-versions = {{ verl = "{version}" }}\n')
    assert code in kllint(example, "run.sh", "--min-confidence", "low").stdout


CODE = """
import torch

def kl_of(log_probs, ref_log_probs, kind):
    d = log_probs - ref_log_probs
    if kind == "k1":
        return d
    return torch.exp(-d) - 1 + d

def step(policy, ref, batch, config, optimizer):
    log_probs = policy(batch)
    with torch.no_grad():
        ref_log_probs = ref(batch)
    kl = kl_of(log_probs, ref_log_probs, config.divergence.estimator)
    loss = -(log_probs * batch["advantages"]).mean() + 0.1 * kl.mean()
    optimizer.zero_grad()
    loss.backward()
"""


@pytest.mark.parametrize(
    ("path", "text", "place"),
    [
        ("conf/main.yaml", "advantage: {estimator: gae}\ndivergence:\n  estimator: k3\n", "conf/main.yaml:3"),
        ("main.json", '{"divergence": {"estimator": "k3"}}', "main.json:1"),
        ("run.sh", "python loss.py \\\n  divergence.estimator=k3\n", "run.sh:2"),
    ],
)
def test_code_names_the_configuration_that_selects(tmp_path: Path, path: str, text: str, place: str) -> None:
    for name, content in {"setup.py": "", "loss.py": CODE, path: text}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    (line,) = kllint(tmp_path, "loss.py", "--output-format", "concise").stdout.splitlines()[:-1]
    assert "KL102 error" in line
    assert f"selected by default in {place}" in line
