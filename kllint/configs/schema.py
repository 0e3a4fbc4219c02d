"""Reads and checks profiles: a mistake in one is an error with the place and a suggestion."""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from kllint.configs.conditions import Conditions, spelling, test
from kllint.configs.profile import Dated, Default, Detect, Penalty, Pitfall, Profile, ProfileKey, Profiles
from kllint.configs.setting import UNRESOLVED, key_of
from kllint.configs.versions import Versions
from kllint.errors import UserError
from kllint.findings import Confidence
from kllint.source.toml_lines import line_of
from kllint.theory.vocabulary import Estimator, Use, Weight

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from enum import StrEnum
    from pathlib import Path

Member = TypeVar("Member", bound="StrEnum")

ADVICE = "docs/profiles.md tells how a profile is written"
RAISES = "raises"
"""Written in place of an estimator where the framework raises on the value."""


@cache
def builtin() -> Profiles:
    """The profiles that come with kllint, in the order of their names."""
    folder = files("kllint.configs").joinpath("frameworks")
    found = sorted(
        (entry for entry in folder.iterdir() if entry.name.endswith(".toml")), key=lambda e: e.name
    )
    return tuple(parse(tomllib.loads(entry.read_text("utf-8")), entry.name) for entry in found)


def load(path: Path) -> Profile:
    """A profile from a file of the user's; raises `UserError`."""
    try:
        text = path.read_text("utf-8-sig")
        return parse(tomllib.loads(text), str(path), text)
    except OSError as error:
        what = f"{path}: no framework profile can be read: {error.strerror}"
        raise UserError(what, "`framework-profiles` names it; paths start at the settings file") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{path}: no framework profile can be read: {error}", ADVICE) from None


def parse(data: Mapping[str, Any], file: str, text: str = "") -> Profile:
    """A profile from its table; raises `UserError`, with the line where the text of the file is given."""
    table = Table(data, Place(file, text))
    detect = table.table("detect")
    keys = dict(_keys(table))
    profile = Profile(
        name=table.take("name", str),
        title=table.take("title", str),
        sources=table.texts("sources", required=True),
        detect=Detect(
            modules=detect.texts("modules"),
            classes=detect.texts("classes"),
            commands=tuple(tuple(command.split()) for command in detect.texts("commands")),
            keys=tuple(map(key_of, detect.texts("keys"))),
            signature=tuple(map(key_of, detect.texts("signature"))),
            beside=detect.texts("beside"),
        ),
        keys=keys,
        penalties=tuple(_penalty(each, keys) for each in table.tables("penalties")),
        pitfalls=tuple(_pitfall(each, keys) for each in table.tables("pitfalls")),
        package=table.take("package", str, None),
        confidence=table.member("confidence", Confidence, None),
        dated=tuple(_dated(table)),
        both=table.take("both", str, None),
    )
    detect.finish()
    table.finish()
    return profile


class Place(NamedTuple):
    """Where a table stands: in which file, and under which keys."""

    file: str
    text: str
    path: tuple[str | int, ...] = ()

    def inside(self, *steps: str | int) -> Place:
        """A place further in."""
        return self._replace(path=(*self.path, *steps))

    def __str__(self) -> str:
        line = f":{line_of(self.text, self.path)}" if self.text else ""
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path)
        return f"{self.file}{line}: {path[1:]}".removesuffix(": ")


class Table:
    """A table whose keys are taken one by one, so that what is left over is a mistake."""

    def __init__(self, data: Mapping[str, Any], place: Place) -> None:
        self.data = data
        self.place = place
        self.at = ""  # the key that was taken last
        self.taken: set[str] = set()

    def take(self, key: str, kind: type | tuple[type, ...], default: Any = ...) -> Any:
        """The value of a key; an error where it is missing without default, or of another type."""
        self.at = key
        self.taken.add(key)
        value = self.data.get(key, default)
        if value is ...:
            raise self.wrong(f"`{key}` is missing")
        if value is not default and not isinstance(value, kind):
            raise self.wrong(f"`{key}` has the wrong type: {value!r}")
        return value

    def texts(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of strings."""
        values = self.take(key, list, ... if required else [])
        if not all(isinstance(value, str) for value in values) or (required and not values):
            raise self.wrong(f"`{key}` must be a list of strings")
        return tuple(values)

    def tables(self, key: str) -> Iterator[Table]:
        """A list of tables."""
        for index, value in enumerate(self.take(key, list, [])):
            if not isinstance(value, dict):
                raise self.wrong(f"`{key}` must be tables: [[{key}]]")
            yield Table(value, self.place.inside(key, index))

    def table(self, key: str) -> Table:
        """A table; an empty one where the key is missing."""
        return Table(self.take(key, dict, {}), self.place.inside(key))

    def member(self, key: str, kind: type[Member], default: Any = ...) -> Any:
        """One of the words of an enumeration."""
        return (
            self.word(self.take(key, str, default), kind) if key in self.data or default is ... else default
        )

    def word(self, text: str, kind: type[Member]) -> Member:
        """The member that a word stands for."""
        try:
            return kind(text)
        except ValueError:
            raise self.wrong(f"{text!r} is not known", text, [member.value for member in kind]) from None

    def name(self, text: str, keys: Iterable[str]) -> str:
        """The name of a key of the profile."""
        known = list(keys)
        if text not in known:
            raise self.wrong(f"{text!r} is none of the keys", text, known)
        return text

    def conditions(self, key: str, keys: Iterable[str]) -> Conditions:
        """A table of conditions on keys of the profile."""
        return self.tested(self.take(key, dict, {}), keys)

    def tested(self, conditions: Mapping[str, Any], keys: Iterable[str]) -> Conditions:
        """The conditions of a table at hand."""
        try:
            return tuple((self.name(name, keys), test(wanted)) for name, wanted in conditions.items())
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def versions(self) -> Versions:
        """The range under `versions`."""
        try:
            return Versions.parse(self.take("versions", str, ""))
        except ValueError as error:
            raise self.wrong(str(error)) from None

    def finish(self) -> None:
        """Complain of keys that nobody asked for."""
        for key in self.data:
            if key not in self.taken:
                self.at = key
                raise self.wrong(f"`{key}` is not known", key, self.taken)

    def wrong(self, what: str, text: str = "", known: Iterable[str] = ()) -> UserError:
        """The error, with the closest known word as advice."""
        close = get_close_matches(text, sorted(known), n=1)
        place = self.place.inside(self.at)
        return UserError(f"{place}: {what}", f"did you mean {close[0]!r}?" if close else ADVICE)


def _keys(profile: Table) -> Iterator[tuple[str, ProfileKey]]:
    keys = Table(profile.take("keys", dict), profile.place.inside("keys"))
    for name in keys.data:
        if not isinstance(keys.take(name, object), dict):
            raise keys.wrong("must be a table with `spellings`")
        table = keys.table(name)
        spellings = tuple(map(key_of, table.texts("spellings", required=True)))
        null_is_default = table.take("null_is_default", bool, False)
        yield name, ProfileKey(name, spellings, tuple(_defaults(table)), null_is_default)
        table.finish()


def _defaults(table: Table) -> Iterator[Default]:
    scalar = (str, int, float, bool)
    for older in table.tables("older"):
        yield Default(older.take("default", scalar), older.versions())
        older.finish()
    yield Default(table.take("default", scalar, UNRESOLVED), Versions())


def _penalty(table: Table, keys: Mapping[str, ProfileKey]) -> Penalty:
    estimator: str = table.take("estimator", str)
    values = table.take("values", dict, {})
    penalty = Penalty(
        name=table.take("name", str),
        use=table.member("use", Use),
        when=table.conditions("when", keys),
        mode=table.conditions("mode", keys),
        estimator=table.name(estimator, keys) if values else table.word(estimator, Estimator),
        source=table.take("source", str),
        versions=table.versions(),
        coefficient=_optional(table, "coefficient", lambda text: table.name(text, keys)),
        values=_values(table, values),
        older=tuple(_older(table)),
        weights=tuple(_weights(table, keys)),
        off_policy=tuple(table.tested(each.data, keys) for each in table.tables("off_policy")),
        rollout=tuple(table.name(name, keys) for name in table.texts("rollout")),
        update=tuple(table.name(name, keys) for name in table.texts("update")),
        instead=table.take("instead", dict, {}),
        builders=table.texts("builders"),
        open=table.take("open", bool, False),
    )
    table.finish()
    return penalty


def _dated(table: Table) -> Iterator[Dated]:
    for each in table.tables("dated"):
        yield Dated(each.take("lacks", str), each.take("version", str))
        each.finish()


def _values(table: Table, values: Mapping[str, object]) -> dict[str, Estimator | None]:
    """The estimator of each value; `raises` stands for one that the framework refuses."""
    return {
        spelling(value): None if picked == RAISES else table.word(str(picked), Estimator)
        for value, picked in values.items()
    }


def _older(table: Table) -> Iterator[tuple[Versions, dict[str, Estimator | None]]]:
    for each in table.tables("older"):
        yield each.versions(), _values(each, each.take("values", dict))
        each.finish()


def _optional(table: Table, key: str, read: Callable[[str], str]) -> str | None:
    return read(table.take(key, str)) if key in table.data else table.take(key, str, None)


def _weights(table: Table, keys: Mapping[str, ProfileKey]) -> Iterator[tuple[Weight, Conditions]]:
    for each in table.tables("weights"):
        yield each.member("weight", Weight), each.conditions("when", keys)
        each.finish()


def _pitfall(table: Table, keys: Mapping[str, ProfileKey]) -> Pitfall:
    pitfall = Pitfall(
        code=table.take("code", str),
        at=table.name(table.take("at", str), keys),
        when=table.conditions("when", keys),
        message=table.take("message", str),
        source=table.take("source", str),
        versions=table.versions(),
        instead=table.take("instead", str, None),
    )
    table.finish()
    return pitfall
