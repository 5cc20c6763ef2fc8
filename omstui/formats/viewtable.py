"""A look into tables (DBF, CSV): their records as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from omstui.domain.errors import FormatError
from omstui.domain.model import RefusalKind
from omstui.formats.dbfreader import Table, read_dbf
from omstui.formats.identify import Identified, decoded, encoding_of
from omstui.formats.peek import HEAD
from omstui.formats.viewbase import Info, Progress, View, ViewRow, optional_kopecks


def dbf_view(path: Path, what: Identified, titles: Mapping[tuple[str, str], str]) -> View:
    """Look into a DBF of any encoding; FormatError when it is damaged."""
    table = read_dbf(path)
    columns = ", ".join(
        f"{c.name} {c.type}{c.length}" + (f".{c.decimals}" if c.decimals else "") for c in table.columns
    )
    facts = [("Версия", what.reason), ("Кодировка", table.encoding), ("Поля", columns)]
    if table.notes:
        facts.append(("Замечания", "; ".join(table.notes)))
    view = DbfView(path, Info(what, facts, None, table.count), titles)
    view.table = table
    return view


class DbfView(View):
    """DBF: records as they are; names of fields the exchange uses find their columns."""

    rows_title = "записи"
    table: Table

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        whole = self.info.count or 0
        for number, record in enumerate(self.table.records(), 1):
            self.accounts += 1
            if progress and number % 1000 == 0:
                progress(number, whole)
            yield self._of({k: "" if v is None else str(v) for k, v in record.items()})

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
