"""Several files in one run: each is atomic by itself, and an abort says which of them stay."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.robust import kit
from tests.robust.kit import Bases, Moments, Scenario

ACCEPT = Scenario("accept", "sent", {"paths": ["{w}/in"]}, ("1A", "1B"))
LOAD = Scenario("load", "empty", {"paths": ["{w}/in"]}, ("pair",))


def lay_out(bases: Bases, scenario: Scenario, folder: Path) -> object:
    services = bases.lay_out(scenario, folder)
    if scenario is LOAD:
        for name in ("HM760001T76_21042.xml", "LM760001T76_21042.xml"):
            shutil.copy(kit.DEMO / "2021-04" / name, folder / "in")
    return services


@pytest.mark.parametrize("scenario", [ACCEPT, LOAD], ids=["accept", "load"])
def test_abort_between_files_keeps_whole_files_and_names_them(
    bases: Bases, tmp_path: Path, scenario: Scenario
) -> None:
    folder = tmp_path / "w"
    services = lay_out(bases, scenario, folder)
    before = kit.dump(folder)
    counted = Moments(0, lambda: None)
    outcome = kit.run_counting(services, scenario, folder, counted)
    assert outcome.kind == "ok", outcome.message
    after = kit.dump(folder)
    between = 0
    for stop in kit.spread(counted.seen, 16):
        services = lay_out(bases, scenario, folder)
        outcome = kit.run_counting(services, scenario, folder, Moments(stop, kit.abort))
        assert outcome.kind == "aborted", outcome.message
        now = kit.dump(folder)
        _, message, lines = kit.last_run()
        text = message + " ".join(lines)
        whole = len(now["answer"]) if scenario is ACCEPT else len(now["load_file"])
        assert whole in (0, 1, 2)
        if not whole:
            assert now == before
            assert "не изменены" in text
        else:
            between += 1
            assert "не изменены" not in text, text
            assert "остаётся" in text or "остаются" in text, text
        assert kit.strays(folder) == []
        again = kit.run_counting(services, scenario, folder, Moments(0, lambda: None))
        assert again.kind == "ok", again.message
        assert {n: len(r) for n, r in kit.dump(folder).items() if n != "load_file"} == {
            n: len(r) for n, r in after.items() if n != "load_file"
        }
    assert between
    assert kit.problems() == []
