"""The same menagerie for ``load``, ``view``, ``stand``, ``nsi load`` and ``init``."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile import zoo
from tests.hostile.conftest import DEMO, Sent
from tests.hostile.words import refuses

Incoming = Callable[[str], Path]
PAIR = ("CM760001T76_21041.xml", "LCM760001T76_21041.xml")


def pair(folder: Path) -> tuple[Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PAIR:
        shutil.copyfile(DEMO / "2021-04" / name, folder / name)
    return folder / PAIR[0], folder / PAIR[1]


# --- load --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", zoo.ARCHIVES)
def test_load_archive(sent: Sent, incoming: Incoming, what: str) -> None:
    """Under the name of a bill of the month before, and as a ZIP of cases."""
    path = incoming("3X").with_name("1027600099900760499001210313X.7z")
    path.write_bytes(zoo.ARCHIVES[what]())
    assert path.name in sent.refuses("load", path, "--yes").err
    other = path.with_name("случаи.zip")
    shutil.copyfile(path, other)
    assert other.name in sent.refuses("load", other, "--yes").err


@pytest.mark.parametrize("what", zoo.DOCUMENTS)
def test_load_document(sent: Sent, incoming: Incoming, what: str) -> None:
    raw = zoo.DOCUMENTS[what]()
    path = incoming("3X").with_name("1027600099900760499001210313X.7z")
    path.write_bytes(zoo.packed(raw))
    assert path.name in sent.refuses("load", path, "--yes").err
    cases = path.with_name("HM760001T76_21041.xml")
    cases.write_bytes(raw if isinstance(raw, bytes) else raw.encode("cp1251"))
    assert cases.name in sent.refuses("load", cases, "--yes").err


def _without_end(text: str) -> str:
    return text[: len(text) * 2 // 3]


def _entity(text: str) -> str:
    head, rest = text.split("?>", 1)
    return f'{head}?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rest.replace(
        "<ZAP>", "&x;<ZAP>", 1
    )


def _foreign_mo(text: str) -> str:
    return text.replace("<CODE_MO>760001<", "<CODE_MO>770099<").replace("<LPU>760001<", "<LPU>770099<")


HURT: dict[str, Callable[[str], str]] = {
    "обрезан": _without_end,
    "сущность": _entity,
    "чужая МО": _foreign_mo,
    "без случаев": lambda t: t[: t.index("<ZAP>")] + t[t.rindex("</ZAP>") + 6 :],
    "теги не парные": lambda t: t.replace("</Z_SL>", "</Z_SLL>", 1),
    "другой корень": lambda t: t.replace("ZL_LIST", "XL_LIST"),
    "глубина": lambda t: t.replace("<ZAP>", "<ZAP>" + "<a>" * 5000 + "</a>" * 5000, 1),
    "знаки управления": lambda t: t.replace("<ZAP>", "<ZAP>\x02", 1),
}


@pytest.mark.parametrize("what", HURT)
def test_load_hurt_pair_takes_nothing_of_it(sent: Sent, tmp_path: Path, what: str) -> None:
    cases, _ = pair(tmp_path / "in")
    text = cases.read_bytes().decode("cp1251")
    cases.write_bytes(HURT[what](text).encode("cp1251"))
    said = refuses(sent.shell, "load", cases.parent, "--yes", codes=(1,) if what != "глубина" else (0, 1, 4))
    if said.code == 1:
        sent.refuses("load", cases.parent, "--yes")
        assert cases.name in said.err


def test_load_cases_without_persons_and_persons_alone(sent: Sent, tmp_path: Path) -> None:
    cases, persons = pair(tmp_path / "in")
    persons.unlink()
    assert persons.name in sent.refuses("load", cases, "--yes").err
    cases, persons = pair(tmp_path / "two")
    cases.unlink()
    assert cases.name in sent.refuses("load", tmp_path / "two", "--yes").err


def test_load_pair_in_a_zip_that_climbs_out(sent: Sent, tmp_path: Path) -> None:
    files = pair(tmp_path / "in")
    for prefix in ("../", "/tmp/", "a/../../", "C:\\"):
        target = tmp_path / "случаи.zip"
        with zipfile.ZipFile(target, "w") as archive:
            for path in files:
                archive.writestr(zipfile.ZipInfo(prefix + path.name), path.read_bytes())
        sent.refuses("load", target, "--yes")


@pytest.mark.parametrize("what", zoo.SPECIAL)
def test_load_no_plain_file(sent: Sent, tmp_path: Path, what: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    path = zoo.special(folder / PAIR[0], what)
    sent.refuses("load", path, "--yes")
    sent.refuses("load", folder, "--yes")


def test_load_csv_of_the_wrong_kind(sent: Sent, tmp_path: Path) -> None:
    good = (DEMO / "2021-04" / "cases.csv").read_bytes()
    mapping = DEMO / "2021-04" / "cases.mapping.toml"
    for name, content in {
        "пустой.csv": b"",
        "только шапка.csv": good.splitlines(keepends=True)[0],
        "нули.csv": b"\x00" * 5000,
        "двоичный.csv": bytes(range(256)) * 30,
        "строка без конца.csv": b'"' + b"a" * 3_000_000,
        "чужие колонки.csv": "раз;два\n1;2\n".encode(),
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        sent.refuses("load", path, "--yes")
        sent.refuses("load", path, "--mapping", mapping, "--yes")
    (tmp_path / "битый.toml").write_text("a = [", encoding="utf-8")
    (tmp_path / "годный.csv").write_bytes(good)
    sent.refuses("load", tmp_path / "годный.csv", "--mapping", tmp_path / "битый.toml")
    sent.refuses("load", tmp_path / "годный.csv", "--mapping", tmp_path / "нет.toml")


def test_load_of_a_mixed_folder_takes_the_good_and_names_the_bad(sent: Sent, tmp_path: Path) -> None:
    pair(tmp_path / "in")
    (tmp_path / "in" / "HM760001T76_21042.xml").write_bytes(b"<ZL_LIST>")
    said = sent.shell("load", tmp_path / "in", "--yes", code=4)
    assert "HM760001T76_21042.xml" in said.err
    assert "Случаев: новых 6" in said.out


# --- view --------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", zoo.ARCHIVES)
def test_view_archive(sent: Sent, incoming: Incoming, what: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.ARCHIVES[what]())
    for argv in (("view", path), ("view", path, "--json")):
        said = refuses(sent.shell, *argv, codes=(0, 1))  # an archive of other files is told as such
        assert path.name in said.text


@pytest.mark.parametrize("what", zoo.DOCUMENTS)
def test_view_document(sent: Sent, incoming: Incoming, what: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(zoo.DOCUMENTS[what]()))
    said = refuses(sent.shell, "view", path, "--json", codes=(0, 1))
    assert path.name in said.text


@pytest.mark.parametrize("what", zoo.SPECIAL)
def test_view_no_plain_file(sent: Sent, incoming: Incoming, what: str) -> None:
    refuses(sent.shell, "view", zoo.special(incoming("1A"), what))


# --- stand -------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", [*zoo.ARCHIVES, *zoo.DOCUMENTS])
def test_stand(sent: Sent, incoming: Incoming, tmp_path: Path, stand_settings: Path, what: str) -> None:
    path = incoming("3X")
    made = zoo.ARCHIVES[what]() if what in zoo.ARCHIVES else zoo.packed(zoo.DOCUMENTS[what]())
    path.write_bytes(made)
    out = tmp_path / "out"
    said = refuses(sent.shell, "stand", "answer", path, "--out", out, "--settings", stand_settings)
    assert path.name in said.err
    assert not list(out.glob("*")), "ответов быть не должно"


@pytest.mark.parametrize("what", zoo.SPECIAL)
def test_stand_no_plain_file(
    sent: Sent, incoming: Incoming, tmp_path: Path, stand_settings: Path, what: str
) -> None:
    path = zoo.special(incoming("3X"), what)
    refuses(sent.shell, "stand", "answer", path, "--out", tmp_path / "out", "--settings", stand_settings)


def test_stand_plan_and_settings_of_the_wrong_kind(sent: Sent, tmp_path: Path, stand_settings: Path) -> None:
    base = ("stand", "answer", sent.bill, "--out", tmp_path / "out")
    plans = {
        "пусто.json": "",
        "не json.json": "{",
        "список.json": "[]",
        "вид.json": '{"x": {"kind": "нет"}}',
        "поле.json": '{"x": {"kind": "an_p", "лишнее": 1}}',
        "смо.json": f'{{"{sent.keys[0]}": {{"kind": "payer", "code": "99"}}}}',
        "не объект.json": '{"x": 5}',
    }
    for name, text in plans.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        refuses(sent.shell, *base, "--settings", stand_settings, "--plan", tmp_path / name)
    (tmp_path / "cp1251.json").write_bytes('{"x": {"kind": "an_p", "comment": "ы"}}'.encode("cp1251"))
    refuses(sent.shell, *base, "--settings", stand_settings, "--plan", tmp_path / "cp1251.json")
    for name, text in {
        "обрыв.toml": "[mo",
        "лишний.toml": "[mo]\nогрн = 1\n",
        "не то.toml": 'mo = "строка"\n',
        "число.toml": "[mo]\nogrn = 5\n",
        "двоичный.toml": "\x00",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        refuses(sent.shell, *base, "--settings", tmp_path / name)
    refuses(sent.shell, *base, "--settings", tmp_path)
    assert not (tmp_path / "out").exists()


# --- other inputs ------------------------------------------------------------------------------


def test_nsi_load_of_anything_else(sent: Sent, tmp_path: Path) -> None:
    for name, content in {
        "tariffs.csv": b"",
        "services.csv": b"\x00" * 3000,
        "visit_type.csv": "код\nA01\n".encode("utf-16"),
        "неизвестный.csv": "раз;два\n1;2\n".encode(),
        "tariffs2.csv": b"PK\x03\x04",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        sent.refuses("nsi", "load", path)
    sent.refuses("nsi", "load", tmp_path)
    sent.refuses("nsi", "load", tmp_path / "нет.csv", "--yes")


def test_folders_nobody_can_write_to(sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "файл").write_text("x")
    for out in (tmp_path / "файл", tmp_path / "файл" / "внутри", "/proc/нет", "/dev/null/x"):
        sent.refuses("export", "--period", "2021-04", "--out", out, "--yes")
        refuses(sent.shell, "invoices", "--period", "2021-04", "--out", out, "--yes")
    refuses(sent.shell, "backup", tmp_path / "файл" / "copy.db")
    refuses(sent.shell, "restore", tmp_path / "файл", "--yes")
    refuses(sent.shell, "restore", tmp_path / "нет", "--yes")
    assert sent.shell.json("verify")["ok"]


@pytest.mark.parametrize("sum_", ["abc", "-1", "1e5", "1.234", "NaN", "", "99999999999999999", "1;2"])
def test_withholding_that_is_no_sum(sent: Sent, sum_: str) -> None:
    refuses(sent.shell, "withhold", "--period", "2021-04", "--smo", "76001", f"--sum={sum_}", codes=(0, 1, 2))
