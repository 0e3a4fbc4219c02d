import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kllint.settings.keys import KEYS
from kllint.settings.schema import schema
from kllint.settings.show import toml

COMMITTED = Path(__file__).parents[2] / "docs" / "kllint.schema.json"
GOOD = """
extend = "base.toml"
select = ["KL1", "KL203"]
extend-select = []
ignore = ["KL401"]
min-severity = "info"
jobs = 2
[roles]
actor = ["pi"]
[per-file-ignores]
"tests/**" = ["KL"]
[severity]
KL106 = "warning"
"""


def test_the_committed_schema_is_current() -> None:
    assert json.loads(COMMITTED.read_text()) == schema(), "kllint config schema > docs/kllint.schema.json"


def test_the_schema_is_one() -> None:
    jsonschema.Draft7Validator.check_schema(schema())
    assert set(schema()["properties"]) == set(KEYS)


def test_good_settings_are_valid() -> None:
    jsonschema.validate(tomllib.loads(GOOD), schema())


@pytest.mark.parametrize(
    "bad", [{"selct": []}, {"select": ["KL9"]}, {"jobs": -1}, {"roles": {"student": []}}]
)
def test_bad_settings_are_not(bad: dict[str, Any]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema())


@pytest.mark.parametrize("value", [1, True, 'a"b\\c\n\x1b', ["x", "é"], {"a b": ["x"], "c": "d"}, {}])
def test_values_are_shown_as_toml(value: Any) -> None:
    assert tomllib.loads(f"value = {toml(value)}")["value"] == value
