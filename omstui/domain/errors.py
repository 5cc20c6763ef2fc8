"""Errors an operator can mend (ошибки, понятные оператору)."""

from __future__ import annotations

from collections.abc import Sequence


class OmsError(Exception):
    """A refusal in one Russian sentence: what, where, why, what to do next.

    ``msg`` is the sentence; ``title`` heads the dialog; ``hint`` is the next step (may be empty);
    ``details`` are further lines (a list of unknown keys and the like), shown under the sentence.
    """

    #: exit code of the command line (product.md §8): 1 = refused and nothing changed
    exit_code = 1

    def __init__(
        self, msg: str, *, title: str = "Отказ", hint: str = "", details: Sequence[str] = ()
    ) -> None:
        super().__init__(msg)
        self.msg = msg
        self.title = title
        self.hint = hint
        self.details = tuple(details)

    def __str__(self) -> str:
        return f"{self.msg} {self.hint}".strip()


class UsageError(OmsError):
    """Wrong option or wrong settings (exit code 2)."""

    exit_code = 2


class FormatError(OmsError):
    """A file that cannot be read: damaged, foreign, hostile. Names the file and the place."""


class BusyError(OmsError):
    """Somebody else is working: «занято: кто, что, с какого времени»."""


class NeedsConfirmation(OmsError):
    """A question the screen asks and ``--yes`` answers; raised before anything is written."""

    def __init__(self, question: str, *, details: Sequence[str] = ()) -> None:
        super().__init__(question, title="Подтверждение", details=details)
