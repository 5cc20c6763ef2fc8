"""Protocol of the format control (протокол ФЛК, FLK_P) of an H, C, T, D or L file: reader and writer.

Old protocols carry three-digit codes of F012, new ones codes of Q015 / Q016 / Q022 («003F.00.0530») and
more keys. What an error is about is told by its keys, never by the name of the protocol: the payer's
names differ from fund to fund (federal-and-mosobl.md §2.6).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO

from omstui.domain.errors import FormatError
from omstui.formats import federalnames
from omstui.formats.federal import Part, check_root, walk

ROOT = "FLK_P"
ENCODING = "windows-1251"
#: F012, whole
F012 = {
    "801": "Пакет не упакован в ZIP",
    "802": "Имя пакета не по документации",
    "803": "В ZIP не все файлы",
    "804": "Неверное значение элемента",
    "805": "Пакет с таким именем уже регистрировался",
    "901": "Нарушен порядок тегов",
    "902": "Нет обязательного поля",
    "903": "Неверный тип данных",
    "904": "Недопустимый код",
    "905": "Дубль ключевого идентификатора",
}
#: element of PR → field, in the order of the file
_FIELDS = (
    ("OSHIB", "code"), ("IM_POL", "field"), ("ZN_POL", "value"), ("NSCHET", "nschet"), ("BAS_EL", "base"),
    ("N_ZAP", "n_zap"), ("ID_PAC", "id_pac"), ("IDCASE", "idcase"), ("SL_ID", "sl_id"),
    ("IDSERV", "idserv"), ("COMMENT", "comment"),
)  # fmt: skip
_COLUMNS = dict(_FIELDS)
#: what protocols before the Q codes had
_OLD = frozenset({"OSHIB", "IM_POL", "BAS_EL", "N_ZAP", "IDCASE", "IDSERV", "COMMENT"})
_KEYS = ("sl_id", "idcase", "n_zap", "id_pac")
#: no element of the format is longer; what a hostile file puts there is cut
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class FlkError:
    """One error of a protocol (ошибка ФЛК). Empty text = the element is not there."""

    code: str = ""
    field: str = ""
    value: str = ""
    nschet: str = ""
    base: str = ""
    n_zap: str = ""
    id_pac: str = ""
    idcase: str = ""
    sl_id: str = ""
    idserv: str = ""
    comment: str = ""

    @property
    def keyed(self) -> bool:
        """Whether it names a record; without keys it concerns the account or the whole file."""
        return any(getattr(self, key) for key in _KEYS)

    @property
    def whole_file(self) -> bool:
        """The file was refused as a whole: neither a key nor a parent element."""
        return not self.keyed and not self.base

    @property
    def new_code(self) -> bool:
        """A code of Q015 / Q016 / Q022 rather than of F012."""
        return "." in self.code or len(self.code) > 3

    @property
    def text(self) -> str:
        """What is wrong, for a list: the comment, else the name of the F012 code."""
        return self.comment or F012.get(self.code, "") or f"Код ошибки {self.code or 'не указан'}"

    @property
    def place(self) -> str:
        """«запись 12, случай 5, поле DS1», for the log."""
        named = (("запись", self.n_zap), ("случай", self.idcase), ("SL_ID", self.sl_id),
                 ("услуга", self.idserv), ("пациент", self.id_pac), ("поле", self.field))  # fmt: skip
        return ", ".join(f"{title} {value}" for title, value in named if value) or "файл целиком"


class FlkProtocol:
    """A protocol opened for reading; errors come one at a time, any number of times."""

    def __init__(self, part: Part) -> None:
        """Read the heading. Raises FormatError for a file that is no protocol."""
        self._part = part
        self.name = part.name
        self.unknown: Counter[str] = Counter()
        head = _heading(part)
        self.fname = head.get("FNAME", "")
        #: stem of the file the protocol answers, upper case
        self.source = _plain_stem(head.get("FNAME_I", ""))
        if not self.source:
            raise FormatError(
                f"Файл {part.name}: в протоколе ФЛК нет имени исходного файла (FLK_P/FNAME_I).",
                hint="По нему ищется счёт. Попросите прислать протокол заново.",
            )

    @property
    def of_persons(self) -> bool:
        """Whether it answers a file of persons (L…)."""
        return bool(federalnames.cases_of(self.source))

    @property
    def cases_name(self) -> str:
        """Stem of the file of cases of the pair it answers."""
        return federalnames.cases_of(self.source) or self.source

    def errors(self) -> Iterator[FlkError]:
        """Yield the errors; none at all means the file was accepted."""
        for node in walk(self._part, ("PR",), ROOT):
            found: dict[str, str] = {}
            for child in node:
                column = _COLUMNS.get(child.tag)
                if column is None:
                    self.unknown[f"PR/{child.tag}"] += 1
                elif column not in found:
                    found[column] = (child.text or "").strip()[:_LONGEST]
            yield FlkError(**found)


def _heading(part: Part) -> dict[str, str]:
    check_root(part, ROOT)
    found: dict[str, str] = {}
    for node in walk(part, ("FNAME", "FNAME_I", "PR"), ROOT):
        if node.tag == "PR":
            break
        if node.tag not in found:
            found[node.tag] = (node.text or "").strip()
        if "FNAME" in found and "FNAME_I" in found:
            break
    return found


def _plain_stem(name: str) -> str:
    """File name of the protocol's heading without «.xml»; a stem may hold no other dot."""
    return federalnames.stem(name) if name else ""


def protocol_name(source: str) -> str:
    """Name of the protocol of a file: V for cases, F for persons (the stand's payer)."""
    return ("F" if federalnames.cases_of(source) else "V") + source[1:]


def write_protocol(
    stream: IO[bytes], source: str, errors: Iterable[FlkError], *, fname: str = "", old: bool = False
) -> int:
    """Write a protocol for the file ``source``; ``old`` = the elements of before the Q codes only.

    Returns the number of errors.
    """
    count = 0
    head = _element("FNAME", fname or protocol_name(source)) + _element("FNAME_I", source)
    stream.write(_bytes(f'<?xml version="1.0" encoding="{ENCODING}"?>\n<{ROOT}>{head}\n'))
    for error in errors:
        count += 1
        body = "".join(
            _element(name, getattr(error, column))
            for name, column in _FIELDS
            if getattr(error, column) and (name in _OLD or not old)
        )
        stream.write(_bytes(f"<PR>{body}</PR>\n"))
    stream.write(_bytes(f"</{ROOT}>\n"))
    return count


def _element(name: str, value: str) -> str:
    value = value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<{name}>{value}</{name}>"


def _bytes(text: str) -> bytes:
    return text.encode("cp1251", "xmlcharrefreplace")
