"""Composition of the flat DBF of a registry (общий ДБФ): its accounts with the sums they were billed at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omstui.domain.model import KIND_ORDER
from omstui.domain.store import db, exporting

Record = dict[str, Any]


def collect(registry_id: int) -> int:
    """Fix the accounts of the registry in the order of files; how many. Inside ``db.snapshot()``."""
    exporting.make_tables()
    rank = " ".join(f"WHEN '{code}' THEN {n}" for code, n in KIND_ORDER.items())
    cursor = db.execute(
        "INSERT INTO temp.export_order(account_id, kind) SELECT a.id, c.kind FROM account a"
        f" JOIN cases c ON c.id=a.case_id WHERE a.registry_id=? ORDER BY CASE c.kind {rank} ELSE 99 END,"
        " c.date_out, c.key, c.dup, a.id",
        (registry_id,),
    )
    return int(cursor.rowcount)


def records() -> Iterator[Record]:
    """Records of ``dbfflat``: sums as billed, the bill and its number where the account is in one."""
    billed = _billed()
    for record in exporting.records():
        account, case = record["account"], record["case"]
        payer, *bill = billed.get(account["id"], ("", "", None, None))
        number, day, idcase = bill
        services = [
            s["service"] | {"quantity": s["quantity"], "tariff": s["tariff"], "source_sum": s["total"]}
            for s in account["services"]
        ]
        yield {
            "patient": _named(record["patient"]),
            "policy": record["policy"],
            "case": case | {"source_sum": account["total"]},
            "services": services,
            "given": {
                "NSCHET": number,
                "DSCHET": day,
                "PLAT": payer,
                "IDCASE": str(idcase if idcase is not None else account["id"]),
            },
        }


def _billed() -> dict[int, tuple[str, str, str | None, int | None]]:
    """Account → (payer, invoice number, its date, IDCASE as exported)."""
    rows = db.execute(
        "SELECT a.id, coalesce(i.code, ''), coalesce(k.number, ''), nullif(k.date, ''), x.idcase"
        " FROM temp.export_order e CROSS JOIN account a ON a.id=e.account_id"
        " LEFT JOIN insurer i ON i.id=a.payer_id LEFT JOIN pay_account x ON x.account_id=a.id"
        " AND x.package_id IS NOT NULL LEFT JOIN package k ON k.id=x.package_id"
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _named(patient: Record) -> Record:
    """A newborn goes by the representative, who has the policy."""
    if patient["surname"] or not patient["rep_surname"]:
        return patient
    names = ("surname", "name", "patronymic", "sex", "birth_date", "snils", "birth_place")
    return patient | {name: patient[f"rep_{name}"] for name in names}
