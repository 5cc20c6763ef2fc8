"""Files of earlier months (файлы прошлых месяцев): a …13X with its answers, product.md §6.

An organisation that comes over in mid-year can then receive answers and return refusals of old months.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from omstui.domain.caserules import CaseEnv
from omstui.domain.errors import FormatError, NeedsConfirmation, OmsError
from omstui.domain.money import kopecks, roubles
from omstui.domain.operation import Context
from omstui.domain.ops import load
from omstui.domain.ops.accept import accept_files
from omstui.domain.ops.accept_ask import ask_replacements
from omstui.domain.seven import register_seven
from omstui.domain.store import files, loadhistory
from omstui.formats import filenames
from omstui.formats.bill import BillReader
from omstui.formats.billmap import Env as BillEnv
from omstui.formats.billmap import from_bill
from omstui.formats.containers import open_bill
from omstui.formats.source import SourceCase, SourceProblem

#: stage of the name → its turn within a month
_TURN = {"3": 0, "1": 1, "7": 2, "2": 3}


class BillSource:
    """A …13X as a source of cases."""

    def __init__(self, path: Path, env: CaseEnv) -> None:
        self.name = path.name
        self.path = path
        self.sha256 = files.sha256_of(path)
        mo = env.settings.mo
        self.header: dict[str, Any] = {"code_mo": mo.code, "format": "13X"}
        self.unknown: Counter[str] = Counter()
        self.stated = ""
        self._env = BillEnv(
            mo={"ogrn": mo.ogrn, "kpp": mo.kpp, "code": mo.code, "code_local": mo.code_local},
            insurers={i.code: i.ogrn for i in env.settings.insurers},
        )

    def check(self, name: filenames.BillName, env: CaseEnv) -> None:
        """Refuse the file of another organisation or month."""
        mo = env.settings.mo
        with open_bill(self.path) as stream:
            reader = BillReader(stream, self.name)
            body, self.stated = reader.header.body, reader.header.total()
        for title, ours, given in (
            ("ОГРН", mo.ogrn, (name.ogrn, body.get("ogrn_mo", ""))),
            ("КПП", mo.kpp, (name.kpp, body.get("kpp_mo", ""))),
        ):
            for value in given:
                if value and value.lstrip("0") != ours.lstrip("0"):
                    raise FormatError(
                        f"{title} в файле {self.name} — {value}, а у вашей МО {ours}.",
                        hint="Это файл другой организации.",
                    )
        if (body.get("year", ""), body.get("month", "").zfill(2)) != (
            str(name.period.year), f"{name.period.month:02d}",
        ):  # fmt: skip
            raise FormatError(
                f"Файл {self.name}: период внутри ({body.get('year')}-{body.get('month')})"
                " не тот, что в имени."
            )

    def persons(self) -> Iterator[SourceProblem]:
        """Nothing: every case brings its person."""
        yield from ()

    def cases(self) -> Iterator[SourceCase | SourceProblem]:
        with open_bill(self.path) as stream:
            reader = BillReader(stream, self.name)
            for item in reader.patients():
                for account in item.node.accounts():
                    try:
                        yield from_bill(item.node, account, self._env, offset=item.offset, length=item.length)
                    except FormatError as error:
                        yield SourceProblem(account.get("xkey"), str(error))
            self.unknown.update(reader.unknown)


def load_bills(
    ctx: Context, env: CaseEnv, paths: list[Path], reports: list[load.FileReport], data: dict[str, Any]
) -> None:
    """Take the files of the exchange in their order: month by month 3X, 1, 7, 2."""
    named: list[tuple[filenames.BillName, Path]] = []
    for path in paths:
        try:
            named.append((filenames.parse(path.name), path))
        except FormatError as error:
            reports.append(_refuse(ctx, path, error))
    named.sort(key=lambda f: (f[0].period, f[0].digit, _TURN[f[0].stage], f[0].letter))
    ask_replacements(ctx, [path for name, path in named if name.is_answer])
    for name, path in named:
        ctx.check()
        try:
            if name.stage == "3":
                report = _load_three(ctx, env, name, path)
            elif name.stage == "7":
                ctx.log(register_seven(ctx, path))
                report = load.FileReport(path.name)
            else:
                report = _accept(ctx, path, data)
        except NeedsConfirmation:
            raise  # a question, not a refusal
        except OmsError as error:
            report = _refuse(ctx, path, error)
        reports.append(report)


def _refuse(ctx: Context, path: Path, error: OmsError) -> load.FileReport:
    ctx.log(f"{path.name}: отказано: {error}", level="error")
    for line in error.details:
        ctx.log(f"  {line}", level="error")
    return load.FileReport(path.name, "refused", str(error))


def _accept(ctx: Context, path: Path, data: dict[str, Any]) -> load.FileReport:
    result = accept_files(ctx, [path])
    data.setdefault("answers", []).extend(result.data.get("files", []))
    return load.FileReport(path.name)


def _load_three(ctx: Context, env: CaseEnv, name: filenames.BillName, path: Path) -> load.FileReport:
    """Cases, registries «Выгружен», accounts and the package, all in one transaction."""
    source = BillSource(path, env)
    source.check(name, env)
    known = files.file_by_sha(source.sha256)
    existing = loadhistory.package_named(str(name))
    if existing:
        origin, at = existing
        if known is not None:
            ctx.log(f"{path.name}: этот же файл уже есть в базе с {at}, ничего не изменилось")
            return load.FileReport(path.name, repeated_at=at)
        what = "выгружена из этой базы" if origin == "export" else "уже загружена"
        raise FormatError(
            f"Файл {path.name}: выгрузка с таким именем {what} {at}, а содержимое другое.",
            hint="Второй файл с этим именем не загружается.",
        )
    bill = loadhistory.LoadedBill(str(name), name.period, name.digit, path, ctx.now(), ctx.who, ctx.run_id)

    def after(load_id: int) -> None:
        loadhistory.write_accounts(bill)

    report = load.load_source(ctx, env, source, after)
    accounts, total = loadhistory.figures(str(name))
    ctx.log(f"{path.name}: счетов {accounts} на сумму {roubles(total)}, период {name.period.title}")
    if source.stated and kopecks(source.stated) != total:
        ctx.warn(f"{path.name}: в заголовке файла сумма {source.stated}, а по счетам {roubles(total)}")
    return report
