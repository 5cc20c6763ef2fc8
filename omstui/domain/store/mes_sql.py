"""SELECTs of the checks of «Анализ МЭСов»: account, service, МЭС, expected, actual, difference, message.

Each argument is SQL over the tables of ``mes_view``; ``join`` adds what a condition needs beside them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetCheck:
    """A part of a check. ``books``: without rows in each of them (in one of «a|b») it is not run."""

    code: str
    select: str
    books: tuple[str, ...] = ()
    #: what this part checks, when a check has several
    what: str = ""
    #: this part is run only while this book is empty
    without: str = ""


def of_case(
    where: str, expected: str, actual: str, message: str, difference: str = "0", join: str = ""
) -> str:
    """A finding of a whole account ``c``."""
    mes = "coalesce((SELECT p.mes FROM mes_p p WHERE p.account = c.account AND p.last), '')"
    return (
        f"SELECT c.account, NULL, {mes}, {expected}, {actual}, {difference}, {message} FROM mes_c c"
        f" {join} WHERE {where}"
    )


def of_part(where: str, expected: str, actual: str, message: str, join: str = "") -> str:
    """A finding of a КСГ or МЭС ``p`` of an account."""
    return (
        f"SELECT c.account, NULL, p.mes, {expected}, {actual}, 0, {message} FROM mes_p p CROSS JOIN mes_c c"
        f" ON c.account = p.account {join} WHERE {where}"
    )


def of_service(
    where: str, expected: str, actual: str, message: str, difference: str = "0", join: str = ""
) -> str:
    """A finding of a service ``s``."""
    mes = "coalesce((SELECT p.mes FROM mes_p p WHERE p.account = s.account AND p.part = s.part), '')"
    return (
        f"SELECT c.account, s.id, {mes}, {expected}, {actual}, {difference}, {message} FROM mes_s s"
        f" CROSS JOIN mes_c c ON c.account = s.account {join} WHERE {where}"
    )
