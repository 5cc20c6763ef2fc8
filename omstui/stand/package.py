"""A package of the МО as the fund sees it (посылка МО: …13X или …7<буква>): read once and checked.

Only places and sums are kept, so that 100,000 accounts take tens of megabytes; the bytes are read
again when the answers are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from omstui.domain.errors import FormatError
from omstui.domain.money import kopecks, roubles
from omstui.formats import filenames
from omstui.formats.bill import BillReader, Header, Item, Node
from omstui.formats.containers import open_bill
from omstui.settings import InsurerSettings, Settings

_SHOWN = 10  # details under a refusal


class Account(NamedTuple):
    """An account (счёт): its key, sum in kopecks and the code of the payer."""

    xkey: str
    total: int
    payer: str


class Patient(NamedTuple):
    """A patient element: where it stands in bill.xml, the person, the accounts in it."""

    offset: int
    length: int
    person: str
    accounts: tuple[Account, ...]


class Finding(NamedTuple):
    """What format control finds by itself (ФЛК-факт); it refuses nothing."""

    xkey: str
    person: str
    service: str
    code: str
    text: str
    element: str
    value: str


@dataclass(slots=True)
class Package:
    """A checked package of the МО."""

    path: Path
    name: filenames.BillName
    header: Header
    encoding: str
    patients: list[Patient] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def stage(self) -> int:
        """Stage of the answer it gets: 1 to a 3X, 2 to a 7."""
        return 1 if self.name.stage == "3" else 2

    def accounts(self) -> Iterator[tuple[str, Account]]:
        """(patientcod, account) in the order of the file."""
        for patient in self.patients:
            for account in patient.accounts:
                yield patient.person, account


def refuse(name: str, why: str, *, hint: str = "", details: list[str] | None = None) -> FormatError:
    """The fund's refusal of a whole file."""
    return FormatError(
        f"Фонд не принял файл «{name}»: {why}.",
        title="Файл не принят",
        hint=hint or "Выгрузите файл заново и повторите.",
        details=(details or [])[:_SHOWN],
    )


def scan(path: Path, settings: Settings) -> Package:
    """Read and check a …13X or a …7<letter> as the fund would. FormatError with the reason."""
    name = filenames.parse(path.name)
    if name.is_answer:
        raise refuse(
            path.name,
            f"это {filenames.STAGES[name.stage]}, а не посылка МО",
            hint="Стенд отвечает на файлы …13X и …7<буква СМО>.",
        )
    if name.stage == "3" and name.letter != filenames.ALL_PAYERS:
        raise refuse(path.name, "основной файл МО должен оканчиваться на «3X»")
    if not path.is_file():
        why = "— не обычный файл" if path.exists() else "не найден"
        raise FormatError(f"Файл «{path}» {why}.", hint="Проверьте имя и папку.")
    with open_bill(path) as stream:
        reader = BillReader(stream, path.name)
        package = Package(path, name, reader.header, reader.encoding)
        _check_header(package, settings)
        _Scanner(package, settings).run(reader)
    _check_total(package)
    return package


def _check_header(package: Package, settings: Settings) -> None:
    name, body, bill = package.name, package.header.body, package.header.bill
    file = package.path.name
    for title, inside, outside in (
        ("ОГРН МО", body.get("ogrn_mo", "").zfill(13), name.ogrn),
        ("КПП МО", body.get("kpp_mo", "").zfill(9), name.kpp),
        ("год", body.get("year", ""), str(name.period.year)),
        ("месяц", body.get("month", "").zfill(2), f"{name.period.month:02d}"),
    ):
        if inside != outside:
            raise refuse(file, f"{title} внутри файла «{inside}», а в имени «{outside}»")
    for title, ours, theirs in (
        ("ОГРН МО", settings.mo.ogrn, name.ogrn),
        ("КПП МО", settings.mo.kpp, name.kpp),
    ):
        if ours and ours != theirs:
            raise refuse(
                file,
                f"{title} «{theirs}», а стенд настроен на «{ours}»",
                hint="Проверьте раздел [mo] файла настроек.",
            )
    if name.stage == "7":
        insurer = by_letter(settings, name.letter, file)
        payer = bill.get("ogrn_smo", "")
        if insurer.ogrn and payer.zfill(13) != insurer.ogrn.zfill(13):
            raise refuse(
                file,
                f"в имени СМО «{name.letter}» (ОГРН {insurer.ogrn}), внутри файла ОГРН «{payer}»",
            )


def by_letter(settings: Settings, letter: str, file: str) -> InsurerSettings:
    """The payer of a letter; FormatError lists the known ones."""
    for insurer in settings.insurers:
        if insurer.letter.upper() == letter.upper():
            return insurer
    known = ", ".join(f"{i.letter} ({i.code})" for i in settings.insurers) or "нет ни одной"
    raise refuse(
        file,
        f"буква СМО «{letter}» неизвестна (известны: {known})",
        hint="Проверьте разделы [[insurers]] файла настроек.",
    )


class Payers:
    """Who pays for an account (плательщик): by the policy, as the fund decides it."""

    def __init__(self, settings: Settings, on: str) -> None:
        valid = [
            i for i in settings.insurers if (not i.begin or i.begin <= on) and (not i.end or on <= i.end)
        ]
        self._own = {i.ogrn.zfill(13): i.code for i in valid if i.ogrn and not i.out_of_region}
        self._out = next((i.code for i in valid if i.out_of_region), "")
        self._region = settings.fund.code
        self._fund = settings.fund.ogrn.zfill(13) if settings.fund.ogrn else ""

    def of(self, polis: Node | None) -> str:
        """Code of the payer, empty when nobody is known to pay."""
        if polis is None:
            return ""
        region = polis.get("region_oms")
        ogrn = polis.get("ogrn_smo")
        # one legal person insures in many regions under one ОГРН, so the region comes first
        foreign = bool(region and self._region and region.lstrip("0") != self._region.lstrip("0"))
        if foreign or (ogrn and ogrn.zfill(13) == self._fund):
            return self._out
        return self._own.get(ogrn.zfill(13), "") if ogrn else ""


class _Scanner:
    """One pass over the accounts."""

    def __init__(self, package: Package, settings: Settings) -> None:
        self._package = package
        self._file = package.path.name
        self._payers = Payers(settings, str(package.name.period.end))
        self._letter_payer = (
            by_letter(settings, package.name.letter, self._file).code if package.name.stage == "7" else ""
        )
        self._seen: set[str] = set()
        self._bad: dict[str, list[str]] = {}
        self._counts: Counter[str] = Counter()

    def run(self, reader: BillReader) -> None:
        for item in reader.patients():
            node = item.node
            accounts = tuple(self._account(node, a) for a in node.accounts())
            if accounts:
                person = node.get("patientcod")
                self._package.patients.append(Patient(item.offset, item.length, person, accounts))
                self._find(item, accounts)
        for why, details in self._bad.items():
            count = self._counts[why]
            raise refuse(self._file, f"{why} — счетов: {count}", details=details)
        if not self._package.patients:
            raise refuse(self._file, "в нём нет ни одного счёта")

    def _account(self, patient: Node, account: Node) -> Account:
        xkey = account.get("xkey")
        place = f"{xkey or 'счёт № ' + account.get('n_pp')} ({fio(patient)})"
        if not xkey:
            self._note("у счёта нет ключа xkey", place)
        elif xkey in self._seen:
            self._note("ключ xkey повторяется", place)
        self._seen.add(xkey)
        if account.find("smo") is not None or patient.find("an_p") is not None:
            self._note("счёт уже содержит решение плательщика", place)
        total = 0
        elements = account.all("sum/elem")
        try:
            total = sum(kopecks(e.get("sum", "0")) for e in elements)
        except ValueError:
            self._note("сумма счёта не число", place)
        if not elements:
            self._note("у счёта нет суммы", place)
        payer = self._letter_payer or self._payers.of(patient.find("polises/polis"))
        if not payer:
            self._note("плательщик по полису неизвестен", place)
        return Account(xkey, total, payer)

    def _note(self, why: str, place: str) -> None:
        self._counts[why] += 1
        details = self._bad.setdefault(why, [])
        if len(details) < _SHOWN:
            details.append(place)

    def _find(self, item: Item, accounts: tuple[Account, ...]) -> None:
        """Format control of the policy number: a single policy has sixteen digits."""
        polis = item.node.find("polises/polis")
        if self._package.stage == 2 or polis is None or polis.get("type_polis") != "3":
            return
        number = polis.get("polisnum")
        if len(number) == 16 and number.isascii() and number.isdigit():
            return
        for account, node in zip(accounts, item.node.accounts(), strict=True):
            service = node.find("manipulations/manipulation")
            self._package.findings.append(
                Finding(
                    account.xkey,
                    item.node.get("patientcod"),
                    service.get("xkey") if service else "",
                    "F0201",
                    "Номер полиса единого образца не состоит из 16 цифр",
                    "polisnum",
                    number,
                )
            )


def _check_total(package: Package) -> None:
    node = package.header.account_sum
    elements = node.all("account_elem_t/account_elem") or node.all("account_elem_s/account_elem")
    try:
        stated = sum(kopecks(e.get("amount", "0")) for e in elements)
    except ValueError:
        raise refuse(package.path.name, "сумма реестра в account_sum не число") from None
    counted = sum(account.total for _, account in package.accounts())
    if stated != counted:
        raise refuse(
            package.path.name,
            f"сумма реестра в account_sum {roubles(stated)}, а сумма счетов {roubles(counted)}",
        )


def fio(patient: Node) -> str:
    """Full name of a patient."""
    parts = (patient.get("surname"), patient.get("name"), patient.get("patronymic"))
    return " ".join(filter(None, parts)) or "без имени"
