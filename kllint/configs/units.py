"""What files hold, each read once for all who ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.configs.readers.dispatch import read

if TYPE_CHECKING:
    from kllint.configs.setting import File, Unit


class Units:
    """The units of files by path; what was read is kept."""

    def __init__(self) -> None:
        self._read: dict[str, tuple[Unit, ...]] = {}

    def of(self, file: File) -> tuple[Unit, ...]:
        """What a file holds."""
        if file.path not in self._read:
            self._read[file.path] = read(file)
        return self._read[file.path]
