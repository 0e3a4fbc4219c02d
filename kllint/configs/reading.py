"""What a unit says of each key of a profile: the value, where it stands, and who set it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kllint.configs.setting import Key, Origin, Setting, Unit, Value
from kllint.theory.vocabulary import Regime, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kllint.configs.conditions import Conditions
    from kllint.configs.profile import Profile, ProfileKey

WHOLE = frozenset({Origin.LAUNCH})
"""Units that spell their keys out: elsewhere a key may lack the groups that its file stands for."""
NOT = (0, 0)
"""The closeness of a key that is another one."""


@dataclass(frozen=True, slots=True)
class Read:
    """The value of one key; `setting` is None where the default holds; `own` is False where a base set it."""

    value: Value
    setting: Setting | None = None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """A unit seen through a profile: its own settings and those it takes over, by the name of the key."""

    profile: Profile
    unit: Unit
    own: Mapping[str, Setting]
    inherited: Mapping[str, Setting]
    version: str | None = None
    regime: Regime = Regime.UNKNOWN
    target: Target = Target.REVERSE
    defined: frozenset[str] = frozenset()  # the functions of the script that is launched
    sure: bool = True  # whether the framework is known by more than keys that others may have
    complete: bool = True  # whether all that it takes over was found

    @classmethod
    def of(cls, profile: Profile, unit: Unit, inherited: Sequence[Setting]) -> Reading:
        """Read a unit."""
        own = _matched(profile.keys, unit.settings, whole=unit.origin in WHOLE)
        return cls(profile, unit, own, _matched(profile.keys, inherited, whole=False))

    def without_own(self) -> Reading:
        """What the unit takes over, without what it sets itself."""
        return replace(self, own={})

    def read(self, name: str) -> Read:
        """The value of a key: what the unit sets, else what it takes over, else the default."""
        default = self.profile.keys[name].default(self.version)
        setting = self.own.get(name, self.inherited.get(name))
        if setting is None:
            return Read(default)
        null = setting.value is None and self.profile.keys[name].null_is_default
        return Read(default if null else setting.value, setting, name in self.own)

    def holds(self, conditions: Conditions) -> bool | None:
        """Whether all conditions hold: False if one does not, None if one cannot be known."""
        results = [test.holds(self.read(name).value) for name, test in conditions]
        return False if False in results else None if None in results else True


def _matched(
    keys: Mapping[str, ProfileKey], settings: Iterable[Setting], *, whole: bool
) -> dict[str, Setting]:
    """Each key with its setting: the closest spelling wins, and of equal ones the last."""
    spelt: dict[Key, list[tuple[str, Key]]] = {}  # by the last part, which setting and spelling share
    for name, key in keys.items():
        for spelling in key.spellings:
            spelt.setdefault(spelling[-1:], []).append((name, spelling))
    best: dict[str, tuple[int, int]] = {}
    found: dict[str, Setting] = {}
    for setting in settings:
        for name, spelling in spelt.get(setting.key[-1:], ()):
            close = closeness(setting.key, spelling, whole=whole)
            if close > NOT and close >= best.get(name, NOT):
                best[name], found[name] = close, setting
    return {name: found[name] for name in keys if name in found}


def closeness(key: Key, spelling: Key, *, whole: bool) -> tuple[int, int]:
    """How many parts of the spelling the key ends with, and less for what it has in front of them."""
    shared = min(len(key), len(spelling))
    if not shared or (whole and shared < len(spelling)) or key[-shared:] != spelling[-shared:]:
        return NOT
    return shared, -len(key)
