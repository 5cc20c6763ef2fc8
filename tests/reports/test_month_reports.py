"""Reports of the training months of both regions: their text, and their totals against the ledger."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from omstui.domain import ledger
from omstui.domain.errors import OmsError, UsageError
from omstui.domain.reports import catalog
from omstui.domain.reports.model import Chart, Document, PageBreak, Signatures
from omstui.domain.store import config, db, findings, sequester
from omstui.formats.reports.writing import write
from tests.reports.kit import FIRST, REPORTS, SECOND, build, report, shown, tables, total, words, worked
from tests.support import once

GOLDEN = Path(__file__).parent / "golden"
#: read before the tests lose the variables of the program
WRITE = bool(os.environ.get("OMSTUI_WRITE_GOLDEN"))
REGIONS = ("yar", "mosobl")
#: day the age of a refusal is counted to
DAY = "2021-06-20"
Build = Callable[..., Document]


@pytest.fixture(scope="session")
def bases() -> Callable[[str], Path]:
    """The database of a region with its worked months."""

    def base(region: str) -> Path:
        folder = once(f"months-{region}", lambda folder: worked(folder / "omstui.db", region))
        return folder / "omstui.db"

    return base


@pytest.fixture(params=REGIONS)
def region(request: pytest.FixtureRequest, bases: Callable[[str], Path]) -> Any:
    """A region with its worked months open."""
    db.bind(bases(request.param))
    with db.connection():
        yield request.param


@pytest.fixture
def yar(bases: Callable[[str], Path]) -> Any:
    db.bind(bases("yar"))
    with db.connection():
        yield


@pytest.fixture
def mosobl(bases: Callable[[str], Path]) -> Any:
    db.bind(bases("mosobl"))
    with db.connection():
        yield


def check(document: Document, name: str) -> None:
    """Compare with golden/NAME.txt; OMSTUI_WRITE_GOLDEN=1 writes it anew."""
    path, text = GOLDEN / f"{name}.txt", shown(document)
    if WRITE:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


GIVEN: dict[str, dict[str, str]] = {"invoice_registry": {"smo": "76"}, "not_resent": {"date": DAY}}


@pytest.mark.parametrize("module", REPORTS)
def test_text_of_manual_a(yar: None, module: str) -> None:
    check(build(module, **{"period": SECOND, **GIVEN.get(module, {})}), f"yar_{module}")


@pytest.mark.parametrize("module", [m for m in REPORTS if m != "sequestered"])
def test_text_of_manual_b(mosobl: None, module: str) -> None:
    given = {"invoice_registry": {"smo": "50", "period": FIRST}}.get(module, GIVEN.get(module, {}))
    check(build(module, **{"period": SECOND, **given}), f"mosobl_{module}")


@pytest.mark.parametrize("module", REPORTS)
def test_a_month_without_data_says_so(region: str, module: str) -> None:
    document = build(module, period="2019-02")
    assert "Данных нет" in shown(document)
    assert not any(list(table.rows) for table in tables(document))


@pytest.mark.parametrize("module", REPORTS)
def test_rows_can_be_read_again(region: str, module: str) -> None:
    document = build(module, period=SECOND)
    assert shown(document) == shown(document)
    assert document.title and document.name and document.subtitle
    for table in tables(document):
        assert {table.group} <= {"", *(c.key for c in table.columns)}
        assert all(len(row) == len(table.columns) for row in table.rows)
        assert table.count in (0, len(list(table.rows)))


def test_catalogue_finds_every_report() -> None:
    for module in REPORTS:
        one = report(module)
        assert one.id.replace("-", "_") == module
        assert catalog.report(one.id) is one
        assert one.title and one.about.endswith(".")


@pytest.mark.parametrize("module", REPORTS)
def test_every_kind_of_file_takes_the_report(region: str, module: str) -> None:
    document = build(module, period=SECOND)
    for format_, start in (("pdf", b"%PDF"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf"), ("txt", b" ")):
        stream = io.BytesIO()
        write(document, stream, format_)
        assert stream.getvalue().startswith(start)


def test_spreadsheet_has_the_sums_of_the_ledger(yar: None) -> None:
    stream = io.BytesIO()
    write(build("sums", period=FIRST), stream, "xlsx")
    rows = openpyxl.load_workbook(stream, data_only=True).worksheets[0].iter_rows(values_only=True)
    (line,) = [row for row in rows if row[0] == "Итого"]
    assert round(line[-1] * 100) == ledger.read(FIRST).payable
    assert round(line[3] * 100) == ledger.read(FIRST).total("sent").total


def test_manual_names_every_report(repo: Path) -> None:
    text = (repo / "docs" / "operator.md").read_text(encoding="utf-8")
    assert set(catalog.IDS) == {module.replace("_", "-") for module in (*REPORTS, "skips", "log")}
    for module in REPORTS:
        one = report(module)
        assert f"| {one.title} (`{one.id}`) |" in text


# --- totals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_registry_of_an_invoice_adds_up_to_the_ledger(region: str, period: str) -> None:
    column = "sent" if region == "mosobl" else "reformed"
    whole = ledger.read(period)
    document = build("invoice_registry", period=period)
    billed = [row for row in whole.rows if row[column].count]
    assert len(tables(document)) == len(billed)
    assert sum(isinstance(b, PageBreak) for b in document.blocks) == len(billed) - 1
    for table, row in zip(tables(document), billed, strict=True):
        assert len(table.columns) == 20
        assert len(list(table.rows)) == table.count == row[column].count
        assert total(table, "total") == row[column].total
        assert [line[0] for line in table.rows] == list(range(1, table.count + 1))


def test_sums_of_manual_a_are_those_of_the_ledger(yar: None) -> None:
    whole = ledger.read(FIRST)
    (table,) = [t for t in tables(build("sums", period=FIRST)) if t.group == "smo"]
    for column, key in (("sent", "sent_sum"), ("refused1", "refused_sum"), ("reformed", "seven_sum")):
        assert total(table, key) == whole.total(column).total
    assert total(table, "withheld") == whole.withheld == 10000
    assert total(table, "payable") == whole.payable
    assert words(build("sums", period=FIRST)).count(": сходится") == 3


def test_sums_of_manual_b_are_those_of_the_ledger(mosobl: None) -> None:
    whole = ledger.read(FIRST)
    (table,) = tables(build("sums", period=FIRST))
    assert total(table, "sent_sum") == whole.total("sent").total
    assert total(table, "refused_sum") + total(table, "cut") == whole.total("refused").total
    assert total(table, "payable") == whole.payable


def test_refusals_cost_what_the_ledger_says(yar: None) -> None:
    whole = ledger.read(FIRST)
    text = words(build("refusals", period=FIRST))
    for stage, column in ((1, "refused1"), (2, "refused2")):
        amount = whole.total(column)
        money = f"{amount.total // 100:,}".replace(",", " ") + f",{amount.total % 100:02d}"
        assert f"Стадия {stage}: отказано счетов {amount.count} на сумму {money}" in text


def test_refusals_of_mek_are_told_by_the_month_of_their_bills(mosobl: None) -> None:
    """МЭК of April came in May: the protocol of May names April, whose ledger has these sums."""
    from omstui.domain.store import reports_refusals as store

    april = [row for row in store.totals(SECOND) if row.billed == FIRST]
    whole = ledger.read(FIRST)
    assert sum(row.accounts for row in april if row.full) == whole.total("refused").count
    assert sum(row.total for row in april) == whole.total("refused").total
    assert "(по счетам за апрель 2021)" in words(build("refusals", period=SECOND))


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_codes_of_the_summary_are_those_of_the_cases(region: str, period: str) -> None:
    document = build("refusals", period=period)
    for hard in ("Отказы по кодам", "Замечания без отказа"):
        short = tables(document, hard)
        if not short:
            continue
        words_of = "отказы по случаям" if hard.startswith("Отказы") else "замечания без отказа"
        cases = [t for t in tables(document) if t.title.endswith(f": {words_of}")]
        assert total(short[0], "accounts") == sum(t.count for t in cases)
        if hard.startswith("Отказы"):
            assert total(short[0], "total") == sum(total(t, "total") for t in cases)


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_doctors_add_up_to_the_ledger(region: str, period: str) -> None:
    whole = ledger.read(period)
    columns = ("refused",) if region == "mosobl" else ("refused1", "refused2")
    for table in tables(build("doctors", period=period)):
        assert total(table, "sent") == whole.total("sent").total
        assert total(table, "refused") == sum(whole.total(c).count for c in columns)
        assert total(table, "refused_sum") == sum(whole.total(c).total for c in columns)


def test_dynamics_has_the_ledger_of_each_month(region: str) -> None:
    columns = ("refused",) if region == "mosobl" else ("refused1", "refused2")
    document = build("dynamics", period="2021-07")
    rows = {row[0]: row for row in tables(document)[0].rows}
    assert list(rows) == ["апрель 2021", "май 2021", "июнь 2021", "июль 2021"]
    keys = [c.key for c in tables(document)[0].columns]
    for title, period in (("апрель 2021", FIRST), ("май 2021", SECOND)):
        whole, row = ledger.read(period), dict(zip(keys, rows[title], strict=True))
        assert (row["sent"], row["sent_sum"]) == (whole.total("sent").count, whole.total("sent").total)
        assert row["refused"] == sum(whole.total(c).count for c in columns)
        assert row["refused_sum"] == sum(whole.total(c).total for c in columns)
    charts = [b for b in document.blocks if isinstance(b, Chart)]
    assert all(len(series) == 4 for chart in charts for series in chart.series.values())


def test_dynamics_of_one_insurer_and_fewer_months(yar: None) -> None:
    whole = ledger.read(SECOND)
    (row,) = tables(build("dynamics", period=SECOND, smo="76001", months="1"))[0].rows
    mine = next(r for r in whole.rows if r.payer.code == "76001")
    decided = mine["sent"] - mine["moved_out"] + mine["moved_in"]
    assert (row[1], row[2]) == (decided.count, decided.total)


@pytest.mark.parametrize("months", ["0", "61", "год"])
def test_dynamics_refuses_a_strange_length(yar: None, months: str) -> None:
    with pytest.raises(UsageError, match="Число месяцев"):
        build("dynamics", period=SECOND, months=months)


def test_act_of_reconciliation_has_a_page_per_insurer_and_the_ledger(region: str) -> None:
    whole = ledger.read(FIRST)
    document = build("reconciliation", period=FIRST)
    rows = [r for r in whole.rows if r["sent"].count]
    assert sum(isinstance(b, Signatures) for b in document.blocks) == len(rows)
    last = {row[0]: row for row in tables(document)[-1].rows}
    for column in whole.columns:
        title = whole.titles[column]
        amount = whole.total(column)
        assert last[title[:1].upper() + title[1:]][1:] == (amount.count, amount.total)
    assert last["К оплате"][2] == whole.payable
    one = build("reconciliation", period=FIRST, smo=rows[0].payer.code)
    assert not any(isinstance(b, PageBreak) for b in one.blocks)


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_what_was_refused_after_the_invoice_is_not_owed(yar: None, period: str) -> None:
    """As on «Счета и платежи»: nobody pays for what the answer «2» refused."""
    whole = ledger.read(period)
    refused = whole.total("refused2").total
    assert refused > 0
    act = {row[0]: row for row in tables(build("reconciliation", period=period))[-1].rows}
    assert act["Отказано и снято по ним"][2] == refused
    assert act["Долг"][2] == whole.payable - refused
    assert total(tables(build("month", period=period), "Деньги")[0], "owed") == whole.payable - refused
    two = [r for r in whole.rows if r["reformed"].count][:2]
    asked = build("reconciliation", period=period, smo=",".join(r.payer.code for r in two))
    last = {row[0]: row for row in tables(asked)[-1].rows}
    assert last["Долг"][2] == sum(r.payable - r["refused2"].total for r in two)


@pytest.mark.parametrize("period", [FIRST, SECOND])
def test_summary_of_the_month_is_the_ledger(region: str, period: str) -> None:
    whole = ledger.read(period)
    document = build("month", period=period)
    payers, money = tables(document)[:2]
    assert total(payers, "sent_sum") == whole.total("sent").total
    assert total(payers, "paid") == whole.total("paid").total
    assert total(money, "payable") == whole.payable
    assert "Сверка сходится." in words(document)
    (chart,) = [b for b in document.blocks if isinstance(b, Chart)]
    assert sum(chart.series["выставлено"]) == whole.total("sent").total


def test_expertise_names_the_same_cases_as_the_screen(region: str) -> None:
    document = build("expertise", period=SECOND)
    ids = [r[0] for r in db.execute("SELECT id FROM registry WHERE period=? AND is_test=0", (SECOND,))]
    criteria = [row for row in findings.criteria(ids) if row.cases]
    (cases,) = tables(document, "По случаям")
    assert cases.count == sum(row.cases for row in criteria) == len(list(cases.rows))
    for row in criteria:
        mine = [line for line in cases.rows if line[0] == row.code]
        assert len(mine) == row.cases
        assert sum(int(str(line[8])) for line in mine) == row.total


def test_cut_cases_are_those_of_the_plan(yar: None) -> None:
    cut = db.execute("SELECT count(*), sum(total) FROM sequester_cut WHERE undone_at IS NULL").fetchone()
    document = build("sequestered", period=SECOND)
    assert cut[0] == sum(table.count for table in tables(document)) > 0
    assert cut[1] == sum(total(table, "total") for table in tables(document))
    fact = tables(build("plan_fact", period=SECOND), "Единица: случаи")[0]
    assert total(fact, "cut") == cut[0]


def test_plan_fact_counts_what_is_formed_in_any_state(mosobl: None) -> None:
    """A registry on its way to the identification is not sent yet and counts all the same."""
    with db.database.atomic("IMMEDIATE") as change:
        before = total(tables(build("plan_fact", period=SECOND), "Единица: случаи")[0], "fact")
        db.execute("UPDATE registry SET status='Выгружен на идентификацию' WHERE period=?", (SECOND,))
        after = total(tables(build("plan_fact", period=SECOND), "Единица: случаи")[0], "fact")
        assert after >= before > 0
        change.rollback()


def test_plan_fact_counts_what_was_sent_and_not_refused(yar: None) -> None:
    whole = ledger.read(FIRST)
    assert sequester.has_plan(FIRST)
    table = tables(build("plan_fact", period=FIRST), "Единица: случаи")[0]
    left = whole.total("sent").count - whole.total("refused1").count - whole.total("refused2").count
    assert total(table, "fact") == left * 100
    assert total(table, "whole") == total(table, "before") + total(table, "fact")
    assert f"Всего за месяц: случаев {left}" in words(build("plan_fact", period=FIRST))


def test_not_resent_are_the_refusals_of_the_last_month(region: str) -> None:
    """The refusals of April were billed again in May; those of May wait."""
    document = build("not_resent", date=DAY)
    waiting = db.execute(
        "SELECT count(*), sum(total) FROM account WHERE work IN ('новый', 'исправлен', 'в реестр')"
        " AND (stage1 = 2 OR stage2 = 2) AND NOT EXISTS (SELECT 1 FROM resubmission s JOIN account b"
        " ON b.id = s.new_account_id WHERE s.account_id = account.id AND b.package_id IS NOT NULL)"
    ).fetchone()
    months, cases = tables(document)
    assert total(months, "accounts") == cases.count == len(list(cases.rows)) == waiting[0] > 0
    assert total(months, "total") == total(cases, "total") == waiting[1]
    days = [int(str(row[[c.key for c in cases.columns].index("days")])) for row in cases.rows]
    assert set(days) == {8}  # accepted on 12.06.2021
    same = tables(build("not_resent", date="2021-06-12"))[1]
    assert same.count == cases.count
    # nobody waited yet on the day before
    assert words(build("not_resent", date="2021-06-11")) == "Данных нет"


def test_text_of_the_cases_left_out_and_of_a_log(yar: None) -> None:
    found = db.execute(
        "SELECT id, form_run_id FROM registry WHERE period=? AND is_test=0 ORDER BY id", (FIRST,)
    ).fetchall()
    document = build("skips", registry=",".join(str(row[0]) for row in found))
    assert tables(document)[0].count > 0
    check(document, "yar_skips")
    check(build("log", run=str(found[0][1])), "yar_log")


# --- what was asked for ---------------------------------------------------------------------------


def test_insurers_are_named_by_code_or_letter(yar: None) -> None:
    payers = config.payers()
    by_code = build("invoice_registry", period=FIRST, smo=payers[0].code)
    assert shown(by_code) == shown(build("invoice_registry", period=FIRST, smo=payers[0].letter))
    two = build("sums", period=FIRST, smo=f"{payers[0].code},{payers[1].letter}")
    assert {row[0] for row in tables(two)[0].rows} == {payers[0].code, payers[1].code}
    with pytest.raises(OmsError, match="нет в настройках"):
        build("sums", period=FIRST, smo="99999")


def test_a_registry_is_named_by_number_or_kind(yar: None) -> None:
    number = db.scalar("SELECT id FROM registry WHERE kind='outpatient' AND is_test=0 AND period=?", (FIRST,))
    by_number = build("forming", period=FIRST, registry=str(number))
    assert shown(by_number) == shown(build("forming", period=FIRST, registry="поликлиника"))
    sent = sum(table.count for table in tables(build("invoice_registry", period=FIRST, registry=str(number))))
    assert 0 < sent < sum(table.count for table in tables(build("invoice_registry", period=FIRST)))
    with pytest.raises(OmsError, match="Реестра «нет такого» за апрель 2021 нет") as error:
        build("forming", period=FIRST, registry="нет такого")
    assert "поликлиника" in error.value.hint


def test_a_period_or_day_that_is_none_is_refused(yar: None) -> None:
    for module in REPORTS:
        with pytest.raises(UsageError, match="Период «май»"):
            build(module, period="май")
    with pytest.raises(UsageError, match="Дата «вчера» не понята"):
        build("not_resent", date="вчера")
