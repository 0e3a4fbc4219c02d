"""Which lines are new since a git revision."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from kllint.errors import UserError

_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")
_ADVICE = (
    "name a commit, branch or tag of the repository that kllint runs in, and fetch it if it is not there"
)


@dataclass(frozen=True, slots=True)
class Changes:
    """The changed lines of each file, by its real path; None for a file that is new."""

    lines: dict[str, list[range] | None]

    def touch(self, path: str, lines: range) -> bool:
        """Whether one of some lines of a file is changed."""
        real = str(Path(path).resolve())
        if real not in self.lines:
            return False
        changed = self.lines[real]
        return changed is None or any(hunk.start < lines.stop and lines.start < hunk.stop for hunk in changed)

    def touch_file(self, path: str) -> bool:
        """Whether anything in a file is changed."""
        return str(Path(path).resolve()) in self.lines


def since(revision: str, folder: Path) -> Changes:
    """The lines that the working tree has beyond the last commit it shares with a revision."""
    top = Path(_git(folder, "rev-parse", "--show-toplevel").strip())
    commit = _git(folder, "rev-parse", "--verify", "--end-of-options", revision + "^{commit}").strip()
    base = _git(folder, "merge-base", commit, "HEAD").strip()
    diff = _git(
        top, "diff", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", base, "--"
    )
    lines: dict[str, list[range] | None] = {}
    current: list[range] = []
    for line in diff.split("\n"):
        if line.startswith("+++ "):
            current = []
            lines[str(top / _unquote(line[4:]).removeprefix("b/"))] = current
        elif hunk := _HUNK.match(line):
            start, length = int(hunk[1]), int(hunk[2] or 1)
            current.append(range(start, start + length))
    untracked = _git(top, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    lines.update({str(top / name): None for name in untracked if name})
    return Changes(lines)


def _git(folder: Path, *arguments: str) -> str:
    # The settings keep a stranger's repository from naming programs for git to run.
    command = [
        "git",
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-C",
        str(folder),
        *arguments,
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=120)  # noqa: S603
    except OSError as error:
        raise UserError(f"--diff-base: git cannot be run: {error.strerror}", "install git") from None
    except subprocess.TimeoutExpired:
        raise UserError("--diff-base: git did not answer within two minutes", "run it by hand") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UserError(f"--diff-base: git says: {said}", _ADVICE)
    return done.stdout.decode("utf-8", "surrogateescape")


def _unquote(name: str) -> str:
    """A file name as git prints it: in quotes with escapes if there is anything odd in it."""
    name = name.removesuffix("\t")
    if not name.startswith('"'):
        return name
    raw = name[1:-1].encode("utf-8", "surrogateescape").decode("latin-1")
    return raw.encode("latin-1").decode("unicode_escape").encode("latin-1").decode("utf-8", "surrogateescape")
