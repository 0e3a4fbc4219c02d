"""The way of a term from its log-probs to its sink, with value and derivative at each step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kllint.findings import Step, Way
from kllint.ir import ops
from kllint.ir.values import Value, render
from kllint.judge.conditions import assume, consistent, said
from kllint.judge.guards import guard_assumptions
from kllint.judge.probe import OpaqueError, Probe
from kllint.judge.reading import Reading
from kllint.kernels import is_kernel
from kllint.theory.combination import Combination
from kllint.theory.fit import fit
from kllint.theory.vocabulary import Gradient, Role, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.findings import Span
    from kllint.judge.full import FullKl
    from kllint.judge.leaves import Leaf, Leaves
    from kllint.judge.walk import Reached
    from kllint.link.sinks import Sink
    from kllint.theory.fit import Fit

_SYMBOLS = {"q": "log q", "p": "log p", "mu": "log mu"}
_WHOSE = {Role.ACTOR: "the actor's", Role.REFERENCE: "the reference's", Role.TEACHER: "the teacher's",
          Role.BEHAVIOUR: "the sampler's"}  # fmt: skip
_CARRIED = {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE, ops.ANY}


def way(leaves: Leaves, sink: Sink, one: Reached) -> Way | None:
    """One term's way to one sink, under all conditions on it; None when they exclude each other."""
    span, held = one.reading.formula.span, one.assumptions | guard_assumptions(sink)
    if span is None or not consistent(held):
        return None
    use = Use.REWARD if one.shaped else sink.use
    estimator = one.reading.estimator.value
    return Way(span, sink.function, estimator, use.value, said(held) or None, steps(leaves, sink, one))


def steps(leaves: Leaves, sink: Sink, one: Reached) -> tuple[Step, ...]:
    """The steps from the log-probs over the formula to the sink; those that tell nothing new are left out."""
    inwards = path(leaves, sink.value, one)
    above = upwards(leaves, inwards, one)
    below = inside(leaves, one.reading) if isinstance(one.reading, Reading) else [whole(one.reading)]
    last = Step(sink.span, f"reaches the {'reward' if one.shaped else sink.use.value} here", None, None)
    return tuple(news([*below, *above, last]))


def news(steps: Iterable[Step]) -> Iterator[Step]:
    """Steps in the project, without those that say again, at the place of another, what is known already."""
    said: set[tuple[Span, str]] = set()
    for step in steps:
        if (step.span, step.text) not in said and not is_kernel(step.span.path):
            said.add((step.span, step.text))
            yield step


# -- from the log-probs to the formula ------------------------------------------------------------


def inside(leaves: Leaves, reading: Reading) -> Iterator[Step]:
    """The log-probs, what is computed from them under a name or in a function of its own, and the formula."""
    probe = probe_of(leaves, reading)
    formula = reading.formula
    for node in in_order(leaves, formula):
        leaf = leaves.leaf(node)
        if leaf is not None:
            yield from log_prob(leaf, dict(reading.slots).get(leaf.key))
        elif node is formula or node.op in {ops.NAMED, ops.CALLED}:
            found = fitted(probe, node)
            if found is not None and node.span is not None:
                title = f"{reading.estimator.value}" if node is formula else label(node)
                yield Step(node.span, title, *told(found))


def in_order(leaves: Leaves, value: Value) -> Iterator[Value]:
    """What a value is computed from, parts first and each once; leaves are not taken apart."""
    stack, seen = [(value, False)], set()
    while stack:
        node, done = stack.pop()
        if done:
            yield node
        elif node.number not in seen and leaves.of(node):
            seen.add(node.number)
            stack.append((node, True))
            if leaves.leaf(node) is None:
                stack.extend((arg, False) for arg in reversed(node.args))


def log_prob(leaf: Leaf, slot: str | None) -> Iterator[Step]:
    """The steps over which a log-prob comes: where it is computed or read, what returns it, its name."""
    origin = list(behind(leaf.value))
    for node in reversed(origin[1:]):
        if node.span is not None and (node.op is ops.CALLED or node is origin[-1]):
            yield Step(node.span, came_from(node), None, None)
    if leaf.value.span is not None and slot is not None:
        whose = f", {_WHOSE[leaf.role]}" if leaf.role in _WHOSE else ""
        live = {Gradient.LIVE: ", with gradient", Gradient.DETACHED: ", without gradient"}.get(
            leaf.gradient, ""
        )
        yield Step(leaf.value.span, f"{leaf.text} is {_SYMBOLS[slot]}{whose}{live}", None, None)


def behind(value: Value) -> Iterator[Value]:
    """A log-prob, and what it is but for names, calls, shapes and detachment."""
    yield value
    while value.op in _CARRIED:
        value = value.args[0]
        yield value


def brief(value: Value) -> str | None:
    """A value in few words, if it has some."""
    text = render(value, 3)
    return text if "..." not in text and "choice(" not in text and len(text) <= 60 else None


def came_from(node: Value) -> str:
    """How the log-prob got into the program, or which function handed it on."""
    match node.op:
        case ops.CALLED:
            return label(node)
        case ops.GATHER | ops.LOG_PROB | ops.LOG_SOFTMAX | ops.CROSS_ENTROPY | ops.LOG:
            return f"computed from {brief(node.args[0]) or 'logits'}"
    return f"read from {brief(node)}" if brief(node) else "computed here"


def whole(full: FullKl) -> Step:
    """The step at which a KL over whole distributions is computed."""
    span = full.formula.span
    assert span is not None  # noqa: S101  # terms without a place are not judged
    return Step(
        span, f"{full.estimator.value} KL({full.numerator.value} || {full.denominator.value})", None, None
    )


def probe_of(leaves: Leaves, reading: Reading) -> Probe:
    """What evaluates the values around a reading as the reading was evaluated."""
    return Probe(leaves, dict(reading.slots), anchored=reading.anchored)


def fitted(probe: Probe, value: Value) -> Fit | None:
    """The formulas of one value, where they are combinations of the basis."""
    try:
        return fit(probe.evaluate(value), probe.anchored)
    except OpaqueError:
        return None


def label(node: Value) -> str:
    """The variable that a value is bound to, or the function that returns it."""
    return str(node.data) if node.op is ops.NAMED else f"returned by {node.data}"


def told(found: Fit) -> tuple[str, str]:
    """Value and derivative in words."""
    return found.value.render(), found.derivative.render() if found.derivative is not None else "?"


# -- from the formula to the sink -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Share:
    """What the term adds to a value above it: its formulas, times factors that are no log-probs."""

    value: Combination | None
    derivative: Combination | None
    factors: tuple[str, ...] = ()

    @classmethod
    def of(cls, reading: Reading | FullKl) -> Share:
        """The formula itself."""
        found = reading.fit if isinstance(reading, Reading) else None
        return cls(found.value, found.derivative) if found is not None else cls(None, None)

    def negated(self) -> Share:
        """The share of what is subtracted."""
        value, derivative = (
            one.negate() if one is not None else None for one in (self.value, self.derivative)
        )
        return replace(self, value=value, derivative=derivative)

    def rewarded(self) -> Share:
        """The share as a reward that multiplies log q."""
        return replace(self, value=None, derivative=self.value)

    def told(self) -> tuple[str | None, str | None]:
        """Value and derivative in words."""
        return self.said(self.value), self.said(self.derivative)

    def said(self, formula: Combination | None) -> str | None:
        if formula is None:
            return None
        text = formula.render()
        if not self.factors or not formula:
            return text
        scale = " * ".join(self.factors)
        if text in {"1", "-1"}:
            return text.removesuffix("1") + scale
        return (
            f"{scale} * ({text})" if len(formula.terms) > 1 or text.startswith("-") else f"{scale} * {text}"
        )


UNKNOWN = Share(None, None)


def path(leaves: Leaves, value: Value, one: Reached) -> list[Value]:
    """The values from the sink's down to the formula, by the branches that the term's conditions take."""
    target = one.reading.formula
    denied = {assumption.opposite for assumption in one.assumptions}
    came: dict[int, Value | None] = {value.number: None}
    stack = [value]
    while stack:
        node = stack.pop()
        if node is target or (node.span == target.span and node.op is target.op):
            found = [node]
            while (before := came[found[-1].number]) is not None:
                found.append(before)
            return found[::-1]
        for part in reversed([*parts(node, denied), *leaves.stored(node)]):
            if part.number not in came:
                came[part.number] = node
                stack.append(part)
    return [target]


def parts(node: Value, denied: set[str]) -> tuple[Value, ...]:
    """The operands of a value; of a choice, the branches that contradict no condition of the term."""
    if node.op is not ops.CHOICE:
        return node.args
    condition, then, otherwise = node.args
    return tuple(
        branch
        for branch, holds in ((then, True), (otherwise, False))
        if denied.isdisjoint(assume(condition, holds=holds))
    )


def upwards(leaves: Leaves, inwards: list[Value], one: Reached) -> Iterator[Step]:
    """What happens to the formula on its way out."""
    share = before = Share.of(one.reading)
    probe = probe_of(leaves, one.reading) if isinstance(one.reading, Reading) else None
    for below, node in zip(inwards[:0:-1], inwards[-2::-1], strict=True):
        happened, share = passed(leaves, node, below, share)
        if one.shaped and share == UNKNOWN and before.value is not None:
            happened, share = (
                f"{happened}: a reward, whose value is the coefficient of its gradient",
                before.rewarded(),
            )
        before = share
        found = fitted(probe, node) if probe is not None and not share.factors else None
        share = Share(found.value, found.derivative) if found is not None else share
        if happened and node.span is not None:
            yield Step(node.span, happened, *share.told())


def passed(leaves: Leaves, node: Value, below: Value, share: Share) -> tuple[str | None, Share]:
    """What an operation does to the share of the term in it, in words and in numbers."""
    match node.op:
        case ops.NAMED | ops.CALLED:
            return label(node), share
        case ops.REDUCE:
            return str(node.data), share
        case ops.DETACH:
            return "detached: no gradient from here on", replace(share, derivative=Combination())
        case ops.CENTRED:
            return "centred by its mean over samples", share
        case ops.CLAMP:
            return "clamped", share
        case ops.NEG:
            return "negated", share.negated()
        case ops.ADD | ops.SUB:
            return summed(leaves, node, below, share)
        case ops.MUL | ops.DIV:
            return multiplied(leaves, node, below, share)
        case ops.ATTRIBUTE | ops.ITEM if below not in node.args:
            return f"stored, and read as {brief(node) or node.data}", share
    return None, share


def summed(leaves: Leaves, node: Value, below: Value, share: Share) -> tuple[str, Share]:
    """The share of a term in a sum; its value is not told where log-probs are in the rest as well."""
    rest = other(node, below)
    text = brief(rest) or "the rest"
    if leaves.of(rest):
        share = replace(share, value=None)
    if node.op is ops.ADD:
        return f"added to {text}", share
    return (f"less {text}", share) if below is node.args[0] else (f"subtracted from {text}", share.negated())


def other(node: Value, below: Value) -> Value:
    """The second operand."""
    return node.args[1] if below is node.args[0] else node.args[0]


def multiplied(leaves: Leaves, node: Value, below: Value, share: Share) -> tuple[str, Share]:
    """A coefficient scales value and derivative; log-probs beside the term make it a weight of theirs."""
    factor = other(node, below)
    text = brief(factor) or "(...)"
    if not leaves.of(factor):
        scaled = text if node.op is ops.MUL else f"1 / {text}"
        return f"times {scaled}", replace(share, factors=(scaled, *share.factors))
    return f"times {brief(factor) or 'what log-probs are in, too'}", UNKNOWN
