"""The floors (пол): the least work that gives a comparable result, without the rules of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.child import Clock, Numbers
from bench.steps import PERIOD

_BATCH = 2000


def _elements(source: Any, tag: str) -> Iterator[Any]:
    from lxml import etree

    for _, element in etree.iterparse(source, tag=tag, huge_tree=True):
        yield element
        element.clear()
        parent = element.getparent()
        while element.getprevious() is not None:
            del parent[0]


# --- load ------------------------------------------------------------------------------------


def load(data: str, base: str) -> Numbers:
    """Iterparse reading every element, executemany into the same tables with the same indexes."""
    from omstui.domain.store import db

    db.bind(Path(base))
    clock = Clock()
    with clock.running(), db.connection():
        writer = _Rows()
        for cases in sorted((Path(data) / PERIOD).glob("[!L]*.xml")):
            stem = cases.name[1:] if cases.name[0] in "HD" and cases.name[1] == "M" else cases.name
            persons = _persons_file(cases)
            with db.write():
                for element in _elements(str(persons), "PERS"):
                    writer.person({c.tag: c.text for c in element})
                for element in _elements(str(cases), "ZAP"):
                    writer.case(stem, element)
                writer.flush()
    return clock.numbers(cases=writer.cases)


def _persons_file(cases: Path) -> Path:
    """HM… has LM…, DPM… has LPM…, CM… has LCM…."""
    name = cases.name
    letters = name[: name.index("M")]
    rest = "" if letters == "H" else letters[1:] if letters[0] == "D" else letters
    return cases.with_name(f"L{rest}{name[len(letters) :]}")


class _Rows:
    """Rows for four tables, a batch at a time."""

    def __init__(self) -> None:
        from omstui.domain.store import db
        from omstui.domain.store.tables import Case, Patient, Policy, Service, columns

        self._db = db
        self._tables = {
            "patient": (columns(Patient), {"version": 1, "birth_date": None}),
            "policy": (columns(Policy), {}),
            "cases": (
                columns(Case),
                dict.fromkeys(("deleted_at", "merged_into", "load_file_id", "bed_days", "payer_id")),
            ),
            "service": (columns(Service), {"quantity": 100, "part": 1}),
        }
        self._rows: dict[str, list[tuple[Any, ...]]] = {name: [] for name in self._tables}
        self._empty = {
            name: dict.fromkeys(names, "") | {"extra": "{}"} | more
            for name, (names, more) in self._tables.items()
        }
        self._ids: dict[str, int] = {}
        self.cases = self._services = 0

    def _add(self, table: str, **values: Any) -> None:
        self._rows[table].append(tuple((self._empty[table] | values).values()))

    def person(self, v: dict[str, str]) -> None:
        if v["ID_PAC"] in self._ids:
            return
        number = self._ids[v["ID_PAC"]] = len(self._ids) + 1
        get = v.get
        self._add(
            "patient", id=number, ext_id=v["ID_PAC"], surname=get("FAM", ""), name=get("IM", ""),
            patronymic=get("OT", ""), fio_key=f"{get('FAM')} {get('IM')} {get('OT')}".lower(),
            birth_date=get("DR"), sex=get("W", ""), snils=get("SNILS", ""), birth_place=get("MR", ""),
            doc_type=get("DOCTYPE", ""), doc_series=get("DOCSER", ""), doc_number=get("DOCNUM", ""),
        )  # fmt: skip

    def case(self, file: str, element: Any) -> None:
        v: dict[str, str] = {}
        services = []
        for child in element.iter():
            if child.tag == "USL":
                services.append({c.tag: c.text for c in child})
            else:
                v[child.tag] = child.text
        self.cases += 1
        number, patient, get = self.cases, self._ids[v["ID_PAC"]], v.get
        self._add(
            "policy", id=number, patient_id=patient, type=get("VPOLIS"), number=get("NPOLIS", ""),
            enp=get("NPOLIS", ""), smo=get("SMO", ""),
        )  # fmt: skip
        self._add(
            "cases", id=number, key=f"{file}|{get('NHISTORY')}|{get('DATE_Z_1')}", dup=number,
            nhistory=get("NHISTORY"), kind="outpatient", usl_ok=get("USL_OK", ""), date_in=get("DATE_Z_1"),
            date_out=get("DATE_Z_2"), help_type=get("VIDPOM", ""), help_form=get("FOR_POM", ""),
            lpu=get("LPU", ""), result=get("RSLT", ""), outcome=get("ISHOD", ""), completed=1,
            profile=get("PROFIL", ""), doctor=get("IDDOKT", ""), specialty=get("PRVS", ""),
            ds_main=get("DS1", ""), patient_id=patient, policy_id=number, pay_type="ОМС", version=1,
            source_sum=int(get("SUMV", "0").replace(".", "")), source_hash="0" * 32,
        )  # fmt: skip
        for n, u in enumerate(services, 1):
            self._services += 1
            self._add(
                "service", id=self._services, case_id=number, n=n, source_id=u.get("IDSERV", ""),
                code=u.get("CODE_USL", ""), profile=u.get("PROFIL", ""), date_in=u.get("DATE_IN"),
                date_out=u.get("DATE_OUT"), doctor=u.get("CODE_MD", ""), specialty=u.get("PRVS", ""),
                tariff=int((u.get("TARIF") or "0").replace(".", "")), lpu=u.get("LPU", ""),
                source_sum=int((u.get("SUMV_USL") or "0").replace(".", "")),
            )  # fmt: skip
        if len(self._rows["cases"]) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        for name, (names, _) in self._tables.items():
            self._db.executemany(self._db.insert_sql(name, names), self._rows[name])
            self._rows[name].clear()


# --- form ------------------------------------------------------------------------------------


def form(base: str) -> Numbers:
    """Accounts and services of the month, priced by the book, in four statements."""
    from omstui.domain.store import db

    db.bind(Path(base))
    clock = Clock()
    with clock.running(), db.connection(), db.write():
        registry = db.execute("INSERT INTO registry(period, kind) VALUES(?, 'outpatient')", (PERIOD,))
        db.execute(
            "INSERT INTO account(registry_id, case_id, xkey, payer_id) SELECT ?, id,"
            " printf('76%030d', id), payer_id FROM cases WHERE date_out BETWEEN ? || '-01' AND ? || '-31'"
            " AND completed=1 AND ds_main<>'' AND deleted_at IS NULL",
            (registry.lastrowid, PERIOD, PERIOD),
        )
        db.execute(
            "INSERT INTO account_service(account_id, service_id, xkey, quantity)"
            " SELECT a.id, s.id, printf('88%030d', s.id), s.quantity FROM account a"
            " CROSS JOIN service s ON s.case_id=a.case_id"
        )
        db.execute(
            "UPDATE account_service SET tariff=t.price, total=(t.price*account_service.quantity+50)/100"
            " FROM account a, cases c, service s, tariff t WHERE a.id=account_service.account_id"
            " AND c.id=a.case_id AND s.id=account_service.service_id AND t.code=s.code"
            " AND t.begin_date<=c.date_out AND (t.end_date='' OR t.end_date>=c.date_out)"
        )
        db.execute(
            "UPDATE account SET total=(SELECT coalesce(sum(total), 0) FROM account_service"
            " WHERE account_id=account.id)"
        )
        accounts = db.scalar("SELECT count(*) FROM account")
    return clock.numbers(accounts=accounts)


# --- accept ----------------------------------------------------------------------------------


def accept(base: str, answers: str) -> Numbers:
    """Iterparse of the answers reading every account and its reasons, a line per account."""
    from omstui.domain.store import db
    from omstui.formats.containers import open_bill

    db.bind(Path(base))
    clock = Clock()
    count = 0
    with clock.running(), db.connection():
        package, file = db.execute("SELECT id, file_id FROM package").fetchone()
        for number, path in enumerate(sorted(Path(answers).iterdir()), 1):
            with db.write(), open_bill(path) as stream:
                db.execute(
                    "INSERT INTO answer(id, package_id, stage, payer_id, file_id, name)"
                    " VALUES(?, ?, 1, ?, ?, ?)",
                    (number, package, number, file, path.name),
                )
                db.execute("CREATE TEMP TABLE came(xkey TEXT PRIMARY KEY, pay TEXT, code TEXT)")
                db.executemany("INSERT OR IGNORE INTO came VALUES(?,?,?)", _decisions(stream))
                db.execute(
                    "INSERT INTO answer_line(answer_id, account_id, pay, refused)"
                    " SELECT ?, a.id, i.pay, i.pay='4' FROM came i JOIN account a ON a.xkey=i.xkey",
                    (number,),
                )
                db.execute(
                    "INSERT INTO refusal(answer_id, account_id, stage, kind, code)"
                    " SELECT ?, a.id, 1, 'an_ps', i.code FROM came i JOIN account a ON a.xkey=i.xkey"
                    " WHERE i.code<>''",
                    (number,),
                )
                count += int(db.scalar("SELECT count(*) FROM came"))
                db.execute("DROP TABLE came")
    return clock.numbers(accounts=count)


def _decisions(stream: Any) -> Iterator[tuple[str, str, str]]:
    """(xkey, pay, code of the first reason) of each account."""
    for patient in _elements(stream, "patient"):
        person = "1" if patient.find("an_p") is not None else ""
        for account in patient.find("register_accounts"):
            smo = account.find("smo")
            pay, code = "", person
            if smo is not None:
                pay = smo.get("pay", "")
                reason = smo.find("an_pss/an_ps") if len(smo) else None
                code = person if reason is None else reason.get("an_ps", "")
            yield account.get("xkey", ""), pay, code


# --- view ------------------------------------------------------------------------------------


def view(path: str) -> Numbers:
    """Iterparse of the file, patient by patient, nothing read."""
    from omstui.formats.containers import open_bill

    clock = Clock()
    with clock.running(), open_bill(Path(path)) as stream:
        rows = sum(1 for _ in _elements(stream, "patient"))
    return clock.numbers(rows=rows)
