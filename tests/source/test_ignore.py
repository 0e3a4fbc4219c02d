"""The patterns, against git itself."""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from kllint.source.ignore import Patterns, ignored

ATOMS = [
    "a",
    "b",
    "*",
    "?",
    "/",
    "[ab]",
    "[!a]",
    "[a-c]",
    "\\*",
    "foo",
    ".py",
    "**/",
    "/**",
    "[]x]",
    " ",
    "[[:alpha:]]",
]
TREE = ["a", "b/a", "b/ab", "foo/a.py", "foo/b/a.py", "foo/b/x]", "a.py", "ab", "foo b/[a]", "foo/.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is what the patterns are compared with")
@pytest.mark.parametrize("seed", range(3))
def test_patterns_match_what_git_matches(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for _ in range(60):
        lines = [_pattern(chance) for _ in range(3)]
        (tmp_path / ".gitignore").write_text("\n".join(lines) + "\n")
        patterns = Patterns.compile(str(tmp_path), lines)
        mine = {name for name in TREE if _ignored(patterns, tmp_path, name)}
        assert mine == _ignored_by_git(tmp_path), lines


def _pattern(chance: random.Random) -> str:
    return chance.choice(["", "", "!"]) + "".join(chance.choices(ATOMS, k=chance.randint(1, 4)))


def _ignored(patterns: Patterns, root: Path, name: str) -> bool:
    """As a walk finds it: what is below an ignored folder is ignored."""
    parts = name.split("/")
    folders = ["/".join(parts[:depth]) + "/" for depth in range(1, len(parts))]
    return any(ignored([patterns], f"{root}/{path}") for path in [*folders, name])


def _ignored_by_git(root: Path) -> set[str]:
    command = ["git", "-C", str(root), "check-ignore", "--no-index", "--stdin", "-z"]
    done = subprocess.run(command, input="\0".join(TREE).encode(), capture_output=True, check=False)
    return {name.decode() for name in done.stdout.split(b"\0") if name}


def test_a_bracket_that_is_no_class_matches_nothing() -> None:
    patterns = Patterns.compile("/r", ["[z-a]", "[[:nonsense:]]"])
    assert not any(patterns.ignores(f"/r/{name}") for name in ("z", "a", "-", ":", "n"))


def test_the_last_pattern_that_matches_decides() -> None:
    patterns = Patterns.compile("/r", ["*.py", "!keep.py", "old/"])
    assert patterns.ignores("/r/a.py") is True
    assert patterns.ignores("/r/sub/keep.py") is False
    assert patterns.ignores("/r/a.txt") is None
    assert patterns.ignores("/elsewhere/a.py") is None


def test_a_folder_covers_what_is_in_it() -> None:
    patterns = Patterns.compile("/r", ["old/", "tests/**"])
    assert patterns.covers("/r/sub/old/deep/a.py")
    assert patterns.covers("/r/tests/deep/a.py")
    assert not patterns.covers("/r/new/a.py")
    assert not patterns.covers("/other/old/a.py")
