"""What «Анализ МЭСов» looks at, in temporary tables: accounts, their КСГ, their services, other cases.

``mes_c`` an account with its case, patient and policy; ``mes_p`` its КСГ or МЭС, one per SL; ``mes_s`` its
services; ``mes_o`` live cases of the same persons; ``mes_price`` the book of tariffs flattened; ``mes_found``
what the checks find. Names of columns are those of the expertise's view, so that a condition reads alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from omstui.domain.criteria.view import tooth_of
from omstui.domain.forming.prices import TariffRow, flatten
from omstui.domain.store import db, persons
from omstui.domain.store.packages import LIVE

TABLES: dict[str, str] = {
    "mes_c": (
        "account INTEGER PRIMARY KEY, reg INTEGER, id INTEGER, kind TEXT, exam INTEGER, usl_ok TEXT,"
        " pay_method TEXT, result TEXT, profile TEXT, bed_profile TEXT, doctor TEXT, specialty TEXT,"
        " date_in TEXT, date_out TEXT, day TEXT, completed INTEGER, bed_days INTEGER, ds_main TEXT, ds2 TEXT,"
        " ksg TEXT, source_sum INTEGER, billed INTEGER, patient INTEGER, person INTEGER, newborn TEXT,"
        " sex TEXT, age INTEGER, child TEXT, payer INTEGER"
    ),
    "mes_p": (
        "account INTEGER, part INTEGER, mes TEXT, ksg TEXT, ds TEXT, days INTEGER, last INTEGER, kg TEXT,"
        " book INTEGER, federal INTEGER, crit TEXT, PRIMARY KEY(account, part)"
    ),
    "mes_s": (
        "account INTEGER, id INTEGER, part INTEGER, code TEXT, intervention TEXT, date_in TEXT,"
        " date_out TEXT, quantity INTEGER, tariff INTEGER, billed INTEGER, doctor TEXT, specialty TEXT,"
        " made INTEGER, book INTEGER, tooth TEXT, PRIMARY KEY(account, id)"
    ),
    "mes_o": (
        "id INTEGER PRIMARY KEY, person INTEGER, newborn TEXT, usl_ok TEXT, date_in TEXT, date_out TEXT,"
        " ksg TEXT, card TEXT"
    ),
    "mes_price": (
        "code TEXT, child TEXT, begin_date TEXT, end_date TEXT, price INTEGER,"
        " PRIMARY KEY(code, child, begin_date)"
    ),
    "mes_found": (
        "n INTEGER PRIMARY KEY, account INTEGER, service_id INTEGER, code TEXT, severity TEXT, mes TEXT,"
        " expected TEXT, actual TEXT, difference INTEGER, message TEXT"
    ),
}

_YEARS = "CAST(substr({d}, 1, 4) AS INTEGER) - CAST(substr({b}, 1, 4) AS INTEGER)"
#: twins go by one policy and one name: the number in NOVOR tells them apart
_NEWBORN = "CASE c.newborn WHEN '0' THEN '' ELSE c.newborn END"
_AGE = f"({_YEARS} - (substr({{d}}, 6, 5) < substr({{b}}, 6, 5)))".format(d="c.date_in", b="p.birth_date")


def covers(row: str, day: str) -> str:
    """Condition: a row of a book is in force on the day; '' = no limit."""
    return (
        f"({row}.begin_date = '' OR {row}.begin_date <= {day})"
        f" AND ({row}.end_date = '' OR {row}.end_date >= {day})"
    )


def days_between(begin: str, end: str) -> str:
    """Days of a stay (m is its account): the day of admission and of discharge are one but in usl_ok 2."""
    days = f"julianday({end}) - julianday({begin})"
    return f"CAST(CASE WHEN m.usl_ok = '2' THEN {days} + 1 ELSE max({days}, 1) END AS INTEGER)"


def prepare(registries: Sequence[int], level: str, step: Callable[[str], None]) -> None:
    """Fill the tables for all accounts of these registries; ``step`` is called before each of them."""
    marks = ",".join("?" * len(registries))
    step("Счета")
    _accounts(f"a.registry_id IN ({marks})", list(registries))
    step("КСГ и МЭС счетов")
    _parts()
    step("Услуги счетов")
    _services()
    step("Пациенты")
    _persons()
    _others()
    db.drop_temp((persons.TABLE,))
    rows = db.execute("SELECT code, level, child, begin_date, end_date, price FROM tariff ORDER BY code")
    db.executemany("INSERT INTO mes_price VALUES(?,?,?,?,?)", flatten(map(TariffRow._make, rows), level))


def _accounts(where: str, params: Sequence[int]) -> None:
    newborn = f"{_NEWBORN} <> ''"
    db.execute(
        "INSERT INTO mes_c SELECT a.id, a.registry_id, c.id, c.kind,"
        " c.kind IN ('dispensary', 'orphans', 'checkup', 'minors'), c.usl_ok, c.pay_method, c.result,"
        " c.profile, c.bed_profile, c.doctor, c.specialty, c.date_in, c.date_out,"
        " coalesce(c.date_out, c.date_in), c.completed, CAST(nullif(c.bed_days, '') AS INTEGER),"
        " trim(c.ds_main), c.ds2, trim(c.ksg), c.source_sum, a.total, c.patient_id, c.patient_id,"
        f" {_NEWBORN}, p.sex, CASE WHEN p.birth_date <> '' THEN {_AGE} END,"
        f" CASE WHEN {newborn} OR p.birth_date <> '' AND {_AGE} < 18 THEN '1' ELSE '0' END, a.payer_id"
        " FROM account a JOIN cases c ON c.id = a.case_id JOIN patient p ON p.id = c.patient_id"
        f" WHERE {where}",
        params,
    )


_PART = "INSERT INTO mes_p(account, part, mes, ksg, ds, days, last, kg) SELECT * FROM ("
_KEPT = "t.account = m.account) WHERE mes <> ''"
_DAYS = "CAST(json_extract(t.sl, '$.KD') AS INTEGER)"
_MES = "coalesce(nullif({ksg}, ''), json_extract(t.sl, '$.CODE_MES1[0]'), '') AS mes"
_GROUP = "coalesce(json_extract(t.sl, '$.KSG_KPG'), '{}')"


def _parts() -> None:
    """A row per SL that has a КСГ or a МЭС; a case that is not from a federal file has its КСГ only."""
    named = "coalesce(json_extract(t.sl, '$.KSG_KPG.N_KSG'), '')"
    begin, end = "json_extract(t.sl, '$.DATE_1')", "json_extract(t.sl, '$.DATE_2')"
    db.execute(
        f"{_PART}SELECT m.account, t.part, {_MES.format(ksg=named)}, {named} AS ksg,"
        f" coalesce(json_extract(t.sl, '$.DS1'), ''), coalesce({_DAYS}, {days_between(begin, end)}), 0,"
        f" {_GROUP} FROM (SELECT m.account, e.key + 1 AS part, e.value AS sl FROM mes_c m"
        " JOIN cases c ON c.id = m.id, json_each(c.extra, '$.fed.parts') e WHERE m.usl_ok IN ('1', '2')) t"
        f" JOIN mes_c m ON {_KEPT}"
    )
    # the last SL is the header of the case: its columns go before what the file said
    own = "CASE WHEN json_extract(t.sl, '$.KSG_KPG.N_KPG') = m.ksg THEN '' ELSE m.ksg END"
    whole = f"coalesce(m.bed_days, {days_between('m.date_in', 'm.day')})"
    last = f"coalesce({_DAYS}, {days_between(f'coalesce({begin}, m.date_in)', 'm.day')})"
    db.execute(
        f"{_PART}SELECT m.account, t.earlier + 1, {_MES.format(ksg=own)}, {own} AS ksg, m.ds_main,"
        f" CASE WHEN t.earlier THEN {last} ELSE {whole} END, 1, {_GROUP} FROM (SELECT m.account,"
        " coalesce(json_array_length(c.extra, '$.fed.parts'), 0) AS earlier,"
        " coalesce(json_extract(c.extra, '$.fed.sl'), '{}') AS sl FROM mes_c m JOIN cases c ON c.id = m.id"
        f" WHERE m.ksg <> '' OR instr(c.extra, '\"CODE_MES1\"')) t JOIN mes_c m ON {_KEPT}"
    )
    account = "FROM {} b, mes_c m WHERE m.account = mes_p.account AND b.code = mes_p.mes"
    db.execute(
        "UPDATE mes_p SET crit = coalesce(json_extract(kg, '$.CRIT'), '[]'),"
        f" book = (SELECT b.id {account.format('mes')} AND b.usl_ok IN ('', m.usl_ok)"
        f" AND {covers('b', 'm.day')} ORDER BY b.usl_ok DESC, b.begin_date DESC LIMIT 1),"
        f" federal = EXISTS (SELECT 1 {account.format('nsi')} AND b.book = 'V023' AND b.a1 = m.usl_ok"
        f" AND {covers('b', 'm.day')})"
    )


def _services() -> None:
    # a service the forming made for a КСГ alone (forming_write.KSG_SOURCE) stands for any SL
    one = (
        "(SELECT b.id FROM service_book b WHERE b.code = {} AND"
        f" {covers('b', 'coalesce(v.date_out, v.date_in)')} ORDER BY b.begin_date DESC LIMIT 1)"
    )
    found = f"coalesce({one.format('v.code')}, {one.format('v.intervention')})"
    db.execute(
        "INSERT OR IGNORE INTO mes_s SELECT m.account, v.id, v.part, v.code, v.intervention, v.date_in,"
        " coalesce(v.date_out, v.date_in), x.quantity, v.tariff, x.total, v.doctor, v.specialty,"
        f" v.source_id = 'КСГ', {found}, {tooth_of('v')}"
        " FROM mes_c m CROSS JOIN account_service x ON x.account_id = m.account"
        " JOIN service v ON v.id = x.service_id"
    )


def _persons() -> None:
    persons.gather("SELECT patient AS patient_id FROM mes_c")
    db.execute(
        "UPDATE mes_c SET person = (SELECT w.person FROM person_of w WHERE w.patient_id = mes_c.patient)"
    )


def _others() -> None:
    """Live cases: not deleted, merged, cut, nor refused without «в реестр»."""
    refused = "(a.stage1 = 2 OR a.stage2 = 2)"
    live = (
        f"SELECT max(NOT {refused} OR EXISTS (SELECT 1 FROM resubmission b WHERE b.account_id = a.id"
        " AND b.undone_at IS NULL)) FROM account a JOIN registry r ON r.id = a.registry_id"
        f" WHERE a.case_id = c.id AND r.is_test = 0 AND {LIVE}"
    )
    since = db.scalar("SELECT min(date_in) FROM mes_c") or ""
    db.execute(
        f"INSERT INTO mes_o SELECT c.id, w.person, {_NEWBORN}, c.usl_ok, c.date_in,"
        " c.date_out, trim(c.ksg), c.nhistory FROM person_of w CROSS JOIN cases c"
        " ON c.patient_id = w.patient_id WHERE c.deleted_at IS NULL AND c.merged_into IS NULL"
        f" AND c.sequestered = '' AND c.date_out >= ? AND coalesce(({live}), 1)",
        (since,),
    )
    db.execute("CREATE INDEX temp.mes_o_person ON mes_o(person, usl_ok, date_in)")
