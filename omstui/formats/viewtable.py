"""A look into tables (DBF, CSV): their records as they are."""

from __future__ import annotations

import csv
import io
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from omstui.domain.errors import FormatError
from omstui.domain.model import RefusalKind
from omstui.formats.identify import Identified, decoded, encoding_of
from omstui.formats.peek import HEAD
from omstui.formats.viewbase import Info, Progress, View, ViewRow, optional_kopecks

#: what dbfread raises for a damaged table
_BROKEN = (OSError, ValueError, struct.error, KeyError, IndexError)


def dbf_view(path: Path, what: Identified, titles: Mapping[tuple[str, str], str]) -> View:
    import dbfread  # only a DBF pays for the import

    try:
        table = dbfread.DBF(
            str(path),
            encoding="cp866",
            char_decode_errors="replace",
            raw=False,
            ignore_missing_memofile=True,
        )
    except (*_BROKEN, dbfread.DBFNotFound) as error:
        raise FormatError(f"Таблица «{path.name}» не прочитана: она повреждена или не DBF.") from error
    columns = ", ".join(
        f"{f.name} {f.type}{f.length}" + (f".{f.decimal_count}" if f.decimal_count else "")
        for f in table.fields
    )
    info = Info(what, [("Версия", what.reason), ("Поля", columns)], None, table.header.numrecords)
    view = DbfView(path, info, titles)
    view.table = table
    return view


class DbfView(View):
    """DBF: records as they are; names of fields the exchange uses find their columns."""

    rows_title = "записи"
    table: Any = None

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        whole = self.info.count or 0
        try:
            for number, record in enumerate(self.table, 1):
                self.accounts += 1
                if progress and number % 1000 == 0:
                    progress(number, whole)
                yield self._of({k: "" if v is None else str(v) for k, v in record.items()})
        except _BROKEN as error:
            raise FormatError(
                f"Таблица «{self.path.name}», запись {self.accounts + 1} повреждена."
            ) from error

    def _of(self, record: dict[str, str]) -> ViewRow:
        get = record.get
        names = (get("FAM", ""), get("IM", ""), get("OT", ""))
        kind = (
            "mek" if get("S_OSN") else RefusalKind.FLK if get("ERR_TEXT") else "ident" if get("EERP") else ""
        )
        code = get("S_OSN") or get("ERR_CODE") or get("RES") or ""
        return ViewRow(
            get("IDCASE") or get("RECID") or get("NPP") or "",
            " ".join(filter(None, names)),
            get("DR", ""),
            get("ENP") or get("NPOLIS") or "",
            get("DATE_1", ""),
            get("DATE_2", ""),
            optional_kopecks(get("SUMV")),
            kind,
            code,
            self.title_of(kind, code) if kind == "mek" else get("ERR_TEXT", ""),
            get("S_COM") or get("EERP") or "",
            kind == "mek" and get("OPLATA") == "2",
            record,
        )


class CsvView(View):
    """CSV: lines as they are."""

    rows_title = "строки"

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        with self.path.open("rb") as stream:
            head = stream.read(HEAD)
        first = decoded(head).splitlines()[0]
        delimiter = max((";", "\t", ","), key=first.count)
        with self.path.open("rb") as raw:
            size = self.path.stat().st_size
            text = io.TextIOWrapper(raw, encoding_of(head), errors="replace", newline="")
            try:
                for record in csv.DictReader(text, delimiter=delimiter):
                    self.accounts += 1
                    if progress and self.accounts % 1000 == 0:
                        progress(raw.tell(), size)
                    fields = {str(k): str(v or "") for k, v in record.items()}
                    yield ViewRow(xkey=str(self.accounts), data=fields)
            except csv.Error as error:
                raise FormatError(
                    f"Таблица «{self.path.name}», строка {self.accounts + 2}: не разобрана."
                ) from error
