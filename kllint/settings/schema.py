"""The JSON schema of the settings, for editors that complete and check them."""

from __future__ import annotations

from typing import Any

from kllint.settings.keys import KEYS, Key


def schema() -> dict[str, Any]:
    """The schema of `[tool.kllint]` and of kllint.toml."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Settings of kllint",
        "type": "object",
        "properties": {key.name: _property(key) for key in KEYS.values()},
        "additionalProperties": False,
    }


def _property(key: Key) -> dict[str, Any]:
    default = {} if key.default is None else {"default": key.default}
    return {"description": key.doc, **default, **key.kind.schema()}
