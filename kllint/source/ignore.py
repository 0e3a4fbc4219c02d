"""Patterns in the language of .gitignore, each set of them compiled to a few regular expressions.

`pathspec` knows the same language, but to import it takes longer than to walk a whole repository.
"""

from __future__ import annotations

import os
import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_TOKEN = re.compile(
    r"(?P<stars>(?:(?<=/)|^)\*\*+(?:/|$))|(?P<star>\*+)|(?P<any>\?)|\\(?P<escaped>.)"
    r"|\[(?P<negated>[!^]?)(?P<members>\]?(?:\\.|\[:\w+:\]|[^\]\\])*)\]|(?P<plain>.)",
    re.DOTALL,
)
_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "digit": "0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "space": r"\s",
    "xdigit": "0-9A-Fa-f",
}


class _Rule(NamedTuple):
    """One line: the regular expression of a whole path, or of its last part, and whether a match is out."""

    regex: str
    of_path: bool
    out: bool


class _Run(NamedTuple):
    """Neighbouring lines that say the same of what they match."""

    names: re.Pattern[str] | None  # the last part of a path, which is soon compared
    paths: re.Pattern[str] | None
    out: bool

    @classmethod
    def of(cls, rules: list[_Rule], *, out: bool) -> _Run:
        """The lines as two expressions."""
        names, paths = (
            [rule.regex for rule in rules if rule.of_path is of_path] for of_path in (False, True)
        )
        return cls(_any_of(names), _any_of(paths), out)


def _any_of(regexes: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{regex})" for regex in regexes), re.DOTALL) if regexes else None


class Patterns(NamedTuple):
    """Ignore patterns that hold below the folder `base`; the last one that matches decides."""

    base: str
    runs: tuple[_Run, ...]  # the last one first

    @classmethod
    def compile(cls, base: str, lines: Iterable[str]) -> Patterns:
        """The patterns of some lines, relative to `base`."""
        rules = [rule for rule in map(_translate, lines) if rule]
        runs = [_Run.of(list(run), out=out) for out, run in groupby(rules, key=lambda rule: rule.out)]
        return cls(base if base.endswith("/") else base + "/", tuple(reversed(runs)))

    def ignores(self, path: str) -> bool | None:
        """Whether these patterns ignore `path` (a folder ends in a slash); None if none speaks of it.

        Only the path itself is matched: whoever walks a tree does not enter an ignored folder.
        """
        if not path.startswith(self.base):
            return None
        inside = path[len(self.base) :]
        name = inside[inside.rfind("/", 0, -1) + 1 :]
        for run in self.runs:
            if (run.names and run.names.fullmatch(name)) or (run.paths and run.paths.fullmatch(inside)):
                return run.out
        return None

    def covers(self, path: str) -> bool:
        """Whether a file is ignored by itself or with a folder that holds it."""
        if not path.startswith(self.base):
            return False
        ends = [index + 1 for index in range(len(self.base), len(path)) if path[index] == "/"]
        return any(self.ignores(path[:end]) for end in [*ends, len(path)])


def ignored(layers: Iterable[Patterns], path: str) -> bool:
    """Whether `path` is ignored, by layers of which the first that speaks of it decides."""
    for layer in layers:
        verdict = layer.ignores(path)
        if verdict is not None:
            return verdict
    return False


def _translate(line: str) -> _Rule | None:
    line = re.sub(r"(?<!\\)[ \t]+$", "", line.rstrip("\r\n"))
    if not line or line.startswith("#"):
        return None
    out = not line.startswith("!")
    glob = line if out else line[1:]
    folder = glob.endswith("/")
    body = glob[:-1] if folder else glob
    if not body or _dangling(body):
        return None
    return _Rule(_glob(body.removeprefix("/")) + ("/" if folder else "/?"), "/" in body, out)


def _dangling(glob: str) -> bool:
    """Whether the glob ends in a backslash that escapes nothing, which makes git ignore the line."""
    return (len(glob) - len(glob.rstrip("\\"))) % 2 == 1


def _glob(glob: str) -> str:
    return "".join(map(_piece, _TOKEN.finditer(glob)))


def _piece(token: re.Match[str]) -> str:
    if token["stars"]:
        return "(?:.*/)?" if token["stars"].endswith("/") else "[^/].*"
    if token["star"]:
        return "[^/]*"
    if token["any"]:
        return "[^/]"
    if token["members"] is not None:
        return _bracket(token["negated"], token["members"])
    return re.escape(token["escaped"] or token["plain"])


def _bracket(negated: str, members: str) -> str:
    """A character class; one that cannot be understood matches nothing."""
    named = re.sub(r"\[:(\w+):\]", lambda name: _CLASSES.get(name[1], ""), members)
    inside = re.sub(r"(?<!\\)([\[\]&~|^])", r"\\\1", named)
    regex = f"(?!/)[{'^' if negated else ''}{inside}]"
    try:
        re.compile(regex)
    except re.error:
        return "(?!)"
    return regex


CUSTOM = Patterns.compile(
    "/",
    (
        ".*",
        "*.egg-info/",
        "__pycache__/",
        "__pypackages__/",
        "_build/",
        "_vendor/",
        "3rdparty/",
        "bower_components/",
        "build/",
        "dist/",
        "node_modules/",
        "site-packages/",
        "third-party/",
        "third_party/",
        "thirdparty/",
        "vendor/",
        "vendored/",
        "venv/",
    ),
)  # hidden, generated and vendored files: out, unless `exclude` has the pattern with a "!"


def ignore_files_above(folder: str) -> Iterator[Patterns]:
    """The ignore files of the repository that apply to everything in a folder, the innermost first."""
    chain = []
    while True:
        parent = os.path.dirname(folder)  # noqa: PTH120
        if _is_repository(folder) or parent == folder:
            break
        chain.append(parent)
        folder = parent
    if not _is_repository(folder):
        return
    for above in chain:
        if patterns := read_patterns(above + "/", ".gitignore"):
            yield patterns
    yield read_patterns(folder + "/", ".git/info/exclude") or Patterns.compile(folder, ())


def below_custom(folder: str) -> Patterns:
    """What custom keeps out below a folder, whatever the folder itself is called."""
    return Patterns(folder.rstrip("/") + "/", CUSTOM.runs)


def _is_repository(folder: str) -> bool:
    return os.path.exists(folder + "/.git")  # noqa: PTH110


def read_patterns(folder: str, name: str) -> Patterns | None:
    """The patterns of an ignore file; None if there is none."""
    try:
        with open(folder + name, encoding="utf-8", errors="surrogateescape") as lines:  # noqa: PTH123
            return Patterns.compile(folder, lines)
    except OSError:
        return None  # no ignore file, or none that git could read either
