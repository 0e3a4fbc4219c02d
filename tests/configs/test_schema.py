"""Profiles: the built-in ones, those of users, and mistakes in them."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from kllint.configs.lint import Options
from kllint.configs.schema import builtin, load, parse
from kllint.configs.versions import Versions
from kllint.errors import UserError
from kllint.rules.registry import RULES
from kllint.source.toml_lines import line_of
from tests.configs.linting import found

DOCS = Path(__file__).parents[2] / "docs" / "profiles.md"


def example() -> dict[str, Any]:
    return tomllib.loads(profile_text())


def profile_text() -> str:
    blocks = DOCS.read_text("utf-8").split("```toml\n")[1:]
    return next(text.partition("```")[0] for text in blocks if text.startswith("name = "))


def test_every_profile_is_named_as_its_file_and_documented() -> None:
    names = [profile.name for profile in builtin()]
    folder = Path(__file__).parents[2] / "kllint" / "configs" / "frameworks"
    assert names == sorted(path.stem for path in folder.glob("*.toml"))
    assert names == re.findall(
        r"^\| `(\w+)` \| [^|]*(?<!meaning) \|$", DOCS.read_text("utf-8").partition("## What")[0], re.MULTILINE
    )


@pytest.mark.parametrize("profile", builtin(), ids=lambda profile: profile.name)
def test_every_profile_cites_a_version_of_its_sources(profile: Any) -> None:
    if profile.name != "generic":
        assert all(re.search(r"@(?:[0-9a-f]{7,12}|v[\d.]+\w*)\b", source) for source in profile.sources)
    advised = [code for penalty in profile.penalties for code in penalty.instead]
    assert {*advised, *(pitfall.code for pitfall in profile.pitfalls)} <= RULES.keys()


def test_the_example_of_the_documentation_works() -> None:
    options = Options(profiles=(parse(example(), "example"),))
    wrong = "python -m mytrainer.run algo.use_kl=true\n"
    assert found({"run.sh": wrong}, options) == ["run.sh:1 KL102"]
    assert found({"run.sh": wrong.replace("true", "true algo.kl_importance=true")}, options) == []
    assert found({"run.sh": wrong.replace("true", "true algo.kl_kind=exact")}, options) == ["run.sh:1 KL308"]


def test_a_profile_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(profile_text(), "utf-8")
    assert load(path).name == "mytrainer"
    path.write_text("name = [", "utf-8")
    with pytest.raises(UserError, match="no framework profile can be read"):
        load(path)
    with pytest.raises(UserError, match=r"mine2\.toml.*No such file"):
        load(tmp_path / "mine2.toml")


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('use = "loss"', 'use = "los"', "penalties[0].use: 'los' is not known"),
        ('coefficient = "weight"', 'coefficient = "wieght"', "penalties[0].coefficient: 'wieght' is none"),
        ('weight = "rho"', 'weight = "rhoo"', "penalties[0].weights[0].weight: 'rhoo' is not known"),
        ("default = 0.01", "defualt = 0.01", "keys.weight.defualt: `defualt` is not known"),
        ("modules = [", "modles = [", "detect.modles: `modles` is not known"),
        ("title =", "titel =", "title: `title` is missing"),
    ],
)
def test_a_mistake_in_a_file_has_its_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    path, text = tmp_path / "mine.toml", profile_text().replace(right, wrong, 1)
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as raised:
        load(path)
    line = text.partition(wrong)[0].count("\n") + 1 if "missing" not in said else 1
    assert raised.value.what.startswith(f"{path}:{line}: {said}")


def test_lines_in_arrays_of_tables() -> None:
    text = "a = 1\n[[b]]\nc = 1\n[[b.d]]\ne = 1\n[[b]]\nc = 2\n[[b.d]]\n[[b.d]]\ne.f = 2\n[g]\n"
    places = [
        ("a",),
        ("b", 0, "c"),
        ("b", 0, "d", 0, "e"),
        ("b", 1, "c"),
        ("b", 1, "d", 1, "e", "f"),
        ("g", "x"),
    ]
    assert [line_of(text, place) for place in places] == [1, 3, 5, 7, 10, 11]


def change(table: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {key: value for key, value in (table | changes).items() if value is not ...}


@pytest.mark.parametrize(
    ("changes", "what", "advice"),
    [
        ({"name": ...}, "`name` is missing", ""),
        ({"sources": []}, "`sources` must be", ""),
        ({"titel": "x"}, "`titel` is not known", "did you mean 'title'?"),
        ({"confidence": "hihg"}, "'hihg' is not known", "did you mean 'high'?"),
        ({"keys": {"kind": "x"}}, "must be a table", ""),
        ({"keys": {"kind": {"spellings": ["a"], "defualt": 1}}}, "`defualt` is not known", "'default'"),
        ({"detect": {"module": ["x"]}}, "`module` is not known", "did you mean 'modules'?"),
        ({"penalties": [{"name": "x"}]}, "`estimator` is missing", ""),
        ({"penalties": ["x"]}, "must be tables", ""),
    ],
)
def test_mistakes(changes: dict[str, Any], what: str, advice: str) -> None:
    with pytest.raises(UserError) as raised:
        parse(change(example(), **changes), "mine.toml")
    assert "mine.toml" in raised.value.what
    assert what in raised.value.what
    assert advice in raised.value.advice


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"use": "los"}, "'los' is not known"),
        ({"when": {"use_klx": True}}, "'use_klx' is none of the keys"),
        ({"when": {"use_kl": []}}, "is no condition"),
        ({"estimator": "knid"}, "'knid' is none of the keys"),
        ({"values": {"a": "k7"}}, "'k7' is not known"),
        ({"coefficient": 3}, "wrong type"),
        ({"versions": "0.5"}, "no range of versions"),
        ({"weights": [{"weight": "rhoo"}]}, "'rhoo' is not known"),
        ({"update": ["epoch"]}, "'epoch' is none of the keys"),
    ],
)
def test_mistakes_in_a_penalty(changes: dict[str, Any], what: str) -> None:
    table = example()
    table["penalties"] = [change(table["penalties"][0], **changes)]
    with pytest.raises(UserError, match=re.escape(what)):
        parse(table, "mine.toml")


def test_ranges_of_versions() -> None:
    assert "0.6.1" in Versions.parse(">=0.5,<0.7")
    assert "0.7" not in Versions.parse(">=0.5,<0.7")
    assert "0.10" in Versions.parse(">=0.9")
    assert "1.0.0.dev3" in Versions.parse("==1.0")
    assert "anything" in Versions.parse("")
