"""«Выгрузить реестры на оплату»: files, numbers, questions, repeated export, abort and kill."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services, open_services
from omstui.domain import bills as planning
from omstui.domain.operation import Context
from omstui.domain.store import db, files, packages, registries_b, verifying
from omstui.domain.verify import verify
from tests.domain import billkit as kit
from tests.domain import month
from tests.domain.billkit import PERIOD


def formed(folder: Path, smos: str = "1122F-", **values: Any) -> tuple[Services, int, Path]:
    services = kit.services(folder)
    registry = kit.add_month(smos, **values)
    kit.ok(services.run("payers", period=PERIOD))
    return services, registry, folder / "out"


def export(services: Services, out: Path, **params: Any) -> Any:
    return services.run("bills-export", yes=True, **{"period": PERIOD, "out": str(out), **params})


def test_a_zip_per_payer_in_a_folder_of_its_own(tmp_path: Path) -> None:
    services, registry, out = formed(tmp_path)
    outcome = kit.ok(export(services, out, number="15", date="31.12.2021"))
    assert kit.zips(out) == [
        "50/HM500101T50_21121.zip",
        "50001/HM500101S50001_21121.zip",
        "50002/HM500101S50002_21121.zip",
    ]
    assert kit.status(registry) == "Выгружен счет на оплату в СМО"
    data = outcome.result.data
    assert (data["accounts"], data["without_payer"]) == (5, 1)
    assert [(f["number"], f["smo"], f["accounts"]) for f in data["files"]] == [
        ("15", "50001", 2), ("16", "50002", 2), ("17", "50", 1),
    ]  # fmt: skip
    said = kit.texts(outcome)
    place = out / "50001/HM500101S50001_21121.zip"
    assert f"Счёт № 15 от 31.12.2021, АО МАКС: случаев 2 на сумму 400.06, файл {place}" in said
    assert "По неидентифицированным файла нет: случаев 1 на сумму 200.12" in said
    assert kit.query("SELECT account.package_id IS NULL FROM account WHERE payer_id IS NULL") == [(1,)]
    root = kit.cases_of(out / "50002/HM500101S50002_21121.zip")
    schet = {e.tag: e.text for e in root.find("SCHET")}
    assert schet["NSCHET"] == "16" and schet["DSCHET"] == "2021-12-31" and schet["PLAT"] == "50002"
    assert root.findtext("ZGLV/SD_Z") == "2" and schet["SUMMAV"] == data["files"][1]["sum"]


def test_the_places_in_the_file_are_kept(tmp_path: Path) -> None:
    _, _, out = kit.billed(tmp_path)
    for name in kit.zips(out):
        sent = [
            (int(z.findtext("N_ZAP")), int(z.findtext("Z_SL/IDCASE")), z.findtext("Z_SL/SL/NHISTORY"))
            for z in kit.cases_of(out / name).iter("ZAP")
        ]
        kept = kit.query(
            "SELECT p.n_zap, p.idcase, c.nhistory FROM pay_account p JOIN package k ON k.id=p.package_id"
            " JOIN account a ON a.id=p.account_id AND a.package_id=k.id AND a.number=p.n_zap"
            " JOIN cases c ON c.id=a.case_id WHERE k.name=? ORDER BY 1",
            Path(name).name,
        )
        assert sent == kept
    assert kit.query("SELECT count(*), count(DISTINCT idcase) FROM pay_account") == [(6, 6)]


def test_the_bytes_are_kept_and_the_rows_say_what_was_sent(tmp_path: Path) -> None:
    _, registry, out = kit.billed(tmp_path)
    rows = kit.query(
        "SELECT file_id, name, registry_id, number, letter, accounts, total, state FROM package"
        " WHERE kind='B'"
    )
    with db.connection():
        for file, name, *_ in rows:
            path = next(out.rglob(name))
            assert b"".join(files.pieces(file)) == path.read_bytes()
    assert [(r[2], r[4], r[7]) for r in rows] == [(registry, "H", "active")] * 3
    assert sum(r[6] for r in rows) == kit.query("SELECT sum(total) FROM account WHERE payer_id > 0")[0][0]


def test_it_warns_before_anything_is_written(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path)
    before = month.dump()
    outcome = services.run("bills-export", period=PERIOD, out=str(out))
    assert outcome.kind == "question"
    assert "файлов 3, случаев 5 на сумму 1000.30" in outcome.message and not outcome.error.details
    odd = services.run("bills-export", period=PERIOD, out=str(out), number="абв", date="01.01.2030")
    assert list(odd.error.details) == [
        "Дата счёта 01.01.2030 ещё не наступила.",
        "Номер счёта «абв» не кончается цифрой: следующие счета будут «абв-2» и далее.",
    ]
    assert month.dump() == before and not out.exists()


def test_each_kind_of_file_is_a_bill_of_its_own(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    registry = kit.add_month("11")
    kit.add_month("1", registry, 3, ds_main="C50.1")
    kit.add_month("1", registry, 4, family="D", letter="D", disp="ПН1", kind="minors")
    kit.add_month("1", registry, 5, family="D", letter="D", disp="ПН2", kind="minors")
    kit.ok(services.run("payers", period=PERIOD))
    kit.ok(export(services, tmp_path / "out", number="А-9"))
    rows = kit.query("SELECT name, letter, number FROM package WHERE kind='B' ORDER BY id")
    assert rows == [
        ("HM500101S50001_21121.zip", "H", "А-9"),
        ("CM500101S50001_21121.zip", "C", "А-10"),
        ("DFM500101S50001_21121.zip", "DF", "А-11"),
        ("DFM500101S50001_21122.zip", "DF", "А-12"),
    ]
    disps = {kit.cases_of(p).findtext("SCHET/DISP") for p in (tmp_path / "out").rglob("DF*.zip")}
    assert disps == {"ПН1", "ПН2"}


def test_a_repeated_account_goes_as_corrected(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month("11")
    with db.connection(), db.write():
        db.execute("UPDATE account SET repeat='repeat' WHERE id=1")
    kit.ok(services.run("payers", period=PERIOD))
    kit.ok(export(services, tmp_path / "out"))
    root = kit.cases_of(next((tmp_path / "out").rglob("*.zip")))
    assert [e.text for e in root.iter("PR_NOV")] == ["1", "0"]


def test_the_version_follows_the_month_or_the_operator(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "1")
    kit.ok(export(services, out, version="3.2"))
    assert kit.cases_of(out / "50001/HM500101S50001_21121.zip").findtext("ZGLV/VERSION") == "3.2"
    outcome = kit.ok(export(services, out, version="9.0"))
    assert any("новее известных программе" in line for line in kit.texts(outcome))


# --- repeated and refused ------------------------------------------------------------------------


def test_a_repeated_export_asks_and_keeps_the_keys(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, number="15")
    keys = kit.query("SELECT account_id, idcase, n_zap FROM pay_account ORDER BY 1")
    codes = [kit.cases_of(out / n).findtext("SCHET/CODE") for n in kit.zips(out)]
    asked = services.run("bills-export", period=PERIOD, out=str(out))
    assert asked.kind == "question" and any("уже выгружены" in d for d in asked.error.details)
    kit.ok(export(services, out))
    assert kit.query("SELECT account_id, idcase, n_zap FROM pay_account ORDER BY 1") == keys
    states = kit.query("SELECT state, number FROM package WHERE kind='B' ORDER BY id")
    assert states == [("replaced", n) for n in ("15", "16", "17")] + [
        ("active", n) for n in ("15", "16", "17")
    ]
    again = [kit.cases_of(out / n).findtext("SCHET/CODE") for n in kit.zips(out)]
    assert not set(codes) & set(again)
    assert kit.query("SELECT count(*) FROM account WHERE package_id IN (1, 2, 3)") == [(0,)]


def test_once_mek_came_only_the_stored_files_are_taken(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path)
    with db.connection(), db.write():
        file = month.insert("stored_file", name="b", sha256="0")
        answer = month.insert("answer", road="mek", file_id=file, name="b5001017")
        month.insert("refusal", answer_id=answer, account_id=1, stage=4, kind="mek", refuses=1)
    before = month.dump()
    sent = {n: (out / n).read_bytes() for n in kit.zips(out)}
    other = tmp_path / "other"
    asked = services.run("bills-export", period=PERIOD, out=str(other))
    assert "уже загружен МЭК" in asked.message and not other.exists()
    kit.ok(export(services, other))
    assert {n: (other / n).read_bytes() for n in kit.zips(other)} == sent
    assert month.dump() == before


def test_the_stored_files_may_be_taken_again(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path)
    before = month.dump()
    outcome = kit.ok(export(services, tmp_path / "other", existing=True))
    assert kit.zips(tmp_path / "other") == kit.zips(out) and month.dump() == before
    assert outcome.result.data["accounts"] == 5


def test_numbers_and_names_of_other_registries_are_not_taken_twice(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "12", number="15")
    with db.connection(), db.write():
        second = kit.add_registry(name="второй")
    kit.add_month("11", second, 10)
    kit.ok(services.run("payers", registry_id=second))
    with db.connection():
        row = registries_b.get(second)
        assert row is not None
        proposal = planning.propose(row, "2022-01-10 09:00:00")
    assert (proposal.number, proposal.package, proposal.date) == ("17", 2, "2022-01-10")
    busy = export(services, out, registry_id=second, number="16")
    assert busy.kind == "refused" and "«16»" in busy.message and "с 17" in busy.message
    busy = export(services, out, registry_id=second, package=1)
    assert busy.kind == "refused" and "Свободен номер пакета 2" in busy.message
    kit.ok(export(services, out, registry_id=second))
    assert kit.query("SELECT name, number FROM package WHERE kind='B' ORDER BY id DESC LIMIT 1") == [
        ("HM500101S50001_21122.zip", "17")
    ]


@pytest.mark.parametrize(
    ("params", "why"),
    [
        ({"date": "31.02.2021"}, "Дата счёта «31.02.2021» не понята"),
        ({"number": "1234567890123456"}, "длиннее 15 знаков"),
        ({"package": 100000}, "Номер пакета 100000 не от 1 до 99999"),
        ({"version": "три"}, "записана неверно"),
    ],
)
def test_wrong_parameters_are_refused(tmp_path: Path, params: dict[str, Any], why: str) -> None:
    services, _, out = formed(tmp_path, "1")
    before = month.dump()
    outcome = export(services, out, **params)
    assert outcome.kind == "refused" and why in outcome.message, outcome.message
    assert month.dump() == before and not out.exists()


def test_only_formed_payment_registries_go_out(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month("1")
    outcome = export(services, tmp_path / "out")
    assert outcome.kind == "refused" and "сначала «Сформировать реестры на оплату»" in outcome.message


def test_payers_changed_since_are_refused(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "11")
    with db.connection(), db.write():
        db.execute("UPDATE cases SET payer_id=NULL WHERE id=2")
    outcome = export(services, out)
    assert outcome.kind == "refused" and "сменился плательщик" in outcome.message
    assert list(outcome.error.details) == ["H3|500101|S00000002|2021-12-05"]


def test_cases_gone_since_are_refused(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "11")
    with db.connection(), db.write():
        db.execute("UPDATE cases SET deleted_at='2022-01-01' WHERE id=1")
    outcome = export(services, out)
    assert outcome.kind == "refused" and "удалённые после формирования" in outcome.message
    assert not out.exists()


def test_nobody_identified_leaves_nothing_to_export(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "--")
    outcome = export(services, out)
    assert outcome.kind == "refused" and "выгружать нечего" in outcome.message


def test_a_payer_out_of_force_is_told(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "12")
    with db.connection(), db.write():
        db.execute("UPDATE insurer SET end_date='2021-11-30' WHERE code='50001'")
    said = kit.texts(kit.ok(export(services, out)))
    assert any("АО МАКС действует по 30.11.2021, а случаев, оконченных в другое время: 1" in s for s in said)


def test_a_foreign_file_in_the_way_is_asked_about(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "1")
    target = out / "50001/HM500101S50001_21121.zip"
    target.parent.mkdir(parents=True)
    target.write_bytes(b"x")
    asked = services.run("bills-export", period=PERIOD, out=str(out))
    assert any("уже есть другой файл" in d for d in asked.error.details)


def test_a_sign_the_encoding_lacks_names_the_patient_and_nothing_is_left(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "12")
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Ли\u4e2d' WHERE id=2")
    before = month.dump()
    outcome = export(services, out)
    assert outcome.kind == "refused" and "пациент Ли" in outcome.message
    assert month.dump() == before and not out.exists()


# --- abort and kill ------------------------------------------------------------------------------


def test_aborted_at_each_checkpoint_nothing_is_left(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path)

    def clean() -> None:
        assert not out.exists()

    assert kit.aborts(services, "bills-export", clean, period=PERIOD, out=str(out)) >= 8
    assert len(kit.zips(out)) == 3


def test_killed_at_each_checkpoint_the_database_is_as_before(tmp_path: Path) -> None:
    services, _, out = formed(tmp_path, "12")
    before = month.dump()
    for stop in range(1, 100):
        child = os.fork()
        if not child:
            seen = 0

            def prepare(ctx: Context, stop: int = stop) -> None:
                def count() -> None:
                    nonlocal seen
                    seen += 1
                    if seen == stop:
                        os.kill(os.getpid(), signal.SIGKILL)

                ctx.on_check = count

            services.run("bills-export", yes=True, prepare=prepare, period=PERIOD, out=str(out))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        services = open_services(str(services.database), login="tester")
        if not os.WIFSIGNALED(status):
            break
        assert month.dump() == before and kit.zips(out) == []
    assert stop > 5
    with db.connection():
        assert packages.unplaced() == []
    assert len(kit.zips(out)) == 2 and not list(out.rglob("*.part")) and not list(out.rglob(".*"))


def test_the_database_verifies(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path)
    with db.connection():
        assert [p.text for p in verify()] == []
    kit.ok(export(services, out))
    with db.connection():
        assert [p.text for p in verify()] == []


DAMAGE = {
    "итоги счетов на оплату": "UPDATE package SET total=total+1 WHERE id=1",
    "реестры на оплату": "UPDATE pay_registry SET accounts=accounts+1 WHERE payer_id IS NULL",
    "места в счетах": "UPDATE pay_account SET n_zap=9 WHERE account_id=1",
    "номера случаев в счетах": "UPDATE pay_account SET idcase=1 WHERE account_id=2",
}


def test_every_check_of_bills_has_its_damage() -> None:
    assert {check.title for check in verifying.BILLS} == set(DAMAGE)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        *((sql, "") for sql in DAMAGE.values()),
        ("UPDATE pay_account SET idcase=777 WHERE account_id=1", "лишних записей 1, не хватает 1"),
        ("UPDATE account SET package_id=2 WHERE id=1", "не в ту выгрузку"),
        ("UPDATE account SET package_id=NULL WHERE id=1", "но в файл не вошёл"),
        ("UPDATE registry SET package_id=NULL", "не сходится с его выгрузкой"),
        ("UPDATE package SET state='replaced' WHERE id=1", "не сходится с его выгрузкой"),
    ],
)
def test_verify_finds_damage_of_bills(tmp_path: Path, damage: str, words: str) -> None:
    kit.billed(tmp_path)
    with db.connection():
        with db.write():
            db.execute(damage)
        texts = [p.text for p in verify()]
    assert any(words in text for text in texts), texts
