"""What GitHub code scanning asks of a SARIF file beyond the schema (its page "SARIF support")."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema

from kllint.report.line_hash import line_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = json.loads((Path(__file__).parents[1] / "fixtures/sarif/sarif-schema-2.1.0.json").read_text())
REGION = {"startLine", "startColumn", "endLine", "endColumn"}
LINK = re.compile(r"(?<!\\)\[(?:\\.|[^\]\\])*\]\((\d+)\)")
LIMITS = {"runs": 20, "results": 25_000, "rules": 25_000, "locations": 1_000, "steps": 10_000, "tags": 20}


def complaints(text: str, repository: Path) -> list[str]:
    """All that is wrong with a SARIF file for a repository."""
    log = json.loads(text)
    validator = jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
    found = [f"schema: {error.json_path}: {error.message}" for error in validator.iter_errors(log)]
    if len(gzip.compress(text.encode())) > 10_000_000:
        found.append("larger than 10 MB")
    if len(log["runs"]) > LIMITS["runs"]:
        found.append("too many runs")
    for run in log["runs"]:
        found += _run(run, repository)
    return found


def _run(run: dict[str, Any], repository: Path) -> Iterator[str]:
    rules = run["tool"]["driver"]["rules"]
    if run.get("columnKind") != "unicodeCodePoints":
        yield "columnKind is not said to be code points"
    if not run.get("automationDetails", {}).get("id", "").endswith("/"):
        yield "automationDetails.id names no category"
    if len(rules) > LIMITS["rules"] or len(run["results"]) > LIMITS["results"]:
        yield "too many rules or results"
    for rule in rules:
        yield from (f"{rule['id']}: {complaint}" for complaint in _rule(rule))
    for result in run["results"]:
        if rules[result["ruleIndex"]]["id"] != result["ruleId"]:
            yield "ruleIndex is not that of ruleId"
        yield from (f"{result['ruleId']}: {complaint}" for complaint in _result(result, repository))


def _rule(rule: dict[str, Any]) -> Iterator[str]:
    for name in ("shortDescription", "fullDescription"):
        if not 0 < len(rule[name]["text"]) <= 1024:
            yield f"{name} is empty or too long"
    if not 0 < len(rule["name"]) <= 255:
        yield "the name is empty or too long"
    if not rule["help"]["text"] or not rule["help"]["markdown"]:
        yield "no help"
    properties = rule["properties"]
    if properties["precision"] not in {"very-high", "high", "medium", "low"}:
        yield "no precision"
    if properties["problem.severity"] not in {"error", "warning", "recommendation"}:
        yield "no problem.severity"
    if "security-severity" in properties:
        yield "security-severity makes it a security alert"
    if len(properties["tags"]) > LIMITS["tags"]:
        yield "too many tags"


def _result(result: dict[str, Any], repository: Path) -> Iterator[str]:
    if "suppressions" in result:
        yield "suppressed results become open alerts"
    if len(result["locations"]) != 1:
        yield "only the first location is shown"
    related = result.get("relatedLocations", [])
    links = LINK.findall(result["message"]["text"])
    if [str(location["id"]) for location in related] != links:
        yield "a related location is shown only if the message links it"
    if len(related) >= LIMITS["locations"]:
        yield "too many locations"
    steps = [
        step["location"]
        for flow in result.get("codeFlows", [])
        for thread in flow["threadFlows"]
        for step in thread["locations"]
    ]
    if len(steps) > LIMITS["steps"]:
        yield "too many steps"
    if any("message" not in location for location in [*related, *steps]):
        yield "a related location or step says nothing"
    for location in [*result["locations"], *related, *steps]:
        yield from _location(location["physicalLocation"], repository)
    yield from _fingerprint(result, repository)


def _location(location: dict[str, Any], repository: Path) -> Iterator[str]:
    uri = location["artifactLocation"]["uri"]
    if ":" in uri or uri.startswith(("/", "..")) or "\\" in uri:
        yield f"{uri} is not relative to the repository"
        return
    file = repository / unquote(uri)
    if not file.is_file() or file.resolve() != file:
        yield f"{uri} is no file of the repository, or is a link"
    if set(location["region"]) < REGION:
        yield "a region without both ends"


def _fingerprint(result: dict[str, Any], repository: Path) -> Iterator[str]:
    location = result["locations"][0]["physicalLocation"]
    raw = (repository / unquote(location["artifactLocation"]["uri"])).read_bytes()
    expected = line_hashes(raw.decode("utf-8", "replace"))[location["region"]["startLine"] - 1]
    if result.get("partialFingerprints", {}).get("primaryLocationLineHash") != expected:
        yield "upload-sarif computes another fingerprint"
