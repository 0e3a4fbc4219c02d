"""JSON, which YAML's parser reads with places once its tabs are spaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.configs.readers import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.tree import Node


def documents(text: str) -> Iterator[Node]:
    """The documents of a JSON or JSON-lines file; raises `Malformed`."""
    return yaml.documents(text.replace("\t", " "))
