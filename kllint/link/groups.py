"""Which modules may have to do with each other: told by a scan of their bytes for imports.

Modules of two groups import nothing of each other, directly or through others, so each group is linked and
judged by itself. An import that the scan does not see does no harm but that a module is read in two groups.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kllint.ir import program as ir

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Sequence

    from kllint.link.module_index import ModuleIndex

# It begins with fixed letters, which `re` finds some ten times faster: hence no `from` in it.
_IMPORT = re.compile(rb"import[ \t]*(\([^)]*\)|[^\n#;]*)")
_FROM = re.compile(r"(?:^|[;:])\s*from\s+(\.*)\s*([\w.]*)\s*$")
_PLAIN = re.compile(r"(?:^|[;:])\s*$")
_WORD = re.compile(r"[\w.]+")


def groups(index: ModuleIndex, roots: Sequence[str], read: Callable[[str], bytes]) -> list[list[str]]:
    """Some modules, by dotted names and in their order, grouped with those that they may have to do with."""
    leaders = {dotted: dotted for dotted in roots}
    ours = {part for dotted in index.paths for part in dotted.split(".")}

    def leader(dotted: str) -> str:
        while leaders[dotted] != dotted:
            leaders[dotted] = dotted = leaders[leaders[dotted]]
        return dotted

    stack = list(roots)
    while stack:
        dotted = stack.pop()
        for other in imported(index, ours, dotted, read(index.paths[dotted])):
            if other not in leaders:
                leaders[other] = other
                stack.append(other)
            leaders[leader(other)] = leader(dotted)
    found: dict[str, list[str]] = {}
    for dotted in roots:
        found.setdefault(leader(dotted), []).append(dotted)
    return list(found.values())


def imported(index: ModuleIndex, ours: Container[str], dotted: str, raw: bytes) -> Iterator[str]:
    """The project's modules that a module may import; all parts of their names are `ours`."""
    for match in _IMPORT.finditer(raw):
        before = raw[raw.rfind(b"\n", 0, match.start()) + 1 : match.start()].decode("utf-8", "replace")
        names: list[str] = []
        if origin := _FROM.search(before):
            if not origin[1] and origin[2].partition(".")[0] not in ours:
                continue
            node = ir.Import(origin[2], None, "", len(origin[1]), 0, 0)
            base = index.known(index.origin(dotted, node))
            names = [base, *(f"{base}.{word}" for word in _words(match))]
        elif _PLAIN.search(before):
            tops = ((word, word.partition(".")[0]) for word in _words(match))
            names = [index.known(name, dotted) for word, top in tops if top in ours for name in (word, top)]
        yield from (name for name in names if name in index.paths)


def _words(match: re.Match[bytes]) -> list[str]:
    """The words of what is imported, `as` among them."""
    return _WORD.findall(match[1].decode("utf-8", "replace"))
