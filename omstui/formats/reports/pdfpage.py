"""Pages of a PDF (страницы): where the next line goes, the foot «стр. N из M», the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, BinaryIO

from omstui.formats.reports.pdffont import BOLD, REGULAR, printable, text_width, widths

_A4 = (595.28, 841.89)
MARGIN = 34.0
_FOOT = 8.0
#: the total number of pages is not known until the end: each foot refers to this one form
_TOTAL = "pages"
#: bytes inside «( )» of the format: brackets and what is not printable go as octal codes
_ESCAPES = {n: f"\\{n:03o}" for n in (*range(32), *range(127, 256), *b"()\\")}
#: texts whose codes are kept at a time
_KEPT = 20_000


class Pages:
    """A document being drawn from top to bottom; ``y`` is the top of what is free."""

    def __init__(self, stream: BinaryIO, title: str, landscape: bool) -> None:
        from reportlab import rl_config
        from reportlab.pdfgen.canvas import Canvas

        # plain compressed bytes: the armour of eight-bit mail costs a fifth of the size and of the time
        rl_config.useA85 = 0
        size = _A4[::-1] if landscape else _A4
        widths(REGULAR)
        widths(BOLD)
        self._encoded: dict[tuple[str, str], list[tuple[str, str]]] = {}
        self.width, self.height = size
        self.left, self.right = MARGIN, self.width - MARGIN
        self.bottom = MARGIN + 2 * _FOOT
        # invariant: no clock and no random id, the same data is the same file
        self.canvas: Any = Canvas(stream, pagesize=size, pageCompression=1, invariant=1, lang="ru")
        self.canvas.setTitle(title)
        self.canvas.setSubject("")
        self.canvas.setAuthor("")
        self.canvas.setCreator("omstui")
        self.canvas.setProducer("omstui")
        self._title = printable(title)
        self.number = 0
        self.y = 0.0
        #: what stands at the head of each next page while a table goes on
        self.on_page: Callable[[], None] | None = None
        #: called before a page ends: the verticals of a table
        self.before_end: Callable[[], None] | None = None
        self._start()

    @property
    def room(self) -> float:
        return self.right - self.left

    @property
    def at_top(self) -> bool:
        """Nothing is on the page yet."""
        return self.y >= self.height - MARGIN

    def _start(self) -> None:
        self.number += 1
        self.y = self.height - MARGIN
        self.canvas.setLineWidth(0.4)

    def need(self, height: float) -> None:
        """Start a page if so much does not fit into this one."""
        if self.y - height < self.bottom:
            self.next()

    def next(self) -> None:
        """End the page and start another, with the headings of the table that goes on."""
        if self.before_end:
            self.before_end()
        self._foot()
        self.canvas.showPage()
        self._start()
        if self.on_page:
            self.on_page()

    def text(
        self, x: float, y: float, text: str, font: str = REGULAR, size: float = 9, align: str = "<"
    ) -> None:
        """One line with its base at ``y``."""
        if not text:
            return
        self.canvas.setFont(font, size)
        text = printable(text)
        if align == ">":
            x -= text_width(text, font, size)
        elif align == "^":
            x -= text_width(text, font, size) / 2
        self.canvas.drawString(x, y, text)

    def texts(self, items: Iterable[tuple[float, float, str]], font: str, size: float) -> None:
        """Many short texts at (x, y): a table of 40,000 rows is drawn thrice as fast as cell by cell."""
        code, now = ["BT"], ""
        for x, y, text in items:
            code.append(f"1 0 0 1 {x:.2f} {y:.2f} Tm")
            for face, escaped in self._pieces(text, font):
                if face != now:
                    code.append(f"{face} {size:.2f} Tf")
                    now = face
                code.append(f"({escaped}) Tj")
        code.append("ET")
        self.canvas.addLiteral(" ".join(code))

    def _pieces(self, text: str, font: str) -> list[tuple[str, str]]:
        """(name of the part of the face, escaped bytes): codes repeat from row to row, so they are kept."""
        found = self._encoded.get((font, text))
        if found is None:
            from reportlab.pdfbase import pdfmetrics

            face, doc = pdfmetrics.getFont(font), self.canvas._doc
            found = [
                (face.getSubsetInternalName(part, doc), raw.decode("latin-1").translate(_ESCAPES))
                for part, raw in face.splitString(text, doc)
            ]
            if len(self._encoded) > _KEPT:
                self._encoded.clear()
            self._encoded[font, text] = found
        return found

    def _foot(self) -> None:
        y = MARGIN - _FOOT
        page = f"стр. {self.number} из "
        room = text_width("00000", REGULAR, _FOOT)
        self.text(self.left, y, self._title[:90], size=_FOOT)
        self.text(self.right - room, y, page, size=_FOOT, align=">")
        self.canvas.saveState()
        self.canvas.translate(self.right - room, y)
        self.canvas.doForm(_TOTAL)
        self.canvas.restoreState()

    def close(self) -> None:
        """Write the document."""
        self._foot()
        self.canvas.showPage()
        self.canvas.beginForm(_TOTAL, lowerx=0, lowery=-3, upperx=60, uppery=12)
        self.canvas.setFont(REGULAR, _FOOT)
        self.canvas.drawString(0, 0, str(self.number))
        self.canvas.endForm()
        self.canvas.save()
