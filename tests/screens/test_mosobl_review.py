"""МЭК, ФЛК and identification on the screens: loading by keys, results of expertise, «Анализ»."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from omstui.domain.runner import current_user
from omstui.domain.store import config, db, review
from omstui.front import Front
from omstui.screens.desk import DeskScreen
from omstui.screens.ledger import LedgerScreen
from omstui.screens.rejections import RejectionsScreen
from tests.domain import mekkit, month
from tests.domain.mekkit import billed, row, table
from tests.screens.monthkit import NOW, golden, said, shown, until_text
from tests.screens.test_mosobl import choose, open_registry
from tests.support import SETTINGS, make_services, settings
from tests.ui.helpers import press

NAME = "b76000111021.dbf"
PERIOD = "2021-11"


@pytest.fixture
def front(tmp_path: Path) -> Front:
    value = settings(**{**SETTINGS, "profile": "mosobl"})
    core = make_services(tmp_path, value, login=current_user())
    core.now = lambda: NOW
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    memory = {f"folder.{name}": str(tmp_path / name) for name in ("out", "in", "log")}
    return Front(core, PERIOD, memory=memory)


@pytest.fixture
def bill(front: Front) -> mekkit.Bill:
    made = billed(accounts=5)
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='[/b]Петров' WHERE id=(SELECT min(id) FROM patient)")
    return made


def returned(folder: Path, bill: mekkit.Bill, *more: dict[str, Any]) -> Path:
    """Three refused by two codes, one cut in part."""
    first, second, third, fourth = bill.accounts[:4]
    rows = [
        row(bill, first, S_OSN="1.4.4."),
        row(bill, second),
        row(bill, third),
        row(bill, fourth, OPLATA=3, S_OSN="1.6.1.", S_SUM=1000),
        *more,
    ]
    return table(folder / "in" / NAME, rows)


async def test_mek_is_loaded_by_keys_and_its_results_open_their_cases(
    tmp_path: Path, front: Front, bill: mekkit.Bill
) -> None:
    registry = mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    returned(tmp_path, bill)
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "mek-load")
        await until_text(pilot, NAME)
        await press(pilot, "down", "enter")
        await until_text(pilot, "3 ТАП, 0 МКСБ - за период реестр за октябрь тест 2021/10")
        await press(pilot, "ctrl+right")
        await until_text(pilot, "Тип экспертизы: МЭК")
        await until_text(pilot, "1.10.2.")
        text = said(app)
        assert "МЭК - Дублирование случаев" in text
        assert text.index("1.4.4.") < text.index("1.6.1.") < text.index("1.10.2.")
        await press(pilot, "enter")
        await until_text(pilot, "Отказы: ")
        assert "[/b]Петров" in said(app)
        await press(pilot, "escape", "f5")
        await until_text(pilot, "Тип экспертизы: экспертиза")
        await press(pilot, "f5")
        await until_text(pilot, "Тип экспертизы: идентификация")
        assert "Ответов этого типа в реестр не загружали" in said(app)
        await press(pilot, "f3")
        assert "описывать нечего" in said(app)


async def test_marked_files_are_loaded_one_after_another(
    tmp_path: Path, front: Front, bill: mekkit.Bill
) -> None:
    registry = mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    returned(tmp_path, bill)
    table(tmp_path / "in" / "b76000111022.dbf", [row(bill, bill.accounts[4], NUM_ACT="М-16")])
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "mek-load")
        await until_text(pilot, NAME)
        await press(pilot, "down", "space", "down", "space", "enter")
        await until_text(pilot, "Загружено файлов: 2 из 2")
    assert mekkit.scalar("SELECT count(*) FROM answer WHERE road='mek'") == 2


async def test_results_match_golden(tmp_path: Path, front: Front, bill: mekkit.Bill) -> None:
    registry = mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    assert mekkit.load(front.core, returned(tmp_path, bill)).kind == "ok"
    with db.connection(), db.write():
        db.execute("UPDATE run SET started_at='2021-11-12 10:00:00', finished_at='2021-11-12 10:00:07'")
    async with shown(front, open_registry(registry, tab="review")) as (app, pilot):
        await until_text(pilot, "1 / 3")
        golden(app, "mosobl_review")
        await press(pilot, *["right"] * 6)
        await until_text(pilot, "00:00:07.000")


def test_criteria_are_counted_by_type_of_case(tmp_path: Path, front: Front, bill: mekkit.Bill) -> None:
    registry = mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    inpatient = billed("2021-09", 2, name="сентябрь", start=20, kind="inpatient")
    outcome = mekkit.load(front.core, returned(tmp_path, bill, row(inpatient, inpatient.accounts[0])))
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        found = review.rows(registry, "mek")
        services = [db.scalar("SELECT count(*) FROM account_service WHERE account_id=?", (a,)) for a in
                    (*bill.accounts[1:3], inpatient.accounts[0])]  # fmt: skip
        assert review.newest(registry) == "mek" and review.rows(registry, "flk") == []
    assert [r.code for r in found] == ["1.4.4.", "1.6.1.", "1.10.2."]
    double = found[-1]
    assert (double.tap, double.mksb, double.smp) == (2, 1, 0)
    assert (double.tap_services, double.mksb_services) == (services[0] + services[1], services[2])
    total = sum(bill.total[a] for a in bill.accounts[1:3]) + inpatient.total[inpatient.accounts[0]]
    assert double.total == total and found[1].total == 1000


def test_a_finding_without_a_case_is_told_apart(front: Front) -> None:
    registry = mekkit.empty_registry(PERIOD, "реестр")
    with db.connection(), db.write():
        file = month.insert("stored_file", name="f", sha256="x", size=0)
        answer = month.insert(
            "answer", road="flk", period=PERIOD, registry_id=registry, stage=3, file_id=file, name="FLQPID"
        )
        for _ in range(2):
            month.insert("refusal", answer_id=answer, stage=3, kind="flk", code="D1", text="SNILS", refuses=0)
    with db.connection():
        (found,) = review.rows(registry, "flk")
    assert (found.nameless, found.tap, found.total) == (2, 0, 0)


async def test_rejections_name_the_road_and_send_back(
    tmp_path: Path, front: Front, bill: mekkit.Bill
) -> None:
    mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    assert mekkit.load(front.core, returned(tmp_path, bill)).kind == "ok"
    async with shown(front, RejectionsScreen) as (app, pilot):
        await until_text(pilot, "1 / 4")
        golden(app, "mosobl_rejections")
        await press(pilot, "f1")
        assert "Отказы идентификации, ФЛК и МЭК" in said(app)
        await press(pilot, "escape", "f5")
        await until_text(pilot, "МЭК, СМО")
        await press(pilot, "escape", "ctrl+f")
        await until_text(pilot, "Контроль")
        await press(pilot, "escape", "f8")
        await until_text(pilot, "Не исправлено после отказа: 1")
        await press(pilot, "д")
        await until_text(pilot, "В реестр возвращено счетов: 1")


async def test_desk_and_ledger_of_the_month(tmp_path: Path, front: Front, bill: mekkit.Bill) -> None:
    mekkit.empty_registry(PERIOD, "реестр за ноябрь")
    assert mekkit.load(front.core, returned(tmp_path, bill)).kind == "ok"
    front.period = bill.period
    async with shown(front, DeskScreen) as (app, pilot):
        await until_text(pilot, "снято МЭК")
        golden(app, "mosobl_desk")
    async with shown(front, LedgerScreen) as (app, pilot):
        await until_text(pilot, "Все СМО")
        golden(app, "mosobl_ledger")


async def test_screens_and_keys_of_the_other_region_are_not_offered(front: Front, bill: mekkit.Bill) -> None:
    from omstui.screens.registries import RegistriesScreen
    from omstui.screens.table import offered

    assert not {"export", "answers", "sequester", "mes"} & set(offered(front.profile))
    async with shown(front, RegistriesScreen) as (app, pilot):
        await press(pilot, "f1")
        assert "создать, сформировать, открыть" in said(app)
        await press(pilot, "escape", "f9")
        text = said(app)
        assert "тестовый" not in text and "Выгрузка отмеченных" not in text
        await press(pilot, "escape", "f2")
        assert "на этом экране не действует" in said(app)


async def test_a_registry_is_created_and_formed_by_keys(front: Front) -> None:
    from omstui.screens.registries import RegistriesScreen

    with db.connection(), db.write():
        assert config.payers()
        month.add_case(1, kind="outpatient")
        db.execute("UPDATE cases SET date_in='2021-11-03', date_out='2021-11-05'")
    async with shown(front, RegistriesScreen) as (app, pilot):
        await press(pilot, "f5")
        await until_text(pilot, "Дата начала")  # an empty month has nothing to re-form: no menu
        assert "Вид деятельности" not in said(app) and "Тип реестра" not in said(app)
        await press(pilot, *"test", "ctrl+w")
        await until_text(pilot, "Создан")
        await press(pilot, "f5")
        await until_text(pilot, "Переформировать: test, 01.11.2021 - 30.11.2021")
        await press(pilot, "escape", "enter")
        await until_text(pilot, "Реестр: 01.11.2021 - 30.11.2021, test, ОМС, Создан")
        await press(pilot, "f5")
        await until_text(pilot, "Сформирован")
