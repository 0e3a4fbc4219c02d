"""Documents as units: their settings, the modules they name, and the files whose values they take over."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.readers import arguments, shell
from kllint.configs.readers.tree import Branch, Leaf, Node, settings
from kllint.configs.setting import Base, Origin, Unit, key_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.chars import Chars
    from kllint.configs.readers.marks import Text

DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
COMMAND = re.compile(r"\bpython|\btorchrun\b|\blaunch\b|^[\"']?--?\w|^[\"']?[\w.]+=", re.MULTILINE)
LINE = re.compile(
    r"\b(?:python3?|torchrun|launch|deepspeed|ray|swift|trl|uv) .{0,2000}?\s(?:--\w|[+~]*\w[\w.]*=)",
    re.DOTALL,
)
PACKAGE = re.compile(r"^#\s*@package\s+(\S+)", re.MULTILINE)
INHERITS = frozenset({"defaults", "base", "_base_", "base_config", "extends", "inherits", "inherit_from"})
GLOBAL = frozenset({"_global_", "_group_"})


def unit(root: Node, text: Text) -> Unit:
    """A document as a unit."""
    package = PACKAGE.search(text.text)
    mount = key_of(package[1]) if package and package[1] not in GLOBAL else ()
    found = settings(root, text, mount)
    names = tuple(s.value for s in found if isinstance(s.value, str) and DOTTED.fullmatch(s.value))
    return Unit(Origin.FILE, text.path, found, names, bases=tuple(_bases(root)))


def launches(root: Node, text: Text) -> Iterator[Unit]:
    """Commands inside a document: lists of arguments (`args: [python, ...]`), scripts in block scalars."""
    todo: list[Node] = [root]
    seen: set[int] = set()  # an alias may stand inside its own anchor
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Leaf):
            if isinstance(node.value, str) and _has_command(node.value, block=node.block):
                yield from shell.units(_unquoted(text.chars(node.start, node.end)), text.path)
            continue
        children = [child for _, _, child in node.entries]
        words = [(child.start, child.end) for child in children if isinstance(child, Leaf)]
        if node.ordinal and any(COMMAND.search(text.text[start:end]) for start, end in set(words)):
            fields = [_unquoted(text.chars(start, end)) for start, end in words]
            if (found := arguments.unit(fields, text.path)) is not None:
                yield found
        todo.extend(children[::-1])


def _has_command(value: str, *, block: bool) -> bool:
    return bool(COMMAND.search(value) if block else " " in value and LINE.search(value))


def _unquoted(word: Chars) -> Chars:
    return word.cut(1, -1) if word.text[:1] in {"'", '"'} else word


def _bases(root: Node) -> Iterator[Base]:
    entries = root.entries if isinstance(root, Branch) and not root.ordinal else []
    for name, _, node in entries:
        if name in INHERITS and (isinstance(node, Leaf) or node.ordinal):
            wins = False
            for item in _items(node):
                wins |= item == "_self_"
                if (base := _base(item, wins)) is not None:
                    yield base


def _items(node: Node) -> list[str | Branch]:
    children = [child for _, _, child in node.entries] if isinstance(node, Branch) else [node]
    return [str(child.value) if isinstance(child, Leaf) else child for child in children]


def _base(item: str | Branch, wins: bool) -> Base | None:
    """`base`, `group: option`, `group@package: option`; nothing for `_self_` and what Hydra itself owns."""
    if isinstance(item, str):
        return Base(item, (), wins) if item not in {"_self_", "None"} else None
    name, _, option = item.entries[0] if item.entries else ("", 0, Leaf(None, 0, 0))
    if not isinstance(option, Leaf) or not isinstance(option.value, str) or "hydra/" in name:
        return None
    group, _, package = name.replace("override ", "").replace("optional ", "").strip().partition("@")
    group = group.strip("/")
    mount = (
        () if package == "_global_" else key_of((package or group).replace("/", ".").replace("_here_", ""))
    )
    return Base(f"{group}/{option.value}" if group else option.value, mount, wins)
