"""The table of keys (клавиши): one place from which bindings, key bar, F1 and F9 are made.

An action has an id, keys, a label of at most six characters for the key bar, a title for the menu
and a sentence for F1. A screen says which actions it has (``Key``) and may rename them for itself.
Keys of the list, the form, the log and the text viewer stand here too: widgets look commands up by
key and the help prints the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from textual.binding import Binding

#: What Esc-digit and Alt-digit send: Textual turns ESC 1 … ESC 0 into these glyphs
GLYPHS: Mapping[str, str] = {
    "1": "inverted_exclamation_mark",
    "2": "trade_mark_sign",
    "3": "pound_sign",
    "4": "cent_sign",
    "5": "infinity",
    "6": "section_sign",
    "7": "pilcrow_sign",
    "8": "bullet",
    "9": "ª",
    "0": "º",
}

_LATIN = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_CYRILLIC = dict(zip(_LATIN, _CYRILLIC, strict=True))
_TO_LATIN = dict(zip(_CYRILLIC, _LATIN, strict=True))
_TWINS = _TO_CYRILLIC | _TO_LATIN


def twin(text: str) -> str:
    """Return the text as typed on the other keyboard layout («bdf» → «ива» and back)."""
    return _mapped(text, _TWINS)


def readings(text: str) -> list[str]:
    """Return what may have been meant: as typed, all Cyrillic, all Latin; without repeats."""
    return list(dict.fromkeys((text, _mapped(text, _TO_CYRILLIC), _mapped(text, _TO_LATIN))))


def _mapped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(c) or table.get(c.lower(), c).upper() if c.lower() in table else c for c in text)


def same_letter(character: str | None, letters: str) -> bool:
    """Tell whether a typed character is one of the letters, in either case and layout."""
    if not character:
        return False
    low = character.lower()
    return low in letters or twin(low) in letters


def f_keys(number: int) -> tuple[str, ...]:
    """Return every way to press F-number: the key, Alt-digit, Esc-digit."""
    digit = str(number % 10)
    return (f"f{number}", f"alt+{digit}", GLYPHS[digit])


@dataclass(frozen=True, slots=True)
class Action:
    """An action (действие) and everything said about it."""

    id: str
    keys: tuple[str, ...]
    label: str
    title: str
    help: str
    #: place in the key bar, 0 = not there
    slot: int = 0
    #: answers before the focused field does
    priority: bool = True

    @property
    def shown_key(self) -> str:
        """Return the key as operators read it: «F2», «Ctrl+F», «Esc»."""
        return key_title(self.keys[0]) if self.keys else ""


def _f(number: int, action: str, label: str, title: str, text: str) -> Action:
    return Action(action, f_keys(number), label, title, text, slot=number)


ACTIONS: tuple[Action, ...] = (
    _f(1, "help", "Помощь", "Справка", "показывает, какие клавиши действуют на этом экране"),
    _f(2, "export", "Выгруз", "Выгрузка", "выгружает отмеченные реестры в файл для ТФОМС"),
    _f(3, "history", "Истор.", "История", "показывает историю или журнал строки"),
    _f(4, "edit", "Правка", "Изменить", "открывает строку для исправления"),
    _f(5, "main", "Выполн", "Главное действие", "выполняет главное действие этого экрана"),
    _f(6, "reform", "Переф.", "Переформировать", "убирает из выгрузки отказанные счета (файл 7)"),
    _f(7, "search", "Поиск", "Поиск", "ищет пациента: фамилия, полис, номер карты"),
    _f(8, "resubmit", "Реестр", "В реестр", "возвращает отказанный случай в следующий реестр"),
    _f(9, "menu", "Меню", "Меню", "показывает всё, что можно сделать на этом экране"),
    _f(10, "exit", "Выход", "Выход", "закрывает программу"),
    Action("back", ("escape",), "", "Назад", "возвращает на предыдущий экран", priority=False),
    Action("filter", ("ctrl+f",), "", "Отбор", "оставляет в списке только подходящие строки"),
    Action("sort", ("ctrl+s",), "", "Сортировка", "меняет порядок строк списка"),
    Action("period", ("ctrl+p",), "", "Период", "выбирает отчётный месяц"),
    Action("save", ("ctrl+w",), "", "Сохранить", "сохраняет изменения"),
    Action("tab_prev", ("ctrl+left",), "", "Предыдущая вкладка", "открывает вкладку слева"),
    Action("tab_next", ("ctrl+right",), "", "Следующая вкладка", "открывает вкладку справа"),
    Action("delete", ("delete",), "", "Удалить", "удаляет строку, сначала спросив", priority=False),
    Action("copy_row", ("ctrl+y",), "", "Копия строки", "кладёт строку в буфер терминала"),
    Action("redraw", ("ctrl+l",), "", "Перерисовать", "рисует экран заново"),
)

BY_ID: Mapping[str, Action] = {action.id: action for action in ACTIONS}


@dataclass(frozen=True, slots=True)
class Key:
    """What an action means on one screen; empty strings keep the words of the table.

    ``id`` of the table gives its keys; any other id has no key of its own and stands in F9 only.
    The screen has a method ``do_<id>``.
    """

    id: str
    label: str = ""
    title: str = ""
    help: str = ""

    @property
    def action(self) -> Action:
        """Return the action with this screen's words."""
        base = BY_ID.get(self.id) or Action(self.id, (), "", self.title, self.help)
        return Action(
            base.id,
            base.keys,
            (self.label or base.label)[:6],
            self.title or base.title,
            self.help or (base.help if not self.title else ""),
            base.slot,
            base.priority,
        )


#: every screen has these without naming them
COMMON: tuple[Key, ...] = (Key("help"), Key("menu"), Key("exit"), Key("back"), Key("redraw"))
PRINT = Key("print", title="Печать того, что на экране", help="список в файл")
#: and those with a list these too
ON_LISTS: tuple[Key, ...] = (PRINT, Key("copy_row"))


@dataclass(frozen=True, slots=True)
class Command:
    """A command inside a widget: its keys, how they are named in the help, what it does."""

    name: str
    keys: tuple[str, ...]
    shown: str
    help: str


LIST_COMMANDS: tuple[Command, ...] = (
    Command("up", ("up",), "↑ ↓", "строка вверх, вниз"),
    Command("down", ("down",), "", ""),
    Command("page_up", ("pageup",), "PgUp PgDn", "страница вверх, вниз"),
    Command("page_down", ("pagedown",), "", ""),
    Command("first", ("home", "ctrl+home", "ctrl+pageup"), "Home End", "первая, последняя строка"),
    Command("last", ("end", "ctrl+end", "ctrl+pagedown"), "", ""),
    Command("left", ("left",), "← →", "столбцы влево, вправо, если не помещаются"),
    Command("right", ("right",), "", ""),
    Command("choose", ("enter",), "Enter", "открывает строку"),
    Command("mark_down", ("insert",), "Ins", "отмечает строку и переходит к следующей"),
    Command("mark", ("space",), "Пробел", "отмечает строку"),
    Command("mark_all", ("plus",), "+ - *", "отмечает все (группу), снимает отметки, обращает их"),
    Command("mark_none", ("minus",), "", ""),
    Command("mark_invert", ("asterisk",), "", ""),
    Command("find", (), "буквы", "ищут строку по мере набора, Backspace стирает букву"),
    Command("find_next", ("ctrl+n",), "Ctrl+N", "следующая строка с тем же текстом"),
    Command("erase", ("backspace",), "", ""),
    Command("stop", ("escape",), "", ""),
)

FORM_COMMANDS: tuple[Command, ...] = (
    Command("next", ("enter", "tab", "down"), "Enter Tab ↓", "следующее поле"),
    Command("previous", ("shift+tab", "up"), "Shift+Tab ↑", "предыдущее поле"),
    Command("pick", ("space",), "Пробел", "выбирает значение из списка, ставит и снимает отметку"),
    Command("page_down", ("pagedown",), "PgDn", "следующая страница, на последней — сохранить"),
    Command("page_up", ("pageup",), "PgUp", "предыдущая страница"),
    Command("save", ("ctrl+w",), "Ctrl+W", "сохранить"),
    Command("clear", ("ctrl+u", "ctrl+y"), "Ctrl+U", "очищает поле"),
)

LOG_COMMANDS: tuple[Command, ...] = (
    Command("up", ("up",), "↑ ↓", "строка вверх, вниз"),
    Command("down", ("down",), "", ""),
    Command("page_up", ("pageup",), "PgUp PgDn", "страница вверх, вниз"),
    Command("page_down", ("pagedown",), "", ""),
    Command("first", ("home", "ctrl+home"), "Home End", "начало и конец (дальше лента едет сама)"),
    Command("last", ("end", "ctrl+end"), "", ""),
    Command("choose", ("enter",), "Enter", "открывает случаи строки, отмеченной знаком »"),
)

TEXT_COMMANDS: tuple[Command, ...] = (
    *LOG_COMMANDS[:-1],
    Command("left", ("left",), "← →", "влево, вправо, если строки не помещаются"),
    Command("right", ("right",), "", ""),
    Command("find_next", ("ctrl+n",), "Ctrl+N", "следующая строка с найденным текстом"),
)


def command_of(table: Iterable[Command]) -> dict[str, str]:
    """Return key → command name, for a widget to look up."""
    return {key: command.name for command in table for key in command.keys}


_KEY_TITLES = {
    "escape": "Esc",
    "enter": "Enter",
    "delete": "Del",
    "insert": "Ins",
    "left": "←",
    "right": "→",
    "pagedown": "PgDn",
    "pageup": "PgUp",
}


def key_title(key: str) -> str:
    """Return the name of a key on its cap: «ctrl+left» → «Ctrl+←»."""
    parts = [_KEY_TITLES.get(part, part.capitalize()) for part in key.split("+")]
    return "+".join(parts)


def bindings(actions: Iterable[Action] = ACTIONS) -> list[Binding]:
    """Return the Textual bindings of a screen: each asks the screen's ``action_key``."""
    return [
        Binding(
            ",".join(action.keys),
            f"key('{action.id}')",
            action.title,
            show=False,
            priority=action.priority,
            tooltip=action.help,
            id=f"oms.{action.id}",
        )
        for action in actions
        if action.keys
    ]


def help_rows(screen_keys: Iterable[Key]) -> list[tuple[str, str, str]]:
    """Return (key, second way, sentence) of a screen for F1, the keys of the bar first."""
    rows = []
    actions = [key.action for key in (*screen_keys, *COMMON)]
    for action in sorted(actions, key=lambda a: a.slot or 99):
        second = f"Esc {action.slot % 10}" if action.slot else ""
        sentence = f"{action.title} — {action.help}" if action.help else action.title
        rows.append((action.shown_key or "F9", second, sentence))
    return rows
