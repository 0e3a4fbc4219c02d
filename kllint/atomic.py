"""Writing files whole or not at all."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from kllint.errors import UserError


def write(path: Path, data: bytes) -> None:
    """Write a file through a temporary one beside it and a rename, keeping its mode and links to it.

    Raises UserError where that is not possible; what was there before is then still there.
    """
    if path.exists() and not path.is_file():
        _write_through(path, data)  # such as /dev/stdout, which cannot be replaced
        return
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}")
    try:
        with open(temporary, "xb", opener=_private) as file:  # only this takes an opener
            file.write(data)
        temporary.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise _unwritable(path, error) from None
        raise


def _write_through(target: Path, data: bytes) -> None:
    try:
        target.write_bytes(data)
    except OSError as error:
        raise _unwritable(target, error) from None


def _unwritable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"{path}: cannot be written: {error.strerror}", "name a file in a folder that can be written"
    )


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
