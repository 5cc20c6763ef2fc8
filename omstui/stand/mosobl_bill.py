"""A payment registry as the payer sees it (счёт МО: ZIP с H/C/T/D и L): read once and checked."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from omstui.domain.errors import FormatError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.formats import federalnames
from omstui.formats.federal import Part, read_header, walk
from omstui.formats.flkp import FlkError
from omstui.formats.opening import xml_parts
from omstui.formats.values import BadValue, money_value
from omstui.settings import InsurerSettings, Settings
from omstui.stand.package import refuse

_SHOWN = 10
_NAME = re.compile(r"(?:[CHTX]|D[A-Z])M(\d{6})([ST])(\d{2,5})_(\d\d)(0[1-9]|1[0-2])\d{1,5}")
_SNILS = re.compile(r"\d{3}-\d{3}-\d{3} \d\d")


class Case(NamedTuple):
    """A record: its keys, the number of the card and the sum in kopecks."""

    n_zap: str
    idcase: str
    card: str
    person: str
    total: int


@dataclass(slots=True)
class Bill:
    """A checked payment registry. ``findings`` and ``persons_findings`` are what ФЛК finds by itself."""

    path: Path
    name: str
    cases_part: Part
    persons_part: Part
    mo: str
    payer: InsurerSettings
    period: Period
    nschet: str
    dschet: str
    plat: str
    cases: list[Case] = field(default_factory=list)
    findings: list[FlkError] = field(default_factory=list)
    persons_findings: list[FlkError] = field(default_factory=list)

    @property
    def persons_name(self) -> str:
        return federalnames.persons_of(self.name)

    @property
    def total(self) -> int:
        return sum(case.total for case in self.cases)


def scan_bill(path: Path, settings: Settings) -> Bill:
    """Read and check a ZIP as the payer would. FormatError with the reason."""
    if not path.is_file():
        raise FormatError(f"Файл «{path}» не найден.", hint="Проверьте имя и папку.")
    name = path.stem.upper()
    found = _NAME.fullmatch(name)
    if not found:
        raise refuse(path.name, "имя не по правилам, нужно вида HM500101S50001_21121.zip")
    parts = {federalnames.stem(part.name): part for part in xml_parts(path)}
    persons = federalnames.persons_of(name)
    if set(parts) != {name, persons}:
        inside = ", ".join(sorted(parts))
        raise refuse(path.name, f"внутри должны быть {name}.xml и {persons}.xml, а есть {inside}")
    header = read_header(parts[name])
    period = Period(2000 + int(found[4]), int(found[5]))
    payer = _payer(path.name, found[2], found[3], settings)
    bill = Bill(
        path, name, parts[name], parts[persons], found[1], payer, period,
        header.get("nschet", ""), header.get("dschet", ""), header["plat"],
    )  # fmt: skip
    _check_header(bill, header, settings)
    _Scanner(bill).run()
    _check_totals(bill, header)
    return bill


def _payer(file: str, receiver: str, code: str, settings: Settings) -> InsurerSettings:
    fund = receiver == "T"
    for insurer in settings.insurers:
        if insurer.out_of_region == fund and (insurer.code == code or (fund and code == settings.fund.code)):
            return insurer
    known = ", ".join(i.code for i in settings.insurers) or "нет ни одного"
    raise refuse(
        file,
        f"плательщика {code} нет в настройках стенда (есть: {known})",
        hint="Проверьте разделы [[insurers]] файла настроек.",
    )


def _check_header(bill: Bill, header: dict[str, Any], settings: Settings) -> None:
    year, month = header.get("year", 0), header.get("month", 0)
    pairs = (
        ("имя файла FILENAME", federalnames.stem(header.get("filename", "")), bill.name),
        ("код МО", header["code_mo"], bill.mo),
        ("месяц", f"{year}-{month:02d}", str(bill.period)),
    )
    for title, inside, outside in pairs:
        if inside != outside:
            raise refuse(bill.path.name, f"{title} внутри файла «{inside}», а в имени «{outside}»")
    if settings.mo.code and settings.mo.code != bill.mo:
        raise refuse(
            bill.path.name,
            f"код МО «{bill.mo}», а стенд настроен на «{settings.mo.code}»",
            hint="Проверьте раздел [mo] файла настроек.",
        )
    if not bill.payer.out_of_region and bill.plat != bill.payer.code:
        raise refuse(bill.path.name, f"плательщик в имени {bill.payer.code}, а PLAT внутри «{bill.plat}»")
    for element, value in (("NSCHET", bill.nschet), ("DSCHET", bill.dschet)):
        if not value:
            raise refuse(bill.path.name, f"в счёте нет {element}")


def _check_totals(bill: Bill, header: dict[str, Any]) -> None:
    count = header.get("sd_z")
    if count is not None and count != len(bill.cases):
        raise refuse(bill.path.name, f"SD_Z {count}, а записей в файле {len(bill.cases)}")
    try:
        stated = money_value(header.get("summav", ""), "SUMMAV")
    except BadValue:
        raise refuse(bill.path.name, "сумма счёта SUMMAV не число") from None
    if stated != bill.total:
        raise refuse(
            bill.path.name, f"сумма счёта SUMMAV {roubles(stated)}, а сумма случаев {roubles(bill.total)}"
        )


class _Scanner:
    """One pass over both files."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._bad: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()
        self._seen: set[tuple[str, str]] = set()

    def run(self) -> None:
        bill = self._bill
        for number, zap in enumerate(walk(bill.cases_part, ("ZAP",), "ZL_LIST"), 1):
            self._zap(zap, number)
        missing = {case.person for case in bill.cases}
        for person in walk(bill.persons_part, ("PERS",), "PERS_LIST"):
            ref = text(person, "ID_PAC")
            self._once("ID_PAC", ref, f"персона {ref}")
            missing.discard(ref)
            snils = text(person, "SNILS")
            if snils and not _SNILS.fullmatch(snils):
                self._bill.persons_findings.append(
                    FlkError("904", "SNILS", snils, base="PERS", id_pac=ref,
                             comment="СНИЛС не соответствует формату")
                )  # fmt: skip
        for ref in sorted(missing):
            self._note("для пациента нет записи в файле персон", f"ID_PAC {ref}")
        for why, details in self._bad.items():
            raise refuse(bill.path.name, f"{why} — записей: {self._counts[why]}", details=details)
        if not bill.cases:
            raise refuse(bill.path.name, "в нём нет ни одного случая")

    def _zap(self, zap: Any, number: int) -> None:
        finished = zap.findall("Z_SL")
        place = f"N_ZAP {text(zap, 'N_ZAP') or '?'} (запись {number})"
        if len(finished) != 1:
            self._note("в записи должен быть один законченный случай", place)
            return
        block = finished[0]
        case = Case(
            text(zap, "N_ZAP"), text(block, "IDCASE"), text(block, "SL/NHISTORY"),
            text(zap, "PACIENT/ID_PAC"), self._sum(block, place),
        )  # fmt: skip
        self._once("N_ZAP", case.n_zap, place)
        self._once("IDCASE", case.idcase, place)
        if block.find("OPLATA") is not None or block.find("SANK") is not None:
            self._note("случай уже содержит решение плательщика", place)
        self._bill.cases.append(case)
        self._policy(zap, case)

    def _sum(self, block: Any, place: str) -> int:
        try:
            return money_value(text(block, "SUMV"), "SUMV")
        except BadValue:
            self._note("сумма случая SUMV не число", place)
            return 0

    def _policy(self, zap: Any, case: Case) -> None:
        """Format control of the policy: a single one has sixteen digits, in ENP or in NPOLIS."""
        number = text(zap, "PACIENT/ENP") or text(zap, "PACIENT/NPOLIS")
        if text(zap, "PACIENT/VPOLIS") != "3" or re.fullmatch(r"\d{16}", number, re.ASCII):
            return
        self._bill.findings.append(
            FlkError("904", "NPOLIS", number, base="PACIENT", n_zap=case.n_zap, id_pac=case.person,
                     idcase=case.idcase, comment="Номер полиса единого образца не состоит из 16 цифр")
        )  # fmt: skip

    def _once(self, element: str, value: str, place: str) -> None:
        if not value:
            self._note(f"нет {element}", place)
        elif (element, value) in self._seen:
            self._note(f"{element} повторяется", place)
        self._seen.add((element, value))

    def _note(self, why: str, place: str) -> None:
        self._counts[why] += 1
        details = self._bad.setdefault(why, [])
        if len(details) < _SHOWN:
            details.append(place)


@dataclass(slots=True)
class Detail:
    """What the return of a case repeats of it."""

    sl_ids: tuple[str, ...]
    service: str
    date_in: str
    date_out: str
    diagnosis: str
    enp: str
    #: surname, name, patronymic, date of birth
    person: tuple[str, str, str, str | None] = ("", "", "", None)


def details(bill: Bill, wanted: set[str]) -> dict[str, Detail]:
    """Details of the cases with these IDCASE, from a second pass: only refused ones are kept."""
    found: dict[str, Detail] = {}
    owners: dict[str, list[str]] = {}
    if not wanted:
        return found
    for zap in walk(bill.cases_part, ("ZAP",), "ZL_LIST"):
        idcase = text(zap, "Z_SL/IDCASE")
        if idcase in wanted:
            block = zap.find("Z_SL")
            found[idcase] = Detail(
                tuple(text(sl, "SL_ID") for sl in block.findall("SL")), text(block, "SL/USL/CODE_USL"),
                text(block, "DATE_Z_1"), text(block, "DATE_Z_2"), text(block, "SL/DS1"),
                text(zap, "PACIENT/ENP") or text(zap, "PACIENT/NPOLIS"),
            )  # fmt: skip
            owners.setdefault(text(zap, "PACIENT/ID_PAC"), []).append(idcase)
    for person in _persons(bill):
        for idcase in owners.get(person[0], ()):
            found[idcase].person = person[1:]
    return found


def _persons(bill: Bill) -> Iterator[tuple[str, str, str, str, str | None]]:
    for node in walk(bill.persons_part, ("PERS",), "PERS_LIST"):
        names = (text(node, "FAM"), text(node, "IM"), text(node, "OT"))
        yield (text(node, "ID_PAC"), *names, text(node, "DR") or None)


def text(node: Any, path: str) -> str:
    """Text of an element below ``node``, «» when it is not there."""
    return (node.findtext(path) or "").strip()
