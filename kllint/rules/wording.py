"""Phrases that several rules share: what to write instead, in the spelling of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.theory.vocabulary import Regime, Role, Weight

if TYPE_CHECKING:
    from kllint.rules.term import Term

OWN_RULE = frozenset({Weight.CONSTANT, Weight.GEOMETRIC_RHO})
"""Weights that have a rule of their own: KL105 and KL110."""


def reference(term: Term) -> str:
    """A usual spelling of the constant side's log-probs."""
    side = term.numerator if term.denominator is Role.ACTOR else term.denominator
    return (side if side in {Role.BEHAVIOUR, Role.TEACHER} else Role.REFERENCE).log_prob


def log_ratio(term: Term) -> str:
    """D = log q - log p."""
    return f"{term.actor} - {reference(term)}"


def ratio(term: Term) -> str:
    """The live importance ratio q / mu; on-policy it is 1, but its gradient is not 0."""
    sampler = f"{term.actor}.detach()" if term.regime is Regime.ON else "old_logp"
    return f"torch.exp({term.actor} - {sampler})"


def advice(term: Term) -> str:
    """Which loss has the gradient of the reverse KL, in one clause."""
    if term.regime is Regime.ON:
        return f"use k2, or multiply k3 by the live ratio {ratio(term)}"
    advice = f"use k2 times {ratio(term)}.detach(), or k3 times that ratio left live"
    return (
        advice if term.regime is Regime.OFF else f"{advice} (samples fresh from the actor may use k2 alone)"
    )


def loss(term: Term) -> str:
    """A loss whose gradient is that of the reverse KL, as code."""
    k2 = f"0.5 * ({log_ratio(term)}) ** 2"
    return k2 if term.regime is Regime.ON else f"{ratio(term)}.detach() * {k2}"


def k3(term: Term) -> str:
    """The estimator k3 of KL(q || p), as code."""
    return f"torch.exp({reference(term)} - {term.actor}) - 1 + ({log_ratio(term)})"


def reward(term: Term) -> str:
    """The only estimator whose policy gradient is that of the reverse KL, as code."""
    return f"({log_ratio(term)}).detach()"


def derivative(term: Term) -> str:
    """The fitted coefficient c in gradient = E_mu[c * s], in words."""
    fitted = term.fit.derivative if term.fit else None
    return "no combination of log-ratios" if fitted is None else str(fitted)
