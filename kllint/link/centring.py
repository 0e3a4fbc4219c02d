"""Which rewards a function centres with a mean that includes them, told by its names alone.

Rewards are centred far from where the KL enters them: another function reads them from the batch, collects
them group by group in dictionaries, and subtracts the mean. Values cannot be followed through all of that;
that one name is computed from another can.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from kllint.ir import program as ir
from kllint.ir.traversal import children, inside
from kllint.link.words import names_reward, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_CRITIC = {"value", "values", "critic", "vf", "vpred", "vpreds"}
_REWARDS = (b"rew", b"returns", b"adv")
_MEANS = (b"mean", b"whiten", b"standardize")
_KEEPERS = {"append", "extend", "add", "insert", "update"}
_BINDING = {ir.Assign, ir.Augment, ir.Return, ir.Loop, ir.Call}


def centred(function: ir.Function) -> frozenset[str]:
    """The rewards, by name, key or attribute, from which a mean over them is subtracted."""
    nodes = tuple(inside(function))
    if not has_reward(nodes):
        return frozenset()
    nodes = tuple([node for node in nodes if node.__class__ in _BINDING])
    sources = computed_from(nodes)
    pieces = list(split(nodes))
    found: set[str] = set()
    for subtrahend, minuend in centrings(nodes, sources):
        origins, others = ancestors(minuend, sources), ancestors(subtrahend, sources)
        above = (ancestors(parts, sources) for parts in pieces if apart(parts, origins, others))
        if (others & origins).difference(*above):
            found |= origins
    return frozenset(filter(names_reward_itself, found))


def may_centre(text: bytes) -> bool:
    """Whether a function's text has a word for a reward and one for what is subtracted of it, wide on purpose."""
    lower = text.lower()
    return any(word in lower for word in _REWARDS) and any(word in lower for word in _MEANS)


def has_reward(nodes: Iterable[ir.Node]) -> bool:
    """Whether one of some expressions is a reward by its name: else nothing is centred there."""
    return any(names_reward_itself(_spelling(node)) for node in nodes)


@lru_cache(maxsize=20_000)
def names_reward_itself(name: str) -> bool:
    """Whether a name is that of a reward rather than of what is left of it behind a baseline."""
    return names_reward(name) and not {"advantage", "advantages", "adv"} & set(words(name))


def outward(function: ir.Function) -> frozenset[str]:
    """The names by which a function takes what others hand it: parameters, keys and attributes."""
    read = (_key(node) for node in inside(function))
    return frozenset({*(one.name for one in function.parameters), *(name for name in read if name)})


def centrings(nodes: Iterable[ir.Node], sources: dict[str, set[str]]) -> Iterator[tuple[set[str], set[str]]]:
    """The names in each mean that is subtracted, and in what it is subtracted from."""
    for statement in nodes:
        if not isinstance(statement, ir.Assign | ir.Augment | ir.Return) or statement.value is None:
            continue
        parts = list(inside(statement.value))
        if any(map(_leaves_one_out, parts)):
            continue
        for node in parts:
            if isinstance(node, ir.Binary) and node.operator == "-" and is_mean(node.right, sources):
                yield names_in(node.right), names_in(node.left)
            elif isinstance(node, ir.Call) and whitens(node):
                yield names_in(node), names_in(node)


def split(nodes: Iterable[ir.Node]) -> Iterator[set[str]]:
    """The names that get the parts of one value: `chosen, rejected = halves(rewards)`."""
    for node in nodes:
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call):
            yield from (set(map(name_of, one.items)) for one in node.targets if isinstance(one, ir.Sequence))


def apart(parts: set[str], first: set[str], second: set[str]) -> bool:
    """Whether two computations use different parts of one value, so that neither has a share in the other."""
    return bool(first & parts) and bool(second & parts) and not first & second & parts


def is_mean(node: ir.Expr, sources: dict[str, set[str]]) -> bool:
    """Whether an expression is a mean by the name of what computed it, or by its own."""
    called = {_called(inner) for inner in inside(node) if isinstance(inner, ir.Call)}
    named = names_in(node)
    computed = {source for name in named for source in sources.get(name, ()) if source.endswith("()")}
    return any("mean" in words(name) for name in (*called, *named, *computed))


def whitens(node: ir.Call) -> bool:
    """Whether a call subtracts the mean and divides by the deviation."""
    kept = any(
        one.keyword == "shift_mean" and getattr(one.value, "value", None) is False for one in node.arguments
    )
    return bool({"whiten", "whitened", "standardize"} & set(words(_called(node)))) and not kept


def computed_from(nodes: Iterable[ir.Node]) -> dict[str, set[str]]:
    """For each name that is bound the names in what it is bound to, and the functions called there as `f()`."""
    sources: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        match node:
            case ir.Assign(targets=targets, value=value):
                for target in targets:
                    bind(sources, target, value)
            case ir.Augment(target=target, value=value):
                bind(sources, target, value)
            case ir.Loop(target=target, iterable=iterable) if target is not None:
                bind(sources, target, iterable)
            case ir.Call(function=ir.Attribute(base=base, name=name)) if name in _KEEPERS:
                for one in node.arguments:
                    bind(sources, base, one.value)
    return sources


def bind(sources: dict[str, set[str]], target: ir.Expr, value: ir.Expr) -> None:
    """Notes what a target is computed from, element by element where both sides have elements.

    Not where a critic is in it: behind that baseline, centring shrinks no KL by itself.
    """
    if isinstance(target, ir.Sequence):
        pairs = isinstance(value, ir.Sequence) and len(value.items) == len(target.items)
        values = value.items if isinstance(value, ir.Sequence) and pairs else (value,) * len(target.items)
        for element, one in zip(target.items, values, strict=True):
            bind(sources, element, one)
        return
    name = name_of(target)
    if name and not any(_CRITIC & set(words(one)) for one in names_in(value)):
        calls = {f"{_called(inner)}()" for inner in inside(value) if isinstance(inner, ir.Call)}
        sources[name] |= (names_in(value) | calls) - {name}


def ancestors(names: set[str], sources: dict[str, set[str]]) -> set[str]:
    """The names and everything that they are computed from."""
    found, stack = set(names), list(names)
    while stack:
        for name in sources.get(stack.pop(), ()):
            if name not in found and not name.endswith("()"):
                found.add(name)
                stack.append(name)
    return found


def names_in(node: ir.Node) -> set[str]:
    """The variables, keys and attributes that an expression reads; of `batch["rewards"]` the key alone."""
    match node:
        case ir.Name(id=name):
            return {name}
        case ir.Attribute(base=base, name=name):
            return {name} if isinstance(base, ir.Name | ir.Attribute | ir.Subscript) else names_in(base)
        case ir.Subscript(base=base, index=index):
            key = _key(node)
            return {key} if key else names_in(base) | names_in(index)
        case ir.Call(function=function, arguments=arguments):
            receiver = names_in(function.base) if isinstance(function, ir.Attribute) else set()
            return receiver.union(*(names_in(one.value) for one in arguments))
    return set().union(*(names_in(one) for one in children(node)))


def name_of(target: ir.Expr) -> str:
    """The name under which a target is read again."""
    while isinstance(target, ir.Subscript) and not _key(target):
        target = target.base
    return target.id if isinstance(target, ir.Name) else _key(target)


def _key(node: object) -> str:
    """The attribute or constant key that is read or written."""
    match node:
        case ir.Attribute(name=name):
            return name
        case ir.Subscript(index=ir.Literal(value=str(key))):
            return key
    return ""


def _spelling(node: ir.Node) -> str:
    """The name that an expression is, as `names_in` would say it."""
    return node.id if isinstance(node, ir.Name) else _key(node)


def _called(node: ir.Call) -> str:
    """The last name of what is called."""
    match node.function:
        case ir.Name(id=name) | ir.Attribute(name=name):
            return name
    return ""


def _leaves_one_out(node: ir.Node) -> bool:
    """Whether one is subtracted from a count: the mean of the others."""
    return isinstance(node, ir.Binary) and node.operator == "-" and getattr(node.right, "value", None) == 1
