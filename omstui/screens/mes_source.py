"""The lists of «Анализ МЭСов» (строки и коды): columns for 80 signs, states, groups of marks, filter."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from omstui.domain.mes import CHECKS, ERROR
from omstui.domain.model import KINDS, SEVERITY_TITLES
from omstui.domain.money import spaced
from omstui.domain.store import db, lists, mes
from omstui.screens.columns import number
from omstui.screens.sources import Group, Shown, StoreSource, kind, text
from omstui.widgets.fields import Field
from omstui.widgets.sources import Cells, Column

_ALL = ("", "все")


def difference(value: Any) -> str:
    """In the account minus expected; nothing where the finding is not about money."""
    return spaced(int(value)) if value else ""


COLUMNS = (
    Shown("code", "Код", 3),
    Shown("severity", "Важ", 3, lambda value: "ош." if value == ERROR else "пр."),
    Shown("fio", "Пациент", 16, text),
    Shown("ds", "МКБ", 5, text),
    Shown("mes", "МЭС/КСГ", 8, text),
    Shown("expected", "Ожидалось", 11, text, ">", sortable=False),
    Shown("actual", "В счёте", 11, text, ">", sortable=False),
    Shown("difference", "Разница", 10, difference, ">"),
    Shown("service", "Услуга", 15, text),
    Shown("kind", "Вид деятельности", 16, kind),
    Shown("number", "№ счёта", 7, number, ">"),
    Shown("nhistory", "№ карты", 14, text),
    Shown("doctor", "Врач", 16, text),
    Shown("message", "Текст", 60, text, sortable=False),
)
_HIDDEN = ("case_id", "sum", "date_out")


class MesSource(StoreSource):
    """Findings of a month; an account found twice counts once in the sum of the marked."""

    additive = False

    def __init__(self, fixed: Mapping[str, Any]) -> None:
        super().__init__("mes", COLUMNS, fixed=fixed, hidden=_HIDDEN, state=_state)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        with db.connection():
            return mes.accounts_total(list(ids))

    def groups(self) -> Sequence[Group]:
        """What «+» offers beside all rows: each check that found something."""
        filters, search = self._last

        def of(code: str) -> Group:
            return f"{code} {CHECKS[code].title}", lambda: _ids({**filters, "code": code}, search)

        with db.connection():
            return [of(code) for code, _ in lists.distinct("mes", "code", filters)]


def _ids(filters: Mapping[str, Any], search: str) -> Sequence[int]:
    with db.connection():
        return lists.ids("mes", filters, search)


def _state(row: Mapping[str, Any]) -> str:
    return "error" if row.get("severity") == ERROR else "warn"


# --- by codes ----------------------------------------------------------------------------

CODE_COLUMNS = (
    Column("Код", 3, key="code"),
    Column("Проверка", 35, flex=True),
    Column("Замеч.", 7, ">"),
    Column("Счетов", 6, ">"),
    Column("Сумма счетов", 13, ">"),
    Column("Разница", 12, ">"),
)


def code_rows(period: str) -> tuple[mes.Totals, mes.Standing, dict[str, str], list[Cells]]:
    """Figures of the month, how far it is, what of the checks has no book, and a row per check."""
    with db.connection():
        totals, standing, states = mes.totals(period=period), mes.standing(period), mes.states()
    found = {one.code: one for one in totals.codes}
    lacking = {state.code: state.text for state in states if state.missing}
    rows: list[Cells] = []
    for state in states:
        one, title = found.get(state.code), CHECKS[state.code].title
        if one is not None:
            sums = (str(one.findings), str(one.accounts), spaced(one.total), difference(one.difference))
            rows.append((state.code, title, *sums))
        else:
            empty = "не вып." if state.is_skipped else "0" if standing.last else ""
            rows.append((state.code, title, empty, "", "", ""))
    return totals, standing, lacking, rows


# --- filter ------------------------------------------------------------------------------


def filter_text(where: Mapping[str, Any]) -> str:
    """The filter in words, for the header."""
    said = {
        "code": lambda value: str(value),
        "severity": lambda value: SEVERITY_TITLES.get(value, str(value)),
        "kind": kind,
        "doctor": lambda value: f"врач {value}",
    }
    return ", ".join(said[key](value) for key, value in where.items() if value and key in said)


def filter_fields(fixed: Mapping[str, Any]) -> list[Field]:
    """The fields of Ctrl+F with the values that occur; reads the database."""
    with db.connection():
        doctors = [_ALL, *((str(v), str(v)) for v, _ in lists.distinct("mes", "doctor", fixed) if v)]
    codes = [_ALL, *((code, f"{code} {check.title}"[:50]) for code, check in CHECKS.items())]
    care = [_ALL, *((k.code, k.title) for k in KINDS.values())]
    return [
        Field("code", "Проверка", "choice", 52, choices=codes),
        Field("severity", "Важность", "choice", 16, choices=[_ALL, *SEVERITY_TITLES.items()]),
        Field("kind", "Вид деятельности", "choice", 36, choices=care),
        Field("doctor", "Врач", "choice", 24, choices=doctors),
    ]
