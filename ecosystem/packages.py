"""The packages: pinned by version and content, downloaded from PyPI, unpacked and never installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Final

PINNED: Final = Path(__file__).with_name("packages.txt")
_FOR: Final = ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp", "--abi=cp311"]
_PLATFORMS: Final = ("manylinux_2_28_x86_64", "manylinux1_x86_64")


def pinned() -> dict[str, str]:
    """The version of each package."""
    lines = (line.split()[0] for line in PINNED.read_text(encoding="utf-8").splitlines() if "==" in line)
    return dict(line.split("==") for line in lines)


def download(folder: Path) -> None:
    """Put all wheels into a folder; a package that is not to be had ends the run."""
    platforms = [f"--platform={platform}" for platform in _PLATFORMS]
    options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        *options,
        *_FOR,
        *platforms,
        "-r",
        str(PINNED),
        "-d",
        str(folder),
    ]
    if subprocess.run(command, check=False).returncode:  # noqa: S603
        sys.exit("ecosystem: not all packages could be downloaded")


def unpack(wheels: Path, folder: Path) -> dict[str, Path]:
    """Unpack all wheels below a folder; where each package is."""
    found: dict[str, Path] = {}
    for name, version in pinned().items():
        (wheel,) = wheels.glob(f"{name.replace('-', '_')}-{version}-*.whl")
        found[name] = folder / name
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(found[name])  # its content is pinned
    return found
