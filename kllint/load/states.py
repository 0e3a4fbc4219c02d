"""Which files are as an earlier run has read them, as git tells it: by size, times and inode. Those need not be read.

A file that was changed just before it was looked at is not remembered: a further change within the same tick of
the clock would leave no trace.
"""

from __future__ import annotations

import json
import os
import time
from typing import TYPE_CHECKING, Any

from kllint.load.cache import key_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kllint.load.cache import Cache

SETTLED = 2 * 10**9  # nanoseconds: the coarsest clock of a file system, that of FAT


class States:
    """The files of one project folder, by their real paths: how each was, and the digest of what was in it."""

    def __init__(self, cache: Cache, root: str) -> None:
        self._cache = cache
        self._key = key_of("states", root)
        self._start = time.time_ns()
        self._known = _decoded(cache.get(self._key))
        self._seen: dict[str, list[int]] = {}

    def digest(self, real: str) -> str | None:
        """The digest of what is in a file, if the file is as it was when that was told."""
        try:
            now = os.stat(real)  # noqa: PTH116  # called for every file
        except (OSError, ValueError):
            return None
        state = self._seen[real] = [now.st_size, now.st_mtime_ns, now.st_ctime_ns, now.st_ino]
        known = self._known.get(real)
        return known[-1] if isinstance(known, list) and known[:-1] == state else None

    def learn(self, digests: Mapping[str, str]) -> None:
        """Keep the digests of files, by their real paths, that were read after they were asked for here."""
        settled = self._start - SETTLED
        known = {
            real: [*state, digests[real]]
            for real, state in self._seen.items()
            if real in digests and max(state[1:3]) < settled
        }
        if known != self._known:
            self._cache.put(self._key, json.dumps(known, separators=(",", ":")).encode())


def _decoded(text: bytes | None) -> dict[str, Any]:
    try:
        known = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return {}
    return known if isinstance(known, dict) else {}
