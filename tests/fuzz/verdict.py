"""Whether kllint takes a project in its stride."""

from __future__ import annotations

import contextlib
import io
import json
import re
import tempfile
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree

from kllint.cli.app import app
from kllint.fence import TOO_DEEP
from kllint.report.formats import Format

if TYPE_CHECKING:
    from tests.fuzz.originals import Files

SLOW: Final = 10.0  # seconds of CPU time
_OURS: Final = re.compile(r"internal error|not done after|died or hung")
_ENDLESS: Final = re.compile(rf"{_OURS.pattern}|{TOO_DEEP}")
_LARGE: Final = 50_000  # bytes: what is smaller nests so deeply only where kllint goes round in circles
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LOUD: Final = ("--isolated", "--no-cache", "--jobs", "1")
_ALL: Final = ("--min-severity", "info", "--min-confidence", "low")
_JSON: Final = {Format.JSON, Format.SARIF, Format.GITLAB}


def complaint(files: Files) -> str | None:
    """What kllint does wrong on a project; None when all is well."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plant(folder / "project", files)
        return complaint_about(folder / "project", folder)


def complaint_about(project: Path, folder: Path, slow: float | None = None) -> str | None:
    """The same for a project on the disk; reports go into a folder."""
    size = sum(file.stat().st_size for file in project.rglob("*") if file.is_file())
    ours = _ENDLESS if size < _LARGE else _OURS
    start = time.process_time()
    outputs = [f"--output={format_.value}:{folder / format_.value}" for format_ in Format]
    said = _run("check", str(project), "--project-root", str(project), *outputs, *_ALL, *_LOUD, ours=ours)
    said = said or _run("inventory", str(project), "--project-root", str(project), *_LOUD, ours=ours)
    spent = time.process_time() - start
    if said is None and spent > (SLOW if slow is None else slow):
        said = f"slow: {spent:.1f} s"
    return said or next(filter(None, (_fault(format_, folder / format_.value) for format_ in Format)), None)


def plant(folder: Path, files: Files) -> None:
    """Write a project."""
    for name, raw in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


def _run(*arguments: str, ours: re.Pattern[str]) -> str | None:
    """Run the command line in this process; what went wrong, if anything did."""
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            app.main(list(arguments), prog_name="kllint", standalone_mode=False)
    except Exception:  # whatever it is, it is what we are after
        return traceback.format_exc()
    found = ours.search(printed.getvalue())
    return _rest_of_line(printed.getvalue(), found.start()) if found else None


def _fault(format_: Format, file: Path) -> str | None:
    """What is wrong with a report."""
    text = file.read_text(encoding="utf-8")
    try:
        if format_ in _JSON:
            json.loads(text)
        if format_ is Format.JUNIT:
            ElementTree.fromstring(text)  # noqa: S314  # of our own making
    except (ValueError, ElementTree.ParseError) as error:
        return f"{format_.value}: cannot be read: {error}"
    found = _OURS.search(text) or _CONTROL.search(text)
    return f"{format_.value}: {_rest_of_line(text, found.start())!r}" if found else None


def _rest_of_line(text: str, at: int) -> str:
    return text[at:].partition("\n")[0]
