"""Which reference book a file is (узнавание справочника): mnemonic → name of the file → set of fields."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from omstui.domain.bookspecs import CLASSIFIERS, LOADABLE, Classifier, LocalBook
from omstui.domain.classifiers import ALIASES

#: tags too common to tell a book by
_COMMON = frozenset({"CODE", "NAME", "ID", "KOD", "DATEBEG", "DATEEND"})
#: marks of names of files that are no official text (nsi.md, «Прочее»)
_UNOFFICIAL = ("ADDENDUM", "INFERRED", "SAMPLE", "TYPE_D")
_VERSION = re.compile(r"[ _-]v?(\d+(?:\.\d+)+|\d{1,2})(?=$|[ _-])", re.IGNORECASE)
_BY_NAME = {code.upper(): code for code in sorted(CLASSIFIERS, key=len, reverse=True)}
_MNEMONICS: dict[str, list[str]] = {}
for _book in CLASSIFIERS.values():
    for _word in {_book.mnemonic.upper(), _book.code.upper()} - {""}:
        _MNEMONICS.setdefault(_word, []).append(_book.code)
#: names of columns nobody needs of books that have no such column
NAMES_OF_NAME = frozenset({"name", "наименование", "название", "naim"})


@dataclass(frozen=True, slots=True)
class FileName:
    """What the name of a file says: «V009_3.6_XML.zip»."""

    code: str = ""
    version: str = ""
    unofficial: bool = False


def parse_name(name: str) -> FileName:
    """Read code, version and the mark of an unofficial text from the name of a file."""
    stem = re.sub(r"(\.[A-Za-z]\w{1,4})+$", "", name).upper()
    for known, code in _BY_NAME.items():
        if stem == known:
            return FileName(code)
        if stem.startswith(known) and not stem[len(known)].isalnum():
            rest = stem[len(known) :]
            unofficial = any(mark in rest for mark in _UNOFFICIAL)
            version = _VERSION.search(rest)
            return FileName(code, version[1] if version and not unofficial else "", unofficial)
    return FileName()


def by_mnemonic(mnemonic: str, fields: Collection[str]) -> str:
    """Code of the book a ``zglv/type`` names; '' when it is unknown or its fields are not there."""
    found = _MNEMONICS.get(mnemonic.strip().upper(), [])
    fitting = [code for code in found if has_key(CLASSIFIERS[code], fields)]
    return fitting[0] if len(fitting) == 1 else ""


def by_fields(fields: Collection[str]) -> list[str]:
    """Codes of classifiers these tags fit best; several when they cannot be told apart."""
    scored: list[tuple[int, int, str]] = []
    for book in CLASSIFIERS.values():
        wanted = [tag for tag in (book.key, book.name, *book.attributes) if tag]
        there = [tag for tag in wanted if tag_of(tag, fields)]
        needed = [tag for tag in (book.key, book.name) if tag]
        telling = [tag for tag in there if tag_of(tag, fields) not in _COMMON]
        if len(there) < 2 or not set(needed) <= set(there):
            continue
        if not telling or (len(telling) == 1 and telling[0] != book.key and len(there) < len(wanted)):
            continue
        scored.append((len(there), len(there) - len(wanted), book.code))
    if not scored:
        return []
    best = max(s[:2] for s in scored)
    codes = [code for there, missing, code in scored if (there, missing) == best]
    plain = [code for code in codes if len(code) == 4]  # F014 before F014_2021
    return plain if len(plain) == 1 else codes


def has_key(book: Classifier, fields: Collection[str]) -> bool:
    """Whether the tags of a file hold the key of the book."""
    return bool(tag_of(book.key, fields))


def tag_of(tag: str, fields: Collection[str]) -> str:
    """Name under which the (upper case) fields carry a tag: its own, another known one, cut to ten by DBF."""
    tag = tag.upper()
    for name in (tag, *ALIASES.get(tag, ()), tag[:10]):
        if name in fields:
            return name
    return ""


# --- local books -------------------------------------------------------------------------------


def fold(title: str) -> str:
    """A name of a column for comparing: case, Ё and spaces do not matter."""
    return " ".join(title.casefold().replace("ё", "е").replace("_", " ").split())


def match_columns(book: LocalBook, header: Iterable[str]) -> dict[str, str]:
    """Name of a column of the file → name of ours, for those that say it themselves."""
    names: dict[str, str] = {}
    for column in book.columns:  # own names first: «код» of one is an other name of the next
        names.setdefault(fold(column.name), column.name)
        names.setdefault(fold(column.title), column.name)
    for column in book.columns:
        for other in column.names:
            names.setdefault(fold(other), column.name)
    found: dict[str, str] = {}
    for title in header:
        ours = names.get(fold(title))
        if ours and ours not in found.values():
            found[title] = ours
        elif fold(title) in NAMES_OF_NAME and title:
            found[title] = ""  # the book keeps no names
    return found


def local_by_header(header: Collection[str], file_name: str) -> list[str]:
    """Codes of local books a header fits; several when the operator must say which.

    Of those that fit the one the file is named after wins, then the only one all of whose columns are there.
    """
    titles = [t for t in header if t]
    folded = {fold(t) for t in titles}
    fitting: list[str] = []
    complete: list[str] = []
    for book in LOADABLE.values():
        found = match_columns(book, titles)
        ours = set(found.values()) - {""}
        if len(found) < len(titles) or any(c.required and c.name not in ours for c in book.columns):
            continue
        fitting.append(book.code)
        # «код» stands for many things: a guess needs the columns' own names
        own = all(folded & {fold(c.name), fold(c.title)} for c in book.columns)
        if own and "" not in found.values():
            complete.append(book.code)
    named = local_by_name(file_name)
    if named in fitting:
        return [named]
    return complete if len(complete) == 1 else fitting


def local_by_name(file_name: str) -> str:
    """Code of the local book the name of a file speaks of: «tariffs.csv», «Тарифы на 2021.xlsx»; else ''."""
    stem = fold(re.sub(r"\.\w+$", "", file_name))
    for book in sorted(LOADABLE.values(), key=lambda b: -len(b.code)):
        for word in (book.code, book.table, book.title):
            if stem.startswith(fold(word)):
                return book.code
    return ""
