from pathlib import Path

import pytest

from kllint.errors import UserError
from kllint.findings import Confidence, Severity
from kllint.settings.files import find
from kllint.settings.load import Layer, load
from kllint.settings.model import Settings
from kllint.theory.vocabulary import Regime, Role, Target


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_every_key_is_read(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "pyproject.toml",
        """
        [tool.kllint]
        min-severity = "info"
        min-confidence = "low"
        fail-on = "error"
        regime = "on-policy"
        target = "forward"
        exclude = ["gen/"]
        force-exclude = true
        baseline = "known.json"
        jobs = 3
        cache-dir = ".cache"
        disabled-frameworks = ["verl"]
        roles = { actor = ["pi"], reference = ["base", "frozen"] }
        severity = { KL1 = "info" }
        """,
    )
    settings = load(file)
    assert settings.min_severity is Severity.INFO
    assert settings.min_confidence is Confidence.LOW
    assert settings.fail_on is Severity.ERROR
    assert settings.regime is Regime.ON
    assert settings.target is Target.FORWARD
    assert settings.exclude[0].ignores(f"{tmp_path}/gen/")
    assert settings.force_exclude
    assert settings.baseline == tmp_path / "known.json"
    assert settings.jobs == 3
    assert settings.cache_dir == tmp_path / ".cache"
    assert settings.disabled_frameworks == ("verl",)
    assert settings.roles == {Role.ACTOR: ("pi",), Role.REFERENCE: ("base", "frozen")}
    assert settings.severity == {"KL1": Severity.INFO}


def test_the_closest_file_wins_and_nothing_is_merged(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", '[tool.kllint]\nmin-severity = "info"\nregime = "off-policy"\n')
    inner = write(tmp_path, "a/kllint.toml", 'min-severity = "error"\n')
    (tmp_path / "a/b").mkdir()
    assert find(tmp_path / "a/b") == inner
    settings = load(find(tmp_path / "a/b"))
    assert settings.min_severity is Severity.ERROR
    assert settings.regime is Regime.UNKNOWN


def test_a_pyproject_without_a_section_is_passed_over(tmp_path: Path) -> None:
    outer = write(tmp_path, "kllint.toml", "jobs = 1\n")
    write(tmp_path, "a/pyproject.toml", "[tool.ruff]\nline-length = 100\n")
    assert find(tmp_path / "a") == outer


def test_kllint_toml_comes_before_pyproject_toml(tmp_path: Path) -> None:
    own = write(tmp_path, "kllint.toml", "jobs = 1\n")
    write(tmp_path, "pyproject.toml", "[tool.kllint]\njobs = 2\n")
    assert find(tmp_path) == own


def test_extend_is_explicit_and_replaces_key_by_key(tmp_path: Path) -> None:
    write(
        tmp_path,
        "base/kllint.toml",
        'jobs = 2\nregime = "off-policy"\nexclude = ["x/"]\nbaseline = "b.json"\n',
    )
    file = write(tmp_path, "a/pyproject.toml", '[tool.kllint]\nextend = "../base/kllint.toml"\njobs = 5\n')
    settings = load(file)
    assert settings.jobs == 5
    assert settings.regime is Regime.OFF
    assert settings.exclude[0].base == f"{tmp_path}/base/"  # paths are relative to the file they stand in
    assert settings.baseline == tmp_path / "base/b.json"


def test_extend_in_a_circle_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, "a.toml", 'extend = "kllint.toml"\n')
    file = write(tmp_path, "kllint.toml", 'extend = "a.toml"\n')
    with pytest.raises(UserError, match="leads back"):
        load(file)


def test_extend_of_nothing_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, "kllint.toml", 'extend = "gone.toml"\n')
    with pytest.raises(UserError, match=r"gone\.toml, which is no file"):
        load(file)


def test_the_command_line_comes_last_and_adds_exclusions(tmp_path: Path) -> None:
    file = write(
        tmp_path, "kllint.toml", 'jobs = 2\nexclude = ["a/"]\n[per-file-ignores]\n"t/**" = ["KL1"]\n'
    )
    table = {"jobs": 4, "exclude": ["b/"], "per-file-ignores": {"u/**": ["KL2"]}}
    settings = load(file, Layer(table, tmp_path))
    assert settings.jobs == 4
    assert [bool(layer.ignores(f"{tmp_path}/b/")) for layer in settings.exclude] == [False, True]
    assert [entry.rules for entry in settings.per_file_ignores] == [("KL1",), ("KL2",)]


def test_without_a_file_there_are_defaults() -> None:
    assert load(None) == Settings()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[tool.kllint]\n\nselct = []\n", "pyproject.toml:3: unknown key `selct`; did you mean select?"),
        (
            "[tool.kllint]\nmin_severity = 'info'\n",
            ":2: unknown key `min_severity`; did you mean min-severity?",
        ),
        ("[tool.kllint.role]\nactor = ['pi']\n", ":1: unknown key `role`; did you mean roles?"),
        ("[tool]\nkllint = { jobs = 1, jbs = 1 }\n", ":2: unknown key `jbs`; did you mean jobs?"),
        ("[tool]\nkllint.jbs = 1\n", ":2: unknown key `jbs`; did you mean jobs?"),
        (
            "[tool.kllint]\nselect = ['KL9']\n",
            ":2: `select`: expected a rule code or the beginning of one, got 'KL9'",
        ),
        ("[tool.kllint]\nselect = 'KL1'\n", ":2: `select`: expected a list, got 'KL1'"),
        ("[tool.kllint]\nregime = 'onpolicy'\n", "got 'onpolicy'; did you mean on-policy?"),
        ("[tool.kllint]\njobs = -1\n", ":2: `jobs`: expected a whole number, 0 or more, got -1"),
        ("[tool.kllint]\njobs = true\n", "expected a whole number"),
        ("[tool.kllint]\nforce-exclude = 1\n", "expected true or false, got 1"),
        ("[tool.kllint]\nbaseline = 1\n", "expected a string, got 1"),
        ("[tool.kllint]\nroles = ['pi']\n", "expected a table"),
        ("[tool.kllint]\nroles = {student = ['pi']}\n", ":2: `roles`: expected one of"),
        ("[tool.kllint.per-file-ignores]\n'x' = ['NO']\n", ":1: `per-file-ignores`: expected a rule code"),
        ("[tool]\nkllint = 3\n", "`tool.kllint` is not a table"),
        ("[tool.kllint\n", "not valid TOML"),
    ],
)
def test_mistakes_are_shown_with_their_line(tmp_path: Path, text: str, error: str) -> None:
    file = write(tmp_path, "pyproject.toml", text)
    with pytest.raises(UserError) as caught:
        load(file)
    assert error in caught.value.what
    assert str(file) in caught.value.what
    assert caught.value.advice


def test_a_settings_file_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "kllint.toml"
    file.write_bytes(b"# \xff\n")
    with pytest.raises(UserError, match="not UTF-8"):
        load(file)
