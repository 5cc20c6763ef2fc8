"""The 7 cut out of a 3X (вырезка счетов одной СМО): a stream filter over bill.xml as it was sent.

Patient elements that stay are copied byte for byte; the heading gets the insurer's ОГРН and the sums of
what stays. Nothing is rebuilt from the database, so a later edit of a case cannot leak in
(yaroslavl.md R25, R26).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from omstui.domain.errors import FormatError
from omstui.domain.money import kopecks, roubles
from omstui.formats.bill import BillReader, BillWriter, Header, Node, Writable, keep_accounts
from omstui.formats.xmlsafe import Readable

_SKIP = 1 << 20
#: containers of account_sum whose sums follow the accounts; per-capita figures (account_elem_f) do not
_BY_ACCOUNT = ("account_elem_t", "account_elem_s")

Opener = Callable[[], AbstractContextManager[Readable]]


@dataclass(frozen=True, slots=True)
class Piece:
    """A patient element of the source: where it stands and which of its accounts stay.

    ``drop`` False: the element is copied whole.
    """

    offset: int
    length: int
    keep: tuple[str, ...]
    drop: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """Heading of the package as sent and the encoding of its bytes."""

    header: Header
    encoding: str
    #: more than one kind of calculation: the sums of the heading need the accounts themselves
    mixed: bool


def read_source(opener: Opener, name: str) -> Source:
    """Read the heading of bill.xml."""
    with opener() as stream:
        reader = BillReader(stream, name)
        elements = [e for tag in _BY_ACCOUNT for e in reader.header.account_sum.all(f"{tag}/account_elem")]
        kinds = {e.get("type_acc") for e in elements}
        second = any(_kopecks(e.get("amountl")) for e in elements)
        return Source(reader.header, reader.encoding, len(kinds) > 1 or second)


def _kopecks(text: str) -> int:
    try:
        return kopecks(text) if text else 0
    except ValueError:
        return 0


def cut(
    opener: Opener,
    name: str,
    pieces: Iterable[Piece],
    target: Writable,
    *,
    source: Source,
    ogrn_smo: str,
    total: int,
    keys: frozenset[str] | None = None,
) -> Iterator[Piece]:
    """Write the cut file; yields each piece after it was copied, for progress.

    ``pieces`` in the order of their offsets; ``total`` in kopecks is the sum of the accounts that stay.
    ``keys`` (all keys that stay) is needed when ``source.mixed``: then the file is read once more first.
    """
    sums = _sums_by_type(opener, name, keys or frozenset()) if source.mixed else None
    heading = {**source.header.bill, "ogrn_smo": ogrn_smo}
    writer = BillWriter(
        target, source.header.body, heading, _account_sum(source.header.account_sum, total, sums)
    )
    with opener() as stream:
        at = 0
        for piece in pieces:
            _skip(stream, piece.offset - at, name)
            data = _take(stream, piece.length, name)
            at = piece.offset + piece.length
            _check(data, piece, name)
            if piece.drop:
                data = keep_accounts(data, piece.keep, source.encoding)
            try:
                writer.raw(data, source.encoding)
            except UnicodeError:
                raise FormatError(
                    f"Счёт {piece.keep[0]} из файла {name} не записать в windows-1251:"
                    " в нём есть знак, которого нет в этой кодировке.",
                    hint="Счёт прислан в другой кодировке; обратитесь к тому, кто его выгружал.",
                ) from None
            yield piece
    writer.close()


def _account_sum(old: Node, total: int, sums: dict[str, tuple[int, int]] | None) -> Node:
    """The totals of the heading with the amounts of what stays."""
    groups = []
    for group in old.children:
        if group.tag not in _BY_ACCOUNT:
            groups.append(group)
            continue
        elements = []
        for element in group.children:
            attrs = dict(element.attrs)
            first, second = (0, total) if sums is None else sums.get(attrs.get("type_acc", ""), (0, 0))
            attrs["amount"] = roubles(second)
            if "amountl" in attrs:
                attrs["amountl"] = roubles(first)
            elements.append(Node(element.tag, attrs, element.children))
        groups.append(Node(group.tag, group.attrs, elements))
    return Node("account_sum", old.attrs, groups)


def _sums_by_type(opener: Opener, name: str, keys: frozenset[str]) -> dict[str, tuple[int, int]]:
    """type_acc → (suml, sum) over the accounts that stay."""
    found: dict[str, tuple[int, int]] = {}
    with opener() as stream:
        for item in BillReader(stream, name).patients():
            for account in item.node.accounts():
                if account.get("xkey") not in keys:
                    continue
                for element in account.all("sum/elem"):
                    kind = element.get("type_acc")
                    first, second = found.get(kind, (0, 0))
                    found[kind] = (
                        first + _kopecks(element.get("suml")),
                        second + _kopecks(element.get("sum")),
                    )
    return found


def _skip(stream: Readable, size: int, name: str) -> None:
    if size < 0:
        raise _misplaced(name)
    while size:
        got = len(stream.read(min(size, _SKIP)))
        if not got:
            raise _misplaced(name)
        size -= got


def _take(stream: Readable, size: int, name: str) -> bytes:
    data = stream.read(size)
    while len(data) < size:
        more = stream.read(size - len(data))
        if not more:
            raise _misplaced(name)
        data += more
    return data


def _check(data: bytes, piece: Piece, name: str) -> None:
    """The bytes must be the patient element that holds these accounts."""
    if not data.startswith(b"<patient") or not data.rstrip().endswith(b">"):
        raise _misplaced(name)
    if any(key.encode("ascii", "replace") not in data for key in piece.keep):
        raise _misplaced(name)


def _misplaced(name: str) -> FormatError:
    return FormatError(
        f"Счета в сохранённом файле {name} стоят не там, где записано: файл 7 не сделан.",
        title="База повреждена",
        hint="Проверьте базу: omstui verify; затем восстановите её из резервной копии.",
    )


_KEY = re.compile(rb"<personal_account\b[^<]*?\sxkey\s*=\s*[\"']([^\"'<]+)[\"']")


def account_keys(stream: Readable) -> set[str]:
    """Keys of all accounts of a file that was already read as XML once: five times faster than that."""
    keys: set[str] = set()
    rest = b""
    while piece := stream.read(_SKIP):
        rest += piece
        cut_at = rest.rfind(b"<")
        keys.update(key.decode("ascii", "replace") for key in _KEY.findall(rest[:cut_at]))
        rest = rest[cut_at:]
    return keys


def slice_of(opener: Opener, name: str, offset: int, length: int) -> bytes:
    """The bytes of one element of bill.xml."""
    with opener() as stream:
        _skip(stream, offset, name)
        return _take(stream, length, name)
