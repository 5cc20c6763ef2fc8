"""Names of DBF files (имена QPID_, APID_, FLQPID_, b…): grammar, making, and what is wrong in one.

QPID_4701012912211.dbf   QPID_ + МО (6) + ДДММГГ (6) + number of the package of that day (1–9)
APID_…, FLQPID_…         the answer and the ФЛК, with the tail of their QPID
b77777771021.dbf         b + МО (6) + payer (1) + ММГГ of the report month
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date

from omstui.domain.errors import FormatError, UsageError
from omstui.domain.model import Period

QPID, APID, FLQPID = "QPID", "APID", "FLQPID"
_TITLES = {QPID: "запрос идентификации", APID: "ответ на идентификацию", FLQPID: "протокол ФЛК"}
#: where a file of the other kind belongs
_BELONGS = {
    QPID: "Это ваш запрос: нужен ответ фонда на него.",
    APID: "Его загружает операция «Загрузить результат идентификации».",
    FLQPID: "Это протокол ФЛК: его загружает операция «Загрузить ФЛК».",
}
_IDENT = re.compile(r"(QPID|APID|FLQPID)_(\d{6})(\d\d)(\d\d)(\d\d)(\d)", re.I | re.A)
_MEK = re.compile(r"b(\d{6})([0-9a-z])(0[1-9]|1[0-2])(\d\d)", re.I | re.A)
_LAST = 9


@dataclass(frozen=True, slots=True)
class IdentName:
    """Name of an identification file (имя пакета идентификации)."""

    prefix: str
    mo: str
    day: date
    number: int

    def __str__(self) -> str:
        return f"{self.stem}.dbf"

    @property
    def stem(self) -> str:
        return f"{self.prefix}_{self.tail}"

    @property
    def tail(self) -> str:
        """What an answer must share with its request."""
        return f"{self.mo}{self.day:%d%m%y}{self.number}"

    def as_(self, prefix: str) -> IdentName:
        """The name of the request, the answer or the ФЛК of the same package."""
        return replace(self, prefix=prefix)


@dataclass(frozen=True, slots=True)
class MekName:
    """Name of a return of МЭК (имя возврата МЭК)."""

    mo: str
    payer: str
    period: Period

    def __str__(self) -> str:
        return f"b{self.mo}{self.payer}{self.period.month:02d}{self.period.year % 100:02d}.dbf"


# --- reading -----------------------------------------------------------------------------------


def parse_ident(name: str, *expected: str) -> IdentName:
    """Return the parts of QPID_, APID_ or FLQPID_; FormatError says what is wrong."""
    found = _IDENT.fullmatch(_stem(name))
    prefixes = expected or (QPID, APID, FLQPID)
    shape = " или ".join(f"{p}_ККККККДДММГГN.dbf" for p in prefixes)
    hint = f"Нужно имя вида {shape} (код МО, дата, номер пакета). Проверьте, тот ли файл выбран."
    if not found or found[1].upper() not in prefixes:
        wanted = " или ".join(_TITLES[p] for p in prefixes)
        hint = _BELONGS[found[1].upper()] if found else hint
        raise FormatError(f"По имени файла «{name}» это не {wanted}.", title="Неверное имя файла", hint=hint)
    try:
        day = date(2000 + int(found[5]), int(found[4]), int(found[3]))
    except ValueError:
        raise FormatError(
            f"Неверное имя файла «{name}»: «{found[3]}{found[4]}{found[5]}» — не дата вида ДДММГГ.",
            title="Неверное имя файла",
            hint=hint,
        ) from None
    return IdentName(found[1].upper(), found[2], day, int(found[6]))


def parse_mek(name: str) -> MekName:
    """Return the parts of a «b…» name; FormatError otherwise."""
    found = _MEK.fullmatch(_stem(name))
    if not found:
        raise FormatError(
            f"По имени файла «{name}» это не возврат МЭК.",
            title="Неверное имя файла",
            hint="Нужно имя вида b77777771021.dbf: b, код МО (6 цифр), знак плательщика, месяц и год.",
        )
    return MekName(found[1], found[2].lower(), Period(2000 + int(found[4]), int(found[3])))


def check_answer(name: str, mo: str, exported: Iterable[str], prefix: str = APID) -> IdentName:
    """Return the name of an answer to one of our packages; FormatError when it answers another one.

    ``exported``: names of the QPID packages already sent.
    """
    answer = parse_ident(name, prefix)
    request = answer.as_(QPID)
    if answer.mo != mo:
        raise FormatError(
            f"Файл {name} — для другой медицинской организации: код {answer.mo}, а наш {mo}.",
            title="Чужой файл",
            hint="Выберите файл своей организации или проверьте местный код МО в настройках.",
        )
    sent = {_stem(n).upper() for n in exported}
    if request.stem.upper() not in sent:
        known = ", ".join(sorted(sent)[-5:]) or "пакетов ещё не выгружали"
        raise FormatError(
            f"Файл {name} — ответ на другой пакет: {request.stem} отсюда не выгружали.",
            title="Ответ на другой пакет",
            hint=f"Выгружены: {known}.",
        )
    return answer


# --- making ------------------------------------------------------------------------------------


def build_ident(mo: str, day: date, number: int = 1, prefix: str = QPID) -> IdentName:
    """Return the name; UsageError when a part cannot stand in it."""
    _check_mo(mo)
    if not 1 <= number <= _LAST:
        raise UsageError(f"Имя пакета не составить: номер {number}, а бывает от 1 до {_LAST}.")
    return IdentName(prefix, mo, day, number)


def build_mek(mo: str, payer: str, period: Period) -> MekName:
    _check_mo(mo)
    if not re.fullmatch(r"[0-9a-zA-Z]", payer):
        raise UsageError(
            f"Имя возврата МЭК не составить: знак плательщика «{payer}» — нужна цифра или буква."
        )
    return MekName(mo, payer.lower(), period)


def propose(mo: str, day: date, exported: Iterable[str]) -> IdentName:
    """The first free name of the day; UsageError when all nine are taken."""
    taken = {_stem(n).upper() for n in exported}
    for number in range(1, _LAST + 1):
        name = build_ident(mo, day, number)
        if name.stem.upper() not in taken:
            return name
    raise UsageError(
        f"За {day:%d.%m.%Y} выгружены все {_LAST} пакетов: свободных имён на этот день нет.",
        hint="Выгрузите пакет завтра.",
    )


def _check_mo(mo: str) -> None:
    if not re.fullmatch(r"\d{6}", mo, re.A):
        raise UsageError(
            f"Имя пакета не составить: местный код МО «{mo}» — нужно 6 цифр.",
            hint="Укажите его в настройках МО.",
        )


# --- what is wrong in a name of QPID -----------------------------------------------------------


def qpid_problems(name: str, proposed: IdentName, exported: Collection[str] = ()) -> list[str]:
    """Every fault of a name an operator typed, a sentence each; [] when it is right.

    Only the last digit of ``proposed`` may be changed.
    """
    text = name.strip()
    stem = _stem(text)
    if not stem:
        return [f"Название пакета не заполнено: предлагается {proposed.stem}."]
    prefix, mark, tail = stem.partition("_")
    wrong: list[str] = []
    if not mark or prefix.upper() != QPID:
        wrong.append(f"Название пакета «{text}» должно начинаться с QPID_, а начинается с «{stem[:5]}».")
        tail = tail if mark else re.sub(r"\D.*|^\D+", "", stem.upper().removeprefix(QPID))
    if not (re.fullmatch(r"\d{13}", tail, re.A)):
        strange = next((c for c in tail if not ("0" <= c <= "9")), "")
        what = f"знак «{strange}» не цифра" if strange else f"цифр {len(tail)}"
        wrong.append(f"После QPID_ в названии пакета должно быть 13 цифр (код МО, ДДММГГ, номер): {what}.")
        return wrong
    return wrong + _parts_problems(tail, proposed) + _taken_problem(tail, proposed, exported)


def _parts_problems(tail: str, proposed: IdentName) -> list[str]:
    mo, day, number = tail[:6], tail[6:12], tail[12]
    wrong = []
    if mo != proposed.mo:
        wrong.append(f"Код МО в названии пакета — {mo}, а наш — {proposed.mo}: чужой код недопустим.")
    if day != f"{proposed.day:%d%m%y}":
        wrong.append(
            f"Дата в названии пакета — {_shown(day)}, а выгрузка от {proposed.day:%d.%m.%Y}:"
            " дату менять нельзя."
        )
    if number == "0":
        wrong.append("Номер пакета (последняя цифра) — 0, а допустимы от 1 до 9.")
    return wrong


def _shown(day: str) -> str:
    try:
        return f"{date(2000 + int(day[4:]), int(day[2:4]), int(day[:2])):%d.%m.%Y}"
    except ValueError:
        return f"«{day}» (такой даты нет)"


def _taken_problem(tail: str, proposed: IdentName, exported: Collection[str]) -> list[str]:
    taken = {_stem(n).upper() for n in exported}
    if f"{QPID}_{tail}" not in taken:
        return []
    try:
        advice = f"предлагается {propose(proposed.mo, proposed.day, exported).stem}"
    except UsageError as error:
        advice = error.msg[:1].lower() + error.msg[1:].rstrip(".")
    return [f"Пакет {QPID}_{tail} уже выгружали: {advice}."]


def check_qpid(name: str, proposed: IdentName, exported: Collection[str] = ()) -> IdentName:
    """Return the name an operator typed; UsageError with every fault of it."""
    wrong = qpid_problems(name, proposed, exported)
    if wrong:
        raise UsageError(
            wrong[0],
            title="Неверное название пакета",
            hint="Изменить можно только последнюю цифру.",
            details=wrong[1:],
        )
    return parse_ident(name, QPID)


def _stem(name: str) -> str:
    stem = name.strip()
    return stem[:-4] if stem.lower().endswith(".dbf") else stem
