"""Regional books of the training organisation (учебные справочники): services, prices, doctors.

Prices are invented. Codes of the nomenclature are real, their set is small; КСГ and ВМП are billed under
the code of the group, with КСЛП as a code of its own, so that a price depends on the code alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from omstui.demo.people import snils

CODE_MO = "760001"
BASE_RATE = Decimal("24816.15")
LEVEL_RATE = Decimal("0.85")


@dataclass(frozen=True, slots=True)
class Service:
    """A row of the book of services and its price in kopecks."""

    code: str
    name: str
    price: int
    visit: bool = False
    call: bool = False
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A doctor's office (кабинет): profile V002, specialty V021, visits and usual diagnoses."""

    profile: str
    specialty: str
    department: str
    visits: tuple[str, str]
    diagnoses: tuple[str, ...]
    tests: tuple[str, ...] = ()
    sex: str = ""
    child: bool = False
    help_type: str = "13"


@dataclass(frozen=True, slots=True)
class Group:
    """A КСГ (клинико-статистическая группа) with its diagnoses."""

    code: str
    name: str
    coefficient: str
    profile: str
    bed: str
    specialty: str
    department: str
    diagnoses: tuple[str, ...]
    sex: str = ""
    kslp: str = ""

    @property
    def service(self) -> str:
        """Code it is billed under."""
        return f"{self.code}.k{self.kslp.replace('.', '')}" if self.kslp else self.code

    @property
    def price(self) -> int:
        rate = BASE_RATE * Decimal(self.coefficient) * LEVEL_RATE * Decimal(self.kslp or "1")
        return int((rate * 100).quantize(Decimal(1), rounding=ROUND_HALF_UP))


ROOMS = (
    Room("97", "76", "12", ("B01.047.001", "B01.047.002"), ("J06.9", "I11.9", "J20.9", "K29.5"),
         ("A05.10.006", "A09.05.023"), help_type="12"),
    Room("68", "49", "14", ("B01.031.001", "B01.031.002"), ("J06.9", "J03.9", "H66.9"),
         ("A09.05.023",), child=True, help_type="12"),
    Room("53", "35", "15", ("B01.023.001", "B01.023.002"), ("M54.4", "G43.0", "I67.8")),
    Room("112", "90", "16", ("B01.057.001", "B01.057.002"), ("L02.4", "L03.0", "K42.9")),
    Room("29", "25", "17", ("B01.015.001", "B01.015.002"), ("I20.8", "I25.1", "I48.0"),
         ("A05.10.006",)),
    Room("65", "46", "18", ("B01.029.001", "B01.029.002"), ("H10.1", "H52.1", "H40.1")),
    Room("162", "45", "19", ("B01.028.001", "B01.028.002"), ("H66.0", "J32.0", "H61.2")),
    Room("136", "2", "20", ("B01.001.001", "B01.001.002"), ("N76.0", "N80.0", "N92.0"), sex="2"),
)  # fmt: skip
DENTAL = Room(
    "171", "69", "30", ("B01.065.007", "B01.065.008"), ("K02.1", "K04.0", "K04.5"),
    ("A16.07.002", "A16.07.030"),
)  # fmt: skip
PARACLINIC = (
    Room("78", "60", "40", ("A06.09.007", "A06.30.002"), ("Z01.6",)),
    Room("106", "81", "41", ("A04.16.001", "A04.22.001"), ("Z01.8",)),
    Room("34", "26", "42", ("A09.05.023", "B03.016.002"), ("Z01.7",)),
)
AMBULANCE = ("I11.9", "R55", "J45.0", "T14.9", "R10.4", "I48.0")
INPATIENT = (
    Group("st23.004", "Пневмония, плеврит, другие болезни плевры", "1.29", "97", "71", "76", "1",
          ("J18.0", "J18.9")),
    Group("st13.001", "Нестабильная стенокардия, инфаркт миокарда (уровень 1)", "1.42", "29", "26",
          "25", "2", ("I20.0", "I21.1")),
    Group("st13.001", "Нестабильная стенокардия, инфаркт миокарда (уровень 1)", "1.42", "29", "26",
          "25", "2", ("I20.0",), kslp="1.2"),
    Group("st15.015", "Инфаркт мозга (уровень 2)", "2.82", "53", "34", "35", "3", ("I63.3",)),
    Group("st32.011", "Аппендэктомия, взрослые (уровень 1)", "0.73", "112", "71", "90", "4",
          ("K35.8",)),
    Group("st02.003", "Родоразрешение", "0.98", "136", "6", "2", "5", ("O80.0",), sex="2"),
)  # fmt: skip
NEWBORN = Group("st17.004", "Лечение новорожденных", "1.10", "55", "39", "37", "6", ("P22.1", "P59.9"))
DAY = (
    Group("ds13.001", "Болезни системы кровообращения, взрослые", "0.80", "29", "26", "25", "7",
          ("I25.1", "I11.9")),
    Group("ds15.001", "Болезни нервной системы", "0.98", "53", "34", "35", "7", ("G43.0", "G35")),
)  # fmt: skip
CHEMO = Group(
    "st19.063", "Лекарственная терапия при ЗНО (уровень 2)", "1.82", "60", "42", "41", "8",
    ("C50.4", "C34.1"),
)  # fmt: skip
HIGH_TECH = Group(
    "14.00.37.008", "Коронарная ангиопластика со стентированием (ВМП)", "10.4", "29", "26", "25",
    "2", ("I21.1",),
)  # fmt: skip
ONCOLOGIST = Room("60", "41", "21", ("B01.027.001", "B01.027.002"), ("C50.4", "N63"), ("A11.20.010",))

#: examination: V016 → (age from, to, base diagnosis, services; the last one closes it)
EXAMINATIONS: dict[str, tuple[int, int, str, tuple[str, ...]]] = {
    "ДВ1": (40, 80, "Z00.0", ("A02.12.002", "A09.05.026", "A05.10.006", "A06.09.006", "B04.047.001")),
    "ОПВ": (18, 39, "Z00.0", ("A02.12.002", "A09.05.026", "B04.047.003")),
    "ДС1": (1, 17, "Z00.1", ("A09.05.023", "B04.023.002", "B04.029.002", "B04.031.001")),
    "ПН1": (1, 17, "Z00.1", ("A09.05.023", "B04.023.002", "B04.031.002")),
}  # fmt: skip

_BOOK = """
B01.047.001;Прием врача-терапевта первичный;450.00;v
B01.047.002;Прием врача-терапевта повторный;380.00;vr
B01.031.001;Прием врача-педиатра первичный;470.00;v
B01.031.002;Прием врача-педиатра повторный;395.00;vr
B01.023.001;Прием врача-невролога первичный;520.00;v
B01.023.002;Прием врача-невролога повторный;430.00;vr
B01.057.001;Прием врача-хирурга первичный;505.00;v
B01.057.002;Прием врача-хирурга повторный;415.00;vr
B01.015.001;Прием врача-кардиолога первичный;560.00;v
B01.015.002;Прием врача-кардиолога повторный;455.00;vr
B01.029.001;Прием врача-офтальмолога первичный;480.00;v
B01.029.002;Прием врача-офтальмолога повторный;390.00;vr
B01.028.001;Прием врача-оториноларинголога первичный;490.00;v
B01.028.002;Прием врача-оториноларинголога повторный;400.00;vr
B01.001.001;Прием врача-акушера-гинеколога первичный;530.00;v
B01.001.002;Прием врача-акушера-гинеколога повторный;440.00;vr
B01.027.001;Прием врача-онколога первичный;610.00;v
B01.027.002;Прием врача-онколога повторный;505.00;vr
B01.065.007;Прием врача-стоматолога первичный;355.50;v
B01.065.008;Прием врача-стоматолога повторный;290.25;vr
A16.07.002;Восстановление зуба пломбой;812.40;r
A16.07.030;Инструментальная и медикаментозная обработка корневого канала;402.15;r
A05.10.006;Регистрация электрокардиограммы;214.30;
A09.05.023;Исследование уровня глюкозы в крови;61.20;
A09.05.026;Исследование уровня холестерина в крови;64.80;
A02.12.002;Измерение артериального давления;38.10;
A06.09.006;Флюорография легких;188.00;
A06.09.007;Рентгенография легких;402.60;
A06.30.002;Описание и интерпретация рентгенографических изображений;95.00;
A04.16.001;Ультразвуковое исследование органов брюшной полости;633.70;
A04.22.001;Ультразвуковое исследование щитовидной железы;441.90;
B03.016.002;Общий (клинический) анализ крови;152.35;
A11.20.010;Биопсия молочной железы чрескожная;1204.75;
B04.047.001;Диспансерный прием врача-терапевта;905.00;v
B04.047.003;Профилактический прием врача-терапевта;702.00;v
B04.031.001;Диспансерный прием врача-педиатра;940.00;v
B04.031.002;Профилактический прием врача-педиатра;715.00;v
B04.023.002;Профилактический прием врача-невролога;410.00;v
B04.029.002;Профилактический прием врача-офтальмолога;398.00;v
B01.044.001;Вызов врачебной бригады скорой помощи;2980.45;c
B01.044.002;Вызов фельдшерской бригады скорой помощи;2315.60;c
"""
#: planted: a price that ended before the period; a code nobody ever priced
EXPIRED = Service("A08.30.046", "Определение антигена (цена отменена с 01.04.2021)", 74050)
UNPRICED = Service("A01.01.001", "Сбор анамнеза и жалоб в дерматологии", 0)
#: planted: a service the visit type «Посещение с профилактической целью» does not allow
NOT_PREVENTIVE = "A06.30.002"


def _book() -> dict[str, Service]:
    found = {}
    for line in _BOOK.strip().split("\n"):
        code, name, price, marks = line.split(";")
        kopecks = int(price.replace(".", ""))
        found[code] = Service(code, name, kopecks, "v" in marks, "c" in marks, "r" in marks)
    for group in (*INPATIENT, NEWBORN, *DAY, CHEMO, HIGH_TECH):
        name = f"КСГ {group.code} {group.name}" + (f", КСЛП {group.kslp}" if group.kslp else "")
        found[group.service] = Service(group.service, name, group.price)
    return found


BOOK: dict[str, Service] = _book()
#: allowed for visits with a preventive purpose (90.010)
PREVENTIVE = tuple(c for c, s in BOOK.items() if s.visit and c.startswith(("B01", "B04")))


def doctor(specialty: str, number: int = 0) -> str:
    """СНИЛС of one of three doctors of a specialty."""
    return snils(101_000_000 + int(specialty) * 1013 + number % 3 * 517)
