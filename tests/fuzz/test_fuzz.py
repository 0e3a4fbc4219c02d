"""A short slice of the fuzz, and whether it would see a fault."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any, Final

import pytest

from kllint.report.formats import concise
from tests.fuzz.__main__ import judged
from tests.fuzz.originals import originals
from tests.fuzz.programs import project
from tests.fuzz.smaller import smaller
from tests.fuzz.verdict import complaint
from tests.fuzz.workers import Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

SEEDS: Final = range(300)
SPAN: Final = 25
CASE: Final = {
    "train.py": b"""
import torch


def kl_loss(logp, ref_logp):
    return (torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)).mean()
""",
    "other.py": b"x = 1\n",
}


@pytest.mark.parametrize("start", SEEDS[::SPAN])
def test_slice(start: int) -> None:
    assert {seed: said for seed in range(start, start + SPAN) if (said := judged(seed)) is not None} == {}


def test_seeds_are_the_same_every_time() -> None:
    (first,), (second,) = (dict(Workers(project, 1).results([7], 1)).values() for _ in range(2))
    assert first == second == project(7)


def test_every_kind_of_file_is_mutated() -> None:
    assert {path.rpartition(".")[2] for files in originals() for path in files} == {
        "py", "yaml", "toml", "json", "sh", "ipynb",
    }  # fmt: skip


def test_an_error_is_seen_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise KeyError("fit")

    assert complaint(CASE) is None
    monkeypatch.setattr("kllint.judge.judging.Judge.judged", fails)
    said = complaint(CASE)
    assert said is not None
    assert "internal error: KeyError: 'fit'" in said
    assert list(smaller(CASE, said)) == ["train.py"]


def test_a_slow_file_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def dawdles(*_: object) -> Iterator[Any]:
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
        yield from ()

    monkeypatch.setattr("tests.fuzz.verdict.SLOW", 0.2)
    monkeypatch.setattr("kllint.judge.judging.Judge.judged", dawdles)
    said = complaint(CASE)
    assert said is not None
    assert said.startswith("slow")


def test_a_broken_report_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concise, "plain", lambda text: text)
    assert complaint({"a\x1b[31m.py": b"kl = ("}) is not None


def test_a_process_that_dies_is_seen() -> None:
    assert [seed for seed, said in Workers(_dies, 1).results([1], 1) if not isinstance(said, int)] == [1]


def _dies(_: int) -> int:
    os._exit(3)
