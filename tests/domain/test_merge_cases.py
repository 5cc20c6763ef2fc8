"""Merges of manual B: visits of one patient become an обращение, x-ray joins the dental case, undo, loads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omstui.bootstrap import Services
from omstui.cli.main import run as command
from omstui.domain.merging_cases import gather
from omstui.domain.runner import Outcome, current_user
from omstui.domain.store import db
from omstui.domain.store.merging_cases import Item
from tests.domain import loadkit, month
from tests.domain.billkit import aborts, cases_of, ok, query, texts
from tests.support import make_services, settings

APRIL = "2021-04"


def visit(
    number: int, day: str, *, patient: int = 1, codes: tuple[str, ...] = ("B01.065.001",), ds: str = "K02.1",
    profile: str = "85", purpose: str = "1.0", price: str = "500.00", **z: str,
) -> dict[str, Any]:  # fmt: skip
    """A ZAP of one day; the profile makes it dental."""
    made = loadkit.case(
        number,
        patient,
        services=[
            loadkit.service(
                n, day, CODE_USL=code, PROFIL=profile, DS=ds, TARIF=price, SUMV_USL=price,
                CODE_MD=f"D-{number}",
            )
            for n, code in enumerate(codes, 1)
        ],
        pac={"NPOLIS": f"76000000000{patient:05d}"},
        z={"DATE_Z_1": day, "DATE_Z_2": day, "SUMV": f"{len(codes) * float(price):.2f}", **z},
        sl={"DATE_1": day, "DATE_2": day, "DS1": ds, "PROFIL": profile, "P_CEL": purpose,
            "IDDOKT": f"D-{number}", "SUM_M": f"{len(codes) * float(price):.2f}"},
    )  # fmt: skip
    if not purpose:
        del made["Z_SL"]["SL"][0]["P_CEL"]
    return made


def xray(number: int, day: str, *codes: str, **options: Any) -> dict[str, Any]:
    """X-ray recorded apart."""
    return visit(number, day, codes=codes or ("A06.07.003",), **{"price": "150.00", **options})


def start(folder: Path, *zaps: dict[str, Any], form: bool = True, **rules: Any) -> Services:
    made = make_services(folder, settings(profile="mosobl", rules=rules))
    ok(made.run("load", yes=True, paths=loadkit.pair(folder / "in", list(zaps))))
    if form:
        ok(made.run("form", yes=True, period=APRIL))
    return made


def run(made: Services, op: str = "merge-dental", *, yes: bool = True, **params: Any) -> Outcome:
    return made.run(op, yes=yes, period=APRIL, **params)


def cases() -> dict[str, tuple[Any, ...]]:
    """Card → (purpose, begin, end, sum, services, card it went into)."""
    rows = query(
        "SELECT c.nhistory, c.purpose, c.date_in, c.date_out, c.source_sum,"
        " (SELECT count(*) FROM service s WHERE s.case_id=c.id),"
        " (SELECT nhistory FROM cases v WHERE v.id=c.merged_into) FROM cases c ORDER BY c.id"
    )
    return {r[0]: r[1:] for r in rows}


def reform(made: Services) -> str:
    return str(query("SELECT reform_reason FROM registry")[0][0])


THREE = (visit(1, "2021-04-05"), visit(2, "2021-04-12", codes=("B01.065.002", "A16.07.002")),
         visit(3, "2021-04-20"))  # fmt: skip


# --- visits ------------------------------------------------------------------------------------


def test_visits_become_one_case_with_the_header_of_the_last(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    outcome = ok(run(made))
    assert cases() == {
        "N1": ("1.0", "2021-04-05", "2021-04-05", 50000, 1, "N3"),
        "N2": ("1.0", "2021-04-12", "2021-04-12", 100000, 2, "N3"),
        "N3": ("3.0", "2021-04-05", "2021-04-20", 200000, 4, None),
    }
    assert [r[:4] for r in query(
        "SELECT s.code, s.date_in, s.doctor, s.source_sum FROM service s JOIN cases c ON c.id=s.case_id"
        " WHERE c.nhistory='N3' ORDER BY s.n"
    )] == [
        ("B01.065.001", "2021-04-20", "D-3", 50000), ("B01.065.001", "2021-04-05", "D-1", 50000),
        ("B01.065.002", "2021-04-12", "D-2", 50000), ("A16.07.002", "2021-04-12", "D-2", 50000),
    ]  # fmt: skip
    assert outcome.result is not None and outcome.result.data["sum"] == "2000.00"
    assert "случаев: 3 в 1, услуг 4 на сумму 2000.00" in outcome.message
    assert reform(made) == "изменены случаи: 3"


def test_merged_case_is_billed_once_with_the_whole_sum(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE, visit(9, "2021-04-05", patient=2))
    ok(run(made))
    assert run(made, "bills-export", out=str(tmp_path)).kind == "refused"
    formed = ok(made.run("form", yes=True, period=APRIL))
    assert any("объединён с другим случаем" in text for text in texts(formed))
    assert query("SELECT accounts, total, reform_reason FROM registry") == [(2, 250000, "")]
    ok(run(made, "payers"))
    ok(run(made, "bills-export", out=str(tmp_path / "out")))
    root = cases_of(next((tmp_path / "out").rglob("*.zip")))
    block = next(z for z in root.iter("Z_SL") if z.findtext("SL/NHISTORY") == "N3")
    assert [block.findtext(n) for n in ("DATE_Z_1", "DATE_Z_2", "SUMV", "SL/P_CEL", "SL/DATE_1")] == [
        "2021-04-05", "2021-04-20", "2000.00", "3.0", "2021-04-05",
    ]  # fmt: skip
    assert [u.findtext("DATE_IN") for u in block.iter("USL")] == [
        "2021-04-20", "2021-04-05", "2021-04-12", "2021-04-12",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "other",
    [
        visit(2, "2021-04-12", patient=2),
        visit(2, "2021-04-12", ds="K04.0"),
        visit(2, "2021-04-12", profile="86"),
        visit(2, "2021-04-12", profile="97"),  # not dental
        visit(2, "2021-04-12", purpose="1.1"),  # urgent
        visit(2, "2021-04-12", purpose="2.6"),
        visit(2, "2021-04-05"),  # the same day
    ],
    ids=["patient", "diagnosis", "profile", "kind", "urgent", "preventive", "day"],
)
def test_what_differs_stays_apart(tmp_path: Path, other: dict[str, Any]) -> None:
    made = start(tmp_path, visit(1, "2021-04-05"), other)
    assert "объединять нечего" in ok(run(made)).message
    assert all(c[-1] is None for c in cases().values()) and reform(made) == ""


def test_another_insurer_in_between_stays_apart(tmp_path: Path) -> None:
    second = visit(2, "2021-04-12")
    second["PACIENT"] |= {"SMO": "76002", "NPOLIS": "7600000000000777"}
    made = start(tmp_path, visit(1, "2021-04-05"), second)
    assert "объединять нечего" in ok(run(made)).message


@pytest.mark.parametrize(("days", "into"), [(6, None), (7, "N2")])
def test_window_is_a_setting_and_its_edge_is_inside(tmp_path: Path, days: int, into: str | None) -> None:
    made = start(tmp_path, visit(1, "2021-04-05"), visit(2, "2021-04-12"), merge_days=days)
    ok(run(made))
    assert cases()["N1"][-1] == into


def test_outpatient_visits_have_an_operation_of_their_own(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE, visit(4, "2021-04-05", profile="97"), visit(5, "2021-04-09", profile="97"))
    ok(run(made, "merge-outpatient"))
    assert [c[-1] for c in cases().values()] == [None, None, None, "N5", None]


def item(number: int, begin: str, end: str = "") -> Item:
    return Item(number, 1, "", "", str(number), "85", "K02.1", "1.0", begin, end or begin, 0, 1, 0, 0)


def test_sets_are_taken_from_the_latest_case_of_the_month() -> None:
    items = [item(1, "2021-03-04"), item(2, "2021-03-30"), item(3, "2021-04-05"), item(4, "2021-04-29")]
    assert [[i.id for i in g] for g in gather(items, 30, "2021-04-01")] == [[2, 3, 4]]
    # visits inside a long обращение are its own; those before the month alone make no case of it
    long = [
        item(1, "2021-02-25"),
        item(2, "2021-03-01"),
        item(3, "2021-03-02"),
        item(4, "2021-03-01", "2021-04-20"),
    ]
    assert [[i.id for i in g] for g in gather(long, 30, "2021-04-01")] == [[2, 3, 4]]
    assert gather(items[:2], 30, "2021-04-01") == []


def test_question_shows_rows_and_sums_and_changes_nothing(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    before = month.dump()
    outcome = run(made, yes=False)
    assert outcome.kind == "question" and outcome.error is not None
    assert "случаев: 3 в 1" in outcome.error.msg and "можно отменить" in outcome.error.msg
    assert outcome.error.details == (
        "ТЕСТОВ ИВАН НОМЕРОВИЧА 11.02.1951, K02.1, 05.04.2021 - 20.04.2021: карты N1, N2 в N3,"
        " случаев 3 услуг 4 на сумму 2000.00",
    )
    dry = ok(run(made, yes=False, dry_run=True))
    assert "Ничего не изменено" in dry.message and texts(dry)[-1] == outcome.error.details[0]
    assert month.dump() == before


def test_visits_of_an_earlier_month_that_nobody_billed_join(tmp_path: Path) -> None:
    made = start(tmp_path, visit(1, "2021-03-20"), visit(2, "2021-04-12"))
    ok(run(made))
    assert cases()["N2"][1:4] == ("2021-03-20", "2021-04-12", 100000)


def test_sent_cases_and_those_of_another_registry_are_left_and_told(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE, form=False)
    with db.connection(), db.write():
        sent = month.insert(
            "registry", period="2021-03", kind="", status="Выгружен счет на оплату в СМО",
            begin_date="2021-03-01", end_date="2021-03-31",
        )  # fmt: skip
        file = month.insert("stored_file", name="x", sha256="0")
        package = month.insert(
            "package", kind="B", period="2021-03", name="x.zip", file_id=file, registry_id=sent
        )
        other = month.insert(
            "registry", period=APRIL, kind="", name="второй", status="Сформирован",
            begin_date="2021-04-12", end_date="2021-04-12",
        )  # fmt: skip
        for card, registry, pack in (("N1", sent, package), ("N2", other, None)):
            case = db.scalar("SELECT id FROM cases WHERE nhistory=?", (card,))
            month.insert("account", registry_id=registry, case_id=case, package_id=pack, xkey=card, total=1)
    ok(made.run("registry-create", yes=True, period=APRIL, name="первый"))
    ok(made.run("form", yes=True, period=APRIL, registry="первый"))
    outcome = ok(run(made, registry="первый"))
    assert "объединять нечего" in outcome.message
    assert texts(outcome)[0].startswith("Искали ")
    assert [t.split(":")[0] for t in texts(outcome)[-2:]] == [
        "Уже выгружены на оплату и не объединяются", "Входят в другой реестр и не объединяются",
    ]  # fmt: skip


def test_billed_registry_is_refused_with_the_reason(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    ok(run(made, "payers"))
    ok(run(made, "bills-export", out=str(tmp_path / "out")))
    for op in ("merge-dental", "merge-outpatient", "dental-xray", "merge-undo"):
        outcome = run(made, op)
        assert outcome.kind == "refused" and "только до выгрузки" in outcome.message


# --- x-ray -------------------------------------------------------------------------------------


def test_xray_joins_the_dental_case_of_its_day(tmp_path: Path) -> None:
    made = start(
        tmp_path, visit(1, "2021-04-05"), visit(2, "2021-04-12"), xray(3, "2021-04-12"),
        xray(4, "2021-04-12", purpose="", profile="78"), xray(5, "2021-04-12", patient=2),
        xray(6, "2021-04-20"),
    )  # fmt: skip
    ok(run(made, "dental-xray"))
    found = cases()
    assert found["N2"] == ("1.0", "2021-04-12", "2021-04-12", 80000, 3, None)
    assert [found[n][-1] for n in ("N3", "N4", "N5", "N6")] == ["N2", "N2", None, None]
    assert found["N1"][3:5] == (50000, 1)


def test_xray_of_the_days_around_joins_when_the_settings_say_so(tmp_path: Path) -> None:
    made = start(
        tmp_path, visit(1, "2021-04-05"), visit(2, "2021-04-12"), xray(3, "2021-04-10"), dental_xray_days=7
    )
    ok(run(made, "dental-xray"))
    assert cases()["N2"][1:4] == ("2021-04-10", "2021-04-12", 65000)


def test_xray_with_other_services_stays_and_is_told(tmp_path: Path) -> None:
    made = start(
        tmp_path, visit(1, "2021-04-12"),
        xray(2, "2021-04-12", "A06.07.003", "A05.10.006", purpose="", profile="78"),
    )  # fmt: skip
    outcome = ok(run(made, "dental-xray"))
    assert "есть другие услуги: 1" in texts(outcome)[-1] and cases()["N2"][-1] is None


def test_codes_of_xray_are_a_setting(tmp_path: Path) -> None:
    made = start(
        tmp_path, visit(1, "2021-04-12"), xray(2, "2021-04-12", "R700"), dental_xray_services=["R7", " "]
    )
    ok(run(made, "dental-xray"))
    assert cases()["N2"][-1] == "N1"
    ok(made.run("settings-save", values={"rules": {"dental_xray_services": []}}))
    refused = run(made, "dental-xray")
    assert refused.kind == "refused" and "нет кодов услуг" in refused.message


# --- undo --------------------------------------------------------------------------------------


def state() -> list[tuple[Any, ...]]:
    """Cases and services as they are, but for versions and moments."""
    return query(
        "SELECT c.nhistory, c.purpose, c.date_in, c.date_out, c.source_sum, c.merged_into, s.n, s.source_id,"
        " s.code, s.doctor, s.source_sum, s.part FROM cases c LEFT JOIN service s ON s.case_id=c.id"
        " ORDER BY c.id, s.id"
    )


def test_undo_gives_everything_back(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    before = state()
    ok(run(made))
    ok(made.run("form", yes=True, period=APRIL))
    dry = ok(run(made, "merge-undo", dry_run=True))
    assert "Ничего не изменено" in dry.message and cases()["N1"][-1] == "N3"
    assert "случаев снова: 3" in ok(run(made, "merge-undo")).message
    assert state() == before and reform(made) != ""
    assert "отменять нечего" in ok(run(made, "merge-undo")).message
    ok(made.run("form", yes=True, period=APRIL))
    assert query("SELECT accounts, total FROM registry") == [(3, 200000)]
    key = query("SELECT key FROM cases WHERE id=3")[0][0]
    history = query("SELECT field, old, new FROM edit WHERE case_id=1 ORDER BY id")
    assert history == [("merged_into", "", key), ("merged_into", key, "")]


def test_undo_goes_back_step_by_step_or_all_at_once(tmp_path: Path) -> None:
    made = start(tmp_path, visit(1, "2021-04-05"), visit(2, "2021-04-12"), xray(3, "2021-04-05"))
    before = state()
    ok(run(made, "dental-xray"))
    middle = state()
    ok(run(made, "merge-dental"))
    assert cases()["N2"] == ("3.0", "2021-04-05", "2021-04-12", 115000, 3, None)
    inner = run(made, "merge-undo", case_ids=[3])
    assert inner.kind == "refused" and "ещё раз позже" in inner.message
    ok(run(made, "merge-undo"))
    assert state() == middle
    ok(run(made, "merge-dental"))
    ok(run(made, "merge-undo", all=True))
    assert state() == before


def test_undo_keeps_what_was_corrected_since_and_says_so(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    ok(run(made))
    copy = query("SELECT max(id) FROM service")[0][0]
    ok(made.run(
        "case-save", case_id=3, case={"date_out": "2021-04-21", "date_in": "2021-04-04"},
        services=[{"id": copy, "quantity": 200}],
    ))  # fmt: skip
    outcome = ok(run(made, "merge-undo"))
    assert any("останется как есть: дата начала" in t for t in texts(outcome))
    assert any("исправления добавленных услуг пропадут: 1" in t for t in texts(outcome))
    assert cases()["N3"] == ("1.0", "2021-04-04", "2021-04-21", 50000, 1, None)


def test_merged_case_that_was_billed_elsewhere_is_not_undone(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    ok(run(made))
    ok(made.run("form", yes=True, period=APRIL))
    with db.connection(), db.write():
        sent = month.insert("registry", period="2021-03", kind="", status="Выгружен счет на оплату в СМО",
                            begin_date="2021-03-01", end_date="2021-03-31")  # fmt: skip
        file = month.insert("stored_file", name="x", sha256="0")
        package = month.insert("package", kind="B", period="2021-03", name="x.zip", file_id=file)
        month.insert("account", registry_id=sent, case_id=3, package_id=package, xkey="x", total=1)
    refused = run(made, "merge-undo")
    assert refused.kind == "refused" and "уже выгружены на оплату: 1" in refused.message


# --- loads -------------------------------------------------------------------------------------


def test_load_never_revives_and_never_loses_what_was_merged(tmp_path: Path) -> None:
    made = start(tmp_path, *THREE)
    ok(run(made))
    merged = cases()
    again = made.run("load", yes=True, paths=loadkit.pair(tmp_path / "again", list(THREE), NSCHET="5"))
    assert again.result is not None and cases() == merged
    reasons = query("SELECT reason FROM load_problem")
    assert len(reasons) == 2 and all("объединён с другим" in r[0] for r in reasons)
    corrected = visit(3, "2021-04-20", RSLT="304", codes=("B01.065.001", "A16.07.051"))
    made.run("load", yes=True, paths=loadkit.pair(tmp_path / "third", [corrected], NSCHET="6"))
    assert query("SELECT result FROM cases WHERE id=3") == [("304",)]
    assert cases()["N3"][:3] == merged["N3"][:3] and cases()["N3"][4] == 5
    ok(run(made, "merge-undo"))
    assert cases()["N1"] == ("1.0", "2021-04-05", "2021-04-05", 50000, 1, None)
    assert cases()["N3"][4] == 2


# --- whole or not at all -----------------------------------------------------------------------


@pytest.mark.parametrize("op", ["merge-dental", "dental-xray", "merge-undo"])
def test_abort_at_every_checkpoint_changes_nothing(tmp_path: Path, op: str) -> None:
    made = start(tmp_path, *THREE, xray(4, "2021-04-05"))
    if op == "merge-undo":
        ok(run(made))
    assert aborts(made, op, period=APRIL) >= 3


def test_change_of_another_operator_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from omstui.domain import merging_cases

    made = start(tmp_path, *THREE)
    real = merging_cases.plan_visits
    calls = []

    def planned(*args: Any, **options: Any) -> Any:
        if calls:
            db.execute("UPDATE cases SET source_sum=1 WHERE nhistory='N2'")
        calls.append(1)
        return real(*args, **options)

    monkeypatch.setattr("omstui.domain.ops.merge_dental.plan_visits", planned)
    outcome = run(made)
    assert outcome.kind == "refused" and "другой оператор" in outcome.message
    assert cases()["N1"][-1] is None and cases()["N2"][3] == 100000


# --- command line ------------------------------------------------------------------------------


def test_commands_preview_merge_and_undo(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = start(tmp_path, *THREE)
    ok(made.run("operator-set", login=current_user(), role="operator"))
    base = ["--db", str(made.database), "--period", APRIL]
    assert command(["merge-dental", *base]) != 0
    assert "карты N1, N2 в N3" in capsys.readouterr().err
    assert command(["merge-dental", *base, "--dry-run", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["made"], data["cases"], data["sum"], data["dry_run"]) == (1, 3, "2000.00", True)
    assert data["rows"][0]["joined"] == ["N1", "N2"] and cases()["N1"][-1] is None
    assert command(["merge-dental", *base, "--yes"]) == 0
    assert cases()["N1"][-1] == "N3"
    assert command(["verify", "--db", str(made.database)]) == 0
    assert command(["merge-undo", *base, "--yes", "--all"]) == 0
    assert cases()["N1"][-1] is None
    for name in ("dental-xray", "merge-outpatient"):
        assert command([name, *base, "--yes", "--registry", "1"]) == 0
    assert "объединять нечего" in capsys.readouterr().out


def test_history_names_the_case_it_went_into(tmp_path: Path) -> None:
    from omstui.domain import case_path

    made = start(tmp_path, *THREE)
    ok(run(made))
    with db.connection():
        path = case_path.read("N1")
    assert path["state"] == "объединён с другим случаем"
    assert any("объединён со случаем" in e["detail"] and "N3" in e["detail"] for e in path["events"])
