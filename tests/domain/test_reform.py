"""F6: composition from the answer, bytes as sent; repeated, moved, refused; restore, sent marks."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.model import Decision
from omstui.domain.operation import Context
from omstui.domain.ops import reform
from omstui.domain.ops.reform import preview, register_seven
from omstui.domain.store import db, files, packages
from omstui.domain.verify import verify
from omstui.formats.bill import BillReader
from omstui.formats.containers import open_bill, write_zip
from tests.domain import month
from tests.support import make_services

NAME_A = "1027600099900760499001210417A.7z"
NAME_B = "1027600099900760499001210417B.7z"


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def exported(
    services: Services, out: Path, accounts: int = 6, *, test: bool = False
) -> tuple[int, list[int]]:
    _, made = month.add_month(accounts, test=test)
    outcome = services.run("export", period=month.PERIOD, out=str(out), test=test)
    assert outcome.kind == "ok", outcome.message
    return outcome.result.data["package"], made


def run_reform(services: Services, out: Path, **options):
    return services.run("reform", period=month.PERIOD, out=str(out), **options)


def answer(package: int, smo: str, refused: list[int] | None = None, stage: int = 1) -> int:
    with db.connection():
        return month.answer_one(package, smo, refused or [], stage=stage)


def problems() -> list[str]:
    with db.connection():
        return [p.text for p in verify()]


def patients(path: Path) -> tuple[dict[str, str], dict[str, bytes], str]:
    """bill attributes, key → bytes of the patient, total of a file."""
    with open_bill(path) as stream:
        data = stream.read()
    with open_bill(path) as stream:
        reader = BillReader(stream, path.name)
        found = {
            a.get("xkey"): data[item.offset : item.offset + item.length]
            for item in reader.patients()
            for a in item.node.accounts()
        }
        return reader.header.bill, found, reader.header.total()


def test_reform_takes_accepted_accounts_byte_for_byte(services: Services, out: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001", [made[0]])
    with db.connection():
        [plan] = preview(month.PERIOD, ["76001"])
        assert "будет исключено 1 счёт на сумму 200.02, остальное не меняется" in plan.question
        total = db.scalar("SELECT sum(total) FROM account WHERE id IN (?,?)", (made[2], made[4]))
        keys = [db.scalar("SELECT xkey FROM account WHERE id=?", (i,)) for i in (made[2], made[4])]
    outcome = run_reform(services, out, smo=["76001"])
    assert outcome.kind == "ok", outcome.message
    _, sent, _ = patients(out / "1027600099900760499001210413X.7z")
    bill, found, claimed = patients(out / NAME_A)
    assert bill["ogrn_smo"] == "1027700091100"
    assert claimed == f"{total // 100}.{total % 100:02d}"
    assert list(found) == keys
    assert all(found[k] == sent[k] for k in keys)
    assert problems() == []
    with db.connection():
        [seven] = packages.sevens(package)
        assert (seven.accounts, seven.total, seven.service_digit) == (2, total, "1")


def test_reform_ignores_edits_after_sending(services: Services, out: Path) -> None:
    package, _ = exported(services, out)
    answer(package, "76001")
    with db.connection(), db.write():
        db.execute("UPDATE patient SET surname='Другой'")
        db.execute("DELETE FROM service")
    assert run_reform(services, out, smo=["A"]).kind == "ok"
    with open_bill(out / NAME_A) as stream:
        assert "Другой".encode("cp1251") not in stream.read()


def test_reform_without_answer_refused(services: Services, out: Path) -> None:
    package, _ = exported(services, out)
    outcome = run_reform(services, out, smo=["76001"])
    assert outcome.kind == "refused" and "ещё не принят" in outcome.message
    assert "не по кому" in run_reform(services, out, all=True).message
    assert "Не сказано" in run_reform(services, out).message
    assert not (out / NAME_A).exists() and package


def test_reform_all_takes_answered_and_tells_the_rest(services: Services, out: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001", [made[0]])
    outcome = run_reform(services, out, all=True)
    assert outcome.kind == "ok" and [f["letter"] for f in outcome.result.data["files"]] == ["A"]
    assert any("Пропущено: ответ «1» от СМО «Бета»" in line.text for line in outcome.lines)
    answer(package, "76002")
    outcome = run_reform(services, out, all=True)
    assert [f["letter"] for f in outcome.result.data["files"]] == ["B"]
    assert outcome.result.data["left"] == []
    assert problems() == []


def test_reform_repeated_asks_and_gives_same_bytes(services: Services, out: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001", [made[0]])
    run_reform(services, out, smo=["A"])
    first, before = (out / NAME_A).read_bytes(), month.dump()
    assert run_reform(services, out, smo=["A"]).kind == "question"
    assert run_reform(services, out, smo=["A"], yes=True).kind == "ok"
    assert (out / NAME_A).read_bytes() == first and month.dump() == before


def test_reform_after_answer_two_refused(services: Services, out: Path) -> None:
    package, _ = exported(services, out)
    answer(package, "76001")
    run_reform(services, out, smo=["A"])
    answer(package, "76001", stage=2)
    outcome = run_reform(services, out, smo=["A"], yes=True)
    assert outcome.kind == "refused" and "ответ «2»" in outcome.message
    assert problems() == []


def test_reform_test_package_refused(services: Services, out: Path) -> None:
    package, _ = exported(services, out, test=True)
    answer(package, "76001")
    outcome = run_reform(services, out, smo=["A"])
    assert outcome.kind == "refused" and "только тестовые" in outcome.message


def test_reform_account_moves_to_the_insurer_that_answered(services: Services, out: Path) -> None:
    package, made = exported(services, out, 4)
    answer(package, "76001")
    answer(package, "76002")
    with db.connection(), db.write():  # sent for A, decided by B
        b = month.payer_id("76002")
        db.execute(
            "UPDATE account SET decided_payer_id=?, answer1_id=(SELECT id FROM answer WHERE payer_id=?)"
            " WHERE id=?",
            (b, b, made[0]),
        )
        db.execute(
            "UPDATE answer_line SET answer_id=(SELECT id FROM answer WHERE payer_id=?) WHERE account_id=?",
            (b, made[0]),
        )
        plans = {p.letter: p for p in preview(month.PERIOD)}
    assert (plans["A"].accounts, plans["A"].moved_out) == (1, 1)
    assert (plans["B"].accounts, plans["B"].moved_in) == (3, 1)
    assert run_reform(services, out, all=True).kind == "ok"
    assert len(patients(out / NAME_A)[1]) == 1 and len(patients(out / NAME_B)[1]) == 3
    assert problems() == []


def test_reform_undecided_stays_out_with_warning(services: Services, out: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001")
    with db.connection(), db.write():
        db.execute("DELETE FROM answer_line WHERE account_id=?", (made[0],))
        db.execute(
            "UPDATE account SET stage1=0, answer1_id=NULL, decided_payer_id=NULL WHERE id=?", (made[0],)
        )
    outcome = run_reform(services, out, smo=["A"])
    assert any("Нет решения ТФОМС" in line.text for line in outcome.lines)
    assert len(patients(out / NAME_A)[1]) == 2


def test_reform_everything_refused_gives_empty_file(services: Services, out: Path) -> None:
    package, made = exported(services, out, 2)
    answer(package, "76001", [made[0]])
    outcome = run_reform(services, out, smo=["A"])
    assert outcome.kind == "ok"
    _, found, total = patients(out / NAME_A)
    assert found == {} and total == "0.00"
    assert problems() == []


def test_reform_withholding_above_sum_warns(services: Services, out: Path) -> None:
    package, _ = exported(services, out)
    answer(package, "76001")
    with db.connection(), db.write():
        month.insert("withholding", period=month.PERIOD, payer_id=month.payer_id("76001"), total=10**9)
    outcome = run_reform(services, out, smo=["A"])
    assert any("больше суммы файла «7»" in line.text for line in outcome.lines)


def test_reform_several_accounts_in_one_patient(services: Services, out: Path, tmp_path: Path) -> None:
    """A 3X of another program: one patient element carries accounts that stay and that go."""
    package, made = exported(services, out, 3)
    with db.connection():
        keys = [r[0] for r in db.execute("SELECT xkey FROM account ORDER BY number")]
    text = (
        '<?xml version="1.0" encoding="windows-1251" ?>\r\n<package>\r\n <body version="6.15" year="2021">'
        '\r\n  <bill t_opl="1" ogrn_smo="1">\r\n   <account_sum><account_elem_t><account_elem type_acc="1"'
        ' amount="9.00"/></account_elem_t></account_sum>\r\n   <patients>\r\n'
        '    <patient patientcod="P1" surname="Ы"><register_accounts>\r\n'
        + "".join(
            f'      <personal_account xkey="{k}" comment="a > b"><sum><elem type_acc="1" sum="3.00"/></sum>'
            "</personal_account>\r\n"
            for k in keys
        )
        + "    </register_accounts></patient>\r\n   </patients>\r\n  </bill>\r\n </body>\r\n</package>\r\n"
    ).encode("cp1251")
    begin = text.index(b"<patient ")
    length = text.index(b"</patient>") + 10 - begin
    from datetime import date

    write_zip(tmp_path / "3.zip", lambda stream: stream.write(text), date(2021, 4, 30))
    answer(package, "76001", [made[2]])
    with db.connection(), db.write():
        file = files.put_file("3.zip", tmp_path / "3.zip")
        db.execute("UPDATE package SET file_id=?", (file,))
        db.execute("UPDATE account SET offset=?, length=?, total=300", (begin, length))
    assert run_reform(services, out, smo=["A"]).kind == "ok"
    with open_bill(out / NAME_A) as stream:
        data = stream.read()
    assert keys[0].encode() in data and keys[1].encode() not in data and keys[2].encode() not in data
    assert b'comment="a > b"' in data
    assert b'amount="3.00"' in data


def test_reform_misplaced_bytes_refused(services: Services, out: Path) -> None:
    package, _ = exported(services, out)
    answer(package, "76001")
    with db.connection(), db.write():
        db.execute("UPDATE account SET offset=offset+7 WHERE number=3")
    before = month.dump()
    outcome = run_reform(services, out, smo=["A"])
    assert outcome.kind == "refused" and "стоят не там" in outcome.message
    assert month.dump() == before and not (out / NAME_A).exists()
    assert any("не там, где записано" in text for text in problems())


def test_reform_aborted_at_each_checkpoint_changes_nothing(services: Services, out: Path) -> None:
    package, made = exported(services, out, 4)
    answer(package, "76001", [made[0]])
    answer(package, "76002")
    before = month.dump()
    names = sorted(p.name for p in out.iterdir())
    for stop in range(1, 50):
        seen = 0

        def prepare(ctx: Context, stop: int = stop) -> None:
            def count() -> None:
                nonlocal seen
                seen += 1
                if seen == stop:
                    ctx.token.set()

            ctx.on_check = count

        outcome = run_reform(services, out, all=True, prepare=prepare)
        if outcome.kind == "ok":
            break
        assert outcome.kind == "aborted"
        assert month.dump() == before
        assert sorted(p.name for p in out.iterdir()) == names
    assert outcome.kind == "ok" and stop > 3
    assert problems() == []


def registered(path: Path) -> str:
    with db.connection():
        return register_seven(Context(lambda event: None, who="tester"), path)


def test_register_seven_of_another_program(services: Services, out: Path, tmp_path: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001", [made[0]])
    assert run_reform(services, out, smo=["A"]).kind == "ok"
    with db.connection(), db.write():  # as if the 7 had been cut elsewhere
        db.execute("UPDATE account SET reform_id=NULL")
        db.execute("DELETE FROM run_file")
        db.execute("DELETE FROM package WHERE kind='7'")
    assert "счетов 2 на сумму" in registered(out / NAME_A)
    with db.connection():
        [seven] = packages.sevens(package)
        assert (seven.origin, seven.accounts) == ("load", 2)
        assert db.scalar("SELECT count(*) FROM account WHERE reform_id=?", (seven.id,)) == 2
    assert "уже загружен" in registered(out / NAME_A)
    assert problems() == []


def test_register_seven_with_other_accounts_refused(services: Services, out: Path) -> None:
    package, made = exported(services, out)
    answer(package, "76001")
    run_reform(services, out, smo=["A"])
    with db.connection(), db.write():
        db.execute("UPDATE account SET reform_id=NULL")
        db.execute("DELETE FROM run_file")
        db.execute("DELETE FROM package WHERE kind='7'")
        db.execute("UPDATE account SET stage1=? WHERE id=?", (int(Decision.REFUSED), made[0]))
    with pytest.raises(Exception, match="лишних счетов 1"):
        registered(out / NAME_A)


def test_reform_samples_give_sample_seven(services: Services, shared: Path, tmp_path: Path) -> None:
    """3X_main minus what 1A refuses is 7A_reformed, attribute for attribute."""
    from omstui.domain import package_bytes
    from omstui.formats.cut import Piece, cut, read_source

    folder = shared / "samples" / "yaroslavl"
    with db.connection(), db.write():
        file = files.put_file("3X", (folder / "3X_main" / "bill.xml").read_bytes())
    wanted = {}
    with (folder / "7A_reformed" / "bill.xml").open("rb") as stream:
        seven = BillReader(stream, "7A")
        for item in seven.patients():
            wanted[item.node.accounts()[0].get("xkey")] = item.node
    with db.connection():
        opener = package_bytes.opener(file)
        with opener() as stream:
            pieces = [
                Piece(i.offset, i.length, (i.node.accounts()[0].get("xkey"),))
                for i in BillReader(stream, "3X").patients()
                if i.node.accounts()[0].get("xkey") in wanted
            ]
        target = tmp_path / "7.xml"
        with target.open("wb") as output:
            source = read_source(opener, "3X")
            assert not source.mixed
            list(cut(opener, "3X", pieces, output, source=source, ogrn_smo="1027700091100", total=5062014))
    assert target.read_bytes() == (folder / "7A_reformed" / "bill.xml").read_bytes()


def test_cut_sums_each_type_of_calculation(tmp_path: Path) -> None:
    from contextlib import contextmanager

    from omstui.formats.cut import Piece, cut, read_source

    account = (
        '<personal_account xkey="{0}"><sum><elem type_acc="1" suml="1.00" sum="{0}.00"/>'
        '<elem type_acc="2" sum="5.50"/></sum></personal_account>'
    )
    text = (
        '<?xml version="1.0" encoding="utf-8"?><package><body year="2021"><bill ogrn_smo="9"><account_sum>'
        '<account_elem_t><account_elem type_acc="1" amountl="0.00" amount="0"/><account_elem type_acc="2"'
        ' amount="0"/></account_elem_t></account_sum><patients>'
        + "".join(
            f'<patient patientcod="Ы{n}"><register_accounts>{account.format(n)}</register_accounts></patient>'
            for n in (1, 2, 3)
        )
        + "</patients></bill></body></package>"
    ).encode()
    source_file, target = tmp_path / "a.xml", tmp_path / "b.xml"
    source_file.write_bytes(text)

    @contextmanager
    def opener():
        with source_file.open("rb") as stream:
            yield stream

    with opener() as stream:
        pieces = [
            Piece(i.offset, i.length, (i.node.accounts()[0].get("xkey"),))
            for i in BillReader(stream, "a").patients()
        ][1:]
    source = read_source(opener, "a")
    assert source.mixed
    with target.open("wb") as output:
        list(
            cut(opener, "a", pieces, output, source=source, ogrn_smo="7", total=1, keys=frozenset({"2", "3"}))
        )
    with target.open("rb") as stream:
        reader = BillReader(stream, "b")
        assert [p.node.get("patientcod") for p in reader.patients()] == ["Ы2", "Ы3"]
        elements = reader.header.account_sum.all("account_elem_t/account_elem")
    assert [e.attrs for e in elements] == [
        {"type_acc": "1", "amountl": "2.00", "amount": "5.00"},
        {"type_acc": "2", "amount": "11.00"},
    ]


def test_sent_marks_and_unmarks(services: Services, out: Path) -> None:
    assert "ещё ничего не выгружено" in services.run("sent", period=month.PERIOD).message
    package, _ = exported(services, out)
    assert services.run("sent", period=month.PERIOD).kind == "ok"
    with db.connection():
        assert packages.package(package).sent_by == "tester"
    assert "уже отмечен" in services.run("sent", period=month.PERIOD).message
    assert services.run("sent", period=month.PERIOD, undo=True).kind == "ok"
    with db.connection():
        assert packages.package(package).sent_at is None
    assert "Файла «7»" in services.run("sent", period=month.PERIOD, smo="76001").message
    answer(package, "76001")
    run_reform(services, out, smo=["A"])
    assert services.run("sent", period=month.PERIOD, smo="A").kind == "ok"


__all__ = ["reform"]
