"""Programs as plain data: what lowering makes of a module.

A desugared subset of Python with byte offsets, the same from each front end. Offsets count bytes of the file as
analysed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, TypeVar, dataclass_transform

if TYPE_CHECKING:
    from collections.abc import Callable

Constant: TypeAlias = str | bytes | int | float | bool | None

_Class = TypeVar("_Class")
_plain: Callable[[type], type] = dataclass(slots=True, unsafe_hash=True)
KINDS: set[type] = set()


@dataclass_transform(frozen_default=True)
def _node(kind: type[_Class]) -> type[_Class]:
    """A frozen dataclass as far as type checkers go; that at run time would double the cost of a node."""
    made = _plain(kind)
    KINDS.add(made)
    return made


@_node
class Name:
    """A variable."""

    id: str
    start: int
    end: int


@_node
class Literal:
    """A constant; `...` and complex numbers are opaque (`Unknown`)."""

    value: Constant
    start: int
    end: int


@_node
class Attribute:
    """`base.name`."""

    base: Expr
    name: str
    start: int
    end: int


@_node
class Subscript:
    """`base[index]`."""

    base: Expr
    index: Expr
    start: int
    end: int


@_node
class Argument:
    """One argument of a call; `stars` is 1 for `*value`, 2 for `**value`."""

    value: Expr
    keyword: str | None = None
    stars: int = 0


@_node
class Call:
    """`function(arguments)`."""

    function: Expr
    arguments: tuple[Argument, ...]
    start: int
    end: int


@_node
class Binary:
    """`left operator right`; the operator is its Python spelling."""

    operator: str
    left: Expr
    right: Expr
    start: int
    end: int


@_node
class Unary:
    """`operator operand`."""

    operator: str
    operand: Expr
    start: int
    end: int


@_node
class Compare:
    """A comparison of two sides; a chain is a `Boolean` of several."""

    operator: str
    left: Expr
    right: Expr
    start: int
    end: int


@_node
class Boolean:
    """`a and b` or `a or b`."""

    operator: str
    left: Expr
    right: Expr
    start: int
    end: int


@_node
class Conditional:
    """`body if test else orelse`."""

    test: Expr
    body: Expr
    orelse: Expr
    start: int
    end: int


@_node
class Sequence:
    """A tuple, list or set display."""

    kind: str
    items: tuple[Expr, ...]
    start: int
    end: int


@_node
class Mapping:
    """A dictionary display; a key of None marks `**value`."""

    items: tuple[tuple[Expr | None, Expr], ...]
    start: int
    end: int


@_node
class Starred:
    """`*value` inside a display or an assignment target."""

    value: Expr
    start: int
    end: int


@_node
class Function:
    """A `def` or a lambda (whose body is one `Return`)."""

    name: str
    parameters: tuple[Parameter, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expr, ...]
    start: int
    end: int


@_node
class Parameter:
    """A parameter; `stars` is 1 for `*args`, 2 for `**kwargs`, and keyword-only ones are marked."""

    name: str
    default: Expr | None = None
    stars: int = 0
    keyword_only: bool = False


@_node
class Comprehension:
    """A comprehension or generator; only its first value is followed."""

    kind: str
    element: Expr
    key: Expr | None
    clauses: tuple[tuple[Expr, Expr], ...]  # target, iterable
    start: int
    end: int


@_node
class Slice:
    """`lower:upper:step`."""

    lower: Expr | None
    upper: Expr | None
    step: Expr | None
    start: int
    end: int


@_node
class Walrus:
    """`name := value`."""

    target: Expr
    value: Expr
    start: int
    end: int


@_node
class Format:
    """An f-string: its literal parts and values."""

    parts: tuple[Expr, ...]
    start: int
    end: int


@_node
class Unknown:
    """An expression that is not followed."""

    parts: tuple[Expr, ...]
    start: int
    end: int


Expr: TypeAlias = (
    Name
    | Literal
    | Attribute
    | Subscript
    | Call
    | Binary
    | Unary
    | Compare
    | Boolean
    | Conditional
    | Sequence
    | Mapping
    | Starred
    | Function
    | Comprehension
    | Slice
    | Walrus
    | Format
    | Unknown
)


@_node
class Assign:
    """`targets = value`; of `x: int`, annotated without a value, the value is `Unknown`."""

    targets: tuple[Expr, ...]
    value: Expr
    start: int
    end: int
    annotated: bool = False


@_node
class Augment:
    """`target operator= value`."""

    target: Expr
    operator: str
    value: Expr
    start: int
    end: int


@_node
class Evaluate:
    """An expression statement."""

    value: Expr
    start: int
    end: int


@_node
class Return:
    """`return value`."""

    value: Expr | None
    start: int
    end: int


@_node
class Raise:
    """`raise`, whatever is raised."""

    start: int
    end: int


@_node
class If:
    """`if`; `elif` is nested in `orelse`."""

    test: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    start: int
    end: int


@_node
class Loop:
    """`for target in iterable` (or `while`, whose target is None and whose iterable is its test)."""

    target: Expr | None
    iterable: Expr
    body: tuple[Statement, ...]
    orelse: tuple[Statement, ...]
    start: int
    end: int


@_node
class With:
    """`with items: body`."""

    items: tuple[tuple[Expr, Expr | None], ...]
    body: tuple[Statement, ...]
    start: int
    end: int


@_node
class Try:
    """`try`: the handlers are alternatives to what raised in the body."""

    body: tuple[Statement, ...]
    handlers: tuple[tuple[Statement, ...], ...]
    orelse: tuple[Statement, ...]
    final: tuple[Statement, ...]
    start: int
    end: int


@_node
class Jump:
    """`break` or `continue`."""

    kind: str
    start: int
    end: int


@_node
class Class:
    """A class definition."""

    name: str
    bases: tuple[Expr, ...]
    body: tuple[Statement, ...]
    decorators: tuple[Expr, ...]
    start: int
    end: int


@_node
class Import:
    """`import module as name`, or `from module import member as name`; relative by `level` dots.

    `member` is None for a plain import and "*" for a star import.
    """

    module: str
    member: str | None
    name: str
    level: int
    start: int
    end: int


Statement: TypeAlias = (
    Assign | Augment | Evaluate | Return | Raise | If | Loop | With | Try | Jump | Class | Import | Function
)


@_node
class Module:
    """One file."""

    path: str
    body: tuple[Statement, ...] = field(default=())


Node: TypeAlias = Expr | Statement | Argument | Parameter | Module
