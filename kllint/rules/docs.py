"""Write what is generated from the rules: `docs/rules/*.md` and the table in README.md.

`python -m kllint.rules.docs` writes into the current directory, the root of the repository;
with `--check` it writes nothing and fails when a file is not up to date.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from kllint.rules.rule import Rule

BEGIN, END = "<!-- rules: generated -->", "<!-- /rules -->"
NOTICE = "<!-- Generated from kllint/rules by `python -m kllint.rules.docs`; do not edit. -->"


def table(link: Callable[[Rule], str]) -> str:
    """All rules as a Markdown table."""
    rows = (
        f"| [{rule.code}]({link(rule)}) | {rule.name} | {rule.severity} | {_cell(rule.summary)} |"
        for rule in RULES.values()
    )
    return "\n".join(["| Code | Name | Severity | What it finds |", "|---|---|---|---|", *rows])


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    folder = root / "docs" / "rules"
    for rule in RULES.values():
        yield folder / f"{rule.code}.md", f"{NOTICE}\n\n{rule.doc}"
    yield folder / "index.md", f"{NOTICE}\n\n# Rules\n\n{table(lambda rule: f'{rule.code}.md')}\n"
    readme = root / "README.md"
    yield readme, _between_markers(_read(readme), table(lambda rule: f"docs/rules/{rule.code}.md"))


def stale(root: Path) -> list[Path]:
    """The generated files that are missing or differ, and the pages of rules that are gone."""
    expected = dict(generated(root))
    left_over = set((root / "docs" / "rules").glob("*.md")) - expected.keys()
    return sorted(left_over | {path for path, text in expected.items() if _read(path) != text})


def write(root: Path) -> None:
    """Bring every generated file up to date."""
    expected = dict(generated(root))
    for path in stale(root):
        if path in expected:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(expected[path], encoding="utf-8")
        else:
            path.unlink()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m kllint.rules.docs", description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail when a file is not up to date"
    )
    options = parser.parse_args(arguments)
    if not options.check:
        write(Path())
        return 0
    out_of_date = stale(Path())
    for path in out_of_date:
        print(f"not up to date: {path} (run `python -m kllint.rules.docs`)", file=sys.stderr)
    return 1 if out_of_date else 0


def _between_markers(text: str, content: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{content}\n{end}{after}" if begin and end else text


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
