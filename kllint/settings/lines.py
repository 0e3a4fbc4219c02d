"""The line of a key in a TOML file, which `tomllib` does not tell."""

from __future__ import annotations

import re
from itertools import count


def line_of(text: str, section: tuple[str, ...], key: str) -> int:
    """The line of `key` in a section, from 1; that of the section if the key is not seen, else 1."""
    own = re.escape(key)
    word = rf"[\"']?{own}[\"']?"
    path = r"\s*\.\s*".join(map(re.escape, section))
    dotted = rf"{path}\s*\.\s*{word}" if section else word
    section_line, inside = 1, not section
    for number, line in zip(count(1), text.split("\n"), strict=False):
        header = re.match(r"\s*\[+\s*([^\]]*?)\s*\]+", line)
        if header:
            inside = re.fullmatch(path, header[1]) is not None
            section_line = number if inside else section_line
            if re.fullmatch(rf"{dotted}(?:\s*\..*)?", header[1]):
                return number
        elif re.match(rf"\s*(?:{f'{dotted}|{word}' if inside else dotted})\s*[.=]", line):
            return number
    return section_line
