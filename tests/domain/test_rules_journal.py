"""What the journal says of an operation over several files is true: what was done before the end stays."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.ops import accept as accept_module
from omstui.domain.store import db, journal
from tests.domain import month
from tests.domain.answerkit import Told, accept, answer, column, exported, reform, refused, scalar
from tests.support import make_services


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


def told(outcome) -> tuple[str, list[str]]:
    with db.connection():
        row = journal.run(outcome.run_id)
        return row.message, [line.text for line in journal.lines(outcome.run_id)]


def test_abort_between_two_answers_says_what_stays(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    for letter in "AB":
        answer(tmp_path / "in", f"1{letter}", list(map(Told, keys[letter])))
    seen = []

    def prepare(ctx) -> None:
        ctx.on_check = lambda: ctx.token.set() if ctx.committed else None
        seen.append(ctx)

    outcome = services.run("accept", paths=[str(tmp_path / "in")], prepare=prepare)
    assert outcome.kind == "aborted" and outcome.exit_code == 3
    assert seen[0].committed == ["1027600099900760499001210411A.7z"]
    assert column("stage1", [*keys["A"], *keys["B"]]) == [1, 1, 1, 0, 0, 0]
    message, lines = told(outcome)
    assert "не изменены" not in message and "210411A.7z" in message
    assert "остаётся: 1027600099900760499001210411A.7z" in lines[-1]


def test_abort_of_the_first_answer_says_nothing_changed(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    path = answer(tmp_path / "in", "1A", list(map(Told, keys["A"])))
    outcome = services.run("accept", paths=[str(path)], prepare=lambda ctx: ctx.token.set())
    assert outcome.message == "Прервано, данные не изменены."
    assert told(outcome)[1][-1].endswith("Данные не изменены.")


def test_full_disk_at_the_second_answer_is_partial(services, tmp_path, monkeypatch):
    _, keys = exported(services, tmp_path / "out")
    for letter in "AB":
        answer(tmp_path / "in", f"1{letter}", list(map(Told, keys[letter])))
    real = accept_module.read_answer

    def read(ctx, path, *rest):
        if path.name.endswith("1B.7z"):
            raise OSError(errno.ENOSPC, "no space", str(path))
        return real(ctx, path, *rest)

    monkeypatch.setattr(accept_module, "read_answer", read)
    outcome = accept(services, tmp_path / "in")
    assert (outcome.kind, outcome.exit_code) == ("partial", 4)
    assert "Кончилось место" in outcome.message and "210411A.7z" in outcome.message
    assert scalar("SELECT outcome FROM run WHERE id=?", outcome.run_id) == "partial"


def test_crash_between_two_answers_is_told_from_the_database(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    outcome = accept(services, answer(tmp_path, "1A", list(map(Told, keys["A"]))))
    with db.connection():
        with db.write():
            db.execute("UPDATE run SET outcome='running', pid=0, pid_start='' WHERE id=?", (outcome.run_id,))
        journal.recover("2021-05-05 10:00:00")
        row = journal.run(outcome.run_id)
    assert row.outcome == "crashed" and "остаётся: 1027600099900760499001210411A.7z" in row.message


def test_load_asks_about_a_replacement_instead_of_refusing_it(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    accept(services, answer(tmp_path / "1", "1A", list(map(Told, keys["A"]))))
    other = answer(tmp_path / "2", "1A", [refused(keys["A"][0]), *map(Told, keys["A"][1:])])
    before = month.dump()
    outcome = services.run("load", paths=[str(other)])
    assert outcome.kind == "question" and "Заменить принятый ответ" in outcome.message
    assert month.dump() == before and scalar("SELECT count(*) FROM run WHERE id=?", outcome.run_id) == 0
    assert services.run("load", paths=[str(other)], yes=True).kind == "ok"
    assert column("stage1", keys["A"]) == [2, 1, 1]


def test_question_after_a_part_is_done_keeps_its_run_in_the_journal(services, tmp_path):
    """Two files of one insurer in one load: the second asks when the first is in already."""
    _, keys = exported(services, tmp_path / "out")
    one = answer(tmp_path / "1", "1A", list(map(Told, keys["A"])))
    two = answer(tmp_path / "2", "1B", list(map(Told, keys["B"])))
    ask = accept_module.ask_replacements

    def late(ctx, found, **more) -> None:
        if ctx.committed:
            ctx.confirm("Заменить?")
        ask(ctx, found, **more)

    from omstui.domain.ops import load_history

    real = load_history.accept_files
    load_history.accept_files = lambda ctx, paths: (late(ctx, paths), real(ctx, paths))[1]
    try:
        outcome = services.run("load", paths=[str(one), str(two)])
    finally:
        load_history.accept_files = real
    assert outcome.kind == "question" and outcome.exit_code == 4
    assert scalar("SELECT outcome FROM run WHERE id=?", outcome.run_id) == "partial"
    assert "210411A.7z" in told(outcome)[0]


def test_second_seven_of_an_insurer_names_it(services, tmp_path):
    _, keys = exported(services, tmp_path / "out")
    with db.connection(), db.write():
        db.execute("UPDATE insurer SET name=''")
    accept(services, answer(tmp_path, "1A", list(map(Told, keys["A"]))))
    reform(services, tmp_path / "seven", "A")
    path = tmp_path / "seven" / "1027600099900760499001210417A.7z"
    path.write_bytes(path.read_bytes() + b" ")
    outcome = services.run("load", paths=[str(path)])
    assert outcome.kind == "refused" and "по СМО 76001 за апрель 2021 уже есть" in outcome.message
