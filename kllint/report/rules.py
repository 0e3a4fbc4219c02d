"""What reports say about rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kllint.findings import Severity


class RuleText(Protocol):
    """A rule as its documentation tells of it."""

    @property
    def code(self) -> str:
        """Such as KL102."""

    @property
    def name(self) -> str:
        """Such as k3-loss-without-ratio."""

    @property
    def severity(self) -> Severity:
        """How bad it is, unless the settings say otherwise."""

    @property
    def summary(self) -> str:
        """One line."""

    @property
    def doc(self) -> str:
        """All of it, as Markdown."""

    @property
    def url(self) -> str:
        """Where to read it."""


def all_rules() -> Mapping[str, RuleText]:
    """Every rule by its code."""
    from kllint.rules.registry import RULES  # noqa: PLC0415  # imports a module for each rule

    return RULES
