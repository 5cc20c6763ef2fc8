"""bill.xml as a stream (файл персональных счетов): nodes, reader and writer in one place."""

from __future__ import annotations

from omstui.formats.billnode import ENCODING, Node
from omstui.formats.billreader import (
    ITEM_LIMIT,
    BillReader,
    Header,
    Item,
    index_accounts,
    keep_accounts,
)
from omstui.formats.billwriter import BillWriter, Writable, account_sum
from omstui.formats.xmlsafe import Readable

__all__ = [
    "ENCODING",
    "ITEM_LIMIT",
    "BillReader",
    "BillWriter",
    "Header",
    "Item",
    "Node",
    "Readable",
    "Writable",
    "account_sum",
    "index_accounts",
    "keep_accounts",
]
