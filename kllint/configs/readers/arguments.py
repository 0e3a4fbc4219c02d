"""The arguments of a command: `a.b=value`, `--key value`, `--key=value`, `--flag`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.configs.readers.chars import OPAQUE, Chars
from kllint.configs.setting import UNRESOLVED, Base, Origin, Setting, Unit, Value, key_of, literal
from kllint.findings import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ASSIGNED = re.compile(r"(?:--?|\+{1,2})?([A-Za-z_][\w./-]*)=(.*)", re.DOTALL)
OPTION = re.compile(r"--?[A-Za-z_]")
GAP = 8
CONFIG = frozenset({"config", "config_name", "cn", "cfg", "conf", "recipe", "yaml"})
CONFIG_FILE = (".yaml", ".yml", ".toml", ".json")


def unit(fields: Sequence[Chars], path: str) -> Unit | None:
    """A command with its arguments as a unit; None where it has no argument."""
    settings: list[Setting] = []
    positional: list[str] = []
    names: list[str] = []
    index = 0
    while index < len(fields):
        field = fields[index]
        index += 1
        if "=" in field.text and (assigned := ASSIGNED.fullmatch(field.text)):
            value = field.cut(assigned.start(2))
            settings.append(_setting(assigned[1], field, value, path))
        elif OPTION.match(field.text):
            start = index
            while index < len(fields) and not _is_option(fields[index].text):
                index += 1
            settings += _option(field, fields[start:index], path)
            # The value of an option stays in sight as a name: `torchrun --nproc_per_node 8 train.py`.
            names += (value.text for value in fields[start:index])
        else:
            positional.append(field.text)
            names.append(field.text)
    named = tuple(name for name in names if name[:1] != "-")
    bases = tuple(_bases(settings, positional))
    return Unit(Origin.LAUNCH, path, tuple(settings), named, bases=bases) if settings else None


def _option(name: Chars, values: Sequence[Chars], path: str) -> Iterator[Setting]:
    if len(values) == 1:
        yield _setting(name.text, name.plus(values[0]), values[0], path)
        return
    given = tuple(_value(value.text) for value in values)
    span = _span(name, path)
    yield Setting(key_of(name.text), given or True, span)
    if name.text.startswith(("--no-", "--no_")) and not given:
        yield Setting(key_of(name.text[5:]), False, span)


def _setting(name: str, whole: Chars, value: Chars, path: str) -> Setting:
    """A setting from `whole`, its key and value together; a value from elsewhere has a place of its own."""
    span = _span(whole, path)
    elsewhere = bool(value.at) and not span.start <= value.at[0] < span.end
    return Setting(key_of(name), _value(value.text), span, _span(value, path) if elsewhere else None)


def _is_option(text: str) -> bool:
    return bool(OPTION.match(text) or ("=" in text and ASSIGNED.fullmatch(text)))


def _value(text: str) -> Value:
    if OPAQUE in text or "$" in text:
        return UNRESOLVED
    return literal(text.strip("'\""))


def _span(chars: Chars, path: str) -> Span:
    """From the first character as far as the others follow it, with no more than blanks or quotes between."""
    if isinstance(chars.at, range):
        return Span(path, chars.at[0], chars.at[-1] + 1)
    end = chars.at[0]
    for place in chars.at[1:]:
        if not 0 < place - end <= GAP:
            break
        end = place
    return Span(path, chars.at[0], end + 1)


def _bases(settings: Sequence[Setting], positional: Sequence[str]) -> Iterator[Base]:
    """The configuration files that a command names; those of launchers (`--deepspeed zero3.json`) are others'."""
    for setting in settings:
        if isinstance(setting.value, str) and setting.key and setting.key[-1] in CONFIG:
            yield Base(setting.value)
    yield from (Base(name) for name in positional if name.endswith(CONFIG_FILE))
