"""bill.xml read as a stream (чтение файла счетов), memory bounded.

The reader gives each ``patient`` (and each fact of the ФЛК protocol) as a light Node with the place
where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from omstui.domain.errors import FormatError
from omstui.formats.billnode import ENCODING, Node
from omstui.formats.layouts import bill as layout
from omstui.formats.xmlsafe import Guarded, Readable, expat_failure, expat_parser

_CHUNK = 1 << 18
#: one patient (or another item) may be this long; a real account is 2–6 KB
ITEM_LIMIT = 8 << 20
_DEPTH_LIMIT = 32


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of the stream: patient, fact, test, expertise or personals, and where it stands.

    ``offset`` and ``length`` are bytes of the element in bill.xml, without the indent before it.
    """

    tag: str
    node: Node
    offset: int
    length: int


@dataclass(slots=True)
class Header:
    """Attributes of body and bill and the totals; ``flk`` and ``registers`` fill as they come."""

    body: dict[str, str] = field(default_factory=dict)
    bill: dict[str, str] = field(default_factory=dict)
    account_sum: Node = field(default_factory=lambda: Node("account_sum"))
    flk: dict[str, str] = field(default_factory=dict)
    registers: list[dict[str, str]] = field(default_factory=list)

    def total(self) -> str:
        """The claimed sum as the file states it («57295.18»), empty when it does not."""
        elements = self.account_sum.all("account_elem_t/account_elem")
        return elements[0].get("amount") if elements else ""


#: (parent, tag) of the elements that come as items
_ITEMS = {
    ("patients", "patient"),
    ("bill", "account_sum"),
    ("bill", "personals"),
    ("expertises", "expertise"),
    ("plan", "test"),
    ("register", "fact"),
}
_CONTAINERS = {"package", "body", "bill", "patients", "expertises", "flk", "plan", "register"}


def _known() -> dict[str, frozenset[str]]:
    known: dict[str, set[str]] = {}
    for element in layout.PACKAGE.walk():
        known.setdefault(element.tag, set()).update(a.name for a in element.attributes)
    return {tag: frozenset(names) for tag, names in known.items()}


_KNOWN = _known()
#: spelling in the file → our name
_ALIASES = {
    (e.tag, a.written): a.name for e in layout.PACKAGE.walk() for a in e.attributes if a.written != a.name
}


class BillReader:
    """Streaming reader of bill.xml. ``header`` is there on opening; ``unknown`` fills on reading.

    Raises FormatError for a damaged, unsafe or foreign document, naming the line.
    """

    def __init__(self, stream: Readable, name: str) -> None:
        self.name = name
        self.header = Header()
        self.unknown: Counter[str] = Counter()
        self.patients_read = 0
        self.accounts_read = 0
        self._stream = Guarded(stream, name)
        self.encoding = self._stream.encoding
        self._parser = expat_parser(name)
        self._outside()
        self._path: list[str] = []
        self._stack: list[Node] = []
        self._start = 0
        self._ends: list[tuple[Node, int, int]] = []
        self._window = b""
        self._base = 0
        self._fed = 0
        self._header_done = False
        self._ended = False
        self._ready: list[Item] = []
        while not self._header_done and not self._ended:
            self._feed()

    # the handlers are swapped so that the elements inside an item pay for nothing else

    def _outside(self) -> None:
        self._parser.StartElementHandler = self._start_outside
        self._parser.EndElementHandler = self._end_outside

    def _start_outside(self, tag: str, attrs: dict[str, str]) -> None:
        parent = self._path[-1] if self._path else ""
        if (parent, tag) in _ITEMS:
            self._start = self._parser.CurrentByteIndex
            self._stack = []
            self._parser.StartElementHandler = self._start_inside
            self._parser.EndElementHandler = self._end_inside
            self._start_inside(tag, attrs)
            return
        self._path.append(tag)
        if len(self._path) > _DEPTH_LIMIT:
            raise self._refuse("вложенность элементов слишком велика")
        if len(self._path) == 1 and tag != "package":
            raise self._foreign(f"его корень «{tag}», а не «package»")
        if tag not in _CONTAINERS:
            self.unknown["/".join(self._path)] += 1
        elif tag == "body":
            self.header.body = attrs
        elif tag == "bill":
            self.header.bill = attrs
        elif tag == "flk":
            self.header.flk = attrs
        elif tag == "register":
            self.header.registers.append(attrs)
        elif tag == "patients":
            self._header_done = True

    def _end_outside(self, tag: str) -> None:
        self._path.pop()
        if tag == "bill":
            self._header_done = True

    def _start_inside(self, tag: str, attrs: dict[str, str]) -> None:
        stack = self._stack
        node = Node(tag, attrs)
        if stack:
            stack[-1].children.append(node)
        stack.append(node)
        known = _KNOWN.get(tag)
        if known is None or not attrs.keys() <= known:
            self._note_unknown(node, known)
        if len(stack) > _DEPTH_LIMIT:
            raise self._refuse("вложенность элементов слишком велика")

    def _end_inside(self, tag: str) -> None:
        stack = self._stack
        if len(stack) > 1:
            stack.pop()
            return
        self._ends.append((stack.pop(), self._start, self._parser.CurrentByteIndex))
        self._outside()

    def _note_unknown(self, node: Node, known: frozenset[str] | None) -> None:
        path = "/".join(n.tag for n in self._stack)
        if known is None:
            self.unknown[path] += 1
            return
        for name in [n for n in node.attrs if n not in known]:
            if (node.tag, name) in _ALIASES:
                node.attrs[_ALIASES[node.tag, name]] = node.attrs.pop(name)
            else:
                self.unknown[f"{path}/@{name}"] += 1

    # --- feeding

    def _feed(self) -> None:
        chunk = self._stream.read(_CHUNK)
        self._window += chunk
        self._fed += len(chunk)
        try:
            self._parser.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            raise expat_failure(self.name, error) from None
        if not chunk:
            self._ended = True
            if not self.header.body:
                raise self._foreign("в нём нет элемента «body»")
        self._place_items()
        index = self._parser.CurrentByteIndex
        if index > self._base:
            self._window = self._window[index - self._base :]
            self._base = index
        if self._fed - (self._start if self._stack else self._base) > ITEM_LIMIT:
            raise self._refuse(f"один элемент занимает больше {ITEM_LIMIT >> 20} МБ")

    def _place_items(self) -> None:
        """Turn the finished nodes into items: expat tells where a closing tag begins, not ends."""
        for node, start, end in self._ends:
            here = end - self._base
            if self._window[here : here + 2] == b"</":
                end = self._window.index(b">", here) + 1 + self._base
            if node.tag == "account_sum":
                self.header.account_sum = node
            else:
                self._ready.append(Item(node.tag, node, start, end - start))
        self._ends.clear()

    def items(self) -> Iterator[Item]:
        """Every item in the order of the file; once."""
        while True:
            ready, self._ready = self._ready, []
            for item in ready:
                if item.tag == "patient":
                    self.patients_read += 1
                    self.accounts_read += len(item.node.accounts())
                yield item
            if self._ended and not self._ready:
                return
            if not self._ready:
                self._feed()

    def patients(self) -> Iterator[Item]:
        """The patients only; facts of the protocol are passed over."""
        return (item for item in self.items() if item.tag == "patient")

    @property
    def position(self) -> int:
        """Bytes read so far, for the progress."""
        return self._fed

    # --- refusals

    def _refuse(self, why: str) -> FormatError:
        line = self._parser.CurrentLineNumber
        return FormatError(
            f"Файл «{self.name}», строка {line}: {why}, такой файл не принимается.",
            title="Небезопасный файл",
            hint="Проверьте, от кого файл.",
        )

    def _foreign(self, why: str) -> FormatError:
        return FormatError(
            f"Файл «{self.name}» не является файлом персональных счетов: {why}.",
            title="Не тот файл",
            hint="Проверьте, тот ли файл выбран.",
        )


def index_accounts(stream: Readable, name: str) -> Iterator[tuple[list[str], int, int]]:
    """Keys of the accounts of each patient element, its offset and length in bill.xml."""
    for item in BillReader(stream, name).patients():
        yield [a.get("xkey") for a in item.node.accounts()], item.offset, item.length


def keep_accounts(data: bytes, keep: Iterable[str], encoding: str = ENCODING) -> bytes:
    """Cut from the bytes of one patient element every account whose key is not in ``keep``.

    Everything else stays as it was sent, byte for byte. Returns b"" when no account is left.
    """
    wanted = set(keep)
    parser = expat_parser("bill.xml", encoding)
    spans: list[list[int]] = []
    kept = 0
    depth = 0

    def start(tag: str, attrs: dict[str, str]) -> None:
        nonlocal depth, kept
        depth += 1
        if tag == "personal_account" and depth == 3:
            if attrs.get("xkey", "") in wanted:
                kept += 1
            else:
                spans.append([parser.CurrentByteIndex])

    def end(tag: str) -> None:
        nonlocal depth
        if tag == "personal_account" and depth == 3 and spans and len(spans[-1]) == 1:
            index = parser.CurrentByteIndex
            if data[index : index + 2] == b"</":
                index = data.index(b">", index) + 1
            spans[-1].append(index)
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.Parse(data, True)
    if not kept:
        return b""
    pieces, at = [], 0
    for begin, finish in spans:
        pieces.append(data[at:begin].rstrip(b" \t\r\n"))
        at = finish
    pieces.append(data[at:])
    return b"".join(pieces)
