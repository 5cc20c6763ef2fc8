"""Statuses of a registry × operations of manual B (product.md §5): what is allowed, and why not. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from omstui.domain.model import RegistryStatus as S


@dataclass(frozen=True, slots=True)
class Facts:
    """What the table asks about a registry besides its status."""

    #: an answer of identification was ever loaded for it
    ident_answered: bool = False
    #: МЭК was loaded for bills of it
    mek_loaded: bool = False
    #: title of the month being worked on when the registry is not of that month, «» when it is
    current_month: str = ""
    #: not empty = «нужно переформировать»
    reform_reason: str = ""


@dataclass(frozen=True, slots=True)
class Button:
    """An entry of the panel of operations; ``params`` are added to those of the registry."""

    op: str
    title: str
    params: Mapping[str, object] = field(default_factory=dict)


#: the panel of operations in the order and words of manual B
PANEL: tuple[Button, ...] = (
    Button("form", "Переформировать"),
    Button("check", "Провести экспертизу"),
    Button("ident-export", "Выгрузить на идентификацию"),
    Button("ident-load", "Загрузить результат идентификации"),
    Button("ident-overdue", "Выгрузить неидент. более месяца"),
    Button("flk-load", "Загрузить ФЛК"),
    Button("payers", "Сформировать реестры на оплату"),
    Button("bills-export", "Выгрузить реестры на оплату"),
    Button("mek-load", "Загрузить МЭК"),
    Button("delete-data", "Удалить данные"),
    Button("report", "Отчеты ОМС"),
    Button("dental-xray", "Добавить услуги стомат. рентгена"),
    Button("merge-dental", "Объединить стомат. посещения в обращение"),
    Button("merge-outpatient", "Объединить амб. случаи"),
    Button("ident-step", "Увеличить пакет идент. (+1)", {"step": 1}),
    Button("ident-step", "Уменьшить пакет идент. (−1)", {"step": -1}),
    Button("common-dbf", "Доп. выгрузка общего ДБФ"),
)
#: operations the table governs that are not on the panel
_BESIDE = {"registry-delete": "Удалить реестр", "merge-undo": "Отменить объединение"}
TITLES: dict[str, str] = {b.op: b.title for b in reversed(PANEL)} | _BESIDE

_FORMED = frozenset(
    {
        *("form", "check", "ident-export", "ident-load", "ident-overdue", "flk-load", "payers"),
        *("delete-data", "ident-step", "dental-xray", "merge-dental", "merge-outpatient"),
        *("merge-undo", "common-dbf", "report"),
    }
)
TABLE: dict[S, frozenset[str]] = {
    S.CREATED: frozenset({"form", "registry-delete"}),
    S.FORMED: _FORMED,
    S.IDENT_SENT: _FORMED,
    S.IDENT_LOADED: _FORMED,
    S.PAYERS_FORMED: _FORMED | {"bills-export"},
    S.BILLED: frozenset({"bills-export", "flk-load", "report", "common-dbf", "form", "delete-data"}),
}
#: allowed in any status, in the current month
_CURRENT = frozenset({"mek-load", "report"})
#: operations of these lose what was sent: only until МЭК came
_UNTIL_MEK = frozenset({"form", "delete-data"})


def allowed(status: str, op: str, facts: Facts = Facts()) -> str | None:
    """None when the registry may take the operation, else why not and what to do (Russian sentence)."""
    if op in _CURRENT and not facts.current_month:
        return None
    if op not in TABLE.get(S(status), frozenset()):
        return _refusal(S(status), op, facts)
    if op == "payers" and status == S.IDENT_SENT and not facts.ident_answered:
        return "Ответ на идентификацию ещё не загружен: загрузите результат или переформируйте реестр."
    if status == S.BILLED and op in _UNTIL_MEK and facts.mek_loaded:
        return "По счетам реестра уже загружен МЭК: исправленные случаи войдут в следующий период."
    if op == "bills-export" and facts.reform_reason:
        return f"Нужно переформировать реестр: {facts.reform_reason}."
    return None


def _refusal(status: S, op: str, facts: Facts) -> str:
    if op == "mek-load":
        return f"МЭК загружают в текущий период: {facts.current_month}."
    if status == S.CREATED:
        return "Реестр ещё не сформирован: сначала «Переформировать»."
    if op == "registry-delete":
        return f"Реестр — «{status}»: сначала «Удалить данные», удаляется только созданный."
    if op == "bills-export":
        return "Реестров на оплату нет: сначала «Сформировать реестры на оплату»."
    if status == S.BILLED:
        return "Счет уже выгружен на оплату в СМО: операция доступна только до выгрузки."
    return f"В статусе «{status}» операция недоступна."
