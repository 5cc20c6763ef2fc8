"""«Загрузить ФЛК»: FLQPID of a request of identification, FLK_P of bills (cases and persons).

A folder is taken file by file, each whole or not at all. A file is read and matched before the first write;
a key we did not send refuses the whole file. Neither the registry nor an account changes its state: errors
of ФЛК are shown and corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from omstui.domain import flk
from omstui.domain.errors import FormatError, OmsError, reason_of
from omstui.domain.flk import Protocol
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.store import answers, config, db, files, registries_b
from omstui.domain.store import flk as store
from omstui.domain.store.registries_b import RegistryRow
from omstui.formats import dbfnames
from omstui.formats.fedkeys import record_keys, sent_cases
from omstui.formats.flkdbf import REPORT_COLUMNS
from omstui.formats.identify import identify

_BATCH = 2000
#: lines of the report shown; the rest is in «Результат экспертизы»
_REPORT = 200
_KEPT = 20


@dataclass
class Params:
    """``path`` is a file or a folder of them."""

    path: str
    period: str = ""
    registry: str = ""
    registry_id: int | None = None


@dataclass(slots=True)
class _Target:
    """A protocol and where it belongs."""

    protocol: Protocol
    row: RegistryRow
    replaces: store.Earlier | None = None
    answer: int = 0


def run(ctx: Context, params: Params) -> Result:
    path = Path(params.path).expanduser()
    return _folder(ctx, path, params) if path.is_dir() else _one(ctx, path, params)


def _folder(ctx: Context, folder: Path, params: Params) -> Result:
    """Every protocol of the folder; files that are none are passed over."""
    found = [p for p in sorted(folder.iterdir()) if p.is_file() and _is_protocol(p)]
    if not found:
        raise OmsError(f"В папке {folder} нет протоколов ФЛК.", hint="Выберите файл или другую папку.")
    results: list[dict[str, Any]] = []
    refused: list[OmsError] = []
    for number, path in enumerate(found):
        ctx.progress("Загрузка ФЛК", number, len(found))
        try:
            result = _one(ctx, path, params)
        except OmsError as error:
            refused.append(error)
            for line in (f"{path.name}: {error}", *error.details):
                ctx.log(line, level="error")
            continue
        results.append({"file": path.name, **result.data})
        if not result.data["repeated"]:
            ctx.done(path.name)
    if not results:
        raise refused[0]
    fresh = [r for r in results if not r["repeated"]]
    message = f"Загружено файлов ФЛК: {len(fresh)}, ошибок: {sum(r['errors'] for r in fresh)}"
    if len(fresh) < len(results):
        message += f", уже загружены раньше: {len(results) - len(fresh)}"
    if refused:
        message += f", отказано: {len(refused)}"
    return Result(message + ".", {"files": results}, partial=bool(refused))


def _is_protocol(path: Path) -> bool:
    """Whether a file of a folder looks like a protocol: by its root, its name, or a ZIP without a bill."""
    if path.suffix.lower() == ".dbf":
        return path.name.upper().startswith(dbfnames.FLQPID)
    if path.suffix.lower() not in (".xml", ".zip"):
        return False
    try:
        found = identify(path)
    except FormatError:
        return False
    return found.kind == "FLK" or (found.kind == "ZIP" and not found.sure)


def _one(ctx: Context, path: Path, params: Params) -> Result:
    sha = _sha(path)
    earlier = store.by_sha(sha, flk.request_of(path.name))
    if earlier is not None:
        return _repeated(ctx, path, earlier)
    own = answers.package_by_sha(sha)
    if own is not None:
        raise FormatError(
            f"Файл {path.name} — ваша собственная выгрузка {own.name}, а не протокол ФЛК.",
            hint="Выберите файл, присланный ТФОМС или СМО.",
        )
    targets = [_target(p, path, params) for p in flk.read(path, config.load_settings())]
    ctx.log(f"Загружен файл {path.name}")
    _ask(ctx, path, targets)
    with store.staging():
        for part, target in enumerate(targets):
            _stage(ctx, part, target.protocol)
            _match(ctx, path, part, target.protocol)
        ctx.log("Проверка выгрузки выполнена успешно")
        reports = [_report(part) for part in range(len(targets))]
        _write(ctx, path, targets, reports)
    return _told(ctx, targets, reports)


def _sha(path: Path) -> str:
    if not path.is_file():
        raise OmsError(f"Не выбран файл ФЛК: {path} не найден.", hint="Проверьте путь.")
    try:
        return files.sha256_of(path)
    except OSError as error:
        raise FormatError(
            f"Файл {path.name} не читается: {reason_of(error)}.", hint="Проверьте права на файл."
        ) from error


def _repeated(ctx: Context, path: Path, earlier: store.Earlier) -> Result:
    """The identical file came before: its protocol is shown, nothing changes."""
    ctx.log(
        f"Файл {path.name} уже загружен {earlier.at} ({earlier.who}) под именем {earlier.name}."
        " Ничего не изменено. Прежний протокол:"
    )
    if earlier.state != "active":
        ctx.warn("Этот протокол потом заменён другим файлом: действует тот.")
    for line in earlier.lines:
        ctx.log("  " + line, link={"list": "refusals", "answer": earlier.id})
    return Result(
        f"Файл {path.name} уже загружен раньше.", {"answers": [earlier.id], "repeated": True, "errors": 0}
    )


def _target(protocol: Protocol, path: Path, params: Params) -> _Target:
    """The registry the answered file belongs to: the one that is open, or the one it says itself."""
    sent = protocol.sent
    if sent.registry is None or params.registry or params.registry_id is not None:
        row = registries_b.resolve(params.period, params.registry, params.registry_id)
    else:
        found = registries_b.get(sent.registry)
        if found is None:
            raise OmsError(f"Файл {path.name} — ФЛК выгрузки {sent.name}, а её реестр удалён.")
        row = found
    wrong_month = params.period and str(Period.parse(params.period)) != row.period
    if wrong_month or sent.registry not in (None, row.id):
        home = registries_b.get(sent.registry or row.id) or row
        raise OmsError(
            f"Файл {path.name} — ФЛК выгрузки {sent.name} другого реестра: «{home.title}»"
            f" за {Period.parse(home.period).title}.",
            hint=f"Загрузите файл в том реестре (--period {home.period} --registry {home.id}).",
        )
    registries_b.require(row, "flk-load")
    return _Target(protocol, row, store.active(sent.id, protocol.source))


def _ask(ctx: Context, path: Path, targets: list[_Target]) -> None:
    old = [t for t in targets if t.replaces is not None]
    if old:
        ctx.confirm(
            f"ФЛК на {', '.join(t.protocol.source for t in old)} уже загружен."
            f" Заменить прежние ошибки ошибками файла {path.name}?",
            details=[f"{t.replaces.name}, загружен {t.replaces.at}" for t in old if t.replaces],
        )


# --- reading and matching ------------------------------------------------------------------------


def _stage(ctx: Context, part: int, protocol: Protocol) -> None:
    rows = ctx.track(protocol.rows(), "Чтение протокола ФЛК")
    while batch := list(islice(rows, _BATCH)):
        store.add(part, batch)


def _match(ctx: Context, path: Path, part: int, protocol: Protocol) -> None:
    sent = protocol.sent
    ctx.check()
    if protocol.of_request:
        store.match_request(part, sent.id)
        unknown = store.unknown_persons(part, sent.id)
    else:
        store.match_numbers(part, sent.id)
        if store.wants_names(part):
            _places(ctx, protocol)
            store.match_names(part)
        unknown = store.unknown(part)
    ctx.check()
    if unknown:
        raise flk.refuse_unknown(path.name, unknown)


def _places(ctx: Context, protocol: Protocol) -> None:
    """SL_ID and ID_PAC stand in the file only: it is read again as it was sent."""
    with files.open_file(protocol.sent.file) as stream, sent_cases(stream, protocol.sent.name) as part:
        keys = ctx.track(record_keys(part), "Чтение выгруженного файла")
        places = (
            (int(k.n_zap), k.id_pac, sl) for k in keys if k.n_zap.isdigit() for sl in (k.sl_ids or ("",))
        )
        while batch := list(islice(places, _BATCH)):
            store.add_places(batch)


@dataclass(slots=True)
class _Report:
    lines: list[store.ReportLine]
    more: int
    errors: int

    @property
    def text(self) -> Iterable[str]:
        for line in self.lines:
            yield said(line)
        if self.more:
            yield f"… и ещё разных ошибок: {self.more} (все — в результатах экспертизы)"


def _report(part: int) -> _Report:
    return _Report(*store.report(part, _REPORT))


def said(line: store.ReportLine) -> str:
    """«файл QPID_D1 Значение поля SNILS не соответствует формату. - 18»."""
    return " ".join(filter(None, (line.source, line.code, line.text, "-", str(line.count))))


# --- writing -------------------------------------------------------------------------------------


def _write(ctx: Context, path: Path, targets: list[_Target], reports: list[_Report]) -> None:
    ctx.check()
    with db.write():
        file_id = files.put_file(path.name, path, at=ctx.now())
        for part, target in enumerate(targets):
            ctx.check()
            sent, row = target.protocol.sent, target.row
            now = store.sent_file(sent.kind, Path(sent.name).stem)
            if now != sent or store.active(sent.id, target.protocol.source) != target.replaces:
                raise OmsError(
                    f"Пока читался файл {path.name}, реестр изменил другой оператор. Ничего не записано.",
                    hint="Повторите операцию.",
                )
            header: dict[str, Any] = {
                "source": target.protocol.source,
                "protocol": [*islice(reports[part].text, _KEPT)] or ["Ошибок нет"],
            }
            target.answer = store.apply(
                part,
                store.NewProtocol(
                    sent,
                    row.id,
                    row.period,
                    file_id,
                    path.name,
                    header,
                    ctx.now(),
                    ctx.who,
                    ctx.run_id,
                    target.replaces.id if target.replaces else None,
                ),
            )
        ctx.check()


def _told(ctx: Context, targets: list[_Target], reports: list[_Report]) -> Result:
    total = sum(report.errors for report in reports)
    if any(r.lines for r in reports):
        ctx.log("Отчет об ошибках")
        ctx.log(" ".join(REPORT_COLUMNS))
    else:
        ctx.log("Ошибок нет: файл принят.")
    for target, report in zip(targets, reports, strict=True):
        for line in report.lines:
            link = {"list": "refusals", "answer": target.answer, "code": line.code, "text": line.text}
            ctx.log(said(line), link=link)
        if report.more:
            ctx.log([*report.text][-1], link={"list": "refusals", "answer": target.answer})
        if target.replaces is not None:
            ctx.warn(f"Ошибки ФЛК файла {target.replaces.name} ({target.replaces.at}) заменены.")
    ctx.log("ФЛК успешно загружен, посмотрите результаты экспертизы")
    data = {
        "answers": [t.answer for t in targets],
        "registry": targets[0].row.id,
        "repeated": False,
        "errors": total,
        "report": [
            {"source": line.source, "code": line.code, "text": line.text, "count": line.count}
            for report in reports
            for line in report.lines
        ],
    }
    return Result(f"ФЛК загружен, ошибок: {total}.", data)
