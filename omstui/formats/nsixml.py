"""XML packages of reference books (пакеты XML справочников), layouts A–D of nsi.md §2.1, streamed.

A: ``packet/zglv+zap``; B: records under any tag with nested blocks; C: fields as attributes; D: records one
level deeper (``entries/entry``). Names of tags are compared without case: here they are upper case already.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from omstui.domain.errors import FormatError
from omstui.formats.xmlsafe import Readable, iterparse

Fields = dict[str, str]

#: children of the root that hold the records instead of being one
_HOLDERS = frozenset({"ENTRIES", "RECORDS", "ROWS"})
#: blocks of one repeated element whose values belong to the block itself
_LISTS = frozenset({"TYPE_MD"})
#: a record is small; what grows without end is no reference book
MAX_FIELDS = 2000
MAX_VALUE = 1 << 16


class XmlBook:
    """An open package: ``head`` (of zglv) is filled by the time the first record comes."""

    def __init__(self, stream: Readable, name: str) -> None:
        self.head: Fields = {}
        self._name = name
        self._events = iterparse(stream, name, events=("start", "end"), encoding="utf-8")

    def records(self) -> Iterator[tuple[int, Fields]]:
        """Yield (line of the file, tag → text)."""
        depth, level = 0, 2
        for event, element in self._events:
            if event == "start":
                # before anything is read of it: lxml walks attributes in quadratic time
                if len(element.attrib) > MAX_FIELDS:
                    raise self._endless(element, f"атрибутов больше {MAX_FIELDS}")
                depth += 1
                if depth == 1:
                    self._add_head(_own(element))
                elif depth == 2:
                    level = 3 if _tag(element) in _HOLDERS else 2
                continue
            if depth == level or (depth == 2 and level == 3):
                yield from self._ended(element, is_record=depth == level)
            depth -= 1

    def _ended(self, element: Any, *, is_record: bool) -> Iterator[tuple[int, Fields]]:
        tag = _tag(element)
        if tag == "ZGLV":
            self._add_head(flat(element))
        elif is_record:
            if len(element) or element.attrib:
                fields = flat(element)
                if any(len(value) > 2 * MAX_VALUE for value in fields.values()):
                    raise self._endless(element, f"в поле больше {MAX_VALUE} знаков")
                yield element.sourceline or 0, fields
            else:  # <version>3.1</version> beside the records
                self._add_head({tag: _text(element)})
        element.clear()
        parent = element.getparent()
        while parent is not None and element.getprevious() is not None:
            del parent[0]

    def _endless(self, element: Any, what: str) -> FormatError:
        return FormatError(
            f"{self._name}, строка {element.sourceline or 0}: {what}, таких справочников не бывает.",
            title="Справочник не прочитан",
            hint="Проверьте, тот ли файл выбран.",
        )

    def _add_head(self, fields: Fields) -> None:
        for name, value in fields.items():
            if len(self.head) < MAX_FIELDS:
                self.head.setdefault(name, value)


def flat(element: Any) -> Fields:
    """Fields of a record: attributes, leaves at any depth; repeated ones are joined with a comma."""
    found: Fields = _own(element)
    _collect(element, found)
    return found


def _collect(element: Any, found: Fields) -> None:
    for child in element:
        tag = _tag(child)
        if not tag:
            continue
        for name, value in _own(child).items():
            _put(found, name, value)
        if not len(child):
            _put(found, tag, _text(child))
        elif tag in _LISTS:
            _put(found, tag, ",".join(filter(None, map(_text, child))))
        else:
            _collect(child, found)


def _put(found: Fields, name: str, value: str) -> None:
    if found.get(name):
        if value and len(found[name]) < MAX_VALUE:
            found[name] += "," + value
    elif len(found) < MAX_FIELDS:
        found[name] = value


def _own(element: Any) -> Fields:
    """Attributes; those of a namespace are not data."""
    return {k.upper(): v.strip() for k, v in element.attrib.items() if not k.startswith("{")}


def _tag(element: Any) -> str:
    name = element.tag
    if not isinstance(name, str):
        return ""
    return name.rpartition("}")[2].upper()


def _text(element: Any) -> str:
    return (element.text or "").strip()
