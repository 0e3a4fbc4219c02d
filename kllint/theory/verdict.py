"""What the gradient of a KL term does, read off its fitted derivative (theory.md section 1)."""

from __future__ import annotations

from enum import StrEnum, unique


@unique
class Verdict(StrEnum):
    """The outcome of judging one term at one sink."""

    RIGHT = "right"
    NOISY = "right, with more variance than needed"  # rho * k1
    NO_GRADIENT = "no gradient"
    INERT = "inert on-policy, repels from sampled tokens off-policy"  # k1 in a loss
    INERT_WEIGHTED = "inert"  # sg(rho) * k1
    FORWARD = "gradient of the forward KL"  # k3 in a loss
    FORWARD_WEIGHTED = "gradient of the forward KL, importance weighted"  # sg(rho) * k3
    SURROGATE = "gradient of a surrogate, not of the KL"  # rho * k2
    UNWEIGHTED = "biased off-policy: the importance ratio is missing"  # k2 on stale samples
    ABSOLUTE = "gradient of |d|, not of a KL"
    INVERTED = "inverted estimator"  # exp(d) - 1 - d with samples from q
    REPELS_FROM_SAMPLER = "repels from the sampler"  # + log(q / mu) in a loss
    WRONG_SIGN = "wrong sign"
    OTHER = "gradient of no KL"
    REVERSE_MINUS_FORWARD = "reverse minus forward KL gradient"  # k3 in a reward
    BIASED_REWARD = "biased as a reward"  # k2, |d|, max(d, 0) in a reward
    WEIGHTED_REWARD = "importance ratio inside the reward"
    NOT_JUDGED = "not judged"  # metrics, early stopping, unknown uses
