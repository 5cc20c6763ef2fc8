"""Federal blocks as bytes (блоки в байты): a ready template per shape, all values checked in one piece.

The order of elements is the layout's, whatever the order of the dict. A record is one ``%`` over a bytes
template; only the few that hold a character needing an escape pay for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import itemgetter
from typing import Any

from omstui.domain.errors import FormatError
from omstui.formats.layouts import federal as layout

Tree = Mapping[str, Any]
ENCODING = "windows-1251"
#: bytes that may not stand in a text as they are; 0 also parts the values
_SPECIAL = bytes(range(0x20)) + b"<>&\x7f"
_CONTROL = bytes(c for c in range(0x20) if c not in b"\t\n\r") + b"\x7f"
_ESCAPES = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"), (b"\r", b"&#13;"))
#: templates of whole records kept ready; a month has some thousand shapes
_SHAPES = 4096

#: a run of plain elements: opening text, their values, then an element that repeats or nests
_Segment = tuple[str, Callable[[Tree], Any] | None, str, str]


class _Plan:
    """How a block is written: forms by the set of names, made on the way."""

    __slots__ = ("block", "end", "forms", "nested")

    def __init__(self, path: str) -> None:
        self.block = layout.BLOCKS[path]
        self.nested = {
            e.name: e.name if e.name in layout.BLOCKS else f"{path}/{e.name}"
            for e in self.block.elements
            if e.type == "S"
        }
        self.end = "\n" if path in ("ZAP", "PERS", "ZGLV", "SCHET") else ""
        self.forms: dict[tuple[str, ...], tuple[_Segment, ...]] = {}

    def form(self, names: tuple[str, ...]) -> tuple[_Segment, ...]:
        unknown = set(names) - self.block.names
        if unknown:
            raise KeyError(f"{self.block.name}: в формате нет {', '.join(sorted(unknown))}")
        segments: list[_Segment] = []
        text = f"<{self.block.name}>"
        run: list[str] = []
        for e in self.block.elements:
            if e.name not in names:
                continue
            if e.repeat or e.name in self.nested:
                segments.append((text, _getter(run), e.name, self.nested.get(e.name, "")))
                text, run = "", []
            else:
                text += f"<{e.name}>%s</{e.name}>"
                run.append(e.name)
        segments.append((f"{text}</{self.block.name}>{self.end}", _getter(run), "", ""))
        self.forms[names] = tuple(segments)
        return self.forms[names]


def _getter(names: list[str]) -> Callable[[Tree], Any] | None:
    if len(names) == 1:
        (name,) = names
        return lambda tree: (tree[name],)
    return itemgetter(*names) if names else None


_PLANS: dict[str, _Plan] = {path: _Plan(path) for path in layout.BLOCKS}
_TEMPLATES: dict[tuple[str, ...], bytes] = {}


def _emit(tree: Tree, plan: _Plan, shape: list[str], values: list[str]) -> None:
    names = (*tree,)
    for text, getter, name, inner in plan.forms.get(names) or plan.form(names):
        shape.append(text)
        if getter is not None:
            values += getter(tree)
        if name:
            found = tree[name]
            if inner:
                below = _PLANS[inner]
                for one in found if isinstance(found, list) else (found,):
                    _emit(one, below, shape, values)
            else:
                mark = f"<{name}>%s</{name}>"
                for one in found:
                    shape.append(mark)
                    values.append(one)


def encode(path: str, tree: Tree, who: Callable[[], str] = str) -> bytes:
    """Bytes of one block. Raises FormatError for a character the file cannot hold.

    ``who`` names the record in that sentence; it is asked only then.
    """
    shape: list[str] = []
    values: list[str] = []
    _emit(tree, _PLANS[path], shape, values)
    key = (*shape,)
    template = _TEMPLATES.get(key)
    if template is None:
        if len(_TEMPLATES) >= _SHAPES:
            _TEMPLATES.clear()
        template = _TEMPLATES[key] = "".join(key).encode("ascii")
    try:
        data = "\0".join(values).encode("cp1251")
    except UnicodeEncodeError:
        raise _character_error(path, tree, who()) from None
    if len(data) - len(data.translate(None, _SPECIAL)) != len(values) - 1:
        if len(data) - len(data.translate(None, _CONTROL)) != len(values) - 1:
            raise _character_error(path, tree, who())
        for char, escape in _ESCAPES:
            data = data.replace(char, escape)
    return template % (*data.split(b"\0"),)


# --- what cannot be written --------------------------------------------------------------------


def _walk(path: str, tree: Tree) -> Iterator[tuple[str, str]]:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else (value,):
            if isinstance(one, Mapping):
                yield from _walk(f"{path}/{name}", one)
            else:
                yield f"{path}/{name}", one


def _fits(char: str) -> bool:
    try:
        return char.encode("cp1251")[0] not in _CONTROL
    except UnicodeEncodeError:
        return False


def _character_error(path: str, tree: Tree, who: str) -> FormatError:
    place, value, char = next(
        (p, v, c) for p, v in _walk(path, tree) for c in v if not _fits(c)
    )  # fmt: skip
    shown = f"«{char}» (U+{ord(char):04X})" if char.isprintable() else f"U+{ord(char):04X}"
    subject, readable = ("".join(c if c.isprintable() else "·" for c in text) for text in (who, value))
    return FormatError(
        f"Не записать в файл: {subject or 'заголовок файла'}, поле {place} = «{readable}» — "
        f"знака {shown} нет в кодировке windows-1251 или он запрещён в XML.",
        title="Недопустимый знак",
        hint="Исправьте поле и повторите выгрузку.",
    )
