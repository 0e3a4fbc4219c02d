"""However the work is shared out, and whatever is asked for besides, the findings are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from kllint import core
from kllint.analysis import analyse
from kllint.link.groups import groups
from kllint.link.module_index import ModuleIndex
from kllint.settings.options import AnalysisOptions
from tests.linting import plant

if TYPE_CHECKING:
    from pathlib import Path

HELPER = """
import torch


def k3(logp, ref_logp):
    d = ref_logp - logp
    return torch.exp(d) - 1 - d
"""
TRAIN = """
from {package} import estimators
from {package}.estimators import k3


def step(model, ref_logp, tokens, advantages, beta):
    logp = model.log_probs(tokens)
    loss = (-advantages * logp + beta * k3(logp, ref_logp)).mean()
    loss.backward()
"""
FILES = {
    "one/__init__.py": "",
    "one/estimators.py": HELPER,
    "one/train.py": TRAIN.format(package="one"),
    "two/__init__.py": "",
    "two/estimators.py": HELPER,
    "two/train.py": TRAIN.format(package="two"),
}


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, FILES)
    monkeypatch.setattr(core, "ENOUGH_BYTES", 0)
    one = analyse([], AnalysisOptions(tmp_path, jobs=1))
    two = analyse([], AnalysisOptions(tmp_path, jobs=2))
    assert one == two
    assert [finding.rule for finding in one.findings].count("KL102") == 2


def test_findings_do_not_depend_on_the_inventory(tmp_path: Path) -> None:
    plant(tmp_path, FILES)
    alone = analyse([], AnalysisOptions(tmp_path, inventory=False))
    assert alone.findings == analyse([], AnalysisOptions(tmp_path)).findings
    assert alone.sites == ()


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("from one import b", True),
        ("from . import b", True),
        ("from .b import (  # names\n    x,\n    y as z,\n)", True),
        ("import one.b as c", True),
        ("try: import one.b\nexcept ImportError: pass", True),
        ("def f():\n    from one.b import x", True),
        ("import two.b", False),
        ('"""To import one.b would be wrong."""', False),
    ],
)
def test_modules_are_grouped_by_what_they_import(text: str, together: bool) -> None:
    texts = {"one": "", "one.a": text, "one.b": "", "two.b": ""}
    paths = {dotted: dotted.replace(".", "/") + ".py" for dotted in texts} | {"one": "one/__init__.py"}
    read = {paths[dotted]: text.encode() for dotted, text in texts.items()}
    found = groups(ModuleIndex(paths), ["one.a", "one.b"], read.__getitem__)
    assert (found == [["one.a", "one.b"]]) is together
