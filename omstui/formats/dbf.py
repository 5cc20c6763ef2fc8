"""DBF tables (таблицы DBF), the codec as the rest of the program sees it.

``read_dbf`` opens a table and walks its rows, ``write_dbf`` writes one; the layouts stand in
``omstui.formats.layouts.dbf_*``.
"""

from __future__ import annotations

from omstui.formats.dbfreader import Table, read_bytes, read_dbf
from omstui.formats.dbfwriter import Written, write_dbf
from omstui.formats.layouts.dbf_base import Field, Layout

__all__ = ["Field", "Layout", "Table", "Written", "read_bytes", "read_dbf", "write_dbf"]
