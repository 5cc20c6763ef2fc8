"""A 7 of an earlier month given to «Загрузить» (файл 7 прежней программы): its bytes become our package."""

from __future__ import annotations

from pathlib import Path

from omstui.domain.answercheck import payer_of
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context
from omstui.domain.store import config, db, files, packages, reforming
from omstui.domain.store.packages import PackageRow
from omstui.formats import filenames
from omstui.formats.bill import BillReader
from omstui.formats.containers import open_bill

_SHOWN = 10


def register_seven(ctx: Context, path: str | Path) -> str:
    """Take a 7 that was cut by another program from a 3X loaded before; returns a sentence for the log.

    Its accounts must be exactly those the insurer's ``1`` accepted. The same file again changes nothing.
    """
    path = Path(path)
    name = filenames.parse(path.name)
    if name.stage != "7":
        raise OmsError(f"Файл {path.name} — не файл «7».")
    payer = payer_of(path.name, name, config.load_settings())
    source = _source(name.period, name.digit, path.name)
    known = files.file_by_sha(files.sha256_of(path))
    old = next((p for p in packages.sevens(source.id) if p.payer == payer.id), None)
    if old and known and known.sha256 == files.file_row(old.file).sha256:
        return f"Файл {path.name} уже загружен {old.created_at}: ничего не изменилось."
    if old:
        raise OmsError(
            f"Файл {path.name}: по СМО {payer.name or payer.code} за {name.period.title} уже есть другой файл"
            f" {old.name} от {old.created_at}.",
            hint="Второй файл «7» не загружается.",
        )
    keys = _keys(ctx, path, payer.ogrn)
    total = _check(path.name, source, payer.id, keys)
    _store(ctx, path, source, payer.id, len(keys), total)
    ctx.done(path.name)
    return f"Файл {path.name}: счетов {len(keys)} на сумму {roubles(total)}."


def _source(period: Period, digit: str, name: str) -> PackageRow:
    for package in packages.packages(str(period), test=False):
        if package.service_digit == digit:
            return package
    raise OmsError(
        f"Файл {name}: файла 3X за {period.title} со служебной цифрой {digit} в базе нет.",
        hint="Сначала загрузите файл …3X этого месяца.",
    )


def _keys(ctx: Context, path: Path, ogrn: str) -> set[str]:
    keys: set[str] = set()
    with open_bill(path) as stream:
        reader = BillReader(stream, path.name)
        given = reader.header.bill.get("ogrn_smo", "")
        if given and ogrn and given.zfill(13) != ogrn.zfill(13):
            raise OmsError(
                f"Файл {path.name}: ОГРН плательщика {given} не совпадает с ОГРН СМО из настроек {ogrn}."
            )
        for item in ctx.track(reader.patients(), "Чтение файла «7»"):
            keys.update(a.get("xkey") for a in item.node.accounts())
    return keys


def _check(name: str, source: PackageRow, payer: int, keys: set[str]) -> int:
    """The keys must be what stage 1 accepted; returns their sum."""
    if payer not in reforming.decided_payers(source.id):
        raise OmsError(
            f"Файл {name}: ответ «1» этой СМО на {source.name} ещё не принят.",
            hint="Загрузите файлы вместе: 3X, затем «1», затем «7».",
        )
    accepted = reforming.accepted_keys(source.id, payer)
    if keys != accepted:
        extra, absent = sorted(keys - accepted), sorted(accepted - keys)
        raise OmsError(
            f"Файл {name}: состав не равен принятому в ответе «1» (лишних счетов {len(extra)},"
            f" не хватает {len(absent)}).",
            hint="Проверьте, тот ли файл «1» загружен.",
            details=[*(f"лишний {k}" for k in extra[:_SHOWN]), *(f"не хватает {k}" for k in absent[:_SHOWN])],
        )
    return reforming.figures(source.id, payer).accepted_sum


def _store(ctx: Context, path: Path, source: PackageRow, payer: int, accounts: int, total: int) -> None:
    with db.write():
        seven = packages.add_package(
            packages.NewPackage(
                "7",
                source.period,
                False,
                source.service_digit,
                path.name,
                accounts,
                total,
                parent=source.id,
                payer=payer,
                origin="load",
            ),
            path,
            who=ctx.who,
            at=ctx.now(),
            run=ctx.run_id,
            place=None,
        )
        packages.mark_sent(seven, who=ctx.who, at=ctx.now())
        reforming.settle(source.id, payer, seven)
        ctx.check()
