"""F8 over several months with real forming and export: no refused account is missed, none goes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import case_path, ledger
from omstui.domain.store import db
from omstui.domain.verify import verify
from tests.domain import month
from tests.domain.answerkit import (
    MES,
    OGRN,
    Told,
    accept,
    answer,
    column,
    exported,
    keys,
    pack,
    reform,
    refused,
    scalar,
    xml,
)
from tests.support import make_services

MAY, JUNE = "2021-05", "2021-06"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def april(services: Services, tmp_path: Path) -> list[str]:
    """Keys of A: the first is refused at stage 1, the second at stage 2, the third paid; B all paid."""
    _, found = exported(services, tmp_path / "out")
    accept(services, answer(tmp_path / "in", "1A", [refused(found["A"][0]), *map(Told, found["A"][1:])]))
    accept(services, answer(tmp_path / "in", "1B", list(map(Told, found["B"]))))
    reform(services, tmp_path / "out")
    accept(services, answer(tmp_path / "in", "2A", [refused(found["A"][1], MES), Told(found["A"][2])]))
    return found["A"]


def f8(services: Services, *xkeys: str, **more):
    return services.run("return", xkeys=list(xkeys), unchanged=True, **more)


def form(services: Services, period: str, **more):
    outcome = services.run("form", yes=True, period=period, **more)
    assert outcome.kind == "ok", outcome.message
    return outcome


def export(services: Services, out: Path, period: str, **more) -> int:
    outcome = services.run("export", yes=True, period=period, out=str(out), **more)
    assert outcome.kind == "ok", outcome.message
    return outcome.result.data["package"]


def answer_of(folder: Path, period: str, tail: str, told: list[Told]) -> Path:
    name = f"1027600099900760499001{period[2:4]}{period[5:]}1{tail}.7z"
    data = xml(told, letter=tail[1], year=period[:4], month=period[5:], ogrn_smo=OGRN[tail[1]])
    return pack(folder / name, data)


def healthy() -> list[str]:
    with db.connection():
        return [p.text for p in verify()]


def repeats(package: int) -> list[tuple[str, str]]:
    with db.connection():
        return db.execute(
            "SELECT a.repeat, o.xkey FROM account a JOIN account o ON o.id = a.prev_id"
            " WHERE a.package_id = ? ORDER BY o.id",
            (package,),
        ).fetchall()


def test_next_month_has_exactly_the_returned_with_their_marks(services, april, tmp_path):
    assert f8(services, april[0], april[1]).kind == "ok"
    form(services, MAY)
    package = export(services, tmp_path / "may", MAY)
    assert repeats(package) == [("primary", april[0]), ("repeat", april[1])]
    assert scalar("SELECT count(*) FROM account WHERE package_id=?", package) == 2
    assert healthy() == []


def test_chain_of_returns_however_often(services, april, tmp_path):
    f8(services, april[0])
    for n, (period, target) in enumerate([(MAY, JUNE), (JUNE, "2021-07")]):
        form(services, period)
        package = export(services, tmp_path / period, period)
        [key] = keys(package)["A"]
        assert accept(services, answer_of(tmp_path / "in", period, "1A", [refused(key)])).kind == "ok"
        outcome = f8(services, key)
        assert outcome.result.data["target_periods"] == {target: 1}, n
        assert f8(services, key).kind == "refused"
    assert healthy() == []
    form(services, "2021-07")
    assert scalar("SELECT count(*) FROM account WHERE work='в реестр'") == 3
    with db.connection():
        path = case_path.read(april[0])
        assert path["accounts"][0]["previous"] == ""
        chain = [a["previous"] for a in path["accounts"][1:]]
        assert chain == [a["account"] for a in path["accounts"][:-1]]
        for period in (month.PERIOD, MAY, JUNE):
            assert ledger.read(period).problems == []


def test_without_f8_a_refused_account_is_not_billed_again(services, april):
    outcome = services.run("form", yes=True, period=MAY, late=True)
    assert outcome.kind == "refused", outcome.message
    f8(services, april[0])
    form(services, MAY, late=True)
    assert scalar("SELECT count(*) FROM account a JOIN registry r ON r.id=a.registry_id"
                  " WHERE r.period=?", MAY) == 1  # fmt: skip


def test_undo_after_forming_takes_the_return_out_of_the_next_file(services, april, tmp_path):
    f8(services, april[0], april[1])
    form(services, MAY)
    outcome = services.run("return-undo", xkeys=[april[0]])
    assert outcome.kind == "ok" and any("переформировать" in line.text for line in outcome.lines)
    assert healthy() == []
    refusal = services.run("export", period=MAY, out=str(tmp_path))
    assert refusal.kind == "refused" and "отменён возврат" in refusal.message
    form(services, MAY)
    package = export(services, tmp_path / "may", MAY)
    assert repeats(package) == [("repeat", april[1])]
    assert healthy() == []


def test_undo_when_the_return_went_into_a_later_month_than_meant(services, april, tmp_path):
    """May is exported without the return; June takes it; the undo must reach June's registry."""
    with db.connection(), db.write():
        month.add_account(month.add_registry("dental", period=MAY), month.add_case(50, kind="dental"))
    f8(services, april[0])
    assert scalar("SELECT target_period FROM resubmission") == MAY
    with db.connection(), db.write():
        db.execute("UPDATE registry SET reform_reason='' WHERE period=?", (MAY,))
    export(services, tmp_path / "may", MAY, kinds=["dental"])
    form(services, JUNE)
    with db.connection():
        returned = case_path.store.returned(int(db.scalar("SELECT case_id FROM account LIMIT 1")))
    assert set(returned.values()) == {JUNE}
    services.run("return-undo", xkeys=[april[0]])
    refusal = services.run("export", period=JUNE, out=str(tmp_path))
    assert refusal.kind == "refused" and "отменён возврат" in refusal.message
    assert healthy() == []


def test_return_left_out_for_want_of_a_payer_is_not_lost(services, april, tmp_path):
    f8(services, april[0], april[1])
    with db.connection(), db.write():
        db.execute("UPDATE cases SET payer_id=NULL WHERE id=(SELECT case_id FROM account WHERE xkey=?)",
                   (april[0],))  # fmt: skip
    form(services, MAY)
    package = export(services, tmp_path / "may", MAY)
    assert repeats(package) == [("repeat", april[1])]
    assert services.run("return-undo", xkeys=[april[0]]).kind == "ok"
    f8(services, april[0])
    with db.connection(), db.write():
        db.execute("UPDATE cases SET payer_id=1 WHERE payer_id IS NULL")
    form(services, JUNE)
    assert repeats(export(services, tmp_path / "june", JUNE)) == [("primary", april[0])]
    assert healthy() == []


def test_test_cycle_of_the_next_month_leaves_the_return_waiting(services, april, tmp_path):
    f8(services, april[0])
    form(services, MAY, test=True)
    export(services, tmp_path / "test", MAY, test=True)
    [key] = keys(int(scalar("SELECT max(id) FROM package")))["A"]
    assert accept(services, answer_of(tmp_path / "in", MAY, "1A", [refused(key)])).kind == "ok"
    assert f8(services, key).kind == "refused"
    assert services.run("return", period=MAY, all=True, unchanged=True).kind == "refused"
    assert services.run("restore-tests", yes=True, period=MAY).kind == "ok"
    form(services, MAY)
    assert repeats(export(services, tmp_path / "main", MAY)) == [("primary", april[0])]
    late = accept(services, answer_of(tmp_path / "late", MAY, "1A", [Told(key)]))
    assert late.kind == "refused" and "уже восстановлен" in late.message
    assert healthy() == []


def test_withdrawn_refusal_takes_its_return_out_of_a_formed_registry(services, april, tmp_path):
    f8(services, april[1])
    form(services, MAY)
    better = answer(tmp_path / "new", "2A", list(map(Told, april[1:])))
    assert accept(services, better, yes=True).kind == "ok"
    assert column("work", april[1:2]) == [""]
    assert healthy() == []
    assert services.run("export", period=MAY, out=str(tmp_path)).kind == "refused"


def test_keys_without_dashes_and_in_lower_case_are_found(services, april):
    plain = april[0].replace("-", "").lower()
    assert f8(services, plain).kind == "ok"
    with db.connection():
        assert case_path.read(plain)["accounts"][0]["account"] == april[0]
    assert services.run("return-undo", xkeys=[plain]).kind == "ok"
    assert services.run("drop", xkeys=[plain]).kind == "ok"
    assert column("work", april[:1]) == ["снят"]


def test_corrected_after_f8_stays_corrected_when_undone(services, april):
    f8(services, april[0])
    with db.connection(), db.write():
        case = db.scalar("SELECT case_id FROM account WHERE xkey=?", (april[0],))
        month.insert("edit", case_id=case, entity="case", entity_id=case, field="ds_main", old="J20.9",
                     new="J20.8", at="2999-01-01 00:00:00", who="tester")  # fmt: skip
    services.run("return-undo", xkeys=[april[0]])
    assert column("work", april[:1]) == ["исправлен"]


def test_return_of_a_merged_case_is_refused(services, april):
    with db.connection(), db.write():
        db.execute("UPDATE cases SET merged_into=2 WHERE id=(SELECT case_id FROM account WHERE xkey=?)",
                   (april[0],))  # fmt: skip
    outcome = f8(services, april[0])
    assert outcome.kind == "refused" and "объединён" in outcome.message
    rest = services.run("return", period=month.PERIOD, all=True, unchanged=True)
    assert rest.kind == "ok" and rest.result.data["returned"] == [april[1]]
    assert any("объединён с другим: 1" in line.text for line in rest.lines)


# --- the same months given to another database as files --------------------------------------


@pytest.fixture
def files(services: Services, april: list[str], tmp_path: Path) -> dict[str, Path]:
    """April and May of one organisation as files, by the end of the name; April's refusals are in May."""
    f8(services, april[0], april[1])
    form(services, MAY)
    export(services, tmp_path / "out", MAY)
    return {p.stem[22:]: p for folder in ("out", "in") for p in (tmp_path / folder).glob("*.7z")}


def load(services: Services, *paths: Path) -> None:
    outcome = services.run("load", yes=True, paths=[str(p) for p in paths])
    assert outcome.kind == "ok", [line.text for line in outcome.lines]


def returns() -> list[tuple[int, str, str]]:
    with db.connection():
        return db.execute(
            "SELECT s.stage, n.repeat, o.work FROM resubmission s JOIN account n ON n.id=s.new_account_id"
            " JOIN account o ON o.id=s.account_id ORDER BY s.stage"
        ).fetchall()


def test_loaded_months_know_their_returns(files, tmp_path):
    """A refusal of stage 1 comes again as primary, without a link: the case tells."""
    other = make_services(tmp_path / "other")
    load(other, *files.values())
    assert returns() == [(1, "primary", "в реестр"), (2, "repeat", "в реестр")]
    outcome = other.run("return", period=month.PERIOD, all=True, unchanged=True)
    assert outcome.kind == "refused" and "нет отказов" in outcome.message
    assert healthy() == []


def test_answer_loaded_after_the_next_month_finds_its_account_returned(files, tmp_path):
    other = make_services(tmp_path / "other")
    late = files.pop("210412A")
    load(other, *files.values())
    assert healthy() == []
    load(other, late)
    assert (2, "в реестр") in [(stage, work) for stage, _, work in returns()]
    assert healthy() == []
