"""Settings as they hold, for people: each value with the file that it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kllint.settings.keys import KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.settings.model import Settings

_LAYERED = frozenset({"select", "extend-select", "ignore"})


def shown(settings: Settings) -> Iterator[str]:
    """The settings as TOML; what another file replaces is left out, what is nowhere set is a default."""
    last = {name: index for index, written in enumerate(settings.written) for name in written.table}
    for index, written in enumerate(settings.written):
        yield f"# {written.file or 'the command line'}"
        for name, value in written.table.items():
            if last[name] == index or name in _LAYERED:
                yield f"{name} = {toml(value)}"
        yield ""
    yield "# defaults"
    for key in KEYS.values():
        if key.name not in last and key.default is not None:
            yield f"{key.name} = {toml(key.default)}"
    yield ""


def toml(value: Any) -> str:
    """A value as TOML writes it; of strings, numbers and lists, JSON is TOML too."""
    if isinstance(value, dict):
        entries = ", ".join(f"{json.dumps(key)} = {toml(entry)}" for key, entry in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    return json.dumps(list(value) if isinstance(value, tuple) else value)
