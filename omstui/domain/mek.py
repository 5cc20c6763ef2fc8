"""Return of the medical-economic control (возврат МЭК): a «b…» table or federal XML as one kind of rows.

Both formats become MekCase: whom it is about, the decision, and the reasons with their sums. Which case
of ours it is and what it means for the accounts is the business of omstui.domain.store.mek.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from omstui.domain.errors import FormatError, OmsError, reason_of
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.formats import dbfnames
from omstui.formats.federal import Part
from omstui.formats.mekdbf import MekFile, MekRow, read_mek
from omstui.formats.mekxml import EKMP, FULL, MEE, MEK, NONE, PART, ReturnCase, ReturnFile, control_of
from omstui.formats.opening import xml_parts
from omstui.formats.source import SourceProblem
from omstui.resources import data_dir

UNKNOWN = "нет в справочнике"
#: S_TIP of a cut the table gives no number for: the first of its group (F006)
_TIP = {MEK: "1", MEE: "50", EKMP: "70"}
_XML = (b"<", b"PK")
_BOM = b"\xef\xbb\xbf"


@cache
def titles() -> dict[str, str]:
    """Point → title, from data/mek_codes.toml."""
    text = (data_dir() / "mek_codes.toml").read_text(encoding="utf-8")
    return {row["point"]: row["title"] for row in tomllib.loads(text)["codes"]}


def describe(code: str) -> tuple[str, bool]:
    """Title of a point («1.10.2.») and whether the book has it."""
    control = control_of_point(code)
    if control == MEK:
        title = titles().get(code)
        return (title, True) if title else (UNKNOWN, False)
    return f"снято по {control}", True


def control_of_point(code: str) -> str:
    """Kind of control by the point: 1.x МЭК, 2.x МЭЭ, 3.x ЭКМП; what no book has counts as МЭК."""
    return {"2": MEE, "3": EKMP}.get(code.partition(".")[0], MEK)


@dataclass(frozen=True, slots=True)
class Reason:
    """One ground of one case. ``total`` kopecks, None = the file names no sum."""

    code: str
    known: bool
    control: str
    tip: str
    total: int | None
    comment: str
    act: str
    act_date: str
    service: str = ""

    @property
    def text(self) -> str:
        return describe(self.code)[0] if self.known else UNKNOWN


@dataclass(frozen=True, slots=True)
class MekCase:
    """A record of the return: how the file names the case and what it says of it.

    ``decision`` is OPLATA: 1 paid, 2 refused, 3 in part, 0 nothing decided, None = by the sums.
    """

    place: str
    period: str
    number: str
    date: str
    payer: str
    idcase: str
    card: str
    billed: int | None
    decision: int | None
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Source:
    """A return opened for reading; ``notes`` grow while ``cases`` runs."""

    name: str
    xml: bool
    #: the file lists what was paid too: a case it does not name is not decided by it
    lists_all: bool
    notes: list[str] = field(default_factory=list)
    codes: frozenset[str] = frozenset()  # of our organisation
    table: MekFile | None = None
    returns: list[ReturnFile] = field(default_factory=list)
    #: what the name of a table tells: organisation, sign of the payer, month
    named: dbfnames.MekName | None = None
    #: the payer of a table without a record: it takes nothing off (снятий нет)
    nothing_by: int | None = None

    @property
    def total(self) -> int:
        return self.table.count if self.table else 0

    def cases(self) -> Iterator[MekCase]:
        """Yield the records. Raises FormatError: a file is taken whole or not at all."""
        if self.table is not None:
            yield from _from_table(self.table, self.codes)
        for one in self.returns:
            yield from _from_return(one, self.notes)


def open_mek(path: Path, codes: frozenset[str]) -> Source:
    """Open a return of either kind; ``codes`` are those of our organisation. FormatError otherwise."""
    try:
        if path.exists() and not path.is_file():
            raise FormatError(f"«{path.name}» — не обычный файл.", hint="Выберите файл МЭК.")
        with path.open("rb") as stream:
            head = stream.read(64).removeprefix(_BOM).lstrip()
    except FileNotFoundError:
        raise OmsError(f"Файл {path} не найден.", hint="Проверьте путь к файлу МЭК.") from None
    except (OSError, ValueError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "такого имени не бывает"
        raise FormatError(f"Файл «{path.name}» не читается: {why}.") from error
    if head.startswith(_XML):
        return _open_xml(path, codes)
    table = read_mek(path)
    source = Source(path.name, False, False, [*table.notes], codes, table)
    _check_name(source, codes)
    return source


def _check_name(source: Source, codes: frozenset[str]) -> None:
    """The name of a table tells the organisation; a renamed one is judged by its records alone."""
    try:
        name = dbfnames.parse_mek(source.name)
    except FormatError as error:
        source.notes.append(f"{error.msg} Файл принят по содержанию.")
        return
    if name.mo not in codes:
        raise _foreign(source.name, name.mo, codes)
    source.named = name


def _foreign(name: str, code: str, codes: frozenset[str]) -> FormatError:
    ours = ", ".join(sorted(codes))
    return FormatError(
        f"Файл {name}: это МЭК другой медицинской организации, код МО {code}, наш — {ours}.",
        title="Чужой файл",
        hint="Выберите файл своей организации.",
    )


def _open_xml(path: Path, codes: frozenset[str]) -> Source:
    parts = [p for p in xml_parts(path) if not p.name.rpartition("/")[2].upper().startswith("L")]
    if not parts:
        raise FormatError(f"Файл {path.name}: в нём нет файла случаев.", hint="Выберите возврат МЭК.")
    source = Source(path.name, True, True, codes=codes)
    for part in parts:
        source.returns.append(_return(part, codes))
    return source


def _return(part: Part, codes: frozenset[str]) -> ReturnFile:
    try:
        opened = ReturnFile(part)
    except FormatError as error:
        hint = error.hint or "Это не возврат МЭК. Протокол ФЛК загружает операция «Загрузить ФЛК»."
        raise FormatError(error.msg, title=error.title, hint=hint, details=error.details) from error
    code = str(opened.header["code_mo"])
    if code not in codes:
        raise _foreign(part.name, code, codes)
    return opened


# --- the table «b…» ----------------------------------------------------------------------------


def _from_table(table: MekFile, codes: frozenset[str]) -> Iterator[MekCase]:
    for row in table.rows():
        if row.mo and row.mo not in codes:
            raise _foreign(f"{table.name}, {row.place}", row.mo, codes)
        if not row.case_ref and not row.card:
            raise FormatError(
                f"Файл {table.name}, {row.place}: нет ни ключа случая (IDCASE), ни номера карты (NHISTORY)."
            )
        if (row.year or row.month) and row.period is None:
            raise FormatError(
                f"Файл {table.name}, {row.place}: период {row.year}/{row.month} не отчётный месяц."
            )
        for title, value in (("снято (S_SUM)", row.cut), ("выставлено (SUMV)", row.billed)):
            if value is not None and value < 0:
                raise FormatError(f"Файл {table.name}, {row.place}: {title} {roubles(value)} меньше нуля.")
        if row.decision == FULL and row.cut:
            raise FormatError(
                f"Файл {table.name}, {row.place}: решение «оплатить», но снято {roubles(row.cut)}.",
                hint="Попросите плательщика прислать файл заново.",
            )
        if row.decision not in (None, 0, FULL, NONE, PART):
            raise FormatError(
                f"Файл {table.name}, {row.place}: решение OPLATA {row.decision} — бывает 1, 2 или 3."
            )
        yield _case_of(row)


def _case_of(row: MekRow) -> MekCase:
    reasons = []
    for n, ground in enumerate(row.grounds):
        code = str(ground)
        control = control_of_point(code)
        # the sum stands once in the record: the first ground carries it
        total = row.cut if n == 0 else 0
        service = row.service_ref or row.service_code
        reasons.append(
            Reason(code, ground.known, control, _TIP[control], total, row.comment, row.act,
                   row.act_date or "", service)
        )  # fmt: skip
    if not reasons and row.decision != FULL:
        reasons.append(
            Reason("", False, MEK, _TIP[MEK], row.cut, row.comment or "без указания причины", row.act,
                   row.act_date or "")
        )  # fmt: skip
    return MekCase(
        row.place, str(row.period or ""), row.invoice, row.invoice_date or "", row.payer, row.case_ref,
        row.card, row.billed, row.decision or None, tuple(reasons),
    )  # fmt: skip


# --- federal XML -------------------------------------------------------------------------------

_NOTES = 20


def _from_return(file: ReturnFile, notes: list[str]) -> Iterator[MekCase]:
    header = file.header
    year, month = int(header["year"] or 0), int(header["month"] or 0)
    if not (2000 <= year <= 2100 and 1 <= month <= 12):
        raise FormatError(f"Файл {file.name}: период {year}/{month} не отчётный месяц (SCHET/YEAR, MONTH).")
    said = (str(Period(year, month)), str(header.get("nschet", "")), str(header.get("dschet", "")))
    for found in file.cases():
        if isinstance(found, SourceProblem):
            raise FormatError(f"Файл {file.name}, {found.position}: {found.reason}")
        if _contradicts(found):
            raise FormatError(
                f"Файл {file.name}, {found.position}: {'; '.join(found.problems)}.",
                title="Суммы не сходятся",
                hint="Попросите плательщика прислать файл заново. Данные не изменены.",
            )
        for problem in found.problems:
            _note(notes, f"{found.position}: {problem}")
        yield _case_of_return(found, said, str(header.get("plat", "")))
    for problem in file.problems:
        _note(notes, f"{file.name}: {problem}")


def _note(notes: list[str], text: str) -> None:
    if len(notes) < _NOTES:
        notes.append(text)


def _contradicts(case: ReturnCase) -> bool:
    """What would make the money wrong; other oddities are notes."""
    cut, billed = case.total_cut, case.billed
    return (
        case.over
        or (case.cut is not None and case.cut != cut)
        or (case.accepted is not None and case.accepted != billed - cut)
        or (case.oplata == FULL and cut > 0)
        or (case.oplata == NONE and cut < billed)
        or (case.oplata == PART and not 0 < cut < billed)
    )


def _case_of_return(case: ReturnCase, said: tuple[str, str, str], payer: str) -> MekCase:
    reasons = []
    for sanction in case.sanctions:
        code = sanction.point or sanction.osn
        known = bool(sanction.point) and (sanction.control != MEK or describe(code)[1])
        reasons.append(
            Reason(code, known, control_of(sanction.tip) or control_of_point(code), sanction.tip,
                   sanction.total, sanction.comment, sanction.act_number, sanction.act_date,
                   " ".join(sanction.sl_ids))
        )  # fmt: skip
    return MekCase(
        case.position, *said, payer, case.idcase, case.nhistory, case.billed, case.decision, tuple(reasons)
    )
