"""Criteria 09: tariffs, КСГ and МЭС."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.criteria.kit import (
    PRICE,
    Made,
    boundary,
    case,
    day_stay,
    fires,
    mksb,
    passes,
    run_rows,
    table,
    tap,
    verify,
    visit,
)

#: base 20000.00 × 1.00 × 1.29 = 25800.00; a share of 0.5 is paid for a stay cut short
_FULL, _HALF = 2580000, 1290000
_BOOKS = {
    "tariff": [
        {"code": "B01.047.001", "price": 15000, "end_date": "2023-02-28"},
        {"code": "B01.047.001", "price": PRICE, "begin_date": "2023-03-01"},
        {"code": "B04.031.002", "price": PRICE, "child": "1"},
        {"code": "B04.031.002", "price": 70000, "child": "0"},
        {"code": "A09.05.023", "price": 10000, "begin_date": "2023-01-01"},
        {"code": "A09.05.023", "price": 12000, "begin_date": "2023-03-10"},
        {"code": "A16.07.002", "price": 90000},
    ],
    "mes": [
        {
            "code": "st01.001",
            "usl_ok": "1",
            "min_days": 5,
            "max_days": 12,
            "coef_z": 12900,
            "short_share": 5000,
        },
        {"code": "st01.002", "usl_ok": "1", "coef_z": 12900, "short_share": 5000, "is_short": 1},
    ],
    "mes_rule": [
        {"mes": "ds01.001", "ds": "I11"},
        {"mes": "ds01.001", "ds": "", "code": "A16.07.002"},
        {"mes": "ds01.002", "ds": "I10", "age_max": 17},
        {"mes": "ds01.002", "ds": "", "criterion": "sh0001"},
    ],
    "rates": [{"usl_ok": "1", "base": 2000000, "end_date": "2023-03-20"}],
}


def _ksg(total: int = _FULL, **changes: Any) -> Made:
    """A stay paid by КСГ with this sum."""
    return mksb(source_sum=total, **changes)


def _lab(date: str, price: int) -> dict[str, Any]:
    return visit(date, code="A09.05.023", tariff=price)


def _parts(extra: int) -> Made:
    """A transfer inside the organisation: two SL, each with its КСГ, and so many more in the first."""
    codes = [(1, "st01.001"), *[(1, "st01.002")] * extra, (2, "st01.002")]
    services = [visit("2023-03-10", code=code, part=part) for part, code in codes]
    parts = json.dumps({"fed": {"parts": [{"KSG_KPG": {"N_KSG": "st01.001"}}]}})
    return _ksg(4000000, ksg="st01.002", services=services, extra=parts)


_CRIT = json.dumps({"fed": {"sl": {"KSG_KPG": {"CRIT": ["sh0001"]}}}})

ROWS = [
    passes("09.001", "цена справочника", tap()),
    fires("09.001", "другая цена", tap(service={"tariff": 14000})),
    boundary("09.001", "на копейку", tap(service={"tariff": PRICE + 1}), fires=True),
    boundary("09.001", "кода в книге нет", case("dental", service={"tariff": 1})),
    boundary("09.001", "детская цена в 17 лет", case("minors", patient={"birth_date": "2005-03-11"})),
    boundary("09.001", "детская цена в 18 лет", case("minors", patient={"birth_date": "2005-03-10"}), fires=True),
    boundary("09.001", "операция с нулём", tap(services=[visit("2023-03-10"), visit(
        "2023-03-10", code="A16.07.002", tariff=0, tooth="11")])),
    passes("09.002", "один тариф", tap()),
    fires("09.002", "два тарифа", tap(services=[visit("2023-03-10"), _lab("2023-03-10", 12000)])),
    boundary("09.002", "накануне второго", tap(days=("2023-03-09", "2023-03-09"),
             services=[visit("2023-03-09"), _lab("2023-03-09", 10000)])),
    passes("09.003", "КСГ указана", _ksg()),
    fires("09.003", "КСГ нет", _ksg(ksg="")),
    boundary("09.003", "другой способ оплаты", _ksg(ksg="", pay_method="32")),
    passes("09.004", "оплата по КСГ", _ksg()),
    fires("09.004", "КСГ у посещения", tap(ksg="st01.001")),
    boundary("09.004", "ВМП без КСГ", _ksg(ksg="", pay_method="32")),
    passes("09.005", "есть в V023", _ksg()),
    fires("09.005", "нет в V023", _ksg(ksg="st99.999", service={"code": "st99.999"})),
    fires("09.005", "КСГ дневного в стационаре", mksb(ksg="ds01.001", service={"code": "ds01.001"})),
    boundary("09.005", "КСГ не указана", _ksg(ksg="", pay_method="32")),
    passes("09.006", "диагноз по маске", day_stay()),
    fires("09.006", "диагноз не тот", day_stay(ds_main="I10")),
    boundary("09.006", "подходит операция", day_stay(ds_main="I10", services=[visit(
        "2023-03-10", code="A16.07.002", tariff=90000, tooth="11")])),
    boundary("09.006", "подходит критерий", day_stay(ksg="ds01.002", service={"code": "ds01.002"}, extra=_CRIT)),
    boundary("09.006", "возраст вне границ", day_stay(ksg="ds01.002", service={"code": "ds01.002"}, ds_main="I10"), fires=True),
    boundary("09.006", "книга этой КСГ не знает", _ksg(ds_main="I10")),
    passes("09.007", "одна КСГ", _ksg()),
    fires("09.007", "КСГ случая и услуги разные", _ksg(service={"code": "st01.002"})),
    boundary("09.007", "код региона той же КСГ", _ksg(service={"code": "st01.001.k12"})),
    boundary("09.007", "у каждого SL своя КСГ", _parts(0)),
    boundary("09.007", "две КСГ в одном SL", _parts(1), fires=True),
    boundary("09.007", "перевод", _ksg(_HALF, service={"code": "st01.002"}, result="104", outcome="103")),
    passes("09.008", "в границах", _ksg()),
    fires("09.008", "дольше", _ksg(bed_days="13")),
    boundary("09.008", "верхняя граница", _ksg(bed_days="12")),
    boundary("09.008", "нижняя граница", _ksg(bed_days="5")),
    boundary("09.008", "короче", _ksg(bed_days="4"), fires=True),
    passes("09.009", "полный срок", _ksg()),
    fires("09.009", "прерван, полная цена", _ksg(result="105", outcome="104"), also=("09.010",)),
    fires("09.009", "три дня, полная цена", _ksg(days=("2023-03-10", "2023-03-13")), also=("09.010", "09.008")),
    boundary("09.009", "четыре дня", _ksg(days=("2023-03-10", "2023-03-14")), also=("09.008",), on=(0,)),
    boundary("09.009", "короткая КСГ", _ksg(ksg="st01.002", service={"code": "st01.002"},
                                            days=("2023-03-10", "2023-03-13"))),
    boundary("09.009", "прерван, половина", _ksg(_HALF, result="105", outcome="104")),
    passes("09.010", "по формуле", _ksg()),
    fires("09.010", "не по формуле", _ksg(_FULL - 100)),
    boundary("09.010", "на копейку можно", _ksg(_FULL + 1)),
    boundary("09.010", "на две копейки нельзя", _ksg(_FULL + 2), fires=True),
    boundary("09.010", "ставки на дату нет", _ksg(1, days=("2023-03-11", "2023-03-21"))),
    boundary("09.010", "два SL одной ценой не проверить", _parts(0)),
    boundary("09.010", "с КСЛП 1.2", _ksg(_FULL * 12 // 10, extra=json.dumps(
        {"fed": {"sl": {"KSG_KPG": {"IT_SL": "1.2"}}}}))),
]  # fmt: skip

test_rows = table(ROWS, _BOOKS)


def test_example_20_tariff_that_is_not_of_the_book(tmp_path: Path) -> None:
    """150.00 in the book, quantity 2: 150.00 passes, 140.00 is 09.001, a wrong sum 19.002."""
    book = {"tariff": [{"code": "A09.05.023", "price": 15000}]}
    rows = [
        passes("09.001", "пример 20: 300.00", _priced(15000, 30000)),
        fires("09.001", "пример 20: 140.00", _priced(14000, 28000)),
        fires("19.002", "пример 20: 280.00", _priced(15000, 28000)),
    ]
    for row, codes in zip(rows, run_rows(tmp_path, rows, book), strict=True):
        verify(row, codes, whole=True)


def _priced(tariff: int, total: int) -> Made:
    return case("paraclinic", service={"quantity": 200, "tariff": tariff, "source_sum": total})
