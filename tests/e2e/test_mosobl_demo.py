"""The second region through the program's own training months: QPID to МЭК and back into the next bill."""

from __future__ import annotations

import contextlib
import io
import json
import re
from pathlib import Path

import pytest

from omstui.cli.main import run
from tests.support import once


@pytest.fixture(scope="module")
def worked() -> tuple[Path, str]:
    """A database with the headless months worked through, and what was printed."""

    def demo(folder: Path) -> None:
        said = io.StringIO()
        with contextlib.redirect_stdout(said), pytest.MonkeyPatch.context() as patch:
            patch.setenv("OMSTUI_DB", str(folder / "omstui.db"))
            assert run(["demo", "--profile", "mosobl", "--headless"]) == 0
        (folder / "said.txt").write_text(said.getvalue(), encoding="utf-8")

    folder = once("demo-mosobl", demo)
    return folder / "omstui.db", (folder / "said.txt").read_text(encoding="utf-8")


def test_months_balance_and_the_database_is_sound(worked: tuple[Path, str]) -> None:
    assert worked[1].count("Сверка сходится.") >= 2
    assert "НЕ сходится" not in worked[1]
    assert "База данных в порядке" in worked[1]


def test_log_speaks_in_the_words_of_the_manual(worked: tuple[Path, str]) -> None:
    for words in (
        r"Выгружено \d+ записей",
        r"Обновлено амбулаторных полисов - \d+ Добавлено амбулаторных полисов - \d+ Замкнуто",
        r"Ошибка идентификации: Неидентифицированный пациент - \d+ МКАБ, \d+ МКСБ, \d+ СМП",
        r"Реестры успешно сформированы",
        r"ОМС счета в .+ \(амбулатория\) случаев \d+ услуг \d+ на сумму \d+\.\d\d",
        r"ОМС счета по межтерриториальным пациентам",
        r"Возвраты сформированы",
        r"\d+ ТАП, \d+ МКСБ - за период .*2021/4",
    ):
        assert re.search(words, worked[1]), words


def test_status_of_the_profile_has_its_ledger(
    worked: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["status", "--db", str(worked[0]), "--period", "2021-04", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["profile"] == "mosobl"
    assert data["balanced"] is True
    assert [step["id"] for step in data["steps"]] == [
        "load", "form", "check", "ident_export", "ident_load", "payers", "bills", "invoices", "flk", "mek",
        "return",
    ]  # fmt: skip
    assert [row["smo"] for row in data["ledger"]] == ["50001", "50002", "50"]
    for row in data["ledger"]:
        cents = {k: round(float(row[f"{k}_sum"]) * 100) for k in ("sent", "refused", "paid", "pending")}
        assert cents["sent"] == cents["refused"] + cents["paid"] + cents["pending"] > 0
    assert [row["refused_count"] > 0 for row in data["ledger"]] == [True, True, False]


def test_refused_cases_come_again_in_the_next_month(
    worked: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["rejections", "--db", str(worked[0]), "--period", "2021-05", "--json"]) == 0
    refused = [r for r in json.loads(capsys.readouterr().out) if r["kind"] == "mek"]
    assert refused
    returned = [r for r in refused if r["state"] == "в реестр"]
    assert returned
    assert run(["case", "--db", str(worked[0]), returned[0]["case"], "--json"]) == 0
    path = json.loads(capsys.readouterr().out)
    assert len(path["accounts"]) == 2
