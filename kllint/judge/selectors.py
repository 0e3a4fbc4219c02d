"""Which of the conditions on a term pick an estimator, and whether the defaults pick this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.configs.answers import agreement
from kllint.ir import ops
from kllint.ir.values import Value, constant, strip, symbol, when_given
from kllint.judge.conditions import assume, consistent, in_order, subjects
from kllint.link import build
from kllint.link.tensors import truth

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.configs.answers import Lookup
    from kllint.findings import Note
    from kllint.judge.assumption import Assumption, Assumptions
    from kllint.link.linker import Linker

_GENERIC = {
    "type",
    "mode",
    "name",
    "reduction",
    "value",
    "enabled",
    "config",
    "args",
    "method",
    "kind",
    "default",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """Whether the defaults pick a term, and the place that says so; None where no default is known."""

    by_default: bool | None
    source: Note | None = None


class Selectors:
    """Looks up the defaults of selectors: of parameters in the code, of everything else in configuration."""

    def __init__(self, linker: Linker, lookup: Lookup) -> None:
        self.linker = linker
        self.lookup = lookup

    def choice(self, own: Assumptions, rivals: tuple[Assumptions, ...], near: str) -> Choice:
        """Whether the defaults pick a term that `own` led to, among the `rivals` at its sink.

        `near` is the file of the sink, since another one may have selectors of the same names.
        """
        picking = [one for one in in_order(own) if self.picks(one, rivals)]
        if not picking:
            return Choice(None)
        outcomes = [self.outcome(group, near) for group in by_subject(picking)]
        if any(by_default is False for by_default, _ in outcomes):
            return Choice(False)
        source = next((note for _, note in outcomes if note is not None), None)
        if all(by_default for by_default, _ in outcomes):
            return Choice(True, source)
        return Choice(False if len(rivals) > 1 else None, source)

    def picks(self, one: Assumption, rivals: Iterable[Assumptions]) -> bool:
        """Whether a condition picks among estimators, rather than switching the term on or off."""
        if one.condition.op is ops.COMPARE and _is_text(one.condition.args[1]):
            return True
        if one.condition.op is ops.CALL:
            return "with(" in symbol(one.condition)
        return any((one.key, not one.holds) in {(a.key, a.holds) for a in rival} for rival in rivals)

    def outcome(self, group: list[Assumption], near: str) -> tuple[bool | None, Note | None]:
        """Whether one value that its selector gets fulfils all conditions on it, and the place that says so."""
        subject = _subject(group[0].condition)
        if subject is None:
            return None, None
        values = list(self.values(subject, near))
        for value, note in values:
            if all(_fulfils(one, value) for one in group):
                return True, note
        return (False, None) if values else (None, None)

    def values(self, subject: Value, near: str) -> Iterable[tuple[object, Note | None]]:
        inner = when_given(strip(subject))
        if inner.op is ops.PARAMETER:
            default = self.linker.default(inner)
            if default is not None and default.op is ops.CONSTANT:
                yield default.data, None
                return
        path = _path(inner)
        if not path or (len(path) == 1 and path[0] in _GENERIC):
            return
        enough = 2 if path[-1] in _GENERIC else 1
        for found in self.lookup(".".join(path), near):
            if agreement(found.key, tuple(path)) >= enough:
                yield found.value, found.note


def by_subject(assumptions: Iterable[Assumption]) -> list[list[Assumption]]:
    """The conditions on each selector together, those on none of their own."""
    groups: dict[str, list[Assumption]] = {}
    for one in assumptions:
        subject = _subject(one.condition)
        groups.setdefault(one.key if subject is None else symbol(strip(subject)), []).append(one)
    return list(groups.values())


def _is_text(value: Value) -> bool:
    if value.op in {ops.TUPLE, ops.LIST}:
        return any(map(_is_text, value.args))
    return value.op is ops.CONSTANT and isinstance(value.data, str)


def _subject(condition: Value) -> Value | None:
    if condition.op is ops.COMPARE:
        return condition.args[0]
    if condition.op is ops.CALL and condition.args[0].op is ops.ATTRIBUTE:
        return condition.args[0].args[0]
    return condition if len(subjects(assume(condition, holds=True))) == 1 else None


def _path(value: Value) -> list[str]:
    """The last names of an access path: `self.args.kl_type` as [args, kl_type]."""
    match value.op:
        case ops.ATTRIBUTE:
            public = str(value.data).lstrip("_")  # `self._kl_type` is set as kl_type
            return [*_path(strip(value.args[0])), public]
        case ops.ITEM if value.args[1].op is ops.CONSTANT and isinstance(value.args[1].data, str):
            return [*_path(strip(value.args[0])), value.args[1].data]
        case ops.PARAMETER:
            return [str(value.data[1])]
        case ops.SYMBOL:
            return [str(value.data)]
        case ops.NAMED | ops.SAME | ops.CALLED:
            return _path(value.args[0])
        case ops.OR:
            return _path(strip(value.args[0]))
        case ops.CALL if (
            value.args[0].op is ops.ATTRIBUTE and value.args[0].data == "get" and len(value.args) > 1
        ):
            return [str(value.args[1].data)] if isinstance(value.args[1].data, str) else []
    return []


def _fulfils(one: Assumption, value: object) -> bool:
    """Whether a condition holds as assumed once its selector has a value."""
    condition = one.condition
    if condition.op is ops.COMPARE:
        known = truth(build.compare(condition.data, constant(value), condition.args[1]))
    elif condition.op is ops.CALL and isinstance(value, str) and len(condition.args) > 1:
        affix = condition.args[1].data
        name = condition.args[0].data
        known = (
            (value.endswith(affix) if name == "endswith" else value.startswith(affix))
            if isinstance(affix, str)
            else None
        )
    else:
        known = bool(value)
    return known is one.holds


def possible(held: Assumptions) -> bool:
    """Whether the conditions of a term can hold together."""
    return consistent(held)
