"""Reading foreign XML safely (безопасное чтение XML): no DTD, no entities, no network.

A DOCTYPE is refused before any parser sees it, so entities cannot be declared at all; only
encodings in which the refusal can be decided from the bytes are let through. ``huge_tree`` is on
because a legitimate bill has 350 MB; the size of archives is limited in ``containers``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO, Protocol
from xml.parsers import expat

from lxml import etree

from omstui.domain.errors import FormatError

ENCODINGS = {
    "windows-1251": "windows-1251",
    "cp1251": "windows-1251",
    "cp-1251": "windows-1251",
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "utf-8",
    "ascii": "utf-8",
}
_PROLOG = 1 << 16
_ROOT = re.compile(rb"<[A-Za-z_:\x80-\xff]")
_DECLARED = re.compile(rb"^<\?xml[^>]*?\sencoding\s*=\s*[\"']([^\"'>]*)[\"']")
_BOM = b"\xef\xbb\xbf"
_COMMENT = re.compile(rb"<!--.*?-->|<\?.*?\?>", re.DOTALL)
_UNTAGGED = "XML не содержит ни одного элемента"

#: what the parsers say → what the operator reads
_REASONS = (
    ("no element found", "файл обрывается"),
    ("unclosed token", "файл обрывается внутри тега"),
    ("premature end", "файл обрывается"),
    ("invalid token", "недопустимый знак"),
    ("mismatch", "теги не парные"),
    ("duplicate attribute", "атрибут повторён"),
    ("redefined", "атрибут повторён"),
    ("junk after", "лишние данные после конца документа"),
    ("extra content", "лишние данные после конца документа"),
    ("undefined entity", "неизвестная ссылка вида &…;"),
    ("not defined", "неизвестная ссылка вида &…;"),
    ("entityref", "неизвестная ссылка вида &…;"),
    ("encod", "знаки не в той кодировке, что объявлена"),
    ("utf-8", "знаки не в той кодировке, что объявлена"),
    ("char", "недопустимый знак"),
    ("depth", "слишком глубокая вложенность"),
    ("expected", "запись тега не по правилам XML"),
    ("start tag", "запись тега не по правилам XML"),
    ("not well-formed", "запись не по правилам XML"),
)


class Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def damaged(name: str, reason: str, line: int = 0, column: int = 0) -> FormatError:
    """The sentence for a broken XML, naming file and place."""
    place = f", строка {line}, знак {column + 1}" if line else ""
    return FormatError(
        f"Файл «{name}» не разобран{place}: {reason}.",
        title="Файл повреждён",
        hint="Попросите прислать его заново.",
    )


def russian_reason(message: str) -> str:
    """Translate a parser's message: its English would tell an operator nothing."""
    lowered = message.lower()
    return next((text for key, text in _REASONS if key in lowered), "запись не по правилам XML")


def check_prolog(head: bytes, name: str) -> str:
    """Return the encoding declared in the first bytes of a document; refuse what is not safe.

    ``head`` is the first 64 KiB (less if the file is shorter).
    """
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head[:8]:
        raise damaged(name, "кодировка UTF-16 не принимается, нужна windows-1251 или UTF-8")
    body = head.removeprefix(_BOM)
    found = _DECLARED.match(body)
    declared = found[1].decode("ascii", "replace").strip().lower() if found else "utf-8"
    if declared not in ENCODINGS:
        raise damaged(name, f"кодировка «{declared}» не принимается, нужна windows-1251 или UTF-8")
    # a comment may hold any letters, also «<!DOCTYPE» or something like a tag
    plain = _COMMENT.sub(b"", body)
    root = _ROOT.search(plain)
    if b"<!" in (plain[: root.start()] if root else plain):
        raise FormatError(
            f"Файл «{name}» содержит DOCTYPE или объявления сущностей, такой файл не принимается.",
            title="Небезопасный файл",
            hint="Файлы обмена их не содержат: проверьте, от кого файл.",
        )
    if root is None:
        raise damaged(name, _UNTAGGED)
    return ENCODINGS[declared]


class Guarded:
    """A stream whose prolog was checked on opening; ``encoding`` tells what it declares."""

    def __init__(self, stream: Readable, name: str) -> None:
        self._stream = stream
        head = b""
        while len(head) < _PROLOG and (piece := stream.read(_PROLOG - len(head))):
            head += piece
        self.encoding = check_prolog(head, name)
        self._head = head

    def read(self, size: int = -1, /) -> bytes:
        if not self._head:
            return self._stream.read(size)
        if size < 0:
            data, self._head = self._head + self._stream.read(), b""
            return data
        data, self._head = self._head[:size], self._head[size:]
        return data


def iterparse(
    stream: BinaryIO | Readable,
    name: str,
    *,
    tag: str | Sequence[str] | None = None,
    events: Sequence[str] = ("end",),
    encoding: str | None = None,
) -> Iterator[tuple[str, Any]]:
    """lxml's iterparse over a checked stream; a broken document raises FormatError with its line.

    ``encoding``: that of the bytes, whatever the document declares. The caller clears the elements it has
    done with.
    """
    source = Guarded(stream, name)
    try:
        yield from etree.iterparse(
            source,
            events=tuple(events),
            tag=tag,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=True,
            remove_comments=True,
            remove_pis=True,
            encoding=encoding,
        )
    except etree.XMLSyntaxError as error:
        line, column = error.position or (0, 1)
        raise damaged(name, russian_reason(error.msg or ""), line, column - 1) from None


def expat_parser(name: str, encoding: str | None = None) -> expat.XMLParserType:
    """An expat parser that refuses DTDs (second line of defence behind ``Guarded``)."""
    parser = expat.ParserCreate(encoding)
    parser.buffer_text = True

    def doctype(*_: object) -> None:
        raise FormatError(f"Файл «{name}» содержит DOCTYPE, такой файл не принимается.")

    parser.StartDoctypeDeclHandler = doctype
    return parser


def expat_failure(name: str, error: expat.ExpatError) -> FormatError:
    """The sentence for an error of expat."""
    return damaged(
        name, russian_reason(expat.errors.messages.get(error.code, "")), error.lineno, error.offset
    )
