"""An analysis comes back from the cache as it was, until anything it was made from is another."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
from kllint.load.cache import Cache, key_of
from kllint.load.project import Project
from kllint.load.results import remembered
from kllint.source.discover import discover

if TYPE_CHECKING:
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
)


def fails() -> Analysis:
    raise AssertionError


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    assert remembered(cache, key_of("a"), lambda: ANALYSIS) == ANALYSIS
    assert remembered(cache, key_of("a"), fails) == ANALYSIS


def test_a_garbled_one_is_made_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for body in (b"[]", b"{}", b'{"findings":[{}],"sites":[],"problems":[],"files":[]}', b"null", b"7"):
        cache.put(key_of("a"), body)
        assert remembered(cache, key_of("a"), lambda: ANALYSIS) == ANALYSIS


def test_without_a_cache_it_is_made(tmp_path: Path) -> None:
    assert remembered(None, key_of("a"), lambda: ANALYSIS) == ANALYSIS
    assert list(tmp_path.iterdir()) == []


def test_any_change_of_a_file_changes_the_fingerprint(tmp_path: Path) -> None:
    def fingerprint() -> str | None:
        return Project(discover([tmp_path]).files).fingerprint()

    (tmp_path / "a.py").write_text("x = 1")
    (tmp_path / "b.yaml").write_text("kl: 1")
    seen = [fingerprint()]
    assert fingerprint() == seen[0]
    (tmp_path / "b.yaml").write_text("kl: 2")
    seen.append(fingerprint())
    (tmp_path / "c.py").write_text("")
    seen.append(fingerprint())
    (tmp_path / "c.py").rename(tmp_path / "d.py")
    seen.append(fingerprint())
    assert len(set(seen)) == 4


def test_what_cannot_be_read_has_no_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1")
    project = Project(discover([tmp_path]).files)
    (tmp_path / "a.py").unlink()
    assert project.fingerprint() is None
