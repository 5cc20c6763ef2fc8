"""F2 says what of the month stays unbilled only because nobody formed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db
from tests.domain import formkit as kit
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def test_kind_that_was_not_formed_is_named_with_its_money(services: Services, tmp_path: Path) -> None:
    with db.connection(), db.write():
        kit.case("outpatient")
        kit.case("dental", source_sum=12345)
    assert services.run("form", period="2021-04", kinds=["outpatient"]).kind == "ok"
    outcome = services.run("export", period="2021-04", out=str(tmp_path / "out"), yes=True)
    assert outcome.kind == "ok", outcome.message
    said = [line.text for line in outcome.lines if line.level == "warning"]
    assert any("«стоматология»" in text and "случаев 1 на сумму 123.45" in text for text in said)
    assert not any("F8" in text for text in said)


def test_nothing_is_said_when_everything_was_formed(services: Services, tmp_path: Path) -> None:
    with db.connection(), db.write():
        kit.case("outpatient")
        kit.case("dental")
    assert services.run("form", period="2021-04").kind == "ok"
    outcome = services.run("export", period="2021-04", out=str(tmp_path / "out"), yes=True)
    assert not any("не сформирован" in line.text for line in outcome.lines)
