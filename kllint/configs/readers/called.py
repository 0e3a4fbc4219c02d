"""Values that Python sets: keywords of calls, dictionaries, attributes and items that are assigned."""

from __future__ import annotations

import ast
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from kllint.configs.readers.module import FIELDS, Pairs, pairs
from kllint.configs.setting import UNRESOLVED, Base, Origin, Setting, Unit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.module import Module

NESTED = 8
OWN = frozenset({"self", "cls"})
FILES = (".yaml", ".yml", ".json", ".toml")


class Assigned(NamedTuple):
    """`config.actor.kl_loss_type = "k3"`, `config["actor"]["kl_loss_type"] = "k3"`."""

    root: str
    key: str
    target: ast.expr
    value: ast.expr


def units(module: Module) -> Iterator[Unit]:
    """What is assigned to a name goes with the call that the name stands for."""
    taken: set[int] = set()
    by_root: dict[str, list[Assigned]] = {}
    for one in _assignments(module):
        by_root.setdefault(one.root, []).append(one)
    for root, assigned in by_root.items():
        made = module.constants.get(root)
        call = made if isinstance(made, ast.Call) else None
        taken.add(id(call))
        if (unit := _configured(module, call, assigned)) is not None:
            yield unit
    for node in module.of(ast.Call):
        if node.keywords and id(node) not in taken:
            yield from _called(module, node)


def _called(module: Module, node: ast.Call) -> Iterator[Unit]:
    """A class called with keywords; which classes are configuration, the profiles say."""
    name = module.dotted(node.func)
    last = name.rpartition(".")[2]
    if last[:1].isupper() and last not in FIELDS and (given := tuple(module.keywords(node))):
        yield Unit(Origin.CALL, module.path, given, (name,), module.packages)


def _configured(module: Module, call: ast.Call | None, assigned: list[Assigned]) -> Unit | None:
    """Assignments as a unit: with the keywords of the class, over the file, or as part of something unseen."""
    times = Counter(one.key for one in assigned)
    settings = tuple(
        module.setting(one.key, module.value(one.value), one.target, one.value)
        if times[one.key] == 1
        else module.setting(one.key, UNRESOLVED, one.target)
        for one in assigned
    )
    if call is None:
        settings = tuple(setting for setting in settings if len(setting.key) > 1)
        names = tuple(module.imports.values())
        partial = Unit(Origin.FILE, module.path, settings, names, module.packages, partial=True)
        return partial if settings else None
    name = module.dotted(call.func)
    if name.rpartition(".")[2][:1].isupper():
        given = tuple(module.keywords(call))
        return Unit(Origin.CALL, module.path, (*given, *settings), (name,), module.packages)
    files = tuple(Base(file) for arg in call.args if (file := _file(module, arg)))
    names = (name, *module.imports.values())
    return Unit(Origin.FILE, module.path, settings, names, module.packages, files, partial=not files)


def _file(module: Module, node: ast.expr) -> str:
    value = module.value(node)
    return value if isinstance(value, str) and value.endswith(FILES) else ""


def _assignments(module: Module) -> Iterator[Assigned]:
    for node in module.of(ast.Assign):
        if isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            root, key = _chain(node.targets[0])
            if root and key and root not in OWN:
                yield Assigned(root, key, node.targets[0], node.value)


def _chain(node: ast.expr) -> tuple[str, str]:
    """The name that attributes and items of constants start from, and their path; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute | ast.Subscript):
        part = node.attr if isinstance(node, ast.Attribute) else getattr(node.slice, "value", None)
        if not isinstance(part, str):
            return "", ""
        parts.append(part)
        node = node.value
    return (node.id, ".".join(parts[::-1])) if isinstance(node, ast.Name) else ("", "")


def literals(module: Module) -> Iterator[Unit]:
    """Dictionaries written out: configuration as `OmegaConf.create` and trainers take it."""
    inner: set[int] = set()
    names = tuple(module.imports.values())
    for node in module.of(ast.Dict, ast.Call):
        if (given := pairs(node)) is not None:
            inner.update(id(value) for _, _, value in given)
            if id(node) not in inner and (settings := tuple(_entries(module, given, ""))):
                yield Unit(Origin.FILE, module.path, settings, names, module.packages)


def _entries(module: Module, given: Pairs, prefix: str, depth: int = NESTED) -> Iterator[Setting]:
    for name, key, value in given:
        nested = pairs(value) if depth else None
        if nested is not None:
            yield from _entries(module, nested, f"{prefix}{name}.", depth - 1)
        else:
            yield module.setting(prefix + name, module.value(value), key, value)
