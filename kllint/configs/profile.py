"""A framework as kllint knows it: its keys, and the KL penalties that they switch on and shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from kllint.configs.setting import UNRESOLVED, Key, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kllint.configs.conditions import Conditions
    from kllint.configs.versions import Versions
    from kllint.findings import Confidence
    from kllint.theory.vocabulary import Estimator, Use, Weight


@dataclass(frozen=True, slots=True)
class Default:
    """The value that a key has where nobody sets it, in some versions of the framework."""

    value: Value
    versions: Versions


@dataclass(frozen=True, slots=True)
class ProfileKey:
    """One thing that can be set, with every spelling that some version of the framework accepts."""

    name: str
    spellings: tuple[Key, ...]
    defaults: tuple[Default, ...] = ()
    null_is_default: bool = False

    def default(self, version: str | None) -> Value:
        """The default in a version; where the version is unknown, the newest one, which stands last."""
        fitting = [d.value for d in self.defaults if version is None or version in d.versions]
        return (fitting[-1] if version is None else fitting[0]) if fitting else UNRESOLVED


@dataclass(frozen=True, slots=True)
class Detect:
    """What tells that a unit is for this framework; one piece of evidence is enough.

    `modules` are packages that are imported or run; with `classes`, one of these must be in sight, too.
    `commands` are words that follow each other on a command line. `keys` are paths that no other framework
    has. `signature` are keys that others may have as well: two of them count. `beside` are modules one of
    which must be imported in the same file, too.
    """

    modules: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    commands: tuple[tuple[str, ...], ...] = ()
    keys: tuple[Key, ...] = ()
    signature: tuple[Key, ...] = ()
    beside: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dated:
    """A word that a copy of the framework in the tree lacks, and the version that it is therefore at most."""

    lacks: str
    version: str


@dataclass(frozen=True, slots=True)
class Penalty:
    """One KL term that the framework builds.

    It is on where `mode` and `when` hold and `coefficient` is not 0: `mode` says which trainer it is, `when`
    whether it has this penalty. `estimator` is the name of a key, whose `values` say which estimator each of
    its values picks (None: the framework raises), or the estimator itself; `older` says otherwise for some
    versions. `off_policy` lists conditions each of which makes the samples stale; `rollout` and `update` are
    keys whose products are the samples of one rollout and of one step. A launched script that defines one of
    the `builders` computes something else, so that nothing is said of it.
    """

    name: str
    use: Use
    when: Conditions
    estimator: str | Estimator
    source: str
    versions: Versions
    coefficient: str | None = None
    mode: Conditions = ()
    values: Mapping[str, Estimator | None] = field(default_factory=dict)
    older: tuple[tuple[Versions, Mapping[str, Estimator | None]], ...] = ()
    weights: tuple[tuple[Weight, Conditions], ...] = ()
    off_policy: tuple[Conditions, ...] = ()
    rollout: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    builders: tuple[str, ...] = ()
    open: bool = False  # values that are not listed pick something that kllint does not know


@dataclass(frozen=True, slots=True)
class Pitfall:
    """A combination of values that is wrong for a reason of its own, reported at the key `at`."""

    code: str
    at: str
    when: Conditions
    message: str
    source: str
    versions: Versions
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """One framework, or one trainer of a framework, read from the sources that it cites."""

    name: str
    title: str
    sources: tuple[str, ...]
    detect: Detect
    keys: Mapping[str, ProfileKey]
    penalties: tuple[Penalty, ...] = ()
    pitfalls: tuple[Pitfall, ...] = ()
    package: str | None = None  # the name under which requirements pin a version
    confidence: Confidence | None = None  # the most that this profile can be sure of
    dated: tuple[Dated, ...] = ()
    both: str | None = None  # what setting KL in reward and loss does, where the framework does not refuse


Profiles: TypeAlias = tuple[Profile, ...]
