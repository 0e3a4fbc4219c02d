from pathlib import Path

import pytest

from kllint.findings import Severity
from kllint.settings.keys import KEYS
from kllint.settings.load import Layer, load
from kllint.settings.model import Settings
from kllint.settings.selection import Selection, is_on

NOT_FIELDS = {"extend", "select", "extend-select", "ignore"}


def test_every_key_has_a_field_and_every_field_a_key() -> None:
    named = {key.field for name, key in KEYS.items() if name not in NOT_FIELDS}
    assert named == set(Settings._fields) - {"selections", "written"}


@pytest.mark.parametrize("name", [name for name in KEYS if name not in NOT_FIELDS])
def test_the_default_of_a_key_is_that_of_its_field(name: str) -> None:
    key = KEYS[name]
    default = getattr(Settings(), key.field)
    parsed = None if key.default is None else key.kind.parse(key.default)
    assert (parsed or None) == (default or None)


@pytest.mark.parametrize(
    ("layers", "on"),
    [
        ([], {"KL101", "KL102", "KL201"}),
        ([Selection(select=("KL1",))], {"KL101", "KL102"}),
        ([Selection(select=("KL1",), ignore=("KL101",))], {"KL102"}),
        ([Selection(select=("KL101",), ignore=("KL1",))], {"KL101"}),
        ([Selection(select=("KL1",), ignore=("KL1",))], set()),
        ([Selection(ignore=("KL1",))], {"KL201"}),
        ([Selection(ignore=("KL1",), extend_select=("KL102",))], {"KL102", "KL201"}),
        ([Selection(select=("KL2",), extend_select=("KL101",))], {"KL101", "KL201"}),
        ([Selection(ignore=("KL101",)), Selection(select=("KL1",))], {"KL101", "KL102"}),
        ([Selection(select=("KL1",)), Selection(ignore=("KL101",))], {"KL102"}),
        ([Selection(select=("KL1",)), Selection(extend_select=("KL201",))], {"KL101", "KL102", "KL201"}),
        ([Selection(select=())], set()),
    ],
)
def test_selection(layers: list[Selection], on: set[str]) -> None:
    assert {code for code in ("KL101", "KL102", "KL201") if is_on(code, layers)} == on


def settings(table: dict[str, object]) -> Settings:
    return load(None, Layer(table, Path("/r")))


def test_rules_can_be_off_in_some_files() -> None:
    made = settings({"per-file-ignores": {"tests/**": ["KL1"], "*_old.py": ["KL"]}})
    assert not made.runs("KL101", "/r/tests/deep/a.py")
    assert made.runs("KL201", "/r/tests/deep/a.py")
    assert not made.runs("KL201", "/r/src/a_old.py")
    assert made.runs("KL101", "/r/src/a.py")


def test_unread_files_are_reported_whatever_is_selected() -> None:
    assert settings({"select": ["KL2"]}).runs("KL001", "/r/a.py")
    assert settings({"ignore": ["KL"]}).runs("KL001", "/r/a.py")
    assert not settings({"ignore": ["KL001"]}).runs("KL001", "/r/a.py")
    assert not settings({"per-file-ignores": {"old/": ["KL001"]}}).runs("KL001", "/r/old/a.py")


def test_the_longest_prefix_gives_the_severity() -> None:
    made = settings({"severity": {"KL1": "info", "KL102": "error", "KL": "warning"}})
    assert made.severity_of("KL101", Severity.ERROR) is Severity.INFO
    assert made.severity_of("KL102", Severity.INFO) is Severity.ERROR
    assert made.severity_of("KL201", Severity.INFO) is Severity.WARNING
    assert settings({}).severity_of("KL101", Severity.INFO) is Severity.INFO
