"""Byte offsets of LibCST nodes.

LibCST nodes carry no positions: they follow from generating the code once. Doing so here, with a
counter in place of LibCST's metadata machinery, costs a fraction of its `MetadataWrapper`.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from libcst._nodes.internal import CodegenState

if TYPE_CHECKING:
    from collections.abc import Iterator

    import libcst as cst

Offsets = dict[int, tuple[int, int]]  # id of node -> start, end


class _Counter(CodegenState):
    """A code generator that throws the code away and keeps where each node's syntax begins and ends."""

    def __init__(self, module: cst.Module) -> None:
        super().__init__(default_indent=module.default_indent, default_newline=module.default_newline)
        self.encoding = module.encoding
        self.offset = 0
        self.offsets: Offsets = {}
        self.starts: list[int] = []

    def add_token(self, value: str) -> None:
        self.offset += len(value) if value.isascii() else len(value.encode(self.encoding, "surrogatepass"))

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def pop_trailing_newline(self) -> None:
        """Nothing is kept, so nothing is to be taken back."""

    def before_codegen(self, node: cst.CSTNode) -> None:
        self.starts.append(self.offset)

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self.starts.pop()
        self.offsets.setdefault(id(node), (start, self.offset))

    @contextmanager
    def record_syntactic_position(
        self,
        node: cst.CSTNode,
        *,
        start_node: cst.CSTNode | None = None,
        end_node: cst.CSTNode | None = None,
    ) -> Iterator[None]:
        start = self.offset
        yield
        end = self.offset
        if start_node is not None:
            start = self.offsets[id(start_node)][0]
        if end_node is not None:
            end = self.offsets[id(end_node)][1]
        self.offsets[id(node)] = (start, end)


def offsets_of(module: cst.Module) -> Offsets:
    """The byte offsets of every node of `module`, which must be kept alive while they are used."""
    state = _Counter(module)
    module._codegen(state)  # noqa: SLF001  # the public way builds the code text as well
    return state.offsets
