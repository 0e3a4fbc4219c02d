"""Writing files whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile

from kllint.errors import UserError


def write(path: Path, data: bytes) -> None:
    """Write a file through a temporary one beside it and a rename, keeping its mode and links to it.

    Raises UserError where that is not possible; what was there before is then still there.
    """
    if path.exists() and not path.is_file():
        _write_through(path, data)  # such as /dev/stdout, which cannot be replaced
        return
    target = Path(os.path.realpath(path))
    temporary: Path | None = None
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
            temporary = Path(file.name)
            file.write(data)
        temporary.chmod(stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
        temporary.replace(target)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
