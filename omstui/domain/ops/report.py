"""«Сохранить отчёт»: a report of the list as PDF, XLSX, CSV or text (product.md §8 ``report``)."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path

from omstui.domain import atomicfile
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.profile import profile
from omstui.domain.reports import catalog
from omstui.domain.reports.model import Document, ReportDef, values
from omstui.domain.store import config, db
from omstui.formats.reports import writing

#: longest file name proposed, without its suffix
_NAME_LENGTH = 100


@dataclass(slots=True)
class Params:
    """``name``: id of the report; ``out``: a file, or a folder for the proposed name."""

    name: str
    out: str
    period: str = ""
    format: str = ""
    smo: str = ""
    registry: str = ""
    run: str = ""
    date: str = ""
    months: str = ""


def run(ctx: Context, params: Params) -> Result:
    """Build the report from one state of the data and write it whole or not at all."""
    with db.snapshot():
        document = fill(catalog.report(params.name), params)
        target, kind = place(document, params.out, params.format)
        ask_overwrite(ctx, target)
        save(ctx, document, target, kind)
    ctx.artifact(target)
    return Result(f"Отчёт «{document.title}» сохранён: {target}.", {"file": str(target), "format": kind})


def fill(report: ReportDef, params: Params) -> Document:
    """The document of a report; a parameter that is missing is named."""
    settings = config.load_settings()
    if report.needs and not profile(settings.profile).can(report.needs):
        raise UsageError(f"Отчёта «{report.title}» в этом регионе не бывает.")
    given = {name: value for name, value in asdict(params).items() if value}
    if given.get("period"):
        given["period"] = str(Period.parse(given["period"]))
    for param in report.params:
        if param.required and not given.get(param.name):
            raise UsageError(
                f"Отчёт «{report.title}»: не указано «{param.title}».", hint=f"Добавьте --{param.name}."
            )
    return report.build(**values(given, report))


def place(document: Document, out: str, format_: str) -> tuple[Path, str]:
    """The file and its format; a folder that is not there is refused, never made by a slip of a key."""
    target = Path(out).expanduser()
    if target.is_dir():
        kind = writing.format_of("", format_ or "pdf")
        target = target / f"{file_name(document.name)}.{kind}"
    else:
        kind = writing.format_of(target, format_)
    if not target.parent.is_dir():
        raise OmsError(
            f"Отчёт не сохранён: папки {target.parent} нет.",
            title="Нет папки",
            hint="Создайте её или выберите другую.",
        )
    return target, kind


def file_name(name: str) -> str:
    """A name every file system takes."""
    return re.sub(r"[\x00-\x1f/\\:*?\"<>|]+", "_", name).strip(" .")[:_NAME_LENGTH] or "отчёт"


def ask_overwrite(ctx: Context, target: Path) -> None:
    """A file of that name is replaced only when the operator says so."""
    if target.is_dir():
        raise OmsError(f"Отчёт не сохранён: {target} — это папка.", hint="Укажите другое имя файла.")
    if target.exists():
        ctx.confirm(f"Файл {target} уже есть. Заменить?")


def save(ctx: Context, document: Document, target: Path, kind: str) -> None:
    """Write beside and rename: an abort or a full disk leaves the old file as it was."""

    def write(part: Path) -> None:
        writing.write(document, part, kind, track=ctx.track)

    atomicfile.prepare(target, write, overwrite=True).place()
