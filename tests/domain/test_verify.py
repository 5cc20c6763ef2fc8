"""``verify`` finds each kind of damage and keeps silent on a healthy database."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db, files
from omstui.domain.store.verifying import CHECKS
from omstui.domain.verify import verify
from tests.domain import month
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    """A month up to the second answer of A: one refusal at each stage."""
    services = make_services(tmp_path)
    _, made = month.add_month(8)
    outcome = services.run("export", period=month.PERIOD, out=str(tmp_path / "out"))
    package = outcome.result.data["package"]
    with db.connection():
        month.answer_one(package, "76001", [made[0]])
    services.run("reform", period=month.PERIOD, out=str(tmp_path / "out"), smo=["A"])
    with db.connection():
        month.answer_one(package, "76001", [made[2]], stage=2)
    return services


def found() -> list[str]:
    with db.connection():
        return [p.text for p in verify()]


def test_verify_healthy_month_is_silent(services: Services) -> None:
    assert found() == []


def test_verify_empty_database_is_silent(tmp_path: Path) -> None:
    make_services(tmp_path)
    assert found() == []


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("UPDATE account SET total=total+1 WHERE id=2", "не равна сумме его услуг"),
        ("UPDATE registry SET accounts=9", "Реестр № 1: записано счетов 9"),
        ("UPDATE package SET total=0 WHERE kind='3'", "записано счетов 8 на 0.00"),
        ("UPDATE package SET accounts=1 WHERE kind='7'", "Файл 7 №"),
        ("UPDATE registry SET status='Сформирован'", "не сходится с его выгрузкой"),
        ("UPDATE account SET package_id=NULL WHERE id=2", "но в файл не вошёл"),
        ("UPDATE account SET number=3 WHERE id=2", "повторяется"),
        ("UPDATE account SET offset=offset+1 WHERE id=2", "не там, где записано"),
        ("UPDATE account SET offset=NULL WHERE id=2", "не записан номер или место"),
        ("UPDATE account SET stage1=1 WHERE id=1", "решение стадии 1"),
        ("UPDATE account SET stage1=0 WHERE id=3", "решение стадии 1"),
        ("UPDATE account SET stage2=1 WHERE id=3", "решение стадии 2"),
        ("UPDATE account SET stage2=1 WHERE id=2", "в файл 7 он не входил"),
        ("UPDATE account SET decided_payer_id=2 WHERE id=1", "плательщик, решивший"),
        ("UPDATE account SET reform_id=NULL WHERE id=5", "в файл 1027600099900760499001210417A.7z не"),
        ("UPDATE account SET reform_id=2 WHERE id=1", "в котором его быть не может"),
        ("DELETE FROM refusal", "ни одной причины"),
        ("UPDATE answer SET refused_sum=5", "записано отказов"),
        ("UPDATE answer SET stage=1", "действующих ответов"),
        ("UPDATE account SET work='исправлен' WHERE id=2", "состояние отказа"),
        ("UPDATE account SET work='в реестр' WHERE id=1", "состояние отказа"),
        ("UPDATE account SET prev_id=2 WHERE id=3", "прежний счёт"),
        ("UPDATE file_chunk SET data=x'00' WHERE file_id=1", "Хранимый файл"),
        ("UPDATE package SET state='restored' WHERE kind='3'", "остались действующими"),
    ],
)
def test_verify_damage_is_found(services: Services, damage: str, words: str) -> None:
    with db.connection(), db.write():
        db.execute(damage)
    texts = found()
    assert any(words in text for text in texts), texts


def test_verify_case_in_two_live_accounts(services: Services) -> None:
    with db.connection(), db.write():
        month.add_account(month.add_registry("dental"), 2)
    assert any("в 2 действующих счетах" in text for text in found())


def test_verify_broken_reference(services: Services) -> None:
    with db.connection():
        db.execute("PRAGMA foreign_keys=0")
        db.execute("DELETE FROM patient WHERE id=1")
    assert any("ссылаются" in text for text in found())


def test_verify_many_breaches_are_counted(services: Services) -> None:
    with db.connection(), db.write():
        db.execute("UPDATE account_service SET total=total+1")
        registry = month.add_registry("dental")
        for n in range(20, 35):
            month.add_account(registry, month.add_case(n))
        db.execute("UPDATE account SET total=1")
    assert any("и ещё" in text for text in found())


def test_verify_templates_fit_their_columns() -> None:
    assert len({c.title for c in CHECKS}) == len(CHECKS)


def test_stored_file_roundtrip_in_pieces(tmp_path: Path) -> None:
    import random

    make_services(tmp_path)
    noise = random.Random(1).randbytes(2_500_000)
    text = b"<a/>\r\n" * 500_000
    with db.connection():
        with db.write():
            (tmp_path / "noise").write_bytes(noise)
            first = files.put_file("noise", tmp_path / "noise")
            second = files.put_file("text", text)
            third = files.put_file("empty", b"")
        assert b"".join(files.pieces(first)) == noise
        assert files.file_row(first).packing == "plain"
        assert files.file_row(second).packing == "zlib"
        stored = db.scalar("SELECT sum(length(data)) FROM file_chunk WHERE file_id=?", (second,))
        assert stored < len(text) / 50
        with files.open_file(second) as stream:
            assert stream.read() == text
            stream.seek(-10, 2)
            assert stream.read() == text[-10:]
            stream.seek(1_048_570)
            assert stream.read(20) == text[1_048_570:1_048_590]
        with files.open_file(third) as stream:
            assert stream.read() == b""
        found_row = files.file_by_sha(files.sha256_of(text))
        assert found_row is not None and found_row.id == second
