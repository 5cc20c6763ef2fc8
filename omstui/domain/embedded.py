"""Reference books that ship with the program (вшитые справочники): loaded into a fresh or upgraded database.

What the operator loaded from a file is never touched.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from omstui.domain.store import books
from omstui.domain.store.books import CATALOGUE, Loaded
from omstui.formats import nsipackage
from omstui.resources import data_dir

_CATALOGUE_FILE = "catalog.tsv"


def load_embedded() -> list[str]:
    """Put the embedded books into the bound database; returns their codes. Inside ``db.write()``."""
    folder = data_dir() / "nsi"
    editions = tomllib.loads((folder / "books.toml").read_text(encoding="utf-8"))
    own = books.loaded_from_files()
    done: list[str] = []
    with books.staging():
        for slot, path in enumerate(_files(folder)):
            code, fill_only = _load(slot, path, editions, own)
            if code and not fill_only:
                done.append(code)
    return done


def _files(folder: Path) -> list[Path]:
    """Official texts first: the others only fill what they lack."""
    return sorted(folder.glob("*.tsv"), key=lambda path: (path.stem.endswith("_addendum"), path.name))


def _load(slot: int, path: Path, editions: dict[str, Any], own: set[str]) -> tuple[str, bool]:
    with nsipackage.opened(path) as source:
        wanted = CATALOGUE if path.name == _CATALOGUE_FILE else ""
        package = nsipackage.find_classifier(source, wanted)
        assert package is not None, path
        code = package.book.code
        if code in own:
            return "", False
        books.stage_nsi(slot, package.rows())
    known = editions.get(code, {})
    # the only text of its book is put whole, even an unofficial one
    fill_only = package.unofficial and known.get("official", True)
    loaded = Loaded(
        known.get("edition", ""),
        str(known.get("date", "")),
        file_name="",
        official=known.get("official", True),
    )
    books.apply_nsi(code, slot, loaded, fill_only=fill_only)
    return code, fill_only
