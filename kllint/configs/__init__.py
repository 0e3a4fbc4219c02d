"""Configuration is code: the keys in YAML, TOML, JSON, launch scripts and config classes that choose a KL."""

from kllint.configs.setting import File, Origin
from kllint.configs.values import ConfigValue, ConfigValues

__all__ = ["ConfigValue", "ConfigValues", "File", "Origin"]
