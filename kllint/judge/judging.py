"""Judges a linked project: every function's sinks, the KL terms that reach them, and what the rules say."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from kllint.findings import SELECTED, Confidence, Evidence, Finding, Note, Severity
from kllint.ir import ops
from kllint.ir import program as ir
from kllint.judge.baselines import Baselines
from kllint.judge.choices import Choices
from kllint.judge.conditions import consistent, said, subjects
from kllint.judge.full import FullKl
from kllint.judge.guards import guard_assumptions, surely
from kllint.judge.interning import Interned
from kllint.judge.leaves import Leaves, is_nothing
from kllint.judge.reading import Reader
from kllint.judge.selectors import Selectors
from kllint.judge.settling import Candidate
from kllint.judge.surrogate import Surrogates, trains
from kllint.judge.terms import make_term, regime_of
from kllint.judge.walk import Reached, Walker
from kllint.judge.way import steps
from kllint.link import sinks
from kllint.link.sinks import Sink
from kllint.rules.registry import violations
from kllint.rules.term import Term, Trait
from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Estimator, Regime, Role, Target, Use, Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.answers import Lookup
    from kllint.findings import Span
    from kllint.ir.values import Value
    from kllint.judge.assumption import Assumptions
    from kllint.judge.reading import Reading
    from kllint.link.linker import Linker
    from kllint.link.scope import Closure

_TRAINING = {Use.LOSS, Use.REWARD}
JUDGED = frozenset({Use.LOSS, Use.REWARD, Use.UNKNOWN})  # what is dropped has no known use


@dataclass(frozen=True, slots=True)
class Policy:
    """What the user says of the code: extra role words, the regime and the divergence that is wanted."""

    roles: tuple[tuple[Role, str], ...] = ()
    regime: Regime | None = None
    target: Target = Target.REVERSE


class Judged(NamedTuple):
    """A term at a sink, with what it was reached by, and the conditions on all terms there."""

    sink: Sink
    reached: Reached
    term: Term
    rivals: tuple[Assumptions, ...]


class Judge:
    """Judges the functions of one linked project."""

    def __init__(self, linker: Linker, lookup: Lookup, policy: Policy) -> None:
        self.linker = linker
        self.policy = policy
        self.leaves = Leaves(policy.roles, linker.fields)
        self.reader = Reader(self.leaves)
        self.choices = Choices(self.leaves)
        self.interned = Interned(linker.default)
        self.walker = Walker(self.leaves, self.reader, self.choices)
        self.surrogates = Surrogates(self.leaves, self.reader)
        self.selectors = Selectors(linker, lookup)
        self.baselines = Baselines(linker)
        self.uses: dict[Span, set[Use]] = {}
        self.formulas: dict[Span, Reading | FullKl] = {}
        self.regimes: dict[Span, Regime] = {}
        self.verdicts: dict[Span, Verdict] = {}

    def sinks_of(self, closure: Closure) -> list[Sink]:
        """The sinks of a function, with what it returns where its name says what that is for."""
        summary = self.linker.summaries.get(closure.number)
        if summary is None:
            return []
        return [*summary.sinks, *returned(closure, summary.returns, no_gradient=summary.no_gradient)]

    def candidates(self, closure: Closure) -> Iterator[Candidate]:
        """What the rules say of one function's sinks."""
        judged: list[Judged] = []
        learned: set[str] = set()
        for sink, reached in self.arrivals(closure):
            self.mark(sink, reached)
            if sink.use is Use.LOSS:
                learned |= {key for one in reached if one.classified for key in sides(one)}
            if sink.use in _TRAINING or sink.label in sinks.UNUSED:
                judged.extend(self.judged(sink, reached))
        judged = [one for one in judged if not is_implicit_reward(one.reached, learned)]
        scored = {
            one.reached.reading.formula.span
            for one in judged
            if one.reached.shaped and not one.reached.weighted
        }
        for one in judged:
            if one.sink.label in sinks.UNUSED and is_used(one, judged):
                continue
            term = in_both_paths(one, once_weighted(one.term, scored), judged)
            yield from self.findings(one, self.centred(one.sink, term))

    def centred(self, sink: Sink, term: Term) -> Term:
        """The term, marked when its reward is centred elsewhere."""
        if not self.baselines.centre(sink):
            return term
        return dataclasses.replace(term, traits=term.traits | {Trait.CENTRED_WITH_SELF})

    def arrivals(self, closure: Closure) -> Iterator[tuple[Sink, tuple[Reached, ...]]]:
        """The sinks of a function that KL terms reach, with them."""
        for found in self.sinks_of(closure):
            if found.use in self.linker.uses:
                sink = self.as_used(dataclasses.replace(found, value=self.interned.of(found.value)))
                reached = self.walker.below(sink.value) if sink.use in self.linker.uses else ()
                if reached:
                    yield sink, reached

    def as_used(self, sink: Sink) -> Sink:
        """The sink; what is handed out without any gradient is for the log: `return loss.detach()`."""
        handed_out = sink.label == "return" or sink.label.startswith("output[")
        logged = sink.use is Use.LOSS and handed_out and not trains(self.leaves, sink.value)
        return dataclasses.replace(sink, use=Use.METRIC) if logged else sink

    def mark(self, sink: Sink, reached: Iterable[Reached]) -> None:
        """Remembers what becomes of each formula, for the inventory."""
        for one in reached:
            span = one.reading.formula.span
            if span is not None:
                use = Use.REWARD if one.shaped and sink.use is Use.LOSS else sink.use
                self.uses.setdefault(span, set()).add(use)
                self.formulas.setdefault(span, one.reading)

    def judged(self, sink: Sink, reached: tuple[Reached, ...]) -> Iterator[Judged]:
        guards = guard_assumptions(sink)
        polarity = self.polarity(sink)
        regime = self.policy.regime or regime_of(self.leaves, sink)
        rivals = tuple(one.assumptions for one in reached)
        for one in reached:
            held = one.assumptions | guards
            if one.bent or (one.weighted and not one.shaped) or not consistent(held):
                continue
            condition = said(held) or None
            term = make_term(self.leaves, sink, one, polarity, condition, self.policy.target, regime, reached)
            if term is not None:
                self.regimes.setdefault(term.span, regime)
                self.verdicts.setdefault(term.span, term.verdict)
                yield Judged(sink, one, term, rivals)

    def polarity(self, sink: Sink) -> int:
        """+1 where the sink's sign is known to be that of a loss or of a shaped reward, -1 where reversed."""
        if sink.use is Use.LOSS:
            known = -self.surrogates.surrogate_sign(sink.value)
            return known if known or sink.confidence is not Confidence.HIGH else 1
        return 1 if self.surrogates.adds_reward(sink.value) else 0

    def findings(self, one: Judged, term: Term) -> Iterator[Candidate]:
        """What the rules say of a term; the defaults are looked up only for those of which they say something."""
        sink, calls = one.sink, tuple(span for span, _ in one.reached.calls[one.sink.depth :])
        for rule, violation in violations(term):
            choice = self.selectors.choice(one.reached.assumptions, one.rivals, sink.span.path)
            severity = Severity.INFO if choice.by_default is False else violation.severity or rule.severity
            fit = term.fit
            evidence = (
                Evidence(fit.value.render(), fit.derivative.render() if fit.derivative is not None else "?")
                if fit
                else None
            )
            selected = (Note(choice.source.span, SELECTED),) if choice.source else ()
            reaches = (
                (Note(sink.span, f"reaches the {term.use.value} here"),) if sink.span != term.span else ()
            )
            finding = Finding(
                rule.code, severity, violation.confidence or term.confidence, violation.message, term.span, term.function,
                term.condition, choice.by_default, evidence, reaches, selected, (), violation.instead,
            )  # fmt: skip
            yield Candidate(finding, term.span, calls, sink, one.reached)

    def told(self, one: Candidate) -> Iterator[Finding]:
        """The finding with the way from the log-probs to the sink."""
        way = (step.note for step in steps(self.leaves, one.sink, one.reached))
        yield one.finding._replace(flow=(*one.finding.flow, *way))


def is_used(shaped: Judged, judged: Iterable[Judged]) -> bool:
    """Whether a KL that is dropped, or whose shape alone is taken, is trained on as well, under the same conditions.

    Where branches have joined, nobody knows which of them a KL came from: of several uses those count that
    are under conditions on the same selectors, if there are any.
    """
    guards, reading = surely(shaped.sink), shaped.reached.reading
    uses = [
        one.reached.assumptions | surely(one.sink)
        for one in judged
        if one.sink.use in _TRAINING and one.reached.reading.formula.span == reading.formula.span
    ]
    telling = [held for held in uses if set(subjects(guards)) <= set(subjects(held))]
    return any(consistent(shaped.reached.assumptions | guards | held) for held in telling or uses)


def sides(one: Reached) -> set[str]:
    """The log-probs that a term is made of."""
    return set() if isinstance(one.reading, FullKl) else {leaf.key for leaf in one.reading.leaves}


def is_implicit_reward(one: Reached, learned: set[str]) -> bool:
    """Whether a log-ratio is the reward that preferences or labels teach it to be, which a sigmoid shows: no KL."""
    return one.reading.estimator is Estimator.K1 and sides(one) <= learned


def once_weighted(term: Term, scored: set[Span | None]) -> Term:
    """The term, right where the ratio in its reward is one or the only one: the reward multiplies log q alone."""
    if term.verdict is not Verdict.WEIGHTED_REWARD or term.weight is Weight.GEOMETRIC_RHO:
        return term
    once = term.regime is Regime.ON or term.span in scored
    return dataclasses.replace(term, verdict=Verdict.RIGHT) if once else term


def in_both_paths(here: Judged, term: Term, judged: Iterable[Judged]) -> Term:
    """The term, marked when the same KL is in the reward as well under conditions that can hold together."""
    if term.use is not Use.LOSS:
        return term
    sides, held = {term.numerator, term.denominator}, here.reached.assumptions | surely(here.sink)
    both = any(
        one.term.use is Use.REWARD
        and {one.term.numerator, one.term.denominator} == sides
        and one.term.span != term.span
        and consistent(held | one.reached.assumptions | surely(one.sink))
        for one in judged
    )
    return dataclasses.replace(term, traits=term.traits | {Trait.IN_BOTH_PATHS}) if both else term


def returned(closure: Closure, value: Value, *, no_gradient: bool) -> Iterator[Sink]:
    """What a loss or reward function returns, as sinks."""
    name = closure.definition.name
    owner = closure.owner.name if closure.owner is not None else ""
    if no_gradient:
        return
    if sinks.returns_loss(name, owner):
        yield from _elements(closure, value)
    elif sinks.returns_reward(name) and value.op is not ops.CONSTANT:
        yield _sink(closure, Use.REWARD, value, Confidence.MEDIUM)
    elif hands_out_loss(closure.definition):
        yield from _elements(closure, value)


def hands_out_loss(function: ir.Function) -> bool:
    """Whether what a function returns in the end, alone or first, goes by the name of a loss there."""
    last = function.body[-1] if function.body else None
    handed = last.value if isinstance(last, ir.Return) else None
    if isinstance(handed, ir.Sequence) and handed.items:
        handed = handed.items[0]
    return isinstance(handed, ir.Name) and sinks.is_loss(handed.id)


def _elements(closure: Closure, value: Value) -> Iterator[Sink]:
    displays = [end for end in ends_of(value) if end.op in {ops.TUPLE, ops.DICT}]
    if value.op is ops.CHOICE and displays:
        for one in displays:
            yield from _elements(closure, one)
    elif value.op is ops.TUPLE:
        for index, element in enumerate(value.args):
            if index and element.op in {ops.TUPLE, ops.DICT}:
                yield from (_sink(closure, Use.METRIC, part, Confidence.MEDIUM) for part in element.args)
                continue
            use = sinks.of_element(name_of(element), index, only=len(value.args) == 1)
            if use is not None:
                yield from (
                    _elements(closure, element)
                    if element.op is ops.DICT
                    else [_sink(closure, use, element, Confidence.MEDIUM)]
                )
    elif value.op is ops.DICT:
        for key, entry in zip(value.data, value.args, strict=True):
            use = sinks.of_entry(str(key)) if key is not None else None
            if use is not None:
                yield _sink(closure, use, entry, Confidence.MEDIUM)
    else:
        yield _sink(closure, Use.LOSS, value, Confidence.MEDIUM)


def ends_of(value: Value) -> Iterator[Value]:
    """The values at the ends of a tree of choices, each once."""
    stack, seen = [value], {value.number}
    while stack:
        node = stack.pop()
        if node.op is not ops.CHOICE:
            yield node
            continue
        branches = [one for one in reversed(node.args[1:]) if one.number not in seen]
        seen.update(one.number for one in branches)
        stack.extend(branches)


def name_of(value: Value) -> str:
    """The name that a value was bound to, where it was bound at all: `kl = None; if ...: kl = ...`."""
    while value.op is ops.CHOICE and any(map(is_nothing, value.args[1:])):
        value = value.args[2 if is_nothing(value.args[1]) else 1]
    return str(value.data) if value.op is ops.NAMED else ""


def _sink(closure: Closure, use: Use, value: Value, confidence: Confidence) -> Sink:
    from kllint.findings import Span as Place  # noqa: PLC0415

    definition = closure.definition
    span = value.span or Place(closure.scope.path, definition.start, definition.end)
    return Sink(use, value, span, closure.name, (), confidence, "return")
