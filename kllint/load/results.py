"""Whole analyses in the cache: while nothing in a project has changed, nothing needs to be done again."""

from __future__ import annotations

import json
from enum import Enum
from functools import cache as once
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from kllint.findings import Analysis

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from kllint.load.cache import Cache


def remembered(cache: Cache | None, key: str, make: Callable[[], Analysis]) -> Analysis:
    """The analysis that is in the cache under a key, or else a new one, which is put there."""
    text = cache.get(key) if cache else None
    found = _decoded(text) if text else None
    if found is not None:
        return found
    made = make()
    if cache and all(problem.lasting for problem in made.problems):
        cache.put(key, _encoded(made))
        cache.sweep()
    return made


def _encoded(analysis: Analysis) -> bytes:
    return json.dumps(analysis, separators=(",", ":")).encode()  # a named tuple is a list there


def _decoded(text: bytes) -> Analysis | None:
    try:
        analysis: Analysis = _made(Analysis, json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    return analysis


def _made(kind: Any, value: Any) -> Any:
    """A value of a type from what JSON has of it."""
    if value is None or kind in {str, int, bool, float, type(None)}:
        return value
    if isinstance(kind, UnionType):
        return _made(next(one for one in get_args(kind) if one is not type(None)), value)
    if get_origin(kind) is tuple:
        return tuple(_made(get_args(kind)[0], part) for part in value)
    if issubclass(kind, tuple):
        return kind(*(_made(hint, part) for hint, part in zip(_hints(kind), value, strict=True)))
    return kind(value) if issubclass(kind, Enum) else value


@once
def _hints(kind: Hashable) -> tuple[Any, ...]:
    return tuple(get_type_hints(kind).values())
