"""The table of keys, and what real terminals send for them."""

from __future__ import annotations

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key as KeyEvent

from omstui import keys

ESC = "\x1b"
# architecture: what the terminals send for F1…F10
XTERM = ["OP", "OQ", "OR", "OS", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~"]
PUTTY = ["[11~", "[12~", "[13~", "[14~", "[15~", "[17~", "[18~", "[19~", "[20~", "[21~"]
LINUX = ["[[A", "[[B", "[[C", "[[D", "[[E", "[17~", "[18~", "[19~", "[20~", "[21~"]
ESC_DIGIT = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"]


def parse(data: str) -> list[str]:
    parser = XTermParser()
    names = [event.key for event in parser.feed(data) if isinstance(event, KeyEvent)]
    names += [event.key for event in parser.feed("") if isinstance(event, KeyEvent)]
    return names


def action_of(key: str) -> str | None:
    for action in keys.ACTIONS:
        if key in action.keys:
            return action.id
    return None


BY_SLOT = [next(a.id for a in keys.ACTIONS if a.slot == n) for n in range(1, 11)]


@pytest.mark.parametrize("sent", [XTERM, PUTTY, LINUX, ESC_DIGIT], ids=["xterm", "putty", "linux", "esc"])
def test_function_keys_from_raw_bytes_give_their_actions(sent: list[str]) -> None:
    assert [action_of(parse(ESC + tail)[0]) for tail in sent] == BY_SLOT


def test_alt_digit_of_kitty_terminals_gives_the_same_actions() -> None:
    assert [action_of(f"alt+{n % 10}") for n in range(1, 11)] == BY_SLOT


def test_list_keys_from_raw_bytes_are_known() -> None:
    table = keys.command_of(keys.LIST_COMMANDS)
    sent = {
        f"{ESC}[A": "up",
        f"{ESC}OB": "down",
        f"{ESC}[5~": "page_up",
        f"{ESC}[6~": "page_down",
        f"{ESC}[1~": "first",
        f"{ESC}[4~": "last",
        f"{ESC}[H": "first",
        f"{ESC}OF": "last",
        f"{ESC}[1;5H": "first",
        f"{ESC}[2~": "mark_down",
        " ": "mark",
        "+": "mark_all",
        "-": "mark_none",
        "*": "mark_invert",
        "\r": "choose",
        "\x7f": "erase",
        "\x0e": "find_next",
    }
    assert {raw: table.get(parse(raw)[0]) for raw in sent} == sent


def test_control_letters_from_raw_bytes_give_their_actions() -> None:
    sent = {"\x06": "filter", "\x13": "sort", "\x17": "save", "\x0c": "redraw", f"{ESC}[3~": "delete"}
    assert {raw: action_of(parse(raw)[0]) for raw in sent} == sent


def test_table_is_consistent() -> None:
    used: dict[str, str] = {}
    for action in keys.ACTIONS:
        assert len(action.label) <= 6, action.id
        assert action.title and action.help, action.id
        for key in action.keys:
            assert key not in used, f"{key}: {action.id} and {used.get(key)}"
            used[key] = action.id
    assert sorted(a.slot for a in keys.ACTIONS if a.slot) == list(range(1, 11))


def test_function_keys_are_unmodified() -> None:
    assert not [k for a in keys.ACTIONS for k in a.keys if "+f" in k and k[-1].isdigit()]


def test_screen_words_replace_those_of_the_table() -> None:
    action = keys.Key("main", "Сформировать", "Сформировать реестр").action
    assert (action.label, action.title, action.keys[0]) == ("Сформи", "Сформировать реестр", "f5")


def test_twin_is_the_other_layout_and_back() -> None:
    assert keys.twin("bdfyjd") == "иванов"
    assert keys.twin(keys.twin("Иванов")) == "Иванов"
    assert keys.same_letter("l", "д") and keys.same_letter("Д", "д")
    assert not keys.same_letter(None, "д")


def test_help_has_every_key_of_the_screen_and_the_second_way() -> None:
    rows = keys.help_rows([keys.Key("export"), keys.Key("odd", title="Особое", help="делает")])
    assert rows[1][:2] == ("F2", "Esc 2")
    assert any("Особое — делает" in row[2] for row in rows)
    assert "СМО левее" in [row[2] for row in keys.help_rows([keys.Key("odd", title="СМО левее")])]
