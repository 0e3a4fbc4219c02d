"""Which files a project has, and by which names."""

from __future__ import annotations

from pathlib import Path

import pytest

from kllint.analysis import analyse
from kllint.load.project import project_of
from kllint.settings.options import AnalysisOptions
from kllint.source.discover import Discovery, FoundFile, Kind


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("a.py", "inner/b.py", ".hidden/c.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("kl = 1\n")
    monkeypatch.chdir(tmp_path / "inner")
    return tmp_path


def test_named_files_keep_their_names(folder: Path) -> None:
    project = project_of([Path("b.py"), Path("../a.py")], AnalysisOptions(folder))
    assert sorted(project.files) == ["../a.py", "b.py"]


def test_all_of_the_project_is_in_it_whatever_is_named(folder: Path) -> None:
    project = project_of([Path("b.py")], AnalysisOptions(folder))
    assert sorted(project.files) == [f"{folder}/a.py", "b.py"]


def test_what_is_left_out_is_in_it_when_it_is_named(folder: Path) -> None:
    project = project_of([Path("../.hidden/c.py")], AnalysisOptions(folder))
    assert "../.hidden/c.py" in project.files


def test_what_is_left_out_comes_in_the_order_in_which_it_is_named(folder: Path) -> None:
    named = [f"../.hidden/{letter}.py" for letter in "hbfdgeca"]
    project = project_of(named, AnalysisOptions(folder))
    assert list(project.files)[2:] == named


def test_files_that_were_looked_for_are_not_looked_for_again(folder: Path) -> None:
    found = Discovery((FoundFile("b.py", Kind.PYTHON, f"{folder}/inner/b.py"),))
    assert list(project_of(["b.py"], AnalysisOptions(folder, found=found)).files) == ["b.py"]


def test_contents_that_are_on_no_disk(folder: Path) -> None:
    options = AnalysisOptions(folder, contents={"new.py": b"x = 1\n"})
    project = project_of([Path("new.py")], options)
    assert project.read("new.py") == b"x = 1\n"
    assert project.problems == []


def test_a_cache_where_the_options_say(folder: Path) -> None:
    analyse([folder / "a.py"], AnalysisOptions(folder, cache_folder=folder / ".kllint_cache"))
    assert len(list((folder / ".kllint_cache").glob("??/*"))) == 1
