"""A KL term that reaches a sink: all that a rule may ask about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto, unique
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kllint.findings import Confidence, Span
    from kllint.theory.fit import Fit
    from kllint.theory.verdict import Verdict
    from kllint.theory.vocabulary import Estimator, Gradient, Regime, Role, Use, Weight


@unique
class Trait(Enum):
    """A fact about how a term is written that its fitted formula does not show."""

    BOTH_LIVE = auto()  # the gradient reaches both sides of the log-ratio
    SAME_TENSOR = auto()  # both sides are one tensor
    REFERENCE_CONSTANT = auto()  # the reference log-probs are zeros or another constant
    CLAMPED_OUTPUT = auto()  # clamp(k): no gradient where the penalty is largest
    CLAMPED_INPUT = auto()  # clamp(d) before the estimator
    HALF_CLAMPED = auto()  # exp of a clamped d, linear term of the unclamped d
    CLAMPED_POSITIVE = auto()  # clamp(k1, min=0), relu(k1)
    UNCLAMPED_EXP = auto()  # exp of a log-ratio that nothing bounds
    CENTRED_WITH_SELF = auto()  # a mean over group or batch that includes the sample is subtracted
    ACTION_INDEPENDENT = auto()  # summed over the vocabulary: does not depend on the sampled token
    STATE_BASELINE = auto()  # used as a baseline of the advantage: right (vOPD)
    PATHWISE = auto()  # the sample is reparameterised (rsample): pathwise gradient, right
    SYMMETRIC = auto()  # both directions summed (R-Drop, mutual learning, VAT, Dreamer balancing): right
    IN_BOTH_PATHS = auto()  # the same KL is in the reward and in the loss
    DROPPED = auto()  # computed for training, but reaches no sink
    UNREACHABLE = auto()  # the selector value that picks it ends in raise
    POLICY_GRADIENT = auto()  # the shaped reward is multiplied with log q or a ratio in this tree
    ONE_SIDED_TEMPERATURE = auto()  # a temperature divides one side only
    LOG_OF_PROBABILITY = auto()  # log(softmax(x)) or log of a mean of probabilities
    UNMASKED_MEAN = auto()  # mean over tokens where a mask is at hand
    FLIPPED_SIGN = auto()  # penalises the wrong way once every sign up to the sink is counted


@dataclass(frozen=True, slots=True)
class Term:
    """One KL term that reaches one sink, under one condition."""

    span: Span  # the smallest expression that holds the estimator's formula
    sink: Span  # where it enters loss or reward
    function: str
    estimator: Estimator
    numerator: Role
    denominator: Role
    weight: Weight
    gradient: Gradient
    use: Use
    regime: Regime
    verdict: Verdict
    fit: Fit | None
    confidence: Confidence
    traits: frozenset[Trait] = frozenset()
    condition: str | None = None  # the selector values under which it is reached, in the user's words
    actor: str = "logp"  # how the source spells log q: for what to write instead

    @property
    def towards_sampler(self) -> bool:
        """Whether the other side of the log-ratio is the sampler itself (theory.md section 2)."""
        from kllint.theory.vocabulary import Role  # noqa: PLC0415

        return Role.BEHAVIOUR in {self.numerator, self.denominator} and Role.ACTOR in {
            self.numerator,
            self.denominator,
        }
