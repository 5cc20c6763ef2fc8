"""«Загрузить результат идентификации»: policies, payers, the words of the protocol, refusals."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.store import db
from omstui.domain.verify import verify
from tests.domain import billkit, identkit, month
from tests.domain.identkit import (
    FIRST,
    NOT_FOUND,
    PERIOD,
    answer,
    answered,
    change,
    export,
    found,
    made,
    rows,
)

NOTHING = (
    "Обновлено амбулаторных полисов - 0 Добавлено амбулаторных полисов - 0 Замкнуто амбулаторных полисов - 0"
    " Обновлено полисов в стационарных случаях - 0 Обновлено полисов в случаях скорой помощи - 0"
)
LOADED = "Загружен результат идентификации"


def texts(outcome: Any) -> list[str]:
    return billkit.texts(outcome)


def payers() -> list[str]:
    got = rows(
        "SELECT coalesce(i.code, '-'), coalesce(j.code, '-') FROM account a JOIN cases c ON c.id=a.case_id"
        " LEFT JOIN insurer i ON i.id=a.payer_id LEFT JOIN insurer j ON j.id=c.payer_id ORDER BY a.id"
    )
    assert all(account == case for account, case in got)
    return [account for account, _ in got]


def test_load_says_the_manuals_words(tmp_path: Path) -> None:
    _services, registry, outcome = answered(
        tmp_path, lambda n, row: NOT_FOUND if n == 1 else found(row, ROKATO="", RVPOL=3)
    )
    assert texts(outcome) == [
        "Загружен файл APID_4701012912211.dbf",
        "Проверка НСИ выполнена успешно",
        "Подготовка данных выполнена успешно",
        NOTHING,
        "Ошибка идентификации: Неидентифицированный пациент - 1 МКАБ, 0 МКСБ, 0 СМП",
    ]
    assert billkit.status(registry) == LOADED
    assert payers() == ["-", "50001", "50002", "50002"]


def test_load_unidentified_become_refusals_of_one_kind(tmp_path: Path) -> None:
    _services, _registry, outcome = answered(
        tmp_path,
        lambda n, row: {"RES": 9} if n == 1 else found(row, EERP="дубль записи") if n == 2 else found(row),
    )
    assert rows("SELECT kind, code, text, comment, stage, refuses, account_id FROM refusal ORDER BY id") == [
        ("ident", "9", "Неидентифицированный пациент", "данных недостаточно", 5, 0, 1),
        ("ident", "1", "Неидентифицированный пациент", "дубль записи", 5, 0, 2),
    ]
    line = next(x for x in outcome.lines if x.text.startswith("Ошибка идентификации"))
    assert line.link == {"list": "refusals", "answer": 1, "text": "Неидентифицированный пациент"}
    assert "2 МКАБ" in line.text
    assert rows("SELECT result, found, error FROM ident_row ORDER BY n")[:3] == [
        (9, 0, "данных недостаточно"), (1, 0, "дубль записи"), (1, 1, ""),
    ]  # fmt: skip
    with db.connection():
        from omstui.domain.store import rejections

        assert [r.case for r in rejections.find(period=PERIOD, kind="ident")]


def test_load_counts_by_type_of_case(tmp_path: Path) -> None:
    services, registry = made(tmp_path, "1")
    billkit.add_month("1", registry, 11, kind="inpatient")
    billkit.add_month("11", registry, 21, kind="ambulance")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RDBEG="2015-01-01"))
    outcome = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert (
        "Обновлено амбулаторных полисов - 1 Добавлено амбулаторных полисов - 0 Замкнуто амбулаторных"
        " полисов - 0 Обновлено полисов в стационарных случаях - 1 Обновлено полисов в случаях скорой"
        " помощи - 2" in texts(outcome)
    )
    path = answer(tmp_path / FIRST, lambda row: NOT_FOUND)
    outcome = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert "Ошибка идентификации: Неидентифицированный пациент - 1 МКАБ, 1 МКСБ, 2 СМП" in texts(outcome)


def test_load_same_policy_is_updated_with_history(tmp_path: Path) -> None:
    _services, _registry, outcome = answered(
        tmp_path, lambda n, row: found(row, RSMO="50002" if n == 1 else row["SMO"], RDBEG="2019-05-06"), "11"
    )
    assert any(
        "Обновлено амбулаторных полисов - 2 Добавлено амбулаторных полисов - 0" in t for t in texts(outcome)
    )
    assert payers() == ["50002", "50001"]
    assert rows("SELECT smo, smo_name, begin_date, okato FROM policy WHERE id=1") == [
        ("50002", "СОГАЗ", "2019-05-06", "46000")
    ]
    edits = rows("SELECT field, old, new, origin, entity FROM edit WHERE case_id=1")
    assert ("smo", "50001", "50002", "identification", "policy") in edits
    assert ("begin_date", "", "2019-05-06", "identification", "policy") in edits


def test_load_another_policy_is_added_and_the_former_closed(tmp_path: Path) -> None:
    new = "5099990000000001"
    _services, _registry, outcome = answered(
        tmp_path,
        lambda n, row: (
            found(row, RNPOL=new, RENP=new, RSMO="50002", RDBEG="2021-12-01") if n == 1 else found(row)
        ),
        "11",
    )
    assert any(
        "Добавлено амбулаторных полисов - 1 Замкнуто амбулаторных полисов - 1" in t for t in texts(outcome)
    )
    assert rows(
        "SELECT enp, smo, begin_date, end_date, region FROM policy WHERE patient_id=1 ORDER BY id"
    ) == [
        ("7600000000000001", "50001", "", "2021-11-30", "76"),
        (new, "50002", "2021-12-01", "", "50"),
    ]
    assert payers() == ["50002", "50001"]
    assert ("end_date", "", "2021-11-30") in rows("SELECT field, old, new FROM edit WHERE patient_id=1")
    assert ("enp", "7600000000000001", new) in rows("SELECT field, old, new FROM edit WHERE case_id=1")


def test_load_case_before_the_new_policy_keeps_the_former(tmp_path: Path) -> None:
    new = "5099990000000001"
    _services, _registry, _outcome = answered(
        tmp_path, lambda n, row: found(row, RNPOL=new, RENP=new, RSMO="50002", RDBEG="2021-12-20"), "1"
    )
    assert payers() == ["50001"]
    assert rows("SELECT policy_id FROM cases") == [(1,)]


def test_load_same_enp_of_another_insurer_keeps_the_spell_of_other_cases(tmp_path: Path) -> None:
    services, _registry = made(tmp_path, "1")
    with db.connection(), db.write():
        earlier = billkit.add_case(77)
        db.execute("UPDATE cases SET patient_id=1, policy_id=1 WHERE id=?", (earlier,))
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002", RDBEG="2021-12-01"))
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert payers() == ["50002"]
    assert rows(
        "SELECT q.smo, q.end_date FROM cases c JOIN policy q ON q.id=c.policy_id WHERE c.id=?", earlier
    ) == [("50001", "2021-11-30")]


def test_load_other_region_goes_to_the_fund(tmp_path: Path) -> None:
    other = "7712345678901234"
    _services, _, _ = answered(
        tmp_path,
        lambda n, row: found(row, RES=2, RSMO="77001", ROKATO="45000", RNPOL=other, RENP=other),
        "1-",
    )
    assert payers() == ["50", "50"]


def test_load_uninsured_have_no_payer_and_a_line_of_their_own(tmp_path: Path) -> None:
    _services, _, outcome = answered(
        tmp_path,
        lambda n, row: (
            found(row, RES=3, RDBEG="2015-01-01", RDEND="2021-11-20") if n == 1
            else found(row, RDBEG="2015-01-01", RDEND="2021-12-03") if n == 2 else {"RES": 1}
        ),
        "111",
    )  # fmt: skip
    assert payers() == ["-", "-", "-"]
    assert "Не застрахованы на дату лечения - 3 МКАБ, 0 МКСБ, 0 СМП" in texts(outcome)
    assert not any("Неидентифицированный" in t for t in texts(outcome))
    assert {r[0] for r in rows("SELECT text FROM refusal")} == {"Пациент не застрахован на дату лечения"}
    assert rows("SELECT end_date FROM policy WHERE id=1") == [("2021-11-20",)]


def test_load_old_form_policy_is_matched_by_series_and_number(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "1")
    change("UPDATE policy SET type='1', series='1234567', number='654321', enp=''")
    export(services, tmp_path)
    path = answer(
        tmp_path / FIRST,
        lambda row: {"RES": 1, "RSPOL": "1234567", "RNPOL": "654321", "RSMO": "50001", "RDBEG": "2010-01-01"},
    )
    outcome = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert any(
        "Обновлено амбулаторных полисов - 1 Добавлено амбулаторных полисов - 0" in t for t in texts(outcome)
    )
    assert rows("SELECT count(*) FROM policy") == [(1,)]


def test_load_names_by_the_register(tmp_path: Path) -> None:
    _services, _, outcome = answered(
        tmp_path,
        lambda n, row: found(
            row, RFAM="ИВАНОВСКИЙ" if n == 1 else "ИВАНОВ", RDR="1980-02-01", RDS="2021-12-01"
        ),
        "11",
    )
    assert rows("SELECT surname, fio_key, birth_date FROM patient ORDER BY id") == [
        ("Ивановский", "ИВАНОВСКИЙ ПЁТРБ ИЛЬИЧ".replace("Ё", "Е"), "1980-02-01"),
        ("Иванов", rows("SELECT fio_key FROM patient WHERE id=2")[0][0], "1980-02-01"),
    ]
    assert "Уточнены персональные данные по регистру: пациентов 2" in texts(outcome)
    assert "Умерли до начала лечения по данным регистра: пациентов 2" in texts(outcome)
    assert ("surname", "Иванов", "Ивановский", "identification") in rows(
        "SELECT field, old, new, origin FROM edit WHERE patient_id=1 AND entity='patient'"
    )


def test_load_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    services, _, _outcome = answered(tmp_path, lambda n, row: NOT_FOUND if n == 1 else found(row))
    before = identkit.dump()
    again = billkit.ok(
        identkit.run(services, "ident-load", yes=False, path=str(tmp_path / "out/APID_4701012912211.dbf"))
    )
    assert "уже загружен" in again.message and again.result.data["repeated"] is True
    assert "Ошибка идентификации: Неидентифицированный пациент - 1 МКАБ, 0 МКСБ, 0 СМП" in texts(again)
    assert identkit.dump() == before


def test_load_same_file_is_known_before_status_month_and_name(tmp_path: Path) -> None:
    services, _, _outcome = answered(tmp_path, lambda n, row: NOT_FOUND if n == 1 else found(row))
    path = tmp_path / "out/APID_4701012912211.dbf"
    copy = tmp_path / "копия ответа.dbf"
    copy.write_bytes(path.read_bytes())
    other = billkit.add_registry("2022-01", "другой")
    change("UPDATE registry SET status='Выгружен счет на оплату в СМО'")
    before = identkit.dump()
    for file in (path, copy):
        for params in ({}, {"period": "2022-01", "registry_id": other}, {"period": "2030-01"}):
            again = billkit.ok(identkit.run(services, "ident-load", yes=False, path=str(file), **params))
            assert again.result.data["repeated"] is True
    assert any("под именем APID_4701012912211.dbf" in text for text in texts(again))
    assert identkit.dump() == before


def test_load_an_answer_that_was_replaced_is_known_too(tmp_path: Path) -> None:
    services, _, _ = answered(tmp_path, lambda n, row: NOT_FOUND, "12")
    path = tmp_path / "out/APID_4701012912211.dbf"
    old = path.read_bytes()
    billkit.ok(identkit.run(services, "ident-load", path=str(answer(tmp_path / "out" / FIRST, found))))
    path.write_bytes(old)
    before = identkit.dump()
    again = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert "Этот ответ потом заменён другим файлом: действует тот." in texts(again)
    assert identkit.dump() == before and payers() == ["50001", "50002"]


def test_load_an_earlier_answer_after_a_later_one_asks(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    export(services, tmp_path)
    first, second = (tmp_path / f"QPID_470101291221{n}.dbf" for n in (1, 2))
    late = billkit.ok(identkit.run(services, "ident-load", path=str(answer(second, found))))
    assert f"Ответа ещё нет на пакеты: {FIRST}" in texts(late)
    path = answer(first, lambda row: NOT_FOUND)
    asked = identkit.run(services, "ident-load", yes=False, path=str(path))
    assert asked.kind == "question" and "Ответ на более поздний пакет уже загружен" in asked.message
    assert payers() == ["50001", "50002"]
    done = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert payers() == ["-", "-"] and not any("Ответа ещё нет" in text for text in texts(done))


def test_load_a_policy_mended_by_hand_answers_the_finding(tmp_path: Path) -> None:
    services, registry, outcome = answered(tmp_path, lambda n, row: NOT_FOUND if n <= 2 else found(row))
    link = next(line.link for line in outcome.lines if "Неидентифицированный" in line.text)
    assert link is not None and link["text"] == "Неидентифицированный пациент"
    number = "5000000000000018"
    mended = {"policy": {"number": number, "enp": number, "smo": "50002"}}
    billkit.ok(services.run("case-save", case_id=1, patient={"phone": "1"}))
    assert open_findings(registry) == [1, 2]  # nothing of the policy was said
    billkit.ok(services.run("case-save", case_id=1, **mended))
    assert open_findings(registry) == [2]
    assert rows("SELECT state FROM refusal ORDER BY account_id") == [("replaced",), ("active",)]
    with db.connection():
        assert [p.text for p in verify()] == []


def test_load_a_later_answer_ends_the_finding_of_an_earlier_registry(tmp_path: Path) -> None:
    services, first, _ = answered(tmp_path, lambda n, row: NOT_FOUND, "11")
    change("UPDATE registry SET status='Выгружен счет на оплату в СМО'")
    second = billkit.add_registry("2022-01", "следующий", checked_at="2022-01-06 09:00:00")
    with db.connection(), db.write():
        for case in (1, 2):
            month.add_account(second, case)
            db.execute(
                "INSERT INTO finding(registry_id, case_id, code) VALUES(?, ?, '02.013')", (second, case)
            )
    day = datetime(2022, 1, 10)
    asked = {"period": "2022-01", "day": day}
    billkit.ok(identkit.run(services, "ident-export", out=str(tmp_path / "jan"), **asked))
    path = answer(
        next((tmp_path / "jan").glob("QPID*")), lambda row: found(row) if row["NPP"] == 1 else NOT_FOUND
    )
    assert open_findings(first) == [1, 2]
    billkit.ok(identkit.run(services, "ident-load", path=str(path), **asked))
    states = rows(
        "SELECT a.registry_id, a.case_id, f.state FROM refusal f JOIN account a ON a.id=f.account_id"
    )
    assert sorted(states) == [(first, 1, "replaced"), (first, 2, "replaced"), (second, 2, "active")]
    assert rows("SELECT case_id FROM finding WHERE code='02.013'") == [(2,)]


def open_findings(registry: int) -> list[int]:
    """Cases «Результат экспертизы» still counts and lists."""
    from omstui.domain.store import rejections, review

    with db.connection():
        listed = [r.account_id for r in rejections.find(kind="ident")]
        assert sum(row.tap for row in review.rows(registry, "ident")) == len(listed)
    return listed


def test_load_leaves_no_file_beside_the_database(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, found)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"P000002", b"P000009"))
    refused(services, path, "нет пациента")
    path.write_bytes(data)
    dead = services.database.with_name(f"{services.database.name}.stage-999999-1-abcd")
    dead.write_bytes(b"")
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert not [*services.database.parent.glob("*.stage-*")]


def test_load_of_many_is_written_part_by_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from omstui.domain.store import ident_apply

    monkeypatch.setattr(ident_apply, "_PART", 2)
    answered(
        tmp_path, lambda n, row: NOT_FOUND if n == 3 else found(row, RSMO="50002", RFAM="Новая"), "11111"
    )
    assert payers() == ["50002", "50002", "-", "50002", "50002"]
    assert rows("SELECT count(*) FROM patient WHERE surname='Новая' AND fio_key LIKE 'НОВАЯ %'") == [(4,)]
    assert rows("SELECT count(*) FROM edit WHERE entity='policy' AND field='smo'") == [(4,)]
    assert rows("SELECT count(*) FROM ident_row WHERE answer_id IS NULL") == [(0,)]
    with db.connection():
        assert [p.text for p in verify()] == []


def test_load_second_answer_asks_and_takes_the_place_of_the_first(tmp_path: Path) -> None:
    services, _, _ = answered(tmp_path, lambda n, row: NOT_FOUND, "12")
    path = answer(tmp_path / "out" / FIRST, lambda row: found(row))
    asked = identkit.run(services, "ident-load", yes=False, path=str(path))
    assert asked.kind == "question" and "Заменить" in asked.message
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert payers() == ["50001", "50002"]
    assert rows("SELECT state FROM answer ORDER BY id") == [("replaced",), ("active",)]
    assert rows("SELECT DISTINCT state FROM refusal") == [("replaced",)]


def test_load_does_not_require_re_forming_and_survives_it(tmp_path: Path) -> None:
    services, _registry, _ = answered(
        tmp_path, lambda n, row: NOT_FOUND if n == 1 else found(row, RSMO="50002"), "11"
    )
    assert rows("SELECT reform_reason FROM registry") == [("",)]
    billkit.ok(services.run("form", yes=True, period=PERIOD))
    assert rows("SELECT f.state, c.id FROM refusal f JOIN account a ON a.id=f.account_id JOIN cases c"
                " ON c.id=a.case_id") == [("active", 1)]  # fmt: skip
    assert sorted(payers()) == ["-", "50002"]
    outcome = billkit.ok(services.run("payers", yes=True, period=PERIOD))
    assert any("по неидентифицированным" in t for t in texts(outcome))


def test_load_after_payment_registries_asks_and_sets_the_status_back(tmp_path: Path) -> None:
    services, registry = made(tmp_path, "12")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, found)
    change("UPDATE registry SET status='Сформированы реестры на оплату в СМО'")
    outcome = identkit.run(services, "ident-load", yes=False, path=str(path))
    assert outcome.kind == "question" and "сформировать заново" in outcome.message
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert billkit.status(registry) == LOADED


def test_load_marks_refused_accounts_of_the_case_corrected(tmp_path: Path) -> None:
    services, _registry = made(tmp_path, "1")
    with db.connection(), db.write():
        old = billkit.add_registry("2021-11", status="Выгружен счет на оплату в СМО")
        from tests.domain import month

        month.add_account(old, 1)
        db.execute("UPDATE account SET work='новый' WHERE registry_id=?", (old,))
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002"))
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert rows("SELECT work FROM account WHERE registry_id=?", old) == [("исправлен",)]


# --- refusals of the file ------------------------------------------------------------------------


def refused(services: Any, path: Path, part: str, **params: Any) -> None:
    before = identkit.dump()
    outcome = identkit.run(services, "ident-load", path=str(path), **params)
    assert outcome.kind == "refused", outcome.message
    assert part in " ".join([outcome.message, *outcome.error.details])
    assert identkit.dump() == before


def test_load_foreign_files_are_refused(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    for name, part in (
        ("APID_4701022912211.dbf", "для другой медицинской организации"),
        ("APID_4701012912212.dbf", "ответ на другой пакет"),
        ("QPID_4701012912211.dbf", "это не ответ на идентификацию"),
        ("ответ.dbf", "это не ответ на идентификацию"),
    ):
        path = answer(tmp_path / FIRST, found, tmp_path / "in", name)
        refused(services, path, part)
    refused(services, tmp_path / "APID_4701012912211.dbf", "не найден")


def test_load_of_another_registry_is_refused(tmp_path: Path) -> None:
    services, registry = made(tmp_path, "12")
    with db.connection(), db.write():
        billkit.add_registry(name="Второй")
    export(services, tmp_path, registry_id=registry)
    path = answer(tmp_path / FIRST, found)
    refused(services, path, "ответ на другой пакет", registry="Второй")
    refused(services, path, "ответ на другой пакет", period="2021-11")
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))  # the name tells the registry


@pytest.mark.parametrize(
    ("values", "part"),
    [({"RES": 7}, "итог поиска 7"), ({"RVPOL": 9}, "вид полиса 9"),
     ({"RDBEG": "2021-12-01", "RDEND": "2020-01-01"}, "раньше, чем начался")],
)  # fmt: skip
def test_load_wrong_by_the_books_is_refused(tmp_path: Path, values: dict[str, Any], part: str) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    refused(services, answer(tmp_path / FIRST, lambda row: found(row, **values)), part)


def test_load_unknown_person_refuses_the_whole(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, found)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"P000002", b"P000009"))
    refused(services, path, "нет пациента, запись 2: NPP 2, RECID «P000009»")


def test_load_damaged_and_empty_files_are_refused(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: None)
    refused(services, path, "ответов в нём нет")
    whole = answer(tmp_path / FIRST, found).read_bytes()
    for data in (b"", b"text", whole[:100], whole[: len(whole) - 40], whole[:400] + b"\0" * 200):
        path.write_bytes(data)
        refused(services, path, path.name)


def test_load_partial_answer_is_taken_and_told(tmp_path: Path) -> None:
    _services, _, outcome = answered(tmp_path, lambda n, row: found(row) if n == 2 else None)
    assert "В файле нет ответа о пациентах: 3" in texts(outcome)
    assert rows("SELECT count(*) FROM ident_row WHERE answer_id IS NULL") == [(3,)]


def test_load_aborted_at_each_checkpoint_changes_nothing(tmp_path: Path) -> None:
    services, _ = made(tmp_path, "12F-")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002", RFAM="Другой"))
    assert billkit.aborts(services, "ident-load", period=PERIOD, path=str(path)) >= 6


def test_load_plans_anew_when_somebody_wrote_in_between(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omstui.domain.ops import ident_load

    services, _ = made(tmp_path, "1")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002"))
    plan, calls = ident_load.make_plan, []

    def meddled(*args: Any) -> Any:
        counts = plan(*args)
        if not calls:
            other = sqlite3.connect(tmp_path / "omstui.db")
            other.execute("UPDATE policy SET enp='5000000000000077', number='5000000000000077'")
            other.commit()
            other.close()
        calls.append(counts)
        return counts

    monkeypatch.setattr(ident_load, "make_plan", meddled)
    outcome = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert (calls[0].updated, calls[0].added) == (1, 0) and (calls[1].updated, calls[1].added) == (0, 1)
    assert any("Добавлено амбулаторных полисов - 1" in t for t in texts(outcome))


def test_load_sees_a_case_moved_while_the_file_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cases concerned are taken before the file is read: what is written then counts too."""
    from omstui.domain.ops import ident_load

    services, _ = made(tmp_path, "12")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002"))
    read = ident_load._read

    def meddled(*args: Any) -> Any:
        matched = read(*args)
        with sqlite3.connect(tmp_path / "omstui.db") as other:
            other.execute("DELETE FROM account_service WHERE account_id=1")
            other.execute("DELETE FROM account WHERE id=1")
        other.close()
        return matched

    monkeypatch.setattr(ident_load, "_read", meddled)
    billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    # the case that left the registry keeps its policy and payer
    assert rows("SELECT i.code FROM cases c JOIN insurer i ON i.id=c.payer_id ORDER BY c.id") == [
        ("50001",), ("50002",),
    ]  # fmt: skip


# --- «более месяца» ------------------------------------------------------------------------------


def test_overdue_asks_again_after_a_month(tmp_path: Path) -> None:
    services, registry, _ = answered(tmp_path, lambda n, row: NOT_FOUND if n <= 2 else found(row), "1122")
    out = str(tmp_path / "later")
    early = identkit.run(services, "ident-overdue", day=datetime(2022, 1, 28), out=out)
    assert early.kind == "refused" and "не идентифицированных более 30 дней, нет" in early.message
    day = datetime(2022, 1, 29)
    outcome = billkit.ok(identkit.run(services, "ident-overdue", day=day, out=out))
    assert texts(outcome)[0] == "Выгружено 2 записи"
    request = tmp_path / "later" / "QPID_4701012901221.dbf"
    assert [r["RECID"] for r in identkit.asked(request)] == ["P000001", "P000002"]
    assert rows("SELECT registry_id FROM package ORDER BY id") == [(registry,), (None,)]
    assert billkit.status(registry) == LOADED
    # asked already: not again before the answer
    again = identkit.run(services, "ident-overdue", day=day, out=out)
    assert again.kind == "refused"
    path = answer(request, lambda row: found(row, RSMO="50002", RNPOL="50" + "5" * 14, RENP="50" + "5" * 14)
                  if row["NPP"] == 1 else NOT_FOUND)  # fmt: skip
    billkit.ok(identkit.run(services, "ident-load", day=day, path=str(path)))
    assert payers() == ["50002", "-", "50002", "50002"]
    assert rows("SELECT state, account_id FROM refusal ORDER BY id") == [
        ("replaced", 1), ("replaced", 2), ("active", 2),
    ]  # fmt: skip
    # and once more a month after that
    outcome = billkit.ok(identkit.run(services, "ident-overdue", day=datetime(2022, 3, 10), out=out))
    assert texts(outcome)[0] == "Выгружено 1 запись"


def test_load_same_bytes_for_another_package_are_another_answer(tmp_path: Path) -> None:
    services, _, _ = answered(tmp_path, lambda n, row: found(row), "12")
    billkit.ok(export(services, tmp_path / "out"))
    path = answer(tmp_path / "out" / FIRST.replace("1.dbf", "2.dbf"), found)
    outcome = billkit.ok(identkit.run(services, "ident-load", path=str(path)))
    assert outcome.result.data["repeated"] is False
    assert rows("SELECT name, state FROM answer ORDER BY id") == [
        ("APID_4701012912211.dbf", "active"),
        ("APID_4701012912212.dbf", "active"),
    ]


def test_load_unidentified_stay_without_a_payer_when_settings_are_saved(tmp_path: Path) -> None:
    _services, _, _ = answered(tmp_path, lambda n, row: NOT_FOUND if n == 1 else found(row), "12")
    with db.connection(), db.write():
        from omstui.domain import caserules
        from omstui.domain.store import cases

        assert cases.derive_payers(caserules.make_env().payer, "2022-01-10 00:00:00") == 0
    assert payers() == ["-", "50002"]


def test_load_mutated_files_never_fail_inside(tmp_path: Path) -> None:
    import random

    services, _ = made(tmp_path, "12F-")
    export(services, tmp_path)
    path = answer(tmp_path / FIRST, lambda row: found(row, RSMO="50002", RDBEG="2021-12-01"))
    whole = path.read_bytes()
    rng = random.Random(5)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(rng.choice((1, 3, 20))):
            data[rng.randrange(len(data))] = rng.randrange(256)
        path.write_bytes(data)
        outcome = identkit.run(services, "ident-load", path=str(path))
        assert outcome.kind in ("ok", "refused"), outcome.message
