"""Modules, classes and functions of the project, and how a name in one finds its meaning in another."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir import program as ir
from kllint.ir.values import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Environment = dict[str, Value]


@dataclass(eq=False, slots=True)
class Scope:
    """A module: its program and the names at its top level."""

    name: str  # dotted
    path: str
    program: ir.Module
    names: Environment = field(default_factory=dict)


@dataclass(eq=False)
class ClassRef:
    """A class of the project."""

    name: str
    definition: ir.Class
    scope: Scope
    resolve: Callable[[ir.Expr], Value]  # a base class expression to its value

    @cached_property
    def bases(self) -> tuple[ClassRef, ...]:
        """The base classes that belong to the project."""
        found = (self.resolve(base) for base in self.definition.bases)
        return tuple(base.data for base in found if base.op is ops.CLASS and base.data is not self)

    @cached_property
    def methods(self) -> dict[str, ir.Function]:
        """The functions of the class body."""
        return {node.name: node for node in self._functions(self.definition.body)}

    @staticmethod
    def _functions(body: tuple[ir.Statement, ...]) -> Iterator[ir.Function]:
        for statement in body:
            if isinstance(statement, ir.Function):
                yield statement
            elif isinstance(statement, ir.If):
                yield from ClassRef._functions((*statement.body, *statement.orelse))

    @cached_property
    def constants(self) -> dict[str, ir.Expr]:
        """Class attributes that are set once and are no fields (those carry an annotation)."""
        plain = (s for s in self.definition.body if isinstance(s, ir.Assign) and not s.annotated)
        return {target.id: s.value for s in plain for target in s.targets if isinstance(target, ir.Name)}

    @cached_property
    def is_enumeration(self) -> bool:
        """Whether the class is an `Enum`, or one of its kin by name: `StrEnum`, `ExplicitEnum`."""
        bases = (base for one in self.lineage for base in one.definition.bases)
        return any(_last_name(base).endswith("Enum") for base in bases)

    def member(self, name: str) -> object:
        """What stands for a member of an enumeration: its value, or its name where that is computed; None for all else."""
        value = self.constants.get(name) if self.is_enumeration else None
        if isinstance(value, ir.Call):
            return f"{self.name}.{name}"  # auto()
        return value.value if isinstance(value, ir.Literal) else None

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The annotated fields that a data class or named tuple is made with; none where a method does it."""
        if self.find("__init__") is not None:
            return ()
        bodies = (one.definition.body for one in reversed(self.lineage))
        annotated = (s for body in bodies for s in body if isinstance(s, ir.Assign) and s.annotated)
        names = (target.id for s in annotated for target in s.targets if isinstance(target, ir.Name))
        return tuple(dict.fromkeys(names))

    @cached_property
    def made_with(self) -> tuple[str, ...]:
        """What its arguments are called, in order: by its constructor, or by its fields."""
        constructor = self.find("__init__")
        if constructor is None:
            return self.fields
        return tuple(one.name for one in constructor[1].parameters[1:])

    @cached_property
    def lineage(self) -> tuple[ClassRef, ...]:
        """The class and its bases in order of look-up (depth first, each once)."""
        seen: dict[int, ClassRef] = {}
        stack = [self]
        while stack:
            one = stack.pop()
            if id(one) not in seen:
                seen[id(one)] = one
                stack.extend(reversed(one.bases))
        return tuple(seen.values())

    def find(self, name: str) -> tuple[ClassRef, ir.Function] | None:
        """The method of that name and the class that defines it."""
        return next(((one, one.methods[name]) for one in self.lineage if name in one.methods), None)


@dataclass(eq=False, slots=True)
class Closure:
    """A function together with the names that it sees; `owner` is the class whose method it is."""

    name: str  # qualified: Class.method.inner
    definition: ir.Function
    scope: Scope
    captured: Environment
    owner: ClassRef | None = None
    receiver: ClassRef | None = None  # the class of `self`, which may be a subclass of `owner`
    number: int = 0


_PROPERTY = {"property", "cached_property"}


def decorator_names(function: ir.Function) -> tuple[str, ...]:
    """The last names of a function's decorators: `no_grad` for `@torch.no_grad()`."""
    return tuple(_last_name(decorator) for decorator in function.decorators)


def _last_name(node: ir.Expr) -> str:
    if isinstance(node, ir.Call):
        return _last_name(node.function)
    if isinstance(node, ir.Attribute):
        return node.name
    return node.id if isinstance(node, ir.Name) else ""


def is_property(function: ir.Function) -> bool:
    """Whether a method is read like an attribute."""
    return bool(_PROPERTY & set(decorator_names(function)))


_NO_GRADIENT = {"no_grad", "inference_mode", "torch_no_grad"}


def without_gradient(function: ir.Function) -> bool:
    """Whether a decorator turns the gradient off for the whole function."""
    return bool(_NO_GRADIENT & set(decorator_names(function)))


_FROZEN = {"disable_adapter", "disable_adapters"}  # what is left is the model that the adapters were put on


def freezes(node: ir.Expr) -> bool:
    """Whether a `with` item leaves the model that the adapters were put on, by itself or on a condition."""
    if isinstance(node, ir.Conditional):
        return freezes(node.body) or freezes(node.orelse)
    return isinstance(node, ir.Call) and _last_name(node.function) in _FROZEN


def disables_gradient(node: ir.Expr) -> bool:
    """Whether a `with` item turns the gradient off, or what is trained."""
    if isinstance(node, ir.Conditional):
        return disables_gradient(node.body) or disables_gradient(node.orelse)
    if isinstance(node, ir.Call):
        name = _last_name(node.function)
        if name == "set_grad_enabled":
            return any(isinstance(a.value, ir.Literal) and a.value.value is False for a in node.arguments)
        off = any(isinstance(a.value, ir.Literal) and a.value.value is False for a in node.arguments)
        return (name in _NO_GRADIENT and not off) or freezes(node)
    return _last_name(node) in _NO_GRADIENT
