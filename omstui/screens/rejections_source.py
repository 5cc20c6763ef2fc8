"""The list of «Анализ» (отказы): columns, states, groups of marks, money of the marked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from omstui.domain.model import KINDS, REFUSAL_KIND_TITLES, RefusalKind, WorkState
from omstui.domain.store import config, db, lists
from omstui.screens.sources import Group, Shown, StoreSource, kind, money, refusal_kind, short_day, text
from omstui.widgets.fields import Field
from omstui.widgets.sources import Column

#: a refusal of stage 1 goes on as primary, of stage 2 as repeated (R40)
STAGES = {1: "1 перв", 2: "2 повт", 3: "ФЛК", 4: "МЭК", 5: "идент."}
#: the roads of manual B are no stages: offered where the region has them
_ROAD_CHOICES = (("3", "ФЛК"), ("4", "МЭК"), ("5", "идентификация"))
_ROADS_ONLY = (RefusalKind.IDENT, RefusalKind.MEK)
_ROAD_KINDS = (RefusalKind.IDENT, RefusalKind.FLK, RefusalKind.MEK)
_ALL = ("", "все")
_STAGE_CHOICES = (_ALL, ("1", "1 (первичные)"), ("2", "2 (повторные)"))

COLUMNS = (
    Shown("fio", "Пациент", 20, text),
    Shown("stage", "Стадия", 6, lambda v: STAGES.get(v, text(v))),
    Shown("smo", "СМО", 5),
    Shown("number", "№", 5, text, align=">"),
    Shown("kind", "Вид", 7, lambda v: "идент." if v == RefusalKind.IDENT else refusal_kind(v)),
    Shown("code", "Код", 8),
    Shown("sum", "Сумма", 10, money, align=">"),
    Shown("work", "Состояние", 9, text),
    Shown("birth", "Родился", 8, short_day),
    Shown("policy", "Полис", 16, text),
    Shown("kind_of_care", "Вид помощи", 12, kind),
    Shown("date_in", "Начало", 8, short_day),
    Shown("date_out", "Конец", 8, short_day),
    Shown("doctor", "Врач", 14, text),
    Shown("department", "Отдел.", 6, text),
    Shown("ds", "Диагноз", 7, text),
    Shown("text", "Текст", 30, sortable=False),
    Shown("comment", "Комментарий", 30, sortable=False),
)
_HIDDEN = ("account_id", "case_id", "refuses", "known", "test", "xkey", "nhistory")


class RefusalSource(StoreSource):
    """Refusals of a month or of one answer; an account marked by two reasons counts once."""

    additive = False

    def __init__(self, fixed: Mapping[str, Any]) -> None:
        super().__init__("refusals", COLUMNS, fixed=fixed, hidden=_HIDDEN, state=_state)

    def total(self, ids: Collection[int]) -> tuple[int, int | None]:
        with db.connection():
            return lists.refused_total(list(ids))

    def groups(self) -> Sequence[Group]:
        """What «+» offers beside all rows: by state, by code."""
        filters, search = self._last

        def of(title: str, **more: Any) -> Group:
            return title, lambda: _ids({**filters, **more}, search)

        with db.connection():
            codes = lists.groups(filters, search)[:12]
        found = [
            of("Исправленные", work=WorkState.CORRECTED.value),
            of("Новые", work=WorkState.NEW.value),
        ]
        for name, code, title, count, _ in codes:
            label = f"{refusal_kind(name)} {code} — {count}: {title}"[:54]
            found.append(of(label, kind=name, code=code))
        return found


def _ids(filters: Mapping[str, Any], search: str) -> Sequence[int]:
    with db.connection():
        return lists.ids("refusals", filters, search)


def _state(row: Mapping[str, Any]) -> str:
    work = row.get("work")
    if not row.get("refuses") or work in (WorkState.RETURNED, WorkState.DROPPED):
        return "muted"
    if work == WorkState.CORRECTED:
        return "good"
    return "" if row.get("known") else "warn"


# --- filter ------------------------------------------------------------------------------

_TITLES = {
    "stage": "стадия",
    "smo": "СМО",
    "kind": "вид",
    "code": "код",
    "kind_of_care": "помощь",
    "doctor": "врач",
    "department": "отделение",
    "open": "только открытые",
    "answer": "один файл",
}


def filter_text(where: Mapping[str, Any]) -> str:
    """The filter in words, for the header."""
    parts = []
    for key, value in where.items():
        if not value or key not in _TITLES:
            continue
        shown = refusal_kind(value) if key == "kind" else kind(value) if key == "kind_of_care" else value
        parts.append(_TITLES[key] if key in ("open", "answer") else f"{_TITLES[key]} {shown}")
    return ", ".join(parts)


def filter_fields(fixed: Mapping[str, Any], *, roads: bool = False) -> list[Field]:
    """The fields of Ctrl+F with the values that occur; reads the database."""
    with db.connection():
        found = {
            key: [_ALL, *((str(v), str(v)) for v, _ in lists.distinct("refusals", key, fixed) if v)]
            for key in ("code", "doctor", "department")
        }
        payers = [_ALL, *((p.code, f"{p.code} {p.name}") for p in config.payers())]
    here = _ROAD_KINDS if roads else [k for k in REFUSAL_KIND_TITLES if k not in _ROADS_ONLY]
    kinds = [_ALL, *((str(k), REFUSAL_KIND_TITLES[k]) for k in here)]
    stages = (_ALL, *_ROAD_CHOICES) if roads else _STAGE_CHOICES
    care = [_ALL, *((k.code, k.title) for k in KINDS.values())]
    return [
        Field("open", "Только открытые", "bool", 4, "новые и исправленные, ещё не возвращённые в реестр"),
        Field("stage", "Контроль" if roads else "Стадия", "choice", 24, choices=stages),
        Field("smo", "СМО", "choice", 40, choices=payers),
        Field("kind", "Вид отказа", "choice", 24, choices=kinds),
        Field("code", "Код", "choice", 24, choices=found["code"]),
        Field("kind_of_care", "Вид помощи", "choice", 36, choices=care),
        Field("doctor", "Врач", "choice", 24, choices=found["doctor"]),
        Field("department", "Отделение", "choice", 24, choices=found["department"]),
    ]


GROUP_COLUMNS = (
    Column("Вид", 8, key="kind"),
    Column("Код", 10, key="code"),
    Column("Текст отказа", 30, flex=True),
    Column("Счетов", 7, ">"),
    Column("Сумма", 14, ">"),
)
