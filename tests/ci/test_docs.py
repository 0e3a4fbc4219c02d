"""The pages: links lead somewhere, the address is the package's own, the examples are valid."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from kllint.settings.load import Layer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "docs" / f"{name}.md" for name in ("settings", "suppressions", "formats", "ci", "features")]
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
REPOSITORY = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Repository"]


def anchors(page: Path) -> set[str]:
    """The names that code hosts give the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_address_is_that_of_the_package(page: Path) -> None:
    name = REPOSITORY.removeprefix("https://github.com/")
    text = page.read_text()
    assert set(re.findall(r"repo: (\S+)", text)) <= {REPOSITORY}
    assert set(re.findall(r"uses: (\S+/kllint)@", text)) <= {name}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_are_valid(page: Path) -> None:
    for language, text in re.findall(r"```(yaml|toml)\n(.*?)```", page.read_text(), re.DOTALL):
        if language == "yaml":
            assert yaml.safe_load(text)
        else:
            Layer(tomllib.loads(text)["tool"]["kllint"], ROOT)


def test_every_feature_is_shown() -> None:
    rows = re.findall(r"^\| (\d+) \|.*\| (.+?) \|$", (ROOT / "docs/features.md").read_text(), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 36))
    assert all(LINK.search(shown) for _, shown in rows)


def test_every_option_in_the_pages_exists() -> None:
    from kllint.cli.check import command  # noqa: PLC0415

    known = {name for option in command.params for name in option.opts}
    used = {word for page in PAGES for word in re.findall(r"(?<![\w-])--[a-z][a-z-]+", page.read_text())}
    assert used <= known | {"--output-format"}
