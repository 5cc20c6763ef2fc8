"""Golden table of manual B (product.md §5): status × operation, and the words of every refusal."""

from __future__ import annotations

import pytest

from omstui.domain.model import RegistryStatus as S
from omstui.domain.status import PANEL, TITLES, Facts, allowed

#: + allowed, ? allowed only with the fact, - refused; operations in the order of the columns
COLUMNS = [
    "form", "check", "ident-export", "ident-load", "ident-overdue", "flk-load", "payers", "bills-export",
    "mek-load", "delete-data", "report", "dental-xray", "merge-dental", "merge-outpatient", "ident-step",
    "common-dbf", "registry-delete", "merge-undo",
]  # fmt: skip
GOLDEN = {
    "Создан":                               "+ - - - - - - - + - + - - - - - + -",
    "Сформирован":                          "+ + + + + + + - + + + + + + + + - +",
    "Выгружен на идентификацию":            "+ + + + + + ? - + + + + + + + + - +",
    "Загружен результат идентификации":     "+ + + + + + + - + + + + + + + + - +",
    "Сформированы реестры на оплату в СМО": "+ + + + + + + + + + + + + + + + - +",
    "Выгружен счет на оплату в СМО":        "+ - - - - + - + + + + - - - - + - -",
}  # fmt: skip


def test_statuses_are_worded_as_the_manual_writes_them() -> None:
    added = (S.CREATED, S.FORMED, S.IDENT_SENT, S.IDENT_LOADED, S.PAYERS_FORMED, S.BILLED)
    assert [s.value for s in added] == list(GOLDEN)


def test_panel_has_every_operation_in_the_order_of_the_manual() -> None:
    assert [b.title for b in PANEL] == [
        "Переформировать", "Провести экспертизу", "Выгрузить на идентификацию",
        "Загрузить результат идентификации", "Выгрузить неидент. более месяца", "Загрузить ФЛК",
        "Сформировать реестры на оплату", "Выгрузить реестры на оплату", "Загрузить МЭК",
        "Удалить данные", "Отчеты ОМС", "Добавить услуги стомат. рентгена",
        "Объединить стомат. посещения в обращение", "Объединить амб. случаи",
        "Увеличить пакет идент. (+1)", "Уменьшить пакет идент. (−1)", "Доп. выгрузка общего ДБФ",
    ]  # fmt: skip
    assert {b.op for b in PANEL} <= set(COLUMNS) and set(TITLES) == set(COLUMNS)


@pytest.mark.parametrize("status", GOLDEN)
def test_operations_of_a_status(status: str) -> None:
    row = GOLDEN[status].split()
    for op, sign in zip(COLUMNS, row, strict=True):
        assert (allowed(status, op) is None) == (sign == "+"), (op, allowed(status, op))
        if sign == "?":
            assert allowed(status, op, Facts(ident_answered=True)) is None


@pytest.mark.parametrize("status", GOLDEN)
def test_mek_is_loaded_into_the_current_month_whatever_the_status(status: str) -> None:
    assert allowed(status, "mek-load") is None
    assert allowed(status, "mek-load", Facts(current_month="январь 2022")) == (
        "МЭК загружают в текущий период: январь 2022."
    )


def test_a_billed_registry_is_frozen_once_mek_came() -> None:
    facts = Facts(mek_loaded=True)
    for op in ("form", "delete-data"):
        words = allowed(S.BILLED, op, facts) or ""
        assert "уже загружен МЭК" in words and "следующий период" in words
    for op in ("bills-export", "flk-load", "common-dbf", "report", "mek-load"):
        assert allowed(S.BILLED, op, facts) is None, op


def test_a_stale_registry_is_not_billed() -> None:
    facts = Facts(reform_reason="изменены случаи: 2")
    for status in (S.PAYERS_FORMED, S.BILLED):
        assert allowed(status, "bills-export", facts) == ("Нужно переформировать реестр: изменены случаи: 2.")
    assert allowed(S.PAYERS_FORMED, "payers", facts) is None


def test_every_refusal_says_why() -> None:
    for status, row in GOLDEN.items():
        for op, sign in zip(COLUMNS, row.split(), strict=True):
            words = allowed(status, op)
            assert sign == "+" or (words and words[0].isupper() and words.endswith(".")), (status, op)
    assert allowed("Создан", "payers") == "Реестр ещё не сформирован: сначала «Переформировать»."
    assert allowed("Сформирован", "registry-delete") == (
        "Реестр — «Сформирован»: сначала «Удалить данные», удаляется только созданный."
    )
