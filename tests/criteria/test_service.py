"""Criteria 08: services."""

from __future__ import annotations

from tests.criteria.kit import BOOKS, boundary, case, day_stay, fires, mksb, passes, smp, table, tap, visit

#: a service with limits of each sort beside the books of the kit
_SERVICES = [
    *BOOKS["services"],
    {"code": "A01.30.001", "name": "Возраст 18-60", "age_min": 18, "age_max": 60},
    {"code": "A01.20.001", "name": "Для женщин", "sex": "2"},
    {"code": "A01.20.002", "name": "Для мужчин", "sex": "1"},
    {"code": "A25.30.001", "name": "Стационарная", "usl_ok": "1, 2"},
    {"code": "A09.05.100", "name": "Не более двух", "max_qty": 2},
    {"code": "A09.05.101", "name": "Одна в день", "max_qty_day": 1},
    {"code": "B99.000.001", "name": "Законченный случай", "is_closed_case": 1},
    {"code": "B99.000.002", "name": "Законченный случай 2", "is_closed_case": 1},
    {"code": "A09.05.900", "name": "Бывшая", "end_date": "2023-03-09"},
    {"code": "A09.05.901", "name": "Действует последний день", "end_date": "2023-03-10"},
]
_LISTS = {
    "services": _SERVICES,
    "service_specialty": [
        {"code": "A06.09.007", "specialty": "60"},
        {"code": "A06.09.007", "specialty": "76"},
        {"code": "A01.20.002", "specialty": "60"},
    ],
    "mo_service": [
        {"mask": "A"},
        {"mask": "B0"},
        {"mask": "B99.000.001"},
        {"mask": "B99.000.002", "begin_date": "2023-03-11"},
        {"mask": "00"},
    ],
}


def _with(code: str, **changes: object) -> dict:
    return visit("2023-03-10", code=code, **changes)


ROWS = [
    passes("08.001", "в день приёма", tap()),
    fires("08.001", "после окончания", tap(service={"date": "2023-03-11"})),
    fires("08.001", "до начала", tap(service={"date": "2023-03-09"})),
    boundary("08.001", "в первый и последний день", mksb(service={"date": "2023-03-10", "date_out": "2023-03-20"})),
    boundary("08.001", "диспансеризация: раньше начала можно", case("dispensary", service={"date": "2023-03-01"})),
    fires("08.001", "диспансеризация: позже нельзя", case("dispensary", service={"date": "2023-03-11"})),
    passes("08.002", "в один день", tap()),
    fires("08.002", "окончание раньше", mksb(service={"date": "2023-03-12", "date_out": "2023-03-11"})),
    boundary("08.002", "в один день в стационаре", mksb(service={"date": "2023-03-11", "date_out": "2023-03-11"})),
    passes("08.003", "одна", tap()),
    fires("08.003", "ноль", tap(service={"quantity": 0})),
    boundary("08.003", "сотая часть", tap(service={"quantity": 1})),
    passes("08.004", "есть в справочнике", tap()),
    fires("08.004", "нет в справочнике", tap(service={"code": "B01.999.999"})),
    fires("08.004", "русская буква", tap(service={"code": "В01.047.001"}), also=("08.017",)),
    fires("08.004", "закрыта накануне", tap(services=[visit("2023-03-10"), _with("A09.05.900")])),
    boundary("08.004", "закрыта в этот день", tap(services=[visit("2023-03-10"), _with("A09.05.901")])),
    boundary("08.004", "КСГ вместо услуги", mksb(ksg="st99.001", service={"code": "st99.001"})),
    passes("08.005", "врач указан", tap()),
    fires("08.005", "врача нет", tap(service={"doctor": ""})),
    boundary("08.005", "услуге врач не нужен", mksb(service={"doctor": ""})),
    passes("08.006", "терапевт взрослому", tap()),
    fires("08.006", "акушер мужчине", tap(service={"specialty": "2"})),
    fires("08.006", "терапевт ребёнку", case("minors", service={"specialty": "76"})),
    boundary("08.006", "акушер женщине", tap(service={"specialty": "2"}, patient={"sex": "2"})),
    boundary("08.006", "скорая не проверяется", smp(service={"specialty": "2"})),
    passes("08.007", "специальность подходит", tap(services=[visit("2023-03-10"), _with("A06.09.007")])),
    fires("08.007", "не та", tap(services=[visit("2023-03-10"), _with("A06.09.007", specialty="25")])),
    boundary("08.007", "услуги в книге нет", tap(service={"specialty": "25"}, patient={"birth_date": "1950-01-01"})),
    passes("08.008", "в возрасте", tap(services=[visit("2023-03-10"), _with("A01.30.001")])),
    fires("08.008", "61 год", tap(services=[visit("2023-03-10"), _with("A01.30.001")],
                                  patient={"birth_date": "1962-03-10"})),
    boundary("08.008", "последний день 60 лет", tap(services=[visit("2023-03-10"), _with("A01.30.001")],
                                                    patient={"birth_date": "1962-03-11"})),
    boundary("08.008", "18 в этот день", tap(services=[visit("2023-03-10"), _with("A01.30.001")],
                                             patient={"birth_date": "2005-03-10"})),
    passes("08.009", "пол не ограничен", tap()),
    fires("08.009", "женская мужчине", tap(services=[visit("2023-03-10"), _with("A01.20.001")])),
    boundary("08.009", "женская женщине",
             tap(services=[visit("2023-03-10"), _with("A01.20.001")], patient={"sex": "2"})),
    passes("08.010", "приём амбулаторно", tap()),
    fires("08.010", "стационарная амбулаторно", tap(services=[visit("2023-03-10"), _with("A25.30.001")])),
    boundary("08.010", "вторая из списка", day_stay(service={"code": "A25.30.001"})),
    passes("08.011", "разовое с одним", tap()),
    fires("08.011", "обращение с одним", tap(purpose="3.0", pay_method="30")),
    boundary("08.011", "два дня", tap(purpose="3.0", pay_method="30", days=("2023-03-02", "2023-03-09"),
                                      services=[visit("2023-03-02"), visit("2023-03-09")])),
    boundary("08.011", "два врача в один день", tap(purpose="3.0", pay_method="30",
             services=[visit("2023-03-10"), visit("2023-03-10", doctor="D2")])),
    boundary("08.011", "один врач дважды в день", tap(purpose="3.0", pay_method="30",
             services=[visit("2023-03-10"), visit("2023-03-10")]), fires=True),
    boundary("08.011", "стоматология проверяется отдельно", case("dental", purpose="3.0", pay_method="30")),
    passes("08.012", "одно", tap()),
    fires("08.012", "два", tap(services=[visit("2023-03-10"), visit("2023-03-10", doctor="D2")])),
    boundary("08.012", "количество 2 в одной строке", tap(service={"quantity": 200}), fires=True),
    boundary("08.012", "обращение", tap(purpose="3.0", pay_method="30", days=("2023-03-02", "2023-03-09"),
                                        services=[visit("2023-03-02"), visit("2023-03-09")])),
    passes("08.013", "диагноз есть", tap()),
    fires("08.013", "диагноза нет", tap(service={"ds": "J99.9"}), also=("08.014",)),
    boundary("08.013", "пустой", tap(service={"ds": ""})),
    passes("08.014", "совпадает", tap()),
    fires("08.014", "другой", tap(service={"ds": "J06"})),
    boundary("08.014", "хотя бы один", tap(services=[visit("2023-03-10", ds="I10"),
                                                     _with("A09.05.023", ds="J06.9")])),
    passes("08.015", "одна", tap(services=[visit("2023-03-10"), _with("A09.05.100")])),
    fires("08.015", "три", tap(services=[visit("2023-03-10"), _with("A09.05.100", quantity=300)])),
    boundary("08.015", "две", tap(services=[visit("2023-03-10"), _with("A09.05.100", quantity=200)])),
    boundary("08.015", "1 и 1.01", tap(services=[visit("2023-03-10"), _with("A09.05.100"),
                                                 _with("A09.05.100", quantity=101)]), fires=True),
    fires("08.015", "две за день", mksb(services=[_with("A09.05.101"), _with("A09.05.101")])),
    boundary("08.015", "в разные дни", mksb(services=[_with("A09.05.101"),
                                                      visit("2023-03-11", code="A09.05.101")])),
    passes("08.016", "один", tap(service={"code": "B99.000.001"})),
    fires("08.016", "два", tap(services=[_with("B99.000.001"), _with("B99.000.002")]),
          also=("08.017",)),
    boundary("08.016", "два одинаковых", tap(services=[_with("B99.000.001"), _with("B99.000.001")]), fires=True),
    passes("08.017", "по маске", tap()),
    fires("08.017", "с завтрашнего дня", tap(service={"code": "B99.000.002"})),
    boundary("08.017", "с этого дня", tap(service={"code": "B99.000.002", "date": "2023-03-11"},
                                          date_in="2023-03-11", date_out="2023-03-11")),
    boundary("08.017", "КСГ не услуга", mksb()),
]  # fmt: skip

test_rows = table(ROWS, _LISTS)

#: a list of one year says nothing of another
YEARS = [
    fires("08.017", "в году перечня", tap(days=("2023-01-10", "2023-01-10"))),
    boundary("08.017", "год до перечня", tap(days=("2022-12-31", "2022-12-31"))),
    boundary("08.017", "год после перечня", tap(days=("2024-01-01", "2024-01-01"))),
]

test_years = table(
    YEARS, {"mo_service": [{"mask": "A09", "begin_date": "2023-02-01", "end_date": "2023-12-31"}]}
)
