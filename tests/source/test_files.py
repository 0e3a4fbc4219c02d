"""Reading the bytes of files, whatever the system says of their size."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from kllint.findings import Problem
from kllint.source.files import MAX_BYTES, read
from kllint.source.text import Source

if TYPE_CHECKING:
    from pathlib import Path


def raw(path: Path) -> bytes:
    source = read(str(path), {})
    assert isinstance(source, Source)
    return source.raw


@pytest.mark.parametrize("told", [0, 3, 9, 100])
def test_a_file_is_read_to_its_end_whatever_its_size_is_said_to_be(
    told: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"x = 1\r\ny\n")
    stat = os.stat_result((0, 0, 0, 0, 0, 0, told, 0, 0, 0))
    monkeypatch.setattr(os, "fstat", lambda _: stat)
    assert raw(file) == b"x = 1\r\ny\n"


def test_a_file_that_is_too_large_is_read_so_far_that_it_shows(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_bytes(b"#" * (MAX_BYTES + 5))
    assert len(raw(file)) == MAX_BYTES + 1


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert read(str(tmp_path), {}) == Problem(str(tmp_path), "cannot be read: Is a directory")
