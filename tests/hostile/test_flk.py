"""The menagerie as protocols of ФЛК: refused in Russian, nothing changed."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain.store import db
from omstui.formats.flkdbf import write_flqpid
from tests.domain import billkit, month
from tests.hostile import zoo
from tests.hostile.words import in_russian

H = "HM500101S50001_21121"
QPID = "QPID_4701012912211.dbf"
HEAD = '<?xml version="1.0" encoding="windows-1251"?>'
RIGHT = f"<FLK_P><FNAME_I>{H}</FNAME_I><PR><OSHIB>904</OSHIB><N_ZAP>1</N_ZAP></PR></FLK_P>"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("billed")
    billkit.billed(folder, "11")
    with db.connection(), db.write():
        file = month.insert("stored_file", name=QPID, sha256="0")
        month.insert("package", kind="Q", registry_id=1, period=billkit.PERIOD, name=QPID, file_id=file)
    return folder / "omstui.db"


@pytest.fixture
def services(base: Path, tmp_path: Path) -> Services:
    shutil.copy(base, tmp_path / "omstui.db")
    return open_services(str(tmp_path / "omstui.db"), login="tester")


def refused(services: Services, path: Path) -> None:
    before = month.dump()
    outcome = services.run("flk-load", yes=True, path=str(path), period=billkit.PERIOD)
    assert outcome.kind == "refused", outcome.message
    in_russian("\n".join([outcome.message, *outcome.error.details]))
    assert path.name in outcome.message
    assert month.dump() == before


@pytest.mark.parametrize("what", zoo.ARCHIVES)
def test_archives(services: Services, tmp_path: Path, what: str) -> None:
    path = tmp_path / "протокол.zip"
    path.write_bytes(zoo.ARCHIVES[what]())
    refused(services, path)


@pytest.mark.parametrize("what", zoo.DOCUMENTS)
def test_documents(services: Services, tmp_path: Path, what: str) -> None:
    raw = zoo.DOCUMENTS[what]()
    path = tmp_path / "VM500101S50001_21121.xml"
    path.write_bytes(raw if isinstance(raw, bytes) else raw.encode("cp1251"))
    refused(services, path)


PROTOCOLS = {
    "обрезан": RIGHT[:-20],
    "обрезан в начале": RIGHT[:40],
    "сущность": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + RIGHT.replace("904", "&x;"),
    "огромный ключ": RIGHT.replace("<N_ZAP>1", "<N_ZAP>" + "1" * 100_000),
    "отрицательный ключ": RIGHT.replace("<N_ZAP>1", "<N_ZAP>-1"),
    "дробный ключ": RIGHT.replace("<N_ZAP>1</N_ZAP>", "<IDCASE>1e3</IDCASE>"),
    "путь в имени": RIGHT.replace(H, "../../etc/passwd"),
    "длинное имя": RIGHT.replace(H, "x" * 5000),
    "нет имени": RIGHT.replace(H, ""),
}


@pytest.mark.parametrize("what", PROTOCOLS)
def test_protocols(services: Services, tmp_path: Path, what: str) -> None:
    path = tmp_path / "VM500101S50001_21121.xml"
    path.write_bytes((HEAD + PROTOCOLS[what]).encode("cp1251"))
    refused(services, path)


@pytest.mark.parametrize("cut", [0, 10, 40, 300, -30])
def test_tables(services: Services, tmp_path: Path, cut: int) -> None:
    path = tmp_path / f"FL{QPID}"
    write_flqpid(path, [("файл QPID_D1", "", "Ошибка", 1, None, "", "")] * 3, date(2021, 12, 30))
    path.write_bytes(path.read_bytes()[:cut])
    refused(services, path)


def test_a_long_text_is_kept_short_and_the_protocol_taken(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "V.xml"
    comment = f"<COMMENT>{'ы' * 50_000}\x09конец</COMMENT></PR>"
    path.write_bytes((HEAD + RIGHT.replace("</PR>", comment)).encode("cp1251"))
    outcome = services.run("flk-load", yes=True, path=str(path), period=billkit.PERIOD)
    assert outcome.kind == "ok", outcome.message
    assert max(len(line.text) for line in outcome.lines) < 1200
