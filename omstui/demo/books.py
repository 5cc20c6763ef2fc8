"""Reference books of the training organisation (учебные справочники): everything its month is checked by.

All of it is consistent with the generator: whoever treats has a certificate, whatever is billed has a price,
so that a clean case draws no finding. The plan alone is a little too small on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from omstui.demo import catalogue as book
from omstui.demo import extracts
from omstui.demo.cases import SHARES, Maker
from omstui.demo.regions import Region, move
from omstui.domain.model import KINDS, Period
from omstui.domain.money import roubles

Rows = Iterable[Sequence[object]]

_SINCE = "2021-01-01"
_HIRED = "2015-09-01"
#: groups paid whole however short the stay
_SHORT = frozenset({"st02.003", "st19.063"})
#: share of the cases of the month the plan of outpatient care has room for
_TIGHT, _LOOSE = Decimal("0.95"), Decimal("1.5")
_EXAMS = {"ДВ1": "dispensary", "ОПВ": "checkup", "ДС1": "orphans", "ПН1": "minors"}
_SURNAMES = ("Лебедев", "Морозов", "Соколов", "Зайцев", "Воробьёв", "Орлов", "Гусев", "Снегирёв", "Дятлов")
_NAMES = ("Андрей", "Борис", "Виктор", "Григорий", "Дмитрий", "Егор")
_FATHERS = ("Ильич", "Петрович", "Сергеевич", "Олегович", "Романович")


def write_books(folder: Path, region: Region, first: Period, cases: int, maker: Maker) -> None:
    """Write every training book; ``cases`` is how many the first month has."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, header, rows in (
        *_prices(),
        *_people(),
        *_examinations(),
        *_groups(),
        *_volumes(first, cases),
        ("attachments", "enp;mo;begin;end", _attachments(maker, region)),
        *_classifiers(),
    ):
        lines = [header, *(";".join(map(str, row)) for row in rows)]
        if name != "F010_sample":  # it has the codes of all regions
            lines = [_moved(line, region.codes) for line in lines]
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _moved(line: str, codes: Mapping[str, str]) -> str:
    """The same row with the codes of another region."""
    return ";".join(codes.get(cell, cell) for cell in line.split(";"))


Book = tuple[str, str, Rows]


def _prices() -> list[Book]:
    expired = book.EXPIRED
    tariffs = [(s.code, "", "", _SINCE, "", roubles(s.price), s.name) for s in book.BOOK.values()]
    tariffs.append((expired.code, "", "", "2020-01-01", "2021-03-31", roubles(expired.price), expired.name))
    dental = {*book.DENTAL.visits, *book.DENTAL.tests}
    services = [
        (
            s.code, s.name, int(s.visit), int(s.call), int(s.repeatable), int(_by_doctor(s)),
            int(s.code in dental), int(s.code == book.DENTAL.visits[0]),
        )
        for s in (*book.BOOK.values(), expired, book.UNPRICED)
    ]  # fmt: skip
    header = "code;name;is_visit;is_call;repeatable;needs_doctor;is_dental;is_primary_dental"
    return [
        ("tariffs", "code;level;child;begin;end;price;name", tariffs),
        ("services", header, services),
        ("visit_type", "code", [(code,) for code in book.PREVENTIVE]),
    ]


def _by_doctor(service: book.Service) -> bool:
    return service.visit or service.call or service.code.startswith("A16")


def _rooms() -> list[book.Room]:
    ambulance = book.Room("84", "66", "50", ("B01.044.001", "B01.044.002"), book.AMBULANCE)
    return [*book.ROOMS, book.DENTAL, *book.PARACLINIC, book.ONCOLOGIST, ambulance]


def _places() -> list[book.Room | book.Group]:
    return [*_rooms(), *_beds()]


def _beds() -> list[book.Group]:
    return [*book.INPATIENT, book.NEWBORN, *book.DAY, book.CHEMO, book.HIGH_TECH]


def _people() -> list[Book]:
    specialties = sorted({p.specialty for p in _places()}, key=int)
    doctors, certificates = [], []
    for specialty in specialties:
        for number in range(3):
            code, mark = book.doctor(specialty, number), int(specialty) + number
            names = (_SURNAMES[mark % 9], _NAMES[mark % 6], _FATHERS[mark % 5])
            doctors.append((code, code, *names, _HIRED, ""))
            certificates.append((code, specialty, "2018-02-01", "2023-12-31", f"77-{specialty}-{number + 1}"))
    departments = {r.department: ("4" if r.department == "50" else "3", _room_name(r)) for r in _rooms()}
    for group in _beds():
        departments[group.department] = ("2" if group in book.DAY else "1", f"Отделение {group.department}")
    pairs = sorted({(p.profile, p.specialty) for p in _places()}, key=lambda p: (int(p[0]), p[1]))
    return [
        ("doctors", "code;snils;surname;name;patronymic;hired;dismissed", doctors),
        ("certificates", "doctor;specialty;begin;end;number", certificates),
        (
            "departments",
            "code;name;usl_ok;begin;end",
            [(code, name, place, "2010-01-01", "") for code, (place, name) in sorted(departments.items())],
        ),
        ("profile_specialty", "profile;specialty", pairs),
    ]


def _room_name(room: book.Room) -> str:
    names = {row[0]: row[1] for row in _pairs(extracts.PROFILES)}
    return f"Кабинет {room.department} ({names[room.profile]})"


def _examinations() -> list[Book]:
    rows = []
    for disp, (first, last, _, codes) in book.EXAMINATIONS.items():
        for code in codes:
            final = code == codes[-1]
            # the age of the year is a year more than the one a person was made for
            rows.append((_EXAMS[disp], "1", code, "", first, last + 2, int(final), int(final)))
    header = "kind;stage;code;sex;age_min;age_max;mandatory;is_final"
    return [("disp_program", header, rows)]


def _groups() -> list[Book]:
    known: dict[str, book.Group] = {}
    for group in _beds():
        if group is not book.HIGH_TECH:
            known.setdefault(group.code, group)
    mes = [
        (
            g.code, g.name, "2" if g.code.startswith("ds") else "1", g.sex, "30", g.coefficient, "1", "0.5",
            int(g.code in _SHORT), _SINCE,
        )
        for g in known.values()
    ]  # fmt: skip
    rules = [
        (g.code, ds, "", "sh0001" if g is book.CHEMO else "") for g in known.values() for ds in g.diagnoses
    ]
    rate = (book.BASE_RATE, book.LEVEL_RATE, "1", _SINCE)
    return [
        ("mes", "code;name;usl_ok;sex;norm_days;coef_z;coef_up;short_share;is_short;begin", mes),
        ("mes_rule", "mes;ds;code;criterion", rules),
        ("rates", "usl_ok;base;coef_u;coef_d;begin", [(place, *rate) for place in ("1", "2")]),
        ("kslp", "code;name;value;limited;begin", [("1", "Сложность лечения пациента", "1.2", "1", _SINCE)]),
        ("V023_sample", "K_KSG;N_KSG;IDUMP;KOEF_Z;DATEBEG", [(*m[:3], m[5], "2019-01-01") for m in mes]),
    ]


def _volumes(first: Period, cases: int) -> list[Book]:
    rows = []
    for shift in range(2):
        month = first.shift(shift)
        for kind, share in SHARES.items():
            if kind not in KINDS:
                continue
            room = _TIGHT if kind == "outpatient" and not shift else _LOOSE
            limit = max(int(cases * share * room / 100), 1)
            title = f"{KINDS[kind].title}, {month.title}"
            rows.append((title, month.begin.isoformat(), month.end.isoformat(), kind, "cases", limit))
    return [("plan", "name;begin;end;kind;unit;quantity", rows)]


def _attachments(maker: Maker, region: Region) -> Rows:
    """The first outpatients of the month are attached to us."""
    found: dict[str, None] = {}
    for number in range(1, 13):
        policy = move(maker.case("outpatient", number), region).zap["PACIENT"]["NPOLIS"]
        if len(policy) == 16:
            found[policy] = None
    return [(policy, book.CODE_MO, "2020-01-01", "") for policy in found]


def _classifiers() -> list[Book]:
    payers = [
        ("76001", "78000", "1027700091100", "СМО «Учебная первая»"),
        ("76002", "78000", "1027700092200", "СМО «Учебная вторая»"),
        ("37001", "24000", "1023700005555", "СМО «Соседняя»"),
        ("44001", "34000", "1024400001237", "СК «Волга-Учебная»"),
    ]
    places = [(book.CODE_MO, "78000", "ГБУЗ «Учебная больница»"), ("760002", "78000", "Учебная поликлиника")]
    since = "2011-01-01"
    return [
        ("F002_sample", "smocod;tf_okato;Ogrn;nam_smok;d_begin", [(*row, since) for row in payers]),
        ("F003_sample", "mcod;tf_okato;nam_mok;d_begin", [(*row, since) for row in places]),
        ("F010_sample", "KOD_OKATO;KOD_TF;SUBNAME;DATEBEG", _dated(extracts.REGIONS)),
        ("M001_sample", "IDDS;Payable;DSNAME;DATEBEG", _dated(extracts.DIAGNOSES)),
        ("V002_sample", "IDPR;PRNAME;DATEBEG", _dated(extracts.PROFILES)),
        ("V009_sample", "IDRMP;DL_USLOV;RMPNAME;DATEBEG", _dated(extracts.RESULTS)),
        ("V020_sample", "IDK_PR;K_PRNAME;DATEBEG", _dated(extracts.BEDS)),
        ("V021_sample", "IDSPEC;SPECNAME;DATEBEG", _dated(extracts.SPECIALTIES)),
    ]


def _pairs(text: str) -> list[tuple[str, ...]]:
    return [tuple(line.split(";")) for line in text.strip().split("\n")]


def _dated(text: str) -> Rows:
    return [(*row, "2011-01-01") for row in _pairs(text)]
