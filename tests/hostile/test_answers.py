"""Answers nobody should take: every row of yaroslavl.md §3.1 and hostile archives, by ``accept``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from omstui.domain.runner import current_user
from tests.domain import answerkit as kit
from tests.e2e.kit import FIRST, PREFIX
from tests.hostile import zoo
from tests.hostile.conftest import Sent
from tests.hostile.words import refuses

Incoming = Callable[[str], Path]


@pytest.mark.parametrize("what", zoo.ARCHIVES)
def test_archive(sent: Sent, incoming: Incoming, what: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.ARCHIVES[what]())
    assert path.name in sent.refuses("accept", path, "--yes").err


@pytest.mark.parametrize("what", zoo.DOCUMENTS)
def test_document(sent: Sent, incoming: Incoming, what: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(zoo.DOCUMENTS[what]()))
    assert path.name in sent.refuses("accept", path, "--yes").err


@pytest.mark.parametrize("what", zoo.ODD)
def test_odd_document_is_taken_or_refused_in_words(sent: Sent, incoming: Incoming, what: str) -> None:
    text = zoo.ODD[what]()
    path = incoming("1A")
    path.write_bytes(zoo.packed(text.replace(zoo.KEY, sent.keys[0]) if isinstance(text, str) else text))
    refuses(sent.shell, "accept", path, "--yes", codes=(0, 1))
    assert sent.shell.json("verify")["ok"]


@pytest.mark.parametrize("what", zoo.SPECIAL)
def test_no_plain_file(sent: Sent, incoming: Incoming, what: str) -> None:
    path = zoo.special(incoming("1A"), what)
    assert path.name in sent.refuses("accept", path, "--yes").err
    if what != "папка":
        assert path.name in sent.refuses("accept", path.parent, "--yes").err


def test_secret_of_an_external_entity_never_appears(sent: Sent, incoming: Incoming, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("СОВЕРШЕННО-СЕКРЕТНО", encoding="utf-8")
    path = incoming("1A")
    path.write_bytes(zoo.packed(zoo.outside(secret)))
    said = sent.refuses("accept", path, "--yes")
    assert "СЕКРЕТНО" not in said.text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (f"{PREFIX}1A.zip", "7z"),  # row 4
        (f"{PREFIX}1A.b.7z", "точк"),  # row 3
        (f"{PREFIX}1A", "точк"),
        ("102760009990076049900121041A.7z", "29"),
        ("1027600099901760499001210411A.7z", "ОГРН"),  # row 6: another МО
        ("1027600099900760499002210411A.7z", "КПП"),
        ("1027600099900760499001210511A.7z", "май 2021"),  # row 5: never exported
        ("1027600099900760499001211311A.7z", "месяц"),
        ("1027600099900760499001210401A.7z", "служебн"),  # row 6: another service digit
        (f"{PREFIX}7A.7z", "стади"),  # row 7: own file
        (f"{PREFIX}3X.7z", "стади"),
        (f"{PREFIX}5A.7z", "стади"),
        (f"{PREFIX}1Q.7z", "Q"),  # unknown letter
        (f"{PREFIX}1X.7z", "X"),
        (f"{PREFIX}2A.7z", "7"),  # stage 2 before the 7
        ("ответ.7z", "имя"),
        ("1" * 200 + ".7z", "имя"),
    ],
)
def test_name(sent: Sent, incoming: Incoming, name: str, words: str) -> None:
    path = incoming("1A").with_name(name)
    path.write_bytes(zoo.packed(kit.xml([kit.Told(sent.keys[0])])))
    said = sent.refuses("accept", path, "--yes")
    assert words.lower() in said.err.lower(), said.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ogrn_mo": "1027600099901"}, "ОГРН"),
        ({"kpp_mo": "760499002"}, "КПП"),
        ({"month": "05"}, "период"),
        ({"year": "2020"}, "период"),
        ({"month": "май"}, "период"),
        ({"ogrn_smo": "1027700092200"}, "76001"),
        ({"ogrn_smo": ""}, "ОГРН"),
    ],
)
def test_header(sent: Sent, incoming: Incoming, changes: dict[str, str], words: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.Told(sent.keys[0])], **changes)))
    said = sent.refuses("accept", path, "--yes")
    assert words in said.err, said.err


@pytest.mark.parametrize(
    "key",
    [
        "76000000-9999-99FF-FFFF-FFFFFFFFFFFF",
        "76001500-1001-0000-0000-000000000001",  # no F in it: ProMed's empty number
        "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF",
        "не ключ",
        "'; DROP --",
        "%",
        "7" * 5000,
    ],
)
def test_unknown_key_refuses_the_whole_answer(sent: Sent, incoming: Incoming, key: str) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.Told(sent.keys[0]), kit.refused(key)])))
    said = sent.refuses("accept", path, "--yes")
    assert "отсутствует в файле экспорта" in said.err


def test_answer_without_a_single_account_or_key(sent: Sent, incoming: Incoming) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.Told("")])))
    said = refuses(sent.shell, "accept", path, "--dry-run", codes=(0, 1))
    assert "без xkey пропущен" in said.err


def test_silence_of_a_file_with_keyless_accounts_accepts_nothing(sent: Sent, incoming: Incoming) -> None:
    """Refusals only would mean «the rest is accepted»: not when nobody knows whom a line concerned."""
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.refused(sent.keys[0]), kit.refused("")])))
    sent.shell("accept", path, "--yes")
    row = sent.shell.json("status", "--period", FIRST)["ledger"][0]
    assert (row["refused1_count"], row["accepted1_count"]) == (1, 0)
    assert row["undecided_count"] == row["sent_count"] - 1


def test_own_3x_under_the_name_of_an_answer(sent: Sent, incoming: Incoming) -> None:
    shutil.copyfile(sent.bill, incoming("1A"))
    sent.refuses("accept", incoming("1A"), "--yes")


def test_one_account_decided_twice_in_one_file(sent: Sent, incoming: Incoming) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.Told(sent.keys[0]), kit.refused(sent.keys[0])])))
    said = refuses(sent.shell, "accept", path, "--yes", codes=(0, 1))
    if said.code == 1:
        assert sent.keys[0] in said.err


def answer_all(sent: Sent, incoming: Incoming) -> Path:
    """A good «1» of insurer A, accepted."""
    path = incoming("1A")
    mine = sent.keys[0::2]
    path.write_bytes(zoo.packed(kit.xml([kit.refused(mine[0]), *map(kit.Told, mine[1:])])))
    sent.shell("accept", path, "--yes")
    return path


def test_duplicate_and_renamed_duplicate_show_the_old_protocol(sent: Sent, incoming: Incoming) -> None:
    from tests.hostile.conftest import dump

    path = answer_all(sent, incoming)
    before = dump(sent.shell.db)
    for name in (path.name, path.name.lower(), "копия ответа.7z", f"{PREFIX}1B.7z"):
        again = path.with_name(name)
        if again != path:
            shutil.copyfile(path, again)
        said = sent.shell("accept", again, "--yes")
        assert "уже принят" in said.text, said.text
        assert dump(sent.shell.db) == before


def test_answer_of_another_insurer_for_a_decided_account(sent: Sent, incoming: Incoming) -> None:
    answer_all(sent, incoming)
    path = incoming("1B")
    path.write_bytes(zoo.packed(kit.xml([kit.Told(sent.keys[0])], letter="B")))
    said = refuses(sent.shell, "accept", path, "--yes")
    assert "76001" in said.err


def test_stage_two_for_an_account_that_is_not_in_the_seven(
    sent: Sent, incoming: Incoming, tmp_path: Path
) -> None:
    answer_all(sent, incoming)
    sent.shell("reform", "--period", FIRST, "--smo", "76001", "--out", tmp_path / "7", "--yes")
    path = incoming("2A")
    path.write_bytes(zoo.packed(kit.xml([kit.refused(sent.keys[0], kit.MES)])))
    said = refuses(sent.shell, "accept", path, "--yes")
    assert "стадии 1" in said.err


def test_test_answer_to_the_main_package(tmp_path: Path, incoming: Incoming) -> None:
    from tests.domain import month
    from tests.e2e.kit import Shell
    from tests.support import make_services

    services = make_services(tmp_path, login=current_user())
    _, keys = kit.exported(services, tmp_path / "t", test=True)
    services.run("restore-tests", yes=True, period=FIRST)
    month.add_month(4, start=50)
    services.run("export", yes=True, period=FIRST, out=str(tmp_path / "m"))
    path = incoming("1A")
    path.write_bytes(zoo.packed(kit.xml([kit.Told(k) for k in keys["A"]])))
    said = refuses(Shell(services.database), "accept", path, "--yes")
    assert "тестовый реестр" in said.err and "восстановлен" in said.err


@pytest.mark.skipif(os.geteuid() == 0, reason="для root прав нет")
def test_file_without_the_right_to_read(sent: Sent, incoming: Incoming) -> None:
    path = incoming("1A")
    path.write_bytes(zoo.packed(zoo.document()))
    path.chmod(0)
    assert "прав" in sent.refuses("accept", path, "--yes").err


def test_nothing_given_and_empty_folder(sent: Sent, tmp_path: Path) -> None:
    (tmp_path / "пусто").mkdir()
    sent.refuses("accept", tmp_path / "пусто", "--yes")
    sent.refuses("accept", "--yes")
    sent.refuses("accept", "", "--yes")
    sent.refuses("accept", tmp_path / "нет", "--yes")
    sent.refuses("accept", "a\x00b", "--yes")
