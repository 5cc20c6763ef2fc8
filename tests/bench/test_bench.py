"""The bench works whole at a small size and judges by its limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import child
from bench.__main__ import main
from bench.report import Report

pytestmark = pytest.mark.timeout(180)


def test_a_small_month_measures_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = ["load", "form", "export", "xml", "accept", "reform", "view", "papers"]
    main(["--cases", "200", "--repeat", "1", "--dir", str(tmp_path), "--only", *parts])
    text = capsys.readouterr().out
    for name in ("загрузка: время", "формирование: время", "XML пакета: время", "lxml xmlfile",
                 "приём ответов: время", "F6", "просмотр файла: что это",
                 "реестр счёта, pdf", "реестр счёта, xlsx", "память"):  # fmt: skip
        assert name in text
    assert "загружено" in text and "случаев 200," in text


def test_a_small_month_of_the_second_region(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--cases", "200", "--repeat", "1", "--dir", str(tmp_path), "--only", "dbf", "ident", "bills"])
    text = capsys.readouterr().out
    for name in ("запись DBF: время", "быстрее пакета dbf", "чтение DBF: быстрее dbfread",
                 "QPID: память", "APID: чтение и применение", "реестры на оплату",
                 "выгрузка счетов целиком", "XML счетов (H+L)", "XML счетов: быстрее lxml"):  # fmt: skip
        assert name in text
    assert "не те" not in text and "загрузка: время" not in text
    assert next((tmp_path / "b-qpid").glob("QPID_*.dbf")) and list((tmp_path / "b-bills").rglob("*.zip"))
    # the template writes the very same bytes but for escapes, which the training data need none of
    race = child.run("bench.fedrace:race", base=str(tmp_path / "b-payers.db"), out=str(tmp_path / "race"))
    assert race["size"] == race["bare_size"] > 0 and race["cases"] > 200


def test_the_bare_table_has_the_records_of_ours(tmp_path: Path) -> None:
    race = child.run("bench.dbfrace:race", folder=str(tmp_path / "race"), rows=300)
    assert race["same"] and race["size"] == 33 + 32 * 25 + 300 * 439 + 1
    assert not list((tmp_path / "race").iterdir())


def test_floor_and_program_do_the_same_amount(tmp_path: Path) -> None:
    data, base = str(tmp_path / "data"), tmp_path / "base.db"
    made = child.run("bench.steps:generate", out=data, cases=150)
    child.run("bench.steps:create", data=data, base=str(base))
    for step in ("bench.floors:load", "bench.steps:load"):
        copy = tmp_path / f"{step.partition(':')[0]}.db"
        copy.write_bytes(base.read_bytes())
        numbers = child.run(step, data=data, base=str(copy))
        assert numbers["cases"] == made["cases"]
        assert numbers["rss"] > 5 and numbers["cpu"] > 0


def test_a_failing_step_says_why(tmp_path: Path) -> None:
    with pytest.raises(child.StepFailed, match="не найдена"):
        child.run("bench.steps:form", base=str(tmp_path / "none.db"))


@pytest.mark.parametrize(("value", "verdict", "code"), [(2.5, "OK", 0), (3.0, "OVER", 0), (3.8, "OVER", 1)])
def test_a_limit_gives_way_only_to_noise(value: float, verdict: str, code: int) -> None:
    report = Report()
    report.check("загрузка", value, 2.5, "×")
    assert verdict in report.lines[-1]
    assert report.close() == code


@pytest.mark.parametrize(("value", "verdict", "code"), [(2.1, "OK", 0), (1.7, "OVER", 0), (1.2, "OVER", 1)])
def test_a_lower_limit_gives_way_only_to_noise(value: float, verdict: str, code: int) -> None:
    report = Report()
    report.at_least("быстрее", value, 2, "×")
    assert verdict in report.lines[-1]
    assert report.close() == code
