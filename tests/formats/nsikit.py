"""One small reference book in every layout an official file comes in (nsi.md §2.1)."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from pathlib import Path

from omstui.formats.dbf import Field, Layout, write_dbf

ROWS = (
    ("101", "Выписан", "1", "01.01.2011", ""),
    ("102", "Переведён в др. ЛПУ", "1", "01.01.2011", "31.12.2020"),
    ("301", "Лечение завершено", "3", "01.01.2011", ""),
)
TAGS = ("IDRMP", "RMPNAME", "DL_USLOV", "DATEBEG", "DATEEND")
#: what all of them must be read as: code, begin, end, name, a1
READ = [
    ("101", "2011-01-01", "", "Выписан", "1"),
    ("102", "2011-01-01", "2020-12-31", "Переведён в др. ЛПУ", "1"),
    ("301", "2011-01-01", "", "Лечение завершено", "3"),
]


def layout_a(
    *, mnemonic: str = "Rezult", version: str = "3.1", case: str = "lower", rows: tuple = ROWS
) -> str:
    """packet / zglv / zap."""
    records = "".join(
        "<zap>"
        + "".join(f"<{t}>{v}</{t}>" if v else f"<{t}/>" for t, v in zip(TAGS, row, strict=True))
        + "</zap>"
        for row in rows
    )
    zglv = f"<zglv><type>{mnemonic}</type><version>{version}</version><date>13.04.2018</date></zglv>"
    text = f"<packet>{zglv}{records}</packet>"
    if case == "upper":
        for tag in ("packet", "zglv", "zap", "type", "version", "date"):
            text = text.replace(f"<{tag}>", f"<{tag.upper()}>").replace(f"</{tag}>", f"</{tag.upper()}>")
    return text


def layout_b() -> str:
    """F002: records under their own tag, some fields inside blocks."""
    company = (
        "<insCompany><TF_OKATO>78000</TF_OKATO><SMOCOD>76001</SMOCOD><NAM_SMOK>СМО «Альфа»</NAM_SMOK>"
        "<jurAddress><index_j>150000</index_j><addr_j>г. Учебный</addr_j></jurAddress>"
        "<licenziy><n_doc>1</n_doc><d_start>01.01.2020</d_start></licenziy><OGRN>1027700091100</OGRN>"
        "<D_BEGIN>01.01.2012</D_BEGIN><D_END/></insCompany>"
    )
    return f"<packet><date>2021-04-01</date>{company}{company.replace('76001', '76002')}</packet>"


def layout_c() -> str:
    """Fields in attributes, days as xsd:dateTime."""
    records = "".join(
        f'<rec IDRMP="{c}" RMPNAME="{n}" DL_USLOV="{u}" DATEBEG="{_moment(b)}"'
        + (f' DATEEND="{_moment(e)}"' if e else ' DATEEND="1900-01-01T00:00:00"')
        + "/>"
        for c, n, u, b, e in ROWS
    )
    return f"<root>{records}</root>"


def layout_d() -> str:
    """НСИ Минздрава: root / entries / entry."""
    entries = "".join(
        f"<entry><data><ID>{n}</ID><S_CODE>{code}</S_CODE><NAME>{name}</NAME><REL>1</REL>"
        f"<DATEOUT>{out}</DATEOUT></data></entry>"
        for n, (code, name, out) in enumerate(
            (("A01.01.001", "Сбор анамнеза", ""), ("A01.01.002", "Осмотр", "2020-12-31")), 1
        )
    )
    return f"<book><version>2.5</version><entries>{entries}</entries></book>"


def _moment(day: str) -> str:
    return f"{day[6:]}-{day[3:5]}-{day[:2]}T00:00:00"


def declared(text: str, encoding: str = "windows-1251", *, really: str = "") -> bytes:
    """The document with a declaration, in the encoding it declares or in another."""
    head = f'<?xml version="1.0" encoding="{encoding}"?>\n'
    return (head + text).encode(really or encoding)


def zipped(data: bytes, name: str = "V009.xml", *more: str) -> bytes:
    """A ZIP with the file, and with others."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
        for other in more:
            archive.writestr(other, b"")
    return target.getvalue()


def as_csv(separator: str = ";", encoding: str = "utf-8-sig") -> bytes:
    """A table of the portal: first row the names of fields."""
    lines = [separator.join(TAGS), *(separator.join(row) for row in ROWS)]
    return "\r\n".join(lines).encode(encoding)


def as_xlsx() -> bytes:
    """A workbook whose days are days of Excel, codes are numbers."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(list(TAGS))
    for code, name, place, begin, end in ROWS:
        days = [datetime.strptime(d, "%d.%m.%Y") if d else None for d in (begin, end)]
        sheet.append([int(code), name, int(place), *days])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


_DBF = Layout(
    "V009",
    "результаты",
    (
        Field("IDRMP", "N", 3),
        Field("RMPNAME", "C", 60),
        Field("DL_USLOV", "N", 1),
        Field("DATEBEG", "D", 8),
        Field("DATEEND", "D", 8),
    ),
)


def as_dbf(folder: Path, encoding: str) -> bytes:
    """The same as a table DBF in cp866 or cp1251."""
    path = folder / "made.dbf"
    rows = [
        (int(c), n, int(u), f"{b[6:]}-{b[3:5]}-{b[:2]}", f"{e[6:]}-{e[3:5]}-{e[:2]}" if e else None)
        for c, n, u, b, e in ROWS
    ]
    write_dbf(path, _DBF, rows, date(2021, 4, 30))
    data = path.read_bytes()
    start = int.from_bytes(data[8:10], "little")
    return data[:start] + data[start:-1].decode("cp866").encode(encoding) + data[-1:]
