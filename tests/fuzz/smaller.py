"""Makes a project that shows a fault smaller, as long as it still shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.fuzz.verdict import complaint

if TYPE_CHECKING:
    from tests.fuzz.originals import Files

_TRIES: Final = 300


def smaller(files: Files, said: str) -> Files:
    """The project without the files and lines that it takes no part of; as it is where its process dies."""
    if said.startswith("its process"):
        return files
    kind = said.splitlines()[-1]
    tries = iter(range(_TRIES))
    for path in sorted(files):
        rest = {name: raw for name, raw in files.items() if name != path}
        files = rest if rest and _shows(rest, kind) else files
    for path in sorted(files):
        size = len(files[path].splitlines())
        while size := size // 2:
            at = 0
            while at < len(lines := files[path].splitlines(keepends=True)) and next(tries, None) is not None:
                shorter = files | {path: b"".join(lines[:at] + lines[at + size :])}
                if _shows(shorter, kind):
                    files = shorter
                else:
                    at += size
    return files


def _shows(files: Files, kind: str) -> bool:
    said = complaint(files)
    return said is not None and said.splitlines()[-1] == kind
