"""The words of the profiles that come with kllint, by a scan of their text, since most files hold none of them.

To parse the profiles takes a hundred times as long. The scan sees every word that counts, and some that do not:
they cost a closer look in vain.
"""

from __future__ import annotations

import re
from pathlib import Path

from kllint.configs.gate import Hints

FOLDER = Path(__file__).parent / "frameworks"

_LIST = re.compile(r"\b(\w+) *= *\[([^\]]*)\]")
_TEXT = re.compile(r'"([^"]*)"')


def scanned() -> list[Hints]:
    """What the text of each profile tells."""
    return [_of(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.toml"))]


def _of(text: str) -> Hints:
    head, _, keys = text.partition("\n[keys]\n")
    detect = {name: _TEXT.findall(texts) for name, texts in _LIST.findall(head.partition("\n[detect]\n")[2])}
    spellings = [
        text for name, texts in _LIST.findall(keys) if name == "spellings" for text in _TEXT.findall(texts)
    ]
    return Hints.of(
        (key[-1] for key in map(_key, spellings)),
        detect.get("modules", ()),
        detect.get("classes", ()),
        (word for command in detect.get("commands", ()) for word in command.split()),
        map(_key, detect.get("keys", ())),
        map(_key, detect.get("signature", ())),
    )


def _key(dotted: str) -> tuple[str, ...]:
    return tuple(dotted.replace("-", "_").split("."))
