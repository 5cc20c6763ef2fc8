"""F8, its undo, dropping; withholdings; the path of a case."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import case_path, rejections
from omstui.domain.errors import OmsError
from omstui.domain.store import db, withholdings
from omstui.domain.store import rejections as store
from tests.domain import month
from tests.domain.answerkit import (
    MES,
    Told,
    accept,
    answer,
    column,
    exported,
    flk,
    keys,
    reform,
    refused,
    scalar,
)
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def a(services: Services, tmp_path: Path) -> list[str]:
    """Keys of insurer A: the first two refused at stage 1, the third with a ФЛК fact, four accepted."""
    _, found = exported(services, tmp_path / "out", 12)
    told = [Told(k, code=f"P{n}") for n, k in enumerate(found["A"])]
    told[0] = refused(found["A"][0], code="P0")
    told[1] = refused(found["A"][1], code="P1")
    outcome = accept(services, answer(tmp_path / "in", "1A", told, flk=flk(found["A"][2])))
    assert outcome.kind == "ok", outcome.message
    return found["A"]


def correct(*xkeys: str) -> None:
    with db.connection(), db.write():
        db.executemany("UPDATE account SET work='исправлен' WHERE xkey=?", [(k,) for k in xkeys])


def f8(services: Services, *xkeys: str, **options):
    return services.run("return", xkeys=list(xkeys), **options)


def test_return_corrected_goes_to_next_month_as_primary(services, a):
    correct(a[0])
    outcome = f8(services, a[0])
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["primary"] == 1
    assert outcome.result.data["target_periods"] == {"2021-05": 1}
    assert column("work", a[:2]) == ["в реестр", "новый"]
    assert scalar("SELECT stage || target_period || unchanged FROM resubmission") == "12021-050"


def test_return_stage2_is_repeated(services, a, tmp_path):
    reform(services, tmp_path / "out", "76001")
    told = [refused(a[3], MES), *(Told(k, code=k) for k in (a[2], a[4], a[5]))]
    assert accept(services, answer(tmp_path / "in", "2A", told)).kind == "ok"
    outcome = services.run("return", period=month.PERIOD, all=True, stage=2, unchanged=True)
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["returned"] == [a[3]]
    assert outcome.result.data["repeated"] == 1


def test_return_uncorrected_is_refused_and_listed(services, a):
    before = month.dump()
    outcome = f8(services, a[0], a[1])
    assert outcome.kind == "refused" and "Не исправлены" in outcome.message
    assert len(outcome.error.details) == 2
    assert month.dump() == before


def test_return_unchanged_when_confirmed(services, a):
    assert f8(services, a[0], a[1], unchanged=True).kind == "ok"
    assert scalar("SELECT sum(unchanged) FROM resubmission") == 2


def test_return_all_takes_corrected_and_lists_the_rest(services, a):
    correct(a[0])
    outcome = services.run("return", period=month.PERIOD, all=True)
    assert outcome.kind == "partial"
    assert outcome.result.data["returned"] == [a[0]]
    assert outcome.result.data["not_corrected"] == [a[1]]


def test_return_all_with_nothing_corrected_is_refused(services, a):
    assert services.run("return", period=month.PERIOD, all=True).kind == "refused"


@pytest.mark.parametrize(
    ("number", "says"), [(2, "только замечание ФЛК"), (3, "не отказан, возвращать нечего")]
)
def test_return_of_what_was_not_refused(services, a, number, says):
    outcome = f8(services, a[number], unchanged=True)
    assert outcome.kind == "refused" and says in outcome.message


def test_return_twice_is_refused(services, a):
    f8(services, a[0], unchanged=True)
    outcome = f8(services, a[0], unchanged=True)
    assert outcome.kind == "refused" and "уже возвращён" in outcome.message


def test_return_of_unknown_key(services, a):
    outcome = f8(services, "76-нет")
    assert outcome.kind == "refused" and "76-нет" in outcome.message


def test_return_skips_months_already_exported(services, a):
    with db.connection(), db.write():
        file = scalar("SELECT max(id) FROM stored_file")
        month.insert("package", period="2021-05", name="x", file_id=file)
    outcome = f8(services, a[0], unchanged=True)
    assert outcome.result.data["target_periods"] == {"2021-06": 1}


def test_return_marks_formed_registry_of_the_target_month(services, a):
    with db.connection(), db.write():
        other = month.add_registry("dental", period="2021-05")
        same = month.add_registry(period="2021-05")
    f8(services, a[0], unchanged=True)
    assert scalar("SELECT reform_reason FROM registry WHERE id=?", same) == "возвращены по F8: 1"
    assert scalar("SELECT reform_reason FROM registry WHERE id=?", other) == ""


def test_undo_restores_work_until_export(services, a, tmp_path):
    correct(a[0])
    f8(services, a[0], a[1], unchanged=True)
    outcome = services.run("return-undo", xkeys=a[:2])
    assert outcome.kind == "ok", outcome.message
    assert column("work", a[:2]) == ["исправлен", "новый"]
    assert scalar("SELECT count(*) FROM resubmission WHERE undone_at IS NULL") == 0
    again = services.run("return-undo", xkeys=a[:1])
    assert again.kind == "refused" and "отменять нечего" in again.message
    assert f8(services, a[0]).kind == "ok"


def test_undo_after_export_is_refused(services, a):
    f8(services, a[0], unchanged=True)
    with db.connection(), db.write():
        registry = month.add_registry(period="2021-05")
        case = scalar("SELECT case_id FROM account WHERE xkey=?", a[0])
        new = month.add_account(registry, case)
        db.execute("UPDATE resubmission SET new_account_id=?", (new,))
        db.execute("UPDATE registry SET status='Выгружен' WHERE id=?", (registry,))
        db.execute("UPDATE account SET package_id=1 WHERE id=?", (new,))
    outcome = services.run("return-undo", xkeys=[a[0]])
    assert outcome.kind == "refused" and "уже выгружен" in outcome.message


def test_replacement_is_refused_once_a_return_was_exported(services, a, tmp_path):
    f8(services, a[0], unchanged=True)
    with db.connection(), db.write():
        registry = month.add_registry(period="2021-05")
        case = scalar("SELECT case_id FROM account WHERE xkey=?", a[0])
        new = month.add_account(registry, case)
        db.execute("UPDATE resubmission SET new_account_id=?", (new,))
        db.execute("UPDATE registry SET status='Выгружен' WHERE id=?", (registry,))
        db.execute("UPDATE account SET package_id=1 WHERE id=?", (new,))
    outcome = accept(services, answer(tmp_path / "n", "1A", [Told(k) for k in a]), yes=True)
    assert outcome.kind == "refused" and "возвращены в реестр и выгружены" in outcome.message


def test_drop_and_back(services, a):
    assert services.run("drop", xkeys=[a[0]]).kind == "ok"
    assert column("work", a[:1]) == ["снят"]
    assert f8(services, a[0], unchanged=True).kind == "refused"
    assert services.run("drop", xkeys=[a[0]], back=True).kind == "ok"
    assert column("work", a[:1]) == ["новый"]
    assert services.run("drop", xkeys=[a[3]]).kind == "refused"


def test_rejections_filters_and_groups(services, a):
    with db.connection():
        everything = rejections.listing(month.PERIOD)
        assert set(everything[0]) == {
            "account", "case", "stage", "smo", "kind", "code", "text", "comment", "sum", "state",
        }  # fmt: skip
        assert len(everything) == 3
        assert len(rejections.listing(month.PERIOD, kind="flk")) == 1
        assert len(rejections.listing(month.PERIOD, only_open=True)) == 2
        assert len(rejections.listing(month.PERIOD, text="ЗАКРЫТ")) == 2
        assert rejections.listing(month.PERIOD, stage=2) == []
        assert rejections.listing(month.PERIOD, smo="76002") == []
        group = rejections.grouped(store.find(period=month.PERIOD, kind="an_ps"))
    assert [(g.code, g.accounts, g.total) for g in group] == [("3", 2, 40008)]


# --- withholdings ----------------------------------------------------------------------------


def withhold(services: Services, value: str | None, **more):
    return services.run("withhold", period=month.PERIOD, smo="76001", sum=value, **more)


def test_withhold_three_states_with_history(services, a):
    assert withhold(services, "0").kind == "ok"
    assert withhold(services, "123,45", note="ПФ", notice_date="20.05.2021").kind == "ok"
    assert withhold(services, None).kind == "ok"
    with db.connection():
        assert withholdings.current(month.PERIOD)[1].total is None
        history = withholdings.history(month.PERIOD, 1)
    assert [h.total for h in history] == [None, 12345, 0]
    assert (history[1].note, history[1].notice_date, history[1].who) == ("ПФ", "2021-05-20", "tester")


@pytest.mark.parametrize("value", ["-1", "1.234", "abc", "1e3", "NaN", "9" * 30])
def test_withhold_refuses_what_is_no_sum(services, a, value):
    assert withhold(services, value).kind == "refused"
    assert scalar("SELECT count(*) FROM withholding") == 0


def test_withhold_above_seven_is_refused_after_f6_only(services, a, tmp_path):
    assert withhold(services, "1000000").kind == "ok"
    withhold(services, "0")
    reform(services, tmp_path / "out", "76001")
    outcome = withhold(services, "1000000")
    assert outcome.kind == "refused" and "больше суммы файла 7" in outcome.message
    assert withhold(services, "100.50").result.data["payable"] == "700.14"


# --- path of a case --------------------------------------------------------------------------


def test_case_path_tells_everything(services, a):
    f8(services, a[0], unchanged=True)
    key = scalar("SELECT key FROM cases WHERE id=(SELECT case_id FROM account WHERE xkey=?)", a[0])
    with db.connection():
        path = case_path.read(str(key))
        assert case_path.read(str(key).split("|")[2])["key"] == key
    assert set(path) >= {
        "key", "patient", "state", "registries", "accounts", "refusals", "findings", "events",
    }  # fmt: skip
    assert path["state"] == "возвращён в реестр за 2021-05"
    assert path["accounts"][0]["stage1"] == "отказан"
    assert path["refusals"][0]["kind"] == "an_ps"
    what = [e["what"] for e in path["events"]]
    assert what.index("выгружен") < what.index("отказан, стадия 1") < what.index("в реестр (F8)")
    assert set(path["events"][0]) == {"at", "who", "what", "detail"}


def test_case_path_keeps_restored_test_refusals(services, tmp_path):
    package, _ = exported(services, tmp_path / "out", 4, test=True)
    found = keys(package)["A"]
    accept(services, answer(tmp_path / "in", "1A", [refused(found[0]), Told(found[1])]))
    services.run("restore-tests", yes=True, period=month.PERIOD)
    with db.connection():
        path = case_path.read(found[0])
        assert rejections.listing(month.PERIOD) == []
    assert path["state"] == "не выставлен"
    assert [r["active"] for r in path["refusals"]] == [False]
    assert any("тест восстановлен" in e["detail"] for e in path["events"])


def test_case_path_of_unknown_and_ambiguous_key(services, a):
    with db.connection():
        with pytest.raises(OmsError, match="не найден"):
            case_path.read("H3|760001|нет|2021-04-05")
        with db.write():
            db.execute("UPDATE cases SET nhistory='ОДИН'")
        with pytest.raises(OmsError, match="найдено случаев"):
            case_path.read("ОДИН")
