"""What keeps files from the dangerous steps: the `ast` module.

LibCST can kill the process on deep nesting, and no `except` helps; the standard library's parser
refuses the same files with an exception. So nothing may reach LibCST that `check` refuses for good.
"""

from __future__ import annotations

import ast
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from kllint.source.depth import deeper_than, levels, looks_deep
from kllint.source.files import MAX_BYTES
from kllint.source.outline import outline
from kllint.source.text import Undecodable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.source.depth import Levels
    from kllint.source.outline import Extent
    from kllint.source.text import Source

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

MAX_DEPTH = 150  # the deepest of 3,816 files has 43; LibCST survives 300


class Refusal(NamedTuple):
    """Why a file cannot be analysed.

    A refusal that is not `final` may be for syntax newer than the Python that runs kllint: whoever has
    a parser of newer syntax may try it, and report this refusal if that fails, too.
    """

    reason: str
    offset: int | None = None
    final: bool = True


def check(source: Source) -> Refusal | None:
    """Why the analysis must not touch a file; None where it may."""
    tree = parse(source)
    return tree if isinstance(tree, Refusal) else None


def parse(source: Source) -> ast.Module | Refusal:
    """The file's syntax tree if it is harmless, and else why not. Never raises, whatever the bytes."""
    found = walked(source)
    return found if isinstance(found, Refusal) else found[0]


def walked(source: Source) -> tuple[ast.Module, Levels] | Refusal:
    """The same with all nodes of the tree, which are in sight once its depth is known."""
    return _unreadable(source) or _walked(source, source.text)


def outlined(source: Source) -> tuple[ast.Module, dict[int, Extent]] | None:
    """The tree of a file without the parameters and bodies of its functions; None where lines do not tell them.

    Each function is told by the line of the name that stands in its body's place.
    """
    if _unreadable(source) or source.encoding not in _UTF8 or any(map(source.raw.__contains__, _OTHER_ENDS)):
        return None
    text, functions = outline(source.text)
    found = _walked(source, text)
    if isinstance(found, Refusal):
        return None
    tree, _ = found
    known = sum(node.body[0].lineno in functions for node in _functions(tree))
    return (tree, functions) if known == len(functions) else None


def _functions(tree: ast.Module) -> Iterator[Function]:
    """The functions of a tree, told by its statements alone, of which there are far fewer than nodes."""
    stack: list[Any] = [tree]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
        for name in _BLOCKS:
            stack += getattr(node, name, ())


def function(source: Source, extent: Extent) -> Function | Refusal:
    """A function that was left out, in lines that are counted from the one above it."""
    text = source.text[extent.start : extent.end]
    found = _walked(source, f"{'if 1:' if text[0].isspace() else ''}\n{text}")
    if isinstance(found, Refusal):
        return found
    block = found[0].body
    if isinstance(block[0], ast.If):
        block = block[0].body
    one = block[0]
    return (
        one if len(block) == 1 and isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) else _NO_FUNCTION
    )


def _unreadable(source: Source) -> Refusal | None:
    if len(source.raw) > MAX_BYTES:
        return Refusal(f"larger than {MAX_BYTES / 1e6:g} MB")
    if b"\0" in source.raw:
        return Refusal("not text: it holds null bytes", source.raw.index(b"\0"))
    try:
        _ = source.text
    except Undecodable as error:
        return Refusal(error.reason, error.offset)
    return None


def _walked(source: Source, text: str) -> tuple[ast.Module, Levels] | Refusal:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # invalid escapes are not our business
            tree = ast.parse(text, filename=source.path)
    except SyntaxError as error:
        return _syntax_refusal(source, error)
    except (RecursionError, MemoryError):
        return _TOO_DEEP
    found = levels(tree)
    operators = text.count("and") + text.count("or")  # each may nest by one level more, and most are none
    too_deep = len(found) + operators > MAX_DEPTH and deeper_than(found, MAX_DEPTH)
    return _TOO_DEEP if too_deep else (tree, found)


_UTF8 = frozenset({"utf-8", "ascii"})
_OTHER_ENDS = (b"\r", b"\f", b"\v")
_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")
_NO_FUNCTION = Refusal("no function")
_TOO_DEEP = Refusal(f"nested more than {MAX_DEPTH} levels deep")


def _syntax_refusal(source: Source, error: SyntaxError) -> Refusal:
    offset = source.offset(error.lineno, error.offset or 1) if error.lineno else None
    too_deep = "too many" in error.msg or looks_deep(source.text, MAX_DEPTH)
    return Refusal(f"not valid Python: {error.msg}", offset, final=too_deep)
