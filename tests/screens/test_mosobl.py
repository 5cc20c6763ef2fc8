"""The registry of manual B on the screens: panel, windows, results of expertise, «Анализ»."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from textual import events

from omstui.domain import case_path
from omstui.domain.runner import current_user
from omstui.domain.store import db
from omstui.domain.store.registries_b import RegistryRow
from omstui.front import Front
from omstui.screens.case_data import read_view
from omstui.screens.case_history import path_lines
from omstui.screens.ident_params import PackageName
from omstui.screens.registries import RegistriesScreen
from omstui.screens.registry_form import RegistryFormScreen
from omstui.screens.registry_panel import header
from omstui.screens.registry_whole import WholeRegistryScreen
from omstui.screens.settings import SettingsScreen
from tests.domain import billkit as kit
from tests.domain import identkit, loadkit
from tests.domain import test_merge_cases as merges
from tests.screens.monthkit import NOW, golden, said, shown, text_of, until, until_text
from tests.support import make_services, settings
from tests.ui.helpers import press


def make_front(folder: Path, smos: str = "1122F-") -> tuple[Front, int]:
    value = settings(profile="mosobl", mo=kit.MO, fund=kit.FUND, insurers=kit.INSURERS)
    core = make_services(folder, value, login=current_user())
    core.now = lambda: NOW
    for name in ("out", "in"):
        (folder / name).mkdir(exist_ok=True)
    registry = kit.add_month(smos) if smos else kit.add_month("1")
    with db.connection(), db.write():
        db.execute("UPDATE registry SET accounts=(SELECT count(*) FROM account), end_date='2021-12-31'")
        db.execute("UPDATE patient SET surname='[/b]Петров' WHERE id=(SELECT min(id) FROM patient)")
    memory = {f"folder.{name}": str(folder / name) for name in ("out", "in", "log")}
    return Front(core, kit.PERIOD, memory=memory), registry


def open_registry(registry: int, **options: Any) -> Any:
    return lambda services: WholeRegistryScreen(services, registry, **options)


async def choose(pilot: Any, screen: WholeRegistryScreen, name: str) -> None:
    """Move to an operation of the panel and press F5."""
    place = [choice.id for choice in screen._choices].index(name)
    await press(pilot, "home", *["down"] * place, "f5")


async def test_registry_matches_golden(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    async with shown(front, open_registry(registry)) as (app, _):
        golden(app, "mosobl_registry")


async def test_registries_match_golden(tmp_path: Path) -> None:
    front, _ = make_front(tmp_path)
    async with shown(front, RegistriesScreen) as (app, pilot):
        await until_text(pilot, "1 / 1")
        golden(app, "mosobl_registries")
        await press(pilot, "enter")
        assert isinstance(app.screen, WholeRegistryScreen)


async def test_month_without_a_registry_leads_to_its_form(tmp_path: Path) -> None:
    front, _ = make_front(tmp_path)
    front.set_period("2022-03")
    async with shown(front, RegistriesScreen) as (app, pilot):
        await until_text(pilot, "Нет записей. F5 — создание реестра счетов")
        await press(pilot, "f5")
        await until_text(pilot, "Дата окончания")
        assert isinstance(app.screen, RegistryFormScreen)


async def test_protocols_of_all_bills_are_taken_as_a_folder(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    kit.ok(front.core.run("payers", period=kit.PERIOD))
    kit.ok(front.core.run("bills-export", yes=True, period=kit.PERIOD, out=str(tmp_path / "out")))
    stems = sorted(path.stem for path in (tmp_path / "out").rglob("*.zip"))
    for stem in stems:
        kit.protocol(tmp_path / "in", stem, [], f"V{stem}.xml")
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "flk-load")
        await until_text(pilot, "Файл ФЛК (FLQPID, FLK_P) или папка")
        await press(pilot, "insert")
        await until_text(pilot, f"Загружено файлов ФЛК: {len(stems)}, ошибок: 0")


def test_refusals_of_this_region_have_no_stage(tmp_path: Path) -> None:
    services, registry, _ = identkit.answered(
        tmp_path, lambda n, row: identkit.NOT_FOUND if n == 1 else identkit.found(row)
    )
    view = read_view(1)
    assert view.band == "!Отказ: идентификация 0 Неидентифицированный пациент не найден"
    assert view.lines[:2] == ["#Отказы", "идентификация, 0, 200,02, без работы"]
    with db.connection():
        lines = path_lines(case_path.read("S00000001"))
    assert "идентификация: 0" in lines and not [text for text in lines if "стадия" in text or ": ," in text]
    kit.ok(services.run("case-save", case_id=1, policy={"number": "5000000000000018", "smo": "50002"}))
    view = read_view(1)
    assert not view.band.startswith("!Отказ") and "идентификация, 0, 200,02, не действует" in view.lines
    assert registry


def today(least: int = 60) -> datetime:
    """Now, with at least so many seconds left of this day: the name of a package has its date."""
    now = datetime.now()
    left = (datetime.combine(now + timedelta(days=1), datetime.min.time()) - now).total_seconds()
    if left < least:
        time.sleep(left + 1)
    return datetime.now()


async def test_package_name_changes_only_its_last_digit(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    front.core.now = datetime.now  # the process of the operation has its own clock
    stem = f"QPID_470101{today():%d%m%y}"
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "ident-export")
        await until_text(pilot, "Укажите параметры операции")
        assert f"Название пакета {stem}1" in said(app) and "[ Продолжить ]" in said(app)
        await press(pilot, "x")
        assert "Изменить можно только последнюю цифру" in said(app)
        await press(pilot, "0", "enter")
        await until_text(pilot, "Номер пакета (последняя цифра) — 0, а допустимы от 1 до 9.")
        app.screen.query_one(PackageName).post_message(events.Paste("QPID_9999990101213"))
        await press(pilot, "enter")
        await until_text(pilot, "Код МО в названии пакета — 999999, а наш — 470101")
        assert "Дата в названии пакета — 01.01.2021" in said(app)
        app.screen.query_one(PackageName).post_message(events.Paste(f"{stem}1.dbf"))
        await press(pilot, "escape")
        await choose(pilot, app.screen, "ident-export")
        await until_text(pilot, "Укажите параметры операции")
        await press(pilot, "up", "up", "enter")
        await until_text(pilot, "Папка для пакета QPID")
        await press(pilot, "insert")
        await until(pilot, lambda: "Д — да" in said(app) or "Выгружено 6 записей" in said(app))
        if "Д — да" in said(app):
            await press(pilot, "д")
        await until_text(pilot, "Выгружено 6 записей")
        await until_text(pilot, "Выгружен на идентификацию")
    assert [p.name for p in (tmp_path / "out").iterdir()] == [f"{stem}3.dbf"]


async def test_number_of_the_package_is_moved_by_the_panel(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "ident-step+1")
        await until_text(pilot, "Номер пакета идентификации: 2 (был 1)")
        await choose(pilot, app.screen, "ident-step-1")
        await until_text(pilot, "Номер пакета идентификации: 1 (был 2)")
        await choose(pilot, app.screen, "ident-step-1")
        await until_text(pilot, "дальше менять некуда")


async def test_answer_of_identification_is_loaded_from_the_panel(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    kit.ok(identkit.export(front.core, tmp_path / "sent"))
    request = tmp_path / "sent" / identkit.FIRST
    path = identkit.answer(
        request, lambda row: identkit.NOT_FOUND if row["NPP"] == 1 else identkit.found(row), tmp_path / "in"
    )
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "ident-load")
        await until_text(pilot, path.name)
        await press(pilot, "down", "enter")
        await until_text(pilot, "Неидентифицированный пациент - 1 МКАБ, 0 МКСБ, 0 СМП")
        await until_text(pilot, "ОМС, Загружен результат идентификации")
    assert kit.status(registry) == "Загружен результат идентификации"


async def test_visits_are_merged_from_the_panel(tmp_path: Path) -> None:
    core = make_services(tmp_path, settings(profile="mosobl"), login=current_user())
    pair = loadkit.pair(tmp_path / "in", [merges.visit(1, "2021-04-05"), merges.visit(2, "2021-04-12")])
    kit.ok(core.run("load", yes=True, paths=pair))
    kit.ok(core.run("form", yes=True, period=merges.APRIL))
    core.now = lambda: NOW
    with db.connection():
        registry = int(db.scalar("SELECT id FROM registry"))
    async with shown(Front(core, merges.APRIL), open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "merge-dental")
        await until_text(pilot, "карты N1 в N2, случаев 2 услуг 2 на сумму 1000.00")
        assert kit.query("SELECT count(merged_into) FROM cases") == [(0,)]
        await press(pilot, "д")
        await until_text(pilot, "Объединено случаев: 2 в 1")
        await until_text(pilot, "ОМС, нужно переформировать, Сформирован")
    assert kit.query("SELECT count(merged_into) FROM cases") == [(1,)]


async def test_payers_bills_and_deletion_from_the_panel(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    async with shown(front, open_registry(registry)) as (app, pilot):
        await choose(pilot, app.screen, "payers")
        await until_text(pilot, "ОМС счета в АО МАКС (амбулатория) случаев 2 услуг 4 на сумму 400.06")
        await until_text(pilot, "Сформированы реестры на оплату в СМО")
        await choose(pilot, app.screen, "bills-export")
        await until_text(pilot, "Выгрузить реестры на оплату: случаев 5 на сумму")
        assert "Не выгружаются — ОМС счета по неидентифицированным" in said(app)
        await press(pilot, "д")
        await until_text(pilot, "Номер счёта")
        await press(pilot, "ctrl+w")
        await until_text(pilot, "Папка для счетов")
        await press(pilot, "insert")
        await until_text(pilot, "Выгружен счет на оплату в СМО")
        assert len(kit.zips(tmp_path / "out")) == 3
        await press(pilot, *["ctrl+right"] * 4)
        await until_text(pilot, "Отчет по амб.случаям")
        assert "ОМС счета в АО МАКС (амбулатория)" in said(app) and ".zip" in said(app).lower()
        await press(pilot, *["ctrl+left"] * 4)
        for answer in ("н", "д"):
            assert kit.status(registry) == "Выгружен счет на оплату в СМО"
            await choose(pilot, app.screen, "delete-data")
            await until_text(pilot, "выгружены на оплату (3 шт. на сумму 1000.30)")
            await press(pilot, answer)
        await until_text(pilot, "ОМС, Создан")
    assert kit.status(registry) == "Создан"


def test_header_gives_up_the_name_before_the_status() -> None:
    row = RegistryRow(
        *(1, "2021-12", "", "Реестр для инструкции", "2021-12-01", "2021-12-31", "ОМС", ()),
        *("Сформированы реестры на оплату в СМО", "", 0, 0, 0, False),
    )
    assert header(row, 200) == (
        "Реестр: 01.12.2021 - 31.12.2021, Реестр для инструкции, ОМС, Сформированы реестры на оплату в СМО"
    )
    short = "Реестр: 01.12.2021 - 31.12.2021, Р…, ОМС, Сформированы реестры на оплату в СМО"
    assert header(row, 78) == short
    assert header(row, 60) == "Реестр: 01.12.2021 - 31.12.2021, ОМС, Сформированы реестры на оплату в СМО"
    stale = header(replace(row, reform_reason="объединены случаи"), 78)
    assert (
        stale
        == "Реестр: 01.12.2021 - 31.12.2021, ОМС, нужно переформировать, Сформированы реестры на оплату в СМО"
    )


async def test_seven_tabs_and_the_settings_behind_the_last(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    async with shown(front, open_registry(registry, tab="properties")) as (app, pilot):
        assert "Реестр для инструкции" in said(app) and "Ответ на идентификацию" in said(app)
        await press(pilot, *["ctrl+right"] * 6)
        await until_text(pilot, "Код МО в пакетах: 470101")
        await press(pilot, "f4")
        await until(pilot, lambda: isinstance(app.screen, SettingsScreen))
        await press(pilot, "escape", "ctrl+right")
        assert "Отчётный период: 2021/12" in said(app)


async def test_dimmed_operation_says_why(tmp_path: Path) -> None:
    front, registry = make_front(tmp_path)
    async with shown(front, open_registry(registry)) as (app, pilot):
        await press(pilot, "home", *["down"] * 7)  # the line is cut: the cursor on it tells the rest
        await until_text(pilot, "сначала «Сформировать реестры на оплату»")
        await choose(pilot, app.screen, "bills-export")
        assert "сначала «Сформировать реестры на оплату»" in said(app)
        await choose(pilot, app.screen, "report")
        await until_text(pilot, "Все счета реестра")
        await until_text(pilot, "Отчет по амб.случаям, которые не попадают в отчетный период")
        await press(pilot, "down", "enter")
        await until_text(pilot, "Персональные счета")
        assert "[/b]Петров" in text_of(app)
