"""Whatever lies about in a project: one KL001 for each file that cannot be judged, and the others are judged."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from kllint import analysis, core
from kllint.cli import app
from kllint.load import programs as programs_module
from kllint.load.cache import Cache
from kllint.load.lowering import program_of
from kllint.report.formats import Format
from tests.fuzz.verdict import complaint
from tests.privileges import folder_of_nobody, without_privileges

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.findings import Analysis, Problem
    from kllint.ir.program import Module
    from kllint.load.project import Project
    from kllint.source.text import Source

ROOT: Final = Path(__file__).parents[2]
WRONG: Final = """import torch


def kl_loss(logp, ref_logp):
    return (torch.exp(ref_logp - logp) - 1 - (ref_logp - logp)).mean()
"""
JUDGED: Final = {
    "good.py": WRONG.encode(),
    "bom.py": b"\xef\xbb\xbf" + WRONG.encode(),
    "cr.py": WRONG.replace("\n", "\r").encode(),
    "crlf.py": WRONG.replace("\n", "\r\n").encode(),
    "feeds.py": WRONG.replace("\n\n\n", "\n\f\n\f").encode(),
    "latin.py": b"# coding: latin-1\nname = '\xe9'\n" + WRONG.encode(),
    "gbk.py": b"# -*- coding: gbk -*-\nname = '\xc4\xe3'\n" + WRONG.encode(),
    "newer.py": b"type Pair[T] = tuple[T, T]\n" + WRONG.encode(),
    "one_line.py": b"def kl_loss(logp, ref_logp): return ((ref_logp - logp).exp() - 1 - (ref_logp - logp)).mean()\n",
    "minified.py": (WRONG + "x=1;" * 20_000 + "\n").encode(),
    "long.py": (WRONG + "x = x + 1\n" * 5_000).encode(),
    "wide.py": (WRONG + f"x = [{'1, ' * 100_000}]\n").encode(),
    "no_end.py": WRONG.rstrip().encode(),
    "strange\nna\x1b[31mme.py": WRONG.encode(),
    "\udcff.py": WRONG.encode(),
}
REFUSED: Final = {
    "null.py": b"kl = \0\n",
    "utf16.py": WRONG.encode("utf-16"),
    "undeclared.py": b"kl = '\xe9'\n",
    "no_such.py": b"# coding: klingon\nkl = 1\n",
    "two_minds.py": b"\xef\xbb\xbf# coding: latin-1\nkl = 1\n",
    "broken.py": b"def kl(:\n",
    "deep.py": b"kl = " + b"(" * 50_000 + b")" * 50_000 + b"\n",
    "nested.py": b"kl = " + b"-" * 5_000 + b"1\n",
    "huge.py": b"kl = 1\n" * 600_000,
    "no_notebook.ipynb": b'{"cells": 1, "kl": 1}',
    "cut.ipynb": b'{"cells": [',
}


def write(folder: Path) -> None:
    for name, raw in {**JUDGED, **REFUSED}.items():
        (folder / name).write_bytes(raw)
    (folder / "folder.py").mkdir()
    (folder / "loop").symlink_to(folder)
    (folder / "self.py").symlink_to(folder / "self.py")
    (folder / "dangling.py").symlink_to(folder / "nowhere.py")
    os.mkfifo(folder / "pipe.py")
    (folder / "closed").mkdir(mode=0)
    (folder / "private.py").write_text("kl = 1\n")
    (folder / "private.py").chmod(0)


def run(*arguments: str) -> int:
    """The exit code of a command in this process."""
    code = app.app.main([*arguments, "--isolated", "--no-cache"], prog_name="kllint", standalone_mode=False)
    return code if isinstance(code, int) else 0


def test_a_folder_of_horrors() -> None:
    with folder_of_nobody() as folder:
        write(folder)
        (folder / "out").mkdir()
        (folder / "out").chmod(0o777)
        report = folder / "out" / "report.json"
        check = (
            "check",
            str(folder),
            "--project-root",
            str(folder),
            "--jobs",
            "1",
            "--output",
            f"json:{report}",
        )
        run(*check)  # imports what is needed, codecs too
        report.unlink()
        with without_privileges():
            code = run(*check)
        assert code == 1
        told = json.loads(report.read_text())
        (folder / "closed").chmod(0o700)
    of_rule = [finding["path"] for finding in told["findings"] if finding["rule"] == "KL102"]
    assert sorted(os.fsencode(path.removeprefix(f"{folder}/")) for path in of_rule) == sorted(
        map(os.fsencode, JUDGED)
    )
    refused = sorted(error["path"].removeprefix(f"{folder}/") for error in told["errors"])
    assert refused == sorted([*REFUSED, "closed/", "private.py"])
    assert not [error for error in told["errors"] if "internal" in error["message"]]


@pytest.mark.parametrize(
    "name",
    [
        "\x1b[2J\x07.py",
        "a\nb\r.py",
        "\u202egnp.py",
        "<&\"'>%0A::error.py",
        "]]>.py",
        "\udcff.py",
        " .py",
        "-.py",
    ],
)
@pytest.mark.parametrize("raw", [WRONG.encode(), b"kl = (\n"], ids=["finding", "problem"])
def test_names_steer_nothing_in_any_format(name: str, raw: bytes) -> None:
    assert complaint({name: raw}) is None


def without(path: Path) -> None:
    path.unlink()


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def garbled(path: Path) -> None:
    path.write_bytes(b"\xff\r\0")


@pytest.mark.parametrize("meanwhile", [without, emptied, garbled])
@pytest.mark.parametrize("format_", [format_.value for format_ in Format])
def test_a_file_that_changes_before_it_is_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    meanwhile: Callable[[Path], None],
    format_: str,
) -> None:
    works = analysis.analyse

    def analyse_and_change(*given: object) -> Analysis:
        found = works(*given)  # type: ignore[arg-type]
        meanwhile(tmp_path / "gone.py")
        return found

    monkeypatch.setattr(analysis, "analyse", analyse_and_change)
    (tmp_path / "gone.py").write_text(WRONG)
    (tmp_path / "good.py").write_text(WRONG)
    assert run("check", str(tmp_path), "--project-root", str(tmp_path), "--output-format", format_) == 1
    assert "KL102" in capsys.readouterr().out


def test_a_file_that_goes_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    works = analysis.project_of

    def find_and_remove(*given: object) -> Project:
        found = works(*given)  # type: ignore[arg-type]
        (tmp_path / "gone.py").unlink()
        return found

    monkeypatch.setattr(analysis, "project_of", find_and_remove)
    (tmp_path / "gone.py").write_text(WRONG)
    (tmp_path / "good.py").write_text(WRONG)
    assert run("check", str(tmp_path), "--project-root", str(tmp_path)) == 1
    said = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0].rpartition("/")[2] for line in said[:2]] == ["gone.py", "good.py"]
    assert "KL001 error: cannot be read: No such file or directory" in said[0]


def die_over_bad(source: Source) -> Module | Problem:
    if source.path.endswith("bad.py"):
        os.kill(os.getpid(), signal.SIGKILL)
    return program_of(source)


@pytest.mark.skipif(sys.platform != "linux", reason="forks on Linux alone")
def test_a_process_that_dies_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs_module, "program_of", die_over_bad)
    monkeypatch.setattr(core, "ENOUGH_BYTES", 0)
    for name in ("bad", *(f"good{number}" for number in range(20))):
        (tmp_path / f"{name}.py").write_text(WRONG.replace("kl_loss", f"kl_loss_{name}"))
    report, cache = tmp_path / "report.json", tmp_path / "cache"
    arguments = [
        "check",
        str(tmp_path),
        "--project-root",
        str(tmp_path),
        "--isolated",
        "--output",
        f"json:{report}",
    ]
    arguments += ["--cache-dir", str(cache), "--jobs", "4"]
    assert app.app.main(arguments, standalone_mode=False) == 1
    told = json.loads(report.read_text())
    assert [(error["path"], error["message"]) for error in told["errors"]] == [
        (str(tmp_path / "bad.py"), "the process that analysed it died or hung")
    ]
    assert len({finding["path"] for finding in told["findings"]}) == 20
    monkeypatch.undo()
    app.app.main(arguments, standalone_mode=False)
    assert json.loads(report.read_text())["errors"] == []  # what may pass is not remembered


def test_an_interrupt_leaves_nothing_half_done(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for number in range(120):
        (tree / f"p{number % 7}").mkdir(parents=True, exist_ok=True)
        (tree / f"p{number % 7}" / f"m{number}.py").write_text(WRONG + f"x{number} = 1\n" * 40)
    report, known, cache = (tmp_path / name for name in ("report.json", "known.json", "cache"))
    check = ["check", ".", "-v", "--jobs", "4", "--cache-dir", str(cache), "--output", f"json:{report}"]
    update = ["baseline", "update", ".", "-v", "--no-cache", "--baseline", str(known)]
    delays = random.Random(1)  # noqa: S311
    codes = set()
    for turn in range(12):
        report.write_text("old")
        known.write_text('{"version": 1, "entries": []}')
        codes.add(_interrupted(tree, check if turn % 2 else update, delays.uniform(0, 0.8)))
        assert report.read_text() == "old" or json.loads(report.read_text())["version"] == 1
        assert json.loads(known.read_text())["version"] == 1
        assert sorted(path.name for path in tmp_path.iterdir() if path.name != "cache") == [
            "known.json",
            "report.json",
            "tree",
        ]
        for entry in cache.glob("??/*"):
            assert Cache(cache).get(f"{entry.parent.name}{entry.name}") is not None
    assert 130 in codes
    assert codes <= {0, 1, 130}


def _interrupted(tree: Path, command: list[str], delay: float) -> int:
    """The exit code of a run that is interrupted a while after it has begun to analyse."""
    started = subprocess.Popen(
        [sys.executable, "-m", "kllint", *command],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert started.stderr is not None
    assert started.stderr.readline().startswith("kllint: 120 files")
    time.sleep(delay)
    os.killpg(started.pid, signal.SIGINT)
    _, error = started.communicate(timeout=60)
    assert "Traceback" not in error
    return started.returncode
