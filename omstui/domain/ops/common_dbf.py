"""«Доп. выгрузка общего ДБФ»: one flat table of a registry, a row per service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omstui.domain import atomicfile
from omstui.domain.errors import OmsError
from omstui.domain.exporting import target_questions
from omstui.domain.model import Period
from omstui.domain.operation import Context, Result
from omstui.domain.ops.ident_export import folder
from omstui.domain.store import common_dbf as store
from omstui.domain.store import config, db, exporting, registries_b
from omstui.formats.dbfflat import write_flat
from omstui.formats.dbfwriter import Written


@dataclass(slots=True)
class Params:
    """The registry by month, number or name; ``out`` is a folder."""

    period: str = ""
    out: str = ""
    registry: str = ""
    registry_id: int | None = None


def run(ctx: Context, params: Params) -> Result:
    """Write the table; the database does not change."""
    row = registries_b.resolve(params.period, params.registry, params.registry_id)
    registries_b.require(row, "common-dbf")
    settings = config.load_settings()
    period = Period.parse(row.period)
    mo = settings.mo.code_local or settings.mo.code
    target = folder(settings, params.out) / f"OBSH_{mo}_{period.year}{period.month:02d}_{row.id}.dbf"
    questions = target_questions(target)
    if questions:
        ctx.confirm(questions[0])
    head = {"MCOD": mo, "CODE_MO": settings.mo.code, "YEAR": period.year, "MONTH": period.month}
    done: list[Written] = []
    try:
        with db.snapshot():
            accounts = store.collect(row.id)
            if not accounts:
                raise OmsError(
                    f"В реестре «{row.title}» нет случаев: выгружать нечего.", hint="Переформируйте реестр."
                )
            lost = exporting.lost_services()
            if lost:
                raise OmsError(
                    "Услуги некоторых случаев изменились после формирования.",
                    hint="Переформируйте реестр и повторите.",
                    details=lost,
                )

            def fill(part: Path) -> None:
                with part.open("wb") as stream:
                    records = ctx.track(store.records(), "Запись общего ДБФ", accounts)
                    done.append(write_flat(stream, records, ctx.now_fn().date(), head))

            pending = atomicfile.prepare(target, fill, overwrite=True)
    finally:
        exporting.forget()
    try:
        ctx.check()
    except BaseException:
        pending.discard()
        raise
    pending.place()
    ctx.artifact(target)
    for note in done[0].notes:
        ctx.warn(note)
    text = f"Общий ДБФ: случаев {accounts}, строк {done[0].count}"
    ctx.log(text)
    ctx.log(f"Файл {target.name} записан в папку {target.parent}")
    return Result(
        f"{text}: {target}",
        {"registry": row.id, "file": str(target), "accounts": accounts, "rows": done[0].count},
    )
