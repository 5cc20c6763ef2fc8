"""«Загрузить результат идентификации»: an APID, whole or not at all.

Everything is read, matched and decided before the first write; the write then only carries the decisions
out. If somebody else wrote in between, the decisions are made anew inside the transaction.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import expertise
from omstui.domain.errors import FormatError, OmsError
from omstui.domain.identification import OVERDUE_DAYS, UNIDENTIFIED, UNINSURED
from omstui.domain.model import RegistryStatus
from omstui.domain.operation import Context, Result
from omstui.domain.ops.ident_plan import Insurers, make_plan
from omstui.domain.store import config, db, files, ident_answers, ident_apply, registries_b
from omstui.domain.store import identification as packages
from omstui.domain.store.ident_answers import Counts, LoadedRow, Matched
from omstui.domain.store.identification import QpidRow
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats.dbfnames import APID, QPID, check_answer, parse_ident
from omstui.formats.identfile import RESULTS, ApidFile, ApidRow, read_apid
from omstui.settings import Settings

_BATCH = 2000
#: as db.dump writes it; an encoder made once is twice as fast
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode
_TYPES = ("", "1", "2", "3")
_SHOWN = 20


@dataclass(slots=True)
class Params:
    """The registry may be left out: the name of the file tells it."""

    path: str = ""
    period: str = ""
    registry: str = ""
    registry_id: int | None = None


@dataclass(slots=True)
class _Book:
    """What the check of the reference books found (проверка НСИ)."""

    insurers: Insurers
    wrong: list[str] = field(default_factory=list)
    wrong_count: int = 0
    unknown_smo: Counter[str] = field(default_factory=Counter)

    def check(self, row: ApidRow) -> None:
        bad = []
        if row.result not in RESULTS:
            bad.append(f"итог поиска {row.result} неизвестен")
        if row.policy.type not in _TYPES:
            bad.append(f"вид полиса {row.policy.type} неизвестен (F008)")
        if row.policy.begin and row.policy.end and row.policy.begin > row.policy.end:
            bad.append(f"полис кончился ({row.policy.end}) раньше, чем начался ({row.policy.begin})")
        for text in bad:
            self.wrong_count += 1
            if len(self.wrong) < _SHOWN:
                self.wrong.append(f"запись {row.record}: {text}")
        if row.policy.smo and self.insurers.unknown(row.policy.smo):
            self.unknown_smo[row.policy.smo] += 1


def run(ctx: Context, params: Params) -> Result:
    """Check, decide, ask, write; the same bytes a second time change nothing."""
    path = Path(params.path).expanduser()
    if not path.is_file():
        raise OmsError(f"Файл {path} не найден.", hint="Проверьте путь.")
    settings = config.load_settings()
    sha256 = files.sha256_of(path)
    again = _known(path, sha256)
    if again is not None:
        return _repeated(ctx, path, again)
    package, row = _target(params, path, settings)
    if row is not None:
        registries_b.require(row, "ident-load")
    old = ident_answers.active_of(package.id)
    _ask(ctx, path, package, row, old)
    with ident_answers.staging():
        seen = db.data_version()
        insurers = Insurers.of_settings(settings)
        matched = _read(ctx, path, package, _Book(insurers))
        counts = make_plan(ctx, insurers)
        header: dict[str, Any] = {"records": matched.answered, **asdict(counts)}
        ctx.check()
        with db.write():
            if db.data_version() != seen:
                ident_answers.restart(package.registry)
                counts = make_plan(ctx, insurers)
                header |= asdict(counts)
            _unchanged(package, row, old)
            if files.sha256_of(path) != sha256:
                raise OmsError(f"Файл {path.name} изменился, пока его читали.", hint="Повторите загрузку.")
            answer_id = ident_apply.apply(
                ident_apply.NewAnswer(
                    package.id, package.registry, package.period,
                    files.put_file(path.name, path, at=ctx.now()), path.name, ctx.now(), ctx.who, ctx.run_id,
                    matched.answered, header, old.id if old else None,
                ),
                ctx.check,
            )  # fmt: skip
            _checked(ctx)
            ctx.check()
    _report(ctx, counts, answer_id)
    _notes(ctx, matched, counts, row)
    return Result(
        f"Результат идентификации {path.name} загружен: записей {matched.answered}.",
        {"answer": answer_id, "package": package.id, "registry": package.registry, "file": path.name,
         "repeated": False, **header},
    )  # fmt: skip


def _checked(ctx: Context) -> None:
    """The silent expertise of cases whose policy findings the answer changes, in its transaction."""
    cases = ident_apply.outdated()
    try:
        for start in range(0, len(cases), _BATCH):
            expertise.check_saved(cases[start : start + _BATCH], at=ctx.now())
    except OmsError as error:
        ctx.warn(f"Экспертиза случаев не проведена: {error.msg}")


# --- which package -----------------------------------------------------------------------------


def _target(params: Params, path: Path, settings: Settings) -> tuple[QpidRow, RegistryRow | None]:
    """Our package this file answers, and its registry (None = overdue persons of all registries)."""
    sent = packages.names()
    mo = settings.mo.code_local or settings.mo.code
    answer = check_answer(path.name, mo, sent)
    package = packages.by_name(str(answer.as_(QPID)))
    if package is None:  # the name was among those sent
        raise OmsError(f"Пакета {answer.as_(QPID)} нет в базе данных.", hint="Проверьте базу: omstui verify.")
    if package.registry is None:
        return package, None
    row = registries_b.get(package.registry)
    if row is None:
        raise OmsError(
            f"Файл {path.name} — ответ на {package.name}, а реестр этого пакета удалён.",
            hint="Выгрузите пациентов на идентификацию из нового реестра.",
        )
    meant = row
    if params.registry or params.registry_id is not None:
        meant = registries_b.resolve(params.period, params.registry, params.registry_id)
    if meant.id != row.id or (params.period and params.period != row.period):
        other = meant.title if meant.id != row.id else f"за {params.period}"
        raise FormatError(
            f"Файл {path.name} — ответ на другой пакет: {package.name} выгружен из реестра"
            f" «{row.title}» за {row.period}, а загружают в реестр {other}.",
            title="Ответ на другой пакет",
            hint=f"Загрузите его в реестр {row.id} (--period {row.period} --registry {row.id}).",
        )
    return package, row


def _known(path: Path, sha256: str) -> LoadedRow | None:
    """The same bytes loaded before, renamed or not, whatever registry they are loaded into now."""
    try:
        named = packages.by_name(str(parse_ident(path.name, APID).as_(QPID)))
    except FormatError:
        named = None
    return ident_answers.by_sha(sha256, named.id if named else None)


def _repeated(ctx: Context, path: Path, again: LoadedRow) -> Result:
    """The same file once more: nothing changes, the protocol is shown again."""
    name = "" if again.name == path.name else f" под именем {again.name}"
    ctx.log(
        f"Файл {path.name} уже загружен {again.accepted_at} ({again.accepted_by}){name}: ничего не изменено.",
        level="warning",
    )
    if again.state != "active":
        ctx.warn("Этот ответ потом заменён другим файлом: действует тот.")
    kept = dict(again.header)
    names = Counts.__dataclass_fields__
    values: dict[str, Any] = {
        n: tuple(v) if isinstance(v, list) else v for n, v in kept.items() if n in names
    }
    for text, _ in _lines(Counts(**values)):
        ctx.log(text)
    return Result(
        f"Файл {path.name} уже загружен {again.accepted_at}, ничего не изменено.",
        {"answer": again.id, "package": again.package_id, "file": path.name, "repeated": True, **kept},
    )


def _ask(ctx: Context, path: Path, package: QpidRow, row: RegistryRow | None, old: LoadedRow | None) -> None:
    questions = []
    if old is not None:
        questions.append(
            f"Ответ на этот пакет уже загружен: {old.name} от {old.accepted_at} ({old.accepted_by})."
            f" Заменить его файлом {path.name}?"
        )
    later = ident_answers.later_than(package.id, row.id) if row is not None else None
    if later is not None:
        questions.append(
            f"Ответ на более поздний пакет уже загружен: {later.name} от {later.accepted_at}."
            f" Загрузить более ранний {path.name}? У тех же пациентов он заменит полисы позднего ответа."
        )
    if row is not None and row.status == RegistryStatus.PAYERS_FORMED:
        questions.append(
            "Реестры на оплату уже сформированы: после загрузки их надо будет сформировать заново."
            " Продолжить?"
        )
    if questions:
        ctx.confirm(questions[0], details=questions[1:])


def _unchanged(package: QpidRow, row: RegistryRow | None, old: LoadedRow | None) -> None:
    """Inside the transaction: nobody loaded an answer, exported or formed the registry in between."""
    now = ident_answers.active_of(package.id)
    moved = (
        row is not None
        and (fresh := registries_b.get(row.id)) is not None
        and ((fresh.status, fresh.accounts, fresh.total) != (row.status, row.accounts, row.total))
    )
    gone = row is not None and registries_b.get(row.id) is None
    if moved or gone or (now and now.id) != (old and old.id):
        raise OmsError(
            "Пока читался файл, реестр или ответ изменил другой оператор. Ничего не записано.",
            hint="Повторите операцию.",
        )


# --- reading -----------------------------------------------------------------------------------


def _read(ctx: Context, path: Path, package: QpidRow, book: _Book) -> Matched:
    """Stage the file; refuse one that is damaged, wrong by the books or of another package."""
    file = read_apid(path)
    ctx.log(f"Загружен файл {path.name}")
    for note in file.notes:
        ctx.warn(note)
    ident_answers.start(package.id, package.registry)
    _stage(ctx, file, book)
    if book.wrong:
        more = f" (и ещё {book.wrong_count - 1})" if book.wrong_count > 1 else ""
        raise FormatError(
            f"Файл {path.name}: проверка НСИ не пройдена, {book.wrong[0]}{more}.",
            title="Проверка НСИ",
            hint="Запросите у фонда исправленный файл.",
            details=book.wrong[1:],
        )
    for smo, count in sorted(book.unknown_smo.items()):
        ctx.warn(f"СМО {smo} нет в настройках: пациентов {count}, плательщик не определён")
    ctx.log("Проверка НСИ выполнена успешно")
    matched = ident_answers.match()
    if matched.unknown_count or not matched.answered:
        raise _foreign(path, package, matched)
    ctx.log("Подготовка данных выполнена успешно")
    return matched


def _foreign(path: Path, package: QpidRow, matched: Matched) -> FormatError:
    if not matched.unknown:
        return FormatError(
            f"Файл {path.name} пуст: ответов в нём нет.",
            title="Пустой файл",
            hint="Запросите файл ещё раз.",
        )
    lines = [
        f"запись {record}: NPP {'' if npp is None else npp}, RECID «{ref}»"
        for record, npp, ref in matched.unknown
    ]
    more = f" (и ещё {matched.unknown_count - 1})" if matched.unknown_count > 1 else ""
    return FormatError(
        f"Файл {path.name} — ответ на другой пакет: в {package.name} нет пациента, {lines[0]}{more}.",
        title="Ответ на другой пакет",
        hint="Выберите ответ на этот пакет. Файл не загружен, ничего не изменено.",
        details=lines[1:],
    )


def _stage(ctx: Context, file: ApidFile, book: _Book) -> None:
    rows: list[tuple[Any, ...]] = []
    for row in ctx.track(file.rows(), f"Чтение {file.name}", file.count):
        book.check(row)
        rows.append(_raw(row))
        if len(rows) >= _BATCH:
            ident_answers.stage(rows)
            rows.clear()
    ident_answers.stage(rows)


def _raw(row: ApidRow) -> tuple[Any, ...]:
    """A record in the order of ``ident_answers.RAW``."""
    found = not row.unidentified and not row.uninsured
    error = row.reason if row.unidentified else ""
    p = row.policy
    data: dict[str, Any] = {
        name: value
        for name, value in (
            ("smo", p.smo), ("okato", p.okato), ("type", p.type), ("series", p.series), ("number", p.number),
            ("enp", p.enp), ("begin", p.begin), ("end", p.end), ("surname", row.surname), ("name", row.name),
            ("patronymic", row.patronymic), ("birth_date", row.birth_date), ("snils", row.snils),
            ("mo", row.mo), ("mo_date", row.mo_date), ("death", row.death_date), ("error", row.error),
        )
        if value
    }  # fmt: skip
    return (
        row.record, row.number, row.ref.strip(), row.result, int(found), error, p.type, p.series, p.number,
        p.enp, p.smo, p.okato, p.begin or "", p.end or "", row.surname, row.name, row.patronymic,
        row.birth_date or "", row.snils, row.death_date or "", _encode(data),
    )  # fmt: skip


# --- the protocol ------------------------------------------------------------------------------


def _lines(counts: Counts) -> list[tuple[str, str]]:
    """The summary in the words of manual B: (line, how of the cases behind it)."""
    lines = [
        (
            f"Обновлено амбулаторных полисов - {counts.updated}"
            f" Добавлено амбулаторных полисов - {counts.added}"
            f" Замкнуто амбулаторных полисов - {counts.closed}"
            f" Обновлено полисов в стационарных случаях - {counts.inpatient}"
            f" Обновлено полисов в случаях скорой помощи - {counts.ambulance}",
            "",
        )
    ]
    if any(counts.unidentified):
        x, y, z = counts.unidentified
        lines.append(
            (f"Ошибка идентификации: Неидентифицированный пациент - {x} МКАБ, {y} МКСБ, {z} СМП", "error")
        )
    if any(counts.uninsured):
        x, y, z = counts.uninsured
        lines.append((f"Не застрахованы на дату лечения - {x} МКАБ, {y} МКСБ, {z} СМП", "warning"))
    return lines


def _report(ctx: Context, counts: Counts, answer_id: int) -> None:
    for text, level in _lines(counts):
        what = {"error": UNIDENTIFIED, "warning": UNINSURED}.get(level)
        link = {"list": "refusals", "answer": answer_id, "text": what} if what else None
        ctx.log(text, level=level or "info", link=link)


def _notes(ctx: Context, matched: Matched, counts: Counts, row: RegistryRow | None) -> None:
    """What the manual's summary does not tell."""
    if counts.names:
        ctx.log(f"Уточнены персональные данные по регистру: пациентов {counts.names}")
    if counts.dead:
        ctx.warn(f"Умерли до начала лечения по данным регистра: пациентов {counts.dead}")
    if matched.silent:
        ctx.warn(f"В файле нет ответа о пациентах: {matched.silent}")
    if matched.doubled:
        ctx.warn(f"Повторных записей о тех же пациентах: {matched.doubled} (взяты последние)")
    if row is not None and row.status == RegistryStatus.PAYERS_FORMED:
        ctx.warn("Реестры на оплату нужно сформировать заново")
    waiting = packages.unanswered(row.id) if row is not None else []
    if waiting:
        ctx.warn(f"Ответа ещё нет на пакеты: {', '.join(p.name for p in waiting)}")
    if row is None and any(counts.unidentified):
        ctx.log(f"Ненайденных можно запросить снова через {OVERDUE_DAYS} дней.")
