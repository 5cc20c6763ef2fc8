"""Reference books of a bench month at their real sizes (справочники): no criterion of 209 is left out.

The training month brings the rows its cases need; the rest is filled with made-up codes here, and the books
it has none of are made of what the cases themselves carry, so that criteria find little and look everywhere.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.child import Numbers
from bench.steps import run

#: rows of the official books, about
_SIZES = {"M001": 15000, "V001": 10000, "V002": 300, "V009": 120, "V012": 40, "V020": 120, "V021": 300}
_SIZES |= {"V023": 2500, "F002": 120, "F003": 9000, "F010": 90}
_SERVICES, _DOCTORS = 8000, 400
_RULES, _PAIRS = 20000, 2000

_OF_CASES = (
    # what the books lack of the month's own codes
    "INSERT OR IGNORE INTO nsi(book, code, name, a1) SELECT DISTINCT 'V001', code, 'Услуга', '' FROM service",
    "INSERT OR IGNORE INTO nsi(book, code, name, a1) SELECT DISTINCT 'V021', specialty, 'Специальность', ''"
    " FROM service",
    "INSERT OR IGNORE INTO licence(profile, usl_ok, number, begin_date)"
    " SELECT DISTINCT profile, usl_ok, 'ЛО-76', '2015-01-01' FROM cases WHERE profile <> ''",
    "INSERT OR IGNORE INTO mo_service(mask, begin_date) SELECT DISTINCT substr(code, 1, 4), '' FROM service",
    "INSERT OR IGNORE INTO service_specialty(code, specialty) SELECT DISTINCT code, specialty FROM service",
    "INSERT OR IGNORE INTO profile_specialty(profile, specialty)"
    " SELECT DISTINCT profile, specialty FROM cases WHERE profile <> ''",
    "INSERT OR IGNORE INTO doctor_certificate(doctor, specialty, begin_date, end_date)"
    " SELECT DISTINCT doctor, specialty, '2015-01-01', '2030-12-31' FROM cases WHERE doctor <> ''",
    "INSERT OR IGNORE INTO attachment(enp, mo, begin_date)"
    " SELECT DISTINCT enp, iif(id % 3, '760002', '760001'), '2020-01-01' FROM policy WHERE enp <> ''",
    "INSERT OR IGNORE INTO nsi(book, code, name, a1)"
    " SELECT DISTINCT 'V009', result, 'Результат', usl_ok FROM cases WHERE result <> ''",
    "INSERT OR IGNORE INTO disp_result(kind, result)"
    " SELECT DISTINCT kind, result FROM cases WHERE disp <> ''",
    # the month repeats tests within a case to have its number of services
    "UPDATE service_book SET repeatable = 1, max_qty = iif(id % 10, NULL, 50)",
    # and draws numbers of documents from a few
    "UPDATE patient SET doc_number = printf('%06d', id) WHERE doc_number <> ''",
    "UPDATE tariff SET capitation = 1 WHERE id % 25 = 0",
)


def fill(base: str) -> Numbers:
    """Fill the books of a database with cases; the rows they have then."""
    from omstui.domain.store import db

    db.bind(Path(base))
    with db.connection(), db.write():
        for book, rows in _SIZES.items():
            more = rows - int(db.scalar("SELECT count(*) FROM nsi WHERE book = ?", (book,)))
            _insert("nsi", "book code begin_date name a1", _classifier(book, max(0, more)))
        for statement in _OF_CASES:
            db.execute(statement)
        _services()
        _rules()
        _insert("calendar_day", "day working", ((f"2021-05-{day:02d}", 0) for day in range(1, 11)))
        _insert("observation_mkb", "mask", ((mask,) for mask in ("I10", "I11", "E11", "J45", "C", "K25")))
        masks = (("F10", 0), ("A50", 0), ("B20", 0), ("Z41", 0), *((f"A15.{n}", 0) for n in range(10)))
        _insert("oms_excluded_mkb", "mask paid", masks)
        rows = db.scalar("SELECT count(*) FROM nsi")
    return {"rows": rows}


def _classifier(book: str, rows: int) -> Iterable[tuple[Any, ...]]:
    """Rows of made-up codes: МКБ with paid ones, the others numbered."""
    for n in range(rows):
        code = f"{chr(65 + n % 26)}{n // 26 % 100:02d}.{n // 2600}" if book == "M001" else f"X{n:05d}"
        yield book, code, "2011-01-01", f"Наименование строки справочника {n}", "1"


def _services() -> None:
    codes = [f"A{n % 30 + 1:02d}.{n // 30 % 90:02d}.{n:05d}" for n in range(_SERVICES)]
    _insert("service_book", "code name repeatable", ((c, "Услуга", n % 2) for n, c in enumerate(codes)))
    _insert(
        "tariff", "code begin_date price", ((c, f"{y}-01-01", 50000) for c in codes for y in (2020, 2021))
    )
    _insert("service_specialty", "code specialty", ((c, str(n % 90)) for n, c in enumerate(codes)))
    people = [(f"B{n:04d}", "112-233-445 95", "Врачев", "2010-01-01") for n in range(_DOCTORS)]
    _insert("doctor", "code snils surname hired", people)
    held = ((p[0], "76", "2015-01-01", "2030-12-31") for p in people)
    _insert("doctor_certificate", "doctor specialty begin_date end_date", held)
    pairs = [(codes[n], codes[-1 - n]) for n in range(_PAIRS)]
    _insert("service_inclusion", "parent child", pairs)
    _insert("service_exclusion", "code1 code2", pairs)


def _rules() -> None:
    rows = (
        (f"st{n % 38 + 1:02d}.{n % 90:03d}", f"{chr(65 + n % 26)}{n // 26 % 100:02d}", f"A{n}")
        for n in range(_RULES)
    )
    _insert("mes_rule", "mes ds code", rows)


def _insert(table: str, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    from omstui.domain.store import db

    places = ",".join("?" * len(names.split()))
    db.executemany(f"INSERT OR IGNORE INTO {table}({names.replace(' ', ',')}) VALUES({places})", rows)


def package(out: str, rows: int) -> Numbers:
    """Write an official package of МКБ-10 of so many rows."""
    body = "".join(
        f"<zap><IDDS>{code}</IDDS><DSNAME>{name}</DSNAME><DATEBEG>01.01.2011</DATEBEG><DATEEND/></zap>"
        for _, code, _, name, _ in _classifier("M001", rows)
    )
    head = '<?xml version="1.0" encoding="windows-1251"?><packet><zglv><type>M001</type>'
    text = f"{head}<version>99.1</version><date>01.04.2021</date></zglv>{body}</packet>"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("M001.xml", text.encode("windows-1251"))
    return {"size": len(text)}


def load(base: str, path: str) -> Numbers:
    """Load the package as the operator does."""
    clock, made = run(base, "nsi-load", paths=[path])
    return clock.numbers(rows=made["books"][0].get("rows", 0))
