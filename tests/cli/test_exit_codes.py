"""0 clean, 1 findings or a file that was not read, 2 wrong use: the same in every format."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from kllint.report.formats import Format

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Kllint

FORMATS = [format_.value for format_ in Format]


@pytest.mark.parametrize("format_", FORMATS)
def test_clean_is_0(kllint: Kllint, tree: Path, format_: str) -> None:
    (tree / "a.py").write_text("x = 1\n")
    assert kllint("a.py", "--output-format", format_).code == 0


@pytest.mark.parametrize("format_", FORMATS)
def test_findings_are_1(kllint: Kllint, tree: Path, format_: str) -> None:
    (tree / "a.py").write_text("x = k3\n")
    assert kllint("a.py", "--output-format", format_).code == 1
    assert kllint("a.py", "--output-format", format_, "--exit-zero").code == 0


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "raw", [b"x = (\n", b"\x7fELF\0", b"s = '\xff'\n"], ids=["syntax", "binary", "encoding"]
)
def test_a_file_that_is_not_read_is_1(kllint: Kllint, tree: Path, format_: str, raw: bytes) -> None:
    (tree / "a.py").write_bytes(raw)
    done = kllint("a.py", "--output-format", format_)
    assert done.code == 1
    assert "a.py" in done.out


@pytest.mark.parametrize("format_", FORMATS)
def test_a_missing_path_is_2(kllint: Kllint, tree: Path, format_: str) -> None:
    done = kllint("gone.py", "--output-format", format_)
    assert (done.code, done.out) == (2, "")
    assert (
        done.err
        == f"kllint: gone.py: no such file or folder\n  check the spelling; relative paths start at {tree}\n"
    )


def test_an_empty_folder_is_clean_but_not_passed_over_in_silence(kllint: Kllint, tree: Path) -> None:
    (tree / "empty").mkdir()
    done = kllint("empty")
    assert done.code == 0
    assert "0 files" in done.out


@pytest.mark.parametrize("what", ["k3", "k2"])
@pytest.mark.parametrize("bound", ["error", "warning", "info"])
def test_fail_on(kllint: Kllint, tree: Path, what: str, bound: str) -> None:
    (tree / "a.py").write_text(f"x = {what}\n")
    assert kllint("a.py", "--fail-on", bound).code == (0 if (what, bound) == ("k2", "error") else 1)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--selct", "KL1"], "No such option '--selct'"),
        (["--select", "KLX"], "`select`: expected a rule code"),
        (["--output-format", "xml"], "'xml' is not one of"),
        (["--output", "sarif"], "--output sarif: not a format and a file"),
        (["--output", "sarf:x"], "did you mean sarif?"),
        (["--output", "sarif:no/such/folder.sarif"], "no/such/folder.sarif: cannot be written"),
        (["--per-file-ignores", "tests"], "--per-file-ignores tests: no colon in it"),
        (["--baseline", "gone.json"], "gone.json: the baseline cannot be read"),
        (["--config", "gone.toml"], "gone.toml: cannot be read"),
        (["--config", "a = ="], "--config 'a = =': no file, nor TOML"),
        (["--config", "selct = []"], "unknown key `selct`; did you mean select?"),
        (["--project-root", "gone"], "--project-root gone: no such folder"),
        (["--diff-base", "no-such-revision"], "--diff-base: git says:"),
        (["--jobs", "-1"], "-1 is not in the range"),
    ],
)
def test_wrong_use_is_2_and_says_what_to_do(
    kllint: Kllint, tree: Path, arguments: list[str], error: str
) -> None:
    (tree / "a.py").write_text("x = k3\n")
    done = kllint("check", "a.py", *arguments)
    assert done.code == 2
    assert error in done.err
    assert done.err.startswith("kllint: ")
    assert done.err.count("\n") >= 2  # what, and what to do


def test_a_misspelt_command_is_2(kllint: Kllint, tree: Path) -> None:
    done = kllint("inventroy")
    assert done.code == 2
    assert "did you mean inventory?" in done.err


def test_no_arguments_show_the_help(kllint: Kllint) -> None:
    done = kllint()
    assert done.code == 2
    assert "Commands:" in done.err


def test_an_internal_error_is_2_without_a_traceback(
    kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise KeyError("what\x1b[31m")

    (tree / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(sys.modules["kllint.analysis"], "analyse", fail)
    done = kllint("a.py")
    assert done.code == 2
    assert done.err.startswith(
        "kllint: internal error: KeyError: 'what\\x1b[31m'\n  run it again with --verbose"
    )


def test_interrupt_is_130(kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "scandir", interrupt)
    assert kllint(".").code == 130


def test_interrupt_while_a_class_is_being_made_is_130(
    kllint: Kllint, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Interrupting:
        def __set_name__(self, *_: object) -> None:
            raise KeyboardInterrupt

    def make_a_class(*_: object) -> None:
        type("Made", (), {"field": Interrupting()})

    (tree / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(sys.modules["kllint.analysis"], "analyse", make_a_class)
    assert kllint("a.py").code == 130
