"""What a screen may ask of the program (службы экрана): the least the common parts need."""

from __future__ import annotations

from typing import Protocol


class Services(Protocol):
    """Given to the application by its wiring; screens see their own, wider protocol of it."""

    @property
    def mo_title(self) -> str:
        """Short name and code of the МО, for the first line."""
        ...

    @property
    def operator_title(self) -> str:
        """Operator and departments, for the right end of the first line."""
        ...

    @property
    def period(self) -> str:
        """Report month being worked on, 'YYYY-MM'."""
        ...

    @property
    def running_title(self) -> str:
        """Title of the operation that runs now, "" if none: quitting then asks."""
        ...
