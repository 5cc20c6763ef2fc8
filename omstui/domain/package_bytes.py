"""Bytes of accounts as they were sent (счёт, как подан), out of the packages kept in the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from omstui.domain.errors import OmsError
from omstui.domain.store import files, reforming
from omstui.formats.containers import BillStream, open_bill
from omstui.formats.cut import Opener, slice_of


def opener(file_id: int) -> Opener:
    """A function opening bill.xml of a stored package; each call reads it from the beginning."""
    name = files.file_row(file_id).name

    @contextmanager
    def opened() -> Iterator[BillStream]:
        with files.open_file(file_id) as stream, open_bill(stream, name) as bill:
            yield bill

    return opened


def account_bytes(account_id: int) -> bytes:
    """The patient element of bill.xml that carried this account, as sent.

    Raises OmsError if the account was not sent.
    """
    place = reforming.place(account_id)
    if place is None:
        raise OmsError("Счёт ещё не выгружен: поданных данных нет.")
    file_id, name, offset, length = place
    return slice_of(opener(file_id), name, offset, length)
