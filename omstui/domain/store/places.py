"""Where an operator saved files of a kind last time (папки сохранения)."""

from __future__ import annotations

from omstui.domain.store import db
from omstui.domain.store.tables import SavedPlace


def folder(who: str, kind: str) -> str:
    """The folder used last, "" if none."""
    row = SavedPlace.get_or_none(SavedPlace.who == who, SavedPlace.kind == kind)
    return str(row.folder) if row is not None else ""


def keep(who: str, kind: str, path: str) -> None:
    """Remember the folder for the next time."""
    with db.write():
        SavedPlace.replace(who=who, kind=kind, folder=path).execute()
