"""Literate test cases: Markdown files whose code blocks are files and whose comments are what is to be found.

A case is a level-two heading, a sentence that says what it shows, and blocks that carry a file's name:

    ```python title="train.py"
    loss = (logp - ref_logp).mean()  # KL101
    ```

A comment names the rules found on its line: `# KL102, KL401`, with a part of the condition where there is
one: `# KL102 [kl_type == "k3"]`, or that there is none: `# KL102 [always]`.
`# todo: KL102` is a known miss and `# todo-ok: KL102` a known false alarm; both fail the day they get better.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ONE = r"KL\d{3}(?:\s*\[[^\]]+\])?"
MARK = re.compile(rf"#\s*(todo:|todo-ok:)?\s*({ONE}(?:,\s*{ONE})*)\s*(?=#|$)")
BLOCK = re.compile(r'^```(\w+) title="([^"]+)"\n(.*?)^```$', re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, order=True)
class Mark:
    """A rule on a line of a file."""

    path: str
    line: int
    rule: str
    condition: str | None = None
    todo: bool = False  # a known miss: must not be found yet


@dataclass(frozen=True)
class Case:
    """One heading with its files and what is to be found in them."""

    name: str
    sentence: str
    files: dict[str, str]

    @property
    def marks(self) -> list[Mark]:
        """Every mark of every file, in order."""
        return sorted(mark for path, text in self.files.items() for mark in _marks(path, text))

    def write(self, folder: Path) -> None:
        """Write the files below a folder."""
        for path, text in self.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")


def read(path: Path) -> Iterator[Case]:
    """The cases of one Markdown file."""
    _, *parts = re.split(r"^## +", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for part in parts:
        title, _, body = part.partition("\n")
        sentence, _, _ = body.strip().partition("```")
        files = {name: text for _, name, text in BLOCK.findall(body)}
        yield Case(f"{path.stem}: {title.strip()}", " ".join(sentence.split()), files)


def _marks(path: str, text: str) -> Iterator[Mark]:
    for number, line in enumerate(text.splitlines(), start=1):
        for prefix, rules in MARK.findall(line):
            for one in re.findall(ONE, rules):
                condition = re.search(r"\[(.+)\]", one)
                yield Mark(path, number, one[:5], condition and condition[1], todo=prefix == "todo:")
