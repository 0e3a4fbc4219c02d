"""Settings made of what files and the command line say: the closest file wins, and only `extend` adds another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kllint.errors import UserError, suggestion
from kllint.settings.files import section, table
from kllint.settings.keys import KEYS
from kllint.settings.kinds import Unexpected
from kllint.settings.model import FileIgnore, Settings, Written
from kllint.settings.selection import Selection
from kllint.source.ignore import Patterns
from kllint.source.toml_lines import line_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST_CHAIN = 20
_ADDED = ("exclude", "per_file_ignores")  # what the command line adds to, and does not replace
_SELECTING = ("select", "extend-select", "ignore")


def load(file: Path | None, overrides: Layer | None = None) -> Settings:
    """The settings of a file and of those it extends, and over them those of the command line."""
    layers = _chain(file) if file else []
    values: dict[str, Any] = {}
    for layer in layers:
        values.update(layer.values)
    if overrides:
        layers.append(overrides)
        added = {name: (*values.get(name, ()), *overrides.values.get(name, ())) for name in _ADDED}
        values.update({**overrides.values, **added})
    return Settings(
        selections=tuple(layer.selection for layer in layers),
        written=tuple(Written(layer.file, layer.table) for layer in layers if layer.table),
        **values,
    )


class Layer:
    """What one file, or the command line, says: fields of `Settings`, and which rules are on."""

    def __init__(self, table: Mapping[str, Any], folder: Path, file: Path | None = None) -> None:
        """Read a table as written; patterns and paths in it are relative to `folder`.

        Raises UserError for a key or a value that is not known, with its line in `file`.
        """
        self.file = file
        self.table = table
        parsed = {name: self._parse(name, value) for name, value in table.items()}
        self.selection = Selection(
            parsed.get("select"), parsed.get("extend-select", ()), parsed.get("ignore", ())
        )
        self.values = {
            KEYS[name].field: _placed(name, value, folder)
            for name, value in parsed.items()
            if name not in {*_SELECTING, "extend"}
        }

    def _parse(self, name: str, value: Any) -> Any:
        key = KEYS.get(name)
        if key is None:
            raise self._error(name, f"unknown key `{name}`{suggestion(name, KEYS)}")
        try:
            return key.kind.parse(value)
        except Unexpected as error:
            raise self._error(name, f"`{name}`: {error}") from None

    def _error(self, name: str, what: str) -> UserError:
        if self.file is None:
            return UserError(f"settings on the command line: {what}", _ADVICE)
        text = self.file.read_text(encoding="utf-8")
        where = f"{self.file}:{line_of(text, (*section(self.file), name))}"
        return UserError(f"{where}: {what}", _ADVICE)


_ADVICE = "`kllint config keys` lists every key"


def _placed(name: str, value: Any, folder: Path) -> Any:
    """The value with its paths and patterns made to hold from anywhere."""
    if name == "exclude":
        return (Patterns.compile(f"{folder}", value),)
    if name == "per-file-ignores":
        return tuple(
            FileIgnore(Patterns.compile(f"{folder}", [glob]), rules) for glob, rules in value.items()
        )
    if name in {"baseline", "cache-dir"}:
        return folder / value
    if name == "framework-profiles":
        return tuple(folder / file for file in value)
    return value


def _chain(file: Path) -> list[Layer]:
    """The file and what it extends, the first to apply first."""
    layers: list[Layer] = []
    files = [file.resolve()]
    while True:
        current = files[-1]
        layer = Layer(table(current) or {}, current.parent, current)
        layers.insert(0, layer)
        extended = layer.table.get("extend")
        if extended is None:
            return layers
        target = (current.parent / extended).resolve()
        if target in files:
            raise UserError(
                f"{current}: `extend` leads back to {target}", "remove one `extend` of the circle"
            )
        if not target.is_file():
            raise UserError(f"{current}: `extend` names {target}, which is no file", "correct the path")
        files.append(target)
