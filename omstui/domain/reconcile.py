"""Corrections of operators against a new load (сверка исправлений с загрузкой), product.md §6.

Runs inside the merge transaction, after matching: puts the operator's values into the staged rows where
the file did not change the field, and reports the clashes where it did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from omstui.domain.merge import Conflict, FieldEdit, as_text, corrected, leaf, put_leaf, three_way
from omstui.domain.model import fio_key
from omstui.domain.store import matching, reconciling
from omstui.domain.store.service_pairs import SAME_SERVICE

_WHOLE = frozenset({"completed", "source_sum", "quantity", "tariff", "part", "n"})
_NULLABLE = frozenset({"date_in", "date_out", "bed_days", "birth_date"})

#: Russian names of fields for the sentences about conflicts
FIELD_TITLES: dict[str, str] = {
    "ds_main": "основной диагноз", "doctor": "врач", "profile": "профиль", "date_out": "дата окончания",
    "date_in": "дата начала", "result": "результат", "outcome": "исход", "purpose": "цель посещения",
    "specialty": "специальность", "surname": "фамилия", "name": "имя", "patronymic": "отчество",
    "birth_date": "дата рождения", "snils": "СНИЛС", "sex": "пол", "number": "номер полиса",
    "series": "серия полиса", "enp": "ЕНП", "smo": "СМО", "type": "вид полиса", "code": "код услуги",
    "quantity": "количество", "nhistory": "номер карты", "department": "отделение",
    "begin_date": "начало полиса", "end_date": "конец полиса", "okato": "ОКАТО страхования",
    "smo_ok": "ОКАТО СМО", "smo_ogrn": "ОГРН СМО", "smo_name": "название СМО",
    "region": "регион страхования", "birth_place": "место рождения", "phone": "телефон",
    "doc_type": "вид документа", "doc_series": "серия документа", "doc_number": "номер документа",
    "doc_date": "дата документа", "doc_org": "кем выдан документ",
    "merged_into": "объединён со случаем",
    "source_sum": "сумма", "tariff": "тариф", "help_type": "вид помощи", "pay_method": "способ оплаты",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Env:
    """What the domain derives from a case again after its correction is put back."""

    payer: Callable[[Mapping[str, Any]], int | None]
    kind: Callable[[Mapping[str, Any], list[dict[str, Any]]], str]
    at: str
    who: str


def typed(name: str, text: str) -> Any:
    """A text of history as the value of a column."""
    if name in _WHOLE:
        return int(text or 0)
    if name in _NULLABLE:
        return text or None
    return text


def reconcile(env: Env) -> int:
    """Merge every record of the file that an operator corrected; returns how many conflicts."""
    conflicts = 0
    for ref, patient_id in matching.persons_with_edits():
        conflicts += _person(env, ref, patient_id)
    for seq, case_id in matching.changed_seqs_with_edits():
        conflicts += _case(env, seq, case_id)
    return conflicts


def _person(env: Env, ref: str, patient_id: int) -> int:
    staged = reconciling.staged_person(ref)
    ours = corrected(reconciling.patient_edits(patient_id))
    merged = three_way(_texts(staged, ours), ours)
    values = _columns(staged, merged.values)
    if merged.values:
        now = staged | values
        values["fio_key"] = fio_key(now["surname"], now["name"], now["patronymic"])
    reconciling.rewrite_person(ref, values)
    for name in merged.confirmed:
        reconciling.confirm("patient", patient_id, None, patient_id, name, ours[name][1], env.at, env.who)
    return _report(staged["position"], "", merged.conflicts)


def _case(env: Env, seq: int, case_id: int) -> int:
    history = reconciling.case_edits(case_id)
    staged = reconciling.staged_case(seq)
    conflicts = _fields(env, seq, case_id, staged, history.get(("case", 0), []))
    conflicts += _policy(env, seq, case_id, staged, history.get(("policy", 0), []))
    services = {number: rows for (entity, number), rows in history.items() if entity == "service"}
    conflicts += _services(env, seq, case_id, staged, services)
    now = reconciling.staged_case(seq)
    kind = env.kind(now, reconciling.staged_services(seq))
    payer = env.payer(reconciling.staged_policy(seq))
    reconciling.rewrite_case(seq, {"kind": kind or now["kind"], "payer_id": payer})
    return conflicts


def _fields(env: Env, seq: int, case_id: int, staged: dict[str, Any], history: list[FieldEdit]) -> int:
    ours = {n: v for n, v in corrected(history).items() if n not in ("key", "patient_id", "+", "-")}
    merged = three_way(_texts(staged, ours), ours)
    reconciling.rewrite_case(seq, _columns(staged, merged.values))
    for name in merged.confirmed:
        reconciling.confirm("case", case_id, case_id, None, name, ours[name][1], env.at, env.who)
    return _report(staged["position"], "", merged.conflicts)


def _policy(env: Env, seq: int, case_id: int, staged: dict[str, Any], history: list[FieldEdit]) -> int:
    ours = corrected(history)
    if not ours:
        return 0
    policy = reconciling.staged_policy(seq)
    merged = three_way({n: as_text(policy.get(n)) for n in ours}, ours)
    if merged.values:
        reconciling.rewrite_policy(seq, policy | merged.values)
    for name in merged.confirmed:
        reconciling.confirm("policy", 0, case_id, None, name, ours[name][1], env.at, env.who)
    return _report(staged["position"], "полис: ", merged.conflicts)


def _texts(staged: dict[str, Any], names: Mapping[str, Any]) -> dict[str, str]:
    """The file's values of the fields, as history writes them; «extra.…» is a path in the tree."""
    extra = reconciling.tree(staged.get("extra"))
    texts = {}
    for name in names:
        if name.startswith("extra."):
            texts[name] = as_text(leaf(extra, name[6:]))
        elif name in staged:
            texts[name] = as_text(staged[name])
    return texts


def _columns(staged: dict[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Columns of the staged row to overwrite with our values."""
    columns = {n: typed(n, v) for n, v in values.items() if n in staged}
    paths = {n[6:]: v for n, v in values.items() if n.startswith("extra.")}
    if paths:
        extra = reconciling.tree(staged.get("extra"))
        for path, value in paths.items():
            put_leaf(extra, path, value)
        columns["extra"] = as_text(extra)
    return columns


def _report(position: str, what: str, conflicts: list[Conflict]) -> int:
    for c in conflicts:
        name = FIELD_TITLES.get(c.field, c.field)
        reconciling.stage_problem(
            "conflict",
            position,
            f"{what}{name}: исправлено оператором на «{c.ours}», в файле теперь «{c.theirs}»"
            f" (было «{c.base}»): взято из файла.",
        )
    return len(conflicts)


# --- services ----------------------------------------------------------------------------------


def _services(
    env: Env, seq: int, case_id: int, staged: dict[str, Any], history: dict[int, list[FieldEdit]]
) -> int:
    """Services that an operator added, removed or corrected."""
    if not any(e.origin != "load" for rows in history.values() for e in rows):
        return 0
    file = reconciling.staged_services(seq)
    stored = {row["id"]: row for row in reconciling.stored_services(case_id)}
    targets = _targets(file, {i: row | _bases(history.get(i, [])) for i, row in stored.items()})
    rows: list[tuple[dict[str, Any], int | None]] = []
    conflicts = 0
    removed = [reconciling.tree(_base(h, "-")) for h in history.values() if _base(h, "-")]
    for row in file:
        target = targets.get(row["n"])
        if target is None and any(_same(row, gone) for gone in removed):
            continue
        ours = {n: v for n, v in corrected(history.get(target or -1, [])).items() if n not in "+-"}
        merged = three_way(_texts(row, ours), ours)
        for name in merged.confirmed:
            reconciling.confirm("service", target or 0, case_id, None, name, ours[name][1], env.at, env.who)
        conflicts += _report(staged["position"], f"услуга {row['code']}: ", merged.conflicts)
        rows.append((row | _columns(row, merged.values), target))
    used = set(targets.values())
    for number, row in stored.items():
        if number not in used and _base(history.get(number, []), "+", added=True):
            rows.append((row, number))
    reconciling.rewrite_services(seq, rows)
    return conflicts


def _base(history: list[FieldEdit], mark: str, *, added: bool = False) -> str:
    """What an operator's «+» or «-» of a service says, «» if there is none in force."""
    found = corrected(e for e in history if e.field == mark).get(mark)
    if found is None:
        return ""
    return found[1] if added else found[0]


def _bases(history: list[FieldEdit]) -> dict[str, Any]:
    """Fields of a stored service as the last load gave them."""
    return {n: typed(n, base) for n, (base, _) in corrected(history).items() if n not in "+-"}


def _targets(file: list[dict[str, Any]], stored: dict[int, dict[str, Any]]) -> dict[int, int]:
    """n of a service of the file → stored service it updates."""
    targets: dict[int, int] = {}
    free = dict(stored)
    for keys in SAME_SERVICE:
        for row in file:
            if row["n"] in targets or ("source_id" in keys and not row["source_id"]):
                continue
            match = next((i for i, s in free.items() if all(row[k] == s[k] for k in keys)), None)
            if match is not None:
                targets[row["n"]] = match
                del free[match]
    return targets


def _same(row: dict[str, Any], gone: dict[str, Any]) -> bool:
    """True if the file still gives the service that the operator removed, as it was."""
    names = ("code", "date_in", "date_out", "quantity", "source_sum", "ds")
    return all(as_text(row[n]) == as_text(gone.get(n)) for n in names)
