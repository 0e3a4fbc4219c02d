"""Baseline, comments written by kllint, and changed lines."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_check import plant, rules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Kllint

CODE = "def f():\n    return k3\n\n\ndef g():\n    return k2\n"


def update(kllint: Kllint, *arguments: str) -> str:
    done = kllint("baseline", "update", *arguments)
    assert done.code == 0
    return done.out


def prune(kllint: Kllint) -> str:
    return kllint("baseline", "prune", ".").out.removeprefix("kllint-baseline.json: ").strip()


def test_known_findings_are_not_reported_again(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": CODE})
    assert update(kllint, ".") == "kllint-baseline.json: 2 known findings.\n"
    done = kllint(".", "--baseline", "kllint-baseline.json")
    assert (done.code, rules(done)) == (0, [])
    assert "2 known to the baseline" in done.out


def test_the_settings_name_the_baseline(kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tree, {"kllint.toml": 'baseline = "known/b.json"\n', "known/x": "", "src/a.py": CODE})
    assert update(kllint, ".") == f"{tree}/known/b.json: 2 known findings.\n"
    assert kllint(".").code == 0
    monkeypatch.chdir(tree / "src")
    assert kllint("a.py").code == 0


def test_moved_lines_stay_known_and_copies_do_not(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": CODE})
    update(kllint, ".")
    plant(
        tree, {"a.py": "import x\n\n\n" + CODE.replace("return k3", "y = 1\n    return (\n        k3\n    )")}
    )
    assert kllint(".", "--baseline", "kllint-baseline.json").code == 0
    plant(tree, {"a.py": CODE.replace("return k3", "x = k3\n    return k3")})
    done = kllint(".", "--baseline", "kllint-baseline.json")
    assert rules(done) == ["a.py KL102"]
    assert done.out.startswith("a.py:3:")  # one is known, and it is the first


def test_stale_entries_are_said_and_pruned(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": CODE, "b.py": "x = k3, k3\n", "c.py": "x = k3\n"})
    update(kllint, ".")
    plant(tree, {"a.py": "x = 1\n", "b.py": "x = k3\n"})
    (tree / "c.py").unlink()
    done = kllint("a.py", "--baseline", "kllint-baseline.json")
    assert done.code == 0
    assert "3 baseline entries no longer needed: run `kllint baseline prune`" in done.out  # and c.py is gone
    assert (
        kllint("baseline", "prune", ".").out == "kllint-baseline.json: 4 known findings struck out, 1 left.\n"
    )
    assert kllint(".", "--baseline", "kllint-baseline.json").code == 0
    assert json.loads((tree / "kllint-baseline.json").read_text())["entries"][0]["count"] == 1
    assert (
        kllint("baseline", "prune", ".").out == "kllint-baseline.json: 0 known findings struck out, 1 left.\n"
    )


def test_an_update_of_some_files_keeps_what_is_known_of_others(kllint: Kllint, tree: Path) -> None:
    plant(tree, {"a.py": CODE, "b.py": CODE, "c.py": CODE})
    update(kllint, ".")
    plant(tree, {"a.py": "x = k3\n"})
    (tree / "c.py").unlink()
    update(kllint, "a.py")
    assert kllint(".", "--baseline", "kllint-baseline.json").code == 0
    entries = json.loads((tree / "kllint-baseline.json").read_text())["entries"]
    assert [entry["path"] for entry in entries] == ["a.py", "b.py", "b.py"]


def test_a_baseline_is_the_same_wherever_it_is_made(
    kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tree, {"src/a.py": CODE})
    update(kllint, ".")
    first = (tree / "kllint-baseline.json").read_bytes()
    monkeypatch.chdir(tree / "src")
    update(kllint, ".", "--baseline", "../kllint-baseline.json")
    assert (tree / "kllint-baseline.json").read_bytes() == first


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version": 9}', '{"version": 1, "entries": [{}]}', "[" * 9999]
)
def test_what_is_no_baseline_is_wrong_use(kllint: Kllint, tree: Path, text: str) -> None:
    plant(tree, {"a.py": CODE, "b.json": text})
    done = kllint("a.py", "--baseline", "b.json")
    assert done.code == 2
    assert "b.json: " in done.err
    assert "write it anew with `kllint baseline update`" in done.err


def test_comments_are_added_above_statements(kllint: Kllint, tree: Path) -> None:
    code = "def f(a):\n\tif a:\n\t\treturn g(\n\t\t\tk3,\n\t\t\tk2, k3)\n\treturn k2; x = k3\n"
    yaml = "a:\n  # kllint: ignore[KL102] as in the paper, for now\n  kl: k3\n"
    plant(tree, {"a.py": code, "b.yaml": "a:\n  kl: k3\n", "c.sh": "run \\\n  k3\n", "d.py": "x = k1\n"})
    assert kllint(".", "--add-ignore", "as in the paper,\nfor now").out == "Added 4 comments in 3 files.\n"
    assert (tree / "a.py").read_text() == (
        "def f(a):\n\tif a:\n"
        "\t\t# kllint: ignore[KL102, KL107] as in the paper, for now\n"
        "\t\treturn g(\n\t\t\tk3,\n\t\t\tk2, k3)\n"
        "\t# kllint: ignore[KL102, KL107] as in the paper, for now\n"
        "\treturn k2; x = k3\n"
    )
    assert (tree / "b.yaml").read_text() == yaml
    assert (tree / "c.sh").read_text().startswith("# kllint: ignore[KL102]")
    assert kllint(".").code == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_added_comments_keep_the_bytes_around_them(kllint: Kllint, tree: Path, end: bytes) -> None:
    lines = [b"# coding: latin-1", b"s = '\xe9'", b"x = k3  # \xe9", b""]
    (tree / "a.py").write_bytes(end.join(lines))
    (tree / "a.py").chmod(0o754)
    kllint("a.py", "--add-ignore", "é")
    expected = [*lines[:2], b"# kllint: ignore[KL102] \xe9", *lines[2:]]
    assert (tree / "a.py").read_bytes() == end.join(expected)
    assert (tree / "a.py").stat().st_mode & 0o777 == 0o754


def test_comments_are_not_added_where_they_would_break(kllint: Kllint, tree: Path) -> None:
    cells = [{"cell_type": "code", "source": ["x = k3\n"]}]
    files = {"a.json": '{"kl": "k3"}\n', "b.ipynb": json.dumps({"cells": cells})}
    plant(tree, files)
    done = kllint(".", "--add-ignore", "no")
    assert "a.json: JSON has no comments: use a baseline" in done.err
    assert "b.ipynb: is a notebook: use a baseline" in done.err
    assert {name: (tree / name).read_text() for name in files} == files


def git(tree: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=tree, check=True, capture_output=True)


@pytest.fixture
def history(tree: Path) -> Path:
    """A repository with a commit, and changes on top of it."""
    git(tree, "init", "-q", "-b", "main")
    plant(tree, {"a.py": "x = k3\ny = 1\nz = k2\n", "sub/ä b.py": "x = k3\n", "old.py": "x = k3\n"})
    git(tree, "add", ".")
    git(tree, "commit", "-q", "-m", "first")
    plant(
        tree, {"a.py": "x = k3\ny = 1, k3\nz = k2\n", "sub/ä b.py": "x = k3\ny = k2\n", "new.py": "x = k3\n"}
    )
    return tree


def test_only_changed_lines_are_reported(kllint: Kllint, history: Path) -> None:
    done = kllint(".", "--diff-base", "main")
    assert rules(done) == ["a.py KL102", "new.py KL102", "sub/ä b.py KL107"]
    assert done.out.startswith("a.py:2:8:")
    assert "4 on unchanged lines" in done.out


def test_changes_count_from_where_the_branches_part(kllint: Kllint, history: Path) -> None:
    git(history, "checkout", "-q", "-b", "topic")
    git(history, "commit", "-q", "-a", "-m", "topic")
    git(history, "stash", "-q", "-u")
    git(history, "checkout", "-q", "main")
    plant(history, {"old.py": "x = k3, 1\n"})
    git(history, "commit", "-q", "-a", "-m", "main goes on")
    git(history, "checkout", "-q", "topic")
    assert rules(kllint(".", "--diff-base", "main")) == ["a.py KL102", "sub/ä b.py KL107"]


def test_unread_files_count_if_they_changed(kllint: Kllint, history: Path) -> None:
    plant(history, {"old.py": "x = (\n"})
    assert kllint("old.py", "--diff-base", "main").code == 1
    git(history, "commit", "-q", "-a", "-m", "broken")
    assert kllint("old.py", "--diff-base", "main").code == 0


def test_a_revision_cannot_be_an_option(kllint: Kllint, history: Path) -> None:
    done = kllint(".", "--diff-base=--output=x.txt")
    assert done.code == 2
    assert not (history / "x.txt").exists()


def test_outside_of_a_repository_there_are_no_changes(kllint: Kllint, tree: Path) -> None:
    done = kllint(".", "--diff-base", "main")
    assert done.code == 2
    assert "not a git repository" in done.err
