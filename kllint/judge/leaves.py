"""Log-probabilities at the edge of an expression: whose they are, and whether the gradient reaches them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import Enum, auto, unique
from typing import TYPE_CHECKING

from kllint.ir import ops
from kllint.ir.values import Value, is_constant, render, symbol
from kllint.judge.naming import SHAPED, goes_by_call, last_name, names_of
from kllint.link.words import (
    names_kl,
    names_latent,
    names_log_prob,
    names_log_ratio,
    names_preference,
    names_probability,
    names_rollout,
    role_in,
    words,
)
from kllint.theory.vocabulary import Gradient, Role

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@unique
class Kind(Enum):
    """What a leaf is: one log-prob a sample, one for each word of the vocabulary, a log-ratio, a mixture."""

    SAMPLE = auto()
    VOCABULARY = auto()
    RATIO = auto()
    MIXTURE = auto()  # the log of a sum of distributions, as in Jensen-Shannon divergences


@dataclass(frozen=True, slots=True)
class Leaf:
    """A log-probability that an expression is made of.

    Two leaves with one `key` are one tensor. `role` is None when neither flow nor name tells whose it is;
    `certain` says that a model or a batch was seen behind it.
    """

    key: str
    text: str
    kind: Kind
    role: Role | None
    gradient: Gradient
    certain: bool
    preference: bool
    negated: bool
    pathwise: bool
    value: Value


_OPEN = {ops.SYMBOL, ops.PARAMETER, ops.ATTRIBUTE, ops.ITEM, ops.CALL}
_THROUGH = {
    ops.NAMED, ops.CALLED, ops.SAME, ops.DETACH, ops.REDUCE, ops.CHOICE, ops.ANY, ops.ADD, ops.SUB, ops.MUL, ops.DIV, ops.POW, ops.NEG,
    ops.EXP, ops.LOG, ops.EXPM1, ops.LOG1P, ops.ABS, ops.SQRT, ops.SIGN, ops.SIGMOID, ops.LOGSIGMOID, ops.SOFTPLUS, ops.MIN, ops.MAX,
    ops.CLAMP, ops.WHERE, ops.CENTRED, ops.KL_DIV, ops.KL_DISTRIBUTIONS, ops.GATHER,
}  # fmt: skip
_FOLLOWED = {
    ops.CHOICE: slice(1, None),
    ops.WHERE: slice(1, None),
    ops.CLAMP: slice(1),
}  # not what decides or bounds
_CONSTANT_ROLES = {Role.REFERENCE, Role.BEHAVIOUR, Role.TEACHER}


class Leaves:
    """Finds the leaves of values, each value once; `extra` adds words to roles."""

    def __init__(
        self, extra: tuple[tuple[Role, str], ...] = (), fields: Mapping[str, list[Value]] | None = None
    ) -> None:
        self.extra = extra
        self.fields = fields or {}
        self.found: dict[int, frozenset[Leaf]] = {}
        self.single: dict[int, Leaf | None] = {}

    def of(self, value: Value) -> frozenset[Leaf]:
        """The leaves that a value is computed from by arithmetic."""
        known = self.found.get(value.number)
        if known is not None:
            return known
        stack = [value]
        while stack:
            node = stack[-1]
            if node.number in self.found:
                stack.pop()
                continue
            leaf = self.leaf(node)
            if leaf is not None:
                self.found[node.number] = frozenset({leaf})
            elif node.op not in _THROUGH:
                self.found[node.number] = (
                    frozenset()
                )  # what is stored may have been computed from what is read
                self.found[node.number] = frozenset().union(*(self.of(other) for other in self.stored(node)))
            else:
                followed = node.args[_FOLLOWED.get(node.op, slice(None))]
                missing = [arg for arg in followed if arg.number not in self.found]
                if missing:
                    stack.extend(missing)
                    continue
                inside = frozenset().union(*[self.found[arg.number] for arg in followed])
                if inside and node.op is ops.NAMED and names_preference(str(node.data)):
                    inside = frozenset(replace(one, preference=True) for one in inside)
                self.found[node.number] = inside
                whole = node.op is ops.KL_DIV or node.op is ops.KL_DISTRIBUTIONS
                if whole and not self.found[node.number]:
                    self.found[node.number] = frozenset({_whole(node)})
        return self.found[value.number]

    def stored(self, value: Value) -> list[Value]:
        """What was stored where a value is read from: `experience.kl`, written by another method of the file."""
        name = last_name(value) if value.op is ops.ATTRIBUTE or value.op is ops.ITEM else ""
        if not name or not names_kl(name) or value.span is None:
            return []
        path = value.span.path
        return [one for one in self.fields.get(name, ()) if one.span is not None and one.span.path == path][
            :4
        ]

    def leaf(self, value: Value) -> Leaf | None:
        """The leaf that a value is by itself."""
        if value.number not in self.single:
            self.single[value.number] = self.made(value)
        return self.single[value.number]

    def made(self, value: Value) -> Leaf | None:
        core = _core(value)
        if core.op is ops.CHOICE and value.op in {ops.CHOICE, ops.NAMED, ops.CALLED}:
            chosen = self.either(value, core)
            if chosen is not None:
                return chosen
        kind = _kind(value, core)
        if kind is None:
            return None
        names = list(names_of(value))
        text = f"{names[0] if names else render(core, 3)}{'(...)' if goes_by_call(value) else ''}"
        role, certain = (Role.REFERENCE, False) if kind is Kind.MIXTURE else self.role(names, core)
        gradient = _gradient(value, role)
        return Leaf(
            f"{role or ''}:{symbol(core)}", text, kind, role, gradient, certain, any(map(names_preference, names)),
            core.op is ops.CROSS_ENTROPY, _is_pathwise(core) or any(map(names_latent, names)), value,
        )  # fmt: skip

    def either(self, value: Value, core: Value) -> Leaf | None:
        """The leaf that a choice between ways to compute one log-prob is."""
        given = [branch for branch in core.args[1:] if not is_nothing(branch)]
        if asks_for_presence(core.args[0]):
            given = [branch for branch in given if _core(branch).op is not ops.FILLED]
        branches = list(map(self.leaf_like, given))
        found = [branch for branch in branches if branch is not None]
        if not found or len(found) < len(branches):
            return None
        names = [str(value.data)] if value.op is ops.NAMED and names_log_prob(str(value.data)) else []
        roles = {branch.role for branch in found if branch.role is not None}
        named = role_in(names[0], self.extra) if names else None
        if named is Role.ACTOR:  # what a branch was called inside says nothing of its gradient any more
            found = [regraded(one, branch) for one, branch in zip(found, given, strict=True)]
        if (named is None and len(roles) > 1) or any(branch.kind is not found[0].kind for branch in found):
            return None
        live = (
            any(branch.gradient is not Gradient.DETACHED for branch in found) and named not in _CONSTANT_ROLES
        )
        first = found[0]
        keys = " or ".join(dict.fromkeys(branch.key for branch in found))
        return replace(
            first, key=first.key if named is None and len(found) == 1 else f"{named or ''}:{keys}",
            text=names[0] if names else first.text, role=named or next(iter(roles), None), value=value,
            gradient=first.gradient if live else Gradient.DETACHED, certain=any(branch.certain for branch in found),
        )  # fmt: skip

    def leaf_like(self, value: Value) -> Leaf | None:
        """The leaf that a value is but for shape, name and detachment."""
        detached = False
        while self.leaf(value) is None:
            alike = value.op is ops.ANY and all(map(self.leaf_like, value.args[1:]))
            if value.op not in SHAPED and not alike:
                return None
            detached = detached or value.op is ops.DETACH
            value = value.args[0]
        found = self.leaf(value)
        return replace(found, gradient=Gradient.DETACHED) if found is not None and detached else found

    def role(self, names: list[str], core: Value) -> tuple[Role | None, bool]:
        """The role by name and flow; certain when the model or the batch key says the same."""
        if core.op in {ops.ITEM, ops.ATTRIBUTE}:
            names.reverse()  # the key of a batch says more than the variable it was read into
        told = (role_in(name, self.extra) for name in names if not _is_promise(name, names))
        named = next((found for found in told if found), None)
        behind = self.role_behind(core)
        if named is None:
            return behind, behind is not None
        return named, behind in {None, named} and core.op is not ops.SYMBOL

    def role_behind(self, core: Value) -> Role | None:
        """The role of the model or distribution that a log-prob was computed with."""
        if core.op in {ops.LOG_PROB, ops.GATHER, ops.LOG_SOFTMAX, ops.CROSS_ENTROPY, ops.LOG}:
            text = render(core.args[0], 6)
        elif core.op is ops.CALL:
            text = " ".join(render(arg, 4) for arg in core.args[1:3])
        elif core.op in {ops.ATTRIBUTE, ops.ITEM}:
            text = render(core.args[0], 4)
        else:
            return None
        parts = set(words(_HANDLE.sub("", text) if "ray.get(" in text else text))
        order = (Role.TEACHER, Role.REFERENCE, Role.BEHAVIOUR, Role.ACTOR)
        return next((role for role in order if parts & _MODEL_WORDS[role]), None)


def _is_promise(name: str, names: Collection[str]) -> bool:
    """Whether a name is that of the promise of what has another name: `logp = await logp_ref`."""
    kept = _HANDLE.sub("", name)
    return kept != name and kept in names


_HANDLE = re.compile(r"_refs?\b")  # the promise of a result, not the reference model
_MODEL_WORDS: dict[Role, frozenset[str]] = {
    Role.TEACHER: frozenset({"teacher"}),
    Role.REFERENCE: frozenset({"ref", "reference", "frozen", "sft"}),
    Role.BEHAVIOUR: frozenset({"old", "prev", "behavior", "behaviour", "rollout", "trajectory", "buffer"}),
    Role.ACTOR: frozenset({"student", "actor", "policy", "model", "agent"}),
}


def _core(value: Value) -> Value:
    """What is behind names, shapes, detachment, sums and masks."""
    while True:
        if value.op in SHAPED:
            value = value.args[0]
        elif value.op is ops.WHERE and value.args[2].op in {ops.CONSTANT, ops.FILLED}:
            value = value.args[1]
        elif value.op is ops.ANY:
            value = value.args[0]
        else:
            return value


def _kind(value: Value, core: Value) -> Kind | None:
    """Whether a value is a leaf, and of which kind."""
    if value.op in {ops.SAME, ops.DETACH, ops.REDUCE, ops.CALLED, ops.WHERE, ops.ANY}:
        return None  # its inside is the leaf, its gradient and shape are operations
    if core.op is ops.LOG_PROB or (core.op is ops.GATHER and _core(core.args[0]).op is ops.LOG_SOFTMAX):
        return Kind.SAMPLE
    if core.op is ops.LOG and _is_mixture(core.args[0]):
        return Kind.MIXTURE
    if core.op is ops.CROSS_ENTROPY:
        return Kind.SAMPLE if value.op is ops.CROSS_ENTROPY else None
    if core.op is ops.LOG_SOFTMAX:
        return Kind.VOCABULARY
    if core.op is ops.LOG and _is_probability(core.args[0]):
        return Kind.VOCABULARY
    if value.op is ops.NAMED:
        if core.op in _OPEN or core.op in {ops.GATHER, ops.FILLED, ops.LOG}:
            return _named_kind(str(value.data))
        inside = core.op in {ops.SUB, ops.CHOICE, ops.DIV, ops.MUL, ops.NEG}
        return (
            Kind.SAMPLE
            if inside and names_log_prob(str(value.data)) and not _mentions_log_prob(core)
            else None
        )
    return _named_kind(last_name(core)) if core.op in _OPEN else None


def _named_kind(name: str) -> Kind | None:
    if names_log_ratio(name):
        return Kind.RATIO
    return Kind.SAMPLE if names_log_prob(name) else None


def _mentions_log_prob(core: Value) -> bool:
    """Whether log-probs are visible inside an expression, so that it must be looked into."""
    stack, seen = [core], 0
    while stack and seen < 400:
        node = stack.pop()
        seen += 1
        if node.op in {ops.LOG_PROB, ops.LOG_SOFTMAX, ops.CROSS_ENTROPY}:
            return True
        if node.op is ops.NAMED and (names_log_prob(str(node.data)) or names_log_ratio(str(node.data))):
            return True
        if node.op in _OPEN:
            if names_log_prob(last_name(node)) or names_log_ratio(last_name(node)):
                return True
            continue
        stack.extend(node.args[1:] if node.op is ops.CHOICE else node.args)
    return False


def _is_mixture(value: Value) -> bool:
    """Whether a value is a weighted sum of two distributions: `0.5 * exp(a) + 0.5 * exp(b)`."""
    core = _core(value)
    if core.op is ops.CLAMP:
        core = _core(core.args[0])
    return core.op is ops.ADD and all(_is_share(arg) for arg in core.args)


def _is_share(value: Value) -> bool:
    core = _core(value)
    if core.op is ops.MUL:
        return any(map(_is_share, core.args))
    return core.op is ops.EXP or _is_probability(core)


def _is_probability(value: Value) -> bool:
    core = _core(value)
    if core.op is ops.CLAMP:
        core = _core(core.args[0])
    return core.op is ops.SOFTMAX or any(names_probability(name) for name in names_of(value))


def _gradient(value: Value, role: Role | None) -> Gradient:
    """Whether a leaf is live by itself: what surrounds it is the probe's business."""
    node = value
    while node.op in SHAPED or node.op is ops.ANY:
        if node.op is ops.DETACH:
            return Gradient.DETACHED
        node = node.args[0]
    if role in _CONSTANT_ROLES or _is_of_detached(node):
        return Gradient.DETACHED
    return (
        Gradient.UNKNOWN if node.op in {ops.PARAMETER, ops.ATTRIBUTE, ops.ITEM, ops.SYMBOL} else Gradient.LIVE
    )


_OF_LOGITS = {ops.GATHER, ops.LOG_SOFTMAX, ops.SOFTMAX, ops.LOG, ops.CROSS_ENTROPY, ops.DIV, ops.CLAMP}


def _is_of_detached(value: Value) -> bool:
    """Whether the logits that log-probs are computed from are detached: `logits.detach().log_softmax(-1)`."""
    while value.op in _OF_LOGITS or value.op in SHAPED:
        if value.op is ops.DETACH:
            return True
        value = value.args[0]
    return False


def _whole(value: Value) -> Leaf:
    """Stands for the distributions of a library's KL, so that the way to it is followed."""
    return Leaf(
        f"whole:{value.number}", render(value, 2), Kind.VOCABULARY, None, Gradient.UNKNOWN, certain=False, preference=False,
        negated=False, pathwise=False, value=value,
    )  # fmt: skip


def regraded(leaf: Leaf, value: Value) -> Leaf:
    """The leaf of the actor, by another name, that was taken for a constant one by its name."""
    by_name = leaf.gradient is Gradient.DETACHED and leaf.role in _CONSTANT_ROLES
    return replace(leaf, gradient=_gradient(value, Role.ACTOR)) if by_name else leaf


def is_rollout(leaf: Leaf) -> bool:
    """Whether one of its names says that the rollout engine computed a log-prob, not the trainer."""
    return any(map(names_rollout, (leaf.text, *names_of(leaf.value))))


def asks_for_presence(condition: Value) -> bool:
    """Whether a condition is on something being there at all: `"ref_logp" in batch`, `ref_logp is None`."""
    if condition.op is not ops.COMPARE:
        return False
    return condition.data in {"in", "not in"} or is_constant(condition.args[1], None)


def is_nothing(value: Value) -> bool:
    """Whether a branch holds no value: None, or a path that raises."""
    return value.op is ops.RAISED or is_constant(value, None)


def _is_pathwise(core: Value) -> bool:
    """Whether the sample is reparameterised: `z = dist.rsample()` or `mean + std * torch.randn_like(std)`."""
    if core.op is not ops.LOG_PROB or len(core.args) < 2:
        return False
    sample = render(core.args[1], 8)
    return "rsample" in sample or "torch.randn" in sample
