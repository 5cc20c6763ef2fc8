"""Key of a case (ключ случая) and what tells two cases of one key apart, product.md §6. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: what tells twins apart, with its weight when no twin fits exactly
_WEIGHTS = (8, 4, 2, 1)


def case_key(family: str, usl_ok: str, mo: str, nhistory: str, date_in: str) -> str:
    """«H3|760001|S0000000123|2021-04-05»; family is D for examinations and H for H, C and T."""
    return f"{family}{usl_ok}|{mo}|{nhistory}|{date_in}"


def twin_mark(case: Mapping[str, Any], own: str = "") -> str:
    """«SL_ID|DATE_Z_2|profile|doctor»: tells apart cases of one key; ``own`` stands for SL_ID."""
    sl = ((case.get("extra") or {}).get("fed") or {}).get("sl") or {}
    parts = (own or sl.get("SL_ID"), case.get("date_out"), case.get("profile"), case.get("doctor"))
    return "|".join(str(p or "").replace("|", "/") for p in parts)


@dataclass(frozen=True, slots=True)
class Known:
    """A stored case of the key."""

    id: int
    dup: int
    twin: str


@dataclass(frozen=True, slots=True)
class Came:
    """A case of the key as the file gives it."""

    seq: int
    twin: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """What becomes of a case of the file: an update (case_id), a new one (dup) or a refusal."""

    seq: int
    case_id: int | None = None
    dup: int = 0
    reason: str = ""


def pair_twins(came: Sequence[Came], known: Sequence[Known]) -> list[Pairing]:
    """Pair the cases of one key in a file with the stored ones.

    Equal marks go first, then the best likeness of marks; whoever is left is new. The outcome does
    not depend on the order of the records in the file, so a reload gives the same numbers.
    """
    done: list[Pairing] = []
    waiting: list[Came] = []
    marks: set[str] = set()
    for record in sorted(came, key=lambda c: (c.twin, c.seq)):
        if record.twin in marks:
            done.append(Pairing(record.seq, reason=_REPEATED))
        else:
            marks.add(record.twin)
            waiting.append(record)
    free = sorted(known, key=lambda k: k.dup)
    waiting, free = _exact(waiting, free, done)
    waiting, free = _alike(waiting, free, done)
    if len(waiting) == 1 and len(free) == 1 and len(came) == len(known) == 1:
        done.append(Pairing(waiting[0].seq, free[0].id))
        return done
    first = max((k.dup for k in known), default=-1) + 1
    done.extend(Pairing(r.seq, dup=n) for n, r in enumerate(waiting, first))
    return done


_REPEATED = "такой случай в этом файле уже есть: совпадают ключ, SL_ID, дата окончания, профиль и врач."


def _exact(waiting: list[Came], free: list[Known], done: list[Pairing]) -> tuple[list[Came], list[Known]]:
    left: list[Came] = []
    for record in waiting:
        match = next((k for k in free if k.twin == record.twin), None)
        if match is None:
            left.append(record)
        else:
            free = [k for k in free if k is not match]
            done.append(Pairing(record.seq, match.id))
    return left, free


def _alike(waiting: list[Came], free: list[Known], done: list[Pairing]) -> tuple[list[Came], list[Known]]:
    while waiting and free:
        score, record, match = max(
            ((likeness(r.twin, k.twin), r, k) for r in waiting for k in free),
            key=lambda found: (found[0], -found[2].dup),
        )
        if score == 0:
            break
        done.append(Pairing(record.seq, match.id))
        waiting = [r for r in waiting if r is not record]
        free = [k for k in free if k is not match]
    return waiting, free


def likeness(one: str, other: str) -> int:
    """How much two marks have in common; 0 = nothing. Empty parts say nothing."""
    pairs = zip(_WEIGHTS, one.split("|"), other.split("|"), strict=False)
    return sum(weight for weight, a, b in pairs if a and a == b)
