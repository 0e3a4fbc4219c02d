"""All rules by code, and what they say of one term."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import kllint.rules as package
from kllint.rules.term import Trait
from kllint.theory.vocabulary import Use

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kllint.rules.rule import Rule, Violation
    from kllint.rules.term import Term

EXEMPT = frozenset({Trait.PATHWISE, Trait.SYMMETRIC, Trait.STATE_BASELINE})
NUMERIC = "KL4"
LOST = frozenset({Trait.DROPPED, Trait.UNREACHABLE})


def _discover() -> Iterator[tuple[str, Rule]]:
    for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__)):
        if name.startswith("kl"):
            rule: Rule = import_module(f"{package.__name__}.{name}").RULE
            yield rule.code, rule


RULES: Mapping[str, Rule] = MappingProxyType(dict(_discover()))


def violations(term: Term) -> Iterator[tuple[Rule, Violation]]:
    """What the rules say of a term, in the order of codes: nothing unless it trains, or was meant to."""
    if not _trains(term):
        return
    exempt = bool(term.traits & EXEMPT)
    for code, rule in RULES.items():
        if exempt and not code.startswith(NUMERIC):
            continue  # its gradient is right on purpose; its numbers can still overflow
        if violation := rule.check(term):
            yield rule, violation


def _trains(term: Term) -> bool:
    return term.use in {Use.LOSS, Use.REWARD} or bool(term.traits & LOST)
