"""Criteria 14: dentistry."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import BOOKS, Made, boundary, case, fires, passes, table, tap, visit

_BOOKS = {
    "services": [
        *BOOKS["services"],
        {"code": "B01.065.007", "name": "Первичный", "is_visit": 1, "is_dental": 1, "is_primary_dental": 1},
        {"code": "A16.07.001", "name": "Удаление", "is_dental": 1, "is_extraction": 1, "requires_tooth": 1},
        {"code": "A22.07.001", "name": "Курс", "is_dental": 1},
    ]
}
_D2 = {"doctor": "D2", "specialty": "69", "profile": "85", "ds": "K02.1"}


def _dental(*codes: str, date: str = "2023-03-10", tooth: str = "", **changes: Any) -> Made:
    """A visit to the dentist and these services of the same day."""
    services = [
        visit(date, code="B01.065.001", **_D2),
        *(visit(date, code=c, tooth=tooth, **_D2) for c in codes),
    ]
    return case("dental", date_in=date, date_out=date, services=services, **changes)


def _course(days: int, **changes: Any) -> Made:
    """An обращение of so many visits on different days."""
    dates = [f"2023-03-{10 + n}" for n in range(days)]
    services = [visit(d, code="B01.065.001", **_D2) for d in dates]
    return case("dental", purpose="3.0", pay_method="30", date_in=dates[0], date_out=dates[-1],
                services=services, **changes)  # fmt: skip


def _primary(date: str = "2023-03-10", **changes: Any) -> Made:
    """A first visit to the dentist."""
    services = [visit(date, code="B01.065.007", **_D2)]
    return case("dental", date_in=date, date_out=date, services=services, **changes)


ROWS = [
    passes("14.001", "зуб указан", _dental("A16.07.002", tooth="11")),
    fires("14.001", "зуба нет", _dental("A16.07.002")),
    boundary("14.001", "услуге зуб не нужен", _dental("A22.07.001")),
    passes("14.002", "постоянный", _dental("A16.07.002", tooth="48")),
    fires("14.002", "такого нет", _dental("A16.07.002", tooth="19")),
    boundary("14.002", "список, один неверен", _dental("A16.07.002", tooth="11, 49"), fires=True),
    boundary("14.002", "список верен", _dental("A16.07.002", tooth="11, 12")),
    passes("14.003", "постоянный у взрослого", _dental("A16.07.002", tooth="11")),
    fires("14.003", "молочный у взрослого", _dental("A16.07.002", tooth="54")),
    boundary("14.003", "молочный в 15", _dental("A16.07.002", tooth="54", patient={"birth_date": "2007-03-11"})),
    boundary("14.003", "молочный в 16", _dental("A16.07.002", tooth="54", patient={"birth_date": "2007-03-10"}),
             fires=True),
    boundary("14.003", "постоянный в 5", _dental("A16.07.002", tooth="46", patient={"birth_date": "2018-03-10"})),
    boundary("14.003", "постоянный в 4", _dental("A16.07.002", tooth="46", patient={"birth_date": "2018-03-11"}),
             fires=True),
    passes("14.004", "разовое", _dental()),
    fires("14.004", "обращение с одним", _course(1)),
    boundary("14.004", "два дня", _course(2)),
    boundary("14.004", "пародонтит без курса", _course(2, ds_main="K05.1")),
    passes("14.005", "одно", _dental()),
    fires("14.005", "два", case("dental", services=[visit("2023-03-10", code="B01.065.001", **_D2)] * 2)),
    boundary("14.005", "на другой день", case("dental", date_out="2023-03-11"), fires=True),
    boundary("14.005", "обращение", _course(2)),
    passes("14.006", "заболевание", _dental()),
    fires("14.006", "осмотр без Z01.2", _dental(purpose="2.6")),
    boundary("14.006", "осмотр с Z01.2", _dental(purpose="2.6", ds_main="Z01.2", ds_char="")),
    fires("14.006", "заболевание с Z01.2", _dental(ds_main="Z01.2", ds_char="")),
    passes("14.007", "один", _primary()),
    fires("14.007", "второй за год", _primary("2023-01-09", registry="sent"), _primary(of=0)),
    boundary("14.007", "в прошлом году", _primary("2022-12-31", registry=False), _primary(of=0)),
    boundary("14.007", "другой специалист", _primary("2023-01-09", registry="sent"),
             _primary(of=0, specialty="171")),
    passes("14.008", "стоматологическая", _dental("A16.07.002", tooth="11")),
    fires("14.008", "прочая у стоматолога", _dental("A09.05.023")),
    fires("14.008", "стоматологическая у терапевта", tap(services=[visit("2023-03-10"), visit(
        "2023-03-10", code="A22.07.001")])),
    boundary("14.008", "прочая без цены", case("dental", services=[
        visit("2023-03-10", code="B01.065.001", **_D2),
        visit("2023-03-10", code="A09.05.023", tariff=0, source_sum=0, **_D2)])),
    passes("14.009", "кариес", _dental()),
    fires("14.009", "ОРВИ", _dental(ds_main="J06.9")),
    boundary("14.009", "травма головы", _dental(ds_main="S00.0")),
    passes("14.010", "зуб на месте", _dental("A16.07.001", tooth="36", date="2023-01-09", registry="sent"),
           _dental("A16.07.002", tooth="37", of=0)),
    fires("14.010", "лечат удалённый", _dental("A16.07.001", tooth="36", date="2023-01-09", registry="sent"),
          _dental("A16.07.002", tooth="36", of=0)),
    boundary("14.010", "в тот же день", _dental("A16.07.001", tooth="36"), _dental("A16.07.002", tooth="36", of=0)),
    boundary("14.010", "молочный зуб", _dental("A16.07.001", tooth="75", date="2023-01-09", registry=False,
             patient={"birth_date": "2012-06-06"}), _dental("A16.07.002", tooth="75", of=0)),
]  # fmt: skip

test_rows = table(ROWS, _BOOKS)


def test_course_of_parodont_wants_five_visits(tmp_path: object) -> None:
    from pathlib import Path

    from tests.criteria.kit import run_rows, verify

    rows = [
        boundary("14.004", "четыре", _course(4, ds_main="K05.1", account={}), fires=True),
        boundary("14.004", "пять", _course(5, ds_main="K05.1")),
    ]
    for row in rows:
        row.cases[0].services.append(visit("2023-03-10", code="A22.07.001", **_D2))
    got = run_rows(Path(str(tmp_path)), rows, _BOOKS, {"course_services": "A22.07"})
    for row, codes in zip(rows, got, strict=True):
        verify(row, codes)


def _fillings(*dates: str) -> Made:
    """An обращение of fillings only, whose codes say nothing of visits."""
    services = [visit(date, code="A16.07.002", tooth="11", **_D2) for date in dates]
    days = {"date_in": dates[0], "date_out": dates[-1]}
    return case("dental", services=services, purpose="3.0", pay_method="30", **days)


test_without_book_of_services = table(
    [
        passes("14.004", "пломбы в два дня", _fillings("2023-03-09", "2023-03-10")),
        boundary("14.004", "пломбы в один день", _fillings("2023-03-10", "2023-03-10"), fires=True),
    ],
    books={"services": []},
)
