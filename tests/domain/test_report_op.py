"""«Сохранить отчёт»: formats by suffix, nothing over an existing file, a sentence for each trouble."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain.operation import Aborted, Context
from omstui.domain.ops.report import Params
from omstui.domain.profile import profile
from omstui.domain.reports import catalog
from omstui.domain.store import db, places
from omstui.formats.reports import pdf, writing
from tests.domain import month
from tests.support import make_services

P = month.PERIOD


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = make_services(tmp_path)
    month.add_month(3)
    return made


def save(services: Services, out: Path, name: str = "month", **options: Any) -> Any:
    return services.run("report", name=name, period=P, out=str(out), **options)


@pytest.mark.parametrize("kind", writing.FORMATS)
def test_the_suffix_tells_the_format(services: Services, tmp_path: Path, kind: str) -> None:
    target = tmp_path / f"отчёт.{kind}"
    outcome = save(services, target)
    assert outcome.kind == "ok", outcome.message
    start = {"pdf": b"%PDF", "xlsx": b"PK", "csv": b"\xef\xbb\xbf", "txt": b" "}[kind]
    assert target.read_bytes().startswith(start)
    assert outcome.result.data == {"file": str(target), "format": kind}


def test_the_same_data_is_the_same_file(services: Services, tmp_path: Path) -> None:
    save(services, tmp_path / "1.pdf")
    save(services, tmp_path / "2.pdf")
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_a_folder_gets_the_proposed_name(services: Services, tmp_path: Path) -> None:
    folder = tmp_path / "папка"
    folder.mkdir()
    assert save(services, folder, format="xlsx").kind == "ok"
    assert [p.suffix for p in folder.iterdir()] == [".xlsx"]


def test_an_existing_file_is_replaced_only_after_a_question(services: Services, tmp_path: Path) -> None:
    target = tmp_path / "а.txt"
    target.write_text("моё", encoding="utf-8")
    asked = save(services, target)
    assert asked.kind == "question" and "уже есть" in asked.message
    assert target.read_text(encoding="utf-8") == "моё"
    assert save(services, target, yes=True).kind == "ok"
    assert "СВОДКА" in target.read_text(encoding="utf-8")


def test_a_missing_folder_is_a_sentence(services: Services, tmp_path: Path) -> None:
    outcome = save(services, tmp_path / "нет" / "а.pdf")
    assert outcome.kind == "refused"
    assert f"папки {tmp_path / 'нет'} нет" in outcome.message
    assert not (tmp_path / "нет").exists()


def test_a_folder_without_the_right_to_write(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "чужая"
    folder.mkdir()
    real = Path.open

    def refused(path: Path, *args: Any, **options: Any) -> Any:
        if path.parent == folder:
            raise PermissionError(errno.EACCES, "denied", str(path))
        return real(path, *args, **options)

    monkeypatch.setattr(Path, "open", refused)
    outcome = save(services, folder / "а.txt")
    assert outcome.kind == "refused" and "нет права писать" in outcome.message


@pytest.mark.parametrize("kind", writing.FORMATS)
def test_a_full_disk_leaves_the_old_file(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    target = tmp_path / f"а.{kind}"
    target.write_bytes(b"old")
    real = Path.open

    class Full:
        def __init__(self, path: Path) -> None:
            self._file = real(path, "wb")

        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "no space")

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *error: Any) -> None:
            self._file.close()

    def opened(path: Path, *args: Any, **options: Any) -> Any:
        return Full(path) if path.name.endswith(".part") else real(path, *args, **options)

    monkeypatch.setattr(Path, "open", opened)
    outcome = save(services, target, yes=True)
    assert outcome.kind == "refused" and "кончилось место" in outcome.message
    assert target.read_bytes() == b"old"
    assert not list(tmp_path.glob("*.part"))


def test_abort_leaves_nothing(services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def aborted(*args: Any, **options: Any) -> None:
        raise Aborted

    monkeypatch.setattr(pdf, "write", aborted)
    outcome = save(services, tmp_path / "а.pdf")
    assert outcome.kind == "aborted"
    assert not list(tmp_path.glob("а*"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "нет"}, "Отчёта «нет» нет"),
        ({"out": "а.doc"}, "Формат «doc» неизвестен"),
        ({"out": "а"}, "Не указан формат файла"),
        ({"name": "skips"}, "не указано «Номера реестров"),
        ({"name": "skips", "registry": "х"}, "не номера реестров"),
        ({"name": "skips", "registry": "1,99"}, "Реестра 99 нет"),
        ({"name": "log", "run": "999"}, "в журнале нет"),
        ({"period": "2021-13"}, ""),
    ],
)
def test_wrong_words_are_named(
    services: Services, tmp_path: Path, options: dict[str, str], said: str
) -> None:
    given = {"name": "month", "period": P, "out": "а.txt"} | options
    outcome = services.run("report", **(given | {"out": str(tmp_path / given["out"])}))
    assert outcome.kind == "refused" and outcome.exit_code in (1, 2)
    assert said in outcome.message


def test_the_log_of_an_operation(services: Services, tmp_path: Path) -> None:
    first = services.run("sent", period=P, smo=["76001"])
    target = tmp_path / "лента.txt"
    outcome = services.run("report", name="log", run=str(first.run_id), out=str(target))
    assert outcome.kind == "ok", outcome.message
    text = target.read_text(encoding="utf-8")
    assert "ЛЕНТА ОПЕРАЦИИ" in text and "tester" in text
    assert first.message[:40] in " ".join(text.split())


@pytest.mark.parametrize("region", ["yar", "mosobl"])
def test_each_report_is_described(region: str) -> None:
    found = catalog.offered(profile(region))
    assert {report.id for report in found} <= set(catalog.IDS)
    for report in found:
        assert report.title and report.about and report.params
        assert {param.name for param in report.params} <= {f.name for f in fields(Params)}


def test_places_are_of_the_operator_and_the_kind(services: Services) -> None:
    with db.connection():
        places.keep("анна", "pdf", "/а")
        places.keep("анна", "pdf", "/б")
        places.keep("анна", "csv", "/в")
        assert places.folder("анна", "pdf") == "/б"
        assert places.folder("борис", "pdf") == ""


def test_a_report_reads_one_state_and_writes_nothing(services: Services, tmp_path: Path) -> None:
    seen: list[Context] = []
    outcome = services.run("report", name="month", period=P, out=str(tmp_path / "а.pdf"), prepare=seen.append)
    assert outcome.kind == "ok"
    assert stat.S_ISREG((tmp_path / "а.pdf").stat().st_mode)


def test_neither_a_database_nor_a_device_is_ever_replaced(services: Services, tmp_path: Path) -> None:
    pipe, copy = tmp_path / "pipe", tmp_path / "копия.db"
    os.mkfifo(pipe)
    copy.write_bytes(b"SQLite format 3\0...")
    for target, words in (
        (pipe, "это не файл"),
        (db.path(), "это база данных"),
        (copy, "это база данных"),
        (copy.with_name("копия.db-wal"), "это база данных"),
    ):
        outcome = save(services, target, format="txt", yes=True)
        assert outcome.kind == "refused" and words in outcome.message
    assert pipe.is_fifo() and copy.read_bytes() == b"SQLite format 3\0..."


def test_a_number_no_row_can_have_is_a_sentence(services: Services, tmp_path: Path) -> None:
    outcome = save(services, tmp_path / "а.txt", "log", run="9" * 30)
    assert outcome.kind == "refused" and "Слишком большое число" in outcome.message
