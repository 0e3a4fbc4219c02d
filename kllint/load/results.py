"""Whole analyses in the cache: while nothing in a project has changed, nothing needs to be done again."""

from __future__ import annotations

import json
from enum import Enum
from functools import cache as once
from itertools import chain
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

from kllint.findings import Analysis
from kllint.load.cache import key_of
from kllint.load.states import States

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from kllint.load.cache import Cache
    from kllint.load.project import Project


def remembered(
    cache: Cache, root: str, project: Project, said: str, make: Callable[[], Analysis]
) -> Analysis:
    """The analysis of a project, with what is `said` of it, that is in the cache, or else a new one.

    A new one is kept as that of the bytes it was made from, whatever they were when the cache was asked. While
    some files cannot be read, nothing is kept.
    """
    states, told = States(cache, root), repr(project.problems)
    known = {
        path: states.digest(file.real) for path, file in project.files.items() if path not in project.contents
    }
    digests = {path: known.get(path) or project.digest(path) for path in project.files}
    found = decode(cache.get(_key(said, told, digests)))
    if found is None or repr(project.problems) != told:
        found = make()
        digests = {path: project.digest(path) for path in project.files}
        if repr(project.problems) == told and all(problem.lasting for problem in found.problems):
            cache.put(_key(said, told, digests), encode(found))
            cache.sweep()
    states.learn({file.real: digests[path] for path, file in project.files.items() if path in known})
    return found


def _key(said: str, told: str, digests: Mapping[str, str]) -> str:
    return key_of("analysis", said, told, "\0".join(chain.from_iterable(digests.items())))


def encode(analysis: Analysis) -> bytes:
    """An analysis as JSON, where a named tuple is a list."""
    return json.dumps(analysis, separators=(",", ":")).encode()


def decode(text: bytes | None) -> Analysis | None:
    """What `encode` has made text of; None where that is no such text."""
    try:
        analysis: Analysis | None = _made(Analysis, json.loads(text)) if text else None
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
