"""Hostile and damaged files (зверинец): each maker writes one file or folder at the given path."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

HEAD = '<?xml version="1.0" encoding="windows-1251" ?>\r\n'
OGRN, KPP = "1027600099900", "760499001"
BODY = f'<body version="6.15" ogrn_mo="{OGRN}" kpp_mo="{KPP}" year="2021" month="04" date_1="2021-04-30">'
BILL = '<bill t_opl="1" ogrn_smo="1027700091100" date_2="2021-05-04"><account_sum/>'
KEY = "76000000-0000-01FF-FFFF-FFFFFFFFFFFF"


def document(patients: str = "", *, head: str = HEAD, extra: str = "", body: str = BODY) -> str:
    """bill.xml of an answer with these patients."""
    return f"{head}{extra}<package>{body}{BILL}<patients>{patients}</patients></bill></body></package>"


def patient(inside: str = '<smo pay="1"/>', key: str = KEY, more: str = "") -> str:
    return (
        f'<patient patientcod="P1" surname="Иванов"{more}><register_accounts>'
        f'<personal_account n_pp="1" xkey="{key}">{inside}</personal_account>'
        "</register_accounts></patient>"
    )


def packed(data: bytes | str, member: str = "bill.xml", *, more: dict[str, bytes] | None = None) -> bytes:
    raw = data.encode("cp1251") if isinstance(data, str) else data
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, raw)
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return target.getvalue()


def seven(members: dict[str, bytes], password: str | None = None) -> bytes:
    import py7zr

    target = io.BytesIO()
    with py7zr.SevenZipFile(target, "w", password=password) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return target.getvalue()


def encrypted_zip() -> bytes:
    """A ZIP whose flags say «encrypted»: nobody has the password anyway."""
    data = bytearray(packed(document(patient())))
    data[6] |= 1  # local header
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1
    return bytes(data)


def lying_zip() -> bytes:
    """Claims 100 bytes, unpacks to many megabytes."""
    raw = b"<a>" + b" " * (64 << 20)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packer.compress(raw) + packer.flush()
    crc = zlib.crc32(raw)
    name = b"bill.xml"
    sizes = struct.pack("<LLL", crc, len(body), 100)
    local = b"PK\x03\x04" + struct.pack("<HHHHH", 20, 0, 8, 0, 33) + sizes + struct.pack("<HH", 8, 0)
    head = b"PK\x01\x02" + struct.pack("<HHHHHH", 20, 20, 0, 8, 0, 33) + sizes
    head += struct.pack("<HHHHHLL", 8, 0, 0, 0, 0, 0, 0) + name
    start = len(local) + len(name) + len(body)
    end = b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 1, 1, len(head), start, 0)
    return local + name + body + head + end


def bomb() -> bytes:
    """Several gigabytes of spaces in a few megabytes: written in pieces, never held whole."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("bill.xml", "w", force_zip64=True) as member,
    ):
        member.write(document().encode("cp1251")[:200])
        block = b" " * (8 << 20)
        for _ in range(48):
            member.write(block)
    return target.getvalue()


def laughs() -> str:
    lines = ['<!ENTITY a0 "ха">'] + [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return document(patient(more=' name="&a9;"'), extra=f"<!DOCTYPE package [{''.join(lines)}]>")


def outside(secret: Path) -> str:
    return document(
        "<patient>&x;</patient>", extra=f'<!DOCTYPE package [<!ENTITY x SYSTEM "file://{secret}">]>'
    )


#: documents that are wrong inside; each is packed as an answer or loaded as it is
DOCUMENTS: dict[str, Callable[[], bytes | str]] = {
    "пустой bill.xml": lambda: b"",
    "одни пробелы": lambda: b"   \r\n \r\n",
    "не XML": lambda: "это просто текст",
    "обрезанный XML": lambda: document(patient())[:-60],
    "незакрытый тег": lambda: document("<patient>"),
    "два корня": lambda: document() + "<package/>",
    "мусор после корня": lambda: document(patient()) + "\x01\x02",
    "другой корень": lambda: HEAD + "<ZL_LIST><ZGLV/></ZL_LIST>",
    "нет body": lambda: HEAD + "<package></package>",
    "нет bill": lambda: f"{HEAD}<package>{BODY}</body></package>",
    "страница ошибки": lambda: "<!DOCTYPE html><html><body>404</body></html>",
    "billion laughs": laughs,
    "внешняя сущность": lambda: outside(Path("/etc/hostname")),
    "сущность по сети": lambda: document(extra='<!DOCTYPE package SYSTEM "http://127.0.0.1:9/x.dtd">'),
    "параметрическая сущность": lambda: document(
        extra='<!DOCTYPE package [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>'
    ),
    "нулевые байты": lambda: document(patient()).encode("cp1251").replace(b"P1", b"P\x00"),
    "битые байты UTF-8": lambda: document(patient(), head='<?xml version="1.0" encoding="utf-8"?>').encode(
        "cp1251"
    ),
    "несуществующая кодировка": lambda: document(head='<?xml version="1.0" encoding="ъ-8"?>'),
    "байт вне cp1251": lambda: document(patient()).encode("cp1251").replace(b"P1", b"P\x98"),
    "глубокая вложенность": lambda: document(patient("<a>" * 5000 + "</a>" * 5000)),
    "повторный атрибут": lambda: document(patient(more=' surname="Петров"')),
}

#: strange but readable: may be taken, must neither fail nor swallow the memory
ODD: dict[str, Callable[[], bytes | str]] = {
    "огромный атрибут": lambda: document(patient(more=f' name="{"я" * (11 << 20)}"')),
    "двести тысяч атрибутов": lambda: document(patient(more="".join(f' a{n}="1"' for n in range(200_000)))),
    "неизвестные элементы": lambda: document(patient('<новое a="1"><ещё/></новое><smo pay="1"/>')),
}

#: archives that are wrong as archives
ARCHIVES: dict[str, Callable[[], bytes]] = {
    "пустой файл": lambda: b"",
    "текст вместо архива": lambda: "не архив".encode(),
    "одни нули": lambda: b"\x00" * 4096,
    "только подпись ZIP": lambda: b"PK\x03\x04",
    "только подпись 7z": lambda: b"7z\xbc\xaf\x27\x1c",
    "обрезанный ZIP": lambda: packed(document(patient()))[:-40],
    "обрезанный ZIP в начале": lambda: packed(document(patient()))[:90],
    "испорченный ZIP": lambda: packed(document(patient())).replace(b"\x01\x02", b"\x03\x04", 1)[:200],
    "обрезанный 7z": lambda: seven({"bill.xml": document(patient()).encode("cp1251")})[:-30],
    "испорченный 7z": lambda: bytes(
        b ^ 0x5A if 40 < n < 80 else b
        for n, b in enumerate(seven({"bill.xml": document(patient()).encode("cp1251")}))
    ),
    "RAR": lambda: b"Rar!\x1a\x07\x00" + b"\x00" * 200,
    "GZIP": lambda: b"\x1f\x8b\x08\x00" + b"\x00" * 50,
    "пустой архив": lambda: b"PK\x05\x06" + b"\x00" * 18,
    "два файла": lambda: packed(document(patient()), more={"readme.txt": b"1"}),
    "другое имя внутри": lambda: packed(document(patient()), "BILL2.xml"),
    "выход из папки": lambda: packed(document(patient()), "../bill.xml"),
    "абсолютный путь": lambda: packed(document(patient()), "/etc/bill.xml"),
    "папка внутри": lambda: packed(document(patient()), "a/bill.xml"),
    "архив в архиве": lambda: packed(packed(document(patient())), "bill.zip"),
    "зашифрованный ZIP": encrypted_zip,
    "зашифрованный 7z": lambda: seven({"bill.xml": document(patient()).encode("cp1251")}, "пароль"),
    "7z с двумя файлами": lambda: seven({"bill.xml": b"<a/>", "b.xml": b"<a/>"}),
    "ZIP врёт о размере": lying_zip,
    "бомба": bomb,
}


def special(path: Path, what: str) -> Path:
    """A thing that is no plain file."""
    if what == "папка":
        path.mkdir()
    elif what == "ссылка в никуда":
        path.symlink_to(path.with_name("нет"))
    elif what == "ссылка по кругу":
        path.symlink_to(path)
    elif what == "канал":
        os.mkfifo(path)
    return path


SPECIAL = ("папка", "ссылка в никуда", "ссылка по кругу", "канал")
