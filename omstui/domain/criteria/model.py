"""What a criterion is (критерий экспертизы): data and one SQL condition over the prepared view.

A *row* criterion has ``condition``: a boolean expression over the view ``c`` of a case, or over ``s`` of a
service beside its ``c``. A *set* criterion has ``select``: a SELECT of (case id, service id or NULL, detail)
that must start from ``c`` or ``s``, so that the same text checks a registry or one case. The columns of the
views are documented in ``criteria.view``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Level = Literal["case", "service"]
#: a number, a text or a list of codes; lists reach SQL as JSON: ``IN (SELECT value FROM json_each(:name))``
Value = int | str | tuple[str, ...]

TAP, MKSB, SMP = "ТАП", "МКСБ", "СМП"
ALL = (TAP, MKSB, SMP)


@dataclass(frozen=True, slots=True)
class Param:
    """What regions set differently: ``:name`` in conditions, [criteria.params] in settings."""

    name: str
    title: str
    default: Value


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion. ``books``: without rows in each of them it is not evaluated (criteria.md §2);

    «services|V001» = in one of the two.
    """

    code: str  # NN.MMM
    group: str
    title: str
    severity: Severity
    applies: tuple[str, ...]  # of ТАП, МКСБ, СМП
    #: why it is checked and what to do, for the operator
    why: str
    #: code of 231н it foretells, without the trailing dot; "" = none
    mek: str = ""
    source: str = ""
    condition: str = ""
    select: str = ""
    level: Level = "case"
    #: field of the card it concerns: «ds_main», «patient.snils», «policy.number», «service.code»
    field: str = ""
    #: SQL text expression over c (and s): what was found and what would be right
    detail: str = "''"
    #: the detail of a row criterion is a JSON list of texts, and each of them a finding of its own
    several: bool = False
    #: what the detail begins with → the field it stands beside instead of ``field``
    places: tuple[tuple[str, str], ...] = ()
    books: tuple[str, ...] = ()
    #: on in the profile of 126 (criteria.md §1)
    default: bool = True
    #: a criterion of the region's own file
    own: bool = False
    #: reckons over whole registries: an edit of one case leaves its findings to the next run
    whole: bool = False

    @property
    def is_set(self) -> bool:
        return bool(self.select)

    def field_of(self, message: str) -> str:
        """The field that a finding with this text concerns."""
        return next((place for start, place in self.places if message.startswith(start)), self.field)
