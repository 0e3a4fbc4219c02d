"""An analysis comes back from the cache as it was, until anything it was made from is another."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from kllint.findings import (
    Analysis,
    Applicability,
    Confidence,
    Edit,
    Evidence,
    Finding,
    Fix,
    Note,
    Problem,
    Severity,
    Site,
    Span,
)
from kllint.load import states
from kllint.load.cache import Cache
from kllint.load.project import project_of
from kllint.load.results import decode, encode, remembered
from kllint.settings.options import AnalysisOptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SPAN = Span("a\udcff.py", 1, 2)
ANALYSIS = Analysis(
    (
        Finding(
            "KL102",
            Severity.ERROR,
            Confidence.HIGH,
            "é",
            SPAN,
            evidence=Evidence("d", "1"),
            related=(Note(SPAN, "here"),),
            fixes=(Fix("so", Applicability.UNSAFE, (Edit(SPAN, "x"),)),),
        ),
    ),
    (Site(SPAN, "f", "kl", "k1", "q", "p", "none", "live", "loss", "on", None, "d", "1", "right"),),
    (Problem("b.py", "gone"), Problem("c.py", "bad", 3)),
    ("a.py",),
    ("a.py",),
)


def test_it_comes_back_as_it_was() -> None:
    assert decode(encode(ANALYSIS)) == ANALYSIS
    assert decode(encode(Analysis())) == Analysis()


@pytest.mark.parametrize(
    "text", [None, b"", b"[]", b"{}", b"[[[]],[],[],[],[],[]]", b"null", b"7", b"[" * 10_000]
)
def test_garbled_text_is_nothing(text: bytes | None) -> None:
    assert decode(text) is None


@pytest.fixture(params=["settled", "fresh"])
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Path:
    """A project whose files are old enough to be known by their times, or not."""
    if request.param == "settled":
        monkeypatch.setattr(states, "SETTLED", 0)
    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.yaml").write_text("kl: 1")
    return tmp_path


def is_known(
    folder: Path, said: str = "", made: Analysis = ANALYSIS, meanwhile: Callable[[], object] = lambda: None
) -> bool:
    """Whether the analysis of a folder is remembered; if not, it is `made`."""
    calls = []
    time.sleep(0.02)  # so that the clock of the file system has gone on

    def make() -> Analysis:
        calls.append(meanwhile())
        return made

    project = project_of([], AnalysisOptions(folder))
    assert remembered(Cache(folder / ".cache"), str(folder), project, said, make) == made
    return not calls


def test_it_is_made_once(folder: Path) -> None:
    assert [is_known(folder) for _ in range(3)] == [False, True, True]


def test_it_is_made_anew_when_anything_is_another(folder: Path) -> None:
    changes: list[Callable[[], object]] = [
        lambda: (folder / "b.yaml").write_text("kl: 2"),
        lambda: (folder / "c.py").write_text(""),
        lambda: (folder / "c.py").rename(folder / "d.py"),
    ]
    assert not is_known(folder)
    assert [(change(), is_known(folder), is_known(folder))[1:] for change in changes] == [(False, True)] * 3
    (folder / "d.py").unlink()
    assert is_known(folder)  # as it was before
    assert not is_known(folder, "other settings")


def test_what_changes_meanwhile_is_remembered_as_what_it_has_become(folder: Path) -> None:
    file = folder / "a.py"
    assert not is_known(folder)
    assert not is_known(folder, "other settings", meanwhile=lambda: file.write_text("x = 2"))
    if states.SETTLED == 0:  # else it was read before it changed
        assert is_known(folder, "other settings")
        file.write_text("x = 1")
        assert not is_known(folder, "other settings")


def test_what_cannot_be_read_or_may_be_better_next_time_is_not_remembered(folder: Path) -> None:
    passing = Analysis(problems=(Problem("a.py", "slow", lasting=False),))
    assert [is_known(folder, made=passing) for _ in range(2)] == [False, False]
    (folder / "a.py").unlink()
    (folder / "a.ipynb").write_text("{")
    assert [is_known(folder) for _ in range(2)] == [False, False]
