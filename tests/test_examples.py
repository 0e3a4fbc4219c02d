"""The examples contain what their comments say, the right ones nothing at default severity."""

import runpy
from pathlib import Path

import pytest

from kllint.findings import Severity
from tests.literate import Case
from tests.test_cases import expected, found, run

FOLDER = Path(__file__).parents[1] / "examples"
FILES = {
    path.relative_to(FOLDER).as_posix(): path.read_text("utf-8") for path in sorted(FOLDER.rglob("*.py"))
}


def test_every_mark_and_nothing_else_in_the_wrong_ones(tmp_path: Path):
    case = Case("examples", "The examples", FILES)
    case.write(tmp_path / "examples")
    analysis = run(tmp_path)
    there = {one for one in found(analysis, tmp_path / "examples") if one[0].startswith("wrong/")}
    assert there == expected(case.marks)
    right = [f for f in analysis.findings if "/wrong/" not in f.span.path and f.severity is not Severity.INFO]
    assert right == []


@pytest.mark.parametrize("path", [path for path in FILES if path != "policy.py"])
def test_runs(path: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(FOLDER.parent)
    monkeypatch.syspath_prepend(str(FOLDER.parent))
    runpy.run_module(f"examples.{path.removesuffix('.py').replace('/', '.')}", run_name="__main__")
    assert capsys.readouterr().out
