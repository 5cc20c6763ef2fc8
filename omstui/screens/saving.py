"""Saving a document (сохранение): which format, where, over what; written in a thread with its progress."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from omstui import strings
from omstui.domain import atomicfile
from omstui.domain.errors import OmsError
from omstui.domain.operation import Aborted
from omstui.domain.ops.report import file_name
from omstui.domain.reports.model import Document
from omstui.formats.reports import writing
from omstui.screens.dialog import Dialog, Line
from omstui.screens.menu import Item

if TYPE_CHECKING:
    from omstui.screens.base import BaseScreen

#: items between two looks at «Прервать»
_STEP = 100


class WritingScreen(Dialog[Path | OmsError]):
    """A file being written; Esc leaves everything as it was. Dismisses with the file, or why not."""

    def __init__(self, make: Callable[[], Document], target: Path, kind: str) -> None:
        super().__init__(strings.WRITING_TITLE, strings.WRITING_KEYS, width=60)
        self._make = make
        self._target = target
        self._kind = kind
        self._line = Line(f"Файл {target.name}")
        self._done: tuple[str, int, int] = ("", 0, 0)
        self._stopped = False

    def compose_body(self) -> Iterable[Widget]:
        yield self._line

    def on_mount(self) -> None:
        self.set_interval(0.3, self._look)
        self.run_worker(self._write(), group="write")

    def give_up(self) -> None:
        self._stopped = True
        self._line.show("Прерывается…")

    def _look(self) -> None:
        stage, done, total = self._done
        if done and not self._stopped:
            self._line.show(f"{stage}: {done} из {total}" if total else f"{stage}: {done}")

    async def _write(self) -> None:
        try:
            await asyncio.to_thread(self._work)
        except Aborted:
            self.dismiss(None)
        except OmsError as error:
            self.dismiss(error)
        else:
            self.dismiss(self._target)

    def _work(self) -> None:
        document = self._make()

        def write(part: Path) -> None:
            writing.write(document, part, self._kind, track=self._track)

        atomicfile.prepare(self._target, write, overwrite=True).place()

    def _track(self, items: Iterable[Any], stage: str, total: int) -> Iterator[Any]:
        for number, item in enumerate(items, 1):
            if number % _STEP == 0:
                self._done = (stage, number, total)
                if self._stopped:
                    raise Aborted
            yield item


async def save_document(
    screen: BaseScreen, make: Callable[[], Document], name: str, place: str, *, formats: Iterable[str] = ()
) -> None:
    """Ask for the format and the folder (remembered for this ``place``) and write the file."""
    kind = await choose_format(screen, formats)
    if kind is None:
        return
    folder = await choose_folder(screen, place)
    if folder is None:
        return
    target = folder / f"{file_name(name)}.{kind}"
    if target.exists() and not await screen.ask(strings.REPLACE_FILE.format(path=target)):
        return
    outcome = await screen.app.push_screen_wait(WritingScreen(make, target, kind))
    if isinstance(outcome, OmsError):
        screen.show_error(outcome)
    elif outcome is not None:
        screen.notice(strings.SAVED.format(path=outcome))


async def choose_format(screen: BaseScreen, formats: Iterable[str] = ()) -> str | None:
    """Ask for one of the formats; None = given up."""
    names = list(formats) or list(writing.FORMATS)
    return await screen.choose(strings.FORMAT_TITLE, [Item(n, writing.FORMATS[n][0]) for n in names])


async def choose_folder(screen: BaseScreen, place: str, title: str = strings.SAVE_WHERE) -> Path | None:
    """Ask for a folder, starting where this operator saved such files before."""
    services: Any = screen.services
    found = await screen.pick_paths("folder", services.place(place), title=title)
    if not found:
        return None
    services.keep_place(place, str(found[0]))
    return found[0]
