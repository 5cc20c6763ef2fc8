"""M01–M13 by a table: what passes, what fires, what stands on the boundary. One month holds every row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from omstui.domain.mes import CHECKS
from omstui.domain.store import db
from tests.domain.formkit import case, insert
from tests.domain.meskit import KSG, PRICE, books, form, ksg_case, patient, run, visit
from tests.support import make_services

PASSES, FIRES, EDGE = "passes", "fires", "boundary"


@dataclass(frozen=True)
class Row:
    """``make`` adds a case and returns it; ``found`` = expected, in the account, kopecks of each finding."""

    code: str
    what: str
    title: str
    make: Callable[[], int]
    found: tuple[tuple[str, str, int], ...] = ()


def the_books() -> None:
    """What the rows need beside the common books."""
    books()
    for code, more in {
        "st05.001": {"sex": "2", "age_min": 18, "age_max": 60, "min_days": 5, "max_days": 20},
        "st06.001": {}, "st07.001": {}, "st08.001": {},
        "st09.001": {"end_date": "2021-04-10"},
    }.items():  # fmt: skip
        insert("mes", code=code, name=code, usl_ok="1", coef_z=12900, coef_up=10000, **more)
    for mes, ds, code, crit, must in (
        ("st06.001", "J18", "", "", 0),
        ("st06.001", "J18", "A16.09.001", "", 1),
        ("st07.001", "", "A16.07.001", "", 0),
        ("st07.001", "", "A16.07.002", "", 0),
        ("st08.001", "", "", "sh0001", 1),
    ):
        insert("mes_rule", mes=mes, ds=ds, code=code, criterion=crit, mandatory=must)
    db.execute(
        "INSERT OR REPLACE INTO nsi(book, code, begin_date, end_date, name, a1, a2)"
        " VALUES('V023', 'st98.001', '2021-01-01', '', 'КСГ', '1', '1.5'),"
        " ('MKB10_SEX', 'C51', '', '', '', 'C58', '2')"
    )
    insert("service_specialty", code="A11.12.003", specialty="76")
    insert("profile_specialty", profile="97", specialty="76")
    insert("profile_specialty", profile="*", specialty="88")
    insert("kslp", code="3", value=10500, limited=1)
    insert("kslp", code="9", value=10000, limited=0)
    insert("mes_nested", outer_mes="st23.004", inner_mes="st08.001")


def of_ksg(code: str, **values: Any) -> Callable[[], int]:
    kg = {**values.pop("kg", {}), "N_KSG": code}
    return lambda: ksg_case(kg=kg, **values)


def one_visit(**values: Any) -> Callable[[], int]:
    return lambda: visit(**values)


def days(begin: str, end: str) -> dict[str, str]:
    return {"date_in": begin, "date_out": end}


def of_age(birth: str) -> Callable[[], int]:
    """A КСГ with limits of age, of one born on that day."""
    return lambda: ksg_case(kg={"N_KSG": "st05.001"}, who=patient(birth_date=birth))


def priced(quantity: int, tariff: int, total: int) -> Callable[[], int]:
    """A visit of this quantity (hundredths), tariff and sum."""
    service = {"quantity": quantity, "tariff": tariff, "source_sum": total}
    return one_visit(service=service, source_sum=total)


def of_person(**values: Any) -> Callable[[], int]:
    return lambda: visit(patient(**values))


def in_hospital(day: str, **values: Any) -> Callable[[], int]:
    """A visit on that day of one who lay from 01.04 to 10.04."""

    def make() -> int:
        who = patient()
        ksg_case(who=who)
        return visit(who, day=day, **values)

    return make


def two_stays(begin: str, end: str, first: dict[str, Any] | None = None, **second: Any) -> Callable[[], int]:
    """The later of two stays; the first one is of 01.04 – 10.04."""

    def make() -> int:
        who = patient()
        ksg_case(who=who, **(first or {}))
        return ksg_case(who=who, date_in=begin, day=end, **second)

    return make


def day_hospital(begin: str, end: str) -> Callable[[], int]:
    def make() -> int:
        who = patient()
        ksg_case(who=who)
        return case("dayhospital", [("A05.10.006", 5000)], day=end, date_in=begin, patient_id=who)

    return make


def twice(code: str, **second: Any) -> Callable[[], int]:
    """A case with a service that stands in it two times on one day."""

    def make() -> int:
        made = visit(code=code)
        fields = {"date_in": "2021-04-10", "date_out": "2021-04-10", "doctor": "", **second}
        insert("service", case_id=made, n=2, code=code, tariff=10000, source_sum=10000, **fields)
        db.execute("UPDATE cases SET source_sum=20000 WHERE id=?", (made,))
        return made

    return make


def again(code: str, day: str = "2021-04-10", price: int = 10000) -> Callable[[], int]:
    """The later of two cases with one service."""

    def make() -> int:
        who = patient()
        visit(who, code=code, price=price)
        return visit(who, code=code, day=day, price=price)

    return make


def other_card(**values: Any) -> Callable[[], int]:
    """A visit inside a stay written on another card of the same person."""

    def make() -> int:
        first = patient(policy={"enp": values.get("enp", "7600000000000001")}, **values["one"])
        ksg_case(who=first)
        policy = {"enp": values.get("second", values.get("enp", "7600000000000001"))}
        return visit(patient(policy=policy, **values["two"]), day="2021-04-05")

    return make


SUMS = {"kg": {"IT_SL": "1.05", "SL_KOEF": [{"IDSL": "3", "Z_SL": "1.05"}], "SL_K": "1"}}
OLD = {"birth_date": "1940-01-01"}
NO_MES = ("", "st99.001", 0)
TWO_SL = [
    {"KSG_KPG": {**KSG, "N_KSG": "st08.001", "CRIT": ["sh0001"]}, "DS1": "I10", "KD": "4",
     "DATE_1": "2021-04-01", "DATE_2": "2021-04-05"}
]  # fmt: skip


def two_parts(first: int, second: int) -> Callable[[], int]:
    """A case of two SL with a КСГ each."""

    def make() -> int:
        made = ksg_case(second, parts=TWO_SL, sl={"DATE_1": "2021-04-05"})
        insert(
            "service", case_id=made, n=2, part=1, code="st08.001", date_in="2021-04-01", quantity=100,
            date_out="2021-04-05", tariff=first, source_sum=first,
        )  # fmt: skip
        db.execute("UPDATE cases SET source_sum=source_sum+? WHERE id=?", (first, made))
        return made

    return make


TABLE: tuple[Row, ...] = (
    Row("M01", PASSES, "КСГ есть в книге", of_ksg("st23.004")),
    Row("M01", PASSES, "КСГ есть только в V023", of_ksg("st98.001")),
    Row("M01", FIRES, "КСГ нет нигде", of_ksg("st99.001"), (NO_MES,)),
    Row("M01", FIRES, "КСГ не этих условий", of_ksg("ds13.001"), (("", "ds13.001", 0),)),
    Row("M01", FIRES, "оплата по КСГ без КСГ", one_visit(pay_method="33"), (("КСГ", "", 0),)),
    Row("M01", EDGE, "последний день действия", of_ksg("st09.001")),
    Row("M01", EDGE, "день после него", of_ksg("st09.001", day="2021-04-11"), (("", "st09.001", 0),)),
    Row("M02", PASSES, "диагноз из перечня", of_ksg("st06.001", ds_main="J18.0", ops=("A16.09.001",))),
    Row("M02", PASSES, "любой диагноз при операции", of_ksg("st07.001", ds_main="I10", ops=("A16.07.001",))),
    Row("M02", FIRES, "диагноз не из перечня", of_ksg("st06.001", ds_main="J15.0"), (("J18", "J15.0", 0),)),
    Row("M02", EDGE, "рубрика ровно", of_ksg("st06.001", ds_main="J18", ops=("A16.09.001",))),
    Row("M03", PASSES, "обязательная есть", of_ksg("st06.001", ds_main="J18.0", ops=("A16.09.001",))),
    Row("M03", PASSES, "одна из перечня", of_ksg("st07.001", ops=("A16.07.002",))),
    Row("M03", PASSES, "критерий есть", of_ksg("st08.001", kg={"CRIT": ["sh0001"]})),
    Row("M03", FIRES, "обязательной нет", of_ksg("st06.001", ds_main="J18.0"),
        (("услуга A16.09.001", "", 0),)),
    Row("M03", FIRES, "ни одной из перечня", of_ksg("st07.001"),
        (("услуга A16.07.001, услуга A16.07.002", "", 0),)),
    Row("M03", FIRES, "критерия нет", of_ksg("st08.001", kg={"CRIT": ["sh9001"]}),
        (("критерий sh0001", "", 0),)),
    Row("M03", EDGE, "другой диагноз: не обязательна", of_ksg("st06.001", ds_main="J15.0")),
    Row("M04", PASSES, "женщина 50 лет", of_ksg("st05.001")),
    Row("M04", FIRES, "мужчина", lambda: ksg_case(kg={"N_KSG": "st05.001"}, who=patient(sex="1")),
        (("женский", "мужской", 0),)),
    Row("M04", EDGE, "18 лет в день поступления",
        of_age("2003-04-01")),
    Row("M04", EDGE, "17 лет накануне",
        of_age("2003-04-02"), (("18–60", "17", 0),)),
    Row("M04", EDGE, "60 лет, завтра 61",
        of_age("1960-04-02")),
    Row("M04", FIRES, "диагноз другого пола", lambda: visit(patient(sex="1"), ds_main="C54.1"),
        (("женский", "мужской", 0),)),
    Row("M04", EDGE, "последний код перечня", lambda: visit(patient(sex="1"), ds_main="C58.9"),
        (("женский", "мужской", 0),)),
    Row("M04", EDGE, "код за перечнем", lambda: visit(patient(sex="1"), ds_main="C60.0")),
    Row("M04", FIRES, "роды у мужчины", lambda: visit(patient(sex="1"), ds_main="O80.0"),
        (("женский", "мужской", 0),)),
    Row("M05", PASSES, "100 × 2", priced(200, 10000, 20000)),
    Row("M05", FIRES, "250 за 100 × 2", priced(200, 10000, 25000), (("200.00", "250.00", 5000),)),
    Row("M05", EDGE, "копейка округления", priced(300, 3333, 10000)),
    Row("M05", EDGE, "две копейки", priced(300, 3333, 10001), (("99.99", "100.01", 2),)),
    Row("M05", PASSES, "услуга КСГ — не здесь", of_ksg("st23.004", bill=3000000, service={"quantity": 200})),
    Row("M06", PASSES, "сумма по формуле", of_ksg("st23.004")),
    Row("M06", FIRES, "сумма больше", of_ksg("st23.004", bill=PRICE + 100),
        (("27210.91", "27211.91", 100),)),
    Row("M06", EDGE, "на копейку больше", of_ksg("st23.004", bill=PRICE + 1)),
    Row("M06", EDGE, "на две копейки", of_ksg("st23.004", bill=PRICE + 2), (("27210.91", "27210.93", 2),)),
    Row("M06", FIRES, "три дня оплачены целиком", of_ksg("st23.004", bed_days="3"),
        (("13605.45", "27210.91", PRICE // 2 + 1),)),
    Row("M06", PASSES, "прерван, оплачена доля", of_ksg("st23.004", bill=1360545, result="105")),
    Row("M06", PASSES, "коэффициентов нет, они в книге",
        of_ksg("st23.004", kg={"KOEF_Z": None, "BZTSZ": None, "KOEF_U": None})),
    Row("M06", PASSES, "два SL, каждый по своей КСГ", two_parts(PRICE, PRICE)),
    Row("M06", FIRES, "ошибка в первом SL", two_parts(PRICE + 500, PRICE), (("27210.91", "27215.91", 500),)),
    Row("M07", PASSES, "сумма карты — сумма услуг", priced(200, 10000, 20000)),
    Row("M07", FIRES, "сумма карты меньше", one_visit(source_sum=9000), (("100.00", "90.00", -1000),)),
    Row("M07", EDGE, "оплата по КСГ: сумма услуг не складывается",
        of_ksg("st23.004", source_sum=PRICE - 100)),
    Row("M08", PASSES, "итог равен свёртке", lambda: ksg_case(who=patient(**OLD), **SUMS)),
    Row("M08", FIRES, "итог больше свёртки",
        of_ksg("st23.004", kg={"IT_SL": "1.2", "SL_K": "1"}), (("1", "1.2", 0),)),
    Row("M08", EDGE, "ровно 1.8", of_ksg("st23.004", kg={
        "IT_SL": "1.80", "SL_KOEF": [{"IDSL": "9", "Z_SL": "1.8"}]}, bed_days="126")),
    Row("M09", PASSES, "9 дней", of_ksg("st05.001")),
    Row("M09", EDGE, "ровно 5", of_ksg("st05.001", bed_days="5")),
    Row("M09", EDGE, "ровно 20", of_ksg("st05.001", bed_days="20")),
    Row("M09", FIRES, "4 дня", of_ksg("st05.001", bed_days="4"), (("5–20", "4", 0),)),
    Row("M09", FIRES, "21 день", of_ksg("st05.001", bed_days="21"), (("5–20", "21", 0),)),
    Row("M09", EDGE, "30 дней", of_ksg("st23.004", bed_days="30")),
    Row("M09", FIRES, "31 день без КСЛП", of_ksg("st23.004", bed_days="31"), (("до 30 или КСЛП", "31", 0),)),
    Row("M09", PASSES, "31 день с КСЛП", of_ksg("st23.004", kg={
        "IT_SL": "1.01", "SL_KOEF": [{"IDSL": "9", "Z_SL": "1.01"}]}, bed_days="31")),
    Row("M10", PASSES, "услуга внутри", of_ksg("st23.004", service=days("2021-04-05", "2021-04-06"))),
    Row("M10", EDGE, "в первый и последний день",
        of_ksg("st23.004", service=days("2021-04-01", "2021-04-10"))),
    Row("M10", FIRES, "за день до", of_ksg("st23.004", service=days("2021-03-31", "2021-04-10")),
        (("01.04.2021 - 10.04.2021", "31.03.2021 - 10.04.2021", 0),)),
    Row("M10", FIRES, "день после", of_ksg("st23.004", service=days("2021-04-01", "2021-04-11")),
        (("01.04.2021 - 10.04.2021", "01.04.2021 - 11.04.2021", 0),)),
    Row("M10", EDGE, "осмотр: начатое раньше годится",
        lambda: case("dispensary", service=days("2021-03-01", "2021-04-10"), patient_id=patient())),
    Row("M11", PASSES, "специальность из книги", one_visit(code="A11.12.003")),
    Row("M11", FIRES, "чужая специальность", one_visit(code="A11.12.003", service={"specialty": "49"}),
        (("76", "49", 0),)),
    Row("M11", EDGE, "без специальности — врач случая",
        one_visit(code="A11.12.003", service={"specialty": ""})),
    Row("M11", FIRES, "профиль не этого врача", one_visit(specialty="49"), (("76", "49", 0),)),
    Row("M11", EDGE, "специальность для всех профилей", one_visit(specialty="88")),
    Row("M11", EDGE, "профиль 158 не проверяется", one_visit(specialty="49", profile="158")),
    Row("M12", PASSES, "посещение без стационара", one_visit(day="2021-04-05")),
    Row("M12", FIRES, "посещение внутри лечения", in_hospital("2021-04-05"),
        (("вне стационара", "05.04.2021", 0),)),
    Row("M12", EDGE, "в день поступления", in_hospital("2021-04-01")),
    Row("M12", EDGE, "в день выписки", in_hospital("2021-04-10")),
    Row("M12", PASSES, "не посещение", in_hospital("2021-04-05", code="A05.10.006")),
    Row("M12", FIRES, "другая карта, тот же ЕНП",
        other_card(one={"fio_key": "А"}, two={"fio_key": "Б"}), (("вне стационара", "05.04.2021", 0),)),
    Row("M12", FIRES, "другая карта, то же ФИО", other_card(
        enp="7600000000000002", second="7600000000000003", one={"fio_key": "В"}, two={"fio_key": "В"}),
        (("вне стационара", "05.04.2021", 0),)),
    Row("M12", EDGE, "тёзка другого года", other_card(
        enp="7600000000000004", second="7600000000000005", one={"fio_key": "Г"},
        two={"fio_key": "Г", "birth_date": "1971-01-01"})),
    Row("M12", FIRES, "два стационара", two_stays("2021-04-09", "2021-04-20"),
        (("без пересечения", "09.04.2021 - 20.04.2021", 0),)),
    Row("M12", EDGE, "выписан и поступил в один день", two_stays("2021-04-10", "2021-04-20")),
    Row("M12", EDGE, "вложенная КСГ разрешена",
        two_stays("2021-04-05", "2021-04-07", kg={"N_KSG": "st08.001"})),
    Row("M12", EDGE, "близнецы",
        two_stays("2021-04-02", "2021-04-09", {"newborn": "20104211"}, newborn="20104212")),
    Row("M12", FIRES, "дневной стационар внутри", day_hospital("2021-04-05", "2021-04-12"),
        (("вне стационара", "05.04.2021 - 12.04.2021", 0),)),
    Row("M12", EDGE, "дневной со дня выписки", day_hospital("2021-04-10", "2021-04-20")),
    Row("M12", FIRES, "услуга дважды за день", twice("A05.10.006"), (("1", "повтор", 0),)),
    Row("M12", EDGE, "у другого врача", twice("A05.10.006", doctor="Д2")),
    Row("M12", EDGE, "повторяемая", twice("A11.12.003")),
    Row("M12", FIRES, "услуга в двух случаях", again("A05.10.006"), (("1", "повтор", 0),)),
    Row("M12", EDGE, "на другой день", again("A05.10.006", day="2021-04-11")),
    Row("M12", EDGE, "без оплаты", again("A05.10.006", price=0)),
    Row("M13", PASSES, "полис действует", one_visit()),
    Row("M13", FIRES, "полис кончился", of_person(policy={"end_date": "2021-04-09"}),
        (("действует 10.04.2021", "с … по 09.04.2021", 0),)),
    Row("M13", EDGE, "последний день полиса", of_person(policy={"end_date": "2021-04-10"})),
    Row("M13", EDGE, "первый день полиса", of_person(policy={"begin_date": "2021-04-10"})),
    Row("M13", FIRES, "полиса нет", of_person(policy=None), (("полис", "", 0),)),
    Row("M13", FIRES, "СМО нет", one_visit(payer_id=None), (("СМО", "", 0),)),
)  # fmt: skip


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[str, str, int]]]:
    """Findings of each row of the table, of its own code."""
    services = make_services(tmp_path_factory.mktemp("mes"))
    with db.connection(), db.write():
        the_books()
        made = [row.make() for row in TABLE]
    assert form(services).kind == "ok"
    outcome = run(services)
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        missing = set(made) - {r[0] for r in db.execute("SELECT case_id FROM account")}
        assert not missing, [
            row.title for row, case_id in zip(TABLE, made, strict=True) if case_id in missing
        ]
        query = "SELECT expected, actual, difference FROM mes_finding WHERE case_id=? AND code=? ORDER BY id"
        return [
            [tuple(r) for r in db.execute(query, (case_id, row.code))]
            for row, case_id in zip(TABLE, made, strict=True)
        ]


@pytest.mark.parametrize("place", range(len(TABLE)), ids=[f"{r.code}-{r.what}-{r.title}" for r in TABLE])
def test_row(found: list[list[tuple[str, str, int]]], place: int) -> None:
    assert found[place] == list(TABLE[place].found)


@pytest.mark.parametrize("code", CHECKS)
def test_each_check_has_rows_of_all_three_kinds(code: str) -> None:
    assert {row.what for row in TABLE if row.code == code} == {PASSES, FIRES, EDGE}
