"""Whole analyses in the cache: while nothing in a project has changed, nothing needs to be done again."""

from __future__ import annotations

import json
from dataclasses import asdict, is_dataclass
from enum import Enum
from functools import cache as once
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from kllint.findings import Analysis, Span

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
    return json.dumps(asdict(analysis), separators=(",", ":")).encode()


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
    if is_dataclass(kind):
        make: Any = kind
        return make(**{name: _made(hint, value[name]) for name, hint in _hints(make).items()})
    if kind is Span:
        return Span(*value)
    return kind(value) if issubclass(kind, Enum) else value


@once
def _hints(kind: Hashable) -> dict[str, Any]:
    return get_type_hints(kind)
