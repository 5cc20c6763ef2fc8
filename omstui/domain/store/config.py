"""Settings, insurers and operators in the database (настройки, СМО, операторы)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.store import db
from omstui.domain.store.tables import Insurer, Operator, Setting, SettingEdit
from omstui.settings import Settings, build

#: of an insurer, for the invoice
REQUISITES = ("inn", "kpp", "address", "bank", "bik", "account", "corr_account")


@dataclass(frozen=True, slots=True)
class Payer:
    """A payer as stored (СМО или фонд для иногородних)."""

    id: int
    code: str
    letter: str
    ogrn: str
    name: str
    out_of_region: bool


@dataclass(frozen=True, slots=True)
class OperatorRow:
    login: str
    name: str
    role: Role
    departments: tuple[str, ...]


def save_settings(settings: Settings, *, who: str, at: str) -> None:
    """Store the settings key by key with history; insurers become rows. Call inside ``db.write()``."""
    for key, value in _flat(asdict(settings)).items():
        if key.startswith("insurers"):
            continue
        new = db.dump(value)
        row = Setting.get_or_none(Setting.key == key)
        old = row.value if row else ""
        if old == new:
            continue
        db.execute("INSERT OR REPLACE INTO setting(key, value) VALUES(?, ?)", (key, new))
        SettingEdit.create(key=key, old=old, new=new, at=at, who=who)
    names = ("letter", "ogrn", "name", "out_of_region", "begin_date", "end_date", *REQUISITES)
    for item in settings.insurers:
        db.execute(
            f"{db.insert_sql('insurer', ('code', *names))} ON CONFLICT(code) DO UPDATE SET "
            + ", ".join(f"{name}=excluded.{name}" for name in names),
            (
                item.code,
                item.letter.upper(),
                item.ogrn,
                item.name,
                int(item.out_of_region),
                item.begin or None,
                item.end or None,
                *(getattr(item, name).strip() for name in REQUISITES),
            ),
        )


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """{"mo": {"name": …}} → {"mo.name": …}; only one level deep, «defaults» stays whole."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if isinstance(value, dict) and key != "defaults":
            flat.update({f"{key}.{inner}": v for inner, v in value.items()})
        else:
            flat[key] = value
    return flat


def load_settings() -> Settings:
    """Read the settings back; insurers from their rows."""
    nested: dict[str, Any] = {}
    # counters of running numbers (store.forming) live beside the settings and are none
    rows = db.execute("SELECT key, value FROM setting WHERE key NOT LIKE 'counter.%' ORDER BY key")
    for key, value in rows:
        head, _, tail = key.partition(".")
        if tail:
            nested.setdefault(head, {})[tail] = json.loads(value)
        else:
            nested[head] = json.loads(value)
    nested["insurers"] = [
        {
            "code": row.code,
            "letter": row.letter,
            "ogrn": row.ogrn,
            "name": row.name,
            "out_of_region": bool(row.out_of_region),
            "begin": row.begin_date or "",
            "end": row.end_date or "",
            **{name: getattr(row, name) for name in REQUISITES},
        }
        for row in Insurer.select().order_by(Insurer.out_of_region, Insurer.code)
    ]
    return build(Settings, nested, f"Настройки базы {db.path()}")  # type: ignore[no-any-return]


def payers() -> list[Payer]:
    """All payers, own-region insurers first, by code."""
    rows = db.execute(
        "SELECT id, code, letter, ogrn, name, out_of_region FROM insurer ORDER BY out_of_region, code"
    )
    return [Payer(r[0], r[1], r[2], r[3], r[4], bool(r[5])) for r in rows]


def payer_by_code(code: str) -> Payer:
    """The payer with this F002 code or letter; OmsError lists the known ones."""
    for payer in payers():
        if code in (payer.code, payer.letter):
            return payer
    known = ", ".join(f"{p.code} ({p.letter})" for p in payers())
    raise OmsError(f"СМО «{code}» нет в настройках.", hint=f"Есть: {known}.")


def operator(login: str, default_role: str) -> OperatorRow:
    """The operator of this OS login; the first one ever becomes senior (product.md §11.24)."""
    row = Operator.get_or_none(Operator.login == login)
    if row is None:
        first = not Operator.select().exists()
        return OperatorRow(login, login, Role.SENIOR if first else Role(default_role), ())
    return OperatorRow(row.login, row.name or login, Role(row.role), tuple(json.loads(row.departments)))


def save_operator(login: str, role: Role, *, name: str = "", at: str = "") -> None:
    """Create or change an operator. Call inside ``db.write()``."""
    db.execute(
        "INSERT INTO operator(login, name, role, created_at) VALUES(?,?,?,?)"
        " ON CONFLICT(login) DO UPDATE SET role=excluded.role",
        (login, name or login, role.value, at),
    )


def operators() -> list[OperatorRow]:
    return [
        OperatorRow(r.login, r.name or r.login, Role(r.role), tuple(json.loads(r.departments)))
        for r in Operator.select().order_by(Operator.login)
    ]


def history() -> list[tuple[str, str, str, str, str]]:
    """Edits of the settings, newest first: (when, who, key, old, new), values as JSON."""
    rows = db.execute("SELECT at, who, key, old, new FROM setting_edit ORDER BY id DESC")
    return [(r[0], r[1], r[2], r[3], r[4]) for r in rows]
