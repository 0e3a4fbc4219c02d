"""Composing a call: the callee's summary with its parameters replaced by the arguments.

Values are rebuilt through the same constructors that made them, so that what was open in the callee (a
selector, a function passed as an argument, an item of a dictionary) folds as soon as the caller knows it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, strip
from kllint.link import build
from kllint.link.shape import telling
from kllint.link.symbols import Aside
from kllint.link.tensors import Arguments, contents, truth
from kllint.link.words import names_log_prob
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from kllint.link.calls import Calls
    from kllint.link.scope import Closure
    from kllint.link.sinks import Sink

_MAX_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Summary:
    """What a function does, for parameters that are still open: what it returns and where it sends values."""

    closure: Closure
    returns: Value
    sinks: tuple[Sink, ...]
    writes: dict[str, Value]
    defaults: dict[str, Value]
    no_gradient: bool = False


Mapping = dict[tuple[int, str], Value]


def compose(caller: Calls, summary: Summary, arguments: Arguments, bound: Value | None) -> Value:
    """The value of calling a summarised function; its open sinks become the caller's."""
    mapping = bind(summary, arguments, bound)
    substitution = Substitution(caller, summary.closure, mapping)
    result = substitution.value(summary.returns)
    for sink in summary.sinks:
        _adopt(caller, sink, substitution, arguments)
    name = summary.closure.definition.name
    return _marked(result, name, arguments)


def _marked(result: Value, name: str, arguments: Arguments) -> Value:
    """The result with the call that made it, element by element for tuples and records."""
    if result.op in {ops.TUPLE, ops.OBJECT} and result.args:
        marked = tuple(_marked(arg, name, arguments) for arg in result.args)
        return Value(result.op, marked, result.data, result.span)
    if result.op in {
        ops.CONSTANT,
        ops.FUNCTION,
        ops.METHOD,
        ops.CLASS,
        ops.OBJECT,
        ops.TUPLE,
        ops.MODULE,
        ops.RAISED,
        ops.PARTIAL,
        ops.DICT,
        ops.LIST,
    }:
        return result
    return Value(ops.CALLED, (result,), name, arguments.span)


def _adopt(caller: Calls, sink: Sink, substitution: Substitution, arguments: Arguments) -> None:
    if sink.depth >= _MAX_DEPTH or sink.use is Use.EARLY_STOP:
        return
    if sink.use not in caller.linker.uses and not caller.linker.acts(sink.value):
        return
    value = substitution.value(sink.value)
    if value is sink.value:
        return  # nothing of it was open: it is judged in the callee
    guards = tuple(substitution.value(guard) for guard in sink.guards)
    if any(truth(guard) is False for guard in guards):
        return
    caller.adopt(sink, Value(ops.CALLED, (value,), sink.function, arguments.span), guards)


def bind(summary: Summary, arguments: Arguments, bound: Value | None) -> Mapping:
    """Which value each parameter gets."""
    parameters = summary.closure.definition.parameters
    number = summary.closure.number
    mapping: Mapping = {}
    positional = list(arguments.positional)
    if bound is not None and parameters:
        parameters = parameters[1:]
    for parameter in parameters:
        key = (number, parameter.name)
        if parameter.stars == 1:
            mapping[key] = Value(ops.TUPLE, tuple(positional), None, arguments.span)
            positional = []
        elif parameter.stars == 2:
            names = {one.name for one in parameters}
            rest = {k: v for k, v in arguments.keyword.items() if k not in names}
            mapping[key] = Value(ops.DICT, tuple(rest.values()), tuple(rest), arguments.span)
        elif positional and not parameter.keyword_only:
            mapping[key] = positional.pop(0)
        elif parameter.name in arguments.keyword:
            mapping[key] = arguments.keyword[parameter.name]
        elif parameter.name in summary.defaults and not _selects(summary.defaults[parameter.name]):
            mapping[key] = summary.defaults[parameter.name]
    return told_apart(mapping)


def told_apart(mapping: Mapping) -> Mapping:
    """Log-probs that are passed twice, named by both parameters: else `k2(logp, logp)` has one side."""
    twice = Counter(strip(value).number for value in mapping.values())
    return {
        (number, name): Value(ops.NAMED, (value,), name, value.span)
        if twice[strip(value).number] > 1 and build.is_tensor(value) and names_log_prob(name)
        else value
        for (number, name), value in mapping.items()
    }


def unshaped(value: Value) -> Value:
    """What is behind names, shapes, masks and reductions."""
    while value.op in {ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE, ops.CLAMP}:
        value = value.args[0]
    return value


def is_named(value: Value) -> bool:
    """Whether a variable's name says of a value that it holds log-probs."""
    while value.op in {ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE}:
        value = value.args[0]
    return value.op is ops.NAMED and names_log_prob(value.data)


def _selects(default: Value) -> bool:
    """Whether a default may pick an estimator by name: it stays open, so that findings can say so."""
    return default.op is ops.CONSTANT and isinstance(default.data, str)


_FOLDED = frozenset(
    {ops.COMPARE, ops.SUB, ops.NOT, ops.AND, ops.OR, ops.SAME, ops.ITEM, ops.ATTRIBUTE, ops.CALL}
)


class Substitution:
    """Replaces parameters in values, each value once."""

    def __init__(self, caller: Calls, closure: Closure, mapping: Mapping) -> None:
        self.caller = caller
        self.closure = closure
        self.mapping = mapping
        self.done: dict[int, Value] = {}

    def value(self, value: Value) -> Value:
        """The value for these arguments; the same object when nothing in it was open."""
        if not value.open:
            return value
        known = self.done.get(value.number)
        if known is None:
            known = self.done[value.number] = self.rebuilt(value)
        return known

    def rebuilt(self, value: Value) -> Value:
        if value.op is ops.PARAMETER:
            return self.mapping.get(value.data, value)
        if value.op is ops.CHOICE:
            return self.choice(value)
        if not value.args:
            return value
        if value.op is ops.NAMED and self.renames(value):
            return self.value(value.args[0])
        args = tuple([self.value(arg) if arg.open else arg for arg in value.args])
        if args == value.args:  # each the same object
            return value
        return self.made(value, args)

    def renames(self, value: Value) -> bool:
        """Whether a helper's variable is its own parameter in another shape, whose argument has a name already."""
        definition, span = self.closure.definition, value.span
        argument = self.mapping.get((self.closure.number, value.data))
        own = span is not None and span.path == self.closure.scope.path
        if argument is None or span is None or not own or not is_named(argument):
            return False
        return definition.start <= span.start < definition.end and unshaped(value.args[0]).data == (
            self.closure.number,
            value.data,
        )

    def choice(self, value: Value) -> Value:
        """Only the branch that is taken is followed once the condition is known."""
        condition = self.value(value.args[0])
        known = truth(condition)
        if known is not None:
            return self.value(value.args[1 if known else 2])
        then, otherwise = self.value(value.args[1]), self.value(value.args[2])
        if condition is value.args[0] and then is value.args[1] and otherwise is value.args[2]:
            return value
        return build.choice(condition, then, otherwise, value.span)

    def made(self, value: Value, args: tuple[Value, ...]) -> Value:
        span = value.span
        if value.op not in _FOLDED:
            return Value(value.op, args, value.data, span)
        match value.op:
            case ops.COMPARE:
                return build.compare(value.data, args[0], args[1], span)
            case ops.SUB:
                return build.difference(args[0], args[1], span)
            case ops.NOT:
                return build.negation(args[0])
            case ops.AND:
                return build.both(*args)
            case ops.OR:
                return build.either(*args)
            case ops.SAME:
                return Value(ops.SAME, (contents(args[0], span),), value.data, span)
            case ops.ITEM:
                return build.item(args[0], args[1], span)
            case ops.ATTRIBUTE if span is not None:
                return self.caller.attribute(args[0], value.data, span)
            case ops.CALL if span is not None and self.resolves(value.args[0], args):
                return self.caller.apply(self.callee(args[0]), self.arguments(value, args), "")
        return Value(value.op, args, value.data, span)

    def resolves(self, before: Value, args: tuple[Value, ...]) -> bool:
        """Whether the call's function, or what its method is called on, is new, or it is handed what matters only now."""
        if args[0] is not before:
            return True
        if before.op is ops.EXTERNAL:
            return isinstance(before.data, Aside) and any(map(telling, args[1:]))
        if before.op is ops.FUNCTION or before.op is ops.METHOD:
            if before.data is self.closure or self.caller.linker.relevance.changes(before.data, ()):
                return False  # it calls itself, or was looked into before
            return any(map(telling, args[1:]))
        return before.op is ops.SYMBOL and before.data in {"getattr", "zip", "list", "tuple"}

    def callee(self, value: Value) -> Value:
        """What is called, looked into now if it was passed over."""
        if not isinstance(value.data, Aside):
            return value
        return self.caller.linker.global_name(value.data.scope, value.data.member) or value

    @staticmethod
    def arguments(value: Value, args: tuple[Value, ...]) -> Arguments:
        assert value.span is not None  # noqa: S101  # calls are made from source
        pairs = list(zip(value.data, args[1:], strict=True))
        return Arguments(
            tuple(arg for keyword, arg in pairs if keyword is None),
            {keyword: arg for keyword, arg in pairs if keyword is not None},
            value.span,
        )
