"""«Загрузить ФЛК»: FLK_P of bills by every key, FLQPID of requests, refusals whole, abort."""

from __future__ import annotations

import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.domain import case_path
from omstui.domain.store import db, rejections
from omstui.formats.flkdbf import write_flqpid
from omstui.formats.flkp import FlkError
from tests.domain import billkit as kit
from tests.domain import identkit, month
from tests.domain.billkit import PERIOD, protocol

H, L = "HM500101S50001_21121", "LM500101S50001_21121"
NEW = "003F.00.0530"


def load(services: Services, path: Path, *, yes: bool = False, **params: Any) -> Any:
    return services.run("flk-load", yes=yes, **{"path": str(path), "period": PERIOD, **params})


def facts() -> list[tuple[Any, ...]]:
    """(number of the card, code) of active facts, «» for an error that names no account."""
    return kit.query(
        "SELECT coalesce(c.nhistory, ''), f.code FROM refusal f LEFT JOIN account a ON a.id=f.account_id"
        " LEFT JOIN cases c ON c.id=a.case_id WHERE f.state='active' AND f.kind='flk' ORDER BY f.id"
    )


def keys(out: Path, name: str = H) -> list[dict[str, str]]:
    """Keys of the records of a bill as sent."""
    root = kit.cases_of(next(out.rglob(f"{name}.zip")))
    return [
        {
            "n_zap": z.findtext("N_ZAP"),
            "idcase": z.findtext("Z_SL/IDCASE"),
            "id_pac": z.findtext("PACIENT/ID_PAC"),
            "sl_id": z.findtext("Z_SL/SL/SL_ID"),
            "card": z.findtext("Z_SL/SL/NHISTORY"),
        }
        for z in root.iter("ZAP")
    ]


@pytest.mark.parametrize(
    "named",
    [
        ("idcase",),
        ("n_zap",),
        ("sl_id",),
        ("id_pac",),
        ("n_zap", "idcase", "sl_id", "id_pac"),
        ("sl_id", "id_pac"),
    ],
)
def test_an_error_finds_its_account_by_any_key(tmp_path: Path, named: tuple[str, ...]) -> None:
    services, registry, out = kit.billed(tmp_path, "112")
    sent = keys(out)[1]
    path = protocol(tmp_path, H, [FlkError(NEW, "DS1", **{n: sent[n] for n in named})])
    outcome = kit.ok(load(services, path))
    assert facts() == [(sent["card"], NEW)]
    assert kit.status(registry) == "Выгружен счет на оплату в СМО"
    assert outcome.result.data["errors"] == 1


def test_the_log_has_the_words_of_the_manual(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "11")
    first, second = keys(out)
    errors = [FlkError("904", "W", comment="Неверный код", idcase=k["idcase"]) for k in (first, second)]
    outcome = kit.ok(load(services, protocol(tmp_path, H, errors)))
    assert kit.texts(outcome) == [
        f"Загружен файл V{H[1:]}.xml",
        "Проверка выгрузки выполнена успешно",
        "Отчет об ошибках",
        "Источник Код ошибки Описание ошибки Количество ошибок",
        f"файл {H} 904 Неверный код - 2",
        "ФЛК успешно загружен, посмотрите результаты экспертизы",
    ]
    (link,) = [line.link for line in outcome.lines if line.link]
    assert link == {"list": "refusals", "answer": 1, "code": "904", "text": "Неверный код"}
    row = kit.query("SELECT road, stage, registry_id, period, accounts, flk, refused, state FROM answer")
    assert row == [("flk", 3, 1, PERIOD, 2, 2, 0, "active")]
    assert kit.query("SELECT DISTINCT refuses, stage, payer_id, comment FROM refusal ORDER BY 4")[0] == (
        0, 3, 1, f"случай {first['idcase']}, поле W",
    )  # fmt: skip
    assert kit.query("SELECT DISTINCT stage1, stage2, work FROM account") == [(0, 0, "")]


def test_a_person_of_the_file_of_persons_has_all_his_accounts(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    registry = kit.add_month("111")
    with db.connection(), db.write():
        db.execute("UPDATE cases SET patient_id=1 WHERE id=2")
    kit.ok(services.run("payers", period=PERIOD))
    kit.ok(services.run("bills-export", yes=True, period=PERIOD, out=str(tmp_path / "out")))
    person = keys(tmp_path / "out")[0]["id_pac"]
    # N_ZAP in a protocol of persons counts persons: it is no key of ours
    path = protocol(tmp_path, L, [FlkError(NEW, "SNILS", id_pac=person, n_zap="77")])
    kit.ok(load(services, path, registry_id=registry))
    assert sorted(facts()) == [("S00000001", NEW), ("S00000002", NEW)]


def test_both_protocols_of_a_pair_stand_side_by_side(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "11")
    first = keys(out)[0]
    archive = tmp_path / "flk.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for source, error in (
            (H, FlkError("902", idcase=first["idcase"])),
            (L, FlkError("903", id_pac=first["id_pac"])),
        ):
            path = protocol(tmp_path, source, [error])
            target.write(path, path.name)
    kit.ok(load(services, archive))
    assert sorted(code for _, code in facts()) == ["902", "903"]
    assert kit.query("SELECT count(*) FROM answer WHERE state='active'") == [(2,)]
    assert kit.query("SELECT count(*) FROM stored_file WHERE name='flk.zip'") == [(1,)]


def test_errors_without_keys_belong_to_the_bill(tmp_path: Path) -> None:
    services, _, _ = kit.billed(tmp_path, "1")
    path = protocol(tmp_path, H, [FlkError("801"), FlkError("904", base="SCHET", field="DSCHET")])
    outcome = kit.ok(load(services, path))
    assert facts() == [("", "801"), ("", "904")]
    assert f"файл {H} 801 Пакет не упакован в ZIP - 1" in kit.texts(outcome)


def test_no_errors_mean_the_file_was_taken(tmp_path: Path) -> None:
    services, _, _ = kit.billed(tmp_path, "1")
    outcome = kit.ok(load(services, protocol(tmp_path, H, [])))
    assert "Ошибок нет: файл принят." in kit.texts(outcome)
    assert facts() == [] and kit.query("SELECT flk FROM answer") == [(0,)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"idcase": "999"}, {"n_zap": "999"}, {"n_zap": "не число"}, {"sl_id": "чужой"}, {"id_pac": "чужой"},
        {"idcase": "9" * 40}, {"idcase": "²"}, {"n_zap": "2", "idcase": "1"},
    ],
)  # fmt: skip
def test_an_unknown_key_refuses_the_whole_file(tmp_path: Path, wrong: dict[str, str]) -> None:
    services, _, out = kit.billed(tmp_path, "11")
    right = FlkError("904", idcase=keys(out)[0]["idcase"])
    before = month.dump()
    outcome = load(services, protocol(tmp_path, H, [right, FlkError("904", **wrong)]))
    assert outcome.kind == "refused" and "которых в выгруженном файле нет" in outcome.message
    assert next(iter(wrong.values())) in outcome.error.details[0]
    assert month.dump() == before


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    path = protocol(tmp_path, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])
    kit.ok(load(services, path))
    before = month.dump()
    outcome = kit.ok(load(services, path.rename(tmp_path / "другое имя.xml")))
    assert "уже загружен" in outcome.lines[0].text
    assert f"  файл {H} 904 Недопустимый код - 1" in kit.texts(outcome)
    assert month.dump() == before


def test_the_same_file_is_known_before_registry_and_month(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    path = protocol(tmp_path, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])
    kit.ok(load(services, path))
    newer = protocol(tmp_path, H, [FlkError("905", idcase=keys(out)[0]["idcase"])], "VM2.xml")
    kit.ok(load(services, newer, yes=True))
    other = kit.add_registry("2022-01", "другой")
    before = month.dump()
    for params in ({}, {"period": "2022-01", "registry_id": other}, {"period": "2030-01"}):
        outcome = kit.ok(load(services, path, **params))
        assert outcome.result is not None and outcome.result.data["repeated"] is True
    assert "Этот протокол потом заменён другим файлом: действует тот." in kit.texts(outcome)
    assert month.dump() == before


def test_protocols_without_errors_on_two_requests_are_alike_and_both_count(tmp_path: Path) -> None:
    services = kit.services(tmp_path)
    kit.add_month("1")
    for _ in range(2):
        kit.ok(identkit.export(services, tmp_path))
    for number in (1, 2):
        path = tmp_path / f"FLQPID_470101291221{number}.dbf"
        write_flqpid(path, [], date(2021, 12, 30))
        outcome = kit.ok(load(services, path))
        assert outcome.result is not None and outcome.result.data["repeated"] is False
    assert kit.query("SELECT count(DISTINCT package_id) FROM answer WHERE road='flk'") == [(2,)]


def test_a_newer_protocol_replaces_after_a_question(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    idcase = keys(out)[0]["idcase"]
    kit.ok(load(services, protocol(tmp_path, H, [FlkError("904", idcase=idcase)])))
    newer = protocol(tmp_path, H, [FlkError("905", idcase=idcase)], "VM2.xml")
    before = month.dump()
    asked = load(services, newer)
    assert asked.kind == "question" and month.dump() == before
    kit.ok(load(services, newer, yes=True))
    assert [code for _, code in facts()] == ["905"]
    assert kit.query("SELECT state FROM answer ORDER BY id") == [("replaced",), ("active",)]


def test_bills_written_anew_end_their_protocols(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    kit.ok(load(services, protocol(tmp_path, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])))
    kit.ok(services.run("bills-export", yes=True, period=PERIOD, out=str(out)))
    assert facts() == []
    # the same protocol then answers the new file of that name
    kit.ok(load(services, tmp_path / f"V{H[1:]}.xml"))
    assert len(facts()) == 1
    kit.ok(services.run("bills-export", yes=True, period=PERIOD, out=str(out), package=5))
    outcome = load(services, protocol(tmp_path, H, [FlkError("905")]))
    assert outcome.kind == "refused" and "выгружен заново под другим" in outcome.message


def test_a_file_of_another_registry_names_it(tmp_path: Path) -> None:
    services, first, out = kit.billed(tmp_path, "1")
    with db.connection(), db.write():
        other = kit.add_registry("2022-01", "январь")
    kit.add_month("1", other, 5)
    path = protocol(tmp_path, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])
    for params in ({"period": "2022-01"}, {"period": "2022-01", "registry": "январь"}):
        outcome = load(services, path, **params)
        assert outcome.kind == "refused" and "другого реестра: «01.12.2021" in outcome.message
        assert f"--period 2021-12 --registry {first}" in outcome.message
    kit.ok(load(services, path, period="", registry_id=first))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("V.xml", b"<FLK_P><FNAME_I>HM999999S50001_21121</FNAME_I></FLK_P>", "отсюда не выгружали"),
        ("V.xml", b"<FLK_P></FLK_P>", "нет имени исходного файла"),
        ("V.xml", b"<ZL_LIST/>", "FLK_P"),
        ("V.xml", b"", "V.xml"),
        ("V.xml", b"\x00\x01\x02" * 100, "V.xml"),
        ("V.zip", b"PK\x03\x04xxxx", "ZIP"),
        ("FLQPID_4701012912211.dbf", b"", "на другой пакет"),
        ("APID_4701012912211.dbf", b"", "не протокол ФЛК"),
        ("FLQPID_7777772912211.dbf", b"", "другой медицинской организации"),
    ],
)
def test_strange_files_are_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    services, _, _ = kit.billed(tmp_path, "1")
    before = month.dump()
    path = tmp_path / name
    path.write_bytes(content)
    outcome = load(services, path)
    assert outcome.kind == "refused" and why in str(outcome.message), outcome.message
    assert month.dump() == before


def test_our_own_file_and_no_file_are_refused(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    outcome = load(services, out / "50001" / f"{H}.zip")
    assert outcome.kind == "refused" and "ваша собственная выгрузка" in outcome.message
    assert "не найден" in load(services, tmp_path / "нет.xml").message


def test_a_folder_is_taken_file_by_file(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "12")
    folder = tmp_path / "flk"
    folder.mkdir()
    good = protocol(folder, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])
    protocol(folder, H.replace("50001", "50002"), [FlkError("904", idcase="777")])
    (folder / "письмо.txt").write_text("x")
    (folder / "чужой.xml").write_text("<a/>")
    (folder / f"{H}.zip").write_bytes((out / "50001" / f"{H}.zip").read_bytes())
    outcome = load(services, folder)
    assert outcome.kind == "partial" and outcome.done == [good.name]
    assert outcome.message == "Загружено файлов ФЛК: 1, ошибок: 1, отказано: 1."
    assert len(facts()) == 1
    before = month.dump()
    outcome = load(services, folder)
    assert "уже загружены раньше: 1" in outcome.message and month.dump() == before


def test_a_folder_without_protocols_is_refused(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    assert "нет протоколов ФЛК" in load(services, out / "50001").message


def test_before_forming_there_is_no_flk(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "1")
    path = protocol(tmp_path, H, [FlkError("904", idcase=keys(out)[0]["idcase"])])
    with db.connection(), db.write():
        db.execute("UPDATE registry SET status='Создан'")
    outcome = load(services, path)
    assert outcome.kind == "refused" and "Реестр ещё не сформирован" in outcome.message


def test_aborted_at_each_checkpoint_nothing_changes(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "11")
    path = protocol(tmp_path, H, [FlkError("904", id_pac=k["id_pac"]) for k in keys(out)])
    assert kit.aborts(services, "flk-load", path=str(path), period=PERIOD) >= 6


def test_the_card_and_the_path_of_the_case_tell_of_it(tmp_path: Path) -> None:
    services, _, out = kit.billed(tmp_path, "11")
    sent = keys(out)[1]
    path = protocol(tmp_path, H, [FlkError("904", "DS1", "J20", idcase=sent["idcase"], comment="Нет кода")])
    person = protocol(tmp_path, L, [FlkError("903", "DR", id_pac=sent["id_pac"])])
    kit.ok(load(services, path))
    kit.ok(load(services, person))
    with db.connection():
        ours, theirs = (case_path.card(row) for row in rejections.find(stage=3))
        told = case_path.read(sent["card"])
    assert (ours.code, ours.text, ours.held_title) == ("904", "Нет кода", "ответ")
    assert (ours.lines[0].title, ours.lines[0].sent, ours.lines[0].held) == ("Поле DS1", "J20.9", "J20")
    assert ("Номер случая", sent["idcase"]) in [(line.title, line.sent) for line in ours.lines]
    assert (theirs.lines[0].title, theirs.lines[0].sent) == ("Поле DR", "1980-01-31")
    said = [(e["what"], e["detail"]) for e in told["events"]]
    assert ("ошибки ФЛК", f"{path.name}: 904 Нет кода") in said


# --- FLQPID --------------------------------------------------------------------------------------

QPID = "QPID_4701012912211.dbf"


def requested(folder: Path) -> tuple[Services, int]:
    """A registry whose three persons went into a request of identification; the first has two cases."""
    services = kit.services(folder)
    registry = kit.add_month("111-")
    with db.connection(), db.write():
        db.execute("UPDATE cases SET patient_id=1 WHERE id=4")
        file = month.insert("stored_file", name=QPID, sha256="0")
        package = month.insert(
            "package", kind="Q", registry_id=registry, period=PERIOD, name=QPID, file_id=file
        )
        for n in (1, 2, 3):
            month.insert("ident_row", package_id=package, n=n, recid=f"P{n}", patient_id=n)
    return services, registry


def flqpid(folder: Path, *rows: tuple[Any, ...]) -> Path:
    path = folder / f"FL{QPID}"
    write_flqpid(path, rows, date(2021, 12, 30))
    return path


SNILS = "Значение поля SNILS не соответствует формату."


def test_the_report_of_a_request_is_the_one_of_the_manual(tmp_path: Path) -> None:
    services, _ = requested(tmp_path)
    path = flqpid(tmp_path, ("файл QPID_D1", "", SNILS, 18, None, "", ""))
    outcome = kit.ok(load(services, path))
    assert kit.texts(outcome) == [
        "Загружен файл FLQPID_4701012912211.dbf",
        "Проверка выгрузки выполнена успешно",
        "Отчет об ошибках",
        "Источник Код ошибки Описание ошибки Количество ошибок",
        f"файл QPID_D1 {SNILS} - 18",
        "ФЛК успешно загружен, посмотрите результаты экспертизы",
    ]
    assert facts() == [("", "")] and outcome.result.data["errors"] == 18
    assert kit.query("SELECT flk, payer_id, road FROM answer") == [(18, None, "flk")]


def test_its_errors_find_the_cases_of_their_persons(tmp_path: Path) -> None:
    services, _ = requested(tmp_path)
    path = flqpid(
        tmp_path,
        ("файл QPID_D1", "", SNILS, 1, 1, "P1", "SNILS"),
        ("файл QPID_D1", "12", "Нет даты рождения", 1, 2, "", "DR"),
    )
    kit.ok(load(services, path))
    assert facts() == [("S00000001", ""), ("S00000004", ""), ("S00000002", "12")]
    assert kit.query("SELECT comment FROM refusal WHERE code='12'") == [("запись 2, поле DR",)]


@pytest.mark.parametrize("row", [(1, "P9"), (9, "")])
def test_a_person_we_did_not_ask_about_refuses_it(tmp_path: Path, row: tuple[int, str]) -> None:
    services, _ = requested(tmp_path)
    before = month.dump()
    outcome = load(services, flqpid(tmp_path, ("файл QPID_D1", "", SNILS, 1, *row, "")))
    assert outcome.kind == "refused" and "нет" in outcome.message
    assert month.dump() == before


def test_an_empty_table_means_no_errors(tmp_path: Path) -> None:
    services, registry = requested(tmp_path)
    outcome = kit.ok(load(services, flqpid(tmp_path)))
    assert "Ошибок нет: файл принят." in kit.texts(outcome)
    assert kit.status(registry) == "Сформирован"
