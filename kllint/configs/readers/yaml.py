"""YAML as everyone writes it: streams of documents, anchors, merge keys, plain and block scalars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

import yaml

from kllint.configs.readers.tree import MAX_DEPTH, Branch, Leaf, Malformed, Node
from kllint.configs.setting import literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Event: TypeAlias = yaml.events.Event


class Mark(Protocol):
    """Where an event stands; the parser in C and the one in Python each have a class for it."""

    index: int


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def documents(text: str) -> Iterator[Node]:
    """The documents of a stream; raises `Malformed`.

    Built from events rather than by `yaml.compose`, whose recursion hostile nesting could exhaust.
    """
    try:
        yield from _Builder().documents(text)
    except (yaml.YAMLError, ValueError) as error:
        raise Malformed(str(error)) from None


class _Builder:
    """Puts the events of a stream together to trees, with anchors and merge keys resolved."""

    def __init__(self) -> None:
        self.stack: list[Branch] = []
        self.keys: list[tuple[str, int] | None] = []
        self.anchors: dict[str, Node] = {}

    def documents(self, text: str) -> Iterator[Node]:
        for event in yaml.parse(text, Loader=LOADER):
            if isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                self._open(event)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                self.keys.pop()
                done = self.stack.pop()
                done.end = _index(event.end_mark)
                if not self.stack:
                    yield done
            elif isinstance(event, yaml.AliasEvent):
                self._place(self.anchors.get(str(event.anchor), Leaf(None, 0, 0)), event)
            elif isinstance(event, yaml.DocumentStartEvent):
                self.anchors = {}

    def _open(self, event: Event) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise Malformed("nested too deeply")
        branch = Branch(ordinal=isinstance(event, yaml.SequenceStartEvent))
        self._place(branch, event)
        self.stack.append(branch)
        self.keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        start, end = _index(event.start_mark), _index(event.end_mark)
        block = event.style in {"|", ">"} or "\n" in event.value
        self._place(Leaf(event.value if block else literal(event.value), start, end, block), event)

    def _place(self, node: Node, event: Event) -> None:
        """Put a node where it belongs: into a list, under the key that came before it, or as that key."""
        if anchor := getattr(event, "anchor", None):
            self.anchors.setdefault(anchor, node)
        if not self.stack:
            return
        parent, at = self.stack[-1], _index(event.start_mark)
        if parent.ordinal:
            parent.entries.append((str(len(parent.entries)), at, node))
        elif self.keys[-1] is None:
            name = (
                ""
                if isinstance(node, Branch)
                else str(event.value if isinstance(event, yaml.ScalarEvent) else node.value)
            )
            self.keys[-1] = (name, at)
        else:
            name, at = self.keys[-1]
            self.keys[-1] = None
            _enter(parent, name, at, node)


def _index(mark: Mark | None) -> int:
    return mark.index if mark else 0


def _enter(parent: Branch, name: str, at: int, node: Node) -> None:
    """Add an entry; a merge key (`<<: *base`) puts the base's entries in front of the map's own."""
    if name != "<<" or not isinstance(node, Branch):
        parent.entries.append((name, at, node))
        return
    merged = [child for _, _, child in node.entries] if node.ordinal else [node]
    for base in merged:
        if isinstance(base, Branch):
            parent.entries[:0] = base.entries
