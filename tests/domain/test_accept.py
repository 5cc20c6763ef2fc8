"""Acceptance of answers: what they decide, replacing, repeating, and every refusal of §3.1."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import config, db
from omstui.domain.store import rejections as store
from tests.domain import month
from tests.domain.answerkit import (
    MES,
    PASSPORT,
    POLICY,
    PREFIX,
    SUM,
    Told,
    accept,
    answer,
    column,
    exported,
    flk,
    pack,
    reform,
    refused,
    scalar,
    xml,
)
from tests.support import SETTINGS, make_services, settings


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return make_services(tmp_path)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "in"


def report(outcome) -> dict:
    return outcome.result.data["files"][0]


def refusals(**where):
    with db.connection():
        return store.find(period=month.PERIOD, **where)


def all_a(keys: list[str], *bad: Told) -> list[Told]:
    """Every key accepted save the given ones."""
    told = {t.xkey: t for t in bad}
    return [told.get(k, Told(k, code=f"P{n}")) for n, k in enumerate(keys)]


# --- what an answer decides ------------------------------------------------------------------


def test_accept_stage1_decides_and_keeps_bytes(services, out, inbox):
    _, keys = exported(services, out)
    a = keys["A"]
    path = answer(inbox, "1A", all_a(a, refused(a[1])))
    outcome = accept(services, path)
    assert outcome.kind == "ok", outcome.message
    assert report(outcome) | {"details": []} == {
        "name": path.name,
        "stage": 1,
        "smo": "76001",
        "period": "2021-04",
        "accounts": 3,
        "refused": 1,
        "refused_sum": "200.06",
        "state": "accepted",
        "reason": "",
        "flk": 0,
        "sum": "600.18",
        "details": [],
    }
    assert column("stage1", a) == [1, 2, 1]
    assert column("work", a) == ["", "новый", ""]
    assert column("stage1", keys["B"]) == [0, 0, 0]
    (row,) = refusals()
    assert (row.account, row.kind, row.code, row.stage, row.smo) == (a[1], "an_ps", "3", 1, "76001")
    assert row.known and row.comment == "закрыт" and row.state == "новый"
    assert scalar("SELECT size FROM stored_file ORDER BY id DESC LIMIT 1") == path.stat().st_size
    assert scalar("SELECT lists_all FROM answer") == 1


def test_accept_only_refused_listed_takes_the_rest_for_accepted(services, out, inbox):
    _, keys = exported(services, out)
    accept(services, answer(inbox, "1A", [refused(keys["A"][0])]))
    assert column("stage1", keys["A"]) == [2, 1, 1]
    assert column("stage1", keys["B"]) == [0, 0, 0]
    assert scalar("SELECT lists_all FROM answer") == 0


def test_accept_empty_answer_accepts_all_of_the_insurer(services, out, inbox):
    _, keys = exported(services, out)
    outcome = accept(services, answer(inbox, "1A", []))
    assert outcome.kind == "ok"
    assert column("stage1", keys["A"]) == [1, 1, 1]


def test_accept_setting_all_leaves_the_unlisted_undecided(tmp_path, out, inbox):
    services = make_services(tmp_path, settings(files={"answer_lists_all": "yes"}))
    _, keys = exported(services, out)
    accept(services, answer(inbox, "1A", [refused(keys["A"][0])]))
    assert column("stage1", keys["A"]) == [2, 0, 0]


def test_accept_person_refuses_all_accounts_of_the_person(services, out, inbox):
    _, keys = exported(services, out)
    a = keys["A"]
    told = [
        [Told(a[0], "4", person=PASSPORT, code="P7"), Told(a[1], "1", code="P7")],
        Told(a[2], "4", code="P7"),
    ]
    outcome = accept(services, answer(inbox, "1A", told))
    assert column("stage1", a) == [2, 2, 2]
    assert [(r.account, r.kind, r.code) for r in refusals()] == [(k, "an_p", "1") for k in a]
    assert report(outcome)["refused"] == 3


def test_accept_stage1_an_ps_refuses_whatever_pay(services, out, inbox):
    _, keys = exported(services, out)
    a = keys["A"]
    told = [Told(a[0], "1", POLICY), Told(a[1], "1", MES), Told(a[2], "4")]
    accept(services, answer(inbox, "1A", told))
    assert column("stage1", a) == [2, 1, 2]
    assert [(r.kind, r.text) for r in refusals()] == [
        ("an_ps", "Полис не действовал на дату лечения (предположение)"),
        ("pay", "Отказ без указания причины"),
    ]


def test_accept_stage2_needs_pay_4(services, out, inbox):
    _, keys = exported(services, out, 8)
    a = keys["A"]
    accept(services, answer(inbox, "1A", all_a(a)))
    reform(services, out, "76001")
    told = [
        refused(a[0], MES + SUM),
        Told(a[1], "1", MES),
        Told(a[2], "1", POLICY),
        refused(a[3], ""),
    ]
    outcome = accept(services, answer(inbox, "2A", told))
    assert outcome.kind == "ok", outcome.message
    assert column("stage2", a) == [2, 1, 1, 2]
    assert [(r.account, r.kind, r.code, r.stage) for r in refusals()] == [
        (a[0], "an_mes", "5.1.4", 2),
        (a[0], "an_sum", "5.7.1", 2),
        (a[3], "pay", "4", 2),
    ]
    assert report(outcome)["refused"] == 2


def test_accept_flk_fact_is_shown_and_refuses_nothing(services, out, inbox):
    _, keys = exported(services, out)
    told = all_a(keys["A"])
    outcome = accept(services, answer(inbox, "1A", told, flk=flk(keys["A"][0])))
    assert column("stage1", keys["A"]) == [1, 1, 1]
    (row,) = refusals()
    assert (row.kind, row.code, row.text, row.refuses, row.state) == (
        "flk",
        "F01",
        "Нет времени",
        0,
        "",
    )
    assert report(outcome)["flk"] == 1


def test_accept_unknown_code_is_kept_and_marked(services, out, inbox):
    _, keys = exported(services, out)
    bad = refused(keys["A"][0], '<an_pss><an_ps an_ps="99" comment="?"/></an_pss>')
    outcome = accept(services, answer(inbox, "1A", [bad, Told(keys["A"][1])]))
    (row,) = refusals()
    assert (row.code, row.text, row.known) == ("99", "нет в справочнике", 0)
    assert any("нет в справочнике: 1" in line.text for line in outcome.lines)


def test_accept_key_in_another_form_is_found(services, out, inbox):
    _, keys = exported(services, out)
    a = [k.replace("-", "").lower() for k in keys["A"]]
    outcome = accept(services, answer(inbox, "1A", [Told(k) for k in a]))
    assert outcome.kind == "ok", outcome.message
    assert column("stage1", keys["A"]) == [1, 1, 1]


def test_accept_account_without_key_is_a_warning(services, out, inbox):
    _, keys = exported(services, out)
    outcome = accept(services, answer(inbox, "1A", [*all_a(keys["A"]), Told("", code="P9")]))
    assert outcome.kind == "ok"
    assert any("без xkey" in line.text and "P9" in line.text for line in outcome.lines)


def test_accept_moved_account_changes_payer(services, out, inbox):
    _, keys = exported(services, out)
    a, b = keys["A"], keys["B"]
    accept(services, answer(inbox, "1B", [*all_a(b), Told(a[0], code="M")]))
    assert column("decided_payer_id", [a[0]]) == [2]
    outcome = accept(services, answer(inbox, "1A", all_a(a[1:])))
    assert outcome.kind == "ok"
    assert column("decided_payer_id", a) == [2, 1, 1]


@pytest.mark.parametrize("first", ["A", "B"])
def test_accept_moved_account_with_only_refused_in_any_order(services, out, inbox, first):
    _, keys = exported(services, out)
    a = keys["A"]
    files = {
        "A": answer(inbox, "1A", [refused(a[1])]),
        "B": answer(inbox, "1B", [*all_a(keys["B"]), Told(a[0], code="M")]),
    }
    for letter in (first, "AB".replace(first, "")):
        assert accept(services, files[letter]).kind == "ok"
    assert column("decided_payer_id", a) == [2, 1, 1]
    assert column("stage1", a) == [1, 2, 1]


# --- order, repetition, replacing ------------------------------------------------------------


def test_accept_folder_takes_answers_in_order_and_ignores_the_rest(services, out, inbox):
    _, keys = exported(services, out)
    accept(services, answer(inbox, "1A", all_a(keys["A"])))
    reform(services, inbox, "76001")
    (inbox / f"{PREFIX}3X.7z").write_bytes((out / f"{PREFIX}3X.7z").read_bytes())
    (inbox / "readme.txt").write_text("?")
    answer(inbox, "2A", all_a(keys["A"], refused(keys["A"][0], MES)))
    answer(inbox / "sub", "1B", all_a(keys["B"]))
    outcome = accept(services, inbox)
    assert outcome.kind == "ok", outcome.message
    assert any("не файлы обмена (.7z): 1" in line.text for line in outcome.lines)
    states = {f["name"][27:29]: f["state"] for f in outcome.result.data["files"]}
    assert states == {
        "1A": "repeated",
        "1B": "accepted",
        "2A": "accepted",
        "3X": "ignored",
        "7A": "ignored",
    }


def test_accept_same_file_again_changes_nothing_and_shows_protocol(services, out, inbox):
    _, keys = exported(services, out)
    path = answer(inbox, "1A", all_a(keys["A"], refused(keys["A"][0])))
    accept(services, path)
    before = month.dump()
    renamed = path.rename(inbox / "ответ (1).7z")
    outcome = accept(services, renamed)
    assert outcome.kind == "ok" and outcome.exit_code == 0
    assert report(outcome)["state"] == "repeated"
    assert report(outcome)["refused"] == 1
    assert any("Случаев с ошибками: 1" in line.text for line in outcome.lines)
    assert month.dump() == before


def test_accept_same_content_packed_anew_is_repeated(services, out, inbox):
    _, keys = exported(services, out)
    told = all_a(keys["A"], refused(keys["A"][0]))
    accept(services, answer(inbox, "1A", told))
    before = month.dump()
    bare = inbox / f"{PREFIX}1A.7z"
    bare.write_bytes(xml(told, letter="A"))
    outcome = accept(services, bare)
    assert outcome.kind == "ok", outcome.message
    assert report(outcome)["state"] == "repeated"
    assert month.dump() == before


def test_accept_another_file_asks_then_replaces_only_its_refusals(services, out, inbox):
    _, keys = exported(services, out)
    a, b = keys["A"], keys["B"]
    accept(services, answer(inbox, "1A", all_a(a, refused(a[0]), refused(a[1]))))
    accept(services, answer(inbox, "1B", all_a(b, refused(b[0]))))
    before = month.dump()
    second = answer(inbox / "new", "1A", all_a(a, refused(a[1]), refused(a[2])))
    assert accept(services, second).kind == "question"
    assert month.dump() == before
    outcome = accept(services, second, yes=True)
    assert outcome.kind == "ok", outcome.message
    assert column("stage1", a) == [1, 2, 2]
    assert column("work", a) == ["", "новый", "новый"]
    assert sorted(r.account for r in refusals()) == sorted([a[1], a[2], b[0]])
    assert scalar("SELECT count(*) FROM refusal WHERE state='replaced'") == 2
    old = accept(services, inbox / f"{PREFIX}1A.7z")
    assert report(old)["state"] == "repeated"
    assert column("stage1", a) == [1, 2, 2]


def test_accept_replacement_keeps_work_and_undoes_returns_of_withdrawn(services, out, inbox):
    _, keys = exported(services, out)
    a = keys["A"]
    accept(services, answer(inbox, "1A", all_a(a, refused(a[0]), refused(a[1]))))
    outcome = services.run("return", xkeys=a[:2], unchanged=True)
    assert outcome.kind == "ok", outcome.message
    accept(services, answer(inbox / "n", "1A", all_a(a, refused(a[1]))), yes=True)
    assert column("work", a) == ["", "в реестр", ""]
    assert scalar("SELECT count(*) FROM resubmission WHERE undone_at IS NULL") == 1


def test_accept_replacement_is_refused_once_seven_is_written(services, out, inbox):
    _, keys = exported(services, out)
    accept(services, answer(inbox, "1A", all_a(keys["A"])))
    reform(services, out, "76001")
    before = month.dump()
    outcome = accept(services, answer(inbox / "n", "1A", [refused(keys["A"][0])]), yes=True)
    assert outcome.kind == "refused" and "«7»" in outcome.message
    assert month.dump() == before


def test_accept_two_files_of_one_insurer_at_once_ask(services, out, inbox):
    _, keys = exported(services, out)
    answer(inbox / "x", "1A", all_a(keys["A"]))
    answer(inbox / "y", "1A", [refused(keys["A"][0])])
    assert accept(services, inbox).kind == "question"
    assert scalar("SELECT count(*) FROM answer") == 0


def test_accept_dry_run_changes_nothing(services, out, inbox):
    _, keys = exported(services, out)
    before = month.dump()
    outcome = accept(services, answer(inbox, "1A", all_a(keys["A"], refused(keys["A"][0]))), dry_run=True)
    assert outcome.kind == "ok" and report(outcome)["refused"] == 1
    assert month.dump() == before


def test_accept_partial_when_one_of_many_is_refused(services, out, inbox):
    _, keys = exported(services, out)
    answer(inbox, "1A", all_a(keys["A"]))
    answer(inbox, "1B", [Told("76000000-9999-FFFF-FFFF-FFFFFFFFFFFF")])
    outcome = accept(services, inbox)
    assert outcome.kind == "partial" and outcome.exit_code == 4
    states = {f["smo"]: f["state"] for f in outcome.result.data["files"]}
    assert states == {"76001": "accepted", "76002": "refused"}


# --- refusals --------------------------------------------------------------------------------

Case = tuple[str, str]


def bad_file(kind: str, inbox: Path, out: Path, keys: dict[str, list[str]]) -> Path:
    """A file that must be refused."""
    a = keys["A"]
    good = xml(all_a(a))
    made = {
        "dots": lambda: pack(inbox / f"{PREFIX}1A.tmp.7z", good),
        "extension": lambda: pack(inbox / f"{PREFIX}1A.zip", good),
        "length": lambda: pack(inbox / f"{PREFIX}01A.7z", good),
        "stage": lambda: pack(inbox / f"{PREFIX}5A.7z", good),
        "letter": lambda: pack(inbox / f"{PREFIX}1Z.7z", good),
        "own by name": lambda: pack(inbox / f"{PREFIX}7A.7z", good),
        "own bytes": lambda: _copy(out / f"{PREFIX}3X.7z", inbox / f"{PREFIX}1A.7z"),
        "own packed anew": lambda: pack(inbox / f"{PREFIX}1A.7z", xml([Told(k, None) for k in a], bill="")),
        "never exported": lambda: pack(inbox / f"{PREFIX[:24]}0511A.7z", good),
        "other digit": lambda: pack(inbox / f"{PREFIX[:26]}21A.7z", good),
        "other mo": lambda: pack(inbox / f"1027600099911{PREFIX[13:]}1A.7z", good),
        "archive": lambda: _bytes(inbox / f"{PREFIX}1A.7z", b"PK\x03\x04rubbish"),
        "two files": lambda: _two(inbox / f"{PREFIX}1A.7z", good),
        "member": lambda: pack(inbox / f"{PREFIX}1A.7z", good, "other.xml"),
        "xml": lambda: pack(inbox / f"{PREFIX}1A.7z", good[:-60]),
        "no body": lambda: pack(inbox / f"{PREFIX}1A.7z", b"<package><bill/></package>"),
        "entity": lambda: pack(
            inbox / f"{PREFIX}1A.7z",
            b'<!DOCTYPE p [<!ENTITY x SYSTEM "file:///etc/passwd">]><package>&x;</package>',
        ),
        "unknown key": lambda: pack(
            inbox / f"{PREFIX}1A.7z", xml([*all_a(a), Told("76099999-9999-FFFF-FFFF-FFFFFFFFFFFF")])
        ),
        "unknown fact": lambda: pack(
            inbox / f"{PREFIX}1A.7z", xml(all_a(a), flk=flk("76099999-9999-FFFF-FFFF-FFFFFFFFFFFF"))
        ),
        "body mo": lambda: pack(inbox / f"{PREFIX}1A.7z", xml(all_a(a), ogrn_mo="1027600099911")),
        "body kpp": lambda: pack(inbox / f"{PREFIX}1A.7z", xml(all_a(a), kpp_mo="760499002")),
        "body month": lambda: pack(inbox / f"{PREFIX}1A.7z", xml(all_a(a), month="05")),
        "body year": lambda: pack(inbox / f"{PREFIX}1A.7z", xml(all_a(a), year="2020")),
        "bill smo": lambda: pack(inbox / f"{PREFIX}1A.7z", xml(all_a(a), letter="B")),
        "too early": lambda: pack(inbox / f"{PREFIX}2A.7z", good),
        "nothing": lambda: inbox / "нет.7z",
        "empty folder": lambda: _folder(inbox),
    }
    return made[kind]()


def _copy(source: Path, target: Path) -> Path:
    return _bytes(target, source.read_bytes())


def _bytes(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _two(path: Path, data: bytes) -> Path:
    import zipfile

    pack(path, data)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("second.xml", b"<a/>")
    return path


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("dots", "ровно одна точка"),
        ("extension", "не является 7z-архивом"),
        ("length", "29"),
        ("stage", "стадии"),
        ("letter", "буквой «Z»"),
        ("own by name", "Неверное имя файла"),
        ("own bytes", "Неверное имя файла: это ваш собственный файл"),
        ("own packed anew", "решений ТФОМС в нём нет"),
        ("never exported", "Отсутствует информация об экспорте реестра"),
        ("other digit", "не совпадает с именем выгруженного файла"),
        ("other mo", "ОГРН или КПП другой МО"),
        ("archive", "архив"),
        ("two files", "количество файлов"),
        ("member", "имя файла в архиве"),
        ("xml", "не разобран"),
        ("no body", "не является архивом реестра"),
        ("entity", "DOCTYPE"),
        ("unknown key", "отсутствует в файле экспорта"),
        ("unknown fact", "отсутствует в файле экспорта"),
        ("body mo", "ОГРН МО «1027600099911»"),
        ("body kpp", "КПП МО «760499002»"),
        ("body month", "период 05.2021"),
        ("body year", "период 04.2020"),
        ("bill smo", "ОГРН СМО «1027700092200»"),
        ("too early", "F6"),
        ("nothing", "не найден"),
        ("empty folder", "Нет файлов ответов"),
    ],
)
def test_accept_refuses_with_a_sentence_and_changes_nothing(services, out, inbox, kind, says):
    _, keys = exported(services, out)
    path = bad_file(kind, inbox, out, keys)
    before = month.dump()
    outcome = accept(services, path, yes=True)
    assert outcome.kind == "refused", outcome.lines
    assert outcome.exit_code in (1, 2)
    assert says.casefold() in outcome.message.casefold()
    assert month.dump() == before


def test_accept_no_file_chosen(services):
    outcome = accept(services)
    assert outcome.kind == "refused" and "Не выбран файл реестра" in outcome.message


def test_accept_unknown_keys_are_listed_up_to_ten(services, out, inbox):
    _, keys = exported(services, out)
    wrong = [Told(f"760999990{n:03d}".ljust(32, "F")) for n in range(14)]
    outcome = accept(services, answer(inbox, "1A", [*all_a(keys["A"]), *wrong]))
    assert len(outcome.error.details) == 10
    assert "и ещё 13" in outcome.message


def test_accept_account_decided_by_another_insurer_is_refused(services, out, inbox):
    _, keys = exported(services, out)
    accept(services, answer(inbox, "1A", all_a(keys["A"])))
    before = month.dump()
    outcome = accept(services, answer(inbox, "1B", [*all_a(keys["B"]), Told(keys["A"][0], code="M")]))
    assert outcome.kind == "refused"
    assert "уже решён файлом другой СМО (76001" in outcome.message
    assert month.dump() == before


def test_accept_stage2_for_account_refused_at_stage1_is_refused(services, out, inbox):
    _, keys = exported(services, out)
    a = keys["A"]
    accept(services, answer(inbox, "1A", all_a(a, refused(a[0]))))
    reform(services, out, "76001")
    before = month.dump()
    outcome = accept(services, answer(inbox, "2A", [refused(a[0], MES), Told(a[1])]))
    assert outcome.kind == "refused" and "отказан на стадии 1" in outcome.message
    assert month.dump() == before


def test_accept_test_cycle(services, out, inbox):
    _, keys = exported(services, out, test=True)
    a = keys["A"]
    assert accept(services, answer(inbox, "1A", all_a(a, refused(a[0])))).kind == "ok"
    assert len(refusals()) == 1
    early = accept(services, answer(inbox, "2A", all_a(a)))
    assert early.kind == "refused" and "тестовый" in early.message
    f8 = services.run("return", xkeys=[a[0]], unchanged=True)
    assert f8.kind == "refused" and "тестовом цикле" in f8.message
    assert services.run("restore-tests", yes=True, period=month.PERIOD).kind == "ok"
    assert refusals() == []
    late = accept(services, answer(inbox, "1B", all_a(keys["B"])))
    assert late.kind == "refused" and "тестовый реестр за апрель 2021" in late.message
    again = accept(services, inbox / f"{PREFIX}1A.7z")
    assert again.kind == "refused" and "восстановлен" in again.message


def test_accept_late_test_answer_after_main_export_is_recognised(services, out, inbox):
    _, keys = exported(services, out, test=True)
    assert services.run("restore-tests", yes=True, period=month.PERIOD).kind == "ok"
    exported(services, out, start=101)
    before = month.dump()
    outcome = accept(services, answer(inbox, "1A", all_a(keys["A"])))
    assert outcome.kind == "refused" and "тестовый реестр" in outcome.message
    assert month.dump() == before


def test_accept_letter_of_an_insurer_no_longer_valid(tmp_path, out, inbox):
    insurers = [dict(i) for i in SETTINGS["insurers"]]
    services = make_services(tmp_path)
    _, keys = exported(services, out)
    insurers[0]["end"] = "2021-03-31"
    with db.connection(), db.write():
        config.save_settings(settings(insurers=insurers), who="t", at="2021-05-01 00:00:00")
    outcome = accept(services, answer(inbox, "1A", all_a(keys["A"])))
    assert outcome.kind == "refused" and "не действовала" in outcome.message


# --- abort -----------------------------------------------------------------------------------


def test_accept_aborted_at_each_checkpoint_changes_nothing(services, out, inbox):
    from omstui.domain.operation import Aborted

    _, keys = exported(services, out)
    path = answer(inbox, "1A", all_a(keys["A"], refused(keys["A"][0])))
    before = month.dump()
    for k in range(1, 30):
        left = [k]

        def count(left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise Aborted

        def prepare(ctx, count=count) -> None:
            ctx.on_check = count

        outcome = services.run("accept", paths=[str(path)], prepare=prepare)
        if outcome.kind == "ok":
            assert k > 3
            break
        assert outcome.kind == "aborted"
        assert month.dump() == before
    else:
        pytest.fail("accept never finished")
