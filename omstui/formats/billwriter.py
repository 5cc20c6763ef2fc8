"""bill.xml written as a stream (запись файла счетов): the order and the form of the layout.

Text of an element comes from a ready form per set of attributes; a whole patient is checked at once for
characters that need escaping, so only the few that have one pay for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Protocol

from omstui.domain.errors import FormatError
from omstui.formats.billnode import ENCODING, Node
from omstui.formats.layouts import bill as layout

#: bytes a value may not hold as they are; 0 also parts the values of an element
_SPECIAL = bytes(range(0x20)) + b'"<>&\x7f'
_CONTROL = bytes(c for c in range(0x20) if c not in b"\t\n\r") + b"\x7f"
_ESCAPES = (
    (b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"), (b'"', b"&quot;"),
    (b"\t", b"&#9;"), (b"\n", b"&#10;"), (b"\r", b"&#13;"),
)  # fmt: skip
_BUFFER = 1 << 18
#: templates of whole elements kept ready; accounts of a month have a few hundred shapes
_SHAPES = 4096


class Writable(Protocol):
    def write(self, data: bytes, /) -> Any: ...


class _Form:
    """Template of an element with a certain set of attributes; ``names`` if they must be reordered."""

    __slots__ = ("leaf", "names", "open")

    def __init__(self, plan: _Plan, names: tuple[str, ...]) -> None:
        known = [a for a in plan.order if a in names]
        ordered = tuple(known) + tuple(n for n in names if n not in plan.order)
        self.names = None if ordered == names else ordered
        body = "".join(f' {plan.written.get(n, n)}="%s"' for n in ordered)
        self.leaf = f"{plan.indent}<{plan.tag}{body}/>\r\n"
        self.open = f"{plan.indent}<{plan.tag}{body}>\r\n"


class _Plan:
    """How an element is written: made once from the layout, forms on the way."""

    __slots__ = ("always", "children", "close", "forms", "indent", "order", "tag", "written")

    def __init__(self, tag: str, depth: int, element: layout.Element | None) -> None:
        self.tag = tag
        self.indent = "    " * depth
        self.close = f"{self.indent}</{tag}>\r\n"
        attributes = element.attributes if element else ()
        self.order = tuple(a.name for a in attributes)
        self.written = {a.name: a.written for a in attributes if a.written != a.name}
        self.forms: dict[tuple[str, ...], _Form] = {}
        self.always = tag in layout.ALWAYS_WRITTEN
        self.children: dict[str, tuple[int, _Plan]] = {}
        for number, child in enumerate(element.children.values() if element else ()):
            self.children[child.tag] = number, _Plan(child.tag, depth + 1, child)

    def child(self, tag: str) -> tuple[int, _Plan]:
        """The plan of a child; one the layout does not know is written after the known ones."""
        found = self.children.get(tag)
        if found is None:
            depth = len(self.indent) // 4 + 1
            found = self.children[tag] = len(self.children) + 1000, _Plan(tag, depth, None)
        return found


_ROOT = _Plan("package", 0, layout.PACKAGE)


def _form(plan: _Plan, names: tuple[str, ...]) -> _Form:
    """The form of an element with these attributes, made at its first use."""
    made = plan.forms[names] = _Form(plan, names)
    return made


def _emit(node: Node, plan: _Plan, shape: list[str], values: list[str]) -> None:
    """Append the templates of a node and below to ``shape`` and its values to ``values``."""
    attrs = node.attrs
    names = (*attrs,)
    form = plan.forms.get(names) or _form(plan, names)
    if names:
        values += attrs.values() if form.names is None else map(attrs.__getitem__, form.names)
    at = len(shape)
    shape.append(form.open)
    if node.children:
        _emit_children(node.children, plan, shape, values)
    if len(shape) > at + 1 or plan.always:
        shape.append(plan.close)
    elif names:
        shape[at] = form.leaf
    else:
        shape.pop()


def _emit_children(children: Sequence[Node], plan: _Plan, shape: list[str], values: list[str]) -> None:
    """Append the children in the order of the layout. The hot loop of F2: leaves are done in place."""
    mark, marked, last = len(shape), len(values), 0
    known = plan.children
    for child in children:
        place, inner = known.get(child.tag) or plan.child(child.tag)
        if place < last:  # rare: put them in order and begin again
            del shape[mark:], values[marked:]
            ordered = sorted(children, key=lambda one: plan.child(one.tag)[0])
            _emit_children(ordered, plan, shape, values)
            return
        last = place
        if child.children or inner.always:
            _emit(child, inner, shape, values)
            continue
        attrs = child.attrs
        if attrs:
            names = (*attrs,)
            form = inner.forms.get(names) or _form(inner, names)
            values += attrs.values() if form.names is None else map(attrs.__getitem__, form.names)
            shape.append(form.leaf)


def account_sum(total: str, type_acc: str = "1", amountl: str = "0.00") -> Node:
    """Totals of a file with one type of calculation, as the samples have them."""
    attrs = {"type_acc": type_acc, "amountl": amountl, "amount": total}
    return Node(
        "account_sum",
        children=[
            Node(tag, children=[Node("account_elem", dict(attrs))])
            for tag in ("account_elem_t", "account_elem_s")
        ],
    )


class BillWriter:
    """Streaming writer of bill.xml: windows-1251, CRLF, four spaces, all data in attributes.

    The same nodes give the same bytes. ``patient`` and ``raw`` return where the element stands.
    Raises FormatError for a character the file cannot hold, naming patient and field.
    """

    def __init__(
        self,
        stream: Writable,
        body: Mapping[str, str],
        bill: Mapping[str, str],
        totals: Node | None = None,
    ) -> None:
        self._stream = stream
        self._buffer: list[bytes] = []
        self._pending = 0
        self.offset = 0
        self._body = _ROOT.child("body")[1]
        self._bill = self._body.child("bill")[1]
        self._plan = self._bill.child("patients")[1].child("patient")[1]
        self._write(b'<?xml version="1.0" encoding="windows-1251" ?>\r\n<package>\r\n')
        self._open(Node("body", dict(body)), self._body)
        self._open(Node("bill", dict(bill)), self._bill)
        if totals is not None:
            self._write(_encoded(totals, self._bill.child("account_sum")[1]))
        self._write(b"            <patients>\r\n")
        self._closed = False

    def _open(self, node: Node, plan: _Plan) -> None:
        leaf = _encoded(node, plan) or f"{plan.indent}<{plan.tag}/>\r\n".encode()
        self._write(leaf.removesuffix(b"/>\r\n") + b">\r\n")

    def _write(self, data: bytes) -> None:
        self._buffer.append(data)
        self._pending += len(data)
        self.offset += len(data)
        if self._pending >= _BUFFER:
            self._flush()

    def _flush(self) -> None:
        self._stream.write(b"".join(self._buffer))
        self._buffer.clear()
        self._pending = 0

    def patient(self, node: Node) -> tuple[int, int]:
        """Write a patient with the accounts; return offset and length of the element."""
        data = _encoded(node, self._plan)
        offset = self.offset + 16
        self._write(data)
        return offset, len(data) - 18

    def raw(self, data: bytes, encoding: str = ENCODING) -> tuple[int, int]:
        """Copy a patient element as it was sent; only another encoding is changed."""
        if encoding != ENCODING:
            data = data.decode(encoding).encode(ENCODING)
        offset = self.offset + 16
        self._write(b"                " + data + b"\r\n")
        return offset, len(data)

    def close(
        self, personals: Iterable[Node] = (), expertises: Node | None = None, flk: Node | None = None
    ) -> None:
        """Write the end, with what the payer adds if given. The stream stays open."""
        if self._closed:
            return
        self._closed = True
        self._write(b"            </patients>\r\n")
        for node in chain(personals, [expertises] if expertises else []):
            self._write(_encoded(node, self._bill.child(node.tag)[1]))
        self._write(b"        </bill>\r\n")
        if flk is not None:
            self._write(_encoded(flk, self._body.child("flk")[1]))
        self._write(b"    </body>\r\n</package>\r\n")
        self._flush()


_TEMPLATES: dict[tuple[str, ...], bytes] = {}


def _template(shape: list[str]) -> bytes:
    """The template of a whole element, ready for the values."""
    key = tuple(shape)
    found = _TEMPLATES.get(key)
    if found is None:
        if len(_TEMPLATES) >= _SHAPES:
            _TEMPLATES.clear()
        found = _TEMPLATES[key] = "".join(key).encode("cp1251")
    return found


def _encoded(node: Node, plan: _Plan) -> bytes:
    """Bytes of a node. All its values are checked and escaped in one piece."""
    shape: list[str] = []
    values: list[str] = []
    _emit(node, plan, shape, values)
    if not values:
        return _template(shape)
    if "" in values:
        return _encoded(_without_empty(node), plan)
    try:
        template = _template(shape)
        data = "\0".join(values).encode("cp1251")
    except UnicodeEncodeError:
        _complain(node, node, plan)
        raise  # an attribute name nobody knows: no operator can mend it
    if len(data) - len(data.translate(None, _SPECIAL)) != len(values) - 1:
        if len(data) - len(data.translate(None, _CONTROL)) != len(values) - 1:
            _complain(node, node, plan)
        for char, escape in _ESCAPES:
            data = data.replace(char, escape)
    return template % (*data.split(b"\0"),)


def _without_empty(node: Node) -> Node:
    attrs = {name: value for name, value in node.attrs.items() if value}
    return Node(node.tag, attrs, [_without_empty(child) for child in node.children])


def _complain(top: Node, node: Node, plan: _Plan) -> None:
    """Raise FormatError for the first value the file cannot hold."""
    for name, value in node.attrs.items():
        for char in value:
            if not _fits(char):
                raise _character_error(top, plan.tag, name, value, char)
    for child in node.children:
        _complain(top, child, plan.child(child.tag)[1])


def _fits(char: str) -> bool:
    try:
        return char.encode("cp1251")[0] not in _CONTROL
    except UnicodeEncodeError:
        return False


def _character_error(top: Node, tag: str, name: str, value: str, char: str) -> FormatError:
    title = next(
        (a.title for e in layout.PACKAGE.walk() if e.tag == tag for a in e.attributes if a.name == name),
        name,
    )
    shown = f"«{char}» (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
    readable = "".join(c if c.isprintable() else "·" for c in value)
    if top.tag == "patient":
        fio = " ".join(filter(None, (top.get("surname"), top.get("name"), top.get("patronymic"))))
        accounts = top.accounts()
        number = accounts[0].get("n_card") if accounts else ""
        where = f"пациент {fio or '(без имени)'} (код {top.get('patientcod')}"
        where += f", карта {number})" if number else ")"
        where = "".join(c if c.isprintable() else "·" for c in where)
    else:
        where = "заголовок файла"
    return FormatError(
        f"Не записать в файл: {where}, поле «{title}» ({tag}/@{name}) = «{readable}» — "
        f"знака {shown} нет в кодировке windows-1251 или он запрещён в XML.",
        title="Недопустимый знак",
        hint="Исправьте поле и повторите выгрузку.",
    )
