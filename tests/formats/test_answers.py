"""The reader of answers: accounts, refusals of each kind, facts, hostile and odd input."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError
from omstui.domain.model import account_xkey
from omstui.formats.answers import (
    AnswerAccount,
    AnswerReader,
    Fact,
    canonical_xkey,
    reasons_of,
    submitted,
)

HEAD = (
    '<?xml version="1.0" encoding="windows-1251" ?><package>'
    '<body ogrn_mo="1" kpp_mo="2" year="2021" month="04">'
)


def read(inner: str, name: str = "x.7z") -> tuple[AnswerReader, list[AnswerAccount | Fact]]:
    data = f"{HEAD}{inner}</body></package>".encode("windows-1251")
    reader = AnswerReader(io.BytesIO(data), name)
    return reader, list(reader.records())


def patient(accounts: str, tail: str = "", code: str = "P1") -> str:
    return (
        f'<patient patientcod="{code}" surname="Иванов"><polises><polis polisnum="76"/></polises>'
        f"<register_accounts>{accounts}</register_accounts>{tail}</patient>"
    )


def bill(*patients: str) -> str:
    return f'<bill ogrn_smo="3"><patients>{"".join(patients)}</patients></bill>'


def test_answers_header_is_there_before_the_accounts():
    data = (HEAD + bill(patient("")) + "</body></package>").encode("windows-1251")
    reader = AnswerReader(io.BytesIO(data), "x")
    assert reader.header.body["month"] == "04"
    assert reader.header.bill == {"ogrn_smo": "3"}


def test_answers_all_accounts_of_a_patient_are_read():
    accounts = '<personal_account xkey="A"><smo pay="1"/></personal_account>' * 3
    _, records = read(bill(patient(accounts), patient(accounts, code="P2")))
    assert [(r.xkey, r.pay, r.patientcod) for r in records] == [("A", "1", "P1")] * 3 + [("A", "1", "P2")] * 3


def test_answers_person_stands_at_every_account_whatever_the_order():
    accounts = '<personal_account xkey="A"/><personal_account xkey="B"/>'
    _, records = read(bill(patient(accounts, '<an_p an_p="1" surname="Б" comment="к"/>')))
    assert [(r.person.code, r.person.comment, r.person.data) for r in records] == [
        ("1", "к", {"surname": "Б"})
    ] * 2


def test_answers_person_zero_is_no_refusal():
    _, records = read(bill(patient('<personal_account xkey="A"/>', '<an_p an_p="0"/>')))
    assert records[0].person is None


def test_answers_reasons_keep_everything():
    smo = (
        '<smo pay="4"><an_pss><an_ps an_ps="3" polisnum="9"/><an_ps an_ps="4"/></an_pss>'
        '<an_sums><an_sum an_sum="5.7.1" provcode="1"/></an_sums>'
        '<an_mess><an_mes an_mes="5.1.4" mkb="I20" comment="к"/><an_mes mkb="I21"/></an_mess></smo>'
    )
    tariff = (
        '<manipulations><manipulation xkey="M" service="B01"><an_tariffs>'
        '<an_tariff provcode="7" сomment="кир"/></an_tariffs></manipulation></manipulations>'
    )
    _, (account,) = read(bill(patient(f'<personal_account xkey="A">{tariff}{smo}</personal_account>')))
    assert [(r.kind, r.code, r.comment) for r in account.reasons] == [
        ("an_ps", "3", ""),
        ("an_ps", "4", ""),
        ("an_sum", "5.7.1", ""),
        ("an_mes", "5.1.4", "к"),
    ]
    assert account.reasons[2].data["an_tariffs"] == [
        {"provcode": "7", "comment": "кир", "xkey": "M", "of": "B01"}
    ]
    assert account.card["policy"] == "76"


@pytest.mark.parametrize(
    ("pay", "smo", "stage", "kinds"),
    [
        ("1", "an_ps", 1, ["an_ps"]),
        ("1", "an_ps", 2, []),
        ("4", "an_ps", 2, ["an_ps"]),
        ("1", "an_mes", 1, []),
        ("1", "an_mes", 2, []),
        ("4", "an_mes", 2, ["an_mes"]),
        ("4", "an_sum", 2, ["an_sum"]),
        ("4", "", 1, ["pay"]),
        ("4", "", 2, ["pay"]),
        ("2", "", 2, []),
        ("", "", 1, []),
    ],
)
def test_answers_what_refuses_at_a_stage(pay, smo, stage, kinds):
    block = {"an_ps": "an_pss", "an_mes": "an_mess", "an_sum": "an_sums"}.get(smo)
    inside = f'<{block}><{smo} {smo}="1"/></{block}>' if block else ""
    xml = f'<personal_account xkey="A"><smo pay="{pay}">{inside}</smo></personal_account>'
    _, (account,) = read(bill(patient(xml)))
    assert [r.kind for r in reasons_of(account, stage)] == kinds


def test_answers_facts_and_plan():
    flk = (
        '<flk version="1"><plan><test code="F1" count_fail="1"/></plan><register filename="f">'
        '<fact acc="A" man="M" pat="P" test="F1" fact="текст" defect_code="5"><dt t="a" d="b"/></fact>'
        '</register><register filename="g"><fact acc="B" test="F2"/></register></flk>'
    )
    reader, records = read(bill() + flk)
    assert [(f.account, f.service, f.test, f.text, f.details) for f in records] == [
        ("A", "M", "F1", "текст", [{"t": "a", "d": "b"}]),
        ("B", "", "F2", "", []),
    ]
    assert reader.header.tests[0]["code"] == "F1"
    assert [r["filename"] for r in reader.header.registers] == ["f", "g"]
    assert reader.decisive


def test_answers_flk_before_bill_is_read_too():
    _, records = read('<flk><register><fact acc="A" test="F"/></register></flk>' + bill(patient(
        '<personal_account xkey="B"/>')))  # fmt: skip
    assert [type(r).__name__ for r in records] == ["Fact", "AnswerAccount"]


def test_answers_account_without_key_is_named():
    reader, records = read(bill(patient('<personal_account n_pp="7"><smo pay="4"/></personal_account>')))
    assert records == []
    assert reader.without_key == ["счёт № 7, пациент P1, Иванов"]


def test_answers_own_file_decides_nothing():
    reader, _ = read(bill(patient('<personal_account xkey="A"/>')))
    assert not reader.decisive


@pytest.mark.parametrize(
    "data",
    [
        b"<package/>",
        b"<package><bill/></package>",
        b"<html><body/></html>",
        b"<zl_list/>",
        b"",
        b"not xml",
    ],
)
def test_answers_foreign_document_is_refused(data):
    with pytest.raises(FormatError):
        list(AnswerReader(io.BytesIO(data), "x.7z").records())


def test_answers_cut_document_names_the_line():
    data = (HEAD + "\n\n" + bill(patient('<personal_account xkey="A"/>'))[:-30]).encode("cp1251")
    with pytest.raises(FormatError, match="строка 3"):
        list(AnswerReader(io.BytesIO(data), "x.7z").records())


@given(st.integers(1, 10**12 - 1))
def test_answers_key_in_any_form_is_canonical(number):
    key = account_xkey(76, number)
    assert canonical_xkey(key) == key
    assert canonical_xkey(key.replace("-", "")) == key
    assert canonical_xkey("{" + key.lower() + "}") == key


@given(st.text())
def test_answers_key_of_rubbish_never_fails(text):
    assert isinstance(canonical_xkey(text), str)


def test_answers_submitted_values_of_the_account():
    text = patient(
        '<personal_account xkey="A" doctor="1"/><personal_account xkey="B" doctor="2">'
        '<manipulations><manipulation service="B01"/></manipulations></personal_account>'
    )
    found = submitted(text.encode("windows-1251"), "B")
    assert found.patient["surname"] == "Иванов"
    assert found.account["doctor"] == "2"
    assert found.services == [{"service": "B01"}]
