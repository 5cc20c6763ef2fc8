"""A formed month built row by row, without loading and forming: for tests of F2, F6 and what follows."""

from __future__ import annotations

from typing import Any

from omstui.domain.model import account_xkey, fio_key
from omstui.domain.store import db

PERIOD = "2021-04"


def insert(table: str, **values: Any) -> int:
    names = list(values)
    return int(db.execute(db.insert_sql(table, names), list(values.values())).lastrowid or 0)


def payer_id(code: str) -> int | None:
    row = db.execute("SELECT id FROM insurer WHERE code=?", (code,)).fetchone()
    return row[0] if row else None


def add_registry(kind: str = "outpatient", *, test: bool = False, period: str = PERIOD) -> int:
    return insert(
        "registry",
        period=period,
        kind=kind,
        name=kind,
        begin_date=f"{period}-01",
        end_date=f"{period}-30",
        is_test=int(test),
        status="Сформирован",
        formed_at="2021-05-01 09:00:00",
        mes_at="2021-05-01 09:05:00",  # F2 would ask without «Анализ МЭСов»
    )


def add_case(number: int, *, smo: str = "76001", kind: str = "outpatient", services: int = 2) -> int:
    """A patient with a policy and a case of ``services`` services, 100.00 + number kopecks each."""
    patient = insert(
        "patient",
        ext_id=f"P{number:06d}",
        surname="Иванов",
        name=f"Пётр{'абвгд'[number % 5]}",
        patronymic="Ильич",
        fio_key=fio_key("Иванов", "Пётр", "Ильич"),
        birth_date="1980-01-31",
        sex="1",
        snils="112-233-445 95",
        doc_type="14",
        doc_series="78 03",
        doc_number=f"{number:06d}",
        social_status="4",
    )
    policy = insert(
        "policy",
        patient_id=patient,
        type="3",
        number=f"76{number:014d}",
        enp=f"76{number:014d}",
        smo=smo,
        region="76",
    )
    case = insert(
        "cases",
        key=f"H3|760001|S{number:08d}|2021-04-05",
        nhistory=f"S{number:08d}",
        kind=kind,
        usl_ok="3",
        help_type="12",
        help_form="3",
        date_in="2021-04-05",
        date_out=f"2021-04-{5 + number % 20:02d}",
        result="301",
        outcome="301",
        profile="97",
        purpose="3.0",
        doctor="101-202-303 48",
        specialty="76",
        ds_main="J20.9",
        patient_id=patient,
        policy_id=policy,
        payer_id=payer_id(smo),
    )
    for n in range(services):
        insert(
            "service",
            case_id=case,
            n=n + 1,
            code="B01.047.001",
            profile="97",
            date_in="2021-04-05",
            date_out="2021-04-05",
            quantity=100,
            tariff=10000 + number,
            source_sum=10000 + number,
            doctor="101-202-303 48",
            specialty="76",
            lpu="760001",
        )
    return case


def add_account(registry: int, case: int, **values: Any) -> int:
    """An account of the case with all its services, as forming would make it."""
    number = int(db.scalar("SELECT coalesce(max(id), 0) + 1 FROM account"))
    payer = db.scalar("SELECT payer_id FROM cases WHERE id=?", (case,))
    account = insert(
        "account",
        **{
            "registry_id": registry,
            "case_id": case,
            "xkey": account_xkey(76, number),
            "payer_id": payer,
            **values,
        },
    )
    rows = db.execute("SELECT id, quantity, tariff, source_sum FROM service WHERE case_id=?", (case,))
    for service, quantity, tariff, total in rows.fetchall():
        key = int(db.scalar("SELECT coalesce(max(id), 0) + 1 FROM account_service"))
        insert(
            "account_service",
            account_id=account,
            service_id=service,
            xkey=account_xkey(88, key),
            quantity=quantity,
            tariff=tariff,
            total=total,
        )
    db.execute(
        "UPDATE account SET total=(SELECT sum(total) FROM account_service WHERE account_id=account.id)"
        " WHERE id=?",
        (account,),
    )
    db.execute(
        "UPDATE registry SET accounts=(SELECT count(*) FROM account WHERE registry_id=registry.id),"
        " total=(SELECT sum(total) FROM account WHERE registry_id=registry.id) WHERE id=?",
        (registry,),
    )
    return account


def add_month(
    accounts: int = 6, *, test: bool = False, kind: str = "outpatient", start: int = 1
) -> tuple[int, list[int]]:
    """A formed registry: even numbers insured by 76002, odd ones by 76001. Returns (registry, accounts)."""
    with db.connection(), db.write():
        registry = add_registry(kind, test=test)
        made = [
            add_account(registry, add_case(n, smo="76002" if n % 2 == 0 else "76001", kind=kind))
            for n in range(start, start + accounts)
        ]
    return registry, made


def answer_one(package: int, smo: str, refused: list[int] = (), *, stage: int = 1) -> int:  # type: ignore[assignment]
    """An accepted answer of the insurer listing all its accounts of the package."""
    payer = payer_id(smo)
    with db.connection(), db.write():
        file = insert(
            "stored_file",
            name=f"{stage}{smo}",
            sha256="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            size=0,
        )
        answer = insert(
            "answer", package_id=package, stage=stage, payer_id=payer, file_id=file, name=f"{stage}{smo}"
        )
        where = "payer_id" if stage == 1 else "decided_payer_id"
        rows = db.execute(
            f"SELECT id, total FROM account WHERE package_id=? AND {where}=?"
            + (" AND reform_id IS NOT NULL" if stage == 2 else ""),
            (package, payer),
        ).fetchall()
        for account, _ in rows:
            bad = account in refused
            insert(
                "answer_line", answer_id=answer, account_id=account, pay="4" if bad else "1", refused=int(bad)
            )
            if bad:
                insert(
                    "refusal",
                    answer_id=answer,
                    account_id=account,
                    stage=stage,
                    payer_id=payer,
                    kind="an_ps",
                    code="51",
                )
            extra = ", decided_payer_id=?" if stage == 1 else ""
            db.execute(
                f"UPDATE account SET stage{stage}=?, answer{stage}_id=?, work=?{extra} WHERE id=?",
                [2 if bad else 1, answer, "новый" if bad else "", *([payer] if extra else []), account],
            )
        total = sum(t for a, t in rows if a in refused)
        db.execute(
            "UPDATE answer SET accounts=?, refused=?, refused_sum=? WHERE id=?",
            (len(rows), len(refused), total, answer),
        )
    return answer


def dump() -> list[tuple[Any, ...]]:
    """All that operations may change, for «nothing changed» (the journal aside)."""
    with db.connection():
        names = [
            row[0]
            for row in db.execute(
                "SELECT name FROM sqlite_master WHERE type='table' AND name NOT IN"
                " ('run', 'run_line', 'run_file', 'lock', 'sqlite_sequence') ORDER BY name"
            ).fetchall()
        ]
        return [
            (name, *row)
            for name in names
            for row in db.execute(
                f'SELECT * FROM "{name}" ORDER BY 1'
                if name != "file_chunk"
                else "SELECT file_id, seq, length(data) FROM file_chunk ORDER BY 1, 2"
            )
        ]
