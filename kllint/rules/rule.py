"""What a rule is: code, name, severity, the text that documents it and the function that checks a term."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from kllint.findings import Confidence, Severity
    from kllint.rules.term import Term

HEADINGS = (
    "What it does",
    "Why is this bad",
    "Example",
    "Use instead",
    "How sure",
    "Fix",
    "References",
)


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule says of one term: a message in one breath, and the code to write instead.

    `severity` and `confidence` replace those of the rule and of the term; None keeps them.
    """

    message: str
    instead: str | None = None
    severity: Severity | None = None
    confidence: Confidence | None = None


Check: TypeAlias = Callable[["Term"], Violation | None]


def reported_elsewhere(_term: Term) -> Violation | None:
    """Check no term: the rule is about files or comments and is reported where those are read."""
    return None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `text` is the docstring of its module: a summary line, then the HEADINGS as `## ...`."""

    code: str
    name: str
    severity: Severity
    text: str
    check: Check = reported_elsewhere

    @property
    def summary(self) -> str:
        """The first line of the text."""
        return self.text.partition("\n")[0]

    @property
    def sections(self) -> dict[str, str]:
        """The text under each heading."""
        _, *parts = re.split(r"^## +(.+)$", self.text, flags=re.MULTILINE)
        return {title: body.strip() for title, body in zip(parts[::2], parts[1::2], strict=True)}

    @property
    def doc(self) -> str:
        """The whole documentation as Markdown."""
        _, _, body = self.text.partition("\n")
        return (
            f"# {self.name} ({self.code})\n\nSeverity: {self.severity}\n\n{self.summary}\n\n{body.strip()}\n"
        )

    @property
    def url(self) -> str:
        """Where the documentation can be read."""
        page = f"docs/rules/{self.code}.md"
        return f"{repository()}/blob/main/{page}" if repository() else page


@cache
def repository() -> str:
    """The address of the source, from the package's metadata; empty where kllint is not installed."""
    from importlib.metadata import PackageNotFoundError, metadata  # noqa: PLC0415  # slow, and seldom needed

    try:
        entries = metadata("kllint").get_all("Project-URL") or []
    except PackageNotFoundError:
        return ""
    urls: dict[str, str] = dict(entry.split(", ", maxsplit=1) for entry in entries)
    return urls.get("Repository", "").rstrip("/")
