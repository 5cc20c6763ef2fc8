"""Screens and dialogs: keys that say why not, menu, help, questions, files, bugs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import OmsError
from omstui.keys import Key
from omstui.screens.confirm import ConfirmScreen
from omstui.screens.menu import Item, MenuScreen
from omstui.screens.message import MessageScreen
from omstui.widgets.tab_line import TabLine
from tests.ui.helpers import check_golden, grid, press, running, settle
from tests.ui.samples import EVIL, FormScreen, ListScreen, LogScreen, StubServices


def shown(app: Any) -> str:
    return "\n".join(grid(app))


@pytest.mark.parametrize("key", ["f3", "alt+3", "pound_sign"])
async def test_every_way_to_press_a_function_key_works(key: str) -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, key)
        assert app.screen.done == ["history"]


async def test_key_of_another_screen_says_it_does_not_act_here() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f2")
        assert "F2 «Выгрузка»: на этом экране не действует" in grid(app)[22]
        await press(pilot, "down")
        assert "1 / " not in grid(app)[22] and "2 / 100" in grid(app)[22]


async def test_unavailable_key_says_why_and_is_dimmed() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f8")
        assert "F8 «В реестр» сейчас нельзя: реестр тестовый" in grid(app)[22]


async def test_menu_lists_all_actions_and_runs_the_chosen_one() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f9")
        check_golden(app, "menu")
        await press(pilot, "down", "enter")
        assert app.screen.done == ["history"]
        await press(pilot, "f9", *"ист", "enter")
        assert app.screen.done == ["history"] * 2


async def test_dimmed_line_of_the_menu_says_why() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f9", "down", "down", "down", "down", "enter")
        assert "реестр тестовый" in shown(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, ListScreen)


async def test_help_is_made_of_the_table_of_keys() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f1")
        check_golden(app, "help")
        await press(pilot, "end")
        assert "Backspace стирает букву" in shown(app)


@pytest.mark.parametrize(
    ("keys", "done"),
    [
        (["д"], True),
        (["l"], True),
        (["left", "enter"], True),
        (["enter"], False),
        (["escape"], False),
        (["н"], False),
        (["y"], False),
        (["n"], False),
    ],
)
async def test_question_is_answered_by_letters_of_either_layout(keys: list[str], done: bool) -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f5", *keys)
        assert app.screen.done == (["main"] if done else [])


async def test_question_at_80x24_matches_golden() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f5")
        check_golden(app, "confirm")


async def test_parameters_are_asked_and_come_back() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f4", *"Иванов", "ctrl+w")
        assert "'family': 'Иванов', 'born': '1980-02-01'" in app.screen.done[0]
        await press(pilot, "f4", "escape")
        assert app.screen.done[1] == "None"


async def test_refusal_becomes_a_message_with_reason_and_next_step() -> None:
    class Refusing(ListScreen):
        def do_history(self) -> None:
            raise OmsError("Нельзя.", title="Отказ", hint="Сначала сделайте это.", details=["а"])

        async def do_main(self) -> None:
            raise OmsError(f"И так нельзя {EVIL}")

    async with running(Refusing) as (app, pilot):
        await press(pilot, "f3")
        assert "Сначала сделайте это." in shown(app)
        await press(pilot, "enter", "f5")
        assert "И так нельзя [/b] [red]x[/]" in shown(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, Refusing)


async def test_dialogs_take_hostile_text() -> None:
    async with running(ListScreen) as (app, pilot):
        for screen in (
            ConfirmScreen(EVIL, details=[EVIL]),
            MessageScreen(EVIL, EVIL * 30, hint=EVIL, details=[EVIL] * 50),
            MenuScreen(EVIL, [Item("a", EVIL, EVIL, EVIL)]),
        ):
            app.push_screen(screen)
            await settle(pilot)
            assert "[/b] [red]x[/]" in shown(app)
            await press(pilot, "enter", "f1", "down", "end", "escape")
        assert isinstance(app.screen, ListScreen)


async def test_long_details_scroll_inside_the_window() -> None:
    async with running(ListScreen) as (app, pilot):
        app.push_screen(ConfirmScreen("Да?", details=[f"счёт {i}" for i in range(60)]))
        await settle(pilot)
        assert "[ Нет ]" in shown(app) and "счёт 59" not in shown(app)
        assert "↑↓ — читать дальше · Esc — нет" in shown(app)
        await press(pilot, "end")
        assert "счёт 59" in shown(app) and "[ Нет ]" in shown(app)


async def test_escape_on_the_first_screen_explains_and_elsewhere_goes_back() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "escape")
        assert "Выход из программы — F10" in grid(app)[22]
        app.push_screen(LogScreen(app.services))
        await settle(pilot)
        await press(pilot, "escape")
        assert isinstance(app.screen, ListScreen)


async def test_list_is_read_again_when_a_screen_over_it_closes() -> None:
    async with running(ListScreen) as (app, pilot):
        before = app.screen.source.opened
        app.push_screen(LogScreen(app.services))
        await settle(pilot)
        await press(pilot, "escape")
        assert app.screen.source.opened == before + 1


async def test_quitting_during_an_operation_says_it_goes_on() -> None:
    class Busy(StubServices):
        running_title = "Сформировать"

    async with running(ListScreen, Busy()) as (app, pilot):
        await press(pilot, "f10")
        assert "Идёт операция «Сформировать». Она продолжится без экрана" in shown(app)
        await press(pilot, "н")
        assert app.is_running
        await press(pilot, "f10", "enter")
    assert app.return_code == 0


async def test_leaving_a_changed_form_asks(tmp_path: Path) -> None:
    async with running(ListScreen) as (app, pilot):
        app.push_screen(FormScreen(app.services))
        await settle(pilot)
        await press(pilot, "x", "escape")
        assert "Изменения не сохранены" in shown(app)
        await press(pilot, "escape")
        assert isinstance(app.screen, FormScreen)
        await press(pilot, "f10")
        assert "Изменения на этом экране не сохранены" in shown(app)
        await press(pilot, "escape", "escape", "д")
        assert isinstance(app.screen, ListScreen)


async def test_function_key_in_a_window_says_it_does_not_act() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "f5", "f2")
        assert "F2 в этом окне не действует" in shown(app)


async def test_row_is_copied_to_the_terminal() -> None:
    async with running(ListScreen) as (app, pilot):
        await press(pilot, "ctrl+y")
        assert app.clipboard.startswith("1\t1\tПетрова 1 И.И.")


async def test_tab_line_shows_the_open_tab_and_steps_round() -> None:
    class Tabs(ListScreen):
        KEYS = (*ListScreen.KEYS, Key("tab_prev"), Key("tab_next"))

        def compose_body(self) -> Any:
            yield TabLine([(str(i), f"Вкладка {EVIL if i == 3 else i}") for i in range(12)])
            yield from super().compose_body()

        def do_tab_prev(self) -> None:
            self.query_one(TabLine).step(-1)

        def do_tab_next(self) -> None:
            self.query_one(TabLine).step(1)

    async with running(Tabs) as (app, pilot):
        assert "Вкладка 0" in grid(app)[2]
        await press(pilot, "ctrl+left")
        assert "Вкладка 11" in grid(app)[2] and "Вкладка 0" not in grid(app)[2]
        await press(pilot, "ctrl+right")
        assert app.screen.query_one(TabLine).current == "0"


async def test_small_terminal_gets_a_notice() -> None:
    async with running(ListScreen, size=(70, 20)) as (app, pilot):
        await pilot.resize_terminal(66, 18)
        await settle(pilot)
        assert "Окно 66×18, нужно 80×24" in shown(app)


def _tree(folder: Path) -> Path:
    (folder / "sub").mkdir()
    (folder / "sub" / "d.xml").write_text("x")
    (folder / "a.xml").write_text("x")
    (folder / "b.XML").write_text("xx")
    (folder / "c.txt").write_text("xxx")
    (folder / ".hidden").write_text("")
    return folder


class Picking(ListScreen):
    """F3 asks for files in a mode; the answer goes to ``done``."""

    folder = Path()
    mode = "file"
    patterns: tuple[str, ...] = ()

    async def do_history(self) -> None:
        paths = await self.pick_paths(
            self.mode, self.folder, patterns=self.patterns, remember=self.remembered
        )
        self.done.append([path.name for path in paths] if paths else None)  # type: ignore[arg-type]

    def remembered(self, folder: Path) -> None:
        self.done.append(folder.name)


@pytest.mark.parametrize(
    ("mode", "keys", "picked"),
    [
        ("file", ["down", "down", "enter"], ["a.xml"]),
        ("file", ["down", "down", "insert", "insert", "enter"], ["a.xml", "b.XML"]),
        ("any", ["insert"], ["start"]),
        ("folder", ["down", "enter", "insert"], ["sub"]),
        ("any", ["down", "down", "space", "end", "space", "enter"], ["a.xml", "c.txt"]),
        ("file", ["shift+tab", "ctrl+u", *"c.txt", "enter"], ["c.txt"]),
        ("file", ["shift+tab", "ctrl+u", *"sub/d.xml", "enter"], ["d.xml"]),
        ("folder", ["down", "enter", "enter", "ctrl+j"], ["start"]),
    ],
)
async def test_files_and_folders_are_picked(
    tmp_path: Path, mode: str, keys: list[str], picked: list[str]
) -> None:
    start = tmp_path / "start"
    start.mkdir()
    maker = type("P", (Picking,), {"folder": _tree(start), "mode": mode})
    async with running(maker) as (app, pilot):
        await press(pilot, "f3", *keys)
        assert app.screen.done[-1] == picked
        # the folder that is remembered for the next question: of a typed path too
        assert app.screen.done[0] == ("sub" if "/" in keys or picked == ["sub"] else "start")


async def test_picker_shows_only_suitable_files_and_names_what_is_missing(tmp_path: Path) -> None:
    maker = type("P", (Picking,), {"folder": _tree(tmp_path), "patterns": ("*.xml",)})
    async with running(maker) as (app, pilot):
        await press(pilot, "f3")
        assert "b.XML" in shown(app) and "c.txt" not in shown(app) and ".hidden" not in shown(app)
        await press(pilot, "shift+tab", "ctrl+u", *"none", "enter")
        assert "Нет такого файла или папки" in shown(app)
        await press(pilot, "escape", "escape")
        assert app.screen.done == [None]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_unreadable_folder_is_a_sentence(tmp_path: Path) -> None:
    _tree(tmp_path)
    (tmp_path / "sub").chmod(0)
    maker = type("P", (Picking,), {"folder": tmp_path})
    async with running(maker) as (app, pilot):
        await press(pilot, "f3", "down", "enter")
        assert "Нет права читать папку" in shown(app)


async def test_bug_writes_a_log_and_leaves_with_a_sentence(tmp_path: Path) -> None:
    class Broken(ListScreen):
        def do_history(self) -> None:
            raise ZeroDivisionError("тайное")

    log = tmp_path / "state" / "errors.log"
    with pytest.raises(ZeroDivisionError):
        async with running(Broken, log_path=log) as (app, pilot):
            await press(pilot, "f3")
    assert "ZeroDivisionError: тайное" in log.read_text(encoding="utf-8")
    assert "Ошибка программы: ZeroDivisionError" in app.bug_text and str(log) in app.bug_text
    assert app.return_code == 70


def test_every_action_of_the_sample_screen_has_its_method() -> None:
    missing = [
        key.id
        for key in (*ListScreen.KEYS, Key("help"), Key("menu"), Key("exit"), Key("back"))
        if key.id != "resubmit" and not hasattr(ListScreen, f"do_{key.id}")
    ]
    assert not missing
