"""Functions that are looked up by names put together: `getattr(self, f"_kl_{kind}")`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.link import build

if TYPE_CHECKING:
    from collections.abc import Callable

    from kllint.findings import Span

MOST = 12  # names that a pattern may fit: one that fits more says nothing


def looked_up(
    owner: Value, name: Value, attribute: Callable[[Value, str, Span], Value], span: Span
) -> Value | None:
    """A choice between the functions whose names fit an f-string, by what stands for its one unknown part.

    None where that is not all that is unknown, or nothing fits.
    """
    unknown = [part for part in name.args if part.op is not ops.CONSTANT]
    texts = [str(part.data) if part.op is ops.CONSTANT else None for part in name.args]
    if not unknown:
        return attribute(owner, "".join(filter(None, texts)), span)
    if len(unknown) > 1 or len(texts) == 1:
        return None
    pattern = re.compile("".join("(.+)" if text is None else re.escape(text) for text in texts))
    fitting = [match for one in _functions(strip(owner)) if (match := pattern.fullmatch(one))]
    if not 0 < len(fitting) <= MOST:
        return None
    functions = tuple(attribute(owner, match[0], span) for match in fitting)
    return build.item(
        Value(ops.DICT, functions, tuple(match[1] for match in fitting), span), unknown[0], span
    )


def _functions(owner: Value) -> list[str]:
    """The names of the methods of an object or class, or of the functions of a module."""
    match owner.op:
        case ops.OBJECT | ops.CLASS:
            return sorted({name for one in owner.data.lineage for name in one.methods})
        case ops.MODULE:
            return sorted(name for name, value in owner.data.names.items() if value.op is ops.FUNCTION)
    return []
