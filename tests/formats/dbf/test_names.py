"""Names QPID_, APID_, FLQPID_, b…: the manual's own, and a sentence for everything wrong in one."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError, UsageError
from omstui.domain.model import Period
from omstui.formats import dbfnames as names

DAY = date(2021, 12, 29)
OURS = names.build_ident("470101", DAY)
PREFIX = "должно начинаться с QPID_, а начинается с"
DIGITS = "После QPID_ в названии пакета должно быть 13 цифр (код МО, ДДММГГ, номер)"
OTHER_DAY = "а выгрузка от 29.12.2021: дату менять нельзя."


def test_names_of_the_manual() -> None:
    answer = names.parse_ident("APID_4701012912211.dbf")
    assert (answer.prefix, answer.mo, answer.day, answer.number) == ("APID", "470101", DAY, 1)
    assert str(answer.as_(names.QPID)) == "QPID_4701012912211.dbf" == str(OURS)
    checked = names.parse_ident("flqpid_7777772810211.DBF")
    assert (checked.prefix, checked.mo, checked.day) == ("FLQPID", "777777", date(2021, 10, 28))
    mek = names.parse_mek("b77777771021.dbf")
    assert (mek.mo, mek.payer, mek.period) == ("777777", "7", Period(2021, 10))
    assert str(mek) == "b77777771021.dbf"


@given(
    st.from_regex(r"[0-9]{6}", fullmatch=True),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 9),
    st.sampled_from([names.QPID, names.APID, names.FLQPID]),
)
def test_made_names_are_read_back(mo: str, day: date, number: int, prefix: str) -> None:
    name = names.build_ident(mo, day, number, prefix)
    assert names.parse_ident(str(name)) == name == names.parse_ident(name.stem, prefix)
    mek = names.build_mek(mo, str(number), Period.of(day))
    assert names.parse_mek(str(mek)) == mek


@pytest.mark.parametrize(
    "name",
    [
        "QPID_470101291221.dbf",
        "XPID_4701012912211.dbf",
        "QPID4701012912211.dbf",
        "b7.dbf",
        "",
        "QPID_٤٧٠١٠١٢٩١٢٢١١.dbf",
    ],
)
def test_foreign_names(name: str) -> None:
    with pytest.raises(FormatError, match="это не "):
        names.parse_ident(name)
    with pytest.raises(FormatError, match="это не возврат МЭК"):
        names.parse_mek(name)


def test_a_day_that_is_none() -> None:
    with pytest.raises(FormatError, match="«310221» — не дата вида ДДММГГ"):
        names.parse_ident("APID_4701013102211.dbf")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("QPID_4701012912211", []),
        (" qpid_4701012912215.DBF ", []),
        ("", ["Название пакета не заполнено: предлагается QPID_4701012912211."]),
        ("APID_4701012912211", [f"Название пакета «APID_4701012912211» {PREFIX} «APID_»."]),
        ("QPID4701012912211", [f"Название пакета «QPID4701012912211» {PREFIX} «QPID4»."]),
        ("QPID_470101291221", [f"{DIGITS}: цифр 12."]),
        ("QPID_47010129122111", [f"{DIGITS}: цифр 14."]),
        ("QPID_47O1012912211", [f"{DIGITS}: знак «O» не цифра."]),
        ("QPID_4701022912211", ["Код МО в названии пакета — 470102, а наш — 470101: чужой код недопустим."]),
        ("QPID_4701013012211", [f"Дата в названии пакета — 30.12.2021, {OTHER_DAY}"]),
        ("QPID_4701013113211", [f"Дата в названии пакета — «311321» (такой даты нет), {OTHER_DAY}"]),
        ("QPID_4701012912210", ["Номер пакета (последняя цифра) — 0, а допустимы от 1 до 9."]),
        ("QPID_4701012912212", ["Пакет QPID_4701012912212 уже выгружали: предлагается QPID_4701012912211."]),
        ("QPID_9999993012210", [
            "Код МО в названии пакета — 999999, а наш — 470101: чужой код недопустим.",
            "Дата в названии пакета — 30.12.2021, а выгрузка от 29.12.2021: дату менять нельзя.",
            "Номер пакета (последняя цифра) — 0, а допустимы от 1 до 9.",
        ]),
    ],
)  # fmt: skip
def test_what_is_wrong_in_a_typed_name(typed: str, wrong: list[str]) -> None:
    exported = {"QPID_4701012912212.dbf"}
    assert names.qpid_problems(typed, OURS, exported) == wrong
    if wrong:
        with pytest.raises(UsageError, match="Изменить можно только последнюю цифру") as refused:
            names.check_qpid(typed, OURS, exported)
        assert [refused.value.msg, *refused.value.details] == wrong
    else:
        assert names.check_qpid(typed, OURS, exported).mo == "470101"


def test_proposed_name_is_the_first_free() -> None:
    sent = [f"QPID_470101291221{n}.dbf" for n in (1, 2, 4)]
    assert names.propose("470101", DAY, sent).number == 3
    assert names.propose("470101", date(2021, 12, 30), sent).number == 1
    with pytest.raises(UsageError, match=r"За 29\.12\.2021 выгружены все 9 пакетов"):
        names.propose("470101", DAY, [f"QPID_470101291221{n}" for n in range(1, 10)])
    with pytest.raises(UsageError, match="местный код МО «4701» — нужно 6 цифр"):
        names.propose("4701", DAY, [])


def test_answer_must_be_to_our_package() -> None:
    sent = ["QPID_4701012912211.dbf"]
    assert names.check_answer("apid_4701012912211.dbf", "470101", sent).number == 1
    assert names.check_answer("FLQPID_4701012912211.dbf", "470101", sent, names.FLQPID).number == 1
    with pytest.raises(FormatError, match="ответ на другой пакет: QPID_4701012912212 отсюда не выгружали"):
        names.check_answer("APID_4701012912212.dbf", "470101", sent)
    with pytest.raises(FormatError, match="для другой медицинской организации: код 470102, а наш 470101"):
        names.check_answer("APID_4701022912211.dbf", "470101", sent)
    for name, hint in (
        ("QPID_4701012912211.dbf", "ваш запрос"),
        ("FLQPID_4701012912211.dbf", "«Загрузить ФЛК»"),
    ):
        with pytest.raises(FormatError, match="это не ответ на идентификацию") as refused:
            names.check_answer(name, "470101", sent)
        assert hint in refused.value.hint
