"""What the stand wrote (записанные ответы): one row per file, for the terminal and for JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from omstui.domain.money import roubles

#: stages of answers beside 1 and 2 of the regional exchange, as refusals number them
FLK, MEK, IDENT = 3, 4, 5


@dataclass(slots=True)
class Written:
    """An answer the stand wrote."""

    path: Path
    stage: int
    smo: str
    letter: str
    accounts: int  # accounts of the payer; persons of a request
    listed: int  # of them listed in the file
    total: int  # kopecks
    refused: int
    refused_total: int
    facts: int
    moved_in: int
    #: further counts of an answer: «найден 5, умер 1»
    detail: str = ""

    @property
    def line(self) -> str:
        """The line of the terminal."""
        if self.stage == IDENT:
            return f"{self.path}: пациентов {self.accounts}, {self.detail}"
        if self.stage == FLK:
            return f"{self.path}: записей {self.accounts}, ошибок ФЛК {self.facts}"
        text = (
            f"{self.path}: счетов {self.accounts} на {roubles(self.total)}, "
            f"отказано {self.refused} на {roubles(self.refused_total)}"
        )
        if self.facts:
            text += f", ФЛК {self.facts}"
        if self.moved_in:
            text += f", от другой СМО {self.moved_in}"
        return text + (f", {self.detail}" if self.detail else "")

    def row(self) -> dict[str, Any]:
        """The object of ``--json``."""
        return {
            "path": str(self.path), "stage": self.stage, "smo": self.smo, "letter": self.letter,
            "accounts": self.accounts, "listed": self.listed, "sum": roubles(self.total),
            "refused": self.refused, "refused_sum": roubles(self.refused_total),
            "facts": self.facts, "moved_in": self.moved_in,
        }  # fmt: skip
