"""Which KL penalties a unit switches on, and with which estimator, weight and regime."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING

from kllint.configs.conditions import spelling
from kllint.configs.effects import Effect, effect
from kllint.configs.setting import Origin, Unresolved
from kllint.theory.vocabulary import Estimator, Regime, Target, Weight

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kllint.configs.profile import Penalty
    from kllint.configs.reading import Reading

NEWEST = "9999"
REFUSED = Effect("KL308", "is accepted by no code path: it ends in an exception")


@dataclass(frozen=True, slots=True)
class Active:
    """A penalty that is on, or that defaults keep ready for whoever switches it on (`latent`).

    `estimator` is None where the value that should pick one picks none; `listed` where the profile says so.
    """

    penalty: Penalty
    estimator: Estimator | None
    listed: bool
    weight: Weight
    regime: Regime
    target: Target
    latent: bool

    @property
    def effect(self) -> Effect | None:
        """What is wrong with it."""
        if self.estimator is None:
            return REFUSED
        return effect(self.penalty.use, self.weight, self.estimator, self.regime, self.target)


def active(reading: Reading) -> Iterator[Active]:
    """The penalties of a unit, in the order of the profile."""
    for penalty in of_version(reading):
        if reading.defined.isdisjoint(penalty.builders):
            yield from _active(reading, penalty)


def of_version(reading: Reading) -> Iterator[Penalty]:
    """The penalties that the framework's version has."""
    for penalty in reading.profile.penalties:
        if (reading.version or NEWEST) in penalty.versions:
            yield penalty


def selectors(penalty: Penalty) -> tuple[str, ...]:
    """The keys that choose what a penalty computes, rather than whether."""
    weights = [dict(conditions) for _, conditions in penalty.weights]
    common = [name for name in weights[0] if all(name in each for each in weights)] if weights else []
    return (*((penalty.estimator,) if penalty.values else ()), *common)


def choices(penalty: Penalty) -> tuple[str, ...]:
    """The keys whose default is worth a word where they are declared: the selectors, or else the switch."""
    return selectors(penalty) or switches(penalty)[:1]


def switches(penalty: Penalty) -> tuple[str, ...]:
    """The keys that choose whether there is a penalty."""
    return (*(name for name, _ in penalty.when), *((penalty.coefficient,) if penalty.coefficient else ()))


def _active(reading: Reading, penalty: Penalty) -> Iterator[Active]:
    on = reading.holds((*penalty.mode, *penalty.when)) is True and _weighs(reading, penalty)
    latent = not on and reading.unit.origin is Origin.DEFAULTS
    if not on and not (latent and any(name in reading.own for name in choices(penalty))):
        return
    weight = _weight(reading, penalty)
    picked = _estimator(reading, penalty)
    if weight is not None and picked is not None:
        yield Active(penalty, *picked, weight, _regime(reading, penalty), reading.target, latent)


def unmet(reading: Reading, penalty: Penalty) -> int:
    """How many conditions a penalty lacks to be on."""
    conditions = (*penalty.mode, *penalty.when)
    failing = sum(test.holds(reading.read(name).value) is False for name, test in conditions)
    return failing + (not _weighs(reading, penalty))


def _weighs(reading: Reading, penalty: Penalty) -> bool:
    """Whether the coefficient lets the penalty count.

    One that the text does not tell does so only for a penalty that was switched on in so many words.
    """
    if penalty.coefficient is None:
        return True
    value = reading.read(penalty.coefficient).value
    if isinstance(value, Unresolved):
        return any(reading.read(name).setting is not None for name, _ in penalty.when)
    return spelling(value) not in {"0", "none"}


def _estimator(reading: Reading, penalty: Penalty) -> tuple[Estimator | None, bool] | None:
    """The estimator and whether the profile lists the value; None where the value is not known."""
    if not penalty.values:
        return Estimator(penalty.estimator), True
    value = reading.read(penalty.estimator).value
    if isinstance(value, Unresolved):
        return None
    values = dict(penalty.values)
    for versions, older in penalty.older:
        values |= older if reading.version and reading.version in versions else {}
    listed = spelling(value) in values
    return (values.get(spelling(value)), listed) if listed or not penalty.open else None


def _weight(reading: Reading, penalty: Penalty) -> Weight | None:
    """The first weight whose conditions hold; None where that cannot be known."""
    for weight, conditions in penalty.weights:
        if (holds := reading.holds(conditions)) is not False:
            return weight if holds else None
    return Weight.NONE


def _regime(reading: Reading, penalty: Penalty) -> Regime:
    """Off-policy where one condition says so or a rollout is split into several steps."""
    if reading.regime is not Regime.UNKNOWN:
        return reading.regime
    stale = [reading.holds(conditions) for conditions in penalty.off_policy]
    steps = _steps(reading, penalty)
    if True in stale or (steps is not None and steps > 1):
        return Regime.OFF
    return Regime.ON if steps is not None and None not in stale else Regime.UNKNOWN


def _steps(reading: Reading, penalty: Penalty) -> float | None:
    """How many optimiser steps one rollout is used for."""
    sizes = [[reading.read(name).value for name in names] for names in (penalty.rollout, penalty.update)]
    rollout, update = ([v for v in values if isinstance(v, int | float) and v > 0] for values in sizes)
    if not rollout or not update or (len(rollout), len(update)) != (len(sizes[0]), len(sizes[1])):
        return None
    return prod(rollout) / prod(update)
