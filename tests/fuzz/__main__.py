"""`python -m tests.fuzz --minutes 30`: one seed after the other; `--seed N` shows and checks one; `--tree` a folder.

A project that kllint stumbles over is written into a folder and made smaller first: keep what is left of it in
`tests/fuzz/test_found.py`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.fuzz.programs import project
from tests.fuzz.smaller import smaller
from tests.fuzz.verdict import complaint, complaint_about, plant
from tests.fuzz.workers import Lost, Workers

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROUND: Final = 400  # seeds between two looks at the clock
_PATIENCE: Final = 120.0


def main() -> None:
    """Fuzz until the time is over; exit code 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, help="check this one only, and print its files")
    parser.add_argument(
        "--tree", type=Path, action="append", default=[], help="check a folder of other people's code"
    )
    parser.add_argument("--keep", type=Path, default=Path("fuzz-found"), help="the folder for what is found")
    given = parser.parse_args()
    if given.tree:
        found = sum(map(_tree, given.tree))
    elif given.seed is not None:
        found = _one(given.seed)
    else:
        found = _long(given.start, given.minutes * 60, given.jobs, given.keep)
    sys.exit(1 if found else 0)


def judged(seed: int) -> str | None:
    """What there is to complain of in a seed."""
    return complaint(project(seed))


def _long(start: int, seconds: float, jobs: int, keep: Path) -> int:
    end = time.monotonic() + seconds
    done = 0
    kinds: dict[str, int] = {}
    for seed, said in _results(start, jobs, end):
        done += 1
        if said is not None and said.splitlines()[-1] not in kinds:
            plant(keep / str(seed), smaller(project(seed), said))
            (keep / str(seed) / "complaint.txt").write_text(said)
            print(f"seed {seed}: {said.splitlines()[-1]}", flush=True)
        if said is not None:
            kinds[said.splitlines()[-1]] = kinds.get(said.splitlines()[-1], 0) + 1
    print(f"{done:,} projects from seed {start} on; {sum(kinds.values())} complaints of {len(kinds)} kinds")
    return len(kinds)


def _results(start: int, jobs: int, end: float) -> Iterator[tuple[int, str | None]]:
    workers = Workers(judged, jobs, _PATIENCE)
    seeds = count(start)
    while time.monotonic() < end:
        for seed, said in workers.results(list(islice(seeds, _ROUND)), 20):
            yield seed, "its process died or hung" if isinstance(said, Lost) else said


def _one(seed: int) -> int:
    for path, raw in project(seed).items():
        print(f"--- {path}\n{raw.decode('utf-8', 'backslashreplace')}")
    said = judged(seed)
    print(said or "all is well")
    return said is not None


def _tree(folder: Path) -> int:
    start = time.process_time()
    with tempfile.TemporaryDirectory() as reports:
        said = complaint_about(folder.resolve(), Path(reports), slow=float("inf"))
    print(f"{folder}: {said or 'all is well'} ({time.process_time() - start:.0f} s)")
    return said is not None


if __name__ == "__main__":
    main()
