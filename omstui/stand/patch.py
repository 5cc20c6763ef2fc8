"""Adding elements to the bytes of a patient as sent (вставка решений): nothing else changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from omstui.formats.bill import Node
from omstui.stand.elements import Added

_HIDDEN = re.compile(rb"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ACCOUNT = re.compile(rb"<personal_account[\s/>]")
_ACCOUNT_END = re.compile(rb"</personal_account\s*>")
_SERVICE_END = re.compile(rb"</manipulation\s*>")
_SUM_END = re.compile(rb"</sum\s*>")
_QUOTED = {'"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}


def patch(raw: bytes, added: Sequence[Added], person: Node | None, encoding: str) -> bytes:
    """Put ``added`` (one per account, in order) and ``person`` at the end of the patient.

    «<» cannot stand in an attribute and bill.xml has no text, so places of tags are found in the
    bytes once comments are masked.
    """
    seen = raw
    if b"<!" in raw or b"<?" in raw:
        seen = _HIDDEN.sub(lambda found: b" " * len(found[0]), raw)
    starts = [found.start() for found in _ACCOUNT.finditer(seen)]
    ends = [found.start() for found in _ACCOUNT_END.finditer(seen)]
    pieces: list[bytes] = []
    at = 0
    for start, end, what in zip(starts, ends, added, strict=True):
        if what.tariffs is not None:
            place = _after_sum(seen, start, end)
            if place:
                indent = _indent(seen, seen.rindex(b"</sum", start, place))
                pieces += (raw[at:place], _line(what.tariffs, indent, encoding, before=True))
                at = place
        at = _before(raw, seen, at, end, what.smo, encoding, pieces)
    if person is not None:
        at = _before(raw, seen, at, seen.rindex(b"</patient"), person, encoding, pieces)
    pieces.append(raw[at:])
    return b"".join(pieces)


def _before(
    raw: bytes, seen: bytes, at: int, end: int, node: Node, encoding: str, pieces: list[bytes]
) -> int:
    """Write ``node`` as the last child of the element whose closing tag stands at ``end``."""
    indent = _indent(seen, end)
    place = end - len(indent or b"")
    pieces += (raw[at:place], _line(node, None if indent is None else indent + b"    ", encoding))
    return place


def _after_sum(seen: bytes, start: int, end: int) -> int:
    """Where the sums of the first service end, 0 when it has none."""
    service = _SERVICE_END.search(seen, start, end)
    found = _SUM_END.search(seen, start, service.start()) if service else None
    return found.end() if found else 0


def _indent(seen: bytes, place: int) -> bytes | None:
    """Blanks before a tag that begins its line, None when the file is not laid out in lines."""
    begin = seen.rfind(b"\n", 0, place) + 1
    blanks = seen[begin:place]
    return blanks if begin and not blanks.strip(b" \t") else None


def _line(node: Node, indent: bytes | None, encoding: str, *, before: bool = False) -> bytes:
    """Text of an element; ``before`` puts the line end in front instead of behind."""
    if indent is None:
        return render(node, encoding)
    text = render(node, encoding, indent.decode("ascii"))
    return b"\r\n" + text.removesuffix(b"\r\n") if before else text


def render(node: Node, encoding: str, indent: str | None = None) -> bytes:
    """An element with its children, laid out like the rest of the file."""
    out: list[str] = []
    _render(node, indent, out)
    return "".join(out).encode(encoding, "xmlcharrefreplace")


def _render(node: Node, indent: str | None, out: list[str]) -> None:
    lead, tail = ("", "") if indent is None else (indent, "\r\n")
    attrs = "".join(f' {name}="{escape(value, _QUOTED)}"' for name, value in node.attrs.items())
    if not node.children:
        out.append(f"{lead}<{node.tag}{attrs}/>{tail}")
        return
    out.append(f"{lead}<{node.tag}{attrs}>{tail}")
    for child in node.children:
        _render(child, None if indent is None else indent + "    ", out)
    out.append(f"{lead}</{node.tag}>{tail}")
