"""Every operation, stopped at every moment: the database is as before or as after, and says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.domain.ops.table import TABLE
from tests.robust import kit
from tests.robust.kit import SCENARIOS, Bases, Moments

ABORTS, KILLS, STATEMENTS = 16, 4, 2


def test_every_operation_has_a_scenario() -> None:
    assert {s.operation for s in SCENARIOS.values()} == set(TABLE)


@pytest.mark.parametrize("name", SCENARIOS)
def test_aborted_at_each_checkpoint(bases: Bases, tmp_path: Path, name: str) -> None:
    scenario, folder = SCENARIOS[name], tmp_path / "w"
    services = bases.lay_out(scenario, folder)
    before, files = kit.dump(folder), kit.files(folder)
    counted = Moments(0, lambda: None)
    outcome = kit.run_counting(services, scenario, folder, counted)
    assert outcome.kind == "ok", outcome.message
    assert kit.problems() == []
    for stop in kit.spread(counted.seen, ABORTS):
        services = bases.lay_out(scenario, folder)
        moments = Moments(stop, kit.abort)
        outcome = kit.run_counting(services, scenario, folder, moments)
        assert outcome.kind == "aborted", f"{stop} из {counted.seen}: {outcome.message}"
        assert kit.dump(folder) == before, f"прервано на {stop} из {counted.seen}, а база изменилась"
        assert kit.files(folder) == files
        assert kit.strays(folder) == []
        said, message, lines = kit.last_run()
        assert (said, outcome.exit_code) == ("aborted", 3)
        assert "рерван" in lines[-1] and "не изменен" in message.lower()
    assert kit.problems() == []
    # nothing of it is in the way of the next try
    if not counted.seen:
        services = bases.lay_out(scenario, folder)
    assert kit.run_counting(services, scenario, folder, Moments(0, lambda: None)).kind == "ok"


@pytest.mark.parametrize("statements", [False, True], ids=["moments", "sql"])
@pytest.mark.parametrize("name", SCENARIOS)
def test_killed_at_any_moment(bases: Bases, tmp_path: Path, name: str, statements: bool) -> None:
    scenario, folder = SCENARIOS[name], tmp_path / "w"
    bases.lay_out(scenario, folder)
    before = kit.dump(folder)
    killed, count = kit.in_child(folder, scenario, 0, statements=statements)
    assert not killed
    after, made = kit.dump(folder), kit.files(folder)
    for stop in kit.spread(count, STATEMENTS if statements else KILLS):
        bases.lay_out(scenario, folder)
        killed, _ = kit.in_child(folder, scenario, stop, statements=statements)
        assert killed, f"момент {stop} из {count}"
        services = kit.start(folder)
        now = kit.dump(folder)
        assert now in (before, after), f"убито на {stop} из {count}: база ни прежняя, ни новая"
        said, message, lines = kit.last_run()
        if now == before or said != "ok":
            assert said == "crashed", (stop, said)
            assert "сбоем" in message and "сбоем" in lines[-1]
            unchanged = "не изменены" in message
            assert before == after or unchanged == (now == before), message
        if now == before != after:
            continue
        found = kit.problems()
        unplaced = [p for p in found if "выгру" in p.lower() or "файл" in p.lower()]
        assert found == unplaced, found
        if found:  # committed, and killed before the file took its name: it is told, and mended by a repeat
            assert now == after and kit.files(folder) != made
        again = services.run(scenario.operation, yes=True, **scenario.filled(folder))
        assert again.kind in ("ok", "refused"), again.message
        assert now == after or again.kind == "ok", again.message
        if scenario.operation in ("export", "reform"):
            assert kit.problems() == []
            assert kit.files(folder) == made
    assert services.run(scenario.operation, yes=True, **scenario.filled(folder)).kind in ("ok", "refused")
