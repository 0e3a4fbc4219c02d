"""Small trees of configuration, and what is found in them."""

from textwrap import dedent

from kllint.configs.lint import Options, lint_configs
from kllint.configs.readers.dispatch import read
from kllint.configs.setting import File
from kllint.findings import Confidence, Finding


def files(texts: dict[str, str]) -> list[File]:
    return [File(path, dedent(text).lstrip("\n").encode()) for path, text in texts.items()]


def lint(texts: dict[str, str], options: Options | None = None) -> tuple[Finding, ...]:
    return lint_configs(files(texts), options)


def found(texts: dict[str, str], options: Options | None = None, *, quiet: bool = False) -> list[str]:
    """The findings as `file:line code`; those of low confidence only where `quiet` asks for them alone."""
    raw = {file.path: file.raw for file in files(texts)}
    return [
        f"{finding.span.path}:{line(raw[finding.span.path], finding)} {finding.rule}"
        for finding in lint(texts, options)
        if (finding.confidence is Confidence.LOW) is quiet
    ]


def line(raw: bytes, finding: Finding) -> int:
    return raw[: finding.span.start].count(b"\n") + 1


def settings(path: str, text: str) -> list[tuple[int, str, object, str]]:
    """Line, key, value and the text at the place of each setting of a file."""
    (file,) = files({path: text})
    return [
        (
            file.raw[: setting.span.start].count(b"\n") + 1,
            ".".join(setting.key),
            setting.value,
            file.raw[setting.span.start : setting.span.end].decode(),
        )
        for unit in read(file)
        for setting in unit.settings
    ]


def values(path: str, text: str) -> dict[str, object]:
    """The last value of each key."""
    return {key: value for _, key, value, _ in settings(path, text)}
