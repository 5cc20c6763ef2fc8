"""A look into federal files (H, C, T, D, L, FLK_P), alone or in the archive of an invoice."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from omstui.domain.errors import FormatError
from omstui.domain.model import RefusalKind
from omstui.domain.money import roubles
from omstui.formats.containers import RATIO_FROM, RATIO_LIMIT
from omstui.formats.identify import Identified
from omstui.formats.viewbase import (
    Counting,
    Info,
    Progress,
    View,
    ViewRow,
    drop,
    filled,
    optional_kopecks,
)  # fmt: skip
from omstui.formats.xmlsafe import Readable, iterparse


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None


def cases_info(what: Identified) -> Info:
    texts = what.head.texts
    lines = filled(
        (
            ("Файлы в архиве", ", ".join(what.members[:6])),
            ("Версия", texts.get("VERSION", "")),
            ("Дата файла", texts.get("DATA", "")),
            ("МО", texts.get("CODE_MO", "")),
            ("Плательщик", texts.get("PLAT", "")),
            ("Счёт №", texts.get("NSCHET", "")),
            ("Дата счёта", texts.get("DSCHET", "")),
            ("Диспансеризация", texts.get("DISP", "")),
            ("Парный файл", texts.get("FILENAME1", "")),
            ("Принято к оплате", texts.get("SUMMAP", "")),
            ("Снято МЭК", texts.get("SANK_MEK", "")),
        )
    )
    return Info(what, lines, optional_kopecks(texts.get("SUMMAV")), _number(texts.get("SD_Z")))


class _XmlView(View):
    """Records of a federal XML, alone or in an archive."""

    tag = ""

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        with ExitStack() as stack:
            try:
                for name, stream, size in self._documents(stack):
                    source = Counting(stream, size, progress)
                    for _, element in iterparse(source, name, tag=self.tag):
                        self.accounts += 1
                        yield from self._of(element)
                        drop(element)
            except (RuntimeError, zipfile.BadZipFile, zlib.error, EOFError) as error:
                # RuntimeError is what zipfile raises for a member behind a password
                locked = isinstance(error, RuntimeError)
                raise FormatError(
                    f"Архив «{self.path.name}» {'закрыт паролем' if locked else 'повреждён'}.",
                    hint="Попросите прислать его заново.",
                ) from error

    def _documents(self, stack: ExitStack) -> Iterator[tuple[str, Readable, int]]:
        if self.info.what.kind != "ZIP":
            size = self.path.stat().st_size
            yield self.path.name, stack.enter_context(self.path.open("rb")), size
            return
        archive = stack.enter_context(zipfile.ZipFile(self.path))
        for member in archive.infolist():
            if member.filename.lower().endswith(".xml"):
                size = member.file_size
                if size > RATIO_FROM and size > RATIO_LIMIT * max(member.compress_size, 1):
                    raise FormatError(
                        f"Файл «{member.filename}» в архиве «{self.path.name}» распаковывается "
                        "в слишком большой, он не читается.",
                        hint="Проверьте, от кого файл.",
                    )
                yield member.filename, stack.enter_context(archive.open(member)), size

    def _of(self, element: Any) -> Iterator[ViewRow]:
        raise NotImplementedError


class CasesView(_XmlView):
    """H, C, T, D: the cases and what was cut from them (SANK)."""

    rows_title = "случаи"
    tag = "ZAP"

    def _rows(self, progress: Progress | None) -> Iterator[ViewRow]:
        self.accounts_total = 0
        yield from super()._rows(progress)
        if self.info.count is not None and self.info.count != self.accounts:
            self.remarks.append(f"В заголовке случаев {self.info.count}, в файле {self.accounts}.")
        if self.info.total not in (None, self.accounts_total):
            self.remarks.append(
                f"Сумма счёта {roubles(self.info.total or 0)}, "
                f"а сумма случаев {roubles(self.accounts_total or 0)}."
            )

    def _of(self, element: Any) -> Iterator[ViewRow]:
        text = element.findtext
        case = element.find("Z_SL")
        of = case.findtext if case is not None else text
        total = optional_kopecks(of("SUMV"))
        self.accounts_total = (self.accounts_total or 0) + (total or 0)
        row = ViewRow(
            of("IDCASE") or text("N_ZAP") or "",
            text("PACIENT/ID_PAC") or "",
            "",
            text("PACIENT/ENP") or text("PACIENT/NPOLIS") or "",
            of("DATE_Z_1") or "",
            of("DATE_Z_2") or "",
            total,
        )
        cut = [] if case is None else [*case.iterfind("SANK"), *case.iterfind("SL/SANK")]
        if not cut:
            yield row
        for sank in cut:
            got = sank.findtext
            yield ViewRow(
                row.xkey,
                row.patient,
                "",
                row.policy,
                row.begin,
                row.end,
                total,
                "mek",
                got("S_OSN") or "",
                self.title_of("mek", got("S_OSN") or ""),
                got("S_COM") or "",
                of("OPLATA") == "2",
                {"S_SUM": got("S_SUM") or "", "S_TIP": got("S_TIP") or ""},
            )


class PersonsView(_XmlView):
    """L: the persons."""

    rows_title = "люди"
    tag = "PERS"

    def _of(self, element: Any) -> Iterator[ViewRow]:
        text = element.findtext
        names = (text("FAM") or "", text("IM") or "", text("OT") or "")
        yield ViewRow(text("ID_PAC") or "", " ".join(filter(None, names)), text("DR") or "")


def flk_info(what: Identified) -> Info:
    texts = what.head.texts
    lines = filled((("Проверен файл", texts.get("FNAME_I", "")), ("МО", texts.get("CODE_MO", ""))))
    return Info(what, lines)


class FlkView(_XmlView):
    """FLK_P: errors of format control of an invoice; none = the file was accepted."""

    rows_title = "ошибки"
    tag = "PR"

    def _of(self, element: Any) -> Iterator[ViewRow]:
        fields = {child.tag: (child.text or "").strip() for child in element}
        keys = ("IDCASE", "SL_ID", "N_ZAP", "ID_PAC")
        key = next((fields[k] for k in keys if fields.get(k)), "")
        where = " ".join(filter(None, (fields.get("BAS_EL"), fields.get("IM_POL"))))
        yield ViewRow(
            xkey=key,
            patient=fields.get("ID_PAC", ""),
            kind=RefusalKind.FLK,
            code=fields.get("OSHIB", ""),
            text=where,
            comment=fields.get("COMMENT", ""),
            data=fields,
        )
