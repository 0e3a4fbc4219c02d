"""The words of a configuration finding: what is set, what it does, when, and what to set instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kllint.configs.setting import Setting, Unresolved
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kllint.configs.effects import Effect
    from kllint.configs.penalties import Active
    from kllint.configs.profile import Penalty
    from kllint.configs.reading import Reading

GENERAL = {
    Use.LOSS: "an estimator k2, or k3 with a live importance ratio",
    Use.REWARD: "the estimator k1",
}


def message(reading: Reading, each: Active, effect: Effect, anchor: Setting) -> str:
    """All of it in one breath."""
    penalty = each.penalty
    estimator = each.estimator.value if each.estimator else "this estimator"
    instead = penalty.instead.get(effect.code, GENERAL[penalty.use])
    when = condition(reading, penalty)
    latent = f" once {when}" if each.latent and when else ""
    choice = _choice(reading, penalty, anchor)
    return f"{choice}: {estimator} in the {penalty.use}{latent} {effect.clause}; set {instead}"


def shown(setting: Setting) -> str:
    """A setting as one would say it."""
    value = "..." if isinstance(setting.value, Unresolved) else setting.value
    return f"{'.'.join(setting.key)} = {value}"


def condition(reading: Reading, penalty: Penalty) -> str:
    """What must hold for the penalty to be on, in the spelling of the source where it has one."""
    parts = [f"{spelt(reading, name)} {test}" for name, test in (*penalty.mode, *penalty.when)]
    if penalty.coefficient and penalty.coefficient not in dict(penalty.when):
        parts.append(f"{spelt(reading, penalty.coefficient)} != 0")
    return " and ".join(parts)


def defaults(reading: Reading, names: Iterable[str]) -> str:
    """What keys that nobody set are by default."""
    return " and ".join(f"{spelt(reading, name)} is {reading.read(name).value} by default" for name in names)


def spelt(reading: Reading, name: str) -> str:
    """A key as the unit or its base writes it, else as the framework does."""
    setting = reading.read(name).setting
    return ".".join(setting.key if setting else reading.profile.keys[name].spellings[0])


def _choice(reading: Reading, penalty: Penalty, anchor: Setting) -> str:
    """What was set, and what it takes over with that."""
    if not penalty.values:
        return shown(anchor)
    read = reading.read(penalty.estimator)
    if read.setting is anchor:
        return shown(anchor)
    key = spelt(reading, penalty.estimator)
    source = "the default" if read.setting is None else "the inherited" if not read.own else "the"
    return f"{shown(anchor)} goes with {source} {key} = {read.value}"
