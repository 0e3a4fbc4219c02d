"""What earlier runs made, by keys that name all that it was made from; losing it costs nothing but time.

An entry is a file: a checksum of the rest, then the rest. Whatever is wrong with one, it is as if it
were not there. Entries are written through a temporary file and a rename, so that two runs at once see
each other's whole or not at all.
"""

from __future__ import annotations

import os
import sys
import time
from contextlib import suppress
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from kllint import __version__, atomic
from kllint.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

_KEPT = 14 * 86_400  # seconds since its last use after which an entry goes
_SWEPT = 86_400  # seconds between two looks for such entries
_DIGEST = 16
_IGNORE = b"# Made by kllint.\n*\n"


class Cache:
    """Entries in one folder, which is made when the first is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._works = True

    def get(self, key: str) -> bytes | None:
        """What was put under a key, if it is still whole."""
        path = self._path(key)
        try:
            entry = path.read_bytes()
        except OSError:
            return None
        head, body = entry[:_DIGEST], entry[_DIGEST:]
        if head != _digest(body):
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def put(self, key: str, body: bytes) -> None:
        """Keep something under a key; a folder that cannot be written keeps nothing."""
        if not self._works:
            return
        path = self._path(key)
        try:
            if not path.parent.is_dir():
                self._make(path.parent)
            atomic.write(path, _digest(body) + body)
        except (OSError, UserError):
            self._works = False

    def sweep(self) -> None:
        """Remove what no run has used for a while."""
        mark = self.folder / ".gitignore"  # its time is that of the last sweep
        now = time.time()
        with suppress(OSError):
            if now - mark.stat().st_mtime < _SWEPT:
                return
            os.utime(mark)
            for path in self._entries():
                if now - path.stat().st_mtime > _KEPT:
                    path.unlink()

    def clear(self) -> int:
        """Remove all entries; how many there were."""
        count = 0
        for path in self._entries():
            with suppress(OSError):
                path.unlink()
                count += 1
        return count

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key[2:]

    def _entries(self) -> Iterator[Path]:
        """The files in the folder that are named as entries are: none of anybody else."""
        for path in self.folder.glob("[0-9a-f][0-9a-f]/*"):
            if len(path.name) == 2 * _DIGEST - 2 or path.name.startswith("."):
                yield path

    def _make(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder / ".gitignore"
        if not ignore.exists():
            atomic.write(ignore, _IGNORE)


def key_of(*parts: bytes | str) -> str:
    """The key of what is made from some parts by this kllint and this Python."""
    digest = blake2b(_maker(), digest_size=_DIGEST)
    for part in parts:
        data = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        digest.update(b"%d:" % len(data))
        digest.update(data)
    return digest.hexdigest()


def _digest(body: bytes) -> bytes:
    return blake2b(body, digest_size=_DIGEST).digest()


@cache
def _maker() -> bytes:
    """What makes the entries: the version, and for a working copy of kllint also its files."""
    package = str(Path(__file__).parent.parent)
    parts = [__version__, sys.version, *sorted(_states(package))]
    return "\n".join(parts).encode("utf-8", "surrogateescape")


def _states(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:  # hundreds of Paths would be slow, and every run needs this
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _states(entry.path)
            elif entry.name.endswith((".py", ".toml")):
                state = entry.stat()
                yield f"{entry.path}:{state.st_size}:{state.st_mtime_ns}"
