"""Whatever the bytes, there is no traceback; and unrelated configuration is silent and cheap."""

import ast
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kllint.configs.lint import lint_configs
from kllint.configs.readers.dispatch import read
from kllint.configs.setting import File
from kllint.configs.values import ConfigValues

NAMES = ["a.yaml", "a.json", "a.toml", "a.sh", "a.py", "a.ipynb"]
WORDS = """
use_kl_loss kl_loss_type = : - { } [ ] ' " $ ${ ( ) \\ <<EOF EOF &a *a <<: # k3 python -- ` f' def class
, True | > @ :- % actor_rollout_ref.actor. verl import é
"""
PIECES = st.sampled_from([*WORDS.split(), " ", "  ", "\n", "\n  ", "\t", "\r\n", "\0", ": "])


@settings(deadline=None)
@given(name=st.sampled_from(NAMES), pieces=st.lists(PIECES, max_size=40))
@example(name="a.sh", pieces=["'" * 3, "use_kl_loss"])
@example(name="a.sh", pieces=["${a:-" * 900])
@example(name="a.sh", pieces=["X=a; " + "X=$X$X; " * 40 + "python t.py use_kl_loss=$X"])
@example(name="a.sh", pieces=["A=(a b); " + 'A+=("${A[@]}"); ' * 40 + 'python t.py use_kl_loss "${A[@]}"'])
@example(name="a.yaml", pieces=["[" * 5000])
@example(name="a.yaml", pieces=["&a [*a]\n", "kl_loss_type: *b"])
@example(name="a.json", pieces=["[" * 5000])
@example(name="a.toml", pieces=["a = " + "[" * 3000])
@example(name="a.py", pieces=["(" * 3000])
@example(name="a.py", pieces=["-" * 5000 + "1"])
def test_any_text(name: str, pieces: list[str]) -> None:
    file = File(name, "".join(pieces).encode("utf-8", "surrogatepass"))
    lint_configs([file, File("verl/use_kl_loss.py", b"")])
    ConfigValues([file]).lookup("kl_loss_type")
    for unit in read(file):
        for setting in unit.settings:
            assert 0 <= setting.span.start <= setting.span.end <= len(file.raw) or name.endswith(".ipynb")


@given(name=st.sampled_from(NAMES), raw=st.binary(max_size=200))
def test_any_bytes(name: str, raw: bytes) -> None:
    lint_configs([File(name, raw + b" use_kl_loss kl_loss_type")])


DEPLOYMENT = """
apiVersion: apps/v1beta1
kind: Deployment
metadata:
  name: worker-{n}
  labels: {{app: worker, tier: backend}}
spec:
  replicas: {n}
  template:
    spec:
      containers:
        - name: main
          image: registry/worker:{n}
          command: [python, -m, http.server]
          args: ["--port=80{n}", "--estimator", "fast"]
          env:
            - name: WEEKLY_CHECKLIST
              value: "quickly"
---
apiVersion: v1
kind: Service
"""

WORKFLOW = """
name: ci
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    strategy: {{matrix: {{python: ["3.11", "3.12"]}}}}
    steps:
      - uses: actions/checkout@v4
      - run: |
          python -m pip install -e . --no-deps
          python -m pytest --maxfail={n}
"""

MODULE = '''
"""Module {n}."""
import os
from dataclasses import dataclass


@dataclass
class Settings{n}:
    """Settings."""

    path: str = "/tmp/{n}"
    beta: float = 0.9

    def workload(self, weekly: int) -> dict:
        total = sum(x * weekly for x in range(10))
        return {{"path": self.path, "total": total, "quick": os.environ.get("A{n}")}}
'''


@pytest.fixture(scope="module")
def unrelated() -> list[File]:
    texts = {f"k8s/{n}.yaml": DEPLOYMENT.format(n=n) for n in range(500)}
    texts |= {f".github/{n}.yml": WORKFLOW.format(n=n) for n in range(500)}
    return [File(path, text.encode()) for path, text in texts.items()]


def test_unrelated_yaml_is_silent(unrelated: list[File]) -> None:
    assert lint_configs(unrelated) == ()


def test_unrelated_yaml_costs_a_tenth_of_parsing_the_python_beside_it(unrelated: list[File]) -> None:
    python = [(MODULE.format(n=n) * 8).encode() for n in range(300)]
    lint_configs(unrelated)  # what is loaded once is not what is measured

    def seconds(work: Callable[[], object]) -> float:
        spent = []
        for _ in range(3):
            start = time.process_time()
            work()
            spent.append(time.process_time() - start)
        return min(spent)

    parsing = seconds(lambda: [ast.parse(raw) for raw in python])
    assert seconds(lambda: lint_configs(unrelated)) < parsing / 10
