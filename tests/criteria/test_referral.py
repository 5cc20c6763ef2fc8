"""Criteria 16: referrals."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import (
    Made,
    boundary,
    case,
    day_stay,
    fires,
    from_d_file,
    mksb,
    nsi,
    passes,
    table,
    tap,
    visit,
)


def urgent(**fields: Any) -> Made:
    """An urgent stay needs no referral."""
    return mksb(**{"help_form": "1", "ref_mo": "", "ref_date": ""} | fields)


def scan(**fields: Any) -> Made:
    """A study that needs a referral beside a visit that does not."""
    study = {"code": "A06.09.007", "date": "2023-03-10", "doctor": "D1", "specialty": "76", "profile": "97"}
    return tap(
        **{"services": [visit("2023-03-10"), study], "ref_mo": "760002", "ref_date": "2023-03-01"} | fields
    )


ROWS = [
    passes("16.001", "указана", mksb()),
    fires("16.001", "планово в стационар", mksb(ref_mo="", ref_date=""), also=["16.002"]),
    fires("16.001", "неотложно в дневной стационар", day_stay(help_form="2", ref_mo=""), also=["16.003"]),
    boundary("16.001", "неотложно в стационар", urgent(help_form="2")),
    passes("16.002", "указана", mksb()),
    fires("16.002", "даты нет", mksb(ref_date=""), also=["16.003"]),
    boundary("16.002", "экстренно", urgent()),
    passes("16.003", "ни того, ни другого", urgent()),
    fires("16.003", "есть только МО", urgent(ref_mo="760002")),
    fires("16.003", "есть только дата", tap(ref_date="2023-03-01")),
    boundary("16.003", "есть то и другое", tap(ref_mo="760002", ref_date="2023-03-01")),
    boundary("16.003", "из D-файла", from_d_file(ref_date="2023-03-01")),
    passes("16.004", "раньше лечения", mksb()),
    fires("16.004", "позже начала", mksb(ref_date="2023-03-11")),
    boundary("16.004", "в день начала", mksb(ref_date="2023-03-10")),
    passes("16.005", "после рождения", mksb()),
    fires("16.005", "до рождения", mksb(patient={"birth_date": "2023-03-05"}, ref_date="2023-03-04")),
    boundary("16.005", "в день рождения", mksb(patient={"birth_date": "2023-03-05"}, ref_date="2023-03-05")),
    passes("16.006", "девять дней", mksb()),
    fires("16.006", "полгода", mksb(ref_date="2022-09-10")),
    boundary("16.006", "60 дней", mksb(ref_date="2023-01-09")),
    boundary("16.006", "61 день", mksb(ref_date="2023-01-08"), fires=True),
    boundary("16.006", "ВРТ, 90 дней", mksb(ref_date="2022-12-10", profile="137")),
    boundary("16.006", "ВРТ, 91 день", mksb(ref_date="2022-12-09", profile="137"), fires=True),
    passes("16.007", "есть в F003", mksb()),
    passes("16.007", "есть в F032", mksb(ref_mo="760009")),
    fires("16.007", "нигде нет", mksb(ref_mo="990001")),
    boundary("16.007", "закрыта в день направления", mksb(ref_mo="760004")),
    boundary("16.007", "закрыта накануне", mksb(ref_mo="760005"), fires=True),
    passes("16.008", "направление есть", scan()),
    fires("16.008", "нет МО", scan(ref_mo=""), also=["16.003"]),
    fires("16.008", "нет ничего", scan(ref_mo="", ref_date="")),
    boundary("16.008", "нет даты", scan(ref_date=""), fires=True, also=["16.003"]),
    boundary("16.008", "услуге направление не нужно", case("paraclinic")),
]

BOOKS = {
    "F003": [
        *nsi("F003", "760001", "760002"),
        *nsi("F003", "760004", end_date="2023-03-01"),
        *nsi("F003", "760005", end_date="2023-02-28"),
    ],
    "F032": nsi("F032", "760009"),
    "services": [
        {"code": "B01.047.001", "name": "Приём", "is_visit": 1},
        {"code": "A06.09.007", "name": "КТ лёгких", "needs_referral": 1},
        {"code": "A09.05.023", "name": "Глюкоза"},
        *({"code": code, "name": code} for code in ("st01.001", "ds01.001")),
    ],
}

test_rows = table(ROWS, books=BOOKS)
