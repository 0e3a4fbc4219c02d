"""`python -m ecosystem`: lint pinned releases of RL packages and compare with the snapshots in this folder.

A difference is shown and is an error. `--accept` makes what is found the new snapshots: read each finding that is
marked `unread` against the package's code, and write `right`, `doubtful: why` or `wrong: why` in place of that.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ecosystem.packages import download, pinned, unpack
from ecosystem.snapshots import UNREAD, Entry, difference, read, write


def main() -> None:
    """Check or accept; exit code 1 if a package has other findings than its snapshot."""
    parser = argparse.ArgumentParser(prog="python -m ecosystem", description=__doc__)
    parser.add_argument("--accept", action="store_true", help="make what is found the snapshots")
    parser.add_argument("--jobs", type=int, default=2, help="packages at once (2)")
    parser.add_argument("--wheels", type=Path, help="a folder that has, or gets, the downloaded wheels")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        wheels = given.wheels or Path(name, "wheels")
        wheels.mkdir(exist_ok=True)
        download(wheels)
        trees = unpack(wheels, Path(name))
        with ThreadPoolExecutor(given.jobs) as pool:
            found = dict(zip(trees, pool.map(findings, trees.values()), strict=True))
    sys.exit(_accept(found) if given.accept else _check(found))


def findings(tree: Path) -> list[Entry]:
    """What kllint says of a package, whatever its severity."""
    options = ["--isolated", "--no-cache", "--jobs", "1", "--min-severity", "info", "--output-format", "json"]
    command = [sys.executable, "-m", "kllint", "check", ".", "--project-root", ".", *options]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode not in {0, 1}:
        sys.exit(f"ecosystem: {tree.name}: {done.stderr}")
    report = json.loads(done.stdout)
    return sorted([*map(Entry.of, report["findings"]), *map(Entry.of_problem, report["errors"])])


def _accept(found: dict[str, list[Entry]]) -> int:
    for package, entries in found.items():
        write(package, pinned()[package], entries)
        unread = sum(verdict == UNREAD for verdict in read(package).values())
        print(f"{package}: {len(entries)} findings, {unread} unread")
    return 0


def _check(found: dict[str, list[Entry]]) -> int:
    differences = {package: difference(package, entries) for package, entries in found.items()}
    for package, lines in differences.items():
        print(f"{package} {pinned()[package]}: {len(found[package])} findings{', but:' if lines else ''}")
        print("".join(f"  {line}\n" for line in lines), end="")
    changed = any(differences.values())
    if changed:
        print("If all of this is as it should be: python -m ecosystem --accept")
    return int(changed)


if __name__ == "__main__":
    main()
