"""Which rules are on: layers of select and ignore, the more specific prefix deciding in each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Selection(NamedTuple):
    """What one settings file or the command line says of rules; `select` of None leaves what was on."""

    select: tuple[str, ...] | None = None
    extend_select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def decide(self, code: str, *, was_on: bool) -> bool:
        """Whether a rule is on after this layer; of equally long prefixes, `ignore` wins."""
        wanted = _longest(code, (*(self.select or ()), *self.extend_select))
        unwanted = _longest(code, self.ignore)
        if not wanted and not unwanted:
            return was_on and self.select is None
        return wanted > unwanted


def is_on(code: str, layers: Iterable[Selection]) -> bool:
    """Whether a rule is on after all layers; without any, all rules are."""
    on = True
    for layer in layers:
        on = layer.decide(code, was_on=on)
    return on


def matches(code: str, prefixes: Iterable[str]) -> bool:
    """Whether a code begins with one of some prefixes."""
    return code.startswith(tuple(prefixes))


def _longest(code: str, prefixes: Iterable[str]) -> int:
    return max((len(prefix) for prefix in prefixes if code.startswith(prefix)), default=0)
