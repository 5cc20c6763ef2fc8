"""«Выгрузить на идентификацию»: the patients of a registry as a QPID for the register of the insured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from omstui.domain import atomicfile
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.expertise import known_criteria
from omstui.domain.exporting import target_questions
from omstui.domain.identification import FATAL, Person, problems, qpid_row, records_word
from omstui.domain.model import RegistryStatus
from omstui.domain.operation import Context, Result
from omstui.domain.store import config, db, findings, registries_b
from omstui.domain.store import identification as store
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats.dbfnames import (
    IdentName,
    build_ident,
    check_qpid,
    parse_ident,
    propose,
    qpid_problems,
)
from omstui.formats.dbfwriter import Written
from omstui.formats.identfile import write_qpid
from omstui.settings import Settings

#: lines that tell of findings of the expertise, and the patients they are about
Found = tuple[Sequence[str], Set[int]]

#: groups of criteria about personal data; not the one only an answer of the fund gives
_PERSONAL = ("person", "policy", "document")
_UNIDENTIFIED = "02.013"
_BATCH = 2000
_LAST = 9
_SHOWN = 20


@dataclass(slots=True)
class Params:
    """``name`` as typed into «Название пакета», or ``number`` = its last digit; empty = as proposed."""

    period: str = ""
    out: str = ""
    registry: str = ""
    registry_id: int | None = None
    name: str = ""
    number: int = 0


def run(ctx: Context, params: Params) -> Result:
    """Remind of open findings, write the file, keep who is in it; the registry gets its status."""
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "ident-export")
    settings = config.load_settings()
    name = chosen_name(settings, row, ctx.now_fn().date(), params.name, params.number)
    target = folder(settings, params.out) / str(name)
    try:
        with db.snapshot():
            if not store.collect(row.id):
                raise OmsError(
                    f"В реестре «{row.title}» нет случаев: выгружать некого.",
                    hint="Переформируйте реестр.",
                )
            remind(ctx, target, _notes(row), _found(row.id, settings))
            pending, written = write(ctx, name, target)
        new = store.NewQpid(row.id, row.period, str(name), name.day.isoformat(), name.number, written.count)
        package_id = settle(ctx, pending, new, row)
    finally:
        store.forget()
    return placed(ctx, pending, written, package_id, {"registry": row.id, "period": row.period})


def _notes(row: RegistryRow) -> list[str]:
    """What an export changes or passes over, to be asked about."""
    notes = []
    waiting = store.unanswered(row.id)
    if waiting:
        last = waiting[-1]
        notes.append(
            f"Ответ на пакет {last.name} от {last.created_at} ещё не загружен. Выгрузить ещё один пакет?"
            " Ответ на прежний тоже можно будет загрузить."
        )
    if row.status == RegistryStatus.PAYERS_FORMED:
        notes.append(
            "Реестры на оплату уже сформированы: после выгрузки их надо будет сформировать заново."
            " Продолжить?"
        )
    return notes


def _found(registry_id: int, settings: Settings) -> Found:
    """Open findings of the expertise in personal data (manual B: they are mended before the export)."""
    known = known_criteria(settings)
    codes = [code for code, c in known.items() if c.group in _PERSONAL and code != _UNIDENTIFIED]
    count: Counter[str] = Counter()
    patients: set[int] = set()
    for code, patient in findings.patients(registry_id, codes):
        count[code] += 1
        patients.add(patient)
    return [f"Экспертиза: {code} {known[code].title}: {n}" for code, n in count.items()], patients


def folder(settings: Settings, out: str) -> Path:
    """Where the file goes: as told, or the folder of the settings."""
    chosen = out or settings.files.folder_out
    if not chosen:
        raise UsageError("Не указана папка для файла.", hint="Укажите её: --out ПАПКА.")
    return Path(chosen).expanduser()


# --- the name ----------------------------------------------------------------------------------


def proposed_name(settings: Settings, row: RegistryRow | None, day: date) -> IdentName:
    """The name the window proposes: the digit of «+1 / −1» if it is free, else the first free one."""
    mo = settings.mo.code_local or settings.mo.code
    taken = store.names()
    number = _wanted(row, day) if row else 0
    if number:
        name = build_ident(mo, day, number)
        if str(name).upper() not in {n.upper() for n in taken}:
            return name
    return propose(mo, day, taken)


def _wanted(row: RegistryRow, day: date) -> int:
    """The digit of the registry, unless it only counts on from a package of another day."""
    last = store.last_of(row.id)
    follows = last is not None and row.ident_number == min(int(last.number or 0) + 1, _LAST)
    if last is not None and follows and last.date != day.isoformat():
        return 0
    return row.ident_number


def chosen_name(settings: Settings, row: RegistryRow | None, day: date, name: str, number: int) -> IdentName:
    """The name to write under; UsageError with every fault of the one that was typed."""
    proposed = proposed_name(settings, row, day)
    if name.strip():
        return check_qpid(name, proposed, store.names())
    if number:
        typed = build_ident(proposed.mo, day, number)
        wrong = qpid_problems(str(typed), proposed, store.names())
        if wrong:
            raise UsageError(wrong[0], title="Неверное название пакета", details=wrong[1:])
        return parse_ident(str(typed))
    return proposed


# --- the file ----------------------------------------------------------------------------------


def remind(ctx: Context, target: Path, notes: list[str], checked: Found = ((), frozenset())) -> None:
    """Ask about open findings in personal data; persons without the least data stay out."""
    found: Counter[str] = Counter()
    sick = total = 0
    out: list[Person] = []
    told, patients = checked
    for person in ctx.track(store.persons(), "Проверка персональных данных"):
        total += 1
        wrong = problems(person)
        found.update(wrong)
        sick += bool(wrong) or person.patient_id in patients
        if FATAL.intersection(wrong):
            out.append(person)
    if len(out) == total:
        raise OmsError(
            "Выгружать некого: ни у одного пациента нет данных, по которым его можно найти"
            " (фамилия, дата рождения, пол и СНИЛС, документ или полис).",
            hint="Заполните карточки пациентов и повторите.",
            details=[f"{text}: {count}" for text, count in found.most_common()],
        )
    questions = [*notes, *target_questions(target)]
    if sick:
        lines = [f"{text[:1].upper()}{text[1:]}: {count}" for text, count in found.most_common()]
        lines += told
        if out:
            lines.append(f"В пакет не войдут (данных недостаточно): {len(out)}")
        ctx.confirm(
            f"Есть неисправленные замечания по персональным данным: пациентов {sick}."
            " Исправьте их до выгрузки, иначе пациентов могут не найти. Выгрузить как есть?",
            details=[*lines, *questions],
        )
        for line in lines:
            ctx.warn(line)
    elif questions:
        ctx.confirm(questions[0], details=questions[1:])
    for person in out[:_SHOWN]:
        who = " ".join(filter(None, (person.surname, person.name, person.patronymic))) or person.recid
        ctx.warn(f"Не войдёт в пакет: {who}", link={"list": "cases", "patient": person.patient_id})
    store.leave_out([person.n for person in out])


def write(ctx: Context, name: IdentName, target: Path) -> tuple[atomicfile.Pending, Written]:
    """Write the staged persons beside the place of the file."""
    done: list[Written] = []

    def fill(part: Path) -> None:
        with part.open("wb") as stream:
            done.append(write_qpid(stream, _rows(ctx, name.mo), name.day))

    pending = atomicfile.prepare(target, fill, overwrite=True)
    for note in done[0].notes:
        ctx.warn(note)
    return pending, done[0]


def _rows(ctx: Context, mo: str) -> Iterator[tuple[Any, ...]]:
    kept: list[tuple[int, int, str]] = []
    for number, person in enumerate(ctx.track(store.persons(), "Запись пакета"), 1):
        kept.append((number, person.patient_id, person.recid))
        if len(kept) >= _BATCH:
            store.keep(kept)
            kept.clear()
        yield qpid_row(person, number, mo)
    store.keep(kept)


def settle(ctx: Context, pending: atomicfile.Pending, new: store.NewQpid, row: RegistryRow | None) -> int:
    """Store the file and its persons in one transaction; nothing is left behind when that fails."""
    try:
        ctx.check()
        with atomicfile.plain_errors(pending.target), db.write():
            now = registries_b.get(row.id) if row else None
            changed = row is not None and (now is None or _state(now) != _state(row))
            if changed or store.by_name(new.name):
                raise OmsError(
                    "Пока писался файл, реестр или пакеты изменил другой оператор. Ничего не записано.",
                    hint="Повторите операцию.",
                )
            package_id = store.add(
                new, pending.part, pending.target, who=ctx.who, at=ctx.now(), run=ctx.run_id
            )
            ctx.check()
            if row is not None:
                registries_b.set_status(row.id, RegistryStatus.IDENT_SENT)
                registries_b.set_ident_number(row.id, min(new.number + 1, _LAST))
            ctx.check()
    except BaseException:  # whatever it was, the file must not stay without its row
        pending.discard()
        raise
    return package_id


def _state(row: RegistryRow) -> tuple[object, ...]:
    return (row.status, row.reform_reason, row.accounts, row.total, row.ident_number)


def placed(
    ctx: Context, pending: atomicfile.Pending, written: Written, package_id: int, data: dict[str, Any]
) -> Result:
    """Give the file its name. The database is already right; a failure here is told, not hidden."""
    text = f"Выгружено {written.count} {records_word(written.count)}"
    data |= {"package": package_id, "file": str(pending.target), "records": written.count}
    try:
        pending.place()
    except OmsError as error:
        ctx.log(str(error), level="error")
        return Result(f"Пакет записан в базу, но файл не на месте. {error}", data, partial=True)
    ctx.artifact(pending.target)
    ctx.log(text)
    ctx.log(f"Файл {pending.target.name} записан в папку {pending.target.parent}")
    return Result(f"{text}: {pending.target}", data)
