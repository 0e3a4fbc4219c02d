"""What is mutated: the literate cases, the examples, and configurations of every kind."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.literate import read

if TYPE_CHECKING:
    from collections.abc import Mapping

Files = dict[str, bytes]

_TESTS: Final = Path(__file__).parents[1]
_CELLS: Final = [
    "%matplotlib inline\nimport torch\n",
    [
        "kl = torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)\n",
        "loss = pg_loss + beta * kl.mean()\n",
        "loss.backward()",
    ],
]
CONFIGURATIONS: Final[Mapping[str, str]] = {
    "config/ppo.yaml": """
defaults:
  - base
  - override /actor: fsdp
  - _self_
actor_rollout_ref:
  actor: &actor
    use_kl_loss: true
    kl_loss_coef: ${oc.env:COEF,0.001}
    kl_loss_type: low_var_kl  # k3
  ref: {<<: *actor, "quoted": 'a''b', n: [1, 2.5e-3, .inf, ~]}
algorithm:
  use_kl_in_reward: False
  kl_penalty: >-
    kl
  text: |
    beta
""",
    "config/base.yaml": "algorithm:\n  kl_ctrl: {type: fixed, kl_coef: 0.001}\n---\nseed: 1\n",
    "torchtune.toml": """
[loss]
_component_ = "torchtune.rlhf.loss.GRPOLoss"
kl_coeff = 0.1
kl_loss_type = 'k3'
table = {a.b = [1, 2], "c d" = 1979-05-27T07:32:00Z}

[[profile]]
text = \"\"\"
beta\"\"\"
""",
    "train.json": json.dumps(
        {"rlhf_type": "grpo", "beta": 0.04, "kl_in_reward": True, "use_kl_loss": [1, None, {"é": "\\ud83d"}]},
        indent=1,
    ),
    "run.sh": """#!/usr/bin/env bash
set -x
KL=${1:-low_var_kl}
ARGS=(algorithm.adv_estimator=grpo "actor_rollout_ref.actor.kl_loss_type=$KL")
python3 -m verl.trainer.main_ppo \\
    actor_rollout_ref.actor.use_kl_loss=True actor_rollout_ref.actor.kl_loss_coef=$((1 + 1)) \\
    "${ARGS[@]}" $@ <<EOF
beta: 1
EOF
for X in k1 k3; do swift rlhf --rlhf_type grpo --beta "0.0${X%.*}" --kl_in_reward true; done
""",
    "args.py": """
import argparse
from dataclasses import dataclass, field
from trl import GRPOConfig, GRPOTrainer

@dataclass
class Arguments:
    beta: float = field(default=0.04, metadata={"help": "the KL"})
    kl_loss_type: str = "k3"

parser = argparse.ArgumentParser()
parser.add_argument("--kl_estimator", type=str, default="k3", choices=["k1", "k2", "k3"])
parser.add_argument("--use_kl_loss", action="store_true", default=False)
config = GRPOConfig(beta=0.1, loss_type="grpo", **extra)
""",
    "notebook.ipynb": json.dumps(
        {
            "cells": [{"cell_type": "code", "source": cell, "outputs": []} for cell in _CELLS],
            "metadata": {"language_info": {"name": "python"}},
            "nbformat": 4,
        },
        indent=1,
    ),
}


def originals() -> list[Files]:
    """Small projects, each by the paths of its files."""
    cases = [case.files for path in sorted((_TESTS / "cases").glob("*.md")) for case in read(path)]
    examples = sorted((_TESTS.parent / "examples").rglob("*.py"))
    texts = [*cases, *({path.name: path.read_text()} for path in examples), CONFIGURATIONS]
    return [{path: text.encode() for path, text in files.items()} for files in texts]
