"""The configuration in a notebook: what its cells set, and the commands in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from kllint.analysis import analyse
from kllint.settings.options import AnalysisOptions
from tests.linting import plant

if TYPE_CHECKING:
    from pathlib import Path

CALLED = ["from trl import GRPOConfig\n", "\n", "args = GRPOConfig(beta=0.1)\n"]
COMMAND = [
    "!python -m verl.trainer.main_ppo actor_rollout_ref.actor.use_kl_loss=True ",
    "algorithm.adv_estimator=grpo\n",
]


@pytest.mark.parametrize(("source", "rule"), [(CALLED, "KL102"), (COMMAND, "KL102")])
def test_a_run_reads_what_the_cells_set(tmp_path: Path, source: list[str], rule: str) -> None:
    cell = {"cell_type": "code", "source": source}
    plant(tmp_path, {"a.ipynb": json.dumps({"cells": [cell], "nbformat": 4})})
    found = analyse([], AnalysisOptions(tmp_path, jobs=1)).findings
    assert rule in {finding.rule for finding in found}
