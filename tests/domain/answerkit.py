"""Answers of a made-up fund: small files written from what an account should get."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from omstui.bootstrap import Services
from omstui.domain.runner import Outcome
from omstui.domain.store import db
from tests.domain import month

PREFIX = "102760009990076049900121041"
OGRN = {"A": "1027700091100", "B": "1027700092200", "I": "1027600097700"}
PASSPORT = '<an_p an_p="1" surname="Петров" birthdate="1980-02-28" comment="не та фамилия"/>'
POLICY = '<an_pss><an_ps an_ps="3" polisnum="76" comment="закрыт"/></an_pss>'
MES = '<an_mess><an_mes an_mes="5.1.4" mkb="J20.9" comment="нет"/></an_mess>'
SUM = '<an_sums><an_sum an_sum="5.7.1" provcode="760123" n_pp="7"/></an_sums>'


@dataclass
class Told:
    """One account of an answer."""

    xkey: str
    pay: str | None = "1"
    smo: str = ""  # what stands inside the smo element
    person: str = ""  # an_p of the patient
    code: str = "P1"


def refused(xkey: str, inside: str = POLICY, **more: str) -> Told:
    return Told(xkey, "4", inside, **more)


def xml(
    told: Sequence[Told | Sequence[Told]],
    *,
    letter: str = "A",
    body: str = "",
    bill: str = ' date_2="2021-05-04"',
    flk: str = "",
    **attributes: str,
) -> bytes:
    """bill.xml; a sequence inside ``told`` is one patient with several accounts."""
    values = {"ogrn_mo": "1027600099900", "kpp_mo": "760499001", "year": "2021", "month": "04"}
    ogrn = attributes.pop("ogrn_smo", OGRN[letter])
    values.update(attributes)
    head = " ".join(f"{k}={quoteattr(v)}" for k, v in values.items())
    patients = "".join(_patient(t) for t in told)
    text = (
        '<?xml version="1.0" encoding="windows-1251" ?>\r\n<package>'
        f'<body {head}{body}><bill t_opl="1" ogrn_smo="{ogrn}"{bill}><account_sum/>'
        f"<patients>{patients}</patients></bill>{flk}</body></package>"
    )
    return text.encode("windows-1251")


def _patient(told: Told | Sequence[Told]) -> str:
    accounts = [told] if isinstance(told, Told) else list(told)
    inner = "".join(
        f'<personal_account n_pp="1" n_card="К1"{_key(a)}>'
        + ("" if a.pay is None else f'<smo pay="{a.pay}">{a.smo}</smo>')
        + "</personal_account>"
        for a in accounts
    )
    person = next((a.person for a in accounts if a.person), "")
    return (
        f'<patient patientcod="{accounts[0].code}" surname="Иванов" name="Пётр">'
        f"<register_accounts>{inner}</register_accounts>{person}</patient>"
    )


def _key(told: Told) -> str:
    return f' xkey="{told.xkey}"' if told.xkey else ""


def flk(*accounts: str) -> str:
    facts = "".join(
        f'<fact pat="P1" acc="{key}" man="" test="F01" fact="Нет времени" defect_code="5.1.4">'
        '<dt t="type_time" d="5"/></fact>'
        for key in accounts
    )
    return (
        '<flk version="6.15"><plan><test code="F01" count_total="1" count_fail="1"/></plan>'
        f'<register filename="x">{facts}</register></flk>'
    )


def pack(path: Path, data: bytes, member: str = "bill.xml") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo(member, (2021, 5, 4, 0, 0, 0)), data)
    return path


def answer(folder: Path, tail: str, told: Sequence[Told | Sequence[Told]], **more: str) -> Path:
    """A packed answer; ``tail`` is «1A», «2B»…"""
    more.setdefault("letter", tail[1])
    return pack(folder / f"{PREFIX}{tail}.7z", xml(told, **more))


def exported(
    services: Services, out: Path, accounts: int = 6, *, test: bool = False, start: int = 1
) -> tuple[int, dict[str, list[str]]]:
    """A month formed and exported: package and the keys of each insurer (odd A, even B)."""
    month.add_month(accounts, test=test, start=start)
    outcome = services.run("export", yes=True, period=month.PERIOD, out=str(out), test=test)
    assert outcome.kind == "ok", outcome.message
    assert outcome.result
    package = outcome.result.data["package"]
    return package, keys(package)


def keys(package: int) -> dict[str, list[str]]:
    with db.connection():
        rows = db.execute(
            "SELECT i.letter, a.xkey FROM account a JOIN insurer i ON i.id = a.payer_id"
            " WHERE a.package_id=? ORDER BY a.id",
            (package,),
        ).fetchall()
    found: dict[str, list[str]] = {"A": [], "B": []}
    for letter, key in rows:
        found[letter].append(key)
    return found


def accept(services: Services, *paths: Path, yes: bool = False, dry_run: bool = False) -> Outcome:
    return services.run("accept", yes=yes, paths=[str(p) for p in paths], dry_run=dry_run)


def reform(services: Services, out: Path, *smo: str) -> Outcome:
    outcome = services.run("reform", yes=True, period=month.PERIOD, out=str(out), smo=list(smo), all=not smo)
    assert outcome.kind == "ok", outcome.message
    return outcome


def column(name: str, xkeys: Iterable[str]) -> list[object]:
    with db.connection():
        return [db.scalar(f"SELECT {name} FROM account WHERE xkey=?", (key,)) for key in xkeys]


def scalar(sql: str, *params: object) -> object:
    with db.connection():
        return db.scalar(sql, params)
