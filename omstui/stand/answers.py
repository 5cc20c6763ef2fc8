"""Answers of the fund and the insurers (ответы …1<буква> и …2<буква>), written from a package."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

from omstui.domain.errors import FormatError, OmsError, UsageError, reason_of
from omstui.domain.money import roubles
from omstui.formats import filenames
from omstui.formats.bill import (
    ENCODING,
    BillReader,
    BillWriter,
    Node,
    account_sum,
    keep_accounts,
)  # fmt: skip
from omstui.formats.containers import open_bill, write_bill
from omstui.formats.xmlsafe import Readable
from omstui.settings import InsurerSettings, Settings
from omstui.stand import elements, mosobl
from omstui.stand.decide import Decisions, Order, Plan, decide, notes_on, parse_plan
from omstui.stand.package import Account, Package, Patient, by_letter, scan
from omstui.stand.patch import patch
from omstui.stand.written import Written

__all__ = ["Written", "answer"]

#: share of refusals when neither a plan nor a share is given
DEFAULT_SHARE = 0.05
_ACCEPTED = elements.accepted()


@dataclass(slots=True)
class Share:
    """What of a package goes into the answer of one payer."""

    insurer: InsurerSettings
    patients: list[tuple[Patient, list[Account]]]
    listed: list[set[str]]


def answer(
    files: Sequence[Path],
    out: Path,
    settings: Settings,
    *,
    seed: int = 1,
    refuse: float | None = None,
    list_all: bool = True,
    plan: Mapping[str, Any] | None = None,
    fmt: str | None = None,
    move: float | None = None,
    note: Callable[[str], None] = lambda text: None,
) -> list[Written]:
    """Answer each …13X with a …1 per payer and each …7 with its …2; deterministic for a seed.

    A QPID and the ZIPs of payment registries are answered as ``omstui.stand.mosobl`` says.

    All files are checked before the first answer is written. ``refuse`` is the share of accounts
    refused at random: by default 5 %, with a plan none. ``note`` takes remarks on the plan.
    Raises FormatError for a file the fund would not take, UsageError for a wrong option.
    """
    for title, value in (("--refuse", refuse), ("--move", move)):
        if value is not None and not 0 <= value <= 1:
            raise UsageError(f"{title}: доля должна быть от 0 до 1, например 0.05.")
    orders: Plan = parse_plan(plan) if plan is not None else {}
    ours = mosobl.files_of(files)
    if ours:
        options = mosobl.Options(seed, refuse, move, fmt or "dbf", plan is not None, list_all)
        return mosobl.answer(ours, out, settings, orders, options, note)
    if fmt not in (None, "xml"):
        raise UsageError(f"Вид ответов «{fmt}» для этого обмена не бывает, ответы — bill.xml.")
    share = refuse if refuse is not None else (DEFAULT_SHARE if plan is None else 0.0)
    packages = [scan(path, settings) for path in files_of(files)]
    for text in notes_on(orders, packages):
        note(text)
    jobs = [
        (package, decide(package, settings, orders, seed=seed, refuse=share, move=move or 0.0))
        for package in packages
    ]
    try:
        out.mkdir(parents=True, exist_ok=True)
        return [
            Answer(package, made, part, settings, seed, list_all).write(out)
            for package, made in jobs
            for part in shares(package, made, settings, list_all)
        ]
    except OSError as error:
        raise OmsError(
            f"Ответы в папку «{out}» не записаны: {reason_of(error)}.",
            hint="Проверьте место на диске и права на папку.",
        ) from error


def files_of(paths: Sequence[Path]) -> list[Path]:
    """Files to answer; a folder stands for the packages of the МО in it."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = [
                p
                for p in sorted(path.iterdir())
                if filenames.looks_like(p.name) and not filenames.parse(p.name).is_answer
            ]
            if not inside:
                raise FormatError(f"В папке «{path}» нет файлов …13X и …7<буква СМО>.")
            found += inside
        else:
            found.append(path)
    return found


def shares(package: Package, made: Decisions, settings: Settings, list_all: bool) -> Iterator[Share]:
    """Divide a package between the payers; those without accounts get no file."""
    by_payer: dict[str, Share] = {}
    known = {insurer.code: insurer for insurer in settings.insurers}
    if package.name.stage == "7":
        insurer = by_letter(settings, package.name.letter, package.path.name)
        known[insurer.code] = insurer
    for patient in package.patients:
        parts: dict[str, list[Account]] = {}
        for account in patient.accounts:
            parts.setdefault(made.payer(account), []).append(account)
        for payer, accounts in parts.items():
            share = by_payer.setdefault(payer, Share(known[payer], [], []))
            listed = {a.xkey for a in accounts if list_all or made.refused(patient.person, a)}
            share.patients.append((patient, accounts))
            share.listed.append(listed)
    yield from (by_payer[code] for code in sorted(by_payer))


class Answer:
    """One answer being written."""

    def __init__(
        self,
        package: Package,
        made: Decisions,
        share: Share,
        settings: Settings,
        seed: int,
        list_all: bool,
    ) -> None:
        self._package = package
        self._made = made
        self._share = share
        self._settings = settings
        self._seed = seed
        self._protocol = elements.Protocol()
        accounts = [(p.person, a) for p, found in share.patients for a in found]
        refused = [a for person, a in accounts if made.refused(person, a)]
        shown = [a for _, a in accounts] if list_all else refused
        self._count = len(accounts)
        self._refused = len(refused)
        self._refused_total = sum(a.total for a in refused)
        self._total = sum(a.total for _, a in accounts)
        self._listed = len(shown)
        self._listed_total = sum(a.total for a in shown)
        self._moved_in = sum(1 for _, a in accounts if a.payer != share.insurer.code)

    def write(self, out: Path) -> Written:
        name, insurer = self._package.name, self._share.insurer
        stage = self._package.stage
        if not insurer.letter:
            raise UsageError(f"У СМО {insurer.code} нет буквы: укажите её в настройках.")
        path = out / filenames.build(name.ogrn, name.kpp, name.period, name.digit, str(stage), insurer.letter)
        dated = self._day(4 if stage == 1 else 21)
        # decisions add little to the bytes sent
        expected = 2 * sum(patient.length for patient, _ in self._share.patients)
        write_bill(path, self._produce, dated, self._settings.files.container, expected=expected)
        return Written(
            path,
            stage,
            insurer.code,
            insurer.letter,
            self._count,
            self._listed,
            self._total,
            self._refused,
            self._refused_total,
            len(self._protocol.facts),
            self._moved_in,
        )

    def _day(self, after: int) -> date:
        text = self._package.header.body.get("date_1", "")
        try:
            start = date.fromisoformat(text)
        except ValueError:
            start = self._package.name.period.end
        return start + timedelta(days=after)

    def _produce(self, stream: IO[bytes]) -> None:
        package, stage = self._package, self._package.stage
        writer = BillWriter(
            stream, package.header.body, self._bill(), account_sum(roubles(self._listed_total))
        )
        with open_bill(package.path) as source:
            reading = _Ranges(source)
            for (patient, accounts), listed in zip(self._share.patients, self._share.listed, strict=True):
                noted = any(a.xkey in self._made.facts for a in accounts)
                if listed or noted:
                    raw = reading.read(patient.offset, patient.length)
                    data = self._patient(raw, patient, accounts, listed)
                    if package.encoding != ENCODING:
                        # what windows-1251 lacks stays readable as a reference
                        text = data.decode(package.encoding)
                        data = text.encode(ENCODING, "xmlcharrefreplace")
                    if data:
                        writer.raw(data)
        writer.close(flk=self._flk() if stage == 1 else None)

    def _bill(self) -> dict[str, str]:
        stage = self._package.stage
        bill = {
            "t_opl": self._package.header.bill.get("t_opl", "1"),
            "ogrn_smo": self._share.insurer.ogrn,
            "date_2": str(self._day(4 if stage == 1 else 21)),
            "n_out": f"{1000 + self._rng('n_out').randint(0, 8999)}",
            "date_in": str(self._day(3 if stage == 1 else 12)),
        }
        if stage == 2:
            bill["n_out"] += "-МЭК"
            bill["expert_fio"] = "Учебный эксперт"
            bill["number_mek"] = str(self._rng("mek").randint(1, 200))
            bill["type_control"] = "МЭК"
        return bill

    def _rng(self, what: str) -> random.Random:
        """Numbers for one account or person, whatever else is in the file."""
        stage, letter = self._package.stage, self._share.insurer.letter
        return random.Random(f"{self._seed}|{stage}|{letter}|{what}")

    def _patient(self, raw: bytes, patient: Patient, accounts: list[Account], listed: set[str]) -> bytes:
        """Bytes of a patient element with the decisions; empty when nothing of it is listed."""
        made = self._made
        person = made.persons.get((self._share.insurer.code, patient.person))
        special = person is not None or any(a.xkey in made.refusals or a.xkey in made.facts for a in accounts)
        node = _node(raw, self._package.encoding) if special else Node("patient")
        nodes = {n.get("xkey"): n for n in node.accounts()}
        for account in accounts:
            for order in made.facts.get(account.xkey, ()):
                rng = self._rng(f"flk {account.xkey}")
                self._protocol.add(order, node, nodes[account.xkey], rng)
        if not listed:
            return b""
        if len(listed) < len(patient.accounts):
            raw = keep_accounts(raw, listed, self._package.encoding)
        added = [self._decision(a, person, node, nodes) for a in patient.accounts if a.xkey in listed]
        register = elements.an_p(person, node, self._rng(f"an_p {patient.person}")) if person else None
        return patch(raw, added, register, self._package.encoding)

    def _decision(
        self, account: Account, person: Order | None, node: Node, nodes: dict[str, Node]
    ) -> elements.Added:
        orders = self._made.refusals.get(account.xkey, [])
        if not orders and person is None:
            return _ACCEPTED
        return elements.build(
            orders,
            person,
            node,
            nodes[account.xkey],
            self._package.name.period,
            self._package.stage,
            self._rng(account.xkey),
        )

    def _flk(self) -> Node:
        package, mo = self._package, self._settings.mo
        body = package.header.body
        attrs = {
            "version": body.get("version", ""),
            "year": body.get("year", ""),
            "month": body.get("month", ""),
            "type": "1",
            "creator": self._settings.fund.name or "ТФОМС",
            "org_name": mo.name,
            "org_ogrn": package.name.ogrn,
            "org_kpp": package.name.kpp,
            "datetime": f"{self._day(3)}T10:15:00",
        }
        register = {
            "filename": package.path.name.rpartition(".")[0],
            "creator": body.get("creator", ""),
            "creator_tel": body.get("telcreator", ""),
            "provider": mo.code,
        }
        return self._protocol.node(attrs, register, self._count)


class _Ranges:
    """Reads growing ranges of a stream that cannot seek."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._at = 0
        self._window = b""

    def read(self, offset: int, length: int) -> bytes:
        while self._at + len(self._window) < offset + length:
            if offset >= self._at + len(self._window):
                self._at += len(self._window)
                self._window = b""
            chunk = self._stream.read(1 << 20)
            if not chunk:
                raise FormatError("Файл изменился, пока стенд его читал.", hint="Повторите.")
            self._window += chunk
        begin = offset - self._at
        data = self._window[begin : begin + length]
        if begin > 1 << 19:
            self._window = self._window[begin + length :]
            self._at = offset + length
        return data


def _node(raw: bytes, encoding: str) -> Node:
    """Parse one patient element cut out of a file."""
    before = f'<?xml version="1.0" encoding="{encoding}"?><package><body x="1"><bill><patients>'
    text = before.encode("ascii") + raw + b"</patients></bill></body></package>"
    return next(iter(BillReader(io.BytesIO(text), "bill.xml").patients())).node
