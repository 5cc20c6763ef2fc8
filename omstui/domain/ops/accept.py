"""Accept answers of the fund (принять ответы): each file whole or not at all.

A folder or many files at once are taken in order (stage 1 before 2). Everything is read and matched before
the first write; the same bytes a second time change nothing and show the old protocol.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import answercheck as check
from omstui.domain.errors import FormatError, OmsError, reason_of
from omstui.domain.money import roubles
from omstui.domain.operation import Context, Result
from omstui.domain.ops.accept_ask import ask_replacements
from omstui.domain.ops.accept_stage import read_answer
from omstui.domain.store import answer_staging as staging
from omstui.domain.store import answers, config, db, files
from omstui.formats import filenames
from omstui.settings import Settings


@dataclass(slots=True)
class Params:
    paths: list[str] = field(default_factory=list)
    dry_run: bool = False


class AcceptRefused(OmsError):
    """Nothing of the input was accepted; ``data`` has the report per file all the same."""

    data: dict[str, Any]


@dataclass(slots=True)
class FileReport:
    """What came of one file; ``state`` is accepted | repeated | refused | ignored."""

    name: str
    stage: int = 0
    smo: str = ""
    period: str = ""
    accounts: int = 0
    refused: int = 0
    refused_sum: str = "0.00"
    state: str = "refused"
    reason: str = ""
    flk: int = 0
    sum: str = "0.00"
    details: list[str] = field(default_factory=list)


def run(ctx: Context, params: Params) -> Result:
    """«Принять ответы»."""
    return accept_files(ctx, [Path(p) for p in params.paths], dry_run=params.dry_run)


def accept_files(ctx: Context, paths: Sequence[Path], *, dry_run: bool = False) -> Result:
    """Accept files and folders; OmsError when nothing of them could be accepted."""
    settings = config.load_settings()
    found, ignored, others = _gather(paths)
    for report in ignored:
        ctx.log(f"Файл {report.name} пропущен: {report.reason}.")
    if others:
        ctx.log(f"Пропущено файлов, которые не файлы обмена (.7z): {others}.")
    ask_replacements(ctx, found, dry_run=dry_run)
    reports: list[FileReport] = []
    errors: list[OmsError] = []
    for number, path in enumerate(found):
        ctx.progress("Приём файлов", number, len(found))
        report = FileReport(path.name)
        reports.append(report)
        try:
            _accept(ctx, path, report, settings, dry_run)
        except OmsError as error:
            errors.append(error)
            report.reason, report.details = str(error), list(error.details)
            if len(found) > 1:  # of a single file the runner writes it
                for line in (str(error), *error.details):
                    ctx.log(line, level="error")
    return _result(reports, ignored, errors, dry_run)


def _result(
    reports: list[FileReport], ignored: list[FileReport], errors: list[OmsError], dry_run: bool
) -> Result:
    data = {"files": [asdict(r) for r in [*reports, *ignored]], "dry_run": dry_run}
    accepted = sum(1 for r in reports if r.state == "accepted")
    repeated = sum(1 for r in reports if r.state == "repeated")
    if errors and not accepted and not repeated:
        first = errors[0]
        text = first.msg if len(errors) == 1 else f"Не принят ни один файл из {len(errors)}."
        refused = AcceptRefused(
            text, title=first.title, hint=first.hint if len(errors) == 1 else "", details=first.details
        )
        refused.exit_code = first.exit_code
        refused.data = data
        raise refused
    verb = "Можно принять файлов" if dry_run else "Принято файлов"
    parts = [f"{verb}: {accepted}"]
    if repeated:
        parts.append(f"уже приняты раньше: {repeated}")
    if errors:
        parts.append(f"отказано в приёме: {len(errors)}")
    return Result(", ".join(parts) + ".", data, partial=bool(errors))


# --- which files, in which order -------------------------------------------------------------


def _gather(paths: Sequence[Path]) -> tuple[list[Path], list[FileReport], int]:
    """Answers in their order, own files of a folder, and how many other files it holds."""
    if not paths:
        raise OmsError("Не выбран файл реестра!", hint="Укажите файл или папку с ответами.")
    found: list[Path] = []
    ignored: list[FileReport] = []
    others = 0
    for path in paths:
        if path.is_dir():
            others += _gather_folder(path, found, ignored)
        elif path.is_file():
            found.append(path)
        else:
            raise _no_file(path)
    unique = list({p.resolve(): p for p in found}.values())
    if not unique:
        raise OmsError(
            f"Нет файлов ответов: {', '.join(str(p) for p in paths)}.",
            hint="Ответы называются …1 и буква СМО или …2 и буква СМО, расширение 7z.",
        )
    return sorted(unique, key=_order), ignored, others


def _no_file(path: Path) -> OmsError:
    """Absent, a link to nowhere, or a pipe that reading would wait for without end."""
    try:
        path.stat()
    except FileNotFoundError:
        return OmsError(f"Не выбран файл реестра: {path} не найден.", hint="Проверьте путь.")
    except (OSError, ValueError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "такого имени не бывает"
        return OmsError(f"Файл {path} не открыть: {why}.", hint="Проверьте путь.")
    return OmsError(f"{path} — не обычный файл, принимать его нельзя.", hint="Выберите файл ответа.")


def _gather_folder(folder: Path, found: list[Path], ignored: list[FileReport]) -> int:
    others = 0
    for path in sorted(p for p in folder.rglob("*") if not p.is_dir()):
        if not path.is_file() and filenames.looks_like(path.name):
            raise _no_file(path)
        if path.suffix.lower() != ".7z" or not path.is_file():
            others += 1
        elif filenames.looks_like(path.name) and not filenames.parse(path.name).is_answer:
            ignored.append(FileReport(path.name, state="ignored", reason="файл вашей МО, не ответ"))
        else:
            found.append(path)
    return others


def _order(path: Path) -> tuple[str, str, str, str]:
    """Month, then stage 1 before 2, then insurer; what has no proper name comes last."""
    if not filenames.looks_like(path.name):
        return ("9999", "", "", path.name)
    name = filenames.parse(path.name)
    return (str(name.period), name.stage, name.digit + name.letter, path.name)


# --- one file --------------------------------------------------------------------------------


def _accept(ctx: Context, path: Path, report: FileReport, settings: Settings, dry_run: bool) -> None:
    try:
        sha = files.sha256_of(path)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EIO):
            raise
        raise FormatError(
            f"Файл {path.name} не читается: {reason_of(error)}.", hint="Проверьте права на файл."
        ) from error
    if _known(ctx, path.name, answers.answer_by_sha(sha), report):
        return
    own = answers.package_by_sha(sha)
    if own is not None:
        raise check.refuse(
            path.name,
            f"Неверное имя файла: это ваш собственный файл выгрузки {own.name}, а не ответ",
            "Выберите файл ответа ТФОМС.",
        )
    name = filenames.parse(path.name)
    report.stage, report.period = int(name.stage), str(name.period)
    check.check_name(path.name, name, settings)
    payer = check.payer_of(path.name, name, settings)
    report.smo = payer.code
    target = check.find_target(path.name, name, payer)
    with staging.staging():
        header = read_answer(ctx, path, target, settings)
        target = check.by_keys(target)
        old = answers.active_answer(target.package.id, target.stage, target.payer.id)
        if old and old.header.get("content") == header["content"]:
            _known(ctx, path.name, old, report)
            return
        _apply(ctx, path, report, target, header, settings, dry_run)


def _known(ctx: Context, name: str, old: answers.AnswerRow | None, report: FileReport) -> bool:
    """The identical file came before: its old protocol is shown, nothing changes."""
    if old is None:
        return False
    if old.state == "restored":
        raise check.restored(name, old.period)
    report.stage, report.smo, report.period = old.stage, old.smo, old.period
    report.accounts, report.refused, report.flk = old.accounts, old.refused, old.flk
    report.refused_sum = roubles(old.refused_sum)
    report.state = "repeated"
    report.reason = f"уже принят {old.accepted_at} ({old.accepted_by}) под именем {old.name}"
    ctx.log(f"Файл {name} {report.reason}. Ничего не изменено. Прежний протокол:")
    if filenames.looks_like(name) and filenames.parse(name).stage != str(old.stage):
        ctx.warn(f"По имени это другая стадия, а содержимое — принятый ответ стадии {old.stage}.")
    for line in old.header.get("protocol", []):
        ctx.log("  " + line, link={"list": "refusals", "answer": old.id})
    if old.state == "replaced":
        ctx.warn("Этот ответ потом заменён другим файлом той же СМО: действует тот.")
    return True


def _apply(
    ctx: Context,
    path: Path,
    report: FileReport,
    target: check.Target,
    header: dict[str, Any],
    settings: Settings,
    dry_run: bool,
) -> None:
    if dry_run:
        _preview(ctx, path, report, target, header)
        return
    ctx.check()
    with db.write():
        old = _check_all(path.name, target)
        counts = staging.counts(target.payer.id)
        ctx.check()
        new = answers.NewAnswer(
            target.package.id,
            target.stage,
            target.payer.id,
            files.put_file(path.name, path, at=ctx.now()),
            path.name,
            ctx.now(),
            ctx.who,
            ctx.run_id,
            _lists_all(settings, counts, header),
            header,
            old.id if old else None,
        )
        answer_id = answers.apply(new)
        ctx.check()
        lines = _protocol(path.name, target, counts, header)
        answers.save_protocol(answer_id, lines)
    ctx.done(path.name)
    _fill(report, counts)
    for line in lines:
        ctx.log(line, link={"list": "refusals", "answer": answer_id})
    if not counts.accounts and not new.lists_all:
        ctx.warn("В ответе нет ни одного счёта: он понят как «отказов нет», счета этой СМО приняты все.")
    if old is not None:
        ctx.warn(f"Отказы ответа {old.name} (принят {old.accepted_at}) заменены.")
    _remaining(ctx, target)


def _preview(
    ctx: Context, path: Path, report: FileReport, target: check.Target, header: dict[str, Any]
) -> None:
    _check_all(path.name, target)
    counts = staging.counts(target.payer.id)
    _fill(report, counts)
    for line in _protocol(path.name, target, counts, header):
        ctx.log(line)


def _check_all(name: str, target: check.Target) -> answers.AnswerRow | None:
    """Everything that can refuse; returns the answer this one replaces."""
    check.check_keys(name, target)
    check.check_seven(name, target)
    old = answers.active_answer(target.package.id, target.stage, target.payer.id)
    if old is not None:
        check.check_replacement(name, old, target)
    return old


def _lists_all(settings: Settings, counts: staging.Counts, header: dict[str, Any]) -> bool:
    if header.get("without_key"):  # what was decided on which account nobody knows: accept none by silence
        return True
    choice = settings.files.answer_lists_all
    return choice == "yes" if choice in ("yes", "no") else not counts.only_refused


def _fill(report: FileReport, counts: staging.Counts) -> None:
    report.state = "accepted"
    report.accounts, report.refused, report.flk = counts.accounts, counts.refused, counts.facts
    report.sum, report.refused_sum = roubles(counts.total), roubles(counts.refused_sum)


def _protocol(name: str, target: check.Target, counts: staging.Counts, header: dict[str, Any]) -> list[str]:
    test = ", тестовый реестр" if target.package.is_test else ""
    lines = [
        f"Файл {name}: стадия {target.stage}, СМО {target.payer.code} ({target.payer.letter}),"
        f" {check.month(target.package.period)}{test}",
        "Результат импорта: выполнен успешно",
        f"Счетов в ответе: {counts.accounts} на сумму {roubles(counts.total)}",
        f"Случаев с ошибками: {counts.refused} на сумму {roubles(counts.refused_sum)}",
        f"Всего записано ошибок: {counts.errors + counts.facts}",
    ]
    if counts.facts:
        lines.append(f"Из них фактов ФЛК: {counts.facts} (показываются, сами по себе не исключают)")
    if counts.unknown_codes:
        lines.append(f"Кодов нет в справочнике: {counts.unknown_codes} (сохранены с пометкой)")
    if counts.moved and target.stage == 1:
        lines.append(f"Сменился плательщик: счетов {counts.moved} (поданы за другую СМО)")
    if counts.doubled:
        lines.append(f"Счета повторены в файле: {counts.doubled} (учтены один раз)")
    if header.get("remarks"):
        lines.append(f"Замечаний без отказа (pay не 4): {header['remarks']}")
    if header.get("facts_ignored"):
        lines.append(f"Факты ФЛК в ответе стадии 2 не читаются: {header['facts_ignored']}")
    lines += [f"Счёт без xkey пропущен: {place}" for place in header.get("without_key", [])]
    return lines


def _remaining(ctx: Context, target: check.Target) -> None:
    """What is still without a decision (R23), once it means something."""
    if target.seven is not None:
        count, total = answers.pending(target.seven.id, target.package.id)
        if count:
            ctx.warn(
                f"Счетов файла {target.seven.name} без решения: {count} на сумму {roubles(total)}",
                link={"list": "accounts", "reform": target.seven.id, "pending": True},
            )
        return
    count, total, waiting = answers.undecided(target.package.id)
    if count and not waiting:
        ctx.warn(
            f"Нет решения ТФОМС: счетов {count} на сумму {roubles(total)}. В файл «7» они не войдут",
            link={"list": "accounts", "package": target.package.id, "undecided": True},
        )
