"""Every check of ``verify`` is shown to find what it is there for: one damage per check, no check without."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain.store import db, verifying
from omstui.domain.verify import verify
from tests.domain import month
from tests.domain.answerkit import MES, Told, accept, answer, exported, reform, refused
from tests.support import make_services


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """April to the «2» of A, two refusals returned, May formed with them and one case of its own.

    Accounts 1, 3, 5 are of A (refused at 1, refused at 2, paid), 2, 4, 6 of B; 7 and 8 replace 1 and 3.
    """
    tmp_path = tmp_path_factory.mktemp("verify")
    services = make_services(tmp_path)
    _, keys = exported(services, tmp_path / "out")
    a, b = keys["A"], keys["B"]
    accept(services, answer(tmp_path, "1A", [refused(a[0]), *map(Told, a[1:])]))
    accept(services, answer(tmp_path, "1B", list(map(Told, b))))
    reform(services, tmp_path / "out")
    accept(services, answer(tmp_path, "2A", [refused(a[1], MES), Told(a[2])]))
    services.run("return", xkeys=a[:2], unchanged=True)
    formed = services.run("form", yes=True, period="2021-05")
    assert formed.kind == "ok", formed.message
    return tmp_path / "omstui.db"


@pytest.fixture
def services(base: Path, tmp_path: Path) -> Services:
    """A copy of that database."""
    shutil.copy(base, tmp_path / "omstui.db")
    return open_services(str(tmp_path / "omstui.db"), login="tester")


#: title of the check → statements that break what it guards
DAMAGE: dict[str, list[str]] = {
    "суммы счетов": ["UPDATE account SET total=total+1 WHERE id=2"],
    "итоги реестров": ["UPDATE registry SET total=total+1 WHERE id=1"],
    "итоги выгрузок": ["UPDATE package SET accounts=9 WHERE kind='3'"],
    "итоги файлов 7": ["UPDATE package SET total=total-1 WHERE kind='7' AND payer_id=2"],
    "состояния реестров": ["UPDATE registry SET status='Сформирован' WHERE id=1"],
    "счета и выгрузки": ["UPDATE account SET package_id=1 WHERE id=7"],
    "счета без выгрузки": ["UPDATE account SET package_id=NULL WHERE id=6"],
    "номера и места счетов": ["UPDATE account SET length=NULL WHERE id=4"],
    "номера счетов подряд": ["UPDATE account SET number=1 WHERE id=4"],
    "имена выгрузок": ["UPDATE package SET name='x.7z'"],
    "услуги сформированных счетов": [
        "UPDATE account_service SET service_id=999999 WHERE account_id=7",
    ],
    "случаи сформированных реестров": [
        "UPDATE cases SET deleted_at='2021-06-01' WHERE id=1",
        "UPDATE cases SET updated_at='2999-01-01 00:00:00' WHERE id=3",
    ],
    "один случай в двух счетах": ["UPDATE account SET case_id=6 WHERE id=5"],
    "решения стадии 1": ["UPDATE account SET stage1=0 WHERE id=5", "UPDATE answer SET state='replaced'"],
    "решения стадии 2": ["UPDATE account SET stage2=1 WHERE id=3", "UPDATE account SET stage2=1 WHERE id=2"],
    "плательщик решения": ["UPDATE account SET decided_payer_id=3 WHERE id=2"],
    "ответы и выгрузки": [
        "UPDATE answer SET package_id=2 WHERE stage=2",
        "UPDATE account SET answer1_id=NULL, package_id=2 WHERE id=1",
    ],
    "плательщик стадии 2": [
        "UPDATE account SET reform_id=(SELECT id FROM package WHERE payer_id=2) WHERE id=5",
    ],
    "счета в файлах 7": ["UPDATE account SET reform_id=2 WHERE id=1"],
    "принятые счета вне файла 7": ["UPDATE account SET reform_id=NULL WHERE id=2"],
    "стадия 2 без файла 7": ["UPDATE account SET reform_id=NULL WHERE id=3"],
    "отказы без причины": ["DELETE FROM refusal WHERE account_id=3"],
    "итоги ответов": ["UPDATE answer SET refused_sum=refused_sum+1 WHERE stage=2"],
    "два ответа вместо одного": ["UPDATE answer SET payer_id=1"],
    "восстановленные тестовые": ["UPDATE package SET state='restored' WHERE kind='3'"],
    "цепочки счетов": ["UPDATE account SET prev_id=5 WHERE id=7", "UPDATE account SET prev_id=8 WHERE id=7"],
    "развилки цепочек": ["UPDATE account SET prev_id=1 WHERE id=8"],
    "возвраты F8": [
        "UPDATE resubmission SET undone_at='2021-06-01' WHERE account_id=1",
        "UPDATE resubmission SET stage=2 WHERE account_id=1",
        "UPDATE resubmission SET new_account_id=8 WHERE account_id=1",
    ],
    "место возврата": ["UPDATE registry SET is_test=1 WHERE period='2021-05'"],
    "повторные счета без F8": [
        "UPDATE resubmission SET new_account_id=NULL WHERE account_id=1",
        "DELETE FROM resubmission WHERE account_id=3",
    ],
    "двойной F8": ["UPDATE resubmission SET account_id=1"],
    "состояния отказов": [
        "UPDATE account SET work='' WHERE id=1",
        "UPDATE account SET work='новый' WHERE id=1",
        "UPDATE account SET work='снят' WHERE id=2",
    ],
}
CHECKS = {check.title: check for check in verifying.CHECKS}
#: needs a state that one statement cannot make: has a test of its own below; bills are in test_bills,
#: cuts and acts in test_mek_ledger, invoices and payments in test_invoices
_ELSEWHERE = (*verifying.BILLS, *verifying.CUTS, *verifying.INVOICES)
ALONE = {"отказанный подан снова без F8", *(check.title for check in _ELSEWHERE)}


def test_every_check_has_its_damage() -> None:
    assert set(DAMAGE) | ALONE == set(CHECKS)


@pytest.mark.parametrize(
    ("title", "damage"), [(title, sql) for title, each in DAMAGE.items() for sql in each]
)
def test_check_finds_its_damage(services: Services, title: str, damage: str) -> None:
    check = CHECKS[title]
    with db.connection():
        assert list(verifying.breaches(check)) == []
        db.execute("PRAGMA foreign_keys=0")
        with db.write():
            db.execute(damage)
        assert list(verifying.breaches(check)) != []
        texts = [p.text for p in verify()]
    assert any("{" not in text for text in texts)


def test_refused_account_sent_again_without_f8_is_found(services: Services, tmp_path: Path) -> None:
    check = CHECKS["отказанный подан снова без F8"]
    outcome = services.run("export", yes=True, period="2021-05", out=str(tmp_path))
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        assert [p.text for p in verify()] == []
        with db.write():
            db.execute("DELETE FROM resubmission WHERE account_id=1")
            db.execute("UPDATE account SET prev_id=NULL WHERE id=7")
            db.execute("UPDATE account SET work='новый' WHERE id=1")
        assert [row[1] for row in verifying.breaches(check)] == [
            db.scalar("SELECT xkey FROM account WHERE id=1")
        ]


def test_bytes_of_what_was_sent_and_accepted_are_guarded(services: Services) -> None:
    for name in ("package", "answer"):
        with db.connection():
            file = db.scalar(f"SELECT min(file_id) FROM {name}")
            with db.write():
                db.execute("UPDATE stored_file SET sha256='0' WHERE id=?", (file,))
            texts = [p.text for p in verify()]
        assert any("Хранимый файл" in text for text in texts), name


def test_ledger_that_does_not_balance_is_told(services: Services) -> None:
    with db.connection():
        with db.write():
            db.execute("UPDATE account SET payer_id=NULL WHERE id=5")
            month.insert("withholding", period="2021-04", payer_id=2, total=10**9)
        texts = [p.text for p in verify() if p.area == "ведомость"]
    assert any("больше суммы файла 7" in text for text in texts), texts


def test_a_sum_changed_everywhere_in_the_database_still_differs_from_the_file(services: Services) -> None:
    with db.connection():
        with db.write():
            db.execute("UPDATE account_service SET total=total+1 WHERE account_id=4 AND id="
                       "(SELECT max(id) FROM account_service WHERE account_id=4)")  # fmt: skip
            db.execute("UPDATE account SET total=total+1 WHERE id=4")
            db.execute("UPDATE registry SET total=total+1 WHERE id=1")
            db.execute("UPDATE package SET total=total+1 WHERE kind='3' OR payer_id=2")
        texts = [p.text for p in verify()]
    assert len(texts) == 1 and "а в отправленном файле другая" in texts[0], texts


def test_accounts_of_zero_sum_are_healthy(tmp_path: Path) -> None:
    services = make_services(tmp_path)
    month.add_month(4)
    with db.connection(), db.write():
        for table in ("account_service", "account", "registry"):
            db.execute(f"UPDATE {table} SET total=0")
    outcome = services.run("export", yes=True, period="2021-04", out=str(tmp_path))
    assert outcome.kind == "ok", outcome.message
    with db.connection():
        keys = [row[0] for row in db.execute("SELECT xkey FROM account WHERE payer_id=1")]
    accept(services, answer(tmp_path, "1A", [refused(keys[0]), Told(keys[1])]))
    reform(services, tmp_path, "A")
    accept(services, answer(tmp_path, "2A", [refused(keys[1])]))
    with db.connection():
        assert [p.text for p in verify()] == []
