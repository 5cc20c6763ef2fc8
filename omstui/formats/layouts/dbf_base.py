"""Field tables of DBF files (таблицы полей DBF): one line per field, for reading, writing and help.

A line reads «NAME TYPE [flags] : title | other names»:

    FAM C40 !  : фамилия
    MR  C100 ~ : место рождения
    RES N2 @answer : итог поиска | RESULT

``!`` the column must be there, ``@word`` one column of that word must be there, ``~`` free text (may be
cut and cleaned on writing, told in the report), ``sex`` М and Ж are read as 1 and 2, ``→name`` the field
of ours it fills. Values: C text, N int in units of its last decimal (15.2 = kopecks, 6.2 = hundredths),
D «YYYY-MM-DD» or None.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: names of columns other regions and programs write, by our name (tolerant reading)
ALIASES: dict[str, str] = {
    "NPP": "NREC",
    "RECID": "PID KODP ID_PAC PERSCODE",
    "IDCASE": "SL_ID SN NSCHT ID N_ZAP",
    "FAM": "FIO SURNAME",
    "IM": "IMA IMJA NAME1",
    "OT": "OTCH OTSCH NAME2",
    "DR": "DATR BIRTHDAY",
    "W": "POL SEX",
    "SNILS": "SS",
    "DOCTYPE": "DOCTP C_DOC",
    "DOCSER": "DOCS S_DOC",
    "DOCNUM": "DOCN N_DOC",
    "VPOLIS": "OPDOC SPV DOMC_TYPE",
    "SPOLIS": "SPOL SPS SER_POL SERIES",
    "NPOLIS": "NPOL SPN NUM_POL NUMBER SN_POL",
    "SMO": "RCOD KSMOF CODE_MSK ID_SMO",
    "PLAT": "RCOD KSMOF CODE_MSK ID_SMO SMO",
    "DATE_1": "DIN DATE_Z_1",
    "DATE_2": "DOUT DATE_Z_2",
    "RSMO": "RQ KSMOF CODE_MSK",
    "RVPOL": "ROPDOC",
    "RSPOL": "RSPOLIS",
    "RNPOL": "RNPOLIS",
    "RDBEG": "DATE_B DATNP",
    "RDEND": "DATE_E",
    "ROKATO": "OKATO_OMS OKATO_INS SMO_OK",
    "EERP": "REPL ERROR ER_MESSAGE",
    "S_OSN": "PV KOTK ER_COD FLAG EXPERT2 REFREASON I_TYPE",
    "S_COM": "ER_MESSAGE PRIM COMENT ERROR EERP REPL",
    "DATE_ACT": "DVOZVRAT DATE_AKT",
    "NUM_ACT": "NUM_AKT",
    "NSCHET": "NS SCHET",
    "DSCHET": "DATS",
    "MCOD": "CODE_MO",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field (поле) of a layout."""

    name: str
    type: str  # C N D L
    length: int
    decimals: int = 0
    title: str = ""
    aliases: tuple[str, ...] = ()
    required: bool = False
    group: str = ""
    free: bool = False
    sex: bool = False
    target: str = ""

    @property
    def form(self) -> str:
        """«N 15.2» as a table of documentation shows it."""
        return f"{self.type} {self.length}" + (f".{self.decimals}" if self.decimals else "")


@dataclass(frozen=True)
class Layout:
    """A kind of DBF file (структура таблицы)."""

    name: str
    title: str
    fields: tuple[Field, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.fields)

    @cached_property
    def record_length(self) -> int:
        return 1 + sum(f.length for f in self.fields)

    def row(self, **values: Any) -> tuple[Any, ...]:
        """A row for writing from named values; what is not named stays empty."""
        strange = values.keys() - set(self.names)
        if strange:
            raise KeyError(f"{self.name}: нет полей {sorted(strange)}")
        return tuple(values.get(f.name, "" if f.type == "C" else None) for f in self.fields)

    def index(self, name: str) -> int:
        return self.names.index(name)


def layout(name: str, title: str, table: str, *more: Layout) -> Layout:
    """Build a layout from its lines; the fields of ``more`` layouts stand before them."""
    earlier = [f for m in more for f in m.fields]
    return Layout(name, title, (*earlier, *_fields(table)))


def _fields(table: str) -> Iterator[Field]:
    for line in table.strip().splitlines():
        head, _, rest = line.partition(" : ")
        title, _, others = rest.partition("|")
        name, form, *flags = head.split()
        size, _, decimals = form[1:].partition(".")
        yield Field(
            name, form[0], int(size or 8), int(decimals or 0), title.strip(),
            tuple(dict.fromkeys([*others.split(), *ALIASES.get(name, "").split()])),
            required="!" in flags,
            group=next((f[1:] for f in flags if f[0] == "@"), ""),
            free="~" in flags,
            sex="sex" in flags,
            target=next((f[1:] for f in flags if f[0] == "→"), ""),
        )  # fmt: skip
