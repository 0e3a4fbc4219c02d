"""What a person sees: on real pseudo-terminals of several widths, with and without colour."""

from __future__ import annotations

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from kllint.report.paint import cells

ROOT = Path(__file__).parents[2]
HOSTILE = "bad\x1b[31m\x07\u202ename.py"
SOURCE = (
    "def f(lp, mask):\n"
    "    a = lp[mask] - ref[mask]  # \x1b]0;title\x07\x1b[2J \u202e [red]x[/red] :smile:\n"
    f"    return {'long_name + ' * 30} 漢字 + k3({', '.join(f'argument_{n}' for n in range(20))})\n"
)
RUN = (
    "import sys, pytest; from tests import stub; stub.install(pytest.MonkeyPatch()); "
    "from kllint.cli.app import main; main()"
)
SGR = re.compile(r"\x1b\[[\d;]*m")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    (tmp_path / "setup.py").touch()
    (tmp_path / HOSTILE).write_text(SOURCE)
    return tmp_path


def environment(**extra: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return {**kept, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "PYTHONUTF8": "1", **extra}


def on_terminal(folder: Path, width: int, *arguments: str, code: str = RUN, **extra: str) -> str:
    """What kllint prints on a terminal of some width."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    command = [sys.executable, "-c", code, *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment(**extra), stdin=terminal, stdout=terminal, stderr=terminal
    ):
        os.close(terminal)
        printed = _read_all(controller)
    os.close(controller)
    return printed.decode().replace("\r\n", "\n")


def _read_all(descriptor: int) -> bytes:
    parts = []
    while True:
        try:
            part = os.read(descriptor, 65_536)
        except OSError as error:  # Linux says so when the last writer has gone
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)


def assert_harmless(printed: str) -> None:
    """Nothing but text, line ends and kllint's own colours."""
    bare = SGR.sub("", printed)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", bare), ascii(bare)


@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("colour", ["always", "never"])
@pytest.mark.parametrize("command", ["check", "inventory", "trace"])
def test_nothing_raw_gets_through_and_nothing_is_eaten(
    hostile: Path, width: int, colour: str, command: str
) -> None:
    place = f"{HOSTILE}:3" if command == "trace" else "."
    printed = on_terminal(hostile, width, command, place, "--color", colour)
    assert_harmless(printed)
    assert bool(SGR.search(printed)) == (colour == "always")
    plain = SGR.sub("", printed)
    assert max(cells(line) for line in plain.split("\n")) <= width
    joined = re.sub(r"\s+", "", plain)
    if command != "inventory":
        assert "a=lp[mask]-ref[mask]" in joined
        assert "^" in plain
    if command == "check":
        assert "k3oflp[mask]iswrong" in joined
        assert "0.5*d[mask]**2" in joined
        assert "bad␛[31m␇�name.py" in joined


def test_carets_are_under_the_code(hostile: Path) -> None:
    lines = on_terminal(hostile, 100, "check", ".", "--color", "never").split("\n")
    (marked,) = [index for index, line in enumerate(lines) if "^" in line]
    start = cells(lines[marked][: lines[marked].index("^")])
    code = lines[marked - 1]
    assert cells(code[: code.index("k3(")]) == start


def test_a_terminal_gets_full_and_a_pipe_concise(hostile: Path) -> None:
    assert "-->" in on_terminal(hostile, 80, ".")
    assert "-->" not in in_pipe(hostile, ".").stdout


def in_pipe(folder: Path, *arguments: str, code: str = RUN, **extra: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(**extra), capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    ("extra", "arguments", "coloured"),
    [
        ({}, (), True),
        ({"NO_COLOR": "1"}, (), False),
        ({"NO_COLOR": ""}, (), True),
        ({"TERM": "dumb"}, (), False),
        ({"FORCE_COLOR": "0"}, (), False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, (), True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, (), False),
        ({"NO_COLOR": "1"}, ("--color", "always"), True),
        ({"FORCE_COLOR": "1"}, ("--color", "never"), False),
    ],
)
def test_colour_on_a_terminal(
    hostile: Path, extra: dict[str, str], arguments: tuple[str, ...], coloured: bool
) -> None:
    assert bool(SGR.search(on_terminal(hostile, 80, ".", *arguments, **extra))) == coloured


@pytest.mark.parametrize(
    ("extra", "arguments", "coloured"),
    [({}, (), False), ({"FORCE_COLOR": "1"}, (), True), ({}, ("--color", "always"), True)],
)
def test_colour_in_a_pipe(
    hostile: Path, extra: dict[str, str], arguments: tuple[str, ...], coloured: bool
) -> None:
    assert bool(SGR.search(in_pipe(hostile, ".", *arguments, **extra).stdout)) == coloured


@pytest.mark.parametrize("columns", ["40", "120"])
def test_columns_set_the_width(hostile: Path, columns: str) -> None:
    printed = on_terminal(hostile, 80, ".", "--color", "never", COLUMNS=columns)
    widest = max(cells(line) for line in printed.split("\n"))
    assert int(columns) - 12 < widest <= int(columns)


@pytest.mark.parametrize("format_", ["full", "concise", "github", "junit"])
def test_formats_for_people_let_nothing_raw_through_in_a_pipe(hostile: Path, format_: str) -> None:
    assert_harmless(in_pipe(hostile, ".", "--output-format", format_).stdout)


@pytest.mark.parametrize("format_", ["json", "sarif", "gitlab", "rdjson"])
def test_formats_for_programs_are_ascii(hostile: Path, format_: str) -> None:
    printed = in_pipe(hostile, ".", "--output-format", format_).stdout
    assert printed.isascii()
    assert_harmless(printed)


@pytest.mark.parametrize("option", ["--show-files", "--show-settings", "--verbose"])
def test_names_of_files_and_folders_are_harmless_everywhere(hostile: Path, option: str) -> None:
    folder = hostile / HOSTILE.removesuffix(".py")
    folder.mkdir()
    (folder / "kllint.toml").write_text('exclude = ["\\u001b[31m"]\n')
    (folder / "a.py").touch()
    done = in_pipe(hostile, ".", option)
    assert "bad␛[31m" in done.stdout + done.stderr
    assert_harmless(done.stdout + done.stderr)


def test_a_report_can_go_to_a_device(hostile: Path) -> None:
    done = in_pipe(hostile, ".", "-q", "--output", "json:/dev/stdout")
    assert '"version": 1' in done.stdout


def test_errors_are_harmless_too(hostile: Path) -> None:
    done = in_pipe(hostile, "gone\x1b[2J")
    assert done.returncode == 2
    assert_harmless(done.stderr)


def test_output_that_is_not_unicode(hostile: Path) -> None:
    done = in_pipe(hostile, ".", "--output-format", "full", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert done.stderr == ""
    assert "\\u6f22" in done.stdout


def test_a_broken_pipe_is_quiet(hostile: Path) -> None:
    (hostile / "many.py").write_text("x = k3\n" * 3_000)
    command = [sys.executable, "-c", RUN, "."]
    with subprocess.Popen(
        command, cwd=hostile, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(60) == 1


def test_an_error_of_two_reports_the_message_on_stderr_only(hostile: Path) -> None:
    done = in_pipe(hostile, "gone.py", "--output-format", "json")
    assert (done.returncode, done.stdout) == (2, "")


SLOW_RUN = (
    "import sys, types; from kllint.cli import progress; progress.PATIENCE = progress.INTERVAL = 0;"
    "from kllint.findings import Analysis; core = types.ModuleType('kllint.analysis');"
    "core.analyse = lambda named, options: [options.progress(n, 4) for n in range(5)] and Analysis();"
    "sys.modules['kllint.analysis'] = core; from kllint.cli.app import main; main()"
)


def test_progress_is_shown_on_a_terminal_and_wiped_away(hostile: Path) -> None:
    printed = on_terminal(hostile, 80, ".", code=SLOW_RUN)
    assert "[############            ] 2 of 4 files" in printed
    assert printed.endswith("\r\x1b[KAll clear: nothing found in 2 files.\n")


@pytest.mark.parametrize(("arguments", "term"), [(("--quiet",), "xterm"), ((), "dumb")])
def test_progress_can_be_unwanted(hostile: Path, arguments: tuple[str, ...], term: str) -> None:
    assert "4 files" not in on_terminal(hostile, 80, ".", *arguments, code=SLOW_RUN, TERM=term)


def test_progress_is_not_shown_in_a_pipe(hostile: Path) -> None:
    done = in_pipe(hostile, ".", code=SLOW_RUN)
    assert (done.stdout, done.stderr) == ("All clear: nothing found in 2 files.\n", "")
