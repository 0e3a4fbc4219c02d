"""For tests of what may not be read or written: root may do anything, so it is left aside for a while."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_NOBODY: Final = 65534


@contextmanager
def folder_of_nobody() -> Iterator[Path]:
    """A new folder that belongs to somebody without privileges, below folders that all may pass."""
    folder = Path(tempfile.mkdtemp(prefix="kllint-"))
    try:
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Files are read and written as somebody would who is not root. Import first what is needed inside."""
    was = os.geteuid()
    if was == 0:
        os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(was)
