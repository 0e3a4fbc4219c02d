"""Python: defaults that classes, argparse, click and absl declare, and classes called with keywords."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from kllint.configs.readers import strings
from kllint.configs.readers.module import Module
from kllint.configs.setting import UNRESOLVED, File, Origin, Setting, Unit, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

FIELDS = frozenset({"field", "Field", "Option", "Argument"})
COMMANDS = frozenset({"command", "callback"})
NESTED = 8
FLAGS = {"store_true": False, "store_false": True}
DEFINES = frozenset(
    {"DEFINE_string", "DEFINE_float", "DEFINE_bool", "DEFINE_boolean", "DEFINE_integer", "DEFINE_enum"}
)


def units(file: File) -> Iterator[Unit]:
    """What a module declares and which classes it calls; raises `Malformed`."""
    module = Module(file)
    options: list[Setting] = []
    for node in module.nodes:
        if isinstance(node, ast.ClassDef):
            if fields := tuple(_fields(module, node)):
                names = (node.name, *filter(None, map(module.dotted, node.bases)))
                yield Unit(Origin.DEFAULTS, file.path, fields, names, module.packages)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            if any(_name(decorator) in COMMANDS for decorator in node.decorator_list):
                options += _parameters(module, node.args)
        elif isinstance(node, ast.Call):
            options += _options(module, node)
            yield from _called(module, node)
    yield from _literals(module)
    for unit in strings.launches(module):
        yield replace(unit, names=(*unit.names, *module.imports.values()), modules=module.packages)
    if options:
        options.sort(key=lambda setting: setting.span)
        yield Unit(
            Origin.DEFAULTS, file.path, tuple(options), tuple(module.imports.values()), module.packages
        )


def _literals(module: Module) -> Iterator[Unit]:
    """Dictionaries written out: configuration as `OmegaConf.create` and trainers take it."""
    inner: set[int] = set()
    for node in module.nodes:
        if isinstance(node, ast.Dict):
            inner.update(id(value) for value in node.values)
            if id(node) not in inner and (settings := tuple(_entries(module, node, ""))):
                names = tuple(module.imports.values())
                yield Unit(Origin.FILE, module.path, settings, names, module.packages)


def _entries(module: Module, node: ast.Dict, prefix: str, depth: int = NESTED) -> Iterator[Setting]:
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            continue
        if isinstance(value, ast.Dict) and depth:
            yield from _entries(module, value, f"{prefix}{key.value}.", depth - 1)
        else:
            yield module.setting(prefix + key.value, module.value(value), key, value)


def _fields(module: Module, node: ast.ClassDef) -> Iterator[Setting]:
    """The defaults of a dataclass, of a pydantic model, of plain class attributes and of `__init__`."""
    for item in node.body:
        if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name) and item.value:
            yield module.setting(item.target.id, _default(module, item.value), item.target, item.value)
        elif isinstance(item, ast.Assign) and isinstance(item.targets[0], ast.Name):
            yield module.setting(
                item.targets[0].id, _default(module, item.value), item.targets[0], item.value
            )
        elif isinstance(item, ast.FunctionDef) and item.name == "__init__":
            yield from _parameters(module, item.args)


def _parameters(module: Module, args: ast.arguments) -> Iterator[Setting]:
    positional = [*args.posonlyargs, *args.args]
    pairs = [
        *zip(positional[len(positional) - len(args.defaults) :], args.defaults, strict=True),
        *zip(args.kwonlyargs, args.kw_defaults, strict=True),
    ]
    for parameter, default in pairs:
        if default is not None:
            yield module.setting(parameter.arg, _default(module, default), parameter, default)


def _default(module: Module, node: ast.expr) -> Value:
    """The default of a field: the expression itself, or what `field(default=...)` and `Field(...)` hold."""
    if not isinstance(node, ast.Call):
        return module.value(node)
    if _name(node) not in FIELDS:
        return UNRESOLVED
    for keyword in node.keywords:
        if keyword.arg == "default":
            return module.value(keyword.value)
        if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Lambda):
            return module.value(keyword.value.body)
    return module.value(node.args[0]) if node.args else UNRESOLVED


def _options(module: Module, node: ast.Call) -> Iterator[Setting]:
    """Options of argparse, click, typer and absl, by the name of the function that declares them."""
    name = _name(node)
    if name == "set_defaults":
        yield from _keywords(module, node)
    elif name in DEFINES and len(node.args) > 1 and isinstance(option := module.value(node.args[0]), str):
        yield module.setting(option, module.value(node.args[1]), node.args[0], node.args[1])
    elif name in {"add_argument", "option"}:
        yield from _option(module, node)


def _name(node: ast.expr) -> str:
    """The last part of the name of what is called or decorated with."""
    function = node.func if isinstance(node, ast.Call) else node
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _option(module: Module, node: ast.Call) -> Iterator[Setting]:
    names = [(value, arg) for arg in node.args if isinstance(value := module.value(arg), str)]
    if not names:
        return
    spelling, anchor = max(names, key=lambda pair: len(pair[0]))
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    action = module.value(given["action"]) if "action" in given else None
    if "default" in given:
        yield module.setting(
            spelling.partition("/")[0], module.value(given["default"]), anchor, given["default"]
        )
    elif isinstance(action, str) and action in FLAGS:
        yield module.setting(spelling, FLAGS[action], anchor)
    elif "is_flag" in given:
        yield module.setting(spelling.partition("/")[0], False, anchor)


def _called(module: Module, node: ast.Call) -> Iterator[Unit]:
    """A class called with keywords; which classes are configuration, the profiles say."""
    name = module.dotted(node.func)
    last = name.rpartition(".")[2]
    if last[:1].isupper() and last not in FIELDS and (given := tuple(_keywords(module, node))):
        yield Unit(Origin.CALL, module.path, given, (name,), module.packages)


def _keywords(module: Module, node: ast.Call) -> Iterator[Setting]:
    for keyword in node.keywords:
        if keyword.arg:
            yield module.setting(keyword.arg, module.value(keyword.value), keyword, keyword.value)
