"""The documents say what the program does: keys and commands are made from the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omstui.domain import expertise
from omstui.domain.criteria import own
from omstui.domain.store import db
from omstui.keys import ACTIONS
from omstui.settings import Criteria, OwnCriterion, Settings, build
from scripts import docs, docs_criteria

DOCS = docs.ROOT / "docs"


def test_keys_table_of_the_readme_is_fresh() -> None:
    text = (docs.ROOT / "README.md").read_text(encoding="utf-8")
    assert docs.readme(text) == text, "run: python -m scripts.docs"


def test_command_reference_is_fresh() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == docs.commands(), (
        "run: python -m scripts.docs"
    )


def test_page_of_criteria_is_fresh() -> None:
    assert (DOCS / "criteria.md").read_text(encoding="utf-8") == docs_criteria.page(), (
        "run: python -m scripts.docs"
    )


def test_example_of_own_criteria_is_accepted(tmp_path: Path) -> None:
    """What the page shows can be loaded as it stands."""
    made = own.criteria(tuple(build(OwnCriterion, row, "x") for row in _example(tmp_path)))
    database = tmp_path / "omstui.db"
    db.create(database)
    db.bind(database)
    settings = Settings(criteria=Criteria(own=tuple(build(OwnCriterion, r, "x") for r in _example(tmp_path))))
    with db.connection():
        expertise.refuse_wrong(settings)
    assert [criterion.code for criterion in made] == ["95.001", "95.002"]


def _example(folder: Path) -> list[dict[str, object]]:
    (folder / "own.toml").write_text(docs_criteria.EXAMPLE, encoding="utf-8")
    return expertise.read_own(folder / "own.toml")


def test_readme_starts_with_the_two_commands() -> None:
    text = (docs.ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"```\n(make run.*\nmake test.*)\n```", text)


@pytest.mark.parametrize("action", [a for a in ACTIONS if a.slot], ids=lambda a: a.id)
def test_guide_names_each_f_key(action: object) -> None:
    guide = (DOCS / "operator.md").read_text(encoding="utf-8")
    assert f"| F{action.slot} |" in guide  # type: ignore[attr-defined]


@pytest.mark.parametrize("page", [*DOCS.glob("*.md"), docs.ROOT / "README.md"], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_pictures_ask_for_nothing_from_outside() -> None:
    for picture in (DOCS / "pictures").glob("*.svg"):
        links = re.findall(r"https?://[^\"' )]+", picture.read_text(encoding="utf-8"))
        assert set(links) <= {"http://www.w3.org/2000/svg"}
