"""Findings in the configuration of a tree."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from kllint.configs import detect, schema, scripts
from kllint.configs.bases import Tree
from kllint.configs.gate import Gate
from kllint.configs.judge import judge
from kllint.configs.readers.dispatch import Units, source
from kllint.configs.reading import Reading
from kllint.configs.sweeps import runs
from kllint.configs.versions import pinned
from kllint.fence import Fence
from kllint.findings import Confidence
from kllint.theory.vocabulary import Regime, Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from kllint.configs.profile import Profile, Profiles
    from kllint.configs.setting import File, Unit
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
    """What the configuration among the files gets wrong, in the order of files and places."""
    run = _Run(tuple(sorted(files)), options or Options(), units or Units())
    return tuple(run.findings(fence or Fence()))


class _Run:
    """One look at one tree."""

    def __init__(self, files: Sequence[File], options: Options, units: Units) -> None:
        self.files = files
        self.options = options
        self.tree = Tree(files, units)
        self.gate = Gate([detect.hints(profile) for profile in options.profiles])
        self.imports, self.definitions = cache(scripts.imports), cache(scripts.definitions)
        self.detector = detect.Detector(options.profiles)
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
        for file in (file for file in self.files if self.gate.admits(*file)):
            owners: dict[int, str] = {}  # of a line, the first profile that has something to say of it
            judged = fence.alone(file.path, self.of_file, file)
            raw = source(file) if judged else b""
            for profile, finding in judged:
                line = raw.count(b"\n", 0, finding.span.start)
                if owners.setdefault(line, profile.name) == profile.name:
                    found.setdefault((finding.span, finding.rule), quietened(finding))
        return [found[key] for key in sorted(found)]

    def of_file(self, file: File) -> Iterator[tuple[Profile, Finding]]:
        """What each unit of a file gets wrong, with the profile that says so."""
        for unit in self.tree.units.of(file):
            for run in runs(unit):
                if self.gate.wants(run):
                    yield from self.judge(run)

    def judge(self, unit: Unit) -> Iterator[tuple[Profile, Finding]]:
        launched = scripts.launched(unit, self.tree)
        names = (*unit.names, *(name for script in launched for name in self.imports(script)))
        chosen = self.detector.choose(unit, names)
        if chosen is None:
            return
        profile, evidence = chosen
        started = (base for script in launched if (base := scripts.base(script, unit)) is not None)
        unit = replace(unit, bases=(*started, *unit.bases))
        reading = replace(
            Reading.of(profile, unit, self.tree.inherited(unit)),
            sure=evidence.sure,
            complete=self.tree.complete(unit),
            version=self.version(profile),
            regime=self.options.regime,
            target=self.options.target,
            defined=frozenset(name for script in launched for name in self.definitions(script)),
        )
        if reading.own:
            yield from ((profile, finding) for finding in judge(reading, self))

    def version(self, profile: Profile) -> str | None:
        """The version of a framework that the user names, the requirements pin, or a copy in the tree shows."""
        if profile.name not in self.versions:
            pin = pinned(profile.package, self.requirements) if profile.package else None
            known = self.options.versions.get(profile.name, pin)
            self.versions[profile.name] = known or self.shown_version(profile)
        return self.versions[profile.name]

    def shown_version(self, profile: Profile) -> str | None:
        """The version of the copy of a framework that the tree holds, as far as its words tell."""
        if not self.vendors(profile):
            return None
        lacking = (each.version for each in profile.dated if not self.mentions(each.lacks))
        return next(lacking, None)

    def vendors(self, profile: Profile) -> bool:
        """Whether the tree has a package of the framework's name."""
        return any(module.partition(".")[0] in self.folders for module in profile.detect.modules)

    def mentions(self, word: str) -> bool:
        """Whether any file has a word, spelt with underscores or hyphens."""
        if word not in self.mentioned:
            spelt = (word.encode(), word.replace("_", "-").encode())
            self.mentioned[word] = any(each in file.raw for file in self.files for each in spelt)
        return self.mentioned[word]


def quietened(finding: Finding) -> Finding:
    """A finding in tests is a guess: what they configure trains nothing that matters."""
    *folders, name = detect.segments(finding.span.path)
    of_tests = not TEST_FOLDERS.isdisjoint(folders) or TEST_FILE.fullmatch(name)
    return finding._replace(confidence=Confidence.LOW) if of_tests else finding
