"""From a sink back to the KL terms that reach it: signs, weights, conditions and the calls in between."""

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import TYPE_CHECKING, NamedTuple

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.judge.assumption import NOTHING, Assumptions
from kllint.judge.conditions import assume, consistent, named_values, simplified, subjects, united
from kllint.judge.full import FullKl, full_kl, is_probability
from kllint.judge.leaves import Kind, is_nothing
from kllint.judge.reading import Reading, factors_of, is_ratio
from kllint.judge.surrogate import is_advantage, is_negative, trains
from kllint.link.build import selects

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.findings import Span
    from kllint.judge.choices import Choices
    from kllint.judge.leaves import Leaves
    from kllint.judge.reading import Reader

_MOST = 64
_AROUND = {ops.SAME, ops.REDUCE, ops.CLAMP, ops.MIN, ops.MUL, ops.DIV, ops.WHERE, ops.CENTRED}
_CARRIERS = {
    ops.NAMED, ops.CALLED, ops.SAME, ops.NEG, ops.CLAMP, ops.EXP, ops.REDUCE, ops.CHOICE, ops.WHERE, ops.MUL, ops.DIV,
}  # fmt: skip
_PARTS = _AROUND | {
    ops.NAMED,
    ops.CALLED,
    ops.DETACH,
    ops.CHOICE,
    ops.ANY,
    ops.ADD,
    ops.SUB,
    ops.NEG,
    ops.MAX,
}


class Reached(NamedTuple):
    """A KL term found below a sink.

    `sign` is that with which it is added to the sink's value; `calls` are the calls that lie between, from
    the sink inwards; `shaped` says that it is part of a reward that multiplies log q; `around` are the
    reductions, clamps and products between, from the sink inwards.
    """

    reading: Reading | FullKl
    sign: int
    assumptions: Assumptions
    calls: tuple[tuple[Span, str], ...] = ()
    detached: bool = False
    shaped: bool = False
    weighted: bool = False  # an importance ratio multiplies what it is part of
    centred: bool = False
    around: tuple[Value, ...] = ()
    unreachable: bool = False  # what it is added to raises
    bent: bool = False  # a non-linear function lies between: used there, but not as a penalty
    classified: bool = False  # in a sigmoid, with which preferences and labels are learned (DPO)

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for two ways to one term."""
        formula = self.reading.formula
        place = formula.span or formula.number
        weight = getattr(self.reading, "weight", None)
        fit = getattr(self.reading, "fit", None)
        return (
            place,
            self.reading.estimator,
            weight,
            fit.derivative if fit is not None else None,
            self.sign,
            self.calls,
            self.detached,
            self.shaped,
            self.weighted,
            self.centred,
            self.bent,
            self.classified,
        )


_WHOLES = frozenset({ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.POW, ops.NEG, ops.ABS, ops.WHERE})


class Walker:
    """Walks down from sinks; what lies below a value is found once."""

    def __init__(self, leaves: Leaves, reader: Reader, choices: Choices) -> None:
        self.leaves = leaves
        self.choices = choices
        self.reader = reader
        self.known: dict[int, tuple[Reached, ...]] = {}
        self.policies: dict[int, bool] = {}
        self.held: dict[int, bool] = {}

    def below(self, value: Value) -> tuple[Reached, ...]:
        """The KL terms in a value."""
        if value.number not in self.known:
            self.known[value.number] = ()  # a value never contains itself
            self.known[value.number] = tuple(merged(self.found(value)))[:_MOST]
        return self.known[value.number]

    def found(self, value: Value) -> Iterable[Reached]:
        whole = full_kl(self.leaves, value)
        if whole is not None:
            return [Reached(whole, 1, NOTHING)]
        if not self.holds(value) or self.leaves.leaf(value) is not None:
            return []
        if value.op in _WHOLES and not all(leaf.preference for leaf in self.leaves.of(value)):
            read = self.read_whole(value)
            if read is not None:
                return read
        stored = self.leaves.stored(value)
        if stored:
            return [one for other in stored for one in self.below(other)]
        return self.inside(value)

    def holds(self, value: Value) -> bool:
        """Whether a value is computed from log-probs, or from a KL between distributions that are unknown."""
        if value.number not in self.held:
            known = bool(self.leaves.of(value)) or value.op is ops.KL_DISTRIBUTIONS or value.op is ops.KL_DIV
            self.held[value.number] = known or (
                value.op in _PARTS and any(self.holds(arg) for arg in value.args)
            )
        return self.held[value.number]

    def inside(self, value: Value) -> Iterable[Reached]:
        """What is below a value that is no KL by itself, with the value as what lies around it."""
        if value.op not in _AROUND:
            return self.taken_apart(value)
        return [one._replace(around=(value, *one.around)) for one in self.taken_apart(value)]

    def read_whole(self, value: Value) -> list[Reached] | None:
        """The value as one KL term, under each alternative; None when no alternative is one."""
        options = self.choices.alternatives(value)
        if options is None:
            return None
        lost = [found for held, one in options for found in self.unreachable(held, one)]
        options = [(held, one) for held, one in options if not raises(one)]
        readings = [(held, one, full_kl(self.leaves, one) or self.reader.read(one)) for held, one in options]
        if not any(reading for _, _, reading in readings):
            return lost if lost and not options else None
        reached: list[Reached] = lost
        for held, one, reading in readings:
            if reading is not None:
                sign = reading.sign if isinstance(reading, Reading) else 1
                way = calls_inside(one, reading.formula)
                reached.append(Reached(reading, sign, held, way, bent=is_half_of_jsd(reading)))
            elif one is not value:
                reached.extend(_under(self.below(one), held))
            else:
                reached.extend(self.inside(one))
        return reached

    def unreachable(self, held: Assumptions, value: Value) -> Iterable[Reached]:
        """The KL term that an alternative would be, had it not a part that raises."""
        selectors = {name for one in held if selects(one.condition) for name in subjects(frozenset({one}))}
        if len(selectors) > 1:
            return  # of a selector made from another, nobody knows the values
        if raises(value) and all(named_values(held, name) for name in selectors):
            parts = (arg for arg in value.args if self.leaves.of(arg))
            found = next((reading for arg in parts for reading in self.readable(arg)), None)
            if found is not None:
                yield Reached(found, found.sign, held, calls_inside(value, found.formula), unreachable=True)

    def readable(self, value: Value) -> Iterable[Reading]:
        """The first KL in a value, however it is used there."""
        reading = self.reader.read(value) if not raises(value) else None
        if reading is not None:
            yield reading
            return
        for arg in value.args:
            if self.leaves.of(arg):
                yield from self.readable(arg)

    def taken_apart(self, value: Value) -> Iterable[Reached]:
        match value.op:
            case ops.ADD:
                return [*self.below(value.args[0]), *self.below(value.args[1])]
            case ops.SUB:
                return self.difference(*value.args)
            case ops.NEG:
                return _negated(self.below(value.args[0]))
            case ops.NAMED | ops.SAME | ops.REDUCE | ops.CLAMP:
                return self.below(value.args[0])
            case ops.CALLED:
                return self.called(value)
            case ops.DETACH:
                return [one._replace(detached=True) for one in self.below(value.args[0])]
            case ops.CENTRED:
                return [one._replace(centred=True) for one in self.below(value.args[0])]
            case ops.CHOICE:
                return self.chosen(value)
            case ops.WHERE:
                return [*self.below(value.args[1]), *self.below(value.args[2])]
            case ops.MIN | ops.MAX | ops.ANY:
                return [one for arg in value.args for one in self.below(arg)]
            case ops.DIV:
                return [] if self.holds(value.args[1]) else self.scaled(value.args[0], value.args[1])
            case ops.MUL:
                return self.product(value)
            case ops.SIGMOID | ops.LOGSIGMOID | ops.SOFTPLUS:
                return [one._replace(bent=True, classified=True) for one in self.below(value.args[0])]
            case ops.POW | ops.LOG:
                return [one._replace(bent=True) for one in self.below(value.args[0])]
        return []

    def difference(self, left: Value, right: Value) -> list[Reached]:
        """What is subtracted of a term itself is its baseline (leave-one-out), not the term with another sign."""
        found = self.below(left)
        known = {one.reading.formula.span for one in found}
        others = [one for one in self.below(right) if one.reading.formula.span not in known]
        return [*found, *_negated(others)]

    def called(self, value: Value) -> Iterable[Reached]:
        span = value.span
        for one in self.below(value.args[0]):
            step = ((span, str(value.data)),) if span is not None else ()
            yield one._replace(calls=(*step, *one.calls))

    def chosen(self, value: Value) -> Iterable[Reached]:
        condition, then, otherwise = value.args
        if is_nothing(then) or is_nothing(otherwise):
            left = otherwise if is_nothing(then) else then
            if not selects(condition) or not self.is_term(left):
                yield from self.below(left)
                return
        for branch, holds in ((then, True), (otherwise, False)):
            yield from _under(self.below(branch), assume(condition, holds=holds))

    def is_term(self, value: Value) -> bool:
        """Whether a value is an estimator but for names, calls and the choice between log-probs."""
        return any(self.reader.is_term(one) for _, one in self.choices.alternatives(value) or ())

    def scaled(self, value: Value, factor: Value) -> Iterable[Reached]:
        sign = -1 if is_negative(factor) else 1
        for one in self.below(value):
            yield one._replace(sign=one.sign * sign)

    def product(self, value: Value) -> Iterable[Reached]:
        """A coefficient times a term, or a shaped reward times the policy gradient's log-prob or ratio."""
        left, right = value.args
        if is_nought(left, value) or is_nought(right, value):
            return []
        if not self.holds(left):
            return [] if is_advantage(left) else self.scaled(right, left)
        if not self.holds(right):
            return [] if is_advantage(right) else self.scaled(left, right)
        regrouped = self.regrouped(left, right, value.span) or self.regrouped(right, left, value.span)
        if regrouped is not None:
            return self.below(regrouped)
        if self.reader.fits(value):
            return []  # a function of the log-ratio alone, if no estimator: no reward is in it
        for reward, policy in ((left, right), (right, left)):
            if self.is_policy(policy) and not is_probability(self.leaves, policy):
                ratio = any(is_ratio(self.leaves, factor) for factor in factors_of(policy))
                sign = self.policy_sign(policy)
                return [
                    one._replace(shaped=True, weighted=one.weighted or ratio, sign=one.sign * sign)
                    for one in self.below(reward)
                ]
        for reward, weight in ((left, right), (right, left)):
            if is_ratio(self.leaves, weight) and not self.below(weight):
                return [one._replace(weighted=True) for one in self.below(reward)]
        return []

    def regrouped(self, product: Value, other: Value, span: Span | None) -> Value | None:
        """`(beta * ratio) * kl` as `beta * (ratio * kl)`: a coefficient hides the weight of a term."""
        node = strip(product)
        if node.op not in {ops.MUL, ops.DIV}:
            return None
        left, right = node.args
        if not self.holds(right):
            rest, factor = left, right
        elif node.op is ops.MUL and not self.holds(left):
            rest, factor = right, left
        else:
            return None
        return Value(node.op, (Value(ops.MUL, (rest, other), None, span), factor), None, span)

    def is_policy(self, value: Value) -> bool:
        """Whether a factor is what a policy gradient differentiates: log q, a ratio, or one times the other."""
        if value.number not in self.policies:
            self.policies[value.number] = self.differentiated(value)
        return self.policies[value.number]

    def differentiated(self, value: Value) -> bool:
        node = value
        while node.op in _CARRIERS and node.op is not ops.EXP and self.leaves.leaf(node) is None:
            if node.op is ops.MUL and all(map(self.holds, node.args)):
                live = [self.is_policy(arg) for arg in node.args]
                ratios = [is_ratio(self.leaves, arg) for arg in node.args]
                return any(live) and all(map(max, live, ratios)) and not self.below(value)
            node = next(filter(self.holds, node.args[node.op in {ops.CHOICE, ops.WHERE} :]), node.args[-1])
        differentiated = self.leaves.leaf(node) is not None or node.op is ops.EXP
        return differentiated and trains(self.leaves, value) and not self.below(value)

    def policy_sign(self, value: Value) -> int:
        """-1 where a policy gradient's factor is negated (`-ratio * advantage`) or a negative log-prob."""
        leaf = self.leaves.leaf(value)
        if leaf is not None:
            return -1 if leaf.negated else 1
        if value.op not in _CARRIERS or value.op is ops.EXP:
            return 1
        args = value.args[1:] if value.op in {ops.CHOICE, ops.WHERE} else value.args
        numbers = args if value.op in {ops.MUL, ops.DIV} else ()
        negative = value.op is ops.NEG or any(is_negative(arg) for arg in numbers if not self.holds(arg))
        held = args if value.op is ops.MUL else args[:1]
        return (-1 if negative else 1) * prod(self.policy_sign(arg) for arg in held if self.holds(arg))


_ARITHMETIC = {
    ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.NEG, ops.DETACH, ops.SAME, ops.NAMED, ops.CALLED, ops.REDUCE, ops.CLAMP, ops.POW, ops.EXP,
}  # fmt: skip


@lru_cache(maxsize=50_000)
def raises(value: Value) -> bool:
    """Whether computing a value raises: some operand of its arithmetic has no value."""
    return value.op is ops.RAISED or (value.op in _ARITHMETIC and any(map(raises, value.args)))


def is_nought(factor: Value, product: Value) -> bool:
    """Whether a factor is a zero that stands in the product itself; one from elsewhere may be set anew."""
    inner = strip(factor)
    if inner.op not in {ops.CONSTANT, ops.FILLED} or inner.data != 0:
        return False
    return product.span is not None and inner.span is not None and product.span.covers(inner.span)


def _negated(reached: Iterable[Reached]) -> list[Reached]:
    return [one._replace(sign=-one.sign) for one in reached]


def _under(reached: Iterable[Reached], held: Assumptions) -> Iterable[Reached]:
    for one in reached:
        together = one.assumptions | held
        if consistent(together):
            yield one._replace(assumptions=together)


def merged(reached: Iterable[Reached]) -> Iterable[Reached]:
    """One entry for a term that is reached under a condition and under its opposite alike."""
    groups: dict[tuple[object, ...], list[Reached]] = {}
    for one in reached:
        groups.setdefault(one.key, []).append(one)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        options = [one.assumptions for one in group]
        for held in weakest(options):
            yield group[0]._replace(assumptions=held)


def weakest(options: list[Assumptions]) -> list[Assumptions]:
    """The options of a disjunction, simplified."""
    return united(simplified(options)) if len(options) <= 40 else options[:40]


def calls_inside(value: Value, formula: Value) -> tuple[tuple[Span, str], ...]:
    """The calls between a value and the formula inside it."""
    path: list[tuple[Span, str]] = []
    node = value
    while node is not formula and node.args:
        if node.op is ops.CALLED and node.span is not None:
            path.append((node.span, str(node.data)))
        following = [arg for arg in node.args if contains(arg, formula)]
        if not following:
            break
        node = following[0]
    return tuple(path)


def is_half_of_jsd(reading: Reading | FullKl) -> bool:
    """Whether the other side is a mixture with the actor itself in it: no penalty that can be judged alone."""
    return isinstance(reading, Reading) and any(leaf.kind is Kind.MIXTURE for leaf in reading.leaves)


def contains(value: Value, part: Value) -> bool:
    """Whether a value is computed from a part."""
    stack, seen = [value], set()
    while stack:
        node = stack.pop()
        if node is part:
            return True
        if node.number not in seen:
            seen.add(node.number)
            stack.extend(node.args)
    return False
