import os
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from kllint.errors import UserError
from kllint.source.discover import FoundFile, Kind, discover, is_left_out
from kllint.source.ignore import Patterns


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plant(root: Path, names: Iterable[str]) -> None:
    for name in names:
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()


def paths(*named: str, exclude: Iterable[str] = (), force_exclude: bool = False) -> list[str]:
    layers = [Patterns.compile(str(Path.cwd()), exclude)]
    found = discover(named or ["."], exclude=layers, force_exclude=force_exclude)
    assert found.problems == ()
    return [file.path for file in found.files]


def test_files_have_the_kind_of_their_names(tree: Path) -> None:
    plant(
        tree,
        [
            "a.py",
            "b.pyi",
            "c.ipynb",
            "d.yaml",
            "e.YML",
            "f.toml",
            "g.json",
            "h.sh",
            "i.txt",
            "Makefile",
            "py",
        ],
    )
    assert {file.path: file.kind for file in discover(["."]).files} == {
        "a.py": Kind.PYTHON,
        "b.pyi": Kind.PYTHON,
        "c.ipynb": Kind.NOTEBOOK,
        "d.yaml": Kind.YAML,
        "e.YML": Kind.YAML,
        "f.toml": Kind.TOML,
        "g.json": Kind.JSON,
        "h.sh": Kind.SHELL,
    }


def test_order_is_that_of_folders_whatever_the_disk_says(tree: Path) -> None:
    plant(tree, ["b.py", "a/z.py", "a-b.py", "a.py", "a/b/c.py", "B.py"])
    expected = ["B.py", "a/b/c.py", "a/z.py", "a-b.py", "a.py", "b.py"]
    assert paths() == expected
    assert paths("b.py", "a", ".") == expected


def test_hidden_generated_and_vendored_folders_are_out(tree: Path) -> None:
    plant(
        tree,
        [
            "src/a.py",
            ".hidden/a.py",
            "src/.b.py",
            "node_modules/a.py",
            "venv/a.py",
            "build/a.py",
            "src/third_party/a.py",
            "src/__pycache__/a.py",
            "x.egg-info/a.py",
            "environment/pyvenv.cfg",
            "environment/lib/a.py",
            "src/building/b.py",
        ],
    )
    assert paths() == ["src/a.py", "src/building/b.py"]


def test_custom_can_be_overruled_by_exclude(tree: Path) -> None:
    plant(tree, ["vendor/a.py", "src/a.py"])
    assert paths(exclude=["!vendor/"]) == ["src/a.py", "vendor/a.py"]


def test_a_named_folder_is_entered_whatever_it_is_called(tree: Path) -> None:
    plant(tree, [".venv/site-packages/trl/a.py", ".venv/site-packages/trl/build/b.py"])
    assert paths(".venv/site-packages/trl") == [".venv/site-packages/trl/a.py"]
    assert paths(".venv/site-packages/trl", force_exclude=True) == []


def test_exclude_takes_patterns(tree: Path) -> None:
    plant(tree, ["src/a.py", "src/gen_a.py", "docs/conf.py", "src/docs/b.py"])
    assert paths(exclude=["gen_*.py", "/docs/"]) == ["src/a.py", "src/docs/b.py"]


def test_a_named_file_is_in_unless_exclusion_is_forced(tree: Path) -> None:
    plant(tree, ["old/a.py", "script"])
    assert paths("old/a.py", exclude=["old/"]) == ["old/a.py"]
    assert paths("old/a.py", exclude=["old/"], force_exclude=True) == []
    assert discover(["script"]).files == (FoundFile("script", Kind.PYTHON, os.path.realpath("script")),)


def test_gitignore_files_hold_below_them_and_inside_their_repository(tree: Path) -> None:
    plant(
        tree,
        ["repo/src/a.py", "repo/src/b.py", "repo/src/deep/c.py", "repo/out/d.py", "repo/src/deep/keep.py"],
    )
    (tree / ".gitignore").write_text("src/\n")  # not of this repository
    (tree / "repo/.gitignore").write_text("/out\n*.log\nc.py\n")
    (tree / "repo/src/.gitignore").write_text("/b.py\nkeep.py\n")
    (tree / "repo/src/deep/.gitignore").write_text("!keep.py\n")
    subprocess.run(["git", "init", "-q", "repo"], check=True)
    expected = ["repo/src/a.py", "repo/src/deep/keep.py"]
    assert paths("repo") == expected
    assert paths("repo/src") == expected  # what is above the named folder counts as well
    assert paths("repo/out") == ["repo/out/d.py"]  # it is named
    assert paths("repo/out", force_exclude=True) == []
    assert paths("repo/src/b.py") == ["repo/src/b.py"]
    assert paths("repo/src/b.py", force_exclude=True) == []


def test_private_excludes_of_git_count(tree: Path) -> None:
    plant(tree, ["a.py", "mine.py"])
    subprocess.run(["git", "init", "-q", "."], check=True)
    (tree / ".git/info/exclude").write_text("mine.py\n")
    assert paths() == ["a.py"]


def test_links_make_no_loops_and_no_copies(tree: Path) -> None:
    plant(tree, ["src/a.py", "outside/b.py", "outside/c.py"])
    (tree / "src/loop").symlink_to(tree / "src", target_is_directory=True)
    (tree / "src/again.py").symlink_to(tree / "src/a.py")
    (tree / "src/b.py").symlink_to(tree / "outside/b.py")
    (tree / "src/dangling.py").symlink_to(tree / "nowhere.py")
    assert paths("src") == ["src/a.py", "src/b.py"]
    assert paths("src/loop") == ["src/loop/a.py", "src/loop/b.py"]  # it is named
    assert paths("src/a.py", "src/again.py") == ["src/a.py"]


def test_paths_are_shown_as_they_were_named(tree: Path) -> None:
    plant(tree, ["src/a.py"])
    assert paths("./src/") == ["src/a.py"]
    assert paths(str(tree / "src")) == [f"{tree}/src/a.py"]
    assert paths("src/../src") == ["src/../src/a.py"]


@pytest.mark.parametrize("name", ["missing", "missing.py", "a.py/below", "nul\0byte"])
def test_a_path_that_is_not_there_is_an_error(tree: Path, name: str) -> None:
    plant(tree, ["a.py"])
    with pytest.raises(UserError) as caught:
        discover([name])
    assert name in caught.value.what
    assert caught.value.advice


def test_what_is_neither_file_nor_folder_is_a_problem(tree: Path) -> None:
    os.mkfifo(tree / "pipe.py")
    (problem,) = discover(["pipe.py"]).problems
    assert problem.reason == "neither a file nor a folder"
    assert discover(["."]).files == ()


def test_a_folder_that_cannot_be_listed_is_a_problem(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tree, ["open/a.py", "closed/b.py"])
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.rstrip("/").endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = discover(["."])
    assert [file.path for file in found.files] == ["open/a.py"]
    assert [(problem.path, problem.reason) for problem in found.problems] == [
        ("closed/", "this folder cannot be listed: Permission denied")
    ]


def test_left_out_is_what_a_walk_does_not_come_to(tree: Path) -> None:
    plant(tree, ["src/a.py", ".venv/lib/a.py", "out/a.py"])
    subprocess.run(["git", "init", "-q", "."], check=True)
    (tree / ".gitignore").write_text("out\n")
    assert not is_left_out(tree / "src/a.py")
    assert is_left_out(tree / ".venv/lib")
    assert is_left_out(tree / "out/a.py")


def test_many_files_take_little_time(tree: Path) -> None:
    for folder in range(130):
        (tree / f"p{folder}").mkdir()
        for file in range(100):
            (tree / f"p{folder}" / f"m{file}.py").touch()
    (tree / ".gitignore").write_text("\n".join(f"*.tmp{number}\n/x{number}/**" for number in range(40)))
    start = time.process_time()
    assert len(discover(["."]).files) == 13_000
    assert time.process_time() - start < 2  # 0.25 s on an idle machine
