"""Functions that are lowered when they are first looked into, all but their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Callable


Parameters: TypeAlias = tuple[ir.Parameter, ...]
Block: TypeAlias = tuple[ir.Statement, ...]


class Deferred(ir.Function):
    """A function whose parameters and body are lowered when they are first looked into: most are never."""

    __slots__ = ("_body", "_head", "_lower", "_parameters")

    def __init__(
        self,
        name: str,
        head: Callable[[], Parameters],
        lower: Callable[[], Block],
        decorators: tuple[ir.Expr, ...],
        start: int,
        end: int,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.decorators = decorators  # type: ignore[misc]
        self.start = start  # type: ignore[misc]
        self.end = end  # type: ignore[misc]
        self._head: Callable[[], Parameters] | None = head
        self._parameters: Parameters = ()
        self._lower: Callable[[], Block] | None = lower
        self._body: Block = ()

    @property
    def parameters(self) -> Parameters:
        """The parameters."""
        if self._head is not None:
            self._parameters = self._head()
            self._head = None
        return self._parameters

    @property
    def body(self) -> Block:
        """The statements."""
        if self._lower is not None:
            self._body = self._lower()
            self._lower = None  # and with it the tree that it was lowered from
        return self._body


ir.KINDS.add(Deferred)
