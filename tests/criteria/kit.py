"""Readable tables of criteria: a row is a criterion, a verdict and the cases that show it.

All rows of a module live in one database and are checked at once with every criterion on; each row has
persons, policies and cards of its own, so rows do not see one another. The registry is 01.03.2023-31.03.2023.
A row «fires» when its marked case gets exactly that criterion (and ``also``), «passes» when nothing fires.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from omstui.domain.bookspecs import LOCAL
from omstui.domain.criteria.catalog import all_criteria, bound, choose
from omstui.domain.model import fio_key
from omstui.domain.store import db, expertise
from tests.domain.formkit import insert
from tests.support import make_services

TODAY = "2023-04-05"
PRICE = 50000

Fields = dict[str, Any]


@dataclass
class Made:
    """A case to insert: columns of cases, patient, policies and services that differ from a valid one."""

    kind: str
    case: Fields
    patient: Fields
    policies: list[Fields] | None
    services: list[Fields]
    #: number of the case of this row whose patient card it shares
    of: int | None = None
    #: False: the case stands in no registry; "sent": in an earlier exported registry
    registry: bool | str = True
    account: Fields = field(default_factory=dict)
    after: Any = None  # called with (case_id, patient_id) once inserted


@dataclass
class Row:
    """A line of the table. ``on``: numbers of cases that are marked (default: the last one)."""

    code: str
    verdict: str  # passes | fires | boundary
    label: str
    cases: tuple[Made, ...]
    expect: frozenset[str]
    on: tuple[int, ...]


#: a row of this code shows a valid case: nothing at all may fire
VALID = "00.000"


def passes(code: str, label: str, *cases: Made) -> Row:
    return Row(code, "passes", label, cases, frozenset(), ())


def fires(
    code: str, label: str, *cases: Made, also: Sequence[str] = (), on: Sequence[int] | None = None
) -> Row:
    marked = tuple(on) if on is not None else (len(cases) - 1,)
    return Row(code, "fires", label, cases, frozenset({code, *also}), marked)


def boundary(code: str, label: str, *cases: Made, fires: bool = False, also: Sequence[str] = (),
             on: Sequence[int] | None = None) -> Row:  # fmt: skip
    """The last value that still passes, or (``fires=True``) the first that does not."""
    if not fires:
        return Row(code, "boundary", label, cases, frozenset(also), tuple(on or ()) if also else ())
    marked = tuple(on) if on is not None else (len(cases) - 1,)
    return Row(code, "boundary", label, cases, frozenset({code, *also}), marked)


# --- valid cases -------------------------------------------------------------------------------

_VISIT = {"code": "B01.047.001", "date": "2023-03-10", "doctor": "D1", "specialty": "76", "profile": "97"}
_VALID: dict[str, tuple[Fields, list[Fields]]] = {
    "outpatient": (
        {"usl_ok": "3", "help_type": "12", "help_form": "3", "pay_method": "29", "purpose": "1.0",
         "result": "301", "outcome": "301", "ds_main": "J06.9", "ds_char": "1", "profile": "97",
         "specialty": "76", "doctor": "D1", "department": "T1", "date_in": "2023-03-10", "date_out": "2023-03-10"},
        [_VISIT],
    ),
    "dental": (
        {"usl_ok": "3", "help_type": "12", "help_form": "3", "pay_method": "29", "purpose": "1.0",
         "result": "301", "outcome": "301", "ds_main": "K02.1", "ds_char": "1", "profile": "85",
         "specialty": "69", "doctor": "D2", "department": "T1", "date_in": "2023-03-10", "date_out": "2023-03-10"},
        [{"code": "B01.065.001", "date": "2023-03-10", "doctor": "D2", "specialty": "69", "profile": "85"}],
    ),
    "paraclinic": (
        {"usl_ok": "3", "help_type": "12", "help_form": "3", "pay_method": "28", "purpose": "1.0",
         "result": "301", "outcome": "301", "ds_main": "J06.9", "ds_char": "1", "profile": "97",
         "specialty": "76", "doctor": "D1", "department": "T1", "date_in": "2023-03-10", "date_out": "2023-03-10"},
        [{"code": "A09.05.023", "date": "2023-03-10", "doctor": "D1", "specialty": "76", "profile": "97"}],
    ),
    "inpatient": (
        {"usl_ok": "1", "help_type": "31", "help_form": "3", "pay_method": "33", "ksg": "st01.001",
         "result": "101", "outcome": "101", "ds_main": "I11.9", "ds_first": "I11.9", "profile": "97",
         "bed_profile": "40", "specialty": "76", "doctor": "D1", "department": "S1", "bed_days": "10",
         "ref_mo": "760002", "ref_date": "2023-03-01", "date_in": "2023-03-10", "date_out": "2023-03-20"},
        [{"code": "st01.001", "date": "2023-03-10", "date_out": "2023-03-20", "doctor": "D1", "specialty": "76",
          "profile": "97"}],
    ),
    "dayhospital": (
        {"usl_ok": "2", "help_type": "31", "help_form": "3", "pay_method": "33", "ksg": "ds01.001",
         "result": "201", "outcome": "201", "ds_main": "I11.9", "ds_first": "I11.9", "profile": "97",
         "bed_profile": "40", "specialty": "76", "doctor": "D1", "department": "S2", "bed_days": "5",
         "ref_mo": "760002", "ref_date": "2023-03-01", "date_in": "2023-03-10", "date_out": "2023-03-14"},
        [{"code": "ds01.001", "date": "2023-03-10", "date_out": "2023-03-14", "doctor": "D1", "specialty": "76",
          "profile": "97"}],
    ),
    "ambulance": (
        {"usl_ok": "4", "help_type": "21", "help_form": "1", "pay_method": "24", "result": "401",
         "outcome": "401", "ds_main": "I10", "profile": "84", "specialty": "49", "doctor": "D3",
         "department": "A1", "date_in": "2023-03-10", "date_out": "2023-03-10"},
        [{"code": "B01.044.001", "date": "2023-03-10", "doctor": "D3", "specialty": "49", "profile": "84"}],
    ),
    "dispensary": (
        {"usl_ok": "3", "help_type": "12", "help_form": "3", "pay_method": "30", "purpose": "2.2",
         "disp": "ДВ4", "result": "317", "outcome": "306", "ds_main": "Z00.0", "profile": "97",
         "specialty": "76", "doctor": "D1", "department": "T1", "date_in": "2023-03-10", "date_out": "2023-03-10"},
        [{"code": "B04.047.002", "date": "2023-03-10", "doctor": "D1", "specialty": "76", "profile": "97"}],
    ),
}  # fmt: skip
_VALID["checkup"] = (_VALID["dispensary"][0] | {"disp": "ОПВ", "result": "343"}, _VALID["dispensary"][1])
_VALID["minors"] = (
    _VALID["dispensary"][0]
    | {
        "disp": "ПН1",
        "result": "332",
        "profile": "68",
        "specialty": "49",
        "doctor": "D4",
        "ds_main": "Z00.2",
    },
    [{"code": "B04.031.002", "date": "2023-03-10", "doctor": "D4", "specialty": "49", "profile": "68"}],
)
_VALID["orphans"] = (_VALID["minors"][0] | {"disp": "ДС2", "result": "321"}, _VALID["minors"][1])

#: born: a man of 50; who is examined as a child is 10
_BIRTH = {
    "minors": "2012-06-06",
    "orphans": "2012-06-06",
    "dispensary": "1973-05-05",
    "checkup": "1982-05-05",
}


def case(
    kind: str = "outpatient",
    *,
    patient: Fields | None = None,
    policy: Fields | None = None,
    policies: list[Fields] | None = None,
    services: list[Fields] | None = None,
    service: Fields | None = None,
    of: int | None = None,
    registry: bool | str = True,
    account: Fields | None = None,
    after: Any = None,
    days: tuple[str, str] | None = None,
    **fields: Any,
) -> Made:
    """A valid case of the kind with these differences.

    ``service`` changes the one service of a valid case, ``services`` replaces the list; ``policy`` changes the
    one policy, ``policies=[]`` removes it; ``days=("2023-03-02", "2023-03-09")`` moves the case and its one
    service (bed-days follow in hospital); ``of=0`` = of the same patient card as the first case of the row.
    """
    base, base_services = _VALID[kind]
    made = {**base}
    listed = [{**s} for s in (base_services if services is None else services)]
    if days:
        made |= {"date_in": days[0], "date_out": days[1]}
        if services is None:
            for item in listed:
                item |= (
                    {"date": days[0], "date_out": days[1]}
                    if kind in ("inpatient", "dayhospital")
                    else {"date": days[1]}
                )
        if kind in ("inpatient", "dayhospital"):
            stay = _days(*days) + (kind == "dayhospital")
            made["bed_days"] = str(max(stay, 1))
            made["ref_date"] = days[0]
    if service:
        listed = [item | service for item in listed]
    made |= fields
    person = {"birth_date": _BIRTH.get(kind, "1973-05-05"), "sex": "1"} | (patient or {})
    if policies is None:
        policies = [policy or {}]
    return Made(kind, made, person, policies, listed, of, registry, account or {}, after)


def tap(**changes: Any) -> Made:
    return case("outpatient", **changes)


def mksb(**changes: Any) -> Made:
    return case("inpatient", **changes)


def day_stay(**changes: Any) -> Made:
    return case("dayhospital", **changes)


def smp(**changes: Any) -> Made:
    return case("ambulance", **changes)


def from_d_file(kind: str = "dispensary", **changes: Any) -> Made:
    """An examination loaded from a D-file, which has no form, profile, character of disease, …"""

    def loaded(case_id: int, patient: int) -> None:
        file = insert("load_file", name="DP.zip", sha256="d", loaded_at="2023-04-01 09:00:00")
        db.execute("UPDATE cases SET family = 'D', load_file_id = ? WHERE id = ?", (file, case_id))

    return case(kind, after=loaded, **changes)


def from_bill(kind: str = "outpatient", **changes: Any) -> Made:
    """A case loaded from a …13X of an earlier month, which says neither way of payment nor СМО."""

    def loaded(case_id: int, patient: int) -> None:
        header = json.dumps({"code_mo": "760001", "format": "13X"})
        file = insert("load_file", name="x.7z", sha256="x", loaded_at="2023-04-01 09:00:00", header=header)
        db.execute("UPDATE cases SET load_file_id = ? WHERE id = ?", (file, case_id))

    bare = {"pay_method": "", "help_form": "", "policy": {"smo": "", "okato": ""}}
    return case(kind, after=loaded, **bare | changes)


def visit(date: str, **changes: Any) -> Fields:
    """A valid visit to the therapist on a day, for ``services=[…]``."""
    return {**_VISIT, "date": date} | changes


def _days(first: str, last: str) -> int:
    from datetime import date

    return (date.fromisoformat(last) - date.fromisoformat(first)).days


# --- books -------------------------------------------------------------------------------------

_OPEN = {"begin_date": "", "end_date": ""}


def nsi(book: str, *codes: str, **fields: Any) -> list[Fields]:
    return [{"book": book, "code": code, "name": f"{book} {code}", **_OPEN, **fields} for code in codes]


def _results() -> list[Fields]:
    rows = [str(n) for n in (*range(101, 111), *range(201, 209), *range(301, 375), *range(401, 418))]
    return [{**row, "a1": row["code"][0]} for row in nsi("V009", *rows)]


def _outcomes() -> list[Fields]:
    rows = (*range(101, 105), *range(201, 205), *range(301, 307), *range(401, 404))
    return [{**row, "a1": row["code"][0]} for row in nsi("V012", *map(str, rows))]


DIAGNOSES = [
    "J06",
    "J06.9",
    "I10",
    "I11",
    "I11.0",
    "I11.9",
    "E11",
    "E11.9",
    "K02",
    "K02.1",
    "K05",
    "K05.1",
    "O80",
    "O80.0",
    "P23",
    "P23.9",
    "Z00",
    "Z00.0",
    "Z00.1",
    "Z00.2",
    "Z00.3",
    "Z00.8",
    "Z01",
    "Z01.2",
    "Z92",
    "Z92.9",
    "Z34",
    "Z34.0",
    "C50",
    "C50.9",
    "A50",
    "A50.9",
    "F20",
    "F20.0",
    "N40",
    "N70",
    "N70.1",
    "W01",
    "S00",
    "S00.0",
    "U11",
    "U11.9",
    "R54",
    "J18",
    "J18.9",
]

#: books of the kit: book → rows; local ones by columns, classifiers by columns of nsi
BOOKS: dict[str, list[Fields]] = {
    "V002": nsi("V002", *map(str, range(1, 300))),
    "V021": nsi("V021", *map(str, range(1, 300))),
    "V006": nsi("V006", "1", "2", "3", "4"),
    "V009": _results(),
    "V010": nsi("V010", "24", "25", "28", "29", "30", "31", "32", "33", "36", "44"),
    "V012": _outcomes(),
    "V014": nsi("V014", "1", "2", "3"),
    "V025": nsi("V025", "1.0", "1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.5", "2.6", "3.0", "3.1"),
    "V027": nsi("V027", "1", "2", "3"),
    "V023": nsi("V023", "st01.001", "st01.002", a1="1") + nsi("V023", "ds01.001", "ds01.002", a1="2"),
    "F008": nsi("F008", "1", "2", "3"),
    "F002": nsi("F002", "76001", "76002", a1="78000") + nsi("F002", "77001", a1="45000"),
    "F003": nsi("F003", "760001", "760002", "760003", a1="78000"),
    "F010": nsi("F010", "78000", a1="76") + nsi("F010", "45000", a1="77"),
    "F011": [
        *nsi("F011", "14", a1="99 99", a2="9999990"),
        *nsi("F011", "3", a1="R-ББ", a2="999999"),
        *nsi("F011", "18", a1="", a2="S"),
    ],
    "M001": nsi("M001", *DIAGNOSES),
    "MKB10_SEX": [
        *nsi("MKB10_SEX", "N40", a1="N51", a2="1"),
        *nsi("MKB10_SEX", "N70", a1="N98", a2="2"),
        *nsi("MKB10_SEX", "O00", a1="O99", a2="2"),
    ],
    "services": [
        {"code": "B01.047.001", "name": "Приём терапевта", "is_visit": 1, "needs_doctor": 1, "usl_ok": "3"},
        {"code": "B04.047.002", "name": "Профилактический приём", "is_visit": 1, "needs_doctor": 1},
        {"code": "B04.031.002", "name": "Профилактический приём педиатра", "is_visit": 1, "needs_doctor": 1},
        {
            "code": "B01.065.001",
            "name": "Приём стоматолога",
            "is_visit": 1,
            "is_dental": 1,
            "needs_doctor": 1,
        },
        {"code": "B01.044.001", "name": "Вызов скорой помощи", "is_call": 1},
        {"code": "A09.05.023", "name": "Глюкоза", "repeatable": 0},
        {"code": "A06.09.007", "name": "Рентгенография лёгких"},
        {"code": "A16.07.002", "name": "Пломба", "is_dental": 1, "requires_tooth": 1},
        *({"code": c, "name": c} for c in ("st01.001", "st01.002", "ds01.001", "ds01.002")),
    ],
    "doctors": [
        {"code": code, "snils": "112-233-445 95", "surname": "Врачев", "name": "Иван", "hired": "2010-01-01"}
        for code in ("D1", "D2", "D3", "D4")
    ],
    "certificates": [
        {"doctor": d, "specialty": s, "begin_date": "2015-01-01", "end_date": "2030-12-31"}
        for d, s in (("D1", "76"), ("D2", "69"), ("D3", "49"), ("D4", "49"))
    ],
    "departments": [{"code": c, "name": c} for c in ("T1", "S1", "S2", "A1")],
}


def tariffs(**changes: int) -> list[Fields]:
    """Prices of all services of the kit: 500.00 each, any level, age and day."""
    return [{"code": row["code"], "price": changes.get(row["code"], PRICE)} for row in BOOKS["services"]]


def load_books(*books: Mapping[str, Sequence[Fields]]) -> None:
    """Put the rows of books in place; a later mapping replaces whole books of an earlier one."""
    wanted: dict[str, Sequence[Fields]] = {}
    for each in books:
        wanted |= each
    for code, rows in wanted.items():
        if code in LOCAL:
            db.execute(f"DELETE FROM {LOCAL[code].table}")
            for row in rows:
                insert(LOCAL[code].table, **row)
        else:
            db.execute("DELETE FROM nsi WHERE book = ?", (code,))
            for row in rows:
                insert("nsi", **row)


# --- running -----------------------------------------------------------------------------------

_NUMBER = count(1)
_LETTERS = "абвгдежзиклмнопрстуфхцчшщэюя"


def _unique(number: int) -> str:
    out = ""
    for _ in range(5):
        number, digit = divmod(number, len(_LETTERS))
        out += _LETTERS[digit]
    return out


def enp(number: int) -> str:
    """A valid ЕНП."""
    digits = f"7650{number:011d}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str((10 - total % 10) % 10)


def snils(number: int) -> str:
    """A valid СНИЛС."""
    digits = f"{200000000 + number:09d}"
    check = sum(int(d) * (9 - n) for n, d in enumerate(digits)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"


def _insert_patient(made: Made, number: int) -> int:
    values = {
        "surname": "Проверкин" + _unique(number),
        "name": "Пётр",
        "patronymic": "Ильич",
        "snils": snils(number),
        **made.patient,
    }
    values.setdefault("fio_key", fio_key(values["surname"], values["name"], values["patronymic"]))
    return insert("patient", **values)


def _insert_policies(made: Made, patient: int, number: int) -> list[int]:
    out = []
    for fields in made.policies or []:
        own = enp(number)
        values = {"type": "3", "number": own, "enp": own, "smo": "76001", "okato": "78000", "region": "76",
                  "begin_date": "2020-01-01", **fields}  # fmt: skip
        out.append(insert("policy", patient_id=patient, **values))
    return out


def _insert_services(case_id: int, made: Made) -> int:
    total = 0
    for n, fields in enumerate(made.services, 1):
        values = {
            "n": n,
            "quantity": 100,
            "tariff": PRICE,
            "lpu": "760001",
            "ds": made.case.get("ds_main", ""),
            **fields,
        }
        day = values.pop("date", None)
        tooth = values.pop("tooth", "")
        values.setdefault("date_in", day)
        values.setdefault("date_out", day)
        values.setdefault("source_sum", values["tariff"] * values["quantity"] // 100)
        if tooth:
            values["extra"] = json.dumps(
                {"bill": {"additionals": {"stomats": {"stomat": {"n_tooth": tooth}}}}}
            )
        insert("service", case_id=case_id, **values)
        total += values["source_sum"]
    return total


def _insert_case(made: Made, patient: int, policy: int | None, registries: Mapping[str, int]) -> int:
    number = next(_NUMBER)
    values: Fields = {
        "key": f"H{number}", "nhistory": f"K{number}", "kind": made.kind, "mo": "760001", "lpu": "760001",
        "updated_at": "2023-03-31 12:00:00", "patient_id": patient, "policy_id": policy, **made.case,
    }  # fmt: skip
    for name in ("ds2", "ds3"):
        if isinstance(values.get(name), list):
            values[name] = json.dumps(values[name])
    case_id = insert("cases", **values)
    total = _insert_services(case_id, made)
    if "source_sum" not in made.case:
        db.execute("UPDATE cases SET source_sum = ? WHERE id = ?", (total, case_id))
    if made.registry:
        which = "sent" if made.registry == "sent" else "main"
        fields: Fields = {"total": made.case.get("source_sum", total), "payer_id": None, **made.account}
        if which == "sent":
            fields.setdefault("package_id", registries["package"])
        account = insert(
            "account",
            registry_id=registries[which],
            case_id=case_id,
            xkey=f"x{number}",
            number=number,
            **fields,
        )
        db.execute(
            "INSERT INTO account_service(account_id, service_id, xkey, quantity, tariff, total)"
            " SELECT ?, id, '', quantity, tariff, source_sum FROM service WHERE case_id = ?",
            (account, case_id),
        )
    return case_id


def _registries() -> dict[str, int]:
    common = {"kind": "", "pay_type": "ОМС", "formed_at": "2023-04-01 10:00:00"}
    file = insert("stored_file", name="x", sha256="x", size=0, created_at="")
    package = insert("package", kind="3", period="2023-02", name="x", file_id=file, state="active")
    sent = insert("registry", period="2023-02", begin_date="2023-02-01", end_date="2023-02-28",
                  status="Выгружен", package_id=package, **common)  # fmt: skip
    main = insert("registry", period="2023-03", begin_date="2023-03-01", end_date="2023-03-31",
                  status="Сформирован", **common)  # fmt: skip
    return {"main": main, "sent": sent, "package": package}


def run_rows(
    folder: Path,
    rows: Sequence[Row],
    books: Mapping[str, Sequence[Fields]] | None = None,
    params: Mapping[str, str] | None = None,
    today: str = TODAY,
) -> list[list[set[str]]]:
    """Insert all rows, check once with every criterion on; the codes each case of each row got."""
    make_services(folder)
    with db.connection():
        with db.write():
            load_books(BOOKS, books or {})
            registries = _registries()
            made = [_insert_row(row, registries) for row in rows]
        found = fired(registries["main"], params=params, today=today)
    tells = {c.code for c in all_criteria().values() if c.is_set or c.detail != "''"}
    silent = {code for (_, _, code), message in MESSAGES.items() if not message}
    assert not silent & tells, "нет текста, что нашлось"
    return [[found.get(case_id, set()) for case_id in ids] for ids in made]


def _insert_row(row: Row, registries: Mapping[str, int]) -> list[int]:
    patients: list[tuple[int, list[int]]] = []
    ids = []
    for made in row.cases:
        if made.of is None:
            number = next(_NUMBER)
            patient = _insert_patient(made, number)
            patients.append((patient, _insert_policies(made, patient, number)))
        else:
            patients.append(patients[made.of])
        patient, policies = patients[-1]
        ids.append(_insert_case(made, patient, policies[0] if policies else None, registries))
        if made.after:
            made.after(ids[-1], patient)
    return ids


def fired(
    registry: int,
    params: Mapping[str, str] | None = None,
    today: str = TODAY,
    on: Sequence[str] | None = None,
) -> dict[int, set[str]]:
    """Codes by case; also keeps the findings with their texts in ``MESSAGES``."""
    choice = choose(on=all_criteria() if on is None else on, params=params)
    out: dict[int, set[str]] = {}
    MESSAGES.clear()

    def save(checking: expertise.Checking) -> None:
        failed = {o.code: o.reason for o in checking.outcomes.values() if o.state == "failed"}
        assert not failed, failed
        OUTCOMES.clear()
        OUTCOMES.update({o.code: o.state for o in checking.outcomes.values()})
        for case_id, service_id, code, message in db.execute("SELECT * FROM temp.found"):
            out.setdefault(case_id, set()).add(code)
            MESSAGES[case_id, service_id, code] = message

    values = {"today": today, "mo": "760001", "home_okato": "78000", "home_region": "76", "level": ""}
    expertise.check(choice.criteria, bound(choice.params) | values, registries=[registry], save=save)
    return out


MESSAGES: dict[tuple[int, int | None, str], str] = {}
OUTCOMES: dict[str, str] = {}


def verify(row: Row, got: Sequence[set[str]], *, whole: bool = False) -> None:
    """Marked cases got what they should, the others nothing.

    Only criteria of the row's own group (and those it expects) count, unless ``whole``: groups are tables of
    their own and a strange case may well break a neighbour's rule too.
    """
    whole = whole or row.code == VALID
    own = row.code[:3]
    wanted = [set(row.expect) if n in row.on else set() for n in range(len(row.cases))]
    seen = [{c for c in codes if whole or c.startswith(own) or c in row.expect} for codes in got]
    assert seen == wanted, f"{row.code} {row.verdict}: {row.label}"


def table(
    rows: Sequence[Row],
    books: Mapping[str, Sequence[Fields]] | None = None,
    params: Mapping[str, str] | None = None,
    *,
    whole: bool = False,
) -> Any:
    """``test_rows = table(ROWS)``: a parametrized test over the rows, checked once for the module."""
    import pytest

    results: list[list[list[set[str]]]] = []

    @pytest.mark.parametrize(
        "number", range(len(rows)), ids=[f"{r.code}-{r.verdict}-{r.label}" for r in rows]
    )
    def test_rows(number: int, tmp_path_factory: pytest.TempPathFactory) -> None:
        if not results:
            results.append(run_rows(tmp_path_factory.mktemp("criteria"), rows, books, params))
        verify(rows[number], results[0][number], whole=whole)

    return test_rows
