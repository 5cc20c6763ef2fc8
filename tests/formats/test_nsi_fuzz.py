"""Any bytes are a book or a refusal in words, never a traceback."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omstui.domain.errors import FormatError
from omstui.formats import booksource, nsipackage
from tests.formats import nsikit as kit

FILES = {
    "xml": kit.declared(kit.layout_a()),
    "zip": kit.zipped(kit.declared(kit.layout_c())),
    "csv": kit.as_csv(),
    "xlsx": kit.as_xlsx(),
}


def attempt(data: bytes, suffix: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"V009.{suffix}"
        path.write_bytes(data)
        try:
            with nsipackage.opened(path) as source:
                package = nsipackage.find_classifier(source)
                rows = list(package.rows()) if package else []
                assert all(len(row) == 7 for row in rows)
        except FormatError as error:
            assert path.name in str(error) and str(error).endswith((".", "»", ")"))
        with suppress(FormatError):
            booksource.columns_of(path, "tariff")


@pytest.mark.parametrize("suffix", FILES)
@settings(max_examples=60)
@given(data=st.data())
def test_a_file_with_a_few_wrong_bytes(suffix: str, data: st.DataObject) -> None:
    spoiled = bytearray(FILES[suffix])
    for _ in range(data.draw(st.integers(1, 4))):
        spoiled[data.draw(st.integers(0, len(spoiled) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoiled)))
    attempt(bytes(spoiled[:cut] if cut % 3 == 0 else spoiled), suffix)


@pytest.mark.parametrize("encoding", ["cp866", "cp1251"])
def test_a_table_cut_anywhere(tmp_path: Path, encoding: str) -> None:
    whole = kit.as_dbf(tmp_path, encoding)
    for end in range(1, len(whole), 7):
        attempt(whole[:end], "dbf")


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    attempt(data, "xml")


def test_a_deep_document_is_refused() -> None:
    attempt(b"<a>" * 100_000, "xml")
    attempt(b"<packet>" + b"<zap>" * 5000 + b"</zap>" * 5000 + b"</packet>", "xml")
