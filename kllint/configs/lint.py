"""Findings in the configuration of a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from kllint.configs import detect, schema
from kllint.configs.bases import Tree
from kllint.configs.gate import Gate
from kllint.configs.judge import judge
from kllint.configs.reading import Reading
from kllint.configs.setting import File, Origin, Unit
from kllint.configs.units import Units
from kllint.configs.versions import pinned
from kllint.fence import Fence
from kllint.findings import Confidence
from kllint.theory.vocabulary import Regime, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kllint.configs.profile import Profile, Profiles
    from kllint.findings import Finding, Span

REQUIREMENTS = re.compile(r"(?:^|/)(?:pyproject\.toml|setup\.(?:py|cfg)|[\w.-]*requirements[\w.-]*\.txt)$")
TEST_FILE = re.compile(r"test_.*|.*_test|conftest")
TEST_FOLDERS = frozenset({"test", "tests"})


@dataclass(frozen=True, slots=True)
class Options:
    """Which frameworks are known, and what the user says of them.

    `versions` are those that the tree uses, by the name of the profile: without one, that which its
    requirements pin. `regime` and `target` are assumed where they are given.
    """

    profiles: Profiles = field(default_factory=schema.builtin)
    versions: Mapping[str, str] = field(default_factory=dict)
    regime: Regime = Regime.UNKNOWN
    target: Target = Target.REVERSE


def lint_configs(
    files: Iterable[File],
    options: Options | None = None,
    fence: Fence | None = None,
    units: Units | None = None,
) -> tuple[Finding, ...]:
    """What the configuration among the files gets wrong, in the order of files and places.

    `units` are what was read already.
    """
    return tuple(
        _Run(tuple(sorted(files)), options or Options(), units or Units()).findings(fence or Fence())
    )


class _Run:
    """One look at one tree."""

    def __init__(self, files: Sequence[File], options: Options, units: Units) -> None:
        self.files = files
        self.options = options
        self.tree = Tree(files, units)
        self.gate = Gate(options.profiles)
        self.mentioned: dict[str, bool] = {}
        self.versions: dict[str, str | None] = {}
        self.requirements = [
            file.raw.decode("utf-8", "replace") for file in files if REQUIREMENTS.search(file.path)
        ]
        self.folders = {
            part for file in files if file.path.endswith(".py") for part in detect.segments(file.path)
        }

    def findings(self, fence: Fence) -> list[Finding]:
        found: dict[tuple[Span, str], Finding] = {}
        owners: dict[Span, str] = {}
        for file in self.files:
            if not self.gate.admits(file):
                continue
            for profile, finding in fence.alone(file.path, self.of_file, file):
                if owners.setdefault(finding.span, profile.name) == profile.name:
                    found.setdefault((finding.span, finding.rule), quietened(finding))
        return [found[key] for key in sorted(found)]

    def of_file(self, file: File) -> Iterator[tuple[Profile, Finding]]:
        """What each unit of a file gets wrong, with the profile that says so."""
        for unit in self.tree.units(file):
            yield from self.judge(unit)

    def judge(self, unit: Unit) -> Iterator[tuple[Profile, Finding]]:
        if not self.gate.wants(unit):
            return
        scripts = self.scripts(unit)
        names = (*unit.names, *(name for script in scripts for name in imports(script)))
        chosen = detect.choose(self.options.profiles, unit, names)
        if chosen is None:
            return
        profile, evidence = chosen
        reading = replace(
            Reading.of(profile, unit, self.tree.inherited(unit)),
            sure=evidence.sure,
            complete=self.tree.complete(unit),
            version=self.version(profile),
            regime=self.options.regime,
            target=self.options.target,
            defined=frozenset(
                name
                for script in scripts
                for name in DEFINITION.findall(script.raw.decode("utf-8", "replace"))
            ),
        )
        if reading.own:
            yield from ((profile, finding) for finding in judge(reading, self))

    def version(self, profile: Profile) -> str | None:
        """The version of a framework that the user names or the requirements pin."""
        if profile.name not in self.versions:
            pin = pinned(profile.package, self.requirements) if profile.package else None
            self.versions[profile.name] = self.options.versions.get(profile.name, pin)
        return self.versions[profile.name]

    def vendors(self, profile: Profile) -> bool:
        """Whether the tree has a package of the framework's name."""
        return any(module.partition(".")[0] in self.folders for module in profile.detect.modules)

    def mentions(self, word: str) -> bool:
        """Whether any file has a word, spelt with underscores or hyphens."""
        if word not in self.mentioned:
            spelt = (word.encode(), word.replace("_", "-").encode())
            self.mentioned[word] = any(each in file.raw for file in self.files for each in spelt)
        return self.mentioned[word]

    def scripts(self, unit: Unit) -> tuple[File, ...]:
        """The scripts of the tree that a command launches, as paths or as modules."""
        if unit.origin is not Origin.LAUNCH:
            return ()
        paths = (
            name if name.endswith(".py") else f"{name.replace('.', '/')}.py"
            for name in unit.names
            if "." in name
        )
        return tuple(file for path in paths if (file := self.tree.find(path, unit.path)) is not None)


def quietened(finding: Finding) -> Finding:
    """A finding in tests is a guess: what they configure trains nothing that matters."""
    *folders, name = detect.segments(finding.span.path)
    of_tests = not TEST_FOLDERS.isdisjoint(folders) or TEST_FILE.fullmatch(name)
    return replace(finding, confidence=Confidence.LOW) if of_tests else finding


def imports(file: File) -> Iterator[str]:
    """The modules and names that a script imports, as far as its lines show them."""
    for module, names in IMPORT.findall(file.raw.decode("utf-8", "replace")):
        yield module
        yield from (f"{module}.{name}" for name in re.findall(r"\w+", names))


DEFINITION = re.compile(r"^[ \t]*def (\w+)", re.MULTILINE)
IMPORT = re.compile(
    r"^[ \t]*(?:from|import)[ \t]+([\w.]+)(?:[ \t]+import[ \t]*(\([^)]*\)|[^\n#(]*))?", re.MULTILINE
)
