"""Write what is generated from the keys of the settings: the table in docs/settings.md, and the JSON schema.

`python -m kllint.settings.docs` writes into the current directory, the root of the repository.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from kllint.settings.keys import KEYS
from kllint.settings.schema import schema
from kllint.settings.show import toml

if TYPE_CHECKING:
    from collections.abc import Iterator

BEGIN, END = "<!-- keys: generated -->", "<!-- /keys -->"


def generated(root: Path) -> Iterator[tuple[Path, str]]:
    """Every generated file with the text that it should have."""
    page = root / "docs" / "settings.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    yield page, f"{before}{BEGIN}\n{_table()}\n{END}{after}"
    yield root / "docs" / "kllint.schema.json", json.dumps(schema(), indent=2) + "\n"


def _table() -> str:
    rows = (f"| `{key.name}` | {_cell(key.doc)} | {_default(key.default)} |" for key in KEYS.values())
    return "\n".join(["| key | meaning | default |", "|---|---|---|", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(value: object) -> str:
    return "" if value is None else f"`{toml(value)}`"


if __name__ == "__main__":
    for path, text in generated(Path()):
        path.write_text(text, encoding="utf-8")
