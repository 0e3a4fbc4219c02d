"""Every key of `[tool.kllint]`: its name, its kind and what it means."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import kllint
from kllint.findings import Confidence, Severity
from kllint.settings.kinds import COUNT, FLAG, SELECTOR, TEXT, VERSION, Kind, choice, list_of, table_of
from kllint.theory.vocabulary import Regime, Role, Target

SEVERITY = choice({severity.value: severity for severity in Severity})
CONFIDENCE = choice({confidence.value: confidence for confidence in Confidence})
REGIME = choice({"auto": Regime.UNKNOWN, "on-policy": Regime.ON, "off-policy": Regime.OFF})
TARGET = choice({target.value: target for target in Target})
ROLE = choice({role.value: role for role in Role if role is not Role.OTHER})


def _frameworks() -> Kind:
    folder = Path(kllint.__file__).parent / "configs" / "frameworks"
    return choice({file.stem: file.stem for file in sorted(folder.glob("*.toml"))})


class Key(NamedTuple):
    """One key of the settings; its field in `Settings` is the name with underscores."""

    name: str
    kind: Kind
    doc: str
    default: Any = None  # as it would be written; None where the default is to have none

    @property
    def field(self) -> str:
        """The name of the field in `Settings`."""
        return self.name.replace("-", "_")


def _keys() -> dict[str, Key]:
    selectors = list_of(SELECTOR)
    keys = (
        Key(
            "extend",
            TEXT,
            "Another settings file to start from; what stands here replaces what stands there.",
        ),
        Key("select", selectors, "The rules that are on, by code or the beginning of codes.", ["KL"]),
        Key("extend-select", selectors, "Rules that are on besides those of `select`.", []),
        Key("ignore", selectors, "Rules that are off; the longer prefix wins over `select`.", []),
        Key(
            "per-file-ignores",
            table_of(TEXT, selectors),
            "Rules that are off in the files that a pattern matches.",
            {},
        ),
        Key(
            "severity",
            table_of(SELECTOR, SEVERITY),
            "The severity of findings, by rule code or the beginning of it.",
            {},
        ),
        Key("min-severity", SEVERITY, "The least severity that is reported.", "warning"),
        Key("min-confidence", CONFIDENCE, "The least confidence that is reported.", "medium"),
        Key(
            "fail-on",
            SEVERITY,
            "The least severity that makes the exit code 1.",
            "info",
        ),
        Key(
            "roles",
            table_of(ROLE, list_of(TEXT)),
            "Further words in names of log-probs that tell whose they are.",
            {},
        ),
        Key("regime", REGIME, "Where samples come from, if kllint need not find it out.", "auto"),
        Key(
            "target", TARGET, "The KL that is meant: reverse, KL(q || p), or forward, KL(p || q).", "reverse"
        ),
        Key(
            "disabled-frameworks", list_of(_frameworks()), "Profiles of RL frameworks that do not apply.", []
        ),
        Key(
            "framework-profiles",
            list_of(TEXT),
            "Files with profiles of further frameworks; one with the name of another replaces it.",
            [],
        ),
        Key(
            "framework-versions",
            table_of(_frameworks(), VERSION),
            "The versions of frameworks, where requirements do not pin them.",
            {},
        ),
        Key("exclude", list_of(TEXT), "Patterns, as in .gitignore, of files and folders to leave out.", []),
        Key(
            "force-exclude",
            FLAG,
            "Leave out excluded files even if they are named on the command line.",
            False,
        ),
        Key("baseline", TEXT, "A file of known findings, which are not reported."),
        Key("jobs", COUNT, "How many processes judge; 0 for one a core.", 0),
        Key("cache-dir", TEXT, "The folder of the cache."),
    )
    return {key.name: key for key in keys}


KEYS: dict[str, Key] = _keys()
