from __future__ import annotations

import io
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from kllint.cli.app import main
from tests import stub

if TYPE_CHECKING:
    from pathlib import Path

    from kllint.settings.options import AnalysisOptions


@dataclass(frozen=True)
class Done:
    """A command that has run."""

    code: int
    out: str
    err: str


class Kllint(Protocol):
    """Runs a command line."""

    def __call__(self, *arguments: str, stdin: str = "") -> Done:
        """The exit code and what was printed."""


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[AnalysisOptions]:
    """The options of each analysis, which a stand-in does."""
    return stub.install(monkeypatch)


@pytest.fixture
def kllint(options: list[AnalysisOptions], command_line: Kllint) -> Kllint:
    """Runs kllint in this process, on the stand-in."""
    return command_line


@pytest.fixture
def command_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Kllint:
    """Runs kllint in this process."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "TERM"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, stdin: str = "") -> Done:
        monkeypatch.setattr(sys, "argv", ["kllint", *arguments])
        monkeypatch.setattr(
            sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode("utf-8", "surrogateescape")))
        )
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project to run in."""
    (tmp_path / "setup.py").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path
