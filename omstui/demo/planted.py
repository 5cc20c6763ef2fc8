"""Planted cases (подсаженные случаи): one for every forming reason that input can cause.

What XML can say stands in pairs of its own (they break the schema on purpose); what it cannot — type of
payment, the mark «закрыт», a case without services — in a CSV.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from omstui.demo import catalogue as book
from omstui.demo.blocks import Tree
from omstui.demo.cases import Maker
from omstui.demo.people import Person, insurance
from omstui.domain.money import roubles
from omstui.formats.federalwriter import FederalRecord


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the manifest: what was planted, where, and what becomes of it."""

    reason: str
    file: str
    card: str
    what: str


@dataclass(slots=True)
class Plan:
    """Planted records of a month: file letters → records; rows of the CSV; the manifest."""

    records: dict[str, list[FederalRecord]] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


class Planter:
    """Plants the cases of the first month."""

    def __init__(self, maker: Maker) -> None:
        self.maker, self.plan = maker, Plan()
        self._rng = Random(maker.seed)
        self._number = 0
        self.begin = maker.period.begin

    def plant(self) -> Plan:
        self._tickets()
        self._hospital()
        self._examinations()
        self._late()
        self._newborns()
        self._transfers()
        self._csv()
        return self.plan

    # --- helpers -------------------------------------------------------------------------------

    def _next(self) -> tuple[int, Person]:
        self._number += 1
        return self._number, self.maker.person(self._rng, "adult", place=3000 + self._number)

    def _add(self, letters: str, record: FederalRecord, reason: str, what: str) -> Tree:
        self.plan.records.setdefault(letters, []).append(record)
        z_sl: Tree = record.zap["Z_SL"]
        number = "1" if letters.startswith("good ") else "2"
        name = f"{letters.split()[-1]}M{book.CODE_MO}T76_…{number}.xml"
        self.plan.notes.append(Note(reason, name, z_sl["SL"][-1]["NHISTORY"], what))
        return z_sl

    def _ticket(
        self, reason: str, what: str, *, purpose: str = "3.0", codes: tuple[str, ...] = (),
        days: tuple[int, ...] = (5, 12), end: int | None = 12, room: book.Room = book.ROOMS[0],
        letters: str = "H",
    ) -> Tree:  # fmt: skip
        number, person = self._next()
        codes = codes or room.visits
        dates = [self.begin + timedelta(days=d) for d in days]
        last = None if end is None else self.begin + timedelta(days=end)
        services = self.maker.visits(person, room, room.diagnoses[0], codes, dates)
        z_sl = self.maker.ticket(
            person, room, "planted", number, room.diagnoses[0], purpose, services, dates[0], last
        )
        return self._add(letters, self.maker.record(person, number, z_sl), reason, what)

    # --- pairs ---------------------------------------------------------------------------------

    def _tickets(self) -> None:
        sl = self._ticket("90.003", "ТАП без основного диагноза")["SL"][0]
        del sl["DS1"]
        sl = self._ticket("90.004", "ТАП без врача")["SL"][0]
        del sl["IDDOKT"]
        visit = book.ROOMS[0].visits[:1]
        self._ticket("90.006", "обращение не закрыто, одно посещение", codes=visit, days=(6,), end=None)
        self._ticket("90.007", "обращение не закрыто, два посещения", end=None)
        self._ticket(
            "90.009", "разовое посещение не закрыто", purpose="1.0", codes=visit, days=(8,), end=None
        )
        self._ticket(
            "90.010", "услуга не для профилактического посещения", purpose="2.6",
            codes=(visit[0], book.NOT_PREVENTIVE), days=(9, 9), end=9,
        )  # fmt: skip
        self._ticket("90.022", "лечение окончено в следующем месяце", days=(27, 33), end=33)
        expired = self._ticket(
            "90.011", "тариф кончился до начала периода, других услуг нет", purpose="",
            codes=("A06.09.007",), days=(10,), end=10, room=book.PARACLINIC[0],
        )  # fmt: skip
        self._reprice(expired, 0, book.EXPIRED)
        mixed = self._ticket(
            "90.012", "в ТАП есть услуга без тарифа, остальные оплачиваются",
            codes=(*book.ROOMS[0].visits, "A09.05.023"), days=(4, 13, 4), end=13,
        )  # fmt: skip
        self._reprice(mixed, 2, book.UNPRICED)

    @staticmethod
    def _reprice(z_sl: Tree, index: int, service: book.Service) -> None:
        sl = z_sl["SL"][0]
        row = sl["USL"][index]
        row["CODE_USL"] = service.code
        row["TARIF"] = row["SUMV_USL"] = roubles(service.price)
        total = sum(int(u["SUMV_USL"].replace(".", "")) for u in sl["USL"])
        sl["SUM_M"] = z_sl["SUMV"] = roubles(total)

    def _stay(
        self, reason: str, what: str, groups: list[book.Group], ends: list[int], letters: str = "H"
    ) -> Tree:
        number, person = self._next()
        begin = self.begin + timedelta(days=3)
        z_sl = self.maker.stay(
            groups, person, number, begin, [self.begin + timedelta(days=d) for d in ends],
            self._rng, card=self.maker.card("planted", number),
        )  # fmt: skip
        return self._add(letters, self.maker.record(person, number, z_sl), reason, what)

    def _hospital(self) -> None:
        group = [book.INPATIENT[0]]
        z_sl = self._stay("90.016", "стационар не закрыт", group, [14])
        del z_sl["DATE_Z_2"], z_sl["SL"][0]["DATE_2"]
        del self._stay("90.018", "МКСБ без основного диагноза", group, [12])["SL"][0]["DS1"]
        del self._stay("90.019", "МКСБ без врача", group, [11])["SL"][0]["IDDOKT"]
        number, person = self._next()
        call = self.maker.call(self._rng, person, number, "B01.044.001")
        del call["DATE_Z_2"], call["SL"][0]["DATE_2"]
        call["SL"][0]["NHISTORY"] = self.maker.card("planted", number)
        record = self.maker.record(person, number, call)
        self._add("H", record, "90.017", "карта вызова СМП не закрыта")

    def _examinations(self) -> None:
        number, person = self._next()
        *_, codes = book.EXAMINATIONS["ДВ1"]
        z_sl = self.maker.examination(
            person, "planted", number, "Z00.0", codes[:3], self.begin + timedelta(days=4), None
        )
        del z_sl["RSLT_D"]
        self._add("DP", self.maker.record(person, number, z_sl), "90.005", "диспансеризация не завершена")

    # --- lawful specials: they go into the valid pair ---------------------------------------------

    def _late(self) -> None:
        for _ in range(3):
            self._ticket(
                "late", "лечение окончено в прошлом месяце, счёта не было", days=(-16, -9), end=-9,
                letters="good H",
            )  # fmt: skip

    def _newborns(self) -> None:
        for births, what in ((2, "двойня на карте матери"), (1, "новорождённый"), (1, "новорождённый")):
            number, _ = self._next()
            mother = self.maker.person(self._rng, "young", "2", place=3500 + number)
            birth = self.begin + timedelta(days=6)
            card = self.maker.card("newborn", number)
            for child in range(1, births + 1):
                sex = "1" if child % 2 else "2"
                patient, pers, _ = self.maker.newborn(mother, child, sex, birth)
                z_sl = self.maker.stay(
                    [book.NEWBORN], mother, number, birth, [birth + timedelta(days=7 + child)],
                    self._rng, card=card,
                )  # fmt: skip
                sl = z_sl["SL"][0]
                sl["SL_ID"] = f"{card}-{child}"
                sl["DET"] = sl["USL"][0]["DET"] = "1"
                z_sl["OS_SLUCH"] = ["1"]
                if births > 1:
                    patient["VNOV_D"] = str(2100 + 150 * child)
                zap = {"N_ZAP": "0", "PR_NOV": "0", "PACIENT": patient, "Z_SL": z_sl}
                self._add("good H", FederalRecord(zap, pers), "newborn", what)

    def _transfers(self) -> None:
        for _ in range(4):
            groups = [book.INPATIENT[0], book.INPATIENT[1]]
            self._stay("several SL", "перевод между отделениями, два SL", groups, [9, 18], "good H")

    # --- CSV -----------------------------------------------------------------------------------

    def _row(self, reason: str, what: str, **values: str) -> None:
        number, person = self._next()
        card = self.maker.card("planted", number)
        base = csv_person(person) | {
            "Случай": str(number), "Номер карты": card, "Условия": "3", "Вид помощи": "12",
            "Форма": "3", "Вид оплаты": "ОМС", "Закрыт": "1", "Начало": self._day(5),
            "Окончание": self._day(5), "Цель": "1.0", "Профиль": "97", "Отделение": "12",
            "Врач": book.doctor("76", number), "Специальность": "76", "Диагноз": "J06.9", "Характер": "1",
            "Результат": "301", "Исход": "303", "Способ оплаты": "29",
        }  # fmt: skip
        self.plan.rows.append(base | values)
        if reason:
            self.plan.notes.append(Note(reason, "cases.csv", card, what))

    def _day(self, days: int) -> str:
        return f"{self.begin + timedelta(days=days):%d.%m.%Y}"

    def _csv(self) -> None:
        visit = csv_service("B01.047.001", self._day(5))
        self._row(
            "90.001", "оплата по ДМС; диагноза и врача тоже нет, но причина одна",
            **visit, **{"Вид оплаты": "ДМС", "Диагноз": "", "Врач": ""},
        )  # fmt: skip
        two = {"Цель": "3.0", "Закрыт": "0", "Окончание": self._day(12)}
        self._row("90.008", "дата окончания есть, а ТАП не закрыт", **visit, **two)
        again = dict(self.plan.rows[-1]) | csv_service("B01.047.002", self._day(12))
        self.plan.rows.append(again)
        self._row("90.013", "закрытый ТАП без услуг")
        hospital = {
            "Условия": "1", "Вид помощи": "31", "Форма": "1", "Цель": "", "Результат": "101",
            "Исход": "102", "Способ оплаты": "33", "Окончание": self._day(12), "Отделение": "1",
        }  # fmt: skip
        self._row("90.014", "стационар без услуг и без КСГ", **hospital)
        self._row("90.015", "вызов скорой помощи без услуг", **self._call(), **{"Закрыт": "1"})
        for number in range(3):
            code = ("B01.044.001", "B01.044.002", "B01.044.001")[number]
            self._row("", "", **self._call(), **csv_service(code, self._day(5)))
        self._row("", "", **csv_service("B01.047.001", self._day(5)), **{"Цель": "1.0"})

    def _call(self) -> dict[str, str]:
        day = f"{self.begin + timedelta(days=5)}"
        return {
            "Условия": "4", "Вид помощи": "2", "Форма": "1", "Цель": "", "Профиль": "84",
            "Специальность": "66", "Врач": book.doctor("66"), "Диагноз": "R55", "Характер": "",
            "Результат": "401", "Исход": "401",
            "Способ оплаты": "24", "Отделение": "50", "Повод": "12", "Тип вызова": "1",
            "Место вызова": "2", "Результат выезда": "1", "Километраж": "7.40",
            "Вид времени 1": "1", "Время 1": f"{day}T10:15:00", "Вид времени 2": "2",
            "Время 2": f"{day}T10:31:00",
        }  # fmt: skip


def csv_person(person: Person) -> dict[str, str]:
    """Columns of the patient and the policy."""
    patient = insurance(person)
    return {
        "Код пациента": person.ref, "Фамилия": person.surname, "Имя": person.name,
        "Отчество": person.patronymic, "Пол": person.sex,
        "Дата рождения": f"{person.birth:%d.%m.%Y}", "СНИЛС": person.snils,
        "Вид полиса": patient["VPOLIS"], "Номер полиса": patient["NPOLIS"],
        "СМО": patient.get("SMO", ""), "ОКАТО СМО": patient.get("SMO_OK", ""),
        "Начало полиса": "01.06.2012", "Соцстатус": "4", "КЛАДР": "7600000100000120001",
        "Дом": str(1 + person.serial % 90),
    }  # fmt: skip


def csv_service(code: str, day: str) -> dict[str, str]:
    """Columns of a service."""
    service = book.BOOK[code]
    return {
        "Услуга": code, "Наименование услуги": service.name, "Количество": "1",
        "Тариф": roubles(service.price), "Сумма": roubles(service.price), "Дата услуги": day,
    }  # fmt: skip


#: column of the CSV → field of ours, in the order of the file
CSV_COLUMNS: dict[str, str] = {
    "Код пациента": "patient.ext_id", "Фамилия": "patient.surname", "Имя": "patient.name",
    "Отчество": "patient.patronymic", "Пол": "patient.sex", "Дата рождения": "patient.birth_date",
    "СНИЛС": "patient.snils", "Соцстатус": "patient.social_status",
    "КЛАДР": "patient.bill.addresses.address.0.kladr",
    "Дом": "patient.bill.addresses.address.0.dom",
    "Вид полиса": "policy.type", "Номер полиса": "policy.number", "СМО": "policy.smo",
    "ОКАТО СМО": "policy.smo_ok", "Начало полиса": "policy.begin_date",
    "Номер карты": "case.nhistory", "Условия": "case.usl_ok", "Вид помощи": "case.help_type",
    "Форма": "case.help_form", "Вид оплаты": "case.pay_type", "Закрыт": "case.completed",
    "Начало": "case.date_in", "Окончание": "case.date_out", "Цель": "case.purpose",
    "Профиль": "case.profile", "Отделение": "case.department", "Врач": "case.doctor",
    "Специальность": "case.specialty", "Диагноз": "case.ds_main",
    "Характер": "case.ds_char", "Результат": "case.result",
    "Исход": "case.outcome", "Способ оплаты": "case.pay_method",
    "Повод": "case.bill.additionals.additional_f.occasion",
    "Тип вызова": "case.bill.additionals.additional_f.call",
    "Место вызова": "case.bill.additionals.additional_f.place",
    "Результат выезда": "case.bill.additionals.additional_f.result_t",
    "Километраж": "case.bill.additionals.additional_f.kilometrage",
    "Вид времени 1": "case.bill.additionals.additional_f.times.time.0.type_time",
    "Время 1": "case.bill.additionals.additional_f.times.time.0.time",
    "Вид времени 2": "case.bill.additionals.additional_f.times.time.1.type_time",
    "Время 2": "case.bill.additionals.additional_f.times.time.1.time",
    "Услуга": "service.code", "Наименование услуги": "service.name",
    "Количество": "service.quantity", "Тариф": "service.tariff", "Сумма": "service.source_sum",
    "Дата услуги": "service.date_in",
}  # fmt: skip


def write_csv(folder: Path, rows: list[dict[str, str]], code_mo: str = book.CODE_MO) -> None:
    """Write cases.csv and its mapping."""
    names = ["Случай", *CSV_COLUMNS]
    with (folder / "cases.csv").open("w", encoding="cp1251", newline="") as stream:
        out = csv.DictWriter(stream, names, restval="", delimiter=";", lineterminator="\n")
        out.writeheader()
        out.writerows(rows)
    lines = [
        "# Какой столбец cases.csv какому полю соответствует",
        'case_column = "Случай"',
        'encoding = "cp1251"',
        'delimiter = ";"',
        "",
        "[file]",
        f'code_mo = "{code_mo}"',
        "",
        "[columns]",
        *(f'"{name}" = "{target}"' for name, target in CSV_COLUMNS.items()),
    ]
    text = "\n".join(lines) + "\n"
    (folder / "cases.mapping.toml").write_text(text, encoding="utf-8")
