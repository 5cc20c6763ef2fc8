"""Blocks of a synthetic case (составные элементы): services, КСГ, oncology."""

from __future__ import annotations

from datetime import date
from typing import Any

from omstui.demo import catalogue as book
from omstui.demo.people import Person
from omstui.domain.money import quantity_text, roubles

Tree = dict[str, Any]


def det(person: Person) -> str:
    """DET: 1 for a child."""
    return "1" if date(2021, 4, 1).toordinal() - person.birth.toordinal() < 18 * 365.25 else "0"


def usl(
    n: int, code: str, begin: date, end: date, profile: str, specialty: str, who: str,
    department: str, dx: str, person: Person, quantity: int = 100, price: int = -1,
) -> Tree:  # fmt: skip
    """A USL priced by the book; ``_sum`` (kopecks) is for the sums above and is dropped on writing."""
    price = book.BOOK[code].price if price < 0 else price
    total = price * quantity // 100
    return Service(
        {
            "IDSERV": str(n),
            "LPU": book.CODE_MO,
            "PODR": department,
            "PROFIL": profile,
            "DET": det(person),
            "DATE_IN": begin.isoformat(),
            "DATE_OUT": end.isoformat(),
            "DS": dx,
            "CODE_USL": code,
            "KOL_USL": quantity_text(quantity),
            "TARIF": roubles(price),
            "SUMV_USL": roubles(total),
            "PRVS": specialty,
            "CODE_MD": who,
        },
        total,
    )


class Service(dict[str, Any]):
    """USL that remembers its sum in kopecks under «_sum» without carrying it as an element."""

    def __init__(self, elements: Tree, total: int) -> None:
        super().__init__(elements)
        self._total = total

    def __missing__(self, key: str) -> int:
        if key != "_sum":
            raise KeyError(key)
        return self._total


def ksg(group: book.Group, year: int) -> Tree:
    """KSG_KPG of a group."""
    tree: Tree = {
        "N_KSG": group.code,
        "VER_KSG": str(year),
        "KSG_PG": "0",
        "KOEF_Z": group.coefficient,
        "KOEF_UP": "1",
        "BZTSZ": str(book.BASE_RATE),
        "KOEF_D": "1",
        "KOEF_U": str(book.LEVEL_RATE),
        "SL_K": "1" if group.kslp else "0",
    }
    if group.kslp:
        tree |= {"IT_SL": group.kslp, "SL_KOEF": [{"IDSL": "1", "Z_SL": group.kslp}]}
    if group is book.CHEMO:
        tree["CRIT"] = ["sh0001"]
    return tree


def consilium(day: date) -> Tree:
    return {"PR_CONS": "2", "DT_CONS": day.isoformat()}


def direction(day: date) -> Tree:
    return {
        "NAPR_DATE": day.isoformat(), "NAPR_V": "3", "MET_ISSL": "3", "NAPR_USL": "A06.20.004",
    }  # fmt: skip


def chemotherapy(begin: date, end: date) -> Tree:
    """ONK_SL of a course of medicines."""
    return {
        "DS1_T": "0", "STAD": "49", "ONK_T": "182", "ONK_N": "99", "ONK_M": "56",
        "WEI": "71.5", "HEI": "168", "BSA": "1.8",
        "B_DIAG": [
            {"DIAG_DATE": begin.isoformat(), "DIAG_TIP": "1", "DIAG_CODE": "1", "DIAG_RSLT": "1",
             "REC_RSLT": "1"},
        ],
        "B_PROT": [{"PROT": "0", "D_PROT": begin.isoformat()}],
        "ONK_USL": [
            {
                "USL_TIP": "2", "LEK_TIP_L": "1", "LEK_TIP_V": "1",
                "LEK_PR": [
                    {"REGNUM": "000764", "CODE_SH": "sh0001",
                     "DATE_INJ": [begin.isoformat(), end.isoformat()]},
                ],
            }
        ],
    }  # fmt: skip
