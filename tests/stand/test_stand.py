"""The stand: answers of the fund and the insurers, from files only."""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import FormatError, OmsError, UsageError
from omstui.formats.answers import AnswerAccount, AnswerReader, Fact, reasons_of
from omstui.formats.containers import open_bill
from omstui.formats.view import open_view
from omstui.stand import cli
from omstui.stand.answers import answer
from tests.stand.packages import ALPHA, BETA, FUND, STEM, Case, cases, patient, read, write
from tests.support import SETTINGS, settings

SMO = settings()


def decisions(path: Path) -> tuple[dict[str, list[str]], list[Fact]]:
    """xkey → kinds that refuse it, as the program itself reads the answer."""
    stage = int(path.name[27])
    found: dict[str, list[str]] = {}
    facts: list[Fact] = []
    with open_bill(path) as stream:
        for record in AnswerReader(stream, path.name).records():
            if isinstance(record, AnswerAccount):
                kinds = [r.kind for r in reasons_of(record, stage)]
                found[record.xkey] = (["an_p"] if record.person else []) + kinds
            else:
                facts.append(record)
    return found, facts


def plan_of(**entries: Any) -> dict[str, Any]:
    return {Case(int(k[1:])).xkey: v for k, v in entries.items()}


def test_answer_two_insurers_and_out_of_region_one_file_each(tmp_path: Path) -> None:
    package = write(
        tmp_path,
        [
            *cases(3),
            *cases(2, BETA, 11),
            Case(21, ALPHA, region="77"),
            Case(22, "1027739008440", region="50"),
        ],
    )
    written = answer([package], tmp_path / "out", SMO, refuse=0)
    assert [(w.smo, w.letter, w.stage, w.accounts, w.refused) for w in written] == [
        ("76", "I", 1, 2, 0), ("76001", "A", 1, 3, 0), ("76002", "B", 1, 2, 0),
    ]  # fmt: skip
    assert written[1].path.name == f"{STEM}1A.7z"
    reader, items, _ = read(written[1].path)
    assert reader.header.bill == {
        "t_opl": "1", "ogrn_smo": ALPHA, "date_2": "2021-05-04",
        "n_out": reader.header.bill["n_out"], "date_in": "2021-05-03",
    }  # fmt: skip
    assert reader.header.total() == "301.50"
    assert reader.header.flk["org_ogrn"] == "1027600099900"
    assert reader.header.registers[0]["filename"] == f"{STEM}3X"
    assert {i.tag for i in items} == {"patient", "test"}


def test_answer_insurer_without_accounts_no_file(tmp_path: Path) -> None:
    answer([write(tmp_path, cases(2))], tmp_path / "out", SMO)
    assert [p.name for p in (tmp_path / "out").iterdir()] == [f"{STEM}1A.7z"]


def test_answer_accounts_copied_byte_for_byte(tmp_path: Path) -> None:
    package = write(tmp_path, [*cases(5), [Case(6), Case(7)]])
    (written,) = answer([package], tmp_path / "out", SMO, refuse=0.5)
    _, sent, before = read(package)
    _, got, after = read(written.path)
    patients = [i for i in got if i.tag == "patient"]
    added = re.compile(rb"[ \t]*<(smo|an_p|an_tariffs)\b[^>]*?(/>\r\n|>.*?</\1>\r\n)", re.DOTALL)
    for old, new in zip(sent, patients, strict=True):
        was = before[old.offset : old.offset + old.length]
        now = after[new.offset : new.offset + new.length]
        assert now != was
        assert added.sub(b"", now) == was
        assert all(a.find("smo") for a in new.node.accounts())


def test_answer_same_seed_same_bytes_other_seed_other(tmp_path: Path) -> None:
    package = write(tmp_path, cases(60))
    one, two, three = (
        answer([package], tmp_path / name, SMO, refuse=0.3, seed=seed)[0].path.read_bytes()
        for name, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert one == two != three


@pytest.mark.parametrize("stage", [1, 2])
def test_answer_share_is_kept_and_kinds_fit_the_stage(tmp_path: Path, stage: int) -> None:
    package = write(tmp_path, cases(200)) if stage == 1 else write(tmp_path, cases(200), "7A", ogrn=ALPHA)
    (written,) = answer([package], tmp_path / "out", SMO, refuse=0.2)
    found, facts = decisions(written.path)
    refused = {k for k, kinds in found.items() if kinds}
    assert len(refused) == written.refused == 40
    assert written.refused_total == 40 * 10050
    kinds = {kind for found_kinds in found.values() for kind in found_kinds}
    if stage == 1:
        assert kinds == {"an_p", "an_ps"}
        assert len(facts) == written.facts == 13  # 8 % of those not refused
        assert not {f.account for f in facts} & refused
        assert all(f.service and f.text and f.details for f in facts)
    else:
        assert kinds == {"an_p", "an_ps", "an_mes", "an_sum", "pay"}
        assert not facts


def test_answer_list_refused_lists_refused_only(tmp_path: Path) -> None:
    package = write(tmp_path, [*cases(20), [Case(30), Case(31), Case(32)]])
    plan = plan_of(c2={"kind": "an_ps", "code": "3"}, c31={"kind": "an_ps", "code": "1"},
                   c5={"kind": "flk", "code": "F0104"})  # fmt: skip
    (written,) = answer([package], tmp_path / "out", SMO, plan=plan, list_all=False)
    found, facts = decisions(written.path)
    assert found == {Case(2).xkey: ["an_ps"], Case(31).xkey: ["an_ps"]}
    assert [f.account for f in facts] == [Case(5).xkey]
    reader, _, _ = read(written.path)
    assert reader.header.total() == "201.00"
    assert (written.accounts, written.listed, written.refused) == (23, 2, 2)


def test_answer_list_refused_without_refusals_still_answers(tmp_path: Path) -> None:
    (written,) = answer([write(tmp_path, cases(2))], tmp_path / "out", SMO, refuse=0, list_all=False)
    assert decisions(written.path) == ({}, [])
    assert b"<patients>" in read(written.path)[2]


def test_plan_every_kind_of_stage_one(tmp_path: Path) -> None:
    package = write(tmp_path, cases(6))
    plan = plan_of(
        c1={"kind": "an_p", "comment": "Не тот человек"},
        c2={"kind": "an_ps", "code": "9", "comment": "Свой код", "data": {"polisnum": "1"}},
        c3={"kind": "flk", "code": "Z99", "comment": "Так нельзя"},
        c4=[{"kind": "an_ps", "code": "1"}, {"kind": "an_ps", "code": "2"}],
    )
    (written,) = answer([package], tmp_path / "out", SMO, plan=plan)
    found, facts = decisions(written.path)
    assert {k: v for k, v in found.items() if v} == {
        Case(1).xkey: ["an_p"], Case(2).xkey: ["an_ps"], Case(4).xkey: ["an_ps", "an_ps"],
    }  # fmt: skip
    assert [(f.account, f.test, f.text, f.patientcod) for f in facts] == [
        (Case(3).xkey, "Z99", "Так нельзя", "P00003")
    ]
    rows = {r.xkey: r for r in open_view(written.path).rows()}
    assert rows[Case(1).xkey].comment == "Не тот человек"
    assert rows[Case(1).xkey].data["birthdate"]
    assert (rows[Case(2).xkey].code, rows[Case(2).xkey].data["polisnum"]) == ("9", "1")


def test_plan_every_kind_of_stage_two(tmp_path: Path) -> None:
    package = write(tmp_path, cases(5), "7A", ogrn=ALPHA)
    plan = plan_of(
        c1={"kind": "an_mes", "code": "5.1.4"}, c2={"kind": "an_sum", "code": "5.7.1"},
        c3={"kind": "pay"}, c4={"kind": "an_ps", "code": "3"},
    )  # fmt: skip
    (written,) = answer([package], tmp_path / "out", SMO, plan=plan)
    found, _ = decisions(written.path)
    assert [found[Case(n).xkey] for n in range(1, 6)] == [["an_mes"], ["an_sum"], ["pay"], ["an_ps"], []]
    assert written.path.name == f"{STEM}2A.7z"
    conflict = next(r for r in open_view(written.path).rows() if r.kind == "an_sum")
    assert conflict.data["provname"] and conflict.data["curestart"]
    assert read(written.path)[0].header.bill["type_control"] == "МЭК"


def test_plan_person_all_accounts_of_the_person_refused(tmp_path: Path) -> None:
    package = write(tmp_path, [Case(1, person="P1"), Case(2), Case(3, person="P1")])
    (written,) = answer([package], tmp_path / "out", SMO, plan=plan_of(c3={"kind": "an_p"}))
    found, _ = decisions(written.path)
    assert {k for k, v in found.items() if v} == {Case(1).xkey, Case(3).xkey}
    assert written.refused == 2


def test_plan_payer_account_in_the_other_insurers_file(tmp_path: Path) -> None:
    package = write(tmp_path, [Case(1), [Case(2), Case(3)], Case(4, BETA)])
    alpha, beta = answer(
        [package], tmp_path / "out", SMO, plan=plan_of(c3={"kind": "payer", "code": "76002"})
    )
    assert set(decisions(alpha.path)[0]) == {Case(1).xkey, Case(2).xkey}
    assert set(decisions(beta.path)[0]) == {Case(3).xkey, Case(4).xkey}
    assert (alpha.moved_in, beta.moved_in, beta.total) == (0, 1, 20100)
    assert read(beta.path)[0].header.total() == "201.00"


def test_move_share_between_insurers_of_the_region(tmp_path: Path) -> None:
    package = write(tmp_path, [*cases(20), *cases(20, BETA, 101), Case(201, FUND, region="50")])
    out, alpha, beta = answer([package], tmp_path / "out", SMO, refuse=0, move=0.25)
    assert alpha.moved_in + beta.moved_in == 10
    assert alpha.accounts + beta.accounts == 40
    assert (out.accounts, out.moved_in) == (1, 0)


def test_plan_for_another_stage_or_absent_account_is_noted(tmp_path: Path) -> None:
    package = write(tmp_path, cases(2))
    notes: list[str] = []
    plan = plan_of(c1={"kind": "an_mes", "code": "5.1.4"}, c99={"kind": "an_ps", "code": "1"})
    (written,) = answer([package], tmp_path / "out", SMO, plan=plan, note=notes.append)
    assert written.refused == 0
    assert len(notes) == 2
    assert Case(99).xkey in notes[0] and "стадии 1" in notes[1]


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        ({"k": {"kind": "bad"}}, "неизвестный вид «bad»"),
        ({"k": {"kind": "an_p", "cod": "1"}}, "неизвестное поле «cod»"),
        ({"k": "an_p"}, "нужен объект"),
        ({"k": {"kind": "payer"}}, "код СМО"),
        ([], "нужен объект вида"),
    ],
)
def test_plan_wrong_is_refused(tmp_path: Path, plan: Any, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        answer([write(tmp_path, cases(1))], tmp_path / "out", SMO, plan=plan)


def test_plan_unknown_insurer_is_refused(tmp_path: Path) -> None:
    plan = plan_of(c1={"kind": "payer", "code": "99999"})
    with pytest.raises(UsageError, match="99999 нет в настройках"):
        answer([write(tmp_path, cases(1))], tmp_path / "out", SMO, plan=plan)


def _damaged(folder: Path) -> Path:
    path = write(folder, cases(5))
    path.write_bytes(path.read_bytes()[:300])
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda d: write(d, cases(1), "1A"), "ответ стадии 1, а не посылка"),
        (lambda d: write(d, cases(1), "7Q", ogrn=ALPHA), "буква СМО «Q» неизвестна"),
        (lambda d: write(d, cases(1), "7B", ogrn=ALPHA), "внутри файла ОГРН"),
        (lambda d: write(d, cases(1), "3A"), "оканчиваться на «3X»"),
        (lambda d: write(d, cases(1), body={"month": "05"}), "месяц внутри файла «05»"),
        (lambda d: write(d, cases(1), body={"ogrn_mo": "1111111111111"}), "ОГРН МО внутри"),
        (lambda d: write(d, cases(2), total="1.00"), "account_sum 1.00, а сумма счетов 201.00"),
        (lambda d: write(d, [Case(1), Case(1)]), "ключ xkey повторяется"),
        (lambda d: write(d, [Case(1, "9999999999999")]), "плательщик по полису неизвестен"),
        (lambda d: write(d, [Case(1, "")]), "плательщик по полису неизвестен"),
        (lambda d: write(d, []), "ни одного счёта"),
        (lambda d: write(d, [Case(1)], edit=(b'xkey="76', b'xkey2="76')), "нет ключа xkey"),
        (lambda d: write(d, [Case(1)], edit=(b"<package>", b'<!DOCTYPE a [<!ENTITY b "c">]><package>')),
         "DOCTYPE"),
        (_damaged, "архив"),
        (lambda d: d / f"{STEM}3X.7z", "не найден"),
        (lambda d: d / "письмо.txt", "Неверное имя файла"),
    ],
)  # fmt: skip
def test_answer_wrong_file_is_refused_in_a_sentence(tmp_path: Path, make: Any, words: str) -> None:
    good = write(tmp_path, cases(1), "7A", ogrn=ALPHA)
    with pytest.raises(FormatError, match=words):
        answer([good, make(tmp_path)], tmp_path / "out", SMO)
    assert not (tmp_path / "out").exists()  # all files are checked before the first is written


def test_answer_foreign_mo_is_refused(tmp_path: Path) -> None:
    mine = settings(mo={**SETTINGS["mo"], "ogrn": "1027600000000"})
    with pytest.raises(FormatError, match="стенд настроен"):
        answer([write(tmp_path, cases(1))], tmp_path / "out", mine)


def test_answer_bad_policy_number_is_a_fact_not_a_refusal(tmp_path: Path) -> None:
    (written,) = answer([write(tmp_path, [Case(1, polis="123")])], tmp_path / "out", SMO, refuse=0)
    found, facts = decisions(written.path)
    assert found == {Case(1).xkey: []}
    assert facts[0].details == [{"t": "polisnum", "d": "123"}]


def test_answer_utf8_package_with_comments_is_answered(tmp_path: Path) -> None:
    path = write(tmp_path, [[Case(1), Case(2)]])
    _, _, data = read(path)
    text = data.decode("cp1251").replace("windows-1251", "utf-8").replace("Пётр", "Ѣтр")
    text = text.replace("</manipulations>", "</manipulations><!-- </personal_account> -->", 1)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bill.xml", text.encode())
    plan = plan_of(c2={"kind": "an_ps", "code": "1"})
    (written,) = answer([path], tmp_path / "out", SMO, plan=plan)
    found, _ = decisions(written.path)
    assert found == {Case(1).xkey: [], Case(2).xkey: ["an_ps"]}
    assert next(i for i in read(written.path)[1]).node.get("name") == "Ѣтр"


def test_answer_folder_takes_packages_only(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder, cases(1))
    write(folder, cases(1), "7A", ogrn=ALPHA)
    write(folder, cases(1), "1A")
    (folder / "readme.txt").write_text("x")
    written = answer([folder], tmp_path / "out", SMO)
    assert [w.path.name[-6:] for w in written] == ["11A.7z", "12A.7z"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(FormatError, match="нет файлов"):
        answer([empty], tmp_path / "out", SMO)


def test_answer_7z_container_when_settings_say_so(tmp_path: Path) -> None:
    (written,) = answer([write(tmp_path, cases(3))], tmp_path / "out", settings(files={"container": "7z"}))
    assert written.path.read_bytes()[:2] == b"7z"
    assert len(decisions(written.path)[0]) == 3


def test_options_out_of_range_are_refused(tmp_path: Path) -> None:
    package = write(tmp_path, cases(1))
    for options in ({"refuse": 1.5}, {"move": -1}, {"fmt": "dbf"}):
        with pytest.raises(UsageError):
            answer([package], tmp_path / "out", SMO, **options)  # type: ignore[arg-type]


def _run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    cli.add_arguments(parser)
    return cli.main(parser.parse_args(["answer", *words]))


def _settings_file(folder: Path) -> str:
    lines = ['profile = "yar"', "[mo]", 'ogrn = "1027600099900"', 'kpp = "760499001"', "[fund]"]
    lines += ['code = "76"', f'ogrn = "{FUND}"']
    for code, letter, ogrn in (("76001", "A", ALPHA), ("76002", "B", BETA)):
        lines += ["[[insurers]]", f'code = "{code}"', f'letter = "{letter}"', f'ogrn = "{ogrn}"']
    path = folder / "settings.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


def test_command_line_prints_files_and_remarks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(plan_of(c1={"kind": "an_ps", "code": "3"}, c77={"kind": "an_p"})))
    common = ("--out", str(tmp_path / "out"), "--settings", _settings_file(tmp_path))
    package = str(write(tmp_path, cases(3)))
    assert _run(package, *common, "--plan", str(plan)) == 0
    printed = capsys.readouterr()
    assert "счетов 3 на 301.50, отказано 1 на 100.50" in printed.out
    assert Case(77).xkey in printed.err
    assert _run(package, *common, "--refuse", "0", "--json", "--list", "refused") == 0
    assert json.loads(capsys.readouterr().out)[0]["listed"] == 0


def test_command_line_exit_codes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    common = ("--out", str(tmp_path / "out"), "--settings", _settings_file(tmp_path))
    assert _run(str(write(tmp_path, cases(1), "1A")), *common) == 1
    assert "а не посылка МО" in capsys.readouterr().err
    good = str(write(tmp_path, cases(1)))
    broken = tmp_path / "plan.json"
    broken.write_text("{")
    assert _run(good, *common, "--plan", str(broken)) == 2
    assert _run(good, "--out", "x", "--settings", str(tmp_path / "нет.toml")) == 2


def test_stand_reaches_no_database() -> None:
    code = (
        "import omstui.stand.cli, sys;"
        "sys.exit(any(m.split('.')[0] in ('peewee', 'sqlite3') or 'domain.store' in m for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_sample_month_same_composition_as_the_samples(tmp_path: Path, shared: Path) -> None:
    """The plan of the samples gives the answers of the samples (yaroslavl.md §7)."""
    samples = shared / "samples" / "yaroslavl"
    plan = {
        "76001500-1003-FFFF-FFFF-FFFFFFFFFFFF": {"kind": "an_p"},
        "76001500-1004-FFFF-FFFF-FFFFFFFFFFFF": {"kind": "an_ps", "code": "3"},
        "76001500-1006-FFFF-FFFF-FFFFFFFFFFFF": {"kind": "flk", "code": "F0104"},
    }
    alpha, beta = answer([samples / f"{STEM}3X.7z"], tmp_path / "out", SMO, plan=plan)
    assert (alpha.accounts, alpha.total, alpha.refused, alpha.refused_total) == (
        5, 5237414, 2, 175400,
    )  # fmt: skip
    assert (beta.accounts, beta.total, beta.refused, beta.facts) == (3, 492104, 0, 1)
    assert decisions(alpha.path)[0] == decisions(samples / alpha.path.name)[0]
    (final,) = answer([samples / f"{STEM}7A.7z"], tmp_path / "out", SMO, refuse=0)
    assert (final.accounts, final.total) == (3, 5062014)


def test_patient_node_of_the_helpers_is_complete() -> None:
    assert patient([Case(1)]).accounts()[0].get("xkey") == Case(1).xkey


def test_out_folder_not_writable_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("файл, а не папка")
    with pytest.raises(OmsError, match="не записаны"):
        answer([write(tmp_path, cases(1))], tmp_path / "out", SMO)
