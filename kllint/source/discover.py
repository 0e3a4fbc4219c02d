"""The files under the paths that a user names: what .gitignore, `exclude` and custom leave of them."""

from __future__ import annotations

import os
import stat
from enum import StrEnum, unique
from typing import TYPE_CHECKING, NamedTuple

from kllint.errors import UserError
from kllint.findings import Problem
from kllint.source.ignore import below_custom, ignore_files_above, ignored, read_patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kllint.source.ignore import Patterns


@unique
class Kind(StrEnum):
    """What a file holds, by its name."""

    PYTHON = "python"
    NOTEBOOK = "notebook"
    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    SHELL = "shell"

    @property
    def is_code(self) -> bool:
        """Whether it holds Python."""
        return self in {Kind.PYTHON, Kind.NOTEBOOK}


KINDS = {
    "py": Kind.PYTHON,
    "pyi": Kind.PYTHON,
    "ipynb": Kind.NOTEBOOK,
    "yaml": Kind.YAML,
    "yml": Kind.YAML,
    "toml": Kind.TOML,
    "json": Kind.JSON,
    "sh": Kind.SHELL,
}


class FoundFile(NamedTuple):
    """A file to analyse; `path` is as the user would write it: relative if the named path was."""

    path: str
    kind: Kind
    real: str  # its path with all links resolved


class Discovery(NamedTuple):
    """The files found, in the order of their paths, and what could not be looked into."""

    files: tuple[FoundFile, ...]
    problems: tuple[Problem, ...] = ()


def kind_of(path: str) -> Kind | None:
    """The kind of a file by its name."""
    return KINDS.get(path.rpartition(".")[2].lower()) if "." in path else None


def is_test(path: str) -> bool:
    """Whether a file belongs to a test suite, by its path."""
    *folders, name = path.replace(os.sep, "/").split("/")
    return name.startswith("test_") or not _TESTS.isdisjoint((*folders, name))


_TESTS = frozenset({"tests", "test"})


def discover(
    named: Sequence[str | os.PathLike[str]],
    *,
    exclude: Sequence[Patterns] = (),
    force_exclude: bool = False,
) -> Discovery:
    """All files under the named files and folders.

    A file that is named is taken whatever its name says and whatever ignores it, unless
    `force_exclude`. Below a named folder, what .gitignore, `exclude` or custom keeps out is out.
    Raises UserError for a path that does not exist.
    """
    found: dict[str, FoundFile] = {}  # by where it is: who names a file twice gets it once
    problems: list[Problem] = []
    for path in map(_tidy, named):
        mode = _mode(path)
        walk = _Walk(path, exclude)
        if force_exclude and walk.excludes_root(is_folder=stat.S_ISDIR(mode)):
            continue
        if stat.S_ISDIR(mode):
            for place, file in walk.files():
                found.setdefault(place, file)
            problems += walk.problems
        elif stat.S_ISREG(mode):
            found.setdefault(walk.root, FoundFile(path, kind_of(path) or Kind.PYTHON, walk.root))
        else:
            problems.append(Problem(path, "neither a file nor a folder"))
    return Discovery(
        tuple(sorted(found.values(), key=lambda file: _order(file.path))),
        tuple(sorted(set(problems), key=lambda problem: _order(problem.path))),
    )


def is_left_out(path: os.PathLike[str]) -> bool:
    """Whether a walk from the top of its repository would not come to a file or folder."""
    walk = _Walk(os.fspath(path), ())
    return walk.excludes_root(is_folder=os.path.isdir(path))  # noqa: PTH112


class _Walk:
    """One walk below a named path."""

    def __init__(self, path: str, exclude: Sequence[Patterns]) -> None:
        self.path = path
        self.root = os.path.realpath(path)
        self.problems: list[Problem] = []
        self.exclude = exclude
        self.above = list(ignore_files_above(self.root))

    def excludes_root(self, *, is_folder: bool) -> bool:
        """Whether the named path or a folder above it is excluded, as `force_exclude` asks."""
        top = self._top()
        layers = (*self.exclude, *self.above, below_custom(top))
        parts = self.root[len(top) :].strip("/").split("/")
        folders = ["/".join((top, *parts[:count])) + "/" for count in range(1, len(parts))]
        return any(ignored(layers, path) for path in [*folders, self.root + "/" * is_folder])

    def files(self) -> Iterator[tuple[str, FoundFile]]:
        """The files below the root with where they are found; links to folders are not followed."""
        above = [layer for layer in self.above if not layer.ignores(self.root + "/")]
        exclude = [layer for layer in self.exclude if not layer.ignores(self.root + "/")]
        custom = below_custom(self.root)
        pending = [("" if self.path in {"", "."} else self.path.rstrip("/") + "/", self.root + "/", above)]
        while pending:
            shown, real, outer = pending.pop()
            entries = self._entries(shown, real)
            if any(entry.name == "pyvenv.cfg" for entry in entries) and real != self.root + "/":
                continue
            own = read_patterns(real, ".gitignore") if _has(entries, ".gitignore") else None
            layers = [own, *outer] if own else outer
            rules = [*exclude, *layers, custom]
            for entry in entries:
                kind = kind_of(entry.name)
                if entry.is_dir(follow_symlinks=False):
                    if not ignored(rules, f"{real}{entry.name}/"):
                        pending.append((f"{shown}{entry.name}/", f"{real}{entry.name}/", layers))
                elif kind and self._is_own(entry) and not ignored(rules, real + entry.name):
                    place = real + entry.name
                    resolved = os.path.realpath(place) if entry.is_symlink() else place
                    yield place, FoundFile(shown + entry.name, kind, resolved)

    def _entries(self, shown: str, real: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(real) as entries:
                return list(entries)
        except OSError as error:
            self.problems.append(Problem(shown or ".", f"this folder cannot be listed: {error.strerror}"))
            return []

    def _is_own(self, entry: os.DirEntry[str]) -> bool:
        """Whether it is a file that the walk meets under no other name."""
        if entry.is_symlink():
            target = os.path.realpath(entry.path)
            return not target.startswith(self.root + "/") and os.path.isfile(target)  # noqa: PTH113
        return entry.is_file()

    def _top(self) -> str:
        """The folder below which names count against a path: of its repository, of kllint or of a pattern."""
        repository = [self.above[-1].base] if self.above else []
        bases = [*repository, os.getcwd() + "/", *(layer.base for layer in self.exclude)]  # noqa: PTH109
        around = [base for base in bases if self.root.startswith(base)]
        return min(around, key=len, default=os.path.dirname(self.root)).rstrip("/")  # noqa: PTH120


def _tidy(path: str | os.PathLike[str]) -> str:
    """The path without detours like `./`; `..` stays, since what it means depends on links."""
    plain = os.fspath(path).replace(os.sep, "/")
    return plain if ".." in plain else os.path.normpath(plain)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode  # noqa: PTH116
    except FileNotFoundError:
        advice = f"check the spelling; relative paths start at {os.getcwd()}"  # noqa: PTH109
        raise UserError(f"{path}: no such file or folder", advice) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UserError(
            f"{path}: cannot be read: {reason}", "name a path that exists and is readable"
        ) from None


def _has(entries: Iterable[os.DirEntry[str]], name: str) -> bool:
    return any(entry.name == name for entry in entries)


def _order(path: str) -> list[str]:
    return path.split("/")
