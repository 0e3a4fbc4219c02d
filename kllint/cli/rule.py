"""`kllint rule`: what a rule is about."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from kllint.cli.terminal import write
from kllint.errors import UserError, suggestion
from kllint.report.rules import all_rules

if TYPE_CHECKING:
    from kllint.report.rules import RuleText


@click.command("rule")
@click.argument("code", required=False)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="Default: text.")
def command(code: str | None, output_format: str) -> None:
    """Explain the rule CODE (KL102, or its name), or list all rules."""
    rules = [_rule(code)] if code else list(all_rules().values())
    if output_format == "json":
        write([json.dumps([_object(rule) for rule in rules], indent=2)])
    elif code:
        write([rules[0].doc.rstrip(), "", rules[0].url])
    else:
        width = max(len(rule.name) for rule in rules)
        write(f"{rule.code}  {rule.name:{width}}  {rule.severity:7}  {rule.summary}" for rule in rules)


def _rule(word: str) -> RuleText:
    rules = all_rules()
    for rule in rules.values():
        if word.upper() == rule.code or word.lower() == rule.name:
            return rule
    hint = suggestion(word, [*rules, *(rule.name for rule in rules.values())])
    raise UserError(f"no rule {word}{hint}", "`kllint rule` lists all rules")


def _object(rule: RuleText) -> dict[str, str]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity.value,
        "summary": rule.summary,
        "doc": rule.doc,
        "url": rule.url,
    }
