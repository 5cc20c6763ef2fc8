"""Small packages of the МО for the tests of the stand and the views."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from omstui.domain.model import account_xkey
from omstui.formats.bill import BillReader, BillWriter, Item, Node, account_sum
from omstui.formats.containers import open_bill

ALPHA, BETA = "1027700091100", "1027700092200"
FUND = "1027600097700"
STEM = "102760009990076049900121041"
BODY = {
    "version": "6.15", "protocol": "Reestr", "creator": "omstui", "telcreator": "(4852) 00-00-00",
    "ogrn_mo": "1027600099900", "kpp_mo": "760499001", "year": "2021", "month": "04",
    "date_1": "2021-04-30",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """An account of a test package."""

    number: int
    ogrn: str = ALPHA
    person: str = ""
    total: str = "100.50"
    region: str = "76"
    polis: str = "7600000000001015"

    @property
    def xkey(self) -> str:
        return account_xkey(76, self.number)


def cases(count: int, ogrn: str = ALPHA, start: int = 1) -> list[Case]:
    return [Case(n, ogrn) for n in range(start, start + count)]


def account(case: Case) -> Node:
    elem = Node("sum", children=[Node("elem", {"type_acc": "1", "suml": "0.00", "sum": case.total})])
    service = Node(
        "manipulation",
        {
            "xkey": account_xkey(88, case.number), "prof_oms": "97", "service": "B01.047.001",
            "quantity": "1", "date_1": "2021-04-06", "date_2": "2021-04-06",
        },
        [elem],
    )  # fmt: skip
    diagnose = Node("diagnose", {"type": "1", "mkb": "J20.9"})
    return Node(
        "personal_account",
        {
            "n_pp": str(case.number), "xkey": case.xkey, "n_card": f"ТАП-{case.number}",
            "curestart": "2021-04-06", "cureend": "2021-04-13", "doctor": "101-202-303 48",
        },
        [
            Node("manipulations", children=[service]),
            Node("diagnoses", children=[diagnose]),
            Node("sum", children=[Node("elem", dict(elem.children[0].attrs))]),
        ],
    )  # fmt: skip


def patient(together: Sequence[Case]) -> Node:
    first = together[0]
    polis = {
        "region_oms": first.region, "type_polis": "3", "polisnum": first.polis,
        "begin_p": "2016-09-05", "ogrn_smo": first.ogrn,
    }  # fmt: skip
    return Node(
        "patient",
        {
            "patientcod": first.person or f"P{first.number:05d}",
            "surname": 'Крылов & "К" <б>', "name": "Пётр", "birthdate": "1986-07-02", "sex": "1",
        },
        [
            Node("polises", children=[Node("polis", polis)]),
            Node("docs", children=[Node("doc", {"doctype": "14", "docser": "78", "docnum": "552871"})]),
            Node("register_accounts", children=[account(c) for c in together]),
        ],
    )  # fmt: skip


def write(
    folder: Path,
    groups: Sequence[Case | Sequence[Case]],
    tail: str = "3X",
    *,
    ogrn: str = FUND,
    total: str | None = None,
    body: dict[str, str] | None = None,
    edit: tuple[bytes, bytes] | None = None,
) -> Path:
    """Write …21041<tail>.7z; a group of cases shares one patient element."""
    together = [[g] if isinstance(g, Case) else list(g) for g in groups]
    kopecks = sum(round(float(c.total) * 100) for g in together for c in g)
    out = io.BytesIO()
    totals = account_sum(total or f"{kopecks // 100}.{kopecks % 100:02d}")
    writer = BillWriter(out, {**BODY, **(body or {})}, {"t_opl": "1", "ogrn_smo": ogrn}, totals)
    for group in together:
        writer.patient(patient(group))
    writer.close()
    data = out.getvalue()
    if edit:
        assert edit[0] in data
        data = data.replace(*edit)
    path = folder / f"{STEM}{tail}.7z"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bill.xml", data)
    return path


def read(path: Path) -> tuple[BillReader, list[Item], bytes]:
    """(reader, patients and facts, bytes of bill.xml)."""
    with open_bill(path) as stream:
        data = stream.read()
    reader = BillReader(io.BytesIO(data), path.name)
    return reader, list(reader.items()), data
