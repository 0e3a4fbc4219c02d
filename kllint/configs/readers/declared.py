"""Defaults that Python declares: fields of classes, options of argparse, click, typer and absl."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from kllint.configs.readers.module import OPTIONS, called_name, default_of
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
    for node in module.of(ast.ClassDef):
        if fields := tuple(_fields(module, node)):
            names = (node.name, *filter(None, map(module.dotted, node.bases)))
            yield Unit(Origin.DEFAULTS, module.path, fields, names, module.packages)
    if options := sorted(_options(module), key=lambda setting: setting.span):
        names = tuple(module.imports.values())
        yield Unit(Origin.DEFAULTS, module.path, tuple(options), names, module.packages)


def _options(module: Module) -> Iterator[Setting]:
    calls = [(called_name(call), call) for call in module.of(ast.Call)]
    run = {_run(call) for name, call in calls if name in RUNNERS}
    for function in module.of(ast.FunctionDef, ast.AsyncFunctionDef):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            decorated = any(called_name(decorator) in COMMANDS for decorator in function.decorator_list)
            if decorated or function.name in run:
                yield from _parameters(module, function.args)
    for name, call in calls:
        if name == "set_defaults":
            yield from module.keywords(call)
        elif name in DEFINES:
            yield from _flag(module, call)
        elif name in OPTIONS:
            yield from _option(module, call)


def _run(call: ast.Call) -> str:
    """The function whose parameters are options: `fire.Fire(main)`."""
    function = call.args[0] if call.args else None
    return function.id if isinstance(function, ast.Name) else ""


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


def _flag(module: Module, node: ast.Call) -> Iterator[Setting]:
    if len(node.args) > 1 and isinstance(option := module.value(node.args[0]), str):
        yield module.setting(option, module.value(node.args[1]), node.args[0], node.args[1])


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
