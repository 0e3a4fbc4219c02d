"""Standard output: whether it is a terminal, how wide, with colour or not, and when nobody reads it."""

from __future__ import annotations

import os
import sys
from enum import StrEnum, unique
from io import TextIOWrapper
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

NARROWEST = 20


@unique
class Colour(StrEnum):
    """When to use colour."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


def has_colour(choice: Colour, stream: TextIO) -> bool:
    """Whether to colour a stream: by the choice, then NO_COLOR, FORCE_COLOR, TERM, and what it is."""
    if choice is not Colour.AUTO:
        return choice is Colour.ALWAYS
    if os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced:
        return forced not in {"0", "false"}
    return os.environ.get("TERM") != "dumb" and stream.isatty()


def width_of(stream: TextIO) -> int | None:
    """How many columns a stream has; None where lines may be as long as they like."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return max(int(columns), NARROWEST)
    if not stream.isatty():
        return None
    from shutil import get_terminal_size  # noqa: PLC0415  # imports what only archives need

    return max(get_terminal_size().columns, NARROWEST)


def write(lines: Iterable[str]) -> None:
    """Write lines to standard output; when its reader is gone, leave the rest unsaid."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        for line in lines:
            sys.stdout.write(line + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        hush()


def hush() -> None:
    """Send what is still to be written nowhere, so that the interpreter's exit says nothing either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
