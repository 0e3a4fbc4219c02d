"""The field's words, each a type: roles, estimators, weights, uses, regimes."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Role(StrEnum):
    """Whose log-probabilities these are."""

    ACTOR = "actor"  # q, trainable
    REFERENCE = "reference"  # p, constant
    BEHAVIOUR = "behaviour"  # mu, the sampler: old, rollout, inference, proximal
    TEACHER = "teacher"  # p of distillation, constant
    OTHER = "other"

    @property
    def log_prob(self) -> str:
        """A usual spelling of its log-probs, for advice where the source has no name."""
        return {Role.REFERENCE: "ref_logp", Role.BEHAVIOUR: "old_logp", Role.TEACHER: "teacher_logp"}.get(
            self, "logp"
        )


@unique
class Estimator(StrEnum):
    """Which estimator a value is, by its formula in d = log q - log p (Schulman 2020)."""

    K1 = "k1"  # d
    K2 = "k2"  # d^2 / 2
    K3 = "k3"  # exp(-d) - 1 + d
    ABS = "abs"  # |d|
    K3_INVERTED = "k3_inverted"  # exp(d) - 1 - d, samples from q
    FULL = "full"  # a sum over the whole vocabulary or a library call
    JSD = "jsd"
    GAUSSIAN = "gaussian"  # closed form between normals
    OTHER = "other"


@unique
class Weight(StrEnum):
    """The importance weight that multiplies an estimator."""

    NONE = "none"
    RHO = "rho"  # q / mu, live
    SG_RHO = "sg_rho"  # q / mu, detached
    CLIPPED_RHO = "clipped_rho"
    GEOMETRIC_RHO = "geometric_rho"  # exp of a mean of log-ratios over tokens
    INVERTED_RHO = "inverted_rho"  # mu / q
    CONSTANT = "constant"  # ones, or exp(a - a)


@unique
class Gradient(StrEnum):
    """Whether the gradient reaches log q."""

    LIVE = "live"
    DETACHED = "detached"
    UNKNOWN = "unknown"


@unique
class Use(StrEnum):
    """What becomes of a KL value: its sink."""

    LOSS = "loss"
    REWARD = "reward"
    METRIC = "metric"
    EARLY_STOP = "early_stop"
    COEF = "coef"
    LIBRARY = "library"
    UNKNOWN = "unknown"


@unique
class Regime(StrEnum):
    """Where the samples come from: the actor itself, an older policy, or nobody can tell."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "unknown"


@unique
class Target(StrEnum):
    """Which divergence the user wants to minimise."""

    REVERSE = "reverse"  # KL(q || p)
    FORWARD = "forward"  # KL(p || q)
