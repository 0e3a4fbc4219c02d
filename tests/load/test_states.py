"""A file is known by its size, times and inode, if these can tell that it is another."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from kllint.load import states
from kllint.load.cache import Cache, key_of
from kllint.load.states import States

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.py").write_text("x = 1")
    return tmp_path / "a.py"


def digest(file: Path, now: str | None = None) -> str | None:
    """The digest that is known of a file; then, that it is `now`."""
    known = States(Cache(file.parent / "cache"), "root")
    found = known.digest(str(file))
    known.learn({str(file): now or found or "none"})
    return found


def test_what_is_old_is_known(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "SETTLED", 0)
    assert [digest(file, "one"), digest(file), digest(file)] == [None, "one", "one"]


def test_what_is_new_is_not(file: Path) -> None:
    assert [digest(file, "one"), digest(file)] == [None, None]


def rewritten(file: Path) -> None:
    time.sleep(0.02)  # so that the clock of the file system has gone on
    before = file.stat()
    file.write_text("x = 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(file: Path) -> None:
    before = file.stat()
    file.rename(file.with_name("old"))
    file.write_text("x = 2")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change", [rewritten, replaced, lambda file: file.write_text("x = 10"), lambda file: file.unlink()]
)
def test_what_is_changed_is_not(
    file: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(states, "SETTLED", 0)
    digest(file, "one")
    change(file)
    assert digest(file) is None


@pytest.mark.parametrize("text", [b"", b"[", b"[]", b"7", b'{"a":1}'])
def test_garbled_entries_are_none(file: Path, text: bytes) -> None:
    cache = Cache(file.parent / "cache")
    cache.put(key_of("states", "root"), text.replace(b"a", str(file).encode()))
    assert States(cache, "root").digest(str(file)) is None
