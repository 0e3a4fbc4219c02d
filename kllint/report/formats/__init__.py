"""The formats of a report, one module each with a function `render`."""

from __future__ import annotations

from enum import StrEnum, unique
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kllint.report.model import Page, Report


@unique
class Format(StrEnum):
    """A format that `check` can report in; the value is the word on the command line."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    GITLAB = "gitlab"
    JUNIT = "junit"
    RDJSON = "rdjson"

    @property
    def is_text(self) -> bool:
        """Whether people read it: then it ends in a summary."""
        return self in {Format.FULL, Format.CONCISE}

    @property
    def render(self) -> Callable[[Report, Page], Iterator[str]]:
        """The function that makes the lines of a report."""
        render: Callable[[Report, Page], Iterator[str]] = import_module(_MODULES[self]).render
        return render


_MODULES = {
    format_: f"{__name__}.{'json_v1' if format_ is Format.JSON else format_.value}" for format_ in Format
}
