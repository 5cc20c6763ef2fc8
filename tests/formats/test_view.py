"""A quick look into a file: totals, rows, summary; nothing is changed."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from omstui.domain.errors import FormatError
from omstui.formats.view import open_view, view_json, view_text
from omstui.stand.answers import answer
from tests.formats.test_identify import CASES, DECLARED, PERSONS, dbf, put
from tests.stand.packages import STEM, Case, cases, write
from tests.support import settings


def sample(shared: Path, tail: str) -> Path:
    return shared / "samples" / "yaroslavl" / f"{STEM}{tail}.7z"


@pytest.mark.parametrize(
    ("tail", "count", "total", "refused", "facts"),
    [
        ("3X", 8, 5729518, (0, 0), 0),
        ("1A", 5, 5237414, (2, 175400), 0),
        ("1B", 3, 492104, (0, 0), 1),
        ("7A", 3, 5062014, (0, 0), 0),
        ("2A", 3, 5062014, (2, 2340923), 0),
    ],
)
def test_view_samples(
    shared: Path, tail: str, count: int, total: int, refused: tuple[int, int], facts: int
) -> None:
    view = open_view(sample(shared, tail))
    assert view.info.total == total
    rows = list(view.rows())
    assert (view.accounts, view.accounts_total, view.refused()) == (count, total, refused)
    assert sum(r.kind == "flk" for r in rows) == facts
    assert not view.remarks


def test_view_sample_refusals_in_detail(shared: Path) -> None:
    rows = list(open_view(sample(shared, "1A")).rows())
    assert [(r.kind, r.code, r.total, r.patient) for r in rows] == [
        ("an_p", "1", 118600, "Крылов Дмитрий Олегович"),
        ("an_ps", "3", 56800, "Белова Марина Сергеевна"),
    ]
    assert rows[0].data["birthdate"] == "1986-07-20" and rows[0].birth == "1986-07-02"
    assert rows[1].begin == "2021-04-09" and rows[1].policy == "7600000000001049"
    true7z = shared / "samples" / "yaroslavl" / "true7z" / f"{STEM}2A.7z"
    assert [r.kind for r in open_view(true7z).rows()] == ["an_mes", "an_sum"]


def answered(folder: Path, plan: dict[str, object], groups: list[Case], stage: str = "3X") -> Path:
    ogrn = {} if stage == "3X" else {"ogrn": groups[0].ogrn}
    package = write(folder, groups, stage, **ogrn)  # type: ignore[arg-type]
    return answer([package], folder / "out", settings(), plan=plan)[0].path


def test_view_person_refused_in_a_later_element(tmp_path: Path) -> None:
    """an_p concerns all accounts of the person, also those that stand before it."""
    groups = [Case(1, person="P1"), Case(2), Case(3, person="P1"), Case(4, person="P1")]
    path = answered(tmp_path, {Case(3).xkey: {"kind": "an_ps", "code": "1"}}, groups)
    with zipfile.ZipFile(path) as archive:
        data = archive.read("bill.xml")
    at = data.index(b"</patient>", data.index(Case(3).xkey.encode()))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bill.xml", data[:at] + b'<an_p an_p="1" surname="X"/>' + data[at:])
    view = open_view(path)
    rows = [(r.xkey, r.kind) for r in view.rows()]
    assert sorted(rows) == sorted(
        [
            (Case(3).xkey, "an_p"), (Case(3).xkey, "an_ps"),
            (Case(4).xkey, "an_p"), (Case(1).xkey, "an_p"),
        ]
    )  # fmt: skip
    assert view.refused() == (3, 30150)


def test_view_summary_groups_by_code(tmp_path: Path) -> None:
    plan = {Case(n).xkey: {"kind": "an_mes", "code": "5.1.4"} for n in (1, 2, 3)}
    plan[Case(4).xkey] = {"kind": "pay"}  # type: ignore[assignment]
    path = answered(tmp_path, plan, cases(6), "7A")  # type: ignore[arg-type]
    groups = [(g.kind, g.code, g.accounts, g.total, g.refuses) for g in open_view(path).summary()]
    assert groups == [("an_mes", "5.1.4", 3, 30150, True), ("pay", "4", 1, 10050, True)]


def test_view_reasons_that_do_not_refuse_are_marked(tmp_path: Path) -> None:
    path = answered(tmp_path, {Case(1).xkey: {"kind": "an_mes", "code": "5.1.4"}}, cases(2), "7A")
    with zipfile.ZipFile(path) as archive:
        data = archive.read("bill.xml").replace(b'pay="4"', b'pay="1"')
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("bill.xml", data)
    view = open_view(path)
    (row,) = view.rows()
    assert not row.refuses and "не отказ" in row.comment
    assert view.refused() == (0, 0)


def test_view_wrong_total_is_a_remark(tmp_path: Path) -> None:
    view = open_view(write(tmp_path, cases(2), total="5.00"))
    assert view.info.total == 500
    list(view.rows())
    assert view.remarks == ["Сумма реестра 5.00, а сумма счетов 201.00."]


def test_view_names_unknown_codes(tmp_path: Path) -> None:
    path = answered(tmp_path, {Case(1).xkey: {"kind": "an_ps", "code": "777"}}, cases(1))
    assert next(iter(open_view(path).rows())).text == "нет в справочнике"
    assert next(iter(open_view(path, {("an_ps", "777"): "Своё имя"}).rows())).text == "Своё имя"


def test_view_progress_goes_to_the_end(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    list(open_view(write(tmp_path, cases(300))).rows(lambda done, whole: seen.append((done, whole))))
    assert seen[-1][0] == seen[-1][1] > 0


def test_view_changes_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, cases(3))
    before = path.read_bytes(), sorted(tmp_path.iterdir()), path.stat().st_mtime_ns
    view_text(path, io.StringIO())
    assert (path.read_bytes(), sorted(tmp_path.iterdir()), path.stat().st_mtime_ns) == before


def test_view_json_and_text(tmp_path: Path) -> None:
    path = answered(tmp_path, {Case(1).xkey: {"kind": "an_ps", "code": "3", "comment": "[/b]\x85"}}, cases(2))
    found = json.loads(json.dumps(view_json(path)))
    assert (found["kind"], found["count"], found["refused"], found["refused_sum"]) == (
        "1", 2, 1, "100.50",
    )  # fmt: skip
    assert found["rows"][0]["account"] == Case(1).xkey
    out = io.StringIO()
    view_text(path, out)
    text = out.getvalue()
    assert "Что это: ответ стадии 1" in text and "Отказано: 1 на 100.50" in text
    assert "[/b]" in text and "\x85" not in text


def test_view_federal_cases_and_cuts(tmp_path: Path) -> None:
    zap = (
        "<ZAP><N_ZAP>1</N_ZAP><PACIENT><ID_PAC>7</ID_PAC><ENP>7600000000001015</ENP></PACIENT><Z_SL>"
        "<IDCASE>15</IDCASE><DATE_Z_1>2021-04-01</DATE_Z_1><DATE_Z_2>2021-04-05</DATE_Z_2>"
        "<SUMV>100.50</SUMV>{sank}</Z_SL></ZAP>"
    )
    sank = "<OPLATA>2</OPLATA><SANK><S_SUM>100.50</S_SUM><S_OSN>222</S_OSN><S_COM>дубль</S_COM></SANK>"
    text = CASES.format(name="HM760001T76_21041", more="").replace(
        "<ZAP><N_ZAP>1</N_ZAP></ZAP>", zap.format(sank="") + zap.format(sank=sank)
    )
    path = put(tmp_path / "HM760001T76_21041.xml", text)
    view = open_view(path)
    assert (view.info.total, view.info.count) == (10050, 1)
    rows = list(view.rows())
    assert [(r.xkey, r.kind, r.code, r.total) for r in rows] == [
        ("15", "", "", 10050), ("15", "mek", "222", 10050),
    ]  # fmt: skip
    assert view.remarks == [
        "В заголовке случаев 1, в файле 2.", "Сумма счёта 100.50, а сумма случаев 201.00.",
    ]  # fmt: skip
    pair = tmp_path / "pair.zip"
    with zipfile.ZipFile(pair, "w") as archive:
        archive.write(path, path.name)
        archive.writestr("LM760001T76_21041.xml", PERSONS)
    view = open_view(pair)
    assert len(list(view.rows())) == 2 and view.accounts == 2


def test_view_persons_protocol_tables(tmp_path: Path) -> None:
    persons = PERSONS.replace("<PERS/>", "<PERS><ID_PAC>7</ID_PAC><FAM>Ёлкин</FAM><IM>А</IM></PERS>")
    (row,) = open_view(put(tmp_path / "LM760001T76_21041.xml", persons)).rows()
    assert (row.xkey, row.patient) == ("7", "Ёлкин А")
    flk = (
        f"{DECLARED}<FLK_P><FNAME>VM1</FNAME><FNAME_I>HM1</FNAME_I><PR><OSHIB>902</OSHIB><IM_POL>DS1</IM_POL>"
        "<BAS_EL>SL</BAS_EL><IDCASE>15</IDCASE><COMMENT>нет диагноза</COMMENT></PR></FLK_P>"
    )
    (row,) = open_view(put(tmp_path / "VM1.xml", flk)).rows()
    assert (row.xkey, row.kind, row.code, row.text, row.comment) == (
        "15", "flk", "902", "SL DS1", "нет диагноза",
    )  # fmt: skip
    view = open_view(dbf(tmp_path / "FLQPID_7777772810211.dbf"))
    assert view.info.count == 2
    assert "ERR_TEXT C20" in dict(view.info.lines)["Поля"]
    assert [(r.code, r.text) for r in view.rows()] == [("E1", "Нет СНИЛС")] * 2
    view = open_view(put(tmp_path / "x.csv", "код;цена\n1;2\n"))
    assert [r.data for r in view.rows()] == [{"код": "1", "цена": "2"}]


def test_view_unknown_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="не опознан"):
        open_view(put(tmp_path / "x.txt", "просто письмо"))


def test_view_damaged_file_is_a_sentence_while_reading(tmp_path: Path) -> None:
    path = write(tmp_path, cases(3), edit=(b"</personal_account>", b"</personal_acount>"))
    with pytest.raises(FormatError, match="не разобран"):
        list(open_view(path).rows())


def test_view_hostile_archives_and_tables_give_sentences(tmp_path: Path) -> None:
    bomb = tmp_path / "HM760001T76_21041.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        text = CASES.format(name="", more="").encode("cp1251")
        archive.writestr("HM760001T76_21041.xml", text + b" " * (60 << 20))
    with pytest.raises(FormatError, match="слишком"):
        list(open_view(bomb).rows())
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("HM760001T76_21041.xml", text + b" " * (1 << 20))
    damaged = bytearray(bomb.read_bytes())
    damaged[600_000] = 9  # still a blank: only the checksum tells
    bomb.write_bytes(damaged)
    with pytest.raises(FormatError, match="поврежд"):
        list(open_view(bomb).rows())
    table = dbf(tmp_path / "x.dbf")
    data = table.read_bytes()
    table.write_bytes(data[:43] + b"?" + data[44:])  # a field of an unknown type
    with pytest.raises(FormatError, match="неизвестный тип"):
        list(open_view(table).rows())
    table.write_bytes(data[:-30])
    with pytest.raises(FormatError, match="файл обрывается"):
        open_view(table)


@pytest.mark.parametrize("encoding", ["cp866", "cp1251"])
def test_view_dbf_of_any_encoding(tmp_path: Path, encoding: str) -> None:
    table = dbf(tmp_path / "FLQPID_7777772810211.dbf", 60)
    text = "Нет СНИЛС"
    table.write_bytes(table.read_bytes().replace(text.encode("cp866"), text.encode(encoding)))
    view = open_view(table)
    assert dict(view.info.lines)["Кодировка"] == encoding
    assert {r.text for r in view.rows()} == {text}


def test_view_csv_long_utf8_and_cp1251(tmp_path: Path) -> None:
    text = "код;имя\n" + "1;Ёлкин\n" * 20_000
    for encoding in ("utf-8-sig", "utf-8", "cp1251"):
        path = tmp_path / "x.csv"
        path.write_bytes(text.encode(encoding))
        rows = list(open_view(path).rows())
        assert len(rows) == 20_000
        assert rows[-1].data == {"код": "1", "имя": "Ёлкин"}
