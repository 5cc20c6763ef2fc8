"""Words of the field as values (периоды, виды деятельности, состояния). Pure: no database, no files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum, StrEnum

from omstui.domain.errors import UsageError

_PERIOD = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_MONTHS = [
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
]


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Report month (отчётный период), written 2021-04 in the database and on the command line."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Period:
        """Return the period of «2021-04»; UsageError otherwise."""
        found = _PERIOD.match(text.strip())
        if not found:
            raise UsageError(f"Период «{text}» не понят: нужен вид ГГГГ-ММ, например 2021-04.")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Period:
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def begin(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def end(self) -> date:
        return self.next.begin - timedelta(days=1)

    @property
    def next(self) -> Period:
        return self.shift(1)

    def shift(self, months: int) -> Period:
        total = self.year * 12 + self.month - 1 + months
        return Period(total // 12, total % 12 + 1)

    @property
    def title(self) -> str:
        """«апрель 2021»."""
        return f"{_MONTHS[self.month - 1]} {self.year}"


class CaseType(StrEnum):
    """ТАП outpatient / МКСБ inpatient / СМП ambulance call."""

    TAP = "ТАП"
    MKSB = "МКСБ"
    SMP = "СМП"


@dataclass(frozen=True, slots=True)
class Kind:
    """Kind of activity (вид деятельности): one registry is formed per kind."""

    code: str
    title: str
    case_type: CaseType
    #: type of registry of the regional map (yaroslavl.md §2): decides which blocks a file carries
    bill_type: int
    examination: bool = False


KINDS: dict[str, Kind] = {
    k.code: k
    for k in (
        Kind("inpatient", "стационар", CaseType.MKSB, 1),
        Kind("dayhospital", "дневной стационар", CaseType.MKSB, 1),
        Kind("outpatient", "поликлиника", CaseType.TAP, 2),
        Kind("dental", "стоматология", CaseType.TAP, 16),
        Kind("ambulance", "СМП", CaseType.SMP, 6),
        Kind("dispensary", "диспансеризация взрослых", CaseType.TAP, 7, True),
        Kind("orphans", "диспансеризация детей-сирот", CaseType.TAP, 9, True),
        Kind("checkup", "профосмотры взрослых", CaseType.TAP, 11, True),
        Kind("minors", "профосмотры несовершеннолетних", CaseType.TAP, 12, True),
        Kind("paraclinic", "параклиника", CaseType.TAP, 15),
    )
}
#: order of kinds in files and lists (product.md §2, §11.17)
KIND_ORDER: dict[str, int] = {code: n for n, code in enumerate(KINDS)}


def kind_of(text: str) -> Kind:
    """Return the kind by its code or Russian name (case ignored); UsageError names the known ones."""
    wanted = text.strip().casefold()
    for kind in KINDS.values():
        if wanted in (kind.code, kind.title.casefold()):
            return kind
    known = ", ".join(f"{k.code} ({k.title})" for k in KINDS.values())
    raise UsageError(f"Вид деятельности «{text}» неизвестен. Есть: {known}.")


class RegistryStatus(StrEnum):
    """Status of a registry (состояние реестра): manual A, then what manual B adds in its exact words."""

    CREATED = "Создан"
    FORMED = "Сформирован"
    EXPORTED = "Выгружен"
    RESTORED = "Восстановлен"
    IDENT_SENT = "Выгружен на идентификацию"
    IDENT_LOADED = "Загружен результат идентификации"
    PAYERS_FORMED = "Сформированы реестры на оплату в СМО"
    BILLED = "Выгружен счет на оплату в СМО"


#: formed and not yet sent for payment: a correction makes it «нужно переформировать»
FORMED_STATUSES: tuple[RegistryStatus, ...] = (
    RegistryStatus.FORMED,
    RegistryStatus.IDENT_SENT,
    RegistryStatus.IDENT_LOADED,
    RegistryStatus.PAYERS_FORMED,
)
#: sent for payment: what left the organisation stays as it is
SENT_STATUSES: tuple[RegistryStatus, ...] = (RegistryStatus.EXPORTED, RegistryStatus.BILLED)


class PackageState(StrEnum):
    ACTIVE = "active"
    RESTORED = "restored"
    REPLACED = "replaced"


class Decision(IntEnum):
    """Decision of a stage on an account: 0 none yet, 1 accepted, 2 refused."""

    NONE = 0
    ACCEPTED = 1
    REFUSED = 2


class RefusalKind(StrEnum):
    """Kind of refusal (вид отказа), yaroslavl.md §3.3; manual B adds ident and mek."""

    AN_P = "an_p"
    AN_PS = "an_ps"
    AN_MES = "an_mes"
    AN_SUM = "an_sum"
    FLK = "flk"
    PAY = "pay"  # pay="4" without any reason: «без указания причины»
    IDENT = "ident"
    MEK = "mek"


REFUSAL_KIND_TITLES: dict[str, str] = {
    RefusalKind.AN_P: "паспорт",
    RefusalKind.AN_PS: "полис",
    RefusalKind.AN_MES: "МЭС",
    RefusalKind.AN_SUM: "сумма",
    RefusalKind.FLK: "ФЛК",
    RefusalKind.PAY: "без причины",
    RefusalKind.IDENT: "идентификация",
    RefusalKind.MEK: "МЭК",
}

#: stages of refusals: 1 and 2 of manual A, the roads of manual B
STAGE_TITLES: dict[int, str] = {
    1: "стадия 1",
    2: "стадия 2",
    3: "ФЛК",
    4: "МЭК",
    5: "идентификация",
}


class WorkState(StrEnum):
    """What the operator has done with a refused account (состояние отказа)."""

    NONE = ""
    NEW = "новый"
    CORRECTED = "исправлен"
    RETURNED = "в реестр"
    DROPPED = "снят"


class Role(StrEnum):
    """Role of an operator: looks, works, or also restores, deletes and sets up."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SENIOR = "senior"


def fio_key(surname: str, name: str, patronymic: str) -> str:
    """Key of a full name (criteria.md §2): upper case, Ё→Е, spaces squeezed."""
    text = " ".join((surname or "", name or "", patronymic or "")).upper().replace("Ё", "Е")
    return " ".join(text.split())


#: how grave a finding is (важность), of the expertise and of «Анализ МЭСов»
SEVERITY_TITLES: Mapping[str, str] = {"error": "ошибка", "warning": "предупреждение"}


def code_order(code: str) -> tuple[tuple[int, str], ...]:
    """Key to order dotted codes by their numbers: 1.4.4 before 1.10.2."""
    return tuple((int(p), "") if p.isdecimal() else (0, p) for p in code.strip(".").split("."))


def folded(text: str) -> str:
    """Fold Russian text for search and order: case and Ё ignored (SQLite folds ASCII only)."""
    return text.casefold().replace("ё", "е")


def account_xkey(prefix: int, number: int) -> str:
    """Key of an account (76), service (88) or referral (99), product.md §11.15."""
    digits = f"{prefix:02d}{number:012d}".ljust(32, "F")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
