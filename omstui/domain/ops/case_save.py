"""Saving of a case (сохранение случая): new, copied or corrected by fields, with history.

Fields are columns of the tables; «extra.bill.…» is a path in what travels beside the columns. The key of
a loaded case stays: it is how the next load finds the case even when an operator corrected its date.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from omstui.domain import casekeys, expertise
from omstui.domain.caserules import CaseEnv, make_env
from omstui.domain.errors import OmsError
from omstui.domain.merge import as_text, leaf, put_leaf
from omstui.domain.model import KINDS, fio_key
from omstui.domain.operation import Context, Result
from omstui.domain.reconcile import FIELD_TITLES, typed
from omstui.domain.store import cases, db
from omstui.domain.store.cases import FIELDS, CaseCard, Row

_DATES = frozenset({"date_in", "date_out", "birth_date", "ref_date", "begin_date", "end_date", "doc_date"})
_NEW_CASE = {"family": "H", "letter": "H", "pay_type": "ОМС", "newborn": "0", "completed": 1}


@dataclass(slots=True)
class Params:
    """``case_id`` 0 = a new case (``copy_of`` = start from that one); only given fields are saved.

    ``services``: {"id": 5, "quantity": 200} changes, {"id": 5, "delete": true} removes, without an id
    adds. ``version``/``patient_version`` = what the card showed; ``force`` = save over another's save.
    ``policy_all`` gives the corrected policy to every case of the patient that had the old one.
    """

    case_id: int = 0
    copy_of: int = 0
    patient_id: int = 0
    case: dict[str, Any] = field(default_factory=dict)
    patient: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    services: list[dict[str, Any]] = field(default_factory=list)
    version: int = 0
    patient_version: int = 0
    force: bool = False
    policy_all: bool = False


@dataclass(slots=True)
class _Save:
    """One save under way."""

    ctx: Context
    env: CaseEnv
    card: CaseCard
    changed: list[str] = field(default_factory=list)

    @property
    def case_id(self) -> int:
        return int(self.card.case["id"])

    def note(self, entity: str, entity_id: int, name: str, old: Any, new: Any) -> None:
        owner = {"patient_id": entity_id} if entity == "patient" else {"case_id": self.case_id}
        cases.add_edit(entity, entity_id, name, old, new, self.ctx.now(), self.ctx.who, **owner)
        self.changed.append(name if entity == "case" else f"{entity}.{name}")


def run(ctx: Context, params: Params) -> Result:
    """Save; Result.data = {case_id, key, version, changed: [field…]}."""
    _check(params)
    env = make_env()
    if not params.case_id:
        return _create(ctx, env, params)
    ctx.check()
    with db.write():
        save = _Save(ctx, env, cases.read_case(params.case_id))
        if save.card.case["deleted_at"]:
            raise OmsError("Случай удалён, исправлять его нельзя.", hint="Создайте случай заново.")
        if not params.force:
            _same_version(save.card, params)
        _save_patient(save, params.patient)
        _save_services(save, params.services)
        _save_policy(save, params.policy, params.policy_all)
        _save_case(save, params.case)
        if save.changed:
            _finish(save, bool(params.patient))
        ctx.check()
        card = cases.read_case(params.case_id)
        if save.changed:
            checked(ctx, card)
    message = f"Случай {card.case['key']} сохранён." if save.changed else "Ничего не изменено."
    return Result(message, _data(card, save.changed))


def checked(ctx: Context, card: CaseCard) -> None:
    """The silent expertise of what was just saved, in its transaction: findings never lag behind a case.

    The save stands whatever becomes of it.
    """
    try:
        expertise.check_saved([int(card.case["id"])], at=ctx.now())
    except OmsError as error:
        ctx.warn(f"Экспертиза случая не проведена: {error.msg}")


def _data(card: CaseCard, changed: list[str]) -> dict[str, Any]:
    return {"case_id": card.case["id"], "key": card.case["key"], "version": card.version, "changed": changed}


# --- checks ------------------------------------------------------------------------------------


def _check(params: Params) -> None:
    groups = [("case", params.case), ("patient", params.patient), ("policy", params.policy)]
    groups += [("service", _fields_of(s)) for s in params.services]
    for entity, values in groups:
        for name, value in values.items():
            if name not in FIELDS[entity] and not name.startswith("extra."):
                raise OmsError(f"Поле «{name}» ({entity}) сохранить нельзя: такого поля нет.")
            if name in _DATES and value:
                _check_date(name, str(value))
    for name in ("nhistory", "date_in", "usl_ok"):
        if name in params.case and not params.case[name]:
            raise OmsError(f"Поле «{_title(name)}» не заполнено: без него случай не опознать.")


def _fields_of(service: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in service.items() if k not in ("id", "delete")}


def _check_date(name: str, value: str) -> None:
    try:
        if date.fromisoformat(value).isoformat() != value:
            raise ValueError
    except ValueError:
        raise OmsError(
            f"Поле «{_title(name)}»: «{value}» — не дата.", hint="Нужна существующая дата ГГГГ-ММ-ДД."
        ) from None


def _title(name: str) -> str:
    return FIELD_TITLES.get(name, name)


def _same_version(card: CaseCard, params: Params) -> None:
    """Refuse when somebody saved in between, showing both values of each field."""
    stale = params.version and params.version != card.version
    stale_patient = params.patient and params.patient_version not in (0, card.patient_version)
    if not stale and not stale_patient:
        return
    lines = []
    shown = ((card.case, params.case), (card.patient, params.patient), (card.policy, params.policy))
    for row, values in shown:
        for name, value in values.items():
            now = as_text(_current(row, name))
            if now != as_text(value):
                lines.append(f"{_title(name)}: у вас «{as_text(value)}», в базе «{now}»")
    who, at = cases.last_save(int(card.case["id"]))
    by = f" ({who}, {at})" if who else ""
    raise OmsError(
        f"Пока карточка была открыта, случай {card.case['key']} сохранил кто-то ещё{by}.",
        title="Случай изменён",
        hint="Откройте карточку заново или сохраните поверх.",
        details=lines,
    )


def _current(row: Row, name: str) -> Any:
    return leaf(row.get("extra"), name[6:]) if name.startswith("extra.") else row.get(name)


# --- parts of a card ---------------------------------------------------------------------------


def _changes(row: Row, values: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[str, Any, Any]]]:
    """Columns to write and lines of history for the values that differ from the row."""
    columns: dict[str, Any] = {}
    lines: list[tuple[str, Any, Any]] = []
    for name, value in values.items():
        old = _current(row, name)
        if as_text(old) == as_text(value):
            continue
        lines.append((name, old, value))
        if name.startswith("extra."):
            tree: Any = columns.setdefault("extra", deepcopy(row.get("extra")) or {})
            put_leaf(tree, name[6:], value)
        else:
            columns[name] = typed(name, value) if isinstance(value, str) else value
    return columns, lines


def _save_patient(save: _Save, values: dict[str, Any]) -> None:
    patient = save.card.patient
    columns, lines = _changes(patient, values)
    if not lines:
        return
    now = patient | columns
    columns["fio_key"] = fio_key(now["surname"], now["name"], now["patronymic"])
    cases.update("patient", patient["id"], columns)
    cases.bump("patient", patient["id"])
    for line in lines:
        save.note("patient", patient["id"], *line)


def _save_services(save: _Save, rows: list[dict[str, Any]]) -> None:
    stored = {s["id"]: s for s in save.card.services}
    for values in rows:
        number = values.get("id")
        fields = _fields_of(values)
        if number is None:
            _add_service(save, fields)
            continue
        if number not in stored:
            raise OmsError(f"Услуги № {number} в этом случае уже нет.", hint="Откройте карточку заново.")
        row = stored[number]
        if values.get("delete"):
            save.note("service", number, "-", {k: v for k, v in row.items() if k != "extra"}, "")
            cases.delete_service(number)
            continue
        columns, lines = _changes(row, fields)
        if columns:
            cases.update("service", number, columns)
        for line in lines:
            save.note("service", number, *line)


def _add_service(save: _Save, fields: dict[str, Any]) -> None:
    if not fields.get("code"):
        raise OmsError("У новой услуги нет кода.", hint="Укажите код услуги.")
    case = save.card.case
    values = {"case_id": case["id"], "n": 1 + max((s["n"] for s in save.card.services), default=0)}
    values |= {"date_in": case["date_in"], "date_out": case["date_out"], "lpu": case["lpu"], "extra": {}}
    values |= _plain(fields)
    number = cases.insert("service", values)
    save.card.services.append({"id": number, **values})
    save.note("service", number, "+", "", values["code"])


def _plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of a new row: paths go into the tree."""
    return _changes({"extra": {}}, fields)[0] if fields else {}


def _save_policy(save: _Save, values: dict[str, Any], everywhere: bool) -> None:
    old = save.card.policy
    columns, lines = _changes(old, _with_enp(old, values))
    if not lines:
        return
    patient = int(save.card.patient["id"])
    row = {k: v for k, v in (old | columns).items() if k not in ("id", "patient_id")}
    row["region"] = save.env.region(row) or row.get("region", "")
    number = cases.equal_policy(patient, _full_policy(row)) or cases.insert(
        "policy", {**row, "patient_id": patient}
    )
    payer = save.env.payer(row)
    now = save.ctx.now()
    others = cases.cases_with_policy(patient, int(old["id"])) if everywhere and old else []
    for case_id in dict.fromkeys([save.case_id, *others]):
        cases.update("cases", case_id, {"policy_id": number, "payer_id": payer})
        for name, before, after in lines:
            cases.add_edit("policy", number, name, before, after, now, save.ctx.who, case_id=case_id)
        if case_id != save.case_id:
            cases.bump("cases", case_id)
            cases.touched([case_id], now)
    save.changed += [f"policy.{name}" for name, _, _ in lines]


def _with_enp(old: Row, values: dict[str, Any]) -> dict[str, Any]:
    """A policy of the single form has its ЕНП for a number: a new number is a new ЕНП."""
    number = str(values.get("number") or "")
    single = (values.get("type") or old.get("type")) == "3" and len(number) == 16 and number.isdigit()
    follows = (old.get("enp") or "") in ("", old.get("number") or "")
    return values | {"enp": number} if single and follows and "enp" not in values else values


def _full_policy(row: Row) -> Row:
    return dict.fromkeys(FIELDS["policy"], "") | row


def _save_case(save: _Save, values: dict[str, Any]) -> None:
    case = save.card.case
    if "date_out" in values and "completed" not in values:
        values = values | {"completed": 1 if values["date_out"] else 0}
    columns, lines = _changes(case, values)
    now = case | columns
    kind = save.env.kind(now, cases.read_case(save.case_id).services)
    if kind in KINDS and kind != case["kind"] and not _kind_kept(case, lines):
        columns["kind"] = kind
    if case["load_file_id"] is None and {"nhistory", "date_in", "usl_ok"} & columns.keys():
        columns["key"] = _key(now)
        columns["dup"] = cases.next_dup(columns["key"])
    if columns:
        cases.update("cases", save.case_id, columns)
    for line in lines:
        save.note("case", save.case_id, *line)


def _kind_kept(case: Row, lines: list[tuple[str, Any, Any]]) -> bool:
    """The kind follows a correction only of what it is derived from."""
    return not ({"usl_ok", "profile", "purpose", "disp"} & {name for name, _, _ in lines})


def _key(case: Row) -> str:
    return casekeys.case_key(case["family"], case["usl_ok"], case["mo"], case["nhistory"], case["date_in"])


def _finish(save: _Save, patient_too: bool) -> None:
    cases.bump("cases", save.case_id)
    ids = [save.case_id]
    if patient_too and any(c.startswith("patient.") for c in save.changed):
        ids += cases.cases_of_patient(int(save.card.patient["id"]))
    cases.touched(ids, save.ctx.now())


# --- new case ----------------------------------------------------------------------------------


def _create(ctx: Context, env: CaseEnv, params: Params) -> Result:
    source = cases.read_case(params.copy_of) if params.copy_of else None
    case: Row = dict(_NEW_CASE)
    if source:
        case |= {n: source.case[n] for n in FIELDS["case"] | {"family"}}
    case["mo"] = case.get("mo") or env.mo
    case["extra"] = _own_extra(case.get("extra") or {})
    columns, _ = _changes(case, params.case)
    case |= columns
    if "completed" not in params.case:
        case["completed"] = 1 if case.get("date_out") else 0
    case["family"] = "D" if case.get("disp") else "H"
    if case["family"] == "D":
        case["letter"], case["usl_ok"] = "D", case.get("usl_ok") or "3"
    for name in ("nhistory", "date_in", "usl_ok"):
        if not case.get(name):
            raise OmsError(f"Поле «{_title(name)}» не заполнено: без него случай не опознать.")
    services = [_plain(_fields_of(s)) for s in params.services]
    if source and not params.services:
        services = [{n: s[n] for n in FIELDS["service"] if n != "source_id"} for s in source.services]
    case["kind"] = env.kind(case, services)
    if case["kind"] not in KINDS:
        raise OmsError(
            "Вид деятельности не определён.", hint="Проверьте условия оказания и вид диспансеризации."
        )
    case["key"], case["twin"] = _key(case), casekeys.twin_mark(case)
    if cases.next_dup(case["key"]) and not params.force:
        ctx.confirm(f"Случай с ключом {case['key']} уже есть. Создать ещё один?")
    ctx.check()
    with db.write():
        case_id = _insert(ctx, env, params, source, case, services)
        ctx.check()
        card = cases.read_case(case_id)
        checked(ctx, card)
    return Result(f"Случай {card.case['key']} создан.", _data(card, ["+"]))


def _own_extra(extra: Row) -> Row:
    """A copy leaves the numbers of its model behind."""
    fed = {k: v for k, v in (extra.get("fed") or {}).items() if k not in ("zap", "parts")}
    for name in ("z", "sl"):
        fed[name] = {k: v for k, v in (fed.get(name) or {}).items() if k not in ("IDCASE", "SL_ID")}
    return extra | {"fed": fed} if extra.get("fed") else dict(extra)


def _insert(
    ctx: Context, env: CaseEnv, params: Params, source: CaseCard | None, case: Row, services: list[Row]
) -> int:
    patient_id = params.patient_id or (int(source.patient["id"]) if source else 0)
    if not patient_id:
        patient = _plain(params.patient)
        if not (patient.get("surname") or patient.get("rep_surname")):
            raise OmsError("Фамилия пациента не заполнена.", hint="Заполните пациента или выберите его.")
        patient.setdefault("extra", {})
        names = (patient.get(n, "") for n in ("surname", "name", "patronymic"))
        patient_id = cases.insert("patient", patient | {"fio_key": fio_key(*names)})
    given = dict(source.policy) if source else {}
    policy = {
        k: v
        for k, v in (given | _plain(_with_enp(given, params.policy))).items()
        if k not in ("id", "patient_id")
    }
    policy_id = None
    if any(v for k, v in policy.items() if k != "extra"):
        policy["region"] = env.region(policy) or policy.get("region", "")
        policy.setdefault("extra", {})
        policy_id = cases.equal_policy(patient_id, _full_policy(policy)) or cases.insert(
            "policy", {**policy, "patient_id": patient_id}
        )
    now = ctx.now()
    case_id = cases.insert(
        "cases",
        case | {
            "patient_id": patient_id, "policy_id": policy_id, "payer_id": env.payer(policy),
            "dup": cases.next_dup(case["key"]), "created_at": now, "updated_at": now,
        },
    )  # fmt: skip
    for n, row in enumerate(services, 1):
        own = {"date_in": case["date_in"], "date_out": case.get("date_out"), "lpu": case.get("lpu", "")}
        cases.insert("service", {"extra": {}} | own | row | {"case_id": case_id, "n": n})
    cases.add_edit("case", case_id, "+", "", case["key"], now, ctx.who, case_id=case_id)
    return case_id
