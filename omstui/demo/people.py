"""Synthetic people (придуманные люди): names from lists, policies with valid control digits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random


def _words(text: str) -> list[str]:
    return text.split()


_MEN = _words(
    "Александр Алексей Андрей Артём Борис Вадим Валерий Виктор Владимир Геннадий Григорий "
    "Дмитрий Евгений Егор Иван Игорь Кирилл Константин Леонид Максим Михаил Никита Николай "
    "Олег Павел Пётр Роман Семён Сергей Степан Фёдор Юрий Ярослав"
)
_WOMEN = _words(
    "Александра Алина Алла Анастасия Анна Валентина Вера Виктория Галина Дарья Екатерина "
    "Елена Жанна Зоя Инна Ирина Ксения Лариса Лидия Любовь Людмила Маргарита Марина Мария "
    "Надежда Наталья Нина Оксана Ольга Полина Раиса Светлана София Тамара Татьяна Юлия"
)
_FATHERS = _words(
    "Александр Алексе Андре Борис Вадим Виктор Владимир Геннади Григори Дмитри Евгени Иван "
    "Игор Кирилл Константин Леонид Максим Михаил Никола Олег Павл Петр Роман Семён Серге "
    "Степан Фёдор Юри"
)
_SURNAMES = _words(
    "Абрамов Алёшин Баженов Белкин Берёзкин Богатов Вершинин Воробьёв Галкин Горбунов "
    "Дорофеев Дятлов Ершов Жаворонков Журавлёв Зимин Зябликов Ивлев Калинин Карасёв Клёнов "
    "Ковылин Кречетов Лебедев Лосев Луговой Малинин Маслов Мельников Мухин Некрасов "
    "Овсянников Окунев Орешкин Перепёлкин Полевой Прудников Пшеничнов Рогов Рябинин "
    "Садовников Синицын Скворцов Снегирёв Соколов Сорокин Тихомиров Травин Удалов Уткин "
    "Филинов Хлебников Цветков Чижов Шишкин Щеглов Юдин Яблоков Ястребов"
)
_TOWNS = ("г. Ярославль", "г. Рыбинск", "г. Тутаев", "г. Углич", "г. Данилов", "пос. Некрасовское")


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic person (придуманный пациент)."""

    ref: str
    surname: str
    name: str
    patronymic: str
    sex: str  # 1 man, 2 woman
    birth: date
    enp: str
    snils: str
    town: str
    doc_number: str
    serial: int

    @property
    def elements(self) -> dict[str, str]:
        """PERS of the L file."""
        child = self.doc_number.startswith("5")
        return {
            "ID_PAC": self.ref,
            "FAM": self.surname,
            "IM": self.name,
            "OT": self.patronymic,
            "W": self.sex,
            "DR": self.birth.isoformat(),
            "MR": self.town,
            "DOCTYPE": "3" if child else "14",
            "DOCSER": "II-ГР" if child else "78 " + self.doc_number[:2],
            "DOCNUM": self.doc_number,
            "DOCDATE": self._issued(child).isoformat(),
            "DOCORG": "Отдел ЗАГС" if child else "УВД Ярославской области",
            "SNILS": self.snils,
            "OKATOG": "78401000000",
            "OKATOP": "78401000000",
        }

    def _issued(self, child: bool) -> date:
        """When the document was given: a passport at 20, to who is younger at 14."""
        at_20 = self.birth + timedelta(days=7320)
        days = 30 if child else 7320 if at_20 < date(2021, 1, 1) else 5144
        return self.birth + timedelta(days=days)


def luhn(digits: str) -> str:
    """Control digit of an ЕНП for its first fifteen digits (алгоритм Луна)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def enp(region: str, birth: date, sex: str, serial: int) -> str:
    """An ЕНП of the right structure and control digit."""
    month = birth.month + (20 if birth.year <= 1950 else 40 if birth.year <= 2000 else 0)
    day = birth.day + (50 if sex == "1" else 0)
    body = "".join(str(9 - int(c)) for c in f"{month:02d}")
    body += "".join(str(9 - int(c)) for c in reversed(f"{birth.year:04d}"))
    body += "".join(str(9 - int(c)) for c in f"{day:02d}")
    digits = f"{region}{body}{serial % 100000:05d}"
    return digits + luhn(digits)


def snils(number: int) -> str:
    """«NNN-NNN-NNN NN» with its control number for nine digits."""
    digits = f"{number % 10**9:09d}"
    control = sum(int(d) * (9 - i) for i, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {control:02d}"


def make_person(seed: int, serial: int, sex: str, ages: tuple[int, int], today: date) -> Person:
    """The person of a serial number: always the same for one seed."""
    rng = Random(seed * 1_000_003 + serial)
    years = rng.randint(*ages)
    birth = date(today.year - years - 1, 12, 31) - timedelta(days=rng.randint(0, 300))
    if years == 0:
        birth = today - timedelta(days=rng.randint(60, 300))
    names = _MEN if sex == "1" else _WOMEN
    surname = rng.choice(_SURNAMES)
    if sex == "2":
        surname = surname[:-2] + "ая" if surname.endswith("ой") else surname + "а"
    return Person(
        ref=f"P{serial:07d}",
        surname=surname,
        name=rng.choice(names),
        patronymic=_patronymic(rng.choice(_FATHERS), sex),
        sex=sex,
        birth=birth,
        enp=enp("76", birth, sex, serial),
        snils=snils(130_000_000 + serial * 37),
        town=rng.choice(_TOWNS),
        doc_number=f"{5 if years < 14 else 4}{serial % 100000:05d}",
        serial=serial,
    )


def _patronymic(father: str, sex: str) -> str:
    ends = ("ович", "овна")
    if father[-1] in "еи":
        # Алексе-й → Алексеевич, Григори-й → Григорьевич
        father = father[:-1] + "ь" if father[-1] == "и" else father
        ends = ("евич", "евна")
    elif father == "Игор" or father == "Никола":
        ends = ("евич", "евна")
    return father + ends[0 if sex == "1" else 1]


#: territory of insurance of a guest: what PACIENT says instead of an own insurer
_GUESTS: tuple[dict[str, str], ...] = (
    {"VPOLIS": "3", "SMO_OGRN": "1024400001237", "SMO_OK": "34000", "SMO_NAM": "СК «Волга-Учебная»"},
    {"VPOLIS": "3", "SMO": "37001"},
    {"VPOLIS": "1", "SPOLIS": "ВЛ", "ST_OKATO": "19000"},
)


def insurance(person: Person) -> dict[str, str]:
    """PACIENT of a person without NOVOR: own insurer, a guest, or nobody knows who insures him."""
    place = (person.serial * 7919 + 13) % 100
    number = {"ID_PAC": person.ref, "NPOLIS": person.enp}
    if place < 56:
        return number | {"VPOLIS": "3", "SMO": "76001"}
    if place < 92:
        return number | {"VPOLIS": "3", "SMO": "76002"}
    if place < 97:
        guest = dict(_GUESTS[place % 3])
        return (number | guest) | ({"NPOLIS": f"{person.serial:07d}"} if "SPOLIS" in guest else {})
    return {"ID_PAC": person.ref, "VPOLIS": "2", "NPOLIS": f"{person.serial % 10**9:09d}"}
