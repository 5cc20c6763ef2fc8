"""The stand for the second exchange (стенд, Московская область): what it answers and with what.

QPID_….dbf → APID_….dbf and FLQPID_….dbf; the ZIP of a payment registry → a protocol of ФЛК for the file
of cases and one for the file of persons, and the return of МЭК: one b….dbf per payer (``--format dbf``,
refusals only) or the file sent with SANK, one per ZIP (``--format xml``).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from omstui.domain.errors import OmsError, UsageError, reason_of
from omstui.formats import filenames
from omstui.settings import Settings
from omstui.stand import mosobl_flk, mosobl_ident, mosobl_mek
from omstui.stand.decide import Plan
from omstui.stand.mosobl_bill import scan_bill
from omstui.stand.mosobl_ident import scan_request
from omstui.stand.mosobl_plan import BillPlan, Options, PersonPlan
from omstui.stand.written import Written

__all__ = ["Options", "answer", "files_of"]

_REQUEST = re.compile(r"QPID_.*\.dbf", re.IGNORECASE)
_BILL = re.compile(r"(?:[CHTX]|D[A-Z])M\d+[ST]\d+_\d+.*\.zip", re.IGNORECASE)


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The requests and registries among the files; [] when they are of the regional exchange.

    A folder is searched with its folders: the program writes one per payer.
    """
    found: list[Path] = []
    strange: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += _inside(path)
            strange += [p for p in path.iterdir() if filenames.looks_like(p.name)]
        else:
            (found if _is_ours(path.name) else strange).append(path)
    if found and strange:
        raise UsageError(
            f"Файлы {found[0].name} и {strange[0].name} — разных обменов, вместе на них не ответить.",
            hint="Укажите их в разных командах.",
        )
    unique = {path.resolve(): path for path in found}
    return list(unique.values())


def _is_ours(name: str) -> bool:
    return bool(_REQUEST.fullmatch(name) or _BILL.fullmatch(name))


def _inside(folder: Path) -> list[Path]:
    found = []
    for place, names, files in os.walk(folder):
        names.sort()
        found += [Path(place, name) for name in sorted(files) if _is_ours(name)]
    return found


def answer(
    files: Sequence[Path],
    out: Path,
    settings: Settings,
    orders: Plan,
    options: Options,
    note: Callable[[str], None],
) -> list[Written]:
    """Answer requests and payment registries; all are checked before the first answer is written."""
    requests = [scan_request(p, settings) for p in files if _REQUEST.fullmatch(p.name)]
    bills = [scan_bill(p, settings) for p in files if _BILL.fullmatch(p.name)]
    people = [PersonPlan(r, orders, settings, options) for r in requests]
    cases = [BillPlan(b, orders, options) for b in bills]
    _remark(orders, people, cases, options, note)
    try:
        out.mkdir(parents=True, exist_ok=True)
        written = []
        for person in people:
            written += mosobl_ident.write(person, out, settings, options.seed)
        for case in cases:
            written += mosobl_flk.write(case, out)
        make = mosobl_mek.write_xml if options.format == "xml" else mosobl_mek.write_dbf
        written += make(cases, out, settings, options.seed)
    except OSError as error:
        raise OmsError(
            f"Ответы в папку «{out}» не записаны: {reason_of(error)}.",
            hint="Проверьте место на диске и права на папку.",
        ) from error
    return written


def _remark(
    orders: Plan,
    people: Iterable[PersonPlan],
    cases: Iterable[BillPlan],
    options: Options,
    note: Callable[[str], None],
) -> None:
    used: set[str] = set()
    plans: list[PersonPlan | BillPlan] = [*people, *cases]
    for made in plans:
        used |= made.used
        for text in made.notes:
            note(text)
    for key in orders:
        if key not in used:
            note(f"План: ключа {key} нет в файлах.")
    if not options.list_all:
        note("--list refused здесь не действует: b… перечисляет отказы, XML — все случаи.")
