"""Jupyter notebooks: their code cells as one Python source, and the way back to cells and to the file."""

from __future__ import annotations

import ast
import json
import re
import warnings
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any

from kllint.source.text import Position, Source

_MAGIC = re.compile(r"^(\s*)(?:[%!?]|[\w, ]+=\s*[%!]|.*\?\s*$).*")
_PYTHON_MAGICS = re.compile(r"\s*%%(?:time|timeit|capture|prun)\b")
_SCRIPT = re.compile(r"\s*%%(?:bash|sh|script\s+(?:bash|sh))\b")
_BANG = re.compile(r"\s*(?:[\w, ]+=\s*)?!")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},]|[^\s"\[\]{},]+')
_CHARACTER = re.compile(r"\\u[dD][89abAB]\w\w\\u[dD][c-fC-F]\w\w|\\u\w{4}|\\.|.", re.DOTALL)


class BadNotebook(Exception):  # noqa: N818  # it reads as the reason it carries
    """The file is not a notebook that can be read."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its number among all cells from 1, and its code, which ends in a line end."""

    number: int
    code: str


class Notebook:
    """The code cells of one notebook, one after another; raises BadNotebook or Undecodable.

    Spans of findings in a notebook are byte offsets into `source`, which is on no disk. `commands` is what
    the cells leave to the shell, in ASCII and with each character at its offset.
    """

    def __init__(self, path: str, raw: bytes) -> None:
        self.raw = Source(path, raw)
        self.cells = tuple(_cells(self.raw.text))
        divided = [_divided(cell.code) for cell in self.cells]
        code = "".join(python for python, _ in divided)
        self.source = Source(path, code.encode("utf-8", "surrogatepass"))
        self.commands = "".join(commands for _, commands in divided)

    def locate(self, position: Position) -> tuple[int, Position]:
        """The number of the cell that holds a place of `source`, and the place within that cell."""
        index = self._index(position.line)
        first = self._first_lines[index]
        return self.cells[index].number, Position(position.line - first + 1, position.column)

    def cell_lines(self, position: Position) -> range:
        """The lines of `source` that hold the same cell as a place."""
        index = self._index(position.line)
        first = self._first_lines[index]
        return range(first, first + self.cells[index].code.count("\n"))

    def in_file(self, position: Position) -> Position:
        """Where a place of `source` stands in the JSON text of the file."""
        index = self._index(position.line)
        cell = self.cells[index]
        lines = cell.code.split("\n")[: position.line - self._first_lines[index]]
        places = self._places(cell.number - 1)
        character = min(sum(len(line) + 1 for line in lines) + position.column - 1, len(places) - 1)
        before = self.raw.text[: places[character]]
        return self.raw.position(self.raw.bom + len(before.encode()))

    @cached_property
    def _first_lines(self) -> list[int]:
        return list(accumulate((cell.code.count("\n") for cell in self.cells[:-1]), initial=1))

    def _index(self, line: int) -> int:
        return min(bisect_right(self._first_lines, line) - 1, len(self.cells) - 1)

    @cached_property
    def _literals(self) -> dict[int, list[tuple[int, int]]]:
        return _literals(self.raw.text)

    def _places(self, cell: int) -> list[int]:
        """The offset in the JSON text of each character of a cell's code."""
        literals = self._literals.get(cell, [])
        return [
            character.start()
            for start, end in literals
            for character in _CHARACTER.finditer(self.raw.text, start + 1, end - 1)
        ] or [0]


def _cells(text: str) -> list[Cell]:
    try:
        notebook: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadNotebook(f"not a notebook: its JSON cannot be read: {error}") from None
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise BadNotebook("not a notebook of format 4: it has no list of cells")
    if _language(notebook) not in {"", "python", "ipython"}:
        return []
    return [
        Cell(number, _normal(cell.get("source", "")))
        for number, cell in enumerate(cells, start=1)
        if isinstance(cell, dict) and cell.get("cell_type") == "code"
    ]


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    return str(info.get("name", "")).lower() if isinstance(info, dict) else ""


def _normal(source: Any) -> str:
    """A cell's code as one text that ends in a line end; what is not text counts as empty."""
    parts = source if isinstance(source, list) else [source]
    code = "".join(part for part in parts if isinstance(part, str)).replace("\r", " ")
    return code if code.endswith("\n") else code + "\n"


def _divided(code: str) -> tuple[str, str]:
    """The code with each line for IPython or the shell made a `0`, and what of them is for the shell."""
    if not re.search(r"^\s*[%!?]|\?\s*$|=\s*[%!]", code, re.MULTILINE) or _parses(code):
        return code, _spaces(code)
    foreign = code.lstrip().startswith("%%") and not _PYTHON_MAGICS.match(code)
    script = _SCRIPT.match(code) is not None
    python, commands = [], []
    command = continued = False
    for index, line in enumerate(re.findall(r"[^\n]*\n", code)):
        bang = _BANG.match(line)
        command = bool(bang) or (continued and command)
        magic = foreign or continued or _MAGIC.match(line) is not None
        kept = script and index > 0 if foreign else magic and command
        blank = " " * (len(line) - 1) + "\n" if continued and not foreign else _blank(line)
        python.append(blank if magic else line)
        start = bang.end() if bang and not foreign else 0
        commands.append(
            " " * start + line[start:].encode("ascii", "replace").decode() if kept else _spaces(python[-1])
        )
        continued = magic and line.rstrip("\n").endswith("\\")
    return "".join(python), "".join(commands)


def _spaces(code: str) -> str:
    """Blank lines of as many bytes."""
    return "\n".join(" " * len(line.encode("utf-8", "surrogatepass")) for line in code.split("\n"))


def _blank(line: str) -> str:
    body = line.rstrip("\n")
    indent = len(body) - len(body.lstrip())
    blank = body[:indent] + "0".ljust(len(body) - indent) if body.strip() else body
    return blank + line[len(body) :]


def _parses(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _literals(text: str) -> dict[int, list[tuple[int, int]]]:
    """Where the string literals of each cell's `source` stand in the JSON text, quotes included."""
    found: dict[int, list[tuple[int, int]]] = {}
    path: list[int | str | None] = []  # an index for each open array, a key (or None yet) for each object
    for token in _TOKEN.finditer(text):
        word = token[0]
        if word in "{[":
            path.append(None if word == "{" else 0)
        elif word in "}]":
            del path[-1:]
        elif word == "," and path:
            path[-1] = path[-1] + 1 if isinstance(path[-1], int) else None
        elif word[0] == '"' and path and path[-1] is None:
            path[-1] = word[1:-1]
        elif (
            word[0] == '"' and path[:1] == ["cells"] and path[2:3] == ["source"] and isinstance(path[1], int)
        ):
            found.setdefault(path[1], []).append(token.span())
    return found
