"""Sweeps: one text that asks for several runs, each with values of its own."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kllint.configs.setting import Key, Origin, Setting, Unit, Value, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 12  # runs of one sweep that are looked at
MULTIRUN = frozenset({("multirun",), ("m",)})
CHOICE = re.compile(r"choice\((.*)\)", re.DOTALL)
SWEEPER = ("sweeper", "params")  # of Hydra
GRID, VALUES = "parameters", frozenset({"value", "values"})  # of Weights & Biases


def runs(unit: Unit) -> Iterator[Unit]:
    """The units that a sweep stands for, with each value in at least one of them; else the unit itself."""
    swept = [(setting, _values(unit, setting)) for setting in unit.settings]
    many = max((len(values) for _, values in swept), default=0)
    if not many:
        yield unit
        return
    for index in range(min(many, MOST)):
        settings = (
            setting._replace(key=_name(setting.key), value=values[min(index, len(values) - 1)])
            if values
            else setting
            for setting, values in swept
        )
        yield replace(unit, settings=tuple(settings))


def _values(unit: Unit, setting: Setting) -> tuple[Value, ...]:
    """The values that a sweep gives to a key; none where the key is not swept over."""
    if setting.key[-1:] and setting.key[-1] in VALUES and GRID in setting.key:
        return setting.value if isinstance(setting.value, tuple) else (setting.value,)
    if not isinstance(setting.value, str):
        return ()
    choice = CHOICE.fullmatch(setting.value.strip())
    text = choice[1] if choice else setting.value
    if "," not in text or not (choice or _separated(unit, setting)):
        return ()
    return tuple(literal(part.strip().strip("'\"")) for part in text.split(","))


def _separated(unit: Unit, setting: Setting) -> bool:
    """Whether commas in a value separate runs rather than the items of a list."""
    if str(setting.value)[:1] in {"[", "{"}:
        return False
    if unit.origin is Origin.LAUNCH:
        return any(each.key in MULTIRUN and each.value is True for each in unit.settings)
    return any(setting.key[index : index + 2] == SWEEPER for index in range(len(setting.key)))


def _name(key: Key) -> Key:
    """The key that a sweep of Weights & Biases is over; `key` itself for any other."""
    return key[key.index(GRID) + 1 : -1] if GRID in key else key
