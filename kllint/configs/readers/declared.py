"""Defaults that Python declares: fields of classes, options of argparse, click, typer and absl."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from kllint.configs.readers.module import called_name, default_of
from kllint.configs.setting import UNRESOLVED, Origin, Setting, Unit, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.readers.module import Module

COMMANDS = frozenset({"command", "callback"})
RUNNERS = frozenset({"Fire", "cli"})  # python-fire and tyro make options of a function's parameters
FLAGS = {"store_true": False, "store_false": True}
DEFINES = frozenset(
    {"DEFINE_string", "DEFINE_float", "DEFINE_bool", "DEFINE_boolean", "DEFINE_integer", "DEFINE_enum"}
)


def units(module: Module) -> Iterator[Unit]:
    """A unit for each class with defaults, and one for all the options of the module."""
    options: list[Setting] = []
    run = set(_run(module))
    for node in module.nodes:
        if isinstance(node, ast.ClassDef):
            if fields := tuple(_fields(module, node)):
                names = (node.name, *filter(None, map(module.dotted, node.bases)))
                yield Unit(Origin.DEFAULTS, module.path, fields, names, module.packages)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            decorated = any(called_name(decorator) in COMMANDS for decorator in node.decorator_list)
            if decorated or node.name in run:
                options += _parameters(module, node.args)
        elif isinstance(node, ast.Call):
            options += _options(module, node)
    if options:
        options.sort(key=lambda setting: setting.span)
        names = tuple(module.imports.values())
        yield Unit(Origin.DEFAULTS, module.path, tuple(options), names, module.packages)


def _run(module: Module) -> Iterator[str]:
    """The functions whose parameters are options: `fire.Fire(main)`."""
    for node in module.nodes:
        if isinstance(node, ast.Call) and node.args and called_name(node) in RUNNERS:
            function = node.args[0]
            yield function.id if isinstance(function, ast.Name) else ""


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
    inner = default_of(node)
    return UNRESOLVED if inner is None else module.value(inner)


def _options(module: Module, node: ast.Call) -> Iterator[Setting]:
    """Options by the name of the function that declares them."""
    name = called_name(node)
    if name == "set_defaults":
        yield from module.keywords(node)
    elif name in DEFINES and len(node.args) > 1 and isinstance(option := module.value(node.args[0]), str):
        yield module.setting(option, module.value(node.args[1]), node.args[0], node.args[1])
    elif name in {"add_argument", "option"}:
        yield from _option(module, node)


def _option(module: Module, node: ast.Call) -> Iterator[Setting]:
    names = [(value, arg) for arg in node.args if isinstance(value := module.value(arg), str)]
    if not names:
        return
    spelling, anchor = max(names, key=lambda pair: len(pair[0]))
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    target = module.value(given["dest"]) if "dest" in given else None
    name = target if isinstance(target, str) else spelling.partition("/")[0]
    action = module.value(given["action"]) if "action" in given else None
    if "default" in given:
        yield module.setting(name, module.value(given["default"]), anchor, given["default"])
    elif isinstance(action, str) and action in FLAGS:
        yield module.setting(name, FLAGS[action], anchor)
    elif "is_flag" in given:
        yield module.setting(name, False, anchor)
