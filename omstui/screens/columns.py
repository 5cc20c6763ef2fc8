"""Columns of the lists (столбцы списков) for 80 columns; the rest is reached by →."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from omstui.domain.model import Decision, RegistryStatus
from omstui.screens.sources import Shown, day, kind, money, refusal_kind, short_day, text

_DECISIONS = {Decision.NONE: "", Decision.ACCEPTED: "принят", Decision.REFUSED: "отказ"}
OUTCOMES = {
    "ok": "готово",
    "partial": "частично",
    "refused": "отказ",
    "aborted": "прервано",
    "failed": "ошибка",
    "crashed": "сбой",
    "running": "идёт",
}
_PROBLEM_LEVELS = {
    "refused": "отказано",
    "conflict": "расхождение",
    "warning": "замечание",
    "unknown": "не известно",
}
_OUTCOME_STATES = {
    "ok": "",
    "partial": "warn",
    "refused": "error",
    "failed": "error",
    "crashed": "error",
    "aborted": "muted",
    "running": "strong",
}


def month(value: Any) -> str:
    """«2021-04» → «04.2021»."""
    return ".".join(reversed(text(value).split("-")))


def number(value: Any) -> str:
    """A number given at the export; nothing before it."""
    return str(value) if value else ""


def mode_mark(value: Any) -> str:
    return "тест" if value else "осн."


def decision(value: Any) -> str:
    return _DECISIONS.get(Decision(int(value or 0)), "")


def repeat(value: Any) -> str:
    return {"primary": "первичный", "repeat": "повторный"}.get(text(value), "")


def level(value: Any) -> str:
    """What came of a record of a loaded file."""
    return _PROBLEM_LEVELS.get(text(value), text(value))


def outcome(value: Any) -> str:
    return OUTCOMES.get(text(value), text(value))


def duration(value: Any) -> str:
    """Seconds as «00:00:05.000»; the journal keeps whole seconds, a criterion milliseconds."""
    if value is None:
        return ""
    seconds, rest = divmod(round(float(value) * 1000), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


_CASE = (
    Shown("nhistory", "№ карты", 14, text),
    Shown("policy", "Полис", 16, text),
    Shown("smo", "СМО", 5, text),
    Shown("doctor", "Врач", 16, text),
    Shown("department", "Отделение", 12, text),
)
CASES = (
    Shown("fio", "Пациент", 21, text),
    Shown("birth", "Рожд.", 8, short_day),
    Shown("kind", "Вид", 10, kind),
    Shown("date_in", "Начало", 8, short_day),
    Shown("date_out", "Конец", 8, short_day),
    Shown("ds", "МКБ", 6, text),
    Shown("sum", "Сумма", 11, money, ">"),
    Shown("state", "Сост.", 6, text),
    *_CASE,
)
ACCOUNTS = (
    Shown("number", "№", 5, number, ">"),
    Shown("fio", "Пациент", 20, text),
    Shown("birth", "Рожд.", 8, short_day),
    Shown("date_in", "Начало", 8, short_day),
    Shown("date_out", "Конец", 8, short_day),
    Shown("ds", "МКБ", 6, text),
    Shown("sum", "Сумма", 11, money, ">"),
    Shown("smo", "СМО", 5, text),
    Shown("stage1", "Ст. 1", 6, decision),
    Shown("stage2", "Ст. 2", 6, decision),
    Shown("work", "Работа", 9, text),
    Shown("repeat", "Подача", 9, repeat),
    Shown("kind", "Вид", 12, kind),
    *(column for column in _CASE if column.key != "smo"),
    Shown("xkey", "Ключ счёта", 36, text),
)
SKIPS = (
    Shown("fio", "Пациент", 18, text),
    Shown("date_out", "Конец", 8, short_day),
    Shown("sum", "Сумма", 11, money, ">"),
    Shown("reason", "Причина", 38, text),
    Shown("code", "Код", 9, text),
    Shown("service", "Услуга", 15, text),
    Shown("birth", "Рожд.", 8, short_day),
    Shown("kind", "Вид", 12, kind),
    Shown("date_in", "Начало", 8, short_day),
    Shown("ds", "МКБ", 6, text),
    *_CASE,
)
FINDINGS = (
    Shown("code", "Код", 7, text),
    Shown("fio", "Пациент", 18, text),
    Shown("date_out", "Конец", 8, short_day),
    Shown("sum", "Сумма", 11, money, ">"),
    Shown("message", "Замечание", 40, text),
    Shown("service", "Услуга", 15, text),
    Shown("number", "№ счёта", 7, number, ">"),
    Shown("birth", "Рожд.", 8, short_day),
    Shown("kind", "Вид", 12, kind),
    Shown("date_in", "Начало", 8, short_day),
    Shown("ds", "МКБ", 6, text),
    *_CASE,
)
REFUSALS = (
    Shown("code", "Код", 9, text),
    Shown("fio", "Пациент", 18, text),
    Shown("date_out", "Конец", 8, short_day),
    Shown("sum", "Сумма", 11, money, ">"),
    Shown("text", "Причина отказа", 28, text),
    Shown("work", "Работа", 9, text),
    Shown("stage", "Ст.", 3, text),
    Shown("smo", "СМО", 5, text),
    Shown("kind", "Вид отказа", 11, refusal_kind),
    Shown("number", "№ счёта", 7, text, ">"),
    Shown("comment", "Комментарий", 30, text),
    Shown("birth", "Рожд.", 8, short_day),
    Shown("policy", "Полис", 16, text),
    Shown("kind_of_care", "Вид", 12, kind),
    Shown("ds", "МКБ", 6, text),
    Shown("doctor", "Врач", 16, text),
    Shown("department", "Отделение", 12, text),
)
PROBLEMS = (
    Shown("level", "Что", 13, level),
    Shown("position", "Место", 18, text),
    Shown("reason", "Причина", 44, text),
    Shown("case_key", "Случай", 40, text),
    Shown("file", "Файл", 40, text),
)
REGISTRIES = (
    Shown("kind", "Вид деятельности", 24, kind),
    Shown("test", "Тип", 4, mode_mark),
    Shown("status", "Статус", 12, text),
    Shown("accounts", "Счетов", 6, text, ">"),
    Shown("sum", "Сумма", 13, money, ">"),
    Shown("reform", "Внимание", 12, text, flex=True),
    Shown("findings", "Замеч.", 7, text, ">"),
    Shown("over", "Сверх плана", 11, text, ">"),
    Shown("period", "Период", 7, month),
    Shown("formed", "Сформирован", 16, day),
    Shown("name", "Наименование", 20, text),
    Shown("departments", "Отделения", 16, lambda value: text(value).strip("[]").replace('"', "")),
    Shown("pay_type", "Оплата", 6, text),
    Shown("package", "Файл", 33, text),
)


def whole_dates(row: Mapping[str, Any]) -> str:
    """«01.12.2021 - 31.12.2021»."""
    return f"{day(row.get('begin'))} - {day(row.get('end'))}"


REGISTRIES_WHOLE = (
    Shown("name", "Наименование", 20, lambda value: text(value) or "(без имени)"),
    Shown("begin", "Начало", 8, short_day),
    Shown("end", "Конец", 8, short_day),
    Shown("status", "Статус", 18, text),
    Shown("accounts", "Случаев", 7, text, ">"),
    Shown("sum", "Сумма", 12, money, ">"),
    Shown("findings", "Замеч.", 7, text, ">"),
    Shown("over", "Сверх плана", 11, text, ">"),
    Shown("period", "Период", 7, month),
    Shown("reform", "Внимание", 20, text),
    Shown("formed", "Сформирован", 16, day),
    Shown("departments", "Отделения", 16, lambda value: text(value).strip("[]").replace('"', "")),
    Shown("pay_type", "Оплата", 6, text),
)
RUNS = (
    Shown("at", "Когда", 16, day),
    Shown("who", "Кто", 8, text),
    Shown("title", "Операция", 20, text, flex=True),
    Shown("outcome", "Итог", 9, outcome),
    Shown("seconds", "Длилась", 12, duration),
    Shown("period", "Период", 7, month),
    Shown("message", "Результат", 60, text),
)


def account_state(row: Mapping[str, Any]) -> str:
    """Refused red, paid green."""
    if Decision.REFUSED in (row.get("stage1"), row.get("stage2")):
        return "error"
    return "good" if row.get("stage2") == Decision.ACCEPTED else ""


def registry_state(row: Mapping[str, Any]) -> str:
    """«Нужно переформировать» stands out, restored ones step back."""
    if row.get("reform"):
        return "warn"
    status = row.get("status")
    if status == RegistryStatus.EXPORTED:
        return "good"
    return "muted" if status == RegistryStatus.RESTORED else ""


def problem_state(row: Mapping[str, Any]) -> str:
    return {"refused": "error", "conflict": "warn", "warning": "warn"}.get(text(row.get("level")), "")


def run_state(row: Mapping[str, Any]) -> str:
    return _OUTCOME_STATES.get(text(row.get("outcome")), "")


def case_state(row: Mapping[str, Any]) -> str:
    return "muted" if row.get("state") else ""
