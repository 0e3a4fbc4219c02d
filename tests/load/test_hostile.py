"""Whatever is in a file, there is a program or one problem, and soon."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from kllint.findings import Problem
from kllint.ir.program import Module
from kllint.load.lowering import program_of
from kllint.load.programs import Programs
from kllint.load.project import Project
from kllint.source.discover import FoundFile, Kind, discover
from kllint.source.text import Source
from tests.privileges import folder_of_nobody, without_privileges

if TYPE_CHECKING:
    from pathlib import Path

GENERATORS = {
    "brackets": lambda n: "(" * n + "a" + ")" * n,
    "lists": lambda n: "[" * n + "]" * n,
    "calls": lambda n: "f(" * n + ")" * n,
    "called": lambda n: "f" + "()" * n,
    "items": lambda n: "a" + "[0]" * n,
    "attributes": lambda n: "a" + ".a" * n,
    "sums": lambda n: "a" + "+a" * n,
    "powers": lambda n: "a" + "**a" * n,
    "minuses": lambda n: "-" * n + "a",
    "nots": lambda n: "not " * n + "a",
    "ands": lambda n: "a" + " and a" * n,
    "comparisons": lambda n: "a" + " < a" * n,
    "choices": lambda n: "a if a else " * n + "a",
    "lambdas": lambda n: "lambda: " * n + "a",
    "strings": lambda n: '"a" ' * n,
    "f-strings": lambda n: "f'{a}' " * n,
    "targets": lambda n: "a = " * n + "a",
    "elifs": lambda n: "if a: a\n" + "elif a: a\n" * n,
    "blocks": lambda n: "".join(" " * depth + "if a:\n" for depth in range(min(n, 2000))) + " " * n + "a",
    "loops": lambda n: "".join(" " * depth + "for a in a:\n" for depth in range(min(n, 90))) + " " * 90 + "a",
    "functions": lambda n: "".join(" " * d + "def f():\n" for d in range(min(n, 90))) + " " * 90 + "a",
    "decorators": lambda n: "@a\n" * n + "def f(): a",
    "arguments": lambda n: f"f({'a, ' * n})",
    "statements": lambda n: "a; " * n,
    "lines": lambda n: "a\n" * n,
    "newer than Python 3.11": lambda n: "type A[T] = " + "(" * n + "T" + ")" * n,
    "newer and long": lambda n: "type A[T] = T\n" + "a = b + c\n" * min(n, 3000),
    "unclosed": lambda n: "(" * n,
    "backslashes": lambda n: "\\\n" * n + "a",
    "comments": lambda n: "#" * n,
    "one name": lambda n: "a" * n,
    "digits": lambda n: "9" * n,
    "spaces": lambda n: "if a:\n" + " " * n + "a",
}


@pytest.mark.parametrize("size", [50, 140, 500, 5_000, 50_000])
@pytest.mark.parametrize("name", GENERATORS)
def test_nesting_and_length(name: str, size: int) -> None:
    start = time.monotonic()
    outcome = program_of(Source("file.py", GENERATORS[name](size).encode()))
    assert isinstance(outcome, Module | Problem)
    assert not isinstance(outcome, Problem) or (outcome.reason and "internal" not in outcome.reason)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"kl = \0", "null bytes"),
        (b"\xff\xfek\0l\0", "null bytes"),
        (b"kl = '\xff'", "not valid utf-8"),
        (b"# coding: nonsense\nkl", "unknown encoding"),
        (b"\xef\xbb\xbf# coding: latin-1\nkl", "encoding problem"),
        (b"# coding: utf-7\nkl = '+'", "utf-7"),
        (b"kl = (", "not valid Python"),
        (b"print 'kl'", "not valid Python"),
        (b"kl" * 3_000_000, "larger than"),
        (b"\x7fELF\x02\x01\x01\x03kl", "not valid Python"),
    ],
)
def test_what_is_no_python_is_one_problem(raw: bytes, reason: str) -> None:
    outcome = program_of(Source("file.py", raw))
    assert isinstance(outcome, Problem)
    assert reason in outcome.reason


def of(folder: Path, **options: object) -> tuple[Project, list[str]]:
    files = discover([folder]).files
    return Project(files, **options), [file.path for file in files]  # type: ignore[arg-type]


def test_a_file_that_vanishes_is_one_problem_and_the_rest_is_read(tmp_path: Path) -> None:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text("kl = 1\n")
    project, paths = of(tmp_path)
    (tmp_path / "b.py").unlink()
    programs = Programs(project)
    programs.prepare(paths)
    assert [problem.path for problem in project.problems] == [str(tmp_path / "b.py")]
    assert "cannot be read" in project.problems[0].reason
    assert all(len(program.body) == 1 for path in (paths[0], paths[2]) if (program := programs.load(path)))


def test_links_that_go_round_are_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("kl = 1\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "loop").symlink_to(tmp_path)
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")
    (tmp_path / "gone.py").symlink_to(tmp_path / "nowhere.py")
    project, paths = of(tmp_path)
    Programs(project).prepare(paths)
    assert paths == [str(tmp_path / "a.py")]
    assert project.problems == []


def test_what_may_not_be_read_is_a_problem() -> None:
    with folder_of_nobody() as folder:
        (folder / "a.py").write_text("kl = 1\n")
        (folder / "a.py").chmod(0)
        (folder / "b.py").write_text("kl = 1\n")
        (folder / "closed").mkdir(mode=0)
        with without_privileges():
            project, paths = of(folder)
            programs = Programs(project)
            programs.prepare(paths)
            unlisted = discover([folder]).problems
        assert [problem.path for problem in project.problems] == [str(folder / "a.py")]
        assert programs.load(str(folder / "b.py")) is not None
        assert [problem.path for problem in unlisted] == [f"{folder}/closed/"]


def test_standing_in_for_a_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a.py")
    project = Project([FoundFile(path, Kind.PYTHON, path)], {path: b"x = 1\n"})
    loaded = Programs(project).load(path)
    assert loaded is not None
    assert len(loaded.body) == 1
