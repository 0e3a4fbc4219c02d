"""What autograd does with a piece of trainer code: its expected gradient, by exact enumeration.

A snippet is the body of an ordinary training step over per-token tensors: `logp` (live), `ref_logp`,
`old_logp`, `advantages` and `mask`. It computes `loss`:

    kl = torch.exp(ref_logp - logp) - 1 + (logp - ref_logp)
    loss = 0.05 * kl.mean()

`module_text` wraps it into the file that a linter would read; `measure` runs that very file under torch on a
softmax policy over six outcomes, one outcome a batch, and weighs the gradients by the probability that the
sampler draws the outcome. `direction` says which divergence's gradient the result is, if any, and `agrees`
whether that is what a verdict says. Advantages are zero, so that the KL is all that pulls.
"""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from enum import Enum, unique
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import torch

from kllint.theory.verdict import Verdict
from kllint.theory.vocabulary import Regime

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Step = Callable[..., Any]

PARAMETERS: Final = ("logp", "ref_logp", "old_logp", "advantages", "mask")

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Three categorical distributions by their logits: actor q, reference p and sampler mu."""

    q: Vector
    p: Vector
    mu: Vector

    @property
    def on_policy(self) -> World:
        """The same world where the actor itself draws the samples."""
        return World(self.q, self.p, self.q)


# Two worlds, so that nothing agrees by a coincidence of numbers.
WORLDS: Final = (
    World(
        q=(0.1, -0.7, 0.9, 0.3, -1.2, 0.5),
        p=(0.8, 0.2, -0.6, 0.4, -0.3, -0.9),
        mu=(-0.2, -0.3, 0.6, 0.8, -0.6, 0.1),
    ),
    World(
        q=(-0.4, 0.6, 0.2, -1.0, 0.7, 0.0),
        p=(0.5, 0.5, -0.8, 0.1, -0.2, 0.9),
        mu=(0.1, 0.2, 0.5, -0.6, 1.1, -0.5),
    ),
)


def worlds(regime: Regime) -> tuple[World, ...]:
    """Return the worlds of a regime."""
    return tuple(w.on_policy for w in WORLDS) if regime is Regime.ON else WORLDS


@unique
class Direction(Enum):
    """Whose gradient an expected gradient is, up to a positive factor."""

    NOTHING = "zero for every sample"
    ZERO = "zero in expectation only"
    REVERSE = "KL(q || p)"
    MINUS_REVERSE = "-KL(q || p)"
    FORWARD = "KL(p || q)"
    MINUS_FORWARD = "-KL(p || q)"
    REVERSE_MINUS_FORWARD = "KL(q || p) - KL(p || q)"
    TO_SAMPLER = "KL(mu || q)"
    FROM_SAMPLER = "-KL(mu || q)"
    REVERSE_TO_SAMPLER = "KL(q || mu)"
    REVERSE_FROM_SAMPLER = "-KL(q || mu)"
    SURROGATE = "E_q[d^2 / 2]"
    ABSOLUTE = "E_q[|d|]"
    OTHER = "none of these"


@dataclass(frozen=True, slots=True)
class Measured:
    """The gradient of one snippet in one world with respect to the actor's logits."""

    gradient: Vector  # in expectation over the sampler
    samples: tuple[Vector, ...]  # outcome by outcome, not weighted

    def cosine(self, other: Vector) -> float:
        """Return the cosine of the angle to another gradient."""
        return _dot(self.gradient, other) / math.sqrt(_dot(self.gradient, self.gradient) * _dot(other, other))


def module_text(snippet: str) -> str:
    """Return a whole file of trainer code around a snippet, as a linter would find it."""
    body = textwrap.dedent(snippet).strip()
    if "backward(" not in body and "return " not in body:
        body += "\nloss.backward()"
    header = f"def training_step({', '.join(PARAMETERS)}):"
    imports = "import torch\nimport torch.nn.functional as F\n"
    return f"{imports}\n\n{header}\n{textwrap.indent(body, '    ')}\n"


def measure(snippet: str, world: World) -> Measured:
    """Run a snippet once for every outcome and weigh the gradients by the sampler's probabilities."""
    step = _compile(snippet)
    sampler = torch.log_softmax(_tensor(world.mu), 0).exp().tolist()
    samples = tuple(_gradient_at(step, world, x) for x in range(len(world.q)))
    expected = tuple(
        math.fsum(m * g for m, g in zip(sampler, column, strict=True))
        for column in zip(*samples, strict=True)
    )
    return Measured(expected, samples)


def direction(snippet: str, regime: Regime) -> Direction:
    """Tell whose gradient a snippet has, the same in every world of a regime."""
    found = {classify(measure(snippet, world), world) for world in worlds(regime)}
    return found.pop() if len(found) == 1 else Direction.OTHER


def classify(measured: Measured, world: World) -> Direction:
    """Tell which reference gradient an expected gradient is a positive multiple of."""
    if max(abs(g) for sample in measured.samples for g in sample) < 1e-12:
        return Direction.NOTHING
    size = math.sqrt(_dot(measured.gradient, measured.gradient))
    if size < 1e-10:
        return Direction.ZERO
    for name, gradient in references(world).items():
        norm = math.sqrt(_dot(gradient, gradient))
        if norm > 1e-10 and measured.cosine(gradient) > 1 - 1e-12:
            return name
    return Direction.OTHER


@cache
def references(world: World) -> Mapping[Direction, Vector]:
    """Return the gradients of the divergences themselves, by autograd of their exact sums."""
    p, mu = (torch.log_softmax(_tensor(logits), 0) for logits in (world.p, world.mu))
    reverse = _exact(world, lambda q: (q.exp() * (q - p)).sum())
    forward = _exact(world, lambda q: (p.exp() * (p - q)).sum())
    to_sampler = _exact(world, lambda q: (mu.exp() * (mu - q)).sum())
    reverse_sampler = _exact(world, lambda q: (q.exp() * (q - mu)).sum())
    found = {
        Direction.REVERSE: reverse,
        Direction.MINUS_REVERSE: _minus(reverse),
        Direction.FORWARD: forward,
        Direction.MINUS_FORWARD: _minus(forward),
        Direction.REVERSE_MINUS_FORWARD: tuple(a - b for a, b in zip(reverse, forward, strict=True)),
        Direction.TO_SAMPLER: to_sampler,
        Direction.FROM_SAMPLER: _minus(to_sampler),
        Direction.REVERSE_TO_SAMPLER: reverse_sampler,
        Direction.REVERSE_FROM_SAMPLER: _minus(reverse_sampler),
        Direction.SURROGATE: _exact(world, lambda q: (q.exp() * (q - p) ** 2 / 2).sum()),
        Direction.ABSOLUTE: _exact(world, lambda q: (q.exp() * (q - p).abs()).sum()),
    }
    return MappingProxyType(found)


_SELF: Final = frozenset({Direction.OTHER})
_RIGHT: Final = frozenset({Direction.REVERSE})
_WRONG_SIGN: Final = frozenset({Direction.MINUS_REVERSE, Direction.MINUS_FORWARD, Direction.OTHER})

# What each verdict says that autograd does: on-policy, and off-policy where that differs.
_MEANING: Final[Mapping[Verdict, tuple[frozenset[Direction], frozenset[Direction]]]] = {
    Verdict.RIGHT: (_RIGHT, _RIGHT),
    Verdict.NOISY: (_RIGHT, _RIGHT),
    Verdict.NO_GRADIENT: (frozenset({Direction.NOTHING}), frozenset({Direction.NOTHING})),
    Verdict.INERT: (frozenset({Direction.ZERO}), frozenset({Direction.FROM_SAMPLER, Direction.TO_SAMPLER})),
    Verdict.INERT_WEIGHTED: (frozenset({Direction.ZERO}), frozenset({Direction.ZERO})),
    Verdict.FORWARD: (frozenset({Direction.FORWARD}), _SELF),
    Verdict.FORWARD_WEIGHTED: (frozenset({Direction.FORWARD}), frozenset({Direction.FORWARD})),
    Verdict.SURROGATE: (frozenset({Direction.SURROGATE}), _SELF | {Direction.SURROGATE}),
    Verdict.UNWEIGHTED: (_RIGHT, _SELF),
    Verdict.ABSOLUTE: (_SELF | {Direction.ABSOLUTE}, _SELF | {Direction.ABSOLUTE}),
    Verdict.INVERTED: (_SELF, _SELF),
    Verdict.WRONG_SIGN: (_WRONG_SIGN, _WRONG_SIGN),
    Verdict.OTHER: (_SELF, _SELF),
    Verdict.REVERSE_MINUS_FORWARD: (frozenset({Direction.REVERSE_MINUS_FORWARD}),) * 2,
    Verdict.BIASED_REWARD: (_SELF, _SELF),
    Verdict.WEIGHTED_REWARD: (_RIGHT, _SELF),
}

# The same where the other side of the log-ratio is the sampler and samples are stale.
_ANCHORED_MEANING: Final[Mapping[Verdict, frozenset[Direction]]] = {
    Verdict.RIGHT: frozenset({Direction.TO_SAMPLER, Direction.REVERSE_TO_SAMPLER}),
    Verdict.NOISY: frozenset({Direction.TO_SAMPLER, Direction.REVERSE_TO_SAMPLER}),
    Verdict.NO_GRADIENT: frozenset({Direction.NOTHING}),
    Verdict.INERT_WEIGHTED: frozenset({Direction.ZERO}),
    Verdict.REPELS_FROM_SAMPLER: frozenset({Direction.FROM_SAMPLER}),
    Verdict.WRONG_SIGN: frozenset({Direction.REVERSE_FROM_SAMPLER, Direction.OTHER}),
}


def agrees(verdict: Verdict, found: Direction, regime: Regime, *, anchored: bool = False) -> bool:
    """Whether autograd does what a verdict says, under a regime that is known."""
    if verdict is Verdict.NOT_JUDGED:
        return True
    if anchored:
        return found in _ANCHORED_MEANING.get(verdict, _SELF)
    return found in _MEANING[verdict][regime is Regime.OFF]


def _compile(snippet: str) -> Step:
    namespace: dict[str, Any] = {}
    exec(compile(module_text(snippet), "<snippet>", "exec"), namespace)  # noqa: S102 (our own snippets)
    step: Step = namespace["training_step"]
    return step


def _gradient_at(step: Step, world: World, outcome: int) -> Vector:
    """Run one training step on a batch of one sequence of one token, which is the given outcome."""
    logits = _tensor(world.q).requires_grad_()
    logp = torch.log_softmax(logits, 0)[outcome].reshape(1, 1)
    ref_logp, old_logp = (
        torch.log_softmax(_tensor(side), 0)[outcome].reshape(1, 1) for side in (world.p, world.mu)
    )
    one = torch.ones_like(ref_logp)
    try:
        loss = step(logp, ref_logp, old_logp, 0.0 * one, one)
        if loss is not None:
            loss.backward()
    except RuntimeError as error:
        if "does not require grad" not in str(error):
            raise
    return (0.0,) * len(world.q) if logits.grad is None else tuple(logits.grad.tolist())


def _exact(world: World, divergence: Callable[[torch.Tensor], torch.Tensor]) -> Vector:
    logits = _tensor(world.q).requires_grad_()
    (gradient,) = torch.autograd.grad(divergence(torch.log_softmax(logits, 0)), logits)
    return tuple(gradient.tolist())


def _tensor(values: Vector) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)


def _minus(vector: Vector) -> Vector:
    return tuple(-x for x in vector)


def _dot(a: Vector, b: Vector) -> float:
    return math.fsum(x * y for x, y in zip(a, b, strict=True))
