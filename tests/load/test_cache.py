"""The cache gives back what was put in, or nothing."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from kllint.load.cache import Cache, key_of
from tests.privileges import folder_of_nobody, without_privileges

if TYPE_CHECKING:
    from pathlib import Path


def test_what_was_put_is_found_and_nothing_else(tmp_path: Path) -> None:
    cache = Cache(tmp_path / ".kllint_cache")
    key = key_of("a", b"b")
    assert cache.get(key) is None
    cache.put(key, b"body")
    assert cache.get(key) == b"body"
    assert cache.get(key_of("ab", b"")) is None
    assert (cache.folder / ".gitignore").read_text().endswith("*\n")


@pytest.mark.parametrize("garbage", [b"", b"short", b"x" * 40])
def test_a_corrupt_entry_is_as_none_and_written_anew(tmp_path: Path, garbage: bytes) -> None:
    cache = Cache(tmp_path)
    key = key_of("a")
    cache.put(key, b"body")
    (entry,) = tmp_path.glob("??/*")
    entry.write_bytes(garbage)
    assert cache.get(key) is None
    cache.put(key, b"body")
    assert cache.get(key) == b"body"


def test_a_folder_that_cannot_be_written_keeps_nothing() -> None:
    with folder_of_nobody() as folder:
        folder.chmod(0o500)
        cache, key = Cache(folder / "cache"), key_of("a")
        with without_privileges():
            cache.put(key, b"body")
            assert cache.get(key) is None
        assert list(folder.iterdir()) == []


def test_what_cannot_be_read_is_as_not_there() -> None:
    with folder_of_nobody() as folder:
        cache, key = Cache(folder / "cache"), key_of("a")
        with without_privileges():
            cache.put(key, b"body")
            assert cache.get(key) == b"body"
            cache.folder.chmod(0)
            assert cache.get(key) is None
            cache.sweep()
            assert cache.clear() == 0


def test_a_file_in_place_of_the_folder_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    cache = Cache(tmp_path / "cache")
    cache.put(key_of("a"), b"body")
    assert cache.get(key_of("a")) is None


def test_sweeping_removes_what_is_old_and_nobody_elses(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.put(key_of("old"), b"old")
    (old,) = tmp_path.glob("??/*")
    cache.put(key_of("new"), b"new")
    (tmp_path / "notes").write_text("mine")
    long_ago = time.time() - 30 * 86_400
    os.utime(old, (long_ago, long_ago))
    cache.sweep()
    assert old.exists()  # the folder is new: it was looked through when it was made
    os.utime(tmp_path / ".gitignore", (long_ago, long_ago))
    cache.sweep()
    assert not old.exists()
    assert cache.get(key_of("new")) == b"new"
    assert cache.clear() == 1
    assert (tmp_path / "notes").exists()


def test_two_runs_at_once_leave_whole_entries(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from kllint.load.cache import Cache, key_of\n"
        "cache = Cache(Path(sys.argv[1]))\n"
        "for n in range(200):\n"
        "    body = cache.get(key_of(str(n % 5)))\n"
        "    assert body in (None, b'x' * 100_000), 'torn'\n"
        "    cache.put(key_of(str(n % 5)), b'x' * 100_000)\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(3)]
    assert [run.wait(60) for run in runs] == [0, 0, 0]
    assert not list(tmp_path.glob("??/.*"))
