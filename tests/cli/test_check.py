"""``omstui check`` and ``omstui criteria``: the contract of the JSON, own criteria from a file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.cli.main import run
from omstui.domain.runner import current_user
from omstui.domain.store import config, db, expertise
from tests.domain import checkkit, month
from tests.domain.checkkit import BAD_DAY, BAD_SNILS, NO_SURNAME, found, plant

GOOD = """
[[criteria]]
code = "95.001"
title = "Терапевт без кода отделения"
condition = "c.profile = '97' AND c.department = ''"
severity = "error"
applies = ["ТАП"]
mek = "1.4.3."
why = "Отделение нужно отчёту главного врача. Укажите его."
field = "department"

[[criteria]]
code = "95.002"
title = "Дорогая услуга"
level = "service"
condition = "s.total > 10001 AND c.kind = 'outpatient'"
"""


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = checkkit.services(tmp_path, NO_SURNAME, BAD_SNILS, BAD_DAY, "05.009", login=current_user())
    month.add_month(4)
    return made


def command(services: Services, *argv: str) -> int:
    return run([argv[0], "--db", str(services.database), *argv[1:]])


def criteria_json(services: Services, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    capsys.readouterr()
    assert command(services, "criteria", "list", "--json") == 0
    return {row["code"]: row for row in json.loads(capsys.readouterr().out)}


def test_check_json_is_the_contract(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    plant(1, NO_SURNAME)
    plant(3, BAD_DAY)
    assert command(services, "check", "--period", month.PERIOD, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert set(data) == {
        "total_cases", "total_sum", "cases_with_findings", "sum_with_findings", "criteria", "findings",
    }  # fmt: skip
    assert (data["total_cases"], data["total_sum"]) == (4, "800.20")
    assert (data["cases_with_findings"], data["sum_with_findings"]) == (2, "400.08")
    rows = {row["code"]: row for row in data["criteria"]}
    assert list(rows) == [NO_SURNAME, BAD_SNILS, "05.009", BAD_DAY]
    assert set(rows[NO_SURNAME]) == {
        *("code", "title", "severity", "state", "tap", "tap_services", "mksb", "mksb_services"),
        *("smp", "smp_services", "sum", "seconds"),
    }
    assert rows["05.009"]["state"] == "skipped" and rows[BAD_SNILS]["state"] == "done"
    assert (rows[BAD_DAY]["tap"], rows[BAD_DAY]["tap_services"], rows[BAD_DAY]["sum"]) == (1, 1, "100.03")
    assert [set(row) for row in data["findings"]] == [{"case", "code", "severity", "service", "message"}] * 2
    first, second = data["findings"]
    assert (first["case"], first["service"]) == ("H3|760001|S00000001|2021-04-05", None)
    assert (second["code"], second["severity"], second["service"]) == (BAD_DAY, "error", 2)
    assert "01.06.2021" in second["message"]


def test_check_prints_its_table(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    plant(1, NO_SURNAME)
    assert command(services, "check", "--period", month.PERIOD) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == f"{NO_SURNAME}       1          200,02  Не заполнена фамилия пациента"
    assert out[-1] == "Экспертиза завершена: случаев 4, с замечаниями 1 на сумму 200.02."


def test_check_of_nothing_is_refused(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(services, "check", "--period", "2021-01") == 1
    assert "проверять нечего" in capsys.readouterr().err


def test_criteria_are_listed_and_shown(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    rows = criteria_json(services, capsys)
    assert len(rows) == 209 and sum(row["on"] for row in rows.values()) == 4
    assert command(services, "criteria", "show", NO_SURNAME) == 0
    out = capsys.readouterr().out
    assert "Предупреждает отказ МЭК 1.4.3." in out and "Источник: " in out
    assert command(services, "criteria", "show", "01.999") == 2


# --- own criteria --------------------------------------------------------------------------------


def load(services: Services, folder: Path, text: str | bytes) -> int:
    path = folder / "свои.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return command(services, "criteria", "load", str(path))


def test_own_criteria_are_loaded_checked_and_graded(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert load(services, tmp_path, GOOD) == 0
    rows = criteria_json(services, capsys)
    assert rows["95.001"]["on"] and rows["95.001"]["severity"] == "error"
    assert rows["95.001"]["mek"] == "1.4.3", "as answers are compared, without the dot of the order"
    with db.connection(), db.write():
        db.execute("UPDATE cases SET department='T1' WHERE id <> 2")
    checkkit.check(services)
    # services cost 100.00 and as many kopecks as the number of the case
    assert found() == [(2, "95.001", None), *((case, "95.002", n) for case in (2, 3, 4) for n in (1, 2))]
    assert load(services, tmp_path, GOOD.split('[[criteria]]\ncode = "95.002"')[0]) == 0
    assert "95.002" not in criteria_json(services, capsys), "the file replaces the earlier ones"


def own(condition: str, **more: str) -> str:
    fields = {"code": "95.001", "title": "Свой", "condition": condition, **more}
    lines = (f"{name} = {json.dumps(text, ensure_ascii=False)}\n" for name, text in fields.items())
    return "[[criteria]]\n" + "".join(lines)


_READ = "условие может читать только поля случая, услуги и справочники"
REFUSED = {
    "unknown column": (own("c.no_such = 1"), "поля «c.no_such» нет"),
    "unknown function": (own("hack(c.id)"), "функции «hack» нет"),
    "unknown table": (own("EXISTS (SELECT 1 FROM nowhere)"), "таблицы «nowhere» нет"),
    "subquery into patient": (own("(SELECT surname FROM patient LIMIT 1) = ''"), _READ),
    "subquery into settings": (own("EXISTS (SELECT 1 FROM setting)"), _READ),
    "aggregate": (own("sum(1) > 0"), "годятся только внутри (SELECT …)"),
    "memory": (own("length(randomblob(1000000000)) > 0"), "функцию «randomblob» применять нельзя"),
    "too deep": ("a = " + "[" * 100_000, "слишком глубокая вложенность"),
    "schema": (own("EXISTS (SELECT 1 FROM sqlite_master)"), _READ),
    "pragma": (own("EXISTS (SELECT 1 FROM pragma_database_list)"), _READ),
    "two statements": (own("1; DELETE FROM cases"), "не должно быть «;»"),
    "comment": (own("1 -- "), "«--»"),
    "closed bracket": (own("1) OR (1"), "скобки не сходятся"),
    "unfinished": (own("c.id ="), "ошибка записи условия возле «)»"),
    "service column on a case": (own("s.id = 1"), "поля «s.id» нет"),
    "unknown value": (own("c.day < :nobody"), "параметра :nobody нет"),
    "code of ours": (own("1", code="01.001"), "код должен быть от 95.001 до 99.999"),
    "no title": (own("1", title=" "), "не указано название"),
    "no condition": (own(" "), "не указано условие"),
    "severity": (own("1", severity="fatal"), "severity — error или warning"),
    "level": (own("1", level="patient"), "level — case или service"),
    "unknown field": (
        own("1", field="patient.snyls"),
        "поля «patient.snyls» в карточке случая нет (возможно",
    ),
    "field of nothing": (own("1", field="где-то"), "(есть: bed_days, "),
    "no code of МЭК": (own("1", mek="1.44"), "кода «1.44» нет среди причин отказа МЭК"),
    "unknown key": (own("1", sevrity="error"), "возможно, «severity»"),
    "twice": (own("1") + own("2"), "описан дважды"),
    "not a list": ("criteria = 5", "нужны разделы [[criteria]]"),
    "rows of something else": ("criteria = [1, 2]", "нужны разделы [[criteria]]"),
    "other sections": (own("1") + "\n[mo]\nname = 'x'", "ничего кроме них"),
    "wrong types": ("[[criteria]]\ncode = ['95.001']\ntitle = {a = 1}", "должен быть строкой"),
    "applies": ("[[criteria]]\ncode='95.001'\ntitle='т'\ncondition='1'\napplies=['ТАР']", "из списка ТАП"),
    "not TOML": ("[[criteria", "ошибка записи TOML"),
    "binary": (b"\xff\xfe\x00", "ошибка записи TOML"),
    "empty": ("", "нужны разделы [[criteria]]"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_file_changes_nothing_and_says_why(
    name: str, services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, why = REFUSED[name]
    code = load(services, tmp_path, text)
    said = capsys.readouterr().err
    assert code in (1, 2), said
    assert why in said and "Traceback" not in said
    with db.connection():
        assert config.load_settings().criteria.own == ()


def test_a_missing_file_is_a_sentence(services: Services, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(services, "criteria", "load", "нет.toml") == 2
    assert "не читается" in capsys.readouterr().err


def test_a_pipe_is_not_waited_for(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    assert command(services, "criteria", "load", str(tmp_path / "pipe.toml")) == 2
    assert "это не файл" in capsys.readouterr().err


def test_a_criterion_without_end_is_stopped_and_the_rest_go_on(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expertise, "_EVERY", 1000)
    monkeypatch.setattr(expertise, "_STEPS", 100_000)
    numbers = "(SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5)"
    heavy = "(SELECT count(*) FROM " + ", ".join(f"{numbers} t{n}" for n in range(10)) + ") < 0"
    long = "c.day"
    for _ in range(18):
        long = f"hex({long})"
    text = own(heavy) + own(f"length({long}) > 0", code="95.002") + own("c.id > 0", code="95.003")
    assert load(services, tmp_path, text) == 0
    checkkit.check(services)
    with db.connection():
        said = dict(db.execute("SELECT code, reason FROM check_result WHERE code LIKE '95.%'"))
    assert "слишком тяжёлое" in said["95.001"] and "слишком длинное значение" in said["95.002"]
    assert said["95.003"] == ""
