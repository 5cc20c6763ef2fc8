"""The bench works whole at a small size and judges by its limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import child
from bench.__main__ import main
from bench.report import Report

pytestmark = pytest.mark.timeout(180)


def test_a_small_month_measures_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = ["load", "form", "export", "xml", "accept", "reform", "view"]
    main(["--cases", "200", "--repeat", "1", "--dir", str(tmp_path), "--only", *parts])
    text = capsys.readouterr().out
    for name in ("загрузка: время", "формирование: время", "XML пакета: время", "lxml xmlfile",
                 "приём ответов: время", "F6", "просмотр файла: что это", "память"):  # fmt: skip
        assert name in text
    assert "загружено" in text and "случаев 200," in text


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
