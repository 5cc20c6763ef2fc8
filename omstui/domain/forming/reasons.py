"""Reasons of forming (причины, по которым случай не попадает в реестр): the one table of codes and words.

Codes 90.xxx: a case that never was in the composition is skipped. Codes 91.xxx: a case of the previous
composition is excluded at re-forming. Only the first reason in ORDER is given to a case, so that the
lines of the log add up to the candidates.
"""

from __future__ import annotations

from omstui.domain.model import CaseType

#: code → words of the line; {…} is filled per case by the store
SKIPS: dict[str, str] = {
    "90.001": "Вид оплаты не соответствует виду оплаты периода",
    "90.002": "Случай в периоде ({начало}-{конец}) {наименование реестра}",
    "90.003": "Не заполнен основной диагноз в ТАП",
    "90.004": "Не указан врач в ТАП",
    "90.005": "Случаи диспансеризации не завершены (возможно, будет еще прием)",
    "90.006": "Случаи обращения по заболеванию не завершены (возможно, будет еще прием)",
    "90.007": ("Случаи обращения по заболеванию не завершены, услуг более 1 (необходимо закрыть ТАП)"),
    "90.008": "ВНИМАНИЕ! Случай обращения по заболеванию не завершен, услуг более 1",
    "90.009": "Случаи не завершены (необходимо закрыть ТАП)",
    "90.010": "ВНИМАНИЕ! тип - Посещение с профилактической целью - {код услуги}",
    "90.011": "Нет тарифа для услуг",
    "90.012": "{код} - {наименование услуги}",
    "90.013": "Амбулаторных случаев без услуг",
    "90.014": "Стационарных случаев без услуг",
    "90.015": "Случаев скорой помощи без услуг",
    "90.016": "Случаи стационара не завершены (необходимо закрыть МКСБ)",
    "90.017": "Карта вызова СМП не закрыта",
    "90.018": "Не заполнен основной диагноз в МКСБ",
    "90.019": "Не указан врач в МКСБ",
    "90.020": "Вид деятельности не входит в реестр",
    "90.021": "Отделение или специальность не входят в отбор реестра",
    "90.022": "Дата окончания лечения вне отчетного периода",
    "90.023": "Случай отклонён и не отмечен для включения в реестр",
    "90.024": "Случай уже оплачен",
    "91.008": "Случай снят секвестированием (сверх объёма)",
}

#: the first one that fits is the reason of the case (criteria.md §4); 90.012 concerns services only,
#: 90.020 and 90.021 are silent counters of the registry's own filter
ORDER: tuple[str, ...] = (
    "90.001",
    "90.002",
    "90.024",
    "90.023",
    "90.022",
    "91.008",  # cut from this month or a later one: it waits for the next
    "90.003",
    "90.018",
    "90.004",
    "90.019",
    "90.005",
    "90.007",
    "90.008",
    "90.006",
    "90.013",  # only here for an open обращение: without any service it is a case without services
    "90.009",
    "90.016",
    "90.017",
    "90.014",
    "90.015",
    "90.010",
    "90.011",
)

#: lines printed as counts of their own, not in the block of reasons
NO_SERVICES: dict[str, str] = {
    CaseType.TAP: "90.013",
    CaseType.MKSB: "90.014",
    CaseType.SMP: "90.015",
}

EXCLUSIONS: dict[str, str] = {
    "91.001": "случай обращения по заболеванию не завершен",
    "91.002": "случай диспансеризации не завершен",
    "91.003": "изменён вид оплаты случая",
    "91.004": "дата окончания лечения вышла за отчётный период",
    "91.005": "случай удалён или объединён с другим случаем",
    "91.006": "услуга больше не имеет действующего тарифа",
    "91.008": "случай снят секвестированием (сверх объёма)",
}

#: why a case of the previous composition is gone when no 91.xxx says it
GONE: dict[str, str] = {
    "90.013": "случай остался без услуг",
    "90.014": "случай остался без услуг",
    "90.015": "случай остался без услуг",
    "90.020": "изменён вид деятельности случая",
    "90.023": "возврат в реестр по F8 отменён",
    "90.021": "отделение не входит в отбор реестра",
}

#: 90.011 of a service whose case is formed without it
SOME_SERVICES = "Нет тарифа для части услуг"

#: rows of form_skip that are no reasons: cases of earlier months the log only counts
LATE = "late"
LATE_OPEN = "late-open"
COUNTED: dict[str, str] = {
    LATE: "Опоздавший случай прошлого месяца",
    LATE_OPEN: "Незакрытый случай прошлого месяца",
}


def exclusion_text(code: str, skip_text: str = "") -> str:
    """Words of the line «Амбулаторные услуги - N на сумму S - …» for an excluded case."""
    if code in EXCLUSIONS:
        return EXCLUSIONS[code]
    if code in GONE:
        return GONE[code]
    text = skip_text or SKIPS.get(code, code)
    return text[:1].lower() + text[1:]
