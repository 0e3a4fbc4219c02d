"""The findings of one unit under the profile of its framework."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kllint.configs import wording
from kllint.configs.penalties import NEWEST, Active, active, choices, of_version, selectors, switches, unmet
from kllint.configs.setting import Origin, Setting, Unresolved
from kllint.findings import Confidence, Finding, Note, Severity
from kllint.rules.registry import RULES
from kllint.theory.vocabulary import Regime, Use

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from kllint.configs.effects import Effect
    from kllint.configs.profile import Penalty, Pitfall, Profile
    from kllint.configs.reading import Reading

ORDER = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


class Surroundings(Protocol):
    """What the rest of the tree tells."""

    def vendors(self, profile: Profile) -> bool:
        """Whether the tree holds the framework itself, maybe with changes."""

    def mentions(self, word: str) -> bool:
        """Whether any file of the tree has the word."""


def judge(reading: Reading, around: Surroundings) -> Iterator[Finding]:
    """The pitfalls that a unit selects."""
    vendored = around.vendors(reading.profile)
    penalties = tuple(active(reading))
    inherited = frozenset(_known(reading)) if reading.inherited else frozenset()
    for each in _foremost(reading, penalties):
        if (effect := each.effect) is not None:
            known = (each.penalty.name, effect.code) in inherited
            yield from _wrong(reading, each, effect, known=known, vendored=vendored)
    yield from _twice(reading, penalties)
    if reading.unit.origin is not Origin.DEFAULTS:
        yield from _without_effect(reading, penalties, around)
    for pitfall in reading.profile.pitfalls:
        if (reading.version or NEWEST) in pitfall.versions:
            yield from _pitfall(reading, pitfall)


def _foremost(reading: Reading, penalties: tuple[Active, ...]) -> tuple[Active, ...]:
    """The penalties that are on; where nothing is wrong with those, the one that lacks the least to be on."""
    on = tuple(each for each in penalties if not each.latent)
    ready = [each for each in penalties if each.latent and each.effect is not None]
    if any(each.effect is not None for each in on) or not ready:
        return on
    return (*on, min(ready, key=lambda each: unmet(reading, each.penalty)))


def _known(reading: Reading) -> Iterator[tuple[str, str]]:
    """What is wrong already without the unit's own settings: it is reported where it is set."""
    for each in active(reading.without_own()):
        if (effect := each.effect) is not None:
            yield each.penalty.name, effect.code


def _wrong(
    reading: Reading, each: Active, effect: Effect, *, known: bool, vendored: bool
) -> Iterator[Finding]:
    penalty = each.penalty
    chosen = _first(reading, selectors(penalty))
    modes = tuple(name for name, _ in penalty.mode)
    others = choices(penalty) if each.latent else (*switches(penalty), *modes)
    anchor = chosen or (None if known else _first(reading, others))
    if anchor is None:
        return
    # A trainer that was chosen, KL and all, by a key that does not speak of KL.
    unasked = chosen is None and _first(reading, switches(penalty)) is None
    yield Finding(
        rule=effect.code,
        severity=RULES[effect.code].severity,
        confidence=Confidence.LOW if unasked else _confidence(reading, each, effect, vendored=vendored),
        message=wording.message(reading, each, effect, anchor),
        span=anchor.span,
        condition=wording.condition(reading, penalty) or None,
        selected_by_default=not each.latent,
        evidence=effect.evidence,
        related=_related(reading, penalty, anchor),
        instead=penalty.instead.get(effect.code),
    )


def _first(reading: Reading, names: Iterable[str]) -> Setting | None:
    return next((reading.own[name] for name in names if name in reading.own), None)


def _confidence(reading: Reading, each: Active, effect: Effect, *, vendored: bool) -> Confidence:
    """A guess where the penalty is not on, the regime not known, or the tree may know another estimator."""
    limits = [_most(reading)]
    if each.latent or (effect.code == "KL107" and each.regime is Regime.UNKNOWN):
        limits.append(Confidence.LOW)
    taken_over = [name for name in selectors(each.penalty) if reading.read(name).setting is None]
    if taken_over and not reading.complete:  # from a file that is not in the tree, or by default
        limits.append(Confidence.MEDIUM)
    if vendored and each.estimator is None:
        limits.append(Confidence.LOW)
    elif not each.listed:
        limits.append(Confidence.MEDIUM)
    return min(limits, key=ORDER.index)


def _most(reading: Reading) -> Confidence:
    """The most that one can be sure of."""
    if reading.profile.confidence is not None:
        return reading.profile.confidence
    return Confidence.HIGH if reading.sure else Confidence.MEDIUM


def _related(reading: Reading, penalty: Penalty, anchor: Setting) -> tuple[Note, ...]:
    """The other settings that have a part in it."""
    settings = [reading.read(name).setting for name in (*selectors(penalty), *switches(penalty))]
    others = [Note(s.span, wording.shown(s)) for s in settings if s is not None and s is not anchor]
    sources = [Note(s.source, "the value is set here") for s in settings if s is not None and s.source]
    return tuple(dict.fromkeys((*others, *sources)))


def _twice(reading: Reading, penalties: tuple[Active, ...]) -> Iterator[Finding]:
    """KL in the reward and in the loss of one run."""
    by_use = {each.penalty.use: each.penalty for each in penalties if not each.latent}
    if reading.profile.both is None or not {Use.LOSS, Use.REWARD} <= by_use.keys():
        return
    reward, loss = by_use[Use.REWARD], by_use[Use.LOSS]
    for penalty, other in ((reward, loss), (loss, reward)):
        if (anchor := _first(reading, switches(penalty))) is not None:
            yield _finding(
                reading, "KL206", anchor, reading.profile.both, related=_related(reading, other, anchor)
            )
            return


def _without_effect(
    reading: Reading, penalties: tuple[Active, ...], around: Surroundings
) -> Iterator[Finding]:
    """A coefficient for a penalty that nobody switched on, and nobody switched off.

    The tree must mention the switch somewhere: else it may be for a version that does without.
    """
    used = {each.penalty.coefficient for each in penalties} | {*_declined(reading)}
    for penalty in of_version(reading):
        setting = reading.own.get(penalty.coefficient or "")
        if setting is None or penalty.coefficient in used or not isinstance(setting.value, int | float):
            continue
        if reading.holds(penalty.mode) is not True:  # another trainer, for which the key means something else
            continue
        failing = [name for name, test in penalty.when if test.holds(reading.read(name).value) is False]
        words = [reading.profile.keys[name].spellings[0][-1] for name in failing]
        if setting.value and failing and all(map(around.mentions, words)):
            message = (
                f"{wording.shown(setting)} has no effect: {wording.defaults(reading, failing)}; "
                f"set {wording.condition(reading, penalty)} if the penalty is wanted"
            )
            yield _finding(reading, "KL208", setting, message, severity=Severity.INFO)


def _declined(reading: Reading) -> Iterator[str | None]:
    """The coefficients of penalties that were switched off in so many words."""
    for penalty in of_version(reading):
        off = (name for name, test in penalty.when if test.holds(reading.read(name).value) is False)
        if any(reading.read(name).own for name in off):
            yield penalty.coefficient


def _pitfall(reading: Reading, pitfall: Pitfall) -> Iterator[Finding]:
    anchor = reading.own.get(pitfall.at)
    if anchor is None or isinstance(anchor.value, Unresolved) or not reading.holds(pitfall.when):
        return
    message = f"{wording.shown(anchor)}: {pitfall.message}"
    yield _finding(reading, pitfall.code, anchor, message, instead=pitfall.instead)


def _finding(
    reading: Reading,
    code: str,
    anchor: Setting,
    message: str,
    *,
    severity: Severity | None = None,
    related: tuple[Note, ...] = (),
    instead: str | None = None,
) -> Finding:
    return Finding(
        rule=code,
        severity=severity or RULES[code].severity,
        confidence=_most(reading),
        message=f"{message}; set {instead}" if instead else message,
        span=anchor.span,
        selected_by_default=True,
        related=related,
        instead=instead,
    )
