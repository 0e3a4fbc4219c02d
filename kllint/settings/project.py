"""The folder that a file is analysed with: all of it is read, so that verdicts depend on no arguments."""

from __future__ import annotations

import os
from itertools import takewhile
from pathlib import Path

from kllint.source.discover import is_left_out

MARKERS = ("pyproject.toml", "setup.py")


def project_root(path: Path) -> Path:
    """The project of a named file or folder.

    It is the git repository around it: one project, however many packages are in it. For what the
    repository itself leaves out (an environment, an unpacked archive), and outside of any, it is the
    nearest folder above with a pyproject.toml or setup.py, else the outermost package, else the folder.
    """
    real = Path(os.path.realpath(path))
    folder = real if real.is_dir() else real.parent
    repository = repository_root(folder)
    if repository is not None and not is_left_out(real):
        return repository
    above = takewhile(lambda one: one != repository, (folder, *folder.parents))
    marked = (one for one in above if any((one / name).exists() for name in MARKERS))
    return next(marked, None) or _outermost_package(folder)


def repository_root(folder: Path) -> Path | None:
    """The top of the git repository that holds a folder."""
    return next((one for one in (folder, *folder.parents) if (one / ".git").exists()), None)


def _outermost_package(folder: Path) -> Path:
    packages = list(takewhile(lambda one: (one / "__init__.py").exists(), (folder, *folder.parents)))
    return packages[-1] if packages else folder
