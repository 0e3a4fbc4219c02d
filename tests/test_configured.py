"""Configuration is read by this process or by another: the same is told, whoever does it and whoever dies of it."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from kllint import analysis
from kllint.analysis import analyse
from kllint.configs.lint import lint_configs
from kllint.configured import Configuration
from kllint.errors import UserError
from kllint.load.ahead import ahead
from kllint.load.project import Project, project_of
from kllint.settings.options import AnalysisOptions
from tests.linting import plant

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")

CODE = """
import torch


def step(cfg, model, ref_logp, tokens, advantages):
    logp = model.log_probs(tokens)
    d = ref_logp - logp
    kl = torch.exp(d) - 1 - d if cfg.kl_kind == "k3" else d.square() / 2
    (-advantages * logp + cfg.beta * kl).mean().backward()
"""
FILES = {
    "train.py": CODE,
    "config.yaml": "kl_kind: k3\n",
    "verl.yaml": "actor_rollout_ref:\n  actor:\n    use_kl_loss: true\n    kl_loss_type: kl\n    kl_loss_coef: 0.1\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    plant(tmp_path, FILES)
    return project_of([], AnalysisOptions(tmp_path))


def test_another_process_tells_the_same(tmp_path: Path, project: Project) -> None:
    here = Configuration(project, AnalysisOptions(tmp_path))
    near = next(path for path in project.files if path.endswith("train.py"))
    with ahead(lambda: Configuration(project, AnalysisOptions(tmp_path))) as other:
        assert other.told() == here.told()
        assert other.lookup("cfg.kl_kind", near) == here.lookup("cfg.kl_kind", near)
    assert [finding.rule for finding in here.told().findings] == ["KL101"]
    assert [one.value for one in here.lookup("cfg.kl_kind", near)] == ["k3"]


def test_where_it_dies_this_process_reads(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Configuration(project, AnalysisOptions(tmp_path)).told()
    here = os.getpid()

    def fatal_elsewhere(*given: object) -> object:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)
        return lint_configs(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("kllint.configured.lint_configs", fatal_elsewhere)
    with ahead(lambda: Configuration(project, AnalysisOptions(tmp_path))) as other:
        assert other.told() == expected


def test_analyses_of_many_files_say_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, FILES)
    alone = analyse([], AnalysisOptions(tmp_path, jobs=2))
    monkeypatch.setattr(analysis, "MANY", 1)
    assert analyse([], AnalysisOptions(tmp_path, jobs=2)) == alone
    assert {finding.rule for finding in alone.findings} >= {"KL101", "KL102"}


def test_a_profile_that_is_wrong_is_the_users_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, {**FILES, "mine.toml": "name = 1\n"})
    monkeypatch.setattr(analysis, "MANY", 1)
    options = AnalysisOptions(tmp_path, jobs=2, framework_profiles=(tmp_path / "mine.toml",))
    with pytest.raises(UserError, match=r"mine\.toml"):
        analyse([], options)
