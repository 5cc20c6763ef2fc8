"""The documents say what the program does: keys and commands are made from the program."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from omstui.keys import ACTIONS
from scripts import docs

DOCS = docs.ROOT / "docs"


def test_keys_table_of_the_readme_is_fresh() -> None:
    text = (docs.ROOT / "README.md").read_text(encoding="utf-8")
    assert docs.readme(text) == text, "run: python -m scripts.docs"


def test_command_reference_is_fresh() -> None:
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == docs.commands(), (
        "run: python -m scripts.docs"
    )


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
