"""Reader and writer of bill.xml: golden bytes, round trips, places, hostile documents."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omstui.domain.errors import FormatError
from omstui.formats.bill import (
    BillReader,
    BillWriter,
    Node,
    account_sum,
    index_accounts,
    keep_accounts,
)
from tests.formats.bill import billkit

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "bill_every_kind.xml"
HEAD = '<?xml version="1.0" encoding="windows-1251" ?>'


def _reader(text: str | bytes) -> BillReader:
    data = text if isinstance(text, bytes) else text.encode("cp1251")
    return BillReader(io.BytesIO(data), "…413X.7z")


def _package(inside: str) -> str:
    body = f'<body version="6.15"><bill t_opl="1"><patients>{inside}</patients></bill></body>'
    return f"{HEAD}<package>{body}</package>"


def test_every_kind_golden_bytes() -> None:
    assert billkit.every_kind() == GOLDEN.read_bytes()


def test_writer_form_of_the_file() -> None:
    patient = Node("patient", {"name": "Вера", "surname": "Соколова", "ss": ""})
    patient.children = [Node("docs", children=[Node("doc", {"doctype": ""})]), Node("polises")]
    stream = io.BytesIO()
    writer = BillWriter(stream, {"version": "6.15"}, {"t_opl": "1"}, account_sum("1.00"))
    offset, length = writer.patient(patient)
    writer.close()
    data = stream.getvalue()
    assert data[offset : offset + length].decode("cp1251") == ('<patient surname="Соколова" name="Вера"/>')
    lines = data.decode("cp1251").split("\r\n")
    assert lines[:3] == [HEAD, "<package>", '    <body version="6.15">']
    assert lines[-5:] == ["            </patients>", "        </bill>", "    </body>", "</package>", ""]
    assert "\n" not in data.decode("cp1251").replace("\r\n", "")


def test_writer_empty_package_keeps_patients() -> None:
    data = billkit.write([])
    assert b"            <patients>\r\n            </patients>\r\n" in data
    assert billkit.read(data) == []


def test_writer_puts_elements_into_the_order_of_the_layout() -> None:
    patient = billkit.full_patient("inpatient", 1)
    shuffled = Node("patient", dict(reversed(patient.attrs.items())), patient.children[::-1])
    account = shuffled.accounts()[0]
    account.children.reverse()
    assert billkit.write([shuffled]) == billkit.write([billkit.full_patient("inpatient", 1)])


def test_writer_keeps_what_the_layout_does_not_know() -> None:
    patient = Node("patient", {"novelty": "1", "surname": "А"}, [Node("future", {"x": "1"})])
    again = billkit.read(billkit.write([patient]))[0]
    assert again == Node("patient", {"surname": "А", "novelty": "1"}, [Node("future", {"x": "1"})])


@pytest.mark.parametrize(("bad", "code"), [("☺", "263A"), ("ѫ", "046B"), ("\x01", "0001")])
def test_writer_refuses_a_character_naming_patient_and_field(bad: str, code: str) -> None:
    patient = Node("patient", {"patientcod": "P1", "surname": "Ким", "name": "Ир"})
    patient.children = [Node("polises", children=[Node("polis", {"polisnum": f"12{bad}"})])]
    writer = BillWriter(io.BytesIO(), {"version": "1"}, {"t_opl": "1"})
    with pytest.raises(FormatError) as refused:
        writer.patient(patient)
    text = str(refused.value)
    assert "Ким Ир" in text and "P1" in text and "номер полиса" in text and f"U+{code}" in text


def test_writer_null_character_is_refused() -> None:
    writer = BillWriter(io.BytesIO(), {"version": "1"}, {"t_opl": "1"})
    with pytest.raises(FormatError, match=r"U\+0000"):
        writer.patient(Node("patient", {"surname": "А\0", "name": "Б"}))


def _cp1251() -> st.SearchStrategy[str]:
    letters = "".join(bytes([n]).decode("cp1251", "ignore") for n in range(256))
    allowed = [c for c in letters if (c >= " " and c != "\x7f") or c in "\t\n\r"]
    return st.text(alphabet=allowed, max_size=12)


@given(st.lists(st.tuples(_cp1251(), _cp1251(), _cp1251()), max_size=4))
def test_round_trip_of_any_text(rows: list[tuple[str, str, str]]) -> None:
    patients = [
        Node(
            "patient",
            {"surname": a, "name": b},
            [Node("addresses", children=[Node("address", {"kladr": c, "dom": "&<>\"'"})])],
        )
        for a, b, c in rows
    ]
    data = billkit.write(patients)
    again = billkit.read(data)
    assert len(again) == len(patients)
    for before, after in zip(patients, again, strict=True):
        assert after.attrs == {k: v for k, v in before.attrs.items() if v}
        address = after.find("addresses/address")
        assert address is not None and address.get("kladr") == rows[patients.index(before)][2]
    assert billkit.write(again) == data


def test_reader_header_comes_before_the_patients() -> None:
    reader = BillReader(io.BytesIO(billkit.every_kind()), "x")
    assert reader.header.body == billkit.BODY
    assert reader.header.bill == billkit.BILL
    assert reader.header.total() == "2015.00"
    assert reader.patients_read == 0


def test_reader_counts_several_accounts_and_repeated_codes() -> None:
    account = '<personal_account xkey="{}"/>'
    patient = '<patient patientcod="P1"><register_accounts>{}</register_accounts></patient>'
    text = _package(
        patient.format(account.format("A") + account.format("B"))
        + patient.format(account.format("C"))
        + '<patient patientcod="P2"/>'
    )
    reader = _reader(text)
    found = [[a.get("xkey") for a in i.node.accounts()] for i in reader.patients()]
    assert found == [["A", "B"], ["C"], []]
    assert (reader.patients_read, reader.accounts_read) == (3, 3)


def test_reader_gives_facts_and_tests_of_the_protocol() -> None:
    text = (
        f'{HEAD}<package><body version="1"><bill><patients/></bill><flk version="2"><plan>'
        '<test code="F1"/></plan><register filename="a"><fact acc="K"><dt t="x" d="y"/></fact>'
        "</register></flk></body></package>"
    )
    reader = _reader(text)
    items = list(reader.items())
    assert [i.tag for i in items] == ["test", "fact"]
    assert items[1].node == Node("fact", {"acc": "K"}, [Node("dt", {"t": "x", "d": "y"})])
    assert reader.header.flk == {"version": "2"}
    assert reader.header.registers == [{"filename": "a"}]


def test_reader_takes_both_spellings_of_the_comment() -> None:
    tariff = "<an_tariff {}='да'/>"
    for name in ("comment", "сomment"):
        inside = f"<patient><manipulation>{tariff.format(name)}</manipulation></patient>"
        item = next(_reader(_package(inside)).patients())
        found = item.node.find("manipulation/an_tariff")
        assert found is not None and found.attrs == {"comment": "да"}


def test_reader_counts_what_it_does_not_know() -> None:
    reader = _reader(_package('<patient future="1"><other/><polises/></patient>'))
    list(reader.items())
    assert reader.unknown == {"patient/@future": 1, "patient/other": 1}


def test_places_of_patients_in_any_spelling() -> None:
    for end in ("</patient>", "</patient  \n >"):
        text = _package(f'<patient name="Ё">\r\n <a/>{end}\r\n<patient b="1"/><patient></patient>')
        for data in (text.encode("cp1251"), text.replace("windows-1251", "utf-8").encode()):
            places = [(o, n) for _, o, n in index_accounts(io.BytesIO(data), "x")]
            pieces = [data[o : o + n] for o, n in places]
            assert pieces[0].startswith(b"<patient name=") and pieces[0].endswith(end.encode())
            assert pieces[1:] == [b'<patient b="1"/>', b"<patient></patient>"]


def test_places_across_the_chunks_of_reading() -> None:
    patients = [billkit.full_patient("inpatient", n) for n in range(1, 60)]
    data = billkit.write(patients)
    assert len(data) > 3 << 18
    for number, (keys, offset, length) in enumerate(index_accounts(io.BytesIO(data), "x"), 1):
        piece = data[offset : offset + length]
        assert piece.startswith(b'<patient patientcod="P%06d"' % number)
        assert piece.endswith(b"</patient>")
        assert keys == [f"7600{number:04d}-0001-FFFF-FFFF-FFFFFFFFFFFF"]


def test_raw_copies_bytes_and_recodes_only_another_encoding() -> None:
    piece = '<patient  name="Ё" ></patient>'
    stream = io.BytesIO()
    writer = BillWriter(stream, {"version": "1"}, {"t_opl": "1"})
    for data, encoding in ((piece.encode("cp1251"), "windows-1251"), (piece.encode(), "utf-8")):
        offset, length = writer.raw(data, encoding)
        writer.close() if encoding == "utf-8" else None
        if encoding == "utf-8":
            assert stream.getvalue()[offset : offset + length] == piece.encode("cp1251")
    assert len(billkit.read(stream.getvalue())) == 2


def test_keep_accounts_cuts_only_the_others() -> None:
    inside = '\r\n  <personal_account xkey="{}"><smo pay="1"/></personal_account>'
    text = "<patient a='Ё'><register_accounts>{}\r\n</register_accounts></patient>"
    every = [inside.format(k) for k in "ABC"]
    data = text.format("".join(every)).encode("cp1251")
    assert keep_accounts(data, "ABC") == data
    assert keep_accounts(data, "AC") == text.format(every[0] + every[2]).encode("cp1251")
    assert keep_accounts(data, "") == b""


class _Endless:
    """A package of any size that is never held in memory."""

    def __init__(self, patient: bytes, times: int) -> None:
        self._pieces = self._make(patient, times)
        self._left = b""

    @staticmethod
    def _make(patient: bytes, times: int) -> Iterator[bytes]:
        yield _package("").encode("cp1251").split(b"</patients>")[0]
        for _ in range(times):
            yield patient
        yield b"</patients></bill></body></package>"

    def read(self, size: int = -1, /) -> bytes:
        while len(self._left) < size and (piece := next(self._pieces, b"")):
            self._left += piece
        data, self._left = self._left[:size], self._left[size:]
        return data


def test_reader_memory_is_bounded() -> None:
    data = billkit.write([billkit.full_patient("outpatient", 1)])
    _, offset, length = next(index_accounts(io.BytesIO(data), "x"))
    reader = BillReader(_Endless(data[offset : offset + length], 600), "x")
    tracemalloc.start()
    assert sum(1 for _ in reader.items()) == 600
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12 << 20


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "не содержит ни одного элемента"),
        ("<package><body version='1'>", "обрывается"),
        (_package("<patient")[:-60], "обрывается"),
        (_package("<patient></patien>"), "не парные"),
        (_package("<patient a='1' a='2'/>"), "атрибут повторён"),
        (_package("<patient a='&x;'/>"), "ссылка"),
        (_package("<patient a='1&2'/>"), "недопустимый знак"),
        ("<package/>", "нет элемента «body»"),
        ("<ZL_LIST/>", "корень «ZL_LIST»"),
        ("<!DOCTYPE package><package/>", "DOCTYPE"),
        (f"{HEAD}<!DOCTYPE p [<!ENTITY a 'b'>]><package/>", "DOCTYPE"),
        ("<?xml version='1.0' encoding='utf-7'?><package/>", "«utf-7» не принимается"),
        (_package("<a>" * 40), "вложенность"),
    ],
)
def test_reader_refuses_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(FormatError, match=says) as refused:
        list(_reader(text).items())
    assert "«…413X.7z»" in str(refused.value)


def test_reader_names_the_line() -> None:
    text = _package("\n\n<patient a=1/>")
    with pytest.raises(FormatError, match="строка 3"):
        list(_reader(text).items())


def test_reader_refuses_utf16_and_wrong_bytes() -> None:
    with pytest.raises(FormatError, match="UTF-16"):
        _reader("<package/>".encode("utf-16"))
    bad = b"<package><body version='\xff\xfe'/></package>"
    with pytest.raises(FormatError, match="не разобран"):
        _reader(bad)


def test_reader_refuses_an_endless_element() -> None:
    reader_input = _Endless(b'<patient a="' + b"x" * (1 << 20), 1)
    flood = _Endless(b"y" * (1 << 20), 20)

    class Both:
        def read(self, size: int = -1, /) -> bytes:
            return reader_input.read(size) if reader_input._left or size == 1 << 16 else flood.read(size)

    with pytest.raises(FormatError, match=r"больше \d+ МБ|не разобран"):
        list(BillReader(Both(), "x").items())


def test_samples_are_written_byte_for_byte(shared: Path) -> None:
    for name in ("3X_main", "7A_reformed"):
        data = (shared / "samples" / "yaroslavl" / name / "bill.xml").read_bytes()
        reader = BillReader(io.BytesIO(data), name)
        stream = io.BytesIO()
        writer = BillWriter(stream, reader.header.body, reader.header.bill, reader.header.account_sum)
        for item in reader.patients():
            assert writer.patient(item.node) == (item.offset, item.length)
        writer.close()
        assert stream.getvalue() == data
