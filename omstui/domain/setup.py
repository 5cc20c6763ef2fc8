"""Creation of a database (создание базы данных организации): init and demo use it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from string import Formatter

from omstui.domain import expertise, runner
from omstui.domain.embedded import load_embedded
from omstui.domain.errors import UsageError
from omstui.domain.model import Role
from omstui.domain.profile import profile
from omstui.domain.store import config, db
from omstui.formats.billtree import default_names
from omstui.settings import NUMBER_WORDS, Settings

#: how a word of the pattern may be written: {n}, {n:5}, {n:05d}
_WIDTH = re.compile(r"(?:0?[1-9])?d?")


def create_database(path: Path, settings: Settings, profile_name: str) -> None:
    """Create the database with its settings and the first operator as senior.

    Raises UsageError when the settings name another profile, a letter twice or no requisites' form.
    """
    profile(profile_name)
    if settings.profile not in (profile_name, Settings().profile):
        raise UsageError(f"В файле настроек профиль «{settings.profile}», а указан --profile {profile_name}.")
    check(settings)
    db.create(path)
    db.bind(path)
    now = datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    who = runner.current_user()
    with db.connection(), db.write():
        config.save_settings(replace(settings, profile=profile_name), who=who, at=now)
        config.save_operator(who, Role.SENIOR, at=now)
        load_embedded()


def check(settings: Settings) -> None:
    """Check what the files of the month will need: requisites and letters of the payers."""
    mo = settings.mo
    for name, value, length in (
        ("mo.ogrn", mo.ogrn, 13),
        ("mo.kpp", mo.kpp, 9),
        ("mo.code", mo.code, 6),
    ):
        if value and not (value.isdigit() and len(value) <= length):
            raise UsageError(f"Настройки: {name} = «{value}» — нужно до {length} цифр.")
    digit = settings.files.service_digit
    if not (digit.isdigit() and len(digit) == 1):
        raise UsageError(f"Настройки: files.service_digit = «{digit}» — нужна одна цифра.")
    choices = {
        "files.container": (settings.files.container, ("zip", "7z")),
        "files.answer_lists_all": (settings.files.answer_lists_all, ("detect", "yes", "no")),
        "invoices.reissue": (settings.invoices.reissue, ("new", "same")),
        "rules.new_operator_role": (settings.rules.new_operator_role, tuple(r.value for r in Role)),
    }
    for key, (value, allowed) in choices.items():
        if value not in allowed:
            raise UsageError(f"Настройки: {key} = «{value}» — возможно: {', '.join(allowed)}.")
    _check_invoices(settings)
    _check_payers(settings)
    _check_defaults(settings)
    expertise.choice(settings)


def _check_invoices(settings: Settings) -> None:
    """The pattern of numbers must tell invoices apart: it has {n} and knows its other words."""
    pattern = settings.invoices.pattern
    try:
        parts = [part[1:] for part in Formatter().parse(pattern) if part[1] is not None]
        names = {name or "" for name, _, _ in parts}
        # «{n:.1}» or «{n!s:.1}» would cut a number short, «{n:999999999}» fill the memory
        if any(turn or not _WIDTH.fullmatch(spec or "") for _, spec, turn in parts):
            names = {pattern}
    except ValueError:
        names = {pattern}
    strange = sorted(names - set(NUMBER_WORDS))
    if strange:
        known = ", ".join(f"{{{word}}}" for word in NUMBER_WORDS)
        raise UsageError(f"Настройки: invoices.pattern = «{pattern}» — возможно: {known}.")
    sample = {"n": 1, "year": 2021, "month": "04", "period": "2021-04", "letter": "A", "code": "76001"}
    try:
        pattern.format(**sample)
    except (ValueError, IndexError) as error:
        raise UsageError(f"Настройки: invoices.pattern = «{pattern}» — не понято.") from error
    if "n" not in names:
        raise UsageError(f"Настройки: invoices.pattern = «{pattern}» — нет {{n}}, номера повторялись бы.")
    if len(pattern) > 80 or not pattern.isprintable():
        raise UsageError("Настройки: invoices.pattern — одна строка не длиннее 80 знаков.")
    if not 1 <= settings.invoices.next_number < 10**9:
        raise UsageError("Настройки: invoices.next_number — нужно число от 1 до 999999999.")


def _check_defaults(settings: Settings) -> None:
    """[defaults] names attributes of bill.xml: «kladr» or «polis.begin_p»; a slip would do nothing."""
    known = default_names()
    for name in settings.defaults:
        if name not in known:
            near = get_close_matches(name, known, 1)
            advice = f" (возможно, «{near[0]}»)" if near else ""
            raise UsageError(f"Настройки: в разделе [defaults] неизвестный атрибут «{name}»{advice}.")


def _check_payers(settings: Settings) -> None:
    letters: dict[str, str] = {}
    codes: set[str] = set()
    for payer in settings.insurers:
        letter = payer.letter.upper()
        if len(letter) != 1 or not letter.isascii() or not letter.isalnum() or letter == "X":
            raise UsageError(
                f"Настройки: буква СМО {payer.code} «{payer.letter}» — нужна одна латинская буква"
                " или цифра, кроме X."
            )
        if letter in letters:
            raise UsageError(
                f"Настройки: буква «{letter}» у двух плательщиков: {letters[letter]} и {payer.code}."
            )
        if payer.code in codes:
            raise UsageError(f"Настройки: плательщик {payer.code} указан дважды.")
        letters[letter] = payer.code
        codes.add(payer.code)
