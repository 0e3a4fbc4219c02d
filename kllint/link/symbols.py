"""Names that carry more than their text, wherever a plain one may stand, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from kllint.link.scope import Scope


class Lazy(str):
    """The name of an imported member that has not been looked up yet."""

    __slots__ = ("member", "module")
    module: str
    member: str

    def __new__(cls, module: str, member: str) -> Self:
        self = super().__new__(cls, member)
        self.module = module
        self.member = member
        return self


class Aside(str):
    """The dotted name of what an import names, which was not looked into; the module and name that lead to it."""

    __slots__ = ("member", "scope")
    scope: Scope
    member: str

    def __new__(cls, dotted: str, scope: Scope, member: str) -> Self:
        self = super().__new__(cls, dotted)
        self.scope, self.member = scope, member
        return self


class RecordType(str):
    """The name of a type that `namedtuple("name", fields)` made, with its fields."""

    __slots__ = ("fields",)
    fields: tuple[str, ...]

    def __new__(cls, name: str, fields: tuple[str, ...]) -> Self:
        self = super().__new__(cls, name)
        self.fields = fields
        return self
