"""Conditions that guard a value: which selector values satisfy them all, and how to say so.

A selector is whatever the conditions compare: `kl_type`, `config.kl_penalty`, a flag. Its domain is every
constant that some condition mentions, and one more that stands for all the others.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from kllint.ir import ops
from kllint.ir.values import Value, constant, render, strip, symbol, when_given
from kllint.judge.assumption import NOTHING, Assumption, Assumptions
from kllint.link.words import names_log_prob, names_log_ratio, names_mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def beside_presence(condition: Value) -> Value | None:
    """What is asked beside the presence of data: `clips` of `clips and old_logp is not None`."""
    asked = "is not" if condition.op is ops.AND else "is"
    first, second = condition.args
    if is_presence(second, asked):
        return first
    return second if is_presence(first, asked) else None


def is_presence(condition: Value, operator: str) -> bool:
    """Whether a condition asks whether there is some data: `old_logp is not None`, or `is None`."""
    if condition.op is not ops.COMPARE or condition.data != operator:
        return False
    data, nothing = condition.args
    return nothing.op is ops.CONSTANT and nothing.data is None and is_data(data)


class _Other:
    """Any value that no condition mentions."""

    def __repr__(self) -> str:
        return "another value"


OTHER = _Other()


@lru_cache(maxsize=100_000)
def assume(condition: Value, *, holds: bool) -> Assumptions:
    """A condition's truth as assumptions: conjunctions are taken apart; data that is asked for is there."""
    match condition.op:
        case ops.AND | ops.OR if (rest := beside_presence(condition)) is not None:
            return assume(rest, holds=holds)
        case ops.NOT:
            return assume(condition.args[0], holds=not holds)
        case ops.AND if holds:
            return assume(condition.args[0], holds=True) | assume(condition.args[1], holds=True)
        case ops.OR if not holds:
            return assume(condition.args[0], holds=False) | assume(condition.args[1], holds=False)
        case ops.COMPARE if condition.data in {"!=", "not in", "is not"}:
            positive = {"!=": "==", "not in": "in", "is not": "is"}[condition.data]
            return assume(Value(ops.COMPARE, condition.args, positive, condition.span), holds=not holds)
        case ops.SYMBOL if condition.data in {"loop", "an exception"}:
            return NOTHING
        case ops.CONSTANT:
            return NOTHING
    return frozenset({Assumption(symbol(condition), condition, holds=holds)})


@lru_cache(maxsize=50_000)
def consistent(assumptions: Assumptions) -> bool:
    """Whether some values of the selectors satisfy all assumptions."""
    if any(one.opposite in assumptions for one in assumptions):
        return False
    return all(domain(assumptions, subject) for subject in subjects(assumptions))


def subjects(assumptions: Assumptions) -> tuple[str, ...]:
    """The selectors that the assumptions are about, in order."""
    found = {name for one in assumptions for name in _subjects(one.condition)}
    return tuple(sorted(found))


def domain(assumptions: Assumptions, subject: str) -> tuple[object, ...]:
    """The values of one selector that satisfy every assumption about it alone."""
    telling = (one for one in assumptions if subject in _subjects(one.condition) or _suffixes(one.condition))
    return _domain(frozenset(telling), subject)


def named_values(assumptions: Assumptions, subject: str) -> tuple[object, ...]:
    """Those values of a selector that some condition names."""
    return tuple(value for value in domain(assumptions, subject) if value is not OTHER)


@lru_cache(maxsize=20_000)
def _domain(telling: Assumptions, subject: str) -> tuple[object, ...]:
    about = [one for one in telling if _subjects(one.condition) == (subject,)]
    in_turn = in_order(telling)
    values = dict.fromkeys(value for one in in_turn for value in _constants(one.condition, subject))
    suffixes = [affix for one in in_turn for affix in _suffixes(one.condition)]
    texts = [value for value in values if isinstance(value, str)]
    variants = [f"{text}{suffix}" for suffix in suffixes for text in texts if not text.endswith(suffix)]
    mentioned = [*dict.fromkeys([*values, *variants]), OTHER]
    return tuple(
        v for v in mentioned if all(_truth(one.condition, subject, v) in {one.holds, None} for one in about)
    )


@lru_cache(maxsize=50_000)
def _subjects(condition: Value) -> tuple[str, ...]:
    return tuple(dict.fromkeys(symbol(value) for value in _subject_values(condition)))


def _subject_values(condition: Value) -> Iterator[Value]:
    match condition.op:
        case ops.NOT | ops.AND | ops.OR:
            for arg in condition.args:
                yield from _subject_values(arg)
        case ops.COMPARE if condition.args[1].op in {ops.CONSTANT, ops.TUPLE, ops.LIST}:
            yield strip(condition.args[0])
        case ops.CALL if _affix(condition) is not None:
            yield strip(condition.args[0].args[0])
        case ops.CONSTANT:
            return
        case _:
            yield strip(condition)


def _affix(condition: Value) -> tuple[str, str] | None:
    """`subject.endswith("+")` as ("endswith", "+")."""
    callee = condition.args[0]
    if (
        callee.op is not ops.ATTRIBUTE
        or callee.data not in {"endswith", "startswith"}
        or len(condition.args) < 2
    ):
        return None
    text = condition.args[1]
    return (callee.data, text.data) if text.op is ops.CONSTANT and isinstance(text.data, str) else None


@lru_cache(maxsize=50_000)
def _suffixes(condition: Value) -> tuple[str, ...]:
    """The suffixes that a condition asks for: each makes a variant of every name."""
    if condition.op in {ops.NOT, ops.AND, ops.OR}:
        return tuple(suffix for arg in condition.args for suffix in _suffixes(arg))
    affix = _affix(condition) if condition.op is ops.CALL else None
    return (affix[1],) if affix is not None and affix[0] == "endswith" else ()


def _constants(condition: Value, subject: str) -> Iterator[object]:
    """The values that a condition mentions for a selector; an affix makes variants of the others."""
    match condition.op:
        case ops.NOT | ops.AND | ops.OR:
            for arg in condition.args:
                yield from _constants(arg, subject)
        case ops.COMPARE if symbol(strip(condition.args[0])) == subject:
            other = condition.args[1]
            if other.op is ops.CONSTANT and condition.data in {"==", "is"}:
                yield other.data
            elif other.op is ops.CONSTANT and condition.data in {"<", ">", "<=", ">="}:
                yield from (0, 1)
            elif other.op in {ops.TUPLE, ops.LIST}:
                yield from (arg.data for arg in other.args if arg.op is ops.CONSTANT)
        case _ if symbol(strip(condition)) == subject and condition.op is not ops.COMPARE:
            yield from (True, False)


def _truth(condition: Value, subject: str, value: object) -> bool | None:
    """Whether a condition holds when the selector has a value; None when that does not decide it."""
    match condition.op:
        case ops.NOT:
            inner = _truth(condition.args[0], subject, value)
            return None if inner is None else not inner
        case ops.AND | ops.OR:
            sides = [_truth(arg, subject, value) for arg in condition.args]
            decisive = condition.op is ops.OR
            if decisive in sides:
                return decisive
            return None if None in sides else not decisive
        case ops.COMPARE:
            return _compared(condition, value)
        case ops.CALL:
            affix = _affix(condition)
            if affix is None:
                return bool(value) if isinstance(value, bool) else None
            if isinstance(value, str):
                return value.endswith(affix[1]) if affix[0] == "endswith" else value.startswith(affix[1])
            return None if value is OTHER else False
    return value if isinstance(value, bool) else None


def _compared(condition: Value, value: object) -> bool | None:
    other = condition.args[1]
    if condition.data in {"==", "is"} and other.op is ops.CONSTANT:
        return (
            value is not OTHER
            and value == other.data
            and (isinstance(value, bool) == isinstance(other.data, bool))
        )
    if condition.data == "in" and other.op in {ops.TUPLE, ops.LIST}:
        if any(arg.op is not ops.CONSTANT for arg in other.args):
            return None
        return any(value == arg.data for arg in other.args)
    if other.op is ops.CONSTANT and isinstance(value, int | float) and isinstance(other.data, int | float):
        return {
            "<": value < other.data,
            ">": value > other.data,
            "<=": value <= other.data,
            ">=": value >= other.data,
        }.get(condition.data)
    return None


def simplified(options: Iterable[Assumptions]) -> list[Assumptions]:
    """Fewer, weaker conjunctions for a disjunction: pairs that differ in one condition's truth lose it."""
    found = set(options)
    ordered = in_order(frozenset().union(*found))
    number = {one: position for position, one in enumerate(ordered)}
    opposites = [
        frozenset(number.get(other, -1) for other in assume(one.condition, holds=not one.holds))
        for one in ordered
    ]
    weaker = _weaker({frozenset(map(number.__getitem__, one)) for one in found}, opposites)
    return [frozenset(map(ordered.__getitem__, one)) for one in weaker]


_Numbers: TypeAlias = "frozenset[int]"


def _weaker(found: set[_Numbers], opposites: Sequence[_Numbers]) -> list[_Numbers]:
    """The same for assumptions as numbers in their order, given the opposite of each; -1 is in no option."""
    changed = True
    while changed:
        changed = False
        for one in sorted(found, key=_order):
            if one not in found:
                continue
            if any(other < one for other in found):
                found.discard(one)
                continue
            for assumption in sorted(one):
                rest = one - {assumption}
                if rest | opposites[assumption] in found:
                    found -= {one, rest | opposites[assumption]}
                    found.add(rest)
                    changed = True
                    break
    return sorted(found, key=_order)


def united(options: Sequence[Assumptions]) -> list[Assumptions]:
    """The same with those as one that differ in the value of one selector: `kind == "a"` or `kind == "b"`."""
    found = list(options)
    alike: dict[tuple[str, Assumptions], Assumptions] = {}
    for option in options:
        for subject in subjects(option):
            about = frozenset(one for one in option if _subjects(one.condition) == (subject,))
            key = (subject, option - about)
            other = alike.setdefault(key, about)
            if other is about or not _names_all(about, subject) or not _names_all(other, subject):
                continue
            whole = option - about | _among(subject, other, about)
            return united([one for one in found if one not in {option, option - about | other}] + [whole])
    return found


def breadth(assumptions: Assumptions) -> int:
    """How many values are named by conditions such as `united` makes: of two findings the one with more says more."""
    listed = (one.condition.args[1] for one in assumptions if one.holds and one.condition.op is ops.COMPARE)
    return sum(len(values.args) for values in listed if values.op is ops.TUPLE)


def _names_all(about: Assumptions, subject: str) -> bool:
    """Whether some conditions leave a selector none but values that they name."""
    values = domain(about, subject)
    return (
        bool(values)
        and all(isinstance(value, str) for value in values)
        and not any(_suffixes(one.condition) for one in about)
    )


def _among(subject: str, *conditions: Assumptions) -> Assumptions:
    """That a selector has one of the values which some conditions leave it."""
    values = dict.fromkeys(value for one in conditions for value in domain(one, subject))
    condition = in_order(conditions[0])[0].condition
    selector = next(value for value in _subject_values(condition) if symbol(value) == subject)
    listed = Value(ops.TUPLE, tuple(constant(value) for value in values), None, condition.span)
    return assume(Value(ops.COMPARE, (selector, listed), "in", condition.span), holds=True)


def in_order(assumptions: Assumptions) -> list[Assumption]:
    """The assumptions in an order that does not change from run to run."""
    return sorted(assumptions, key=lambda one: (one.key, one.holds))


def _order(assumptions: _Numbers) -> tuple[int, list[int]]:
    return len(assumptions), sorted(assumptions)


def said(assumptions: Assumptions) -> str:
    """The assumptions in the user's words: `kl_type in ("k3", "low_var_kl")`, `not args.no_kl`."""
    return " and ".join(_phrases(assumptions))


def _phrases(assumptions: Assumptions) -> Iterator[str]:
    settled: set[str] = set()
    for subject in subjects(assumptions):
        values = domain(assumptions, subject)
        about = [one for one in assumptions if set(_subjects(one.condition)) == {subject}]
        strings = [value for value in values if isinstance(value, str)]
        if about and strings and len(strings) == len(values):
            settled.update(one.key for one in about)
            name = _readable(subject)
            quoted = [f'"{value}"' for value in strings]
            yield f"{name} == {quoted[0]}" if len(quoted) == 1 else f"{name} in ({', '.join(quoted)})"
        settled.update(
            one.key for one in about if not one.holds and _goes_without_saying(one, about, subject)
        )
    said = [one for one in in_order(assumptions) if one.key not in settled and is_setting(one.condition)]
    for one in said:
        text = _readable(render(one.condition, _IN_FULL))
        if not one.holds:
            yield _denied(one.condition, text)
        else:
            yield f"({text})" if one.condition.op is ops.OR and len(assumptions) > 1 else text


def _goes_without_saying(one: Assumption, about: Sequence[Assumption], subject: str) -> bool:
    """Whether what is denied cannot be anyway: `kind != "abs"` beside `kind.endswith("+")`."""
    denied = list(_constants(one.condition, subject))
    affirmed = [other for other in about if other.holds]
    return bool(denied) and all(
        any(_truth(other.condition, subject, value) is False for other in affirmed) for value in denied
    )


_IN_FULL = 9  # deep enough for what a person reads of a condition
_SELF = re.compile(r"\bself\.")
_SETTINGS = {ops.PARAMETER, ops.ATTRIBUTE, ops.ITEM, ops.SYMBOL, ops.NAMED, ops.CONSTANT}


def is_setting(condition: Value) -> bool:
    """Whether a condition asks for a setting, which a person can change, rather than for the state of data."""
    match condition.op:
        case ops.NOT | ops.AND | ops.OR:
            return all(map(is_setting, condition.args))
        case ops.COMPARE:
            left, right = condition.args
            asks_presence = right.op is ops.CONSTANT and right.data is None
            return (
                is_setting(left)
                and right.op in {ops.CONSTANT, ops.TUPLE, ops.LIST}
                and not (asks_presence and is_data(left))
            )
        case ops.CALL:
            return _affix(condition) is not None or render(condition.args[0], 3).endswith(".get")
    given = when_given(condition)
    if given is not condition:
        return is_setting(given)
    return condition.op in _SETTINGS and not is_data(condition) and "..." not in render(condition, 5)


def is_data(value: Value) -> bool:
    """Whether a value is tensors or batches by its name."""
    text = render(strip(value), 5).rpartition(".")[2]
    return names_log_prob(text) or names_log_ratio(text) or names_mask(text) or text in _DATA


_DATA = {"ndim", "dtype", "shape", "device", "labels", "is_nested", "requires_grad", "training"}


def _denied(condition: Value, text: str) -> str:
    if condition.op is ops.COMPARE and condition.data in {"==", "is", "in"}:
        negative = {"==": "!=", "is": "is not", "in": "not in"}[condition.data]
        return text.replace(f" {condition.data} ", f" {negative} ", 1)
    return f"not ({text})" if condition.op in {ops.AND, ops.OR} else f"not {text}"


def _readable(text: str) -> str:
    return _SELF.sub("", text.partition("@")[0])
