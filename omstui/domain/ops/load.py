"""Load of cases (загрузка случаев): federal pairs, CSV, a …13X of an earlier month, product.md §6.

Each file is parsed into a staging database and merged in one short transaction of its own, so a file is
taken whole or not at all, and what a kill leaves behind is a file that the next load removes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omstui.domain import casekeys, reconcile
from omstui.domain.caserules import CaseEnv, latin_diagnoses, make_env
from omstui.domain.errors import FormatError, OmsError
from omstui.domain.model import KINDS, fio_key
from omstui.domain.money import kopecks, roubles
from omstui.domain.operation import Context, Result
from omstui.domain.store import db, loading, matching, merging
from omstui.formats.opening import BillPath, open_sources
from omstui.formats.source import BadFile, SourceCase, SourceFile, SourceProblem

#: lines of the log for the problems of one file; the rest stands in the report of the file
_LINES = 20
#: a file of these kinds in a folder is never passed by in silence
_EXCHANGED = (".xml", ".zip", ".7z", ".dbf")
#: a federal file cannot say these
_CASE_ALSO = frozenset({"pay_type"})
_PERSON_ALSO = frozenset({"social_status"})


@dataclass(slots=True)
class Params:
    """``paths``: files, folders, archives; ``mapping``: TOML for a CSV that has none beside it."""

    paths: list[str]
    mapping: str = ""


@dataclass(slots=True)
class FileReport:
    """What came of one file: state loaded | refused | ignored (no source, passed by in a folder)."""

    name: str
    state: str = "loaded"
    reason: str = ""
    load_file: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    conflicts: int = 0
    repeated_at: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


def run(ctx: Context, params: Params) -> Result:
    """Load every source of the paths; bills and answers of earlier months come first."""
    if not params.paths:
        raise OmsError("Не указано, что загружать.", hint="Назовите файл или папку: omstui load ПАПКА.")
    for path in map(Path, params.paths):
        if not path.exists():
            raise OmsError(f"Не найдено: {path}.", hint="Проверьте путь.")
    env = make_env()
    reports: list[FileReport] = []
    mapping = Path(params.mapping) if params.mapping else None
    data: dict[str, Any] = {}
    sources = list(open_sources([Path(p) for p in params.paths], mapping))
    bills = [source.path for source in sources if isinstance(source, BillPath)]
    if bills:  # what was sent goes before what is said of it now: an old bill overwrites nothing new
        from omstui.domain.ops import load_history

        load_history.load_bills(ctx, env, bills, reports, data)
    for source in sources:
        if isinstance(source, BillPath):
            continue
        ctx.check()
        if isinstance(source, BadFile):
            reports.append(_bad(ctx, params, source))
        else:
            reports.append(_attempt(ctx, env, source))
    return _result(reports, data)


def _result(reports: list[FileReport], data: dict[str, Any]) -> Result:
    ignored = [r for r in reports if r.state == "ignored"]
    reports = [r for r in reports if r.state != "ignored"]
    if not reports:
        raise OmsError(
            "Файлов со случаями не найдено.", hint="Нужны пары H/C/T/D и L, ZIP, DBF, CSV или …13X."
        )
    taken = [r for r in reports if r.state == "loaded"]
    if not taken:
        first = reports[0]
        details = [f"{r.name}: {r.reason}" for r in reports[1:]]
        details += [f"{p['position']}: {p['reason']}" for p in first.problems[:_LINES]]
        raise OmsError(
            f"Ничего не загружено. Файл {first.name}: {first.reason.rstrip('.')}.", details=details
        )
    total = {n: sum(getattr(r, n) for r in reports) for n in ("new", "changed", "unchanged", "refused")}
    message = (
        f"Загружено файлов: {len(taken)} из {len(reports)}. Случаев: новых {total['new']}, изменённых"
        f" {total['changed']}, без изменений {total['unchanged']}, отказано {total['refused']}."
    )
    partial = len(taken) < len(reports) or total["refused"] > 0
    return Result(message, {"files": [r.data() for r in [*reports, *ignored]], **total, **data}, partial)


def _refused(ctx: Context, name: str, reason: str, details: list[str] | None = None) -> FileReport:
    """A whole file that is not taken."""
    ctx.log(f"{name}: отказано: {reason}", level="error")
    for line in details or []:
        ctx.log(f"  {line}", level="error")
    return FileReport(name, "refused", reason)


def _bad(ctx: Context, params: Params, source: BadFile) -> FileReport:
    """A file that is no source: passed by in a folder if its kind never is one, else refused."""
    named = {Path(p).name for p in params.paths}
    if source.name not in named and Path(source.name).suffix.lower() not in _EXCHANGED:
        ctx.log(f"{source.name}: пропущен: {source.reason}")
        return FileReport(source.name, "ignored", source.reason)
    return _refused(ctx, source.name, source.reason, source.details)


def _attempt(ctx: Context, env: CaseEnv, source: SourceFile) -> FileReport:
    try:
        return load_source(ctx, env, source)
    except _NothingTaken as error:
        _refused(ctx, source.name, str(error), list(error.details))
        error.report.state, error.report.reason = "refused", str(error)
        return error.report
    except FormatError as error:
        return _refused(ctx, source.name, str(error), list(error.details))


def load_source(
    ctx: Context,
    env: CaseEnv,
    source: SourceFile,
    after: Callable[[int], None] | None = None,
) -> FileReport:
    """Stage one file and merge it; ``after(load_file id)`` runs inside the same transaction."""
    _own(env, source)
    repeated = merging.already_loaded(source.sha256)
    ctx.log(f"{source.name}: чтение" + (f" (этот же файл уже загружен {repeated})" if repeated else ""))
    env.unknown_payers.clear()
    with loading.staging() as stage:
        carried = _stage(ctx, env, source, stage)
        _warnings(env, source, stage)
        stage.finish()
        if not stage.cases and not stage.refused:
            raise FormatError(f"Файл {source.name}: в нём нет ни одного случая.")
        with loading.attached(stage):
            report = _merge(ctx, env, source, carried, after)
    ctx.done(source.name)
    report.repeated_at = repeated
    _tell(ctx, report)
    return report


def _own(env: CaseEnv, source: SourceFile) -> None:
    own, given = env.settings.mo.code, str(source.header.get("code_mo") or "")
    if given and own and given != own and not env.settings.rules.accept_foreign_mo:
        raise FormatError(
            f"файл другой медицинской организации: CODE_MO = {given}, а в настройках {own}.",
            hint="Загрузите файл своей МО или разрешите чужие (rules.accept_foreign_mo).",
        )


# --- staging -----------------------------------------------------------------------------------


def _stage(
    ctx: Context, env: CaseEnv, source: SourceFile, stage: loading.Stage
) -> tuple[set[str], set[str], set[str]]:
    """Parse the file into the staging database; returns the columns it carries."""
    person_names: set[str] = set()
    case_names: set[str] = set()
    policy_names: set[str] = set()
    total = 0
    for person in ctx.track(source.persons(), f"{source.name}: пациенты"):
        if isinstance(person, SourceProblem):
            stage.problem(person.position, person.reason, "warning")
            continue
        person_names |= person.fields.keys()
        stage.add_person(person.ref, person.position, _person_row(person.ref, person.fields))
    for case in ctx.track(source.cases(), f"{source.name}: случаи"):
        if isinstance(case, SourceProblem):
            stage.problem(case.position, case.reason)
            continue
        total += case.case.get("source_sum") or 0
        case_names |= case.case.keys()
        policy_names |= case.policy.keys()
        if case.person is not None:
            person_names |= case.person.keys()
        reason = add_case(env, source.header, stage, case)
        if reason:
            stage.problem(case.position, reason)
    _compare(source.header, stage, total)
    return case_names, person_names, policy_names


def amount(text: str) -> int | None:
    """Kopecks of a sum of the header, None if it is none."""
    try:
        return kopecks(text)
    except ValueError:
        return None


def _compare(header: Mapping[str, Any], stage: loading.Stage, total: int) -> None:
    """Tell a header that promises another number of records or another sum than the file has."""
    promised, read = header.get("sd_z"), stage.cases + stage.refused
    if promised is not None and promised != read:
        stage.problem("", f"в заголовке SD_Z = {promised}, а записей {read}: все ли выгружены?", "warning")
    given = str(header.get("summav") or "")
    if given and not stage.refused and amount(given) not in (None, total):
        stage.problem(
            "", f"в заголовке SUMMAV = {given}, а по случаям {roubles(total)}: сверьте файл.", "warning"
        )


def _person_row(ref: str, fields: dict[str, Any]) -> tuple[Any, ...]:
    values = dict(fields)
    values["fio_key"] = fio_key(*(values.get(n, "") for n in ("surname", "name", "patronymic")))
    values.setdefault("ext_id", ref)
    return loading.person_row(values)


def add_case(env: CaseEnv, header: Mapping[str, Any], stage: loading.Stage, source: SourceCase) -> str:
    """Stage a case with what the domain derives; returns why it cannot be taken, «» if it is."""
    case = source.case
    mo = case["mo"] = case.get("mo") or header.get("code_mo") or env.mo
    family = case["family"] = "D" if case.get("family") == "D" or case.get("disp") else "H"
    usl_ok, nhistory, date_in = case.get("usl_ok"), case.get("nhistory"), case.get("date_in")
    if not (usl_ok and nhistory and date_in):
        return "нет условий оказания, номера карты или даты начала: случай не опознать."
    given = source.account["kind"] if source.account else ""
    kind = given or env.kind(case, source.services)
    if kind not in KINDS:
        return _no_kind(case)
    case["kind"] = kind
    case["key"] = casekeys.case_key(family, usl_ok, mo, nhistory, date_in)
    case["twin"] = casekeys.twin_mark(case, source.account["xkey"] if source.account else "")
    case["payer_id"] = env.payer(source.policy)
    if source.account is None:  # what was sent stays as it was sent
        latin_diagnoses(env, case, source.services)
    for name in ("ds2", "ds3"):
        case[name] = loading.json_text(case.get(name) or [])
    ref = source.person_ref
    if source.person is not None:
        row = _person_row(ref, source.person)
        ref = f"{ref}#{loading.digest_text(row)}"
        stage.add_person(ref, source.position, row)
    policy = loading.policy_row(source.policy)
    services = [loading.service_row(s | {"n": n}) for n, s in enumerate(source.services, 1)]
    row = loading.case_row(case, policy, services)
    seq = stage.add_case(source.position, ref, policy, row, services)
    if source.account is not None:
        stage.add_account(seq, kind, source.account)
    return ""


def _no_kind(case: Mapping[str, Any]) -> str:
    if case.get("disp"):
        return f"вид диспансеризации «{case['disp']}» (DISP) неизвестен: нужен код V016."
    return f"условия оказания «{case.get('usl_ok')}» (USL_OK) неизвестны: бывают 1, 2, 3 и 4."


def _warnings(env: CaseEnv, source: SourceFile, stage: loading.Stage) -> None:
    for reason, count in sorted(env.unknown_payers.items()):
        stage.problem("", f"{reason}: случаев {count}.", "warning")
    for path, count in sorted(source.unknown.items()):
        stage.problem(path, f"неизвестный элемент, встретился {count} раз: сохранён как есть.", "unknown")


# --- merge -------------------------------------------------------------------------------------


def _merge(
    ctx: Context,
    env: CaseEnv,
    source: SourceFile,
    carried: tuple[set[str], set[str], set[str]],
    after: Callable[[int], None] | None,
) -> FileReport:
    """One write transaction: match, keep corrections, write, tell."""
    origin = _origin(ctx, source, carried)
    ctx.progress(f"{source.name}: запись", 0)
    with db.write():
        matching.match_cases(ctx.check)
        ctx.check()
        matching.match_persons(ctx.check)
        matching.mark_moved_patients()
        matching.mark_derived()
        merging.make_targets()
        conflicts = reconcile.reconcile(reconcile.Env(env.payer, env.kind, origin.at, origin.who))
        ctx.check()
        load_id, counts = merging.apply(origin, ctx.check)
        if after is not None:
            after(load_id)
        report = FileReport(
            source.name, load_file=load_id, new=counts.new, changed=counts.changed,
            unchanged=counts.unchanged, refused=counts.refused, conflicts=conflicts,
            problems=merging.problems(load_id),
        )  # fmt: skip
        if not (counts.new or counts.changed or counts.unchanged):
            raise _NothingTaken(report)
        ctx.check()
    return report


class _NothingTaken(FormatError):
    """Every record of the file is refused: nothing is written, the problems go to the log."""

    def __init__(self, report: FileReport) -> None:
        self.report = report
        report.load_file = 0  # rolled back
        super().__init__(
            f"Файл {report.name}: отказано по всем записям ({report.refused}).",
            details=[f"{p['position']}: {p['reason']}" for p in report.problems[:_LINES]],
        )


def _origin(ctx: Context, source: SourceFile, carried: tuple[set[str], set[str], set[str]]) -> merging.Origin:
    case, person, policy = carried
    says: frozenset[str] | None = getattr(source, "carries", None)
    derived = {"key", "twin", "family", "kind", "payer_id", "source_hash", "fio_key"}
    if says is not None:
        case, person, policy = case & says, person & says, policy & says
    elif source.header.get("family"):  # a federal pair
        case, person = case - _CASE_ALSO, person - _PERSON_ALSO
        policy = policy & merging.federal_policy_columns()
    return merging.Origin(
        ctx.run_id, source.name, source.sha256, loading.json_text(dict(source.header)),
        ctx.now(), ctx.who, frozenset(case | derived), frozenset(person | derived), frozenset(policy),
    )  # fmt: skip


def _tell(ctx: Context, report: FileReport) -> None:
    ctx.log(
        f"{report.name}: новых {report.new}, изменённых {report.changed}, без изменений"
        f" {report.unchanged}, отказано {report.refused}",
        link={"list": "cases", "load_file": report.load_file},
    )
    for problem in report.problems[:_LINES]:
        place = f"{problem['position']}: " if problem["position"] else ""
        level = {"refused": "error", "unknown": "info"}.get(problem["level"], "warning")
        ctx.log(f"  {place}{problem['reason']}", level=level)
    more = len(report.problems) - _LINES
    if more > 0:
        link = {"list": "load_problems", "file": report.load_file} if report.load_file else None
        ctx.log(f"  … и ещё {more}", level="warning", link=link)
