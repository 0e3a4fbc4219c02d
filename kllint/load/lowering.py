"""From one file's bytes to its program, whatever the bytes."""

from __future__ import annotations

import ast
import re
import time
from functools import cache, partial
from typing import TYPE_CHECKING

from kllint import fence
from kllint.findings import Problem
from kllint.lower.outlined import lower_outlined
from kllint.lower.statements import lower_module
from kllint.source.gate import outlined, parse

if TYPE_CHECKING:
    from kllint.ir.program import Module
    from kllint.source.text import Source


def program_of(source: Source) -> Module | Problem:
    """The program of a file, or why there is none. Never raises, whatever the bytes."""
    try:
        with fence.watched(), fence.ends_at(time.process_time() + fence.SECONDS):
            return _program_of(source)
    except fence.TooSlow:
        return fence.too_slow(source.path, fence.SECONDS)
    except Exception as error:  # one bad file must not end the run
        return fence.failure(source.path, error)


def _program_of(source: Source) -> Module | Problem:
    found = outlined(source)
    if found is None:
        return _whole(source)
    return lower_outlined(source, *found, cache(partial(_whole, source)))


def _whole(source: Source) -> Module | Problem:
    tree = parse(source)
    if isinstance(tree, ast.Module):
        return lower_module(source, tree)
    newer = None if tree.final else _newer(source)
    return newer or Problem(source.path, tree.reason, tree.offset)


def _newer(source: Source) -> Module | None:
    """The program of a file in syntax that this Python cannot parse but LibCST can."""
    import libcst  # noqa: PLC0415  # a heavy import for few files

    from kllint.lower.newer.statements import lower_module as lower_newer  # noqa: PLC0415

    # LibCST forgets form feeds and line ends that are a CR alone, and with them where it is.
    text = _LONE_CR.sub("\n", source.text).replace("\f", " ")
    try:
        tree = libcst.parse_module(text, libcst.PartialParserConfig(encoding=source.encoding))
        return lower_newer(source.path, tree, source.bom)
    except (libcst.ParserSyntaxError, SyntaxError, RecursionError):
        return None


_LONE_CR = re.compile(r"\r(?!\n)")
