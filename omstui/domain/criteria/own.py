"""Criteria of the region's own (свои критерии): from the settings, checked before they are used."""

from __future__ import annotations

import re

from omstui.domain.criteria.model import ALL, Criterion
from omstui.domain.errors import UsageError
from omstui.domain.mek import titles as mek_titles
from omstui.settings import OwnCriterion

#: groups of the program are 01–20, forming 90 and 91; the rest of the nineties is the region's
_CODE = re.compile(r"9[5-9]\.\d{3}")


def criterion(own: OwnCriterion) -> Criterion:
    """A criterion of what the settings say; UsageError names the criterion and the wrong key."""
    where = f"Свой критерий «{own.code or own.title}»"
    if not _CODE.fullmatch(own.code):
        raise UsageError(f"{where}: код должен быть от 95.001 до 99.999.")
    if not own.title.strip():
        raise UsageError(f"{where}: не указано название (title).")
    if own.severity not in ("error", "warning"):
        raise UsageError(f"{where}: severity — error или warning, а не «{own.severity}».")
    if own.level not in ("case", "service"):
        raise UsageError(f"{where}: level — case или service, а не «{own.level}».")
    unknown = set(own.applies) - set(ALL)
    if unknown or not own.applies:
        raise UsageError(f"{where}: applies — из списка {', '.join(ALL)}.")
    if not own.condition.strip():
        raise UsageError(f"{where}: не указано условие (condition).")
    # orders print a dot behind the number, answers are compared without it
    mek = own.mek.strip().rstrip(".")
    if mek and f"{mek}." not in mek_titles():
        raise UsageError(
            f"{where}: кода «{own.mek}» нет среди причин отказа МЭК (mek), нужен, например, 1.4.4."
        )
    return Criterion(
        own.code,
        "own",
        own.title,
        own.severity,  # type: ignore[arg-type]
        tuple(own.applies),
        own.why or own.title,
        mek=mek,
        source="критерий организации",
        condition=own.condition,
        level=own.level,  # type: ignore[arg-type]
        field=own.field,
        own=True,
    )


def criteria(own: tuple[OwnCriterion, ...]) -> tuple[Criterion, ...]:
    """All of them; UsageError when two share a code."""
    made = tuple(criterion(item) for item in own)
    codes = [c.code for c in made]
    for code in codes:
        if codes.count(code) > 1:
            raise UsageError(f"Свой критерий «{code}» описан дважды.")
    return made
