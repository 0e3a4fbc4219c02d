"""Functions that are lowered when they are first looked into, all but their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Callable


class Deferred(ir.Function):
    """A function whose parameters and body are lowered when they are first looked into: most are never."""

    __slots__ = ("_body", "_head", "_lower", "_parameters")

    def __init__(
        self,
        name: str,
        head: Callable[[], tuple[ir.Parameter, ...]],
        lower: Callable[[], tuple[ir.Statement, ...]],
        decorators: tuple[ir.Expr, ...],
        start: int,
        end: int,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.decorators = decorators  # type: ignore[misc]
        self.start = start  # type: ignore[misc]
        self.end = end  # type: ignore[misc]
        self._head: Callable[[], tuple[ir.Parameter, ...]] | None = head
        self._parameters: tuple[ir.Parameter, ...] = ()
        self._lower: Callable[[], tuple[ir.Statement, ...]] | None = lower
        self._body: tuple[ir.Statement, ...] = ()

    @property
    def parameters(self) -> tuple[ir.Parameter, ...]:
        """The parameters."""
        if self._head is not None:
            self._parameters = self._head()
            self._head = None
        return self._parameters

    @property
    def body(self) -> tuple[ir.Statement, ...]:
        """The statements."""
        if self._lower is not None:
            self._body = self._lower()
            self._lower = None  # and with it the tree that it was lowered from
        return self._body


ir.KINDS.add(Deferred)
