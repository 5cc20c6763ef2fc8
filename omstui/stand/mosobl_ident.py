"""Identification as the fund does it (стенд, идентификация): QPID → APID and FLQPID."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from omstui.demo.people import enp
from omstui.domain.errors import FormatError, UsageError
from omstui.formats import dbfnames
from omstui.formats.dbfreader import Table
from omstui.formats.flkdbf import write_flqpid
from omstui.formats.identfile import (
    ELSEWHERE,
    FOUND,
    NOT_FOUND,
    RESULTS,
    TOO_LITTLE,
    UNINSURED,
    read_qpid,
    write_apid,
)  # fmt: skip
from omstui.formats.layouts.dbf_ident import APID, FLQPID, QPID
from omstui.settings import InsurerSettings, Settings
from omstui.stand.decide import Order
from omstui.stand.package import refuse
from omstui.stand.written import IDENT, Written

if TYPE_CHECKING:
    from omstui.stand.mosobl_plan import PersonPlan

_SHOWN = 10
_SOURCE = "файл QPID_D1"
_OWN = len(QPID.names)
_SNILS = re.compile(r"\d{3}-\d{3}-\d{3} \d\d", re.ASCII)
_ENP = re.compile(r"\d{16}", re.ASCII)
#: fields a seeded ФЛК error may name
_FIELDS = ("SNILS", "DOCSER", "DOCNUM", "MR")
#: where those of another region are insured: code of F010, ОКАТО, code of F002
_ABROAD = (("77", "45000", "77013"), ("76", "78000", "76007"), ("71", "70000", "71002"))
_TITLES = {
    "found": "найден", "renewed": "новый полис", "insurer": "другая СМО", "region": "другой субъект",
    "missing": "не найден", "poor": "данных недостаточно", "uninsured": "не застрахован", "died": "умер",
}  # fmt: skip
_RESULTS = {"region": ELSEWHERE, "missing": NOT_FOUND, "poor": TOO_LITTLE, "uninsured": UNINSURED}


@dataclass(slots=True)
class Request:
    """A checked request. ``faults``: RECID → fields ФЛК finds wrong; ``poor``: too little to search by."""

    path: Path
    name: dbfnames.IdentName
    table: Table
    people: list[str] = field(default_factory=list)
    faults: dict[str, list[str]] = field(default_factory=dict)
    poor: set[str] = field(default_factory=set)


# --- the request -------------------------------------------------------------------------------


def scan_request(path: Path, settings: Settings) -> Request:
    """Read and check a QPID as the fund would. FormatError with the reason."""
    if not path.is_file():
        raise FormatError(f"Файл «{path}» не найден.", hint="Проверьте имя и папку.")
    name = dbfnames.parse_ident(path.name, dbfnames.QPID)
    ours = settings.mo.code_local or settings.mo.code
    if ours and name.mo != ours:
        raise refuse(
            path.name,
            f"код МО «{name.mo}», а стенд настроен на «{ours}»",
            hint="Проверьте раздел [mo] файла настроек.",
        )
    request = Request(path, name, read_qpid(path))
    bad: dict[str, list[str]] = {}
    seen: set[str] = set()
    numbers: set[Any] = set()
    for record, row in enumerate(request.table.records(), 1):
        ref = row["RECID"]
        for wrong, why in (
            (not ref, "нет кода пациента RECID"),
            (ref in seen, "код пациента RECID повторяется"),
            (row["NPP"] is None or row["NPP"] in numbers, "номер записи NPP пуст или повторяется"),
            (row["MCOD"] != name.mo, f"код МО MCOD не {name.mo}"),
        ):
            if wrong:
                bad.setdefault(why, []).append(f"запись {record}: RECID «{ref}», NPP {row['NPP']}")
        seen.add(ref)
        numbers.add(row["NPP"])
        request.people.append(ref)
        _look(request, ref, row)
    for why, details in bad.items():
        raise refuse(path.name, f"{why} — записей: {len(details)}", details=details[:_SHOWN])
    if not request.people:
        raise refuse(path.name, "в нём нет ни одного пациента")
    return request


def _look(request: Request, ref: str, row: dict[str, Any]) -> None:
    """What the fund cannot search by, and what its format control finds."""
    keys = row["SNILS"] or row["DOCNUM"] or row["NPOLIS"] or row["ENP"]
    if not (row["FAM"] and row["DR"] and row["W"] and keys):
        request.poor.add(ref)
    wrong = (
        ("SNILS", row["SNILS"] and not _SNILS.fullmatch(row["SNILS"])),
        ("ENP", row["ENP"] and not _ENP.fullmatch(row["ENP"])),
        ("W", row["W"] not in (1, 2)),
        ("DR", not row["DR"] or (row["DATE_1"] and row["DR"] > row["DATE_1"])),
        ("DATE_2", row["DATE_1"] and row["DATE_2"] and row["DATE_2"] < row["DATE_1"]),
    )
    found = [name for name, is_wrong in wrong if is_wrong]
    if found:
        request.faults[ref] = found


# --- the answers -------------------------------------------------------------------------------


def write(plan: PersonPlan, out: Path, settings: Settings, seed: int) -> list[Written]:
    """Write APID and FLQPID of a request."""
    request, name = plan.request, plan.request.name
    answer = _Answer(plan, settings, seed)
    day = name.day + timedelta(days=1)
    apid = out / str(name.as_(dbfnames.APID))
    write_apid(apid, answer.rows(), day)
    kinds = answer.kinds
    refused = sum(kinds[k] for k in ("missing", "poor", "uninsured"))
    moved = kinds["insurer"] + kinds["region"]
    detail = ", ".join(f"{title} {kinds[kind]}" for kind, title in _TITLES.items() if kinds[kind])
    count = len(request.people)
    found = Written(apid, IDENT, "", "", count, count, 0, refused, 0, 0, moved, detail)
    flqpid = out / str(name.as_(dbfnames.FLQPID))
    errors = list(_errors(plan, seed))
    write_flqpid(flqpid, errors, day)
    facts = len(errors)
    return [found, Written(flqpid, IDENT, "", "", count, facts, 0, 0, 0, facts, 0, f"ошибок ФЛК {facts}")]


def _errors(plan: PersonPlan, seed: int) -> Iterator[tuple[Any, ...]]:
    for row in plan.request.table.records():
        ref = row["RECID"]
        found = [(name, "", "") for name in plan.request.faults.get(ref, ())]
        for order in plan.facts.get(ref, ()):
            drawn = random.Random(f"{seed}|flqpid|{ref}").choice(_FIELDS)
            found.append((order.data.get("field", drawn), order.code, order.comment))
        for name, code, comment in found:
            text = comment or f"Значение поля {name} не соответствует формату."
            yield FLQPID.row(SRC=_SOURCE, ERR_CODE=code, ERR_TEXT=text, CNT=1, NPP=row["NPP"],
                             RECID=ref, FLD=name)  # fmt: skip


class _Answer:
    """An APID being written."""

    def __init__(self, plan: PersonPlan, settings: Settings, seed: int) -> None:
        self._plan = plan
        self._seed = seed
        self._insurers = [i for i in settings.insurers if not i.out_of_region]
        self._region = settings.fund.code or "50"
        self._okato = settings.fund.okato or "46000"
        self._mo = settings.mo.code
        self.kinds: Counter[str] = Counter()

    def rows(self) -> Iterator[tuple[Any, ...]]:
        for row in self._plan.request.table.rows():
            sent = dict(zip(QPID.names, row, strict=True))
            order = self._plan.orders.get(sent["RECID"], Order("found"))
            self.kinds[order.kind] += 1
            answer = self._answer(order, sent)
            for name, value in order.data.items():
                answer[name] = typed(sent["RECID"], name, value)
            yield row + APID.row(**answer)[_OWN:]

    def _answer(self, order: Order, sent: dict[str, Any]) -> dict[str, Any]:
        kind = order.kind
        result = _RESULTS.get(kind, FOUND)
        if kind in ("missing", "poor"):
            error = order.comment or f"{RESULTS[result]}: {_why(kind)}"
            return {"RES": result, "EERP": error[:1].upper() + error[1:]}
        rng = random.Random(f"{self._seed}|apid|{sent['RECID']}")
        begin, end = _dates(sent)
        answer = {"RES": result, "RMO": self._mo, "RSNILS": sent["SNILS"], "RDMO": _first(begin)}
        answer |= self._policy(order, sent, rng)
        if kind == "uninsured":
            answer["RDEND"] = str(begin - timedelta(days=1 + rng.randrange(60)))
            answer["RDBEG"] = min(answer["RDBEG"], answer["RDEND"])
        elif kind == "died":
            answer["RDS"] = answer["RDEND"] = str(end + timedelta(days=1 + rng.randrange(5)))
        # a remark would be read as an error of the search
        return answer

    def _policy(self, order: Order, sent: dict[str, Any], rng: random.Random) -> dict[str, Any]:
        kind = order.kind
        own = kind not in ("renewed", "region")
        begin, _ = _dates(sent)
        # an old policy has been there for years, a new one from the month of the treatment
        since = _first(begin) if kind in ("renewed", "insurer", "region") else _long_ago(sent)
        answer = {"RSMO": self._insurer(order, sent, rng), "ROKATO": self._okato, "RDBEG": since}
        region = self._region
        if kind == "region":
            abroad = [a for a in _ABROAD if a[0] != self._region]
            region, okato, smo = rng.choice(abroad)
            answer |= {"ROKATO": okato, "RSMO": order.code or smo}
        if own and sent["VPOLIS"] in (1, 2) and sent["NPOLIS"]:
            return answer | {"RVPOL": sent["VPOLIS"], "RSPOL": sent["SPOLIS"], "RNPOL": sent["NPOLIS"],
                             "RENP": sent["ENP"]}  # fmt: skip
        known = sent["ENP"] or (sent["NPOLIS"] if _ENP.fullmatch(sent["NPOLIS"]) else "")
        if not own or not known:
            known = _new_enp(region, sent, rng, known)
        return answer | {"RVPOL": 3, "RNPOL": known, "RENP": known}

    def _insurer(self, order: Order, sent: dict[str, Any], rng: random.Random) -> str:
        codes = [i.code for i in self._insurers]
        if order.kind == "insurer":
            return order.code or rng.choice([code for code in codes if code != sent["SMO"]])
        if order.code:
            return order.code
        return sent["SMO"] if sent["SMO"] in codes or not codes else rng.choice(_valid(self._insurers))


def _valid(insurers: list[InsurerSettings]) -> list[str]:
    """Those still at work, all of them when none is said to be."""
    return [i.code for i in insurers if not i.end] or [i.code for i in insurers]


def _why(kind: str) -> str:
    if kind == "poor":
        return "нужны фамилия, дата рождения, пол и СНИЛС, документ или полис"
    return "застрахованного лица с такими данными в регистре нет"


def _dates(sent: dict[str, Any]) -> tuple[date, date]:
    """First and last day of the treatment."""
    begin = sent["DATE_1"] or sent["DATE_2"] or "2021-01-01"
    return date.fromisoformat(begin), date.fromisoformat(sent["DATE_2"] or begin)


def _first(day: date) -> str:
    return str(day.replace(day=1))


def _long_ago(sent: dict[str, Any]) -> str:
    return max("2012-06-01", sent["DR"] or "")


def _new_enp(region: str, sent: dict[str, Any], rng: random.Random, other: str) -> str:
    """An ЕНП of the right structure, another one than the person had."""
    birth = date.fromisoformat(sent["DR"] or "1980-01-01")
    while True:
        number = enp(region[:2].zfill(2), birth, str(sent["W"] or 1), 1 + rng.randrange(99_999))
        if number != other:
            return number


def typed(ref: str, name: str, value: str) -> Any:
    """A value of the plan as the table wants it; UsageError when it cannot be one."""
    spec = APID.fields[APID.index(name)]
    if not value:
        return "" if spec.type == "C" else None
    try:
        if spec.type == "N":
            return int(value)
        if spec.type == "D":
            return str(date.fromisoformat(value))
    except ValueError:
        need = "целое число" if spec.type == "N" else "дата ГГГГ-ММ-ДД"
        raise UsageError(f"План, ключ {ref}: в «{name}» нужно {need}, а не «{value}».") from None
    return value
