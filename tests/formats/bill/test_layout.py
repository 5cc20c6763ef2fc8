"""The table of bill.xml is whole and consistent."""

from __future__ import annotations

import re
from pathlib import Path

from omstui.formats.layouts import bill as layout


def test_layout_has_every_attribute_once() -> None:
    elements = list(layout.PACKAGE.walk())
    assert sum(len(e.attributes) for e in elements) == 405
    for element in elements:
        names = [a.name for a in element.attributes]
        assert len(names) == len(set(names)), element.path
        assert not set(names) & set(element.children), element.path


def test_layout_order_of_children() -> None:
    assert list(layout.PATIENT.children) == [
        "lawful_repr", "polises", "docs", "addresses", "additional_data", "register_accounts",
        "an_p",
    ]  # fmt: skip
    assert list(layout.ACCOUNT.children) == [
        "directions", "manipulations", "diagnoses", "consiliums", "additionals", "sum", "smo",
    ]  # fmt: skip


def test_layout_blocks_by_type_of_registry() -> None:
    block = layout.ACCOUNT.find("additionals")
    assert {t for t in range(1, 17) if block.find("additional_h_d").allowed(t)} == {1}
    assert block.find("additional_onk").types == {1, 2}
    assert layout.SERVICE.find("additionals/onkologies/onkologie").types == {1, 7, 9, 11, 12}
    assert block.find("additional").allowed(6)


def test_layout_misspelt_attribute_is_written_as_the_map_has_it() -> None:
    found = layout.SERVICE.find("an_tariffs/an_tariff").attribute("comment")
    assert found is not None and found.written == "\N{CYRILLIC SMALL LETTER ES}omment"


def test_layout_agrees_with_the_description(shared: Path) -> None:
    text = (shared / "spec" / "yaroslavl.md").read_text(encoding="utf-8")
    section = text.split("## 2. ")[1].split("\n## 3. ")[0]
    described = re.findall(r"^\| `([^`]+)` \| (да)? ?\|", section, re.M)
    ours = [(a.written, "да" if a.required else "") for e in _in_order() for a in e.attributes]
    assert ours == described


def _in_order() -> list[layout.Element]:
    order = [line.split()[1] for line in layout.TABLE.splitlines() if line.startswith("= ")]
    paths = {e.path: e for e in layout.PACKAGE.walk()}
    out = []
    for path in order:
        anchor, _, rest = path.partition("/")
        out.append(paths[f"{layout.ANCHORS[anchor]}/{rest}".rstrip("/")])
    return out
