"""Configuration is code: the keys in YAML, TOML, JSON, launch scripts and config classes that choose a KL."""
