"""Configuration is code: the keys in YAML, TOML, JSON, launch scripts and config classes that choose a KL."""

from kllint.configs.lint import Options, lint_configs
from kllint.configs.schema import builtin, load, parse
from kllint.configs.setting import File, Origin
from kllint.configs.values import ConfigValue, ConfigValues

__all__ = [
    "ConfigValue",
    "ConfigValues",
    "File",
    "Options",
    "Origin",
    "builtin",
    "lint_configs",
    "load",
    "parse",
]
