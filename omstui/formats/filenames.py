"""Names of regional files (имя файла …13X.7z), yaroslavl.md §1.1."""

from __future__ import annotations

import re
from dataclasses import dataclass

from omstui.domain.errors import FormatError, UsageError
from omstui.domain.model import Period

#: digit of the stage → who sends what
STAGES = {
    "3": "основной файл МО",
    "1": "ответ стадии 1",
    "7": "переформированный файл МО",
    "2": "окончательный ответ (стадия 2)",
}
#: letter of a file for all payers at once
ALL_PAYERS = "X"
_LENGTH = 29
_LETTER = re.compile(r"[A-Z0-9]")


@dataclass(frozen=True, slots=True)
class BillName:
    """Parts of a regional file name. ``digit`` is the service digit, ``letter`` the payer."""

    ogrn: str
    kpp: str
    period: Period
    digit: str
    stage: str
    letter: str

    def __str__(self) -> str:
        return build(self.ogrn, self.kpp, self.period, self.digit, self.stage, self.letter)

    @property
    def is_answer(self) -> bool:
        return self.stage in "12"


def build(ogrn: str, kpp: str, period: Period, digit: str, stage: str, letter: str) -> str:
    """Return «1027600099900760499001210413X.7z».

    Raises UsageError when a part cannot stand in a name (empty, too long, not digits).
    """
    parts = (("ОГРН", ogrn, 13), ("КПП", kpp, 9))
    for title, value, length in parts:
        if not (value.isascii() and value.isdigit() and len(value) <= length):
            raise UsageError(
                f"Имя файла не составить: {title} «{value}» — нужно не больше {length} цифр.",
                hint="Исправьте реквизиты МО в настройках.",
            )
    if not (len(digit) == 1 and digit.isascii() and digit.isdigit()):
        raise UsageError(f"Имя файла не составить: служебная цифра «{digit}» — нужна одна цифра.")
    if stage not in STAGES:
        raise UsageError(f"Имя файла не составить: стадия «{stage}» неизвестна.")
    if not _LETTER.fullmatch(letter.upper()):
        raise UsageError(
            f"Имя файла не составить: буква плательщика «{letter}» — нужен один латинский знак.",
            hint="Укажите букву СМО в настройках.",
        )
    return f"{ogrn:0>13}{kpp:0>9}{period.year % 100:02d}{period.month:02d}{digit}{stage}{letter.upper()}.7z"


def parse(name: str) -> BillName:
    """Return the parts of a name, letters in any case; FormatError says what is wrong in it."""

    def refuse(why: str) -> FormatError:
        return FormatError(
            f"Неверное имя файла «{name}»: {why}.",
            title="Неверное имя файла",
            hint="Нужно имя вида 1027600099900760499001210411A.7z.",
        )

    if name.count(".") != 1:
        raise refuse("в имени должна быть ровно одна точка")
    stem, extension = name.split(".")
    if extension.lower() != "7z":
        raise refuse("расширение не 7z, выбранный файл не является 7z-архивом")
    if len(stem) != _LENGTH:
        raise refuse(f"до точки знаков {len(stem)}, а нужно {_LENGTH}")
    numbers = stem[:28]
    if not (numbers.isascii() and numbers.isdigit()):
        place = next(n for n, c in enumerate(numbers, 1) if not ("0" <= c <= "9"))
        raise refuse(f"знак {place} («{stem[place - 1]}») не цифра")
    year, month = int(stem[22:24]), int(stem[24:26])
    if not 1 <= month <= 12:
        raise refuse(f"месяц «{stem[24:26]}» (знаки 25–26) не от 01 до 12")
    stage, letter = stem[27], stem[28].upper()
    if stage not in STAGES:
        raise refuse(f"цифра стадии «{stage}» (знак 28) не 1, 2, 3 или 7")
    if not _LETTER.fullmatch(letter):
        raise refuse(f"плательщик «{stem[28]}» (знак 29) не латинская буква и не цифра")
    return BillName(stem[:13], stem[13:22], Period(2000 + year, month), stem[26], stage, letter)


def looks_like(name: str) -> bool:
    """Whether the name follows the grammar, for sorting files of a folder."""
    try:
        parse(name)
    except FormatError:
        return False
    return True
