"""What a project configures: what is wrong there, and the values that select an estimator in its code."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from kllint.configs.answers import Told
from kllint.configs.lint import Options, lint_configs
from kllint.configs.readers.dispatch import Units
from kllint.configs.schema import builtin, load
from kllint.configs.setting import File
from kllint.configs.values import ConfigValues
from kllint.fence import Fence
from kllint.source.discover import Kind, is_test

if TYPE_CHECKING:
    from kllint.configs.answers import ConfigValue
    from kllint.configs.profile import Profiles
    from kllint.findings import Finding
    from kllint.load.project import Project
    from kllint.settings.options import AnalysisOptions


class Configuration:
    """The configuration of a project, each file of which is read once, for whatever it is read."""

    def __init__(self, project: Project, options: AnalysisOptions) -> None:
        self._project = project
        self._options = options
        self._fence = Fence()
        self._units = Units()

    def lookup(self, key: str, near: str) -> tuple[ConfigValue, ...]:
        """Reads the files that set the name, and keeps what it has read."""
        return tuple(self._fence.alone(near, self._values.lookup, key, near))

    def told(self) -> Told:
        """Reads all files, once."""
        return Told(self._findings, tuple(self._fence.problems))

    @cached_property
    def _values(self) -> ConfigValues:
        """Where values may be given: notebooks give none, nor do tests."""
        files = self._project.files.values()
        paths = sorted(
            file.path for file in files if file.kind is not Kind.NOTEBOOK and not is_test(file.path)
        )
        return ConfigValues(
            (File(path, self._project.read(path)) for path in paths), self._fence, self._units
        )

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        """Tests configure no experiment."""
        paths = (path for path in sorted(self._project.files) if not is_test(path))
        files = [File(path, self._project.written(path)) for path in paths]
        return lint_configs(files, _config_options(self._options), self._fence, self._units)


def _config_options(options: AnalysisOptions) -> Options:
    """What the settings leave of the framework profiles, with those of the user's own."""
    profiles = {profile.name: profile for profile in (*builtin(), *_own_profiles(options))}
    kept = tuple(profile for name, profile in profiles.items() if name not in options.disabled_frameworks)
    return Options(kept, options.framework_versions, options.regime, options.target)


def _own_profiles(options: AnalysisOptions) -> Profiles:
    """The framework profiles that the settings name."""
    return tuple(map(load, options.framework_profiles))
