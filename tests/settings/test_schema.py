import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from kllint.settings.docs import generated
from kllint.settings.keys import KEYS
from kllint.settings.schema import schema
from kllint.settings.show import toml

ROOT = Path(__file__).parents[2]
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


@pytest.mark.parametrize(("page", "text"), list(generated(ROOT)), ids=["settings.md", "schema"])
def test_what_is_generated_is_current(page: Path, text: str) -> None:
    assert page.read_text() == text, "run `python -m kllint.settings.docs`"


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
