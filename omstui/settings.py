"""Settings of the organisation (настройки МО) and the way to the database file.

The settings file of ``omstui init`` (TOML, product.md §8) becomes one frozen ``Settings``; it is stored in
the database key by key and edited on the screen «Настройки». Unknown keys are refused with the nearest
known one. Assumptions of the specification that a region may decide otherwise are fields here.
"""

from __future__ import annotations

import difflib
import errno
import os
import tomllib
import types
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from omstui.domain.errors import UsageError, place_of, reason_of

#: bytes of a text written by hand
_TEXT_LIMIT = 4 << 20


@dataclass(frozen=True, slots=True)
class Mo:
    """The medical organisation (МО)."""

    name: str = ""
    ogrn: str = ""
    kpp: str = ""
    inn: str = ""
    code: str = ""  # F003, six digits
    code_local: str = ""
    phone: str = ""
    address: str = ""
    director: str = ""
    accountant: str = ""
    bank: str = ""
    bik: str = ""
    account: str = ""
    corr_account: str = ""
    #: takes part in settlements between organisations (ЦКДЛ, ПЭТ/КТ), manual A step 4
    interorg_settlements: bool = False


@dataclass(frozen=True, slots=True)
class Fund:
    """The territorial fund (ТФОМС)."""

    code: str = ""
    okato: str = ""
    ogrn: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """How files are named and packed (yaroslavl.md §1)."""

    service_digit: str = "1"  # 27th sign of the name, question В1
    container: str = "zip"  # zip | 7z: bytes under the extension .7z, question В2
    answer_lists_all: str = "detect"  # detect | yes | no, question В6
    folder_out: str = ""
    folder_in: str = ""
    format_version: str = "6.15"
    protocol: str = "Reestr"
    creator: str = "omstui"


@dataclass(frozen=True, slots=True)
class InsurerSettings:
    """A payer: code of F002, letter of the fund, validity, requisites."""

    code: str = ""
    letter: str = ""
    ogrn: str = ""
    name: str = ""
    out_of_region: bool = False
    begin: str = ""
    end: str = ""
    #: requisites of the payer in an invoice
    inn: str = ""
    kpp: str = ""
    address: str = ""
    bank: str = ""
    bik: str = ""
    account: str = ""
    corr_account: str = ""


#: what may stand in braces in the pattern of invoice numbers
NUMBER_WORDS = ("n", "year", "month", "period", "letter", "code")


@dataclass(frozen=True, slots=True)
class Invoices:
    """Invoices (счета на оплату): how they are numbered and what they say."""

    #: {n} running number of the year, {year} {month} {period} {letter} {code} of the month and the payer
    pattern: str = "{n}"
    next_number: int = 1  # the first {n}; later ones go on from the greatest of the year
    reissue: str = "new"  # new | same: the number of an invoice issued instead of a cancelled one
    vat: str = "Без налога (НДС)"
    purpose: str = "Медицинская помощь, оказанная застрахованным лицам по ОМС"


@dataclass(frozen=True, slots=True)
class Rules:
    """Decisions of product.md §11 that a region or an organisation may change."""

    accept_foreign_mo: bool = False  # §11.11
    with_late: bool = False  # §11.19
    block_export_on_errors: bool = False  # §11.1
    primary_type_r: str = "1"
    repeat_type_r: str = "2"  # §11.8
    tariff_level: str = ""  # level of the МО in the tariff book
    diagnosis_doctor_required_mksb: bool = True  # 90.018, 90.019
    dental_profiles: tuple[str, ...] = ("63", "85", "86", "87", "88", "89", "90", "171")
    #: «Добавить услуги стомат. рентгена»: beginnings of codes; days around a dental case that are its time
    dental_xray_services: tuple[str, ...] = ("A06.07",)
    dental_xray_days: int = 0
    #: merges of visits (product.md §5): purposes (V025) that join, purpose of what comes out, window in days
    merge_purposes: tuple[str, ...] = ("1.0", "1.2", "3.0")
    merge_into_purpose: str = "3.0"
    merge_days: int = 30
    #: секвестирование: cut first: later ones (date), cheap or dear ones; kinds that stay; what goes whole:
    #: a case, both stages of an examination (stages), all cases of a patient of one kind (patient)
    sequester_order: str = "date"
    sequester_keep_emergency: bool = True
    sequester_keep_ambulance: bool = True
    sequester_keep_returned: bool = True
    sequester_whole: str = "stages"
    new_operator_role: str = "viewer"  # §11.24
    backup_days: int = 14  # §11.26


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Day of the month after the report month by which a step is due; 0 = none (product.md §4)."""

    export: int = 0
    answers1: int = 0
    reform: int = 0
    invoices: int = 0
    answers2: int = 0


@dataclass(frozen=True, slots=True)
class OwnCriterion:
    """A criterion of the region's own (свой критерий): condition in the view of criteria.view."""

    code: str = ""  # 95.001 … 99.999
    title: str = ""
    condition: str = ""
    level: str = "case"  # case | service
    severity: str = "warning"  # error | warning
    applies: tuple[str, ...] = ("ТАП", "МКСБ", "СМП")
    mek: str = ""
    why: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Criteria:
    """Expertise (экспертиза): what differs from the profile of 126 criteria (criteria.md §1)."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)  # code → error | warning
    params: Mapping[str, str] = field(default_factory=dict)
    own: tuple[OwnCriterion, ...] = ()
    check_on_save: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    profile: str = "yar"
    mo: Mo = field(default_factory=Mo)
    fund: Fund = field(default_factory=Fund)
    files: Files = field(default_factory=Files)
    insurers: tuple[InsurerSettings, ...] = ()
    #: values of attributes no source carries (product.md §11.3): {"begin_p": "…", "socialstat": "…"}
    defaults: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = field(default_factory=Rules)
    criteria: Criteria = field(default_factory=Criteria)
    deadlines: Deadlines = field(default_factory=Deadlines)
    invoices: Invoices = field(default_factory=Invoices)


def read_settings(path: Path) -> Settings:
    """Read the settings file of ``init``. UsageError names the file, the key and the nearest known key."""
    try:
        data = tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"Файл настроек {path} не читается: {reason_of(error)}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"Файл настроек {path}: ошибка записи TOML ({place_of(error)}).") from error
    return build(Settings, data, str(path))  # type: ignore[no-any-return]


def read_text(path: Path) -> str:
    """A text file written by hand; OSError also for a pipe, which would be waited for, and a device."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.ENXIO, "not a file", str(path))
    if path.is_file() and path.stat().st_size > _TEXT_LIMIT:
        raise OSError(errno.EFBIG, "too large", str(path))
    return path.read_text(encoding="utf-8")


def build(kind: type[Any], data: Mapping[str, Any], where: str, prefix: str = "") -> Any:
    """Make a settings dataclass from a mapping, checking names and types."""
    hints = _hints(cast(Hashable, kind))
    known = {f.name for f in fields(kind)}
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            advice = f"возможно, «{prefix}{near[0]}»" if near else "есть: " + ", ".join(sorted(known))
            raise UsageError(f"{where}: неизвестный ключ «{prefix}{key}» ({advice}).")
        values[key] = _value(hints[key], value, where, prefix + key)
    return kind(**values)


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    """Types of the fields of a class: they are texts that cost more to read than all the settings."""
    return get_type_hints(kind)


def _value(hint: Any, value: Any, where: str, key: str) -> Any:
    origin = get_origin(hint)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            raise UsageError(f"{where}: «{key}» должен быть разделом [{key}].")
        return build(hint, value, where, key + ".")
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise UsageError(f"{where}: «{key}» должен быть списком.")
        (item,) = get_args(hint)[:1]
        if item is str and all(type(v) is str for v in value):
            return tuple(value)  # two hundred codes of criteria, read after each save
        return tuple(_value(item, v, where, f"{key}[{n}]") for n, v in enumerate(value))
    if origin in (Union, types.UnionType):
        return value
    if origin is not None:  # Mapping[str, str]
        if not isinstance(value, Mapping):
            raise UsageError(f"{where}: «{key}» должен быть разделом [{key}].")
        return _flat(value)
    if hint is str and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        names = {str: "строкой", int: "целым числом", bool: "true или false"}
        raise UsageError(f"{where}: «{key}» должен быть {names.get(hint, hint)}.")
    return value


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Texts by their dotted names: polis.begin_p may be a key of [defaults] or of [defaults.polis]."""
    out: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            out |= _flat(value, f"{prefix}{key}.")
        else:
            out[f"{prefix}{key}"] = str(value)
    return out


# --- where the database is -------------------------------------------------------------------


def config_files() -> list[Path]:
    """Settings files that name the database: system first, then user (product.md §11.24)."""
    from platformdirs import site_config_path, user_config_path

    return [site_config_path("omstui") / "omstui.toml", user_config_path("omstui") / "omstui.toml"]


def database_path(option: str | None = None) -> Path:
    """Path of the database: --db, OMSTUI_DB, the system or user settings file, the user's data folder."""
    if option:
        return Path(option).expanduser()
    if os.environ.get("OMSTUI_DB"):
        return Path(os.environ["OMSTUI_DB"]).expanduser()
    for path in config_files():
        if path.is_file():
            try:
                data = tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
                why = reason_of(error) if isinstance(error, OSError) else place_of(error)
                raise UsageError(f"Файл настроек {path} не читается: {why}.") from error
            unknown = set(data) - {"database"}
            if unknown:
                raise UsageError(f"{path}: неизвестный ключ «{sorted(unknown)[0]}» (есть: database).")
            if data.get("database"):
                return Path(str(data["database"])).expanduser()
    from platformdirs import user_data_path

    return user_data_path("omstui") / "omstui.db"
