"""Settings files: where they are, and what is written in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kllint.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

OWN = "kllint.toml"
SHARED = "pyproject.toml"


def find(folder: Path) -> Path | None:
    """The settings file for what is in a folder: the closest above that has settings for kllint."""
    return next((file for above in (folder, *folder.parents) if (file := find_here(above))), None)


def find_here(folder: Path) -> Path | None:
    """The settings file of this very folder; kllint.toml comes before pyproject.toml."""
    own, shared = folder / OWN, folder / SHARED
    if own.is_file():
        return own
    return shared if shared.is_file() and _names_us(shared) and table(shared) is not None else None


def section(file: Path) -> tuple[str, ...]:
    """The table of a settings file that is kllint's: the whole file if it is kllint's own."""
    return ("tool", "kllint") if file.name == SHARED else ()


def table(file: Path) -> dict[str, Any] | None:
    """The settings in a file as written; None for a pyproject.toml without a section for kllint."""
    import tomllib  # noqa: PLC0415  # most runs have no settings to read

    try:
        found: Any = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise UserError(f"{file}: cannot be read: {error.strerror}", "check that it exists") from None
    except UnicodeDecodeError:
        raise UserError(f"{file}: not UTF-8", "TOML files are UTF-8: convert it") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{file}: not valid TOML: {error}", "correct the syntax there") from None
    for part in section(file):
        found = found.get(part) if isinstance(found, dict) else None
    if found is not None and not isinstance(found, dict):
        raise UserError(f"{file}: `tool.kllint` is not a table", "write a section [tool.kllint]")
    return found


def _names_us(file: Path) -> bool:
    """Whether a file may have a section for kllint: what else may be wrong in it is not our business."""
    try:
        return b"kllint" in file.read_bytes()
    except OSError:
        return True
