"""Functions that are lowered when they are first looked into, all but their names."""

from __future__ import annotations

from typing import Protocol, TypeAlias

from kllint.ir import program as ir

Parameters: TypeAlias = tuple[ir.Parameter, ...]
Block: TypeAlias = tuple[ir.Statement, ...]


class Inside(Protocol):
    """What is in a function, to be lowered."""

    def parameters(self) -> Parameters:
        """Lowers the parameters."""

    def body(self) -> Block:
        """Lowers the statements."""


class Deferred(ir.Function):
    """A function whose parameters and body are lowered when they are first looked into: most are never."""

    __slots__ = ("_body", "_inside", "_parameters")

    def __init__(
        self, name: str, inside: Inside, decorators: tuple[ir.Expr, ...], start: int, end: int
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.decorators = decorators  # type: ignore[misc]
        self.start = start  # type: ignore[misc]
        self.end = end  # type: ignore[misc]
        self._inside: Inside | None = inside
        self._parameters: Parameters = ()
        self._body: Block = ()

    @property
    def parameters(self) -> Parameters:
        """The parameters."""
        if self._inside is not None and not self._parameters:
            self._parameters = self._inside.parameters()
        return self._parameters

    @property
    def body(self) -> Block:
        """The statements."""
        if self._inside is not None:
            self._parameters, self._body = self.parameters, self._inside.body()
            self._inside = None  # and with it the tree that it was lowered from
        return self._body


ir.KINDS.add(Deferred)
