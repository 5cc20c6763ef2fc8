"""Choosing files and folders (выбор файла): a line for the path and the folder under it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path

from textual import events, on
from textual.actions import SkipAction
from textual.widget import Widget

from omstui import strings
from omstui.domain.errors import reason_of
from omstui.screens.dialog import Dialog
from omstui.widgets.filter_input import FilterInput
from omstui.widgets.lazy_table import LazyTable
from omstui.widgets.sources import Cells, Column, MemorySource

_COLUMNS = (
    Column("Имя", 30, flex=True, key="name"),
    Column("Размер", 12, ">"),
    Column("Изменён", 16),
)
_TITLES = {"file": strings.PICK_FILE, "any": strings.PICK_FILE, "folder": strings.PICK_FOLDER}
_KEYS = {
    "file": strings.PICK_KEYS_FILE,
    "any": strings.PICK_KEYS_ANY,
    "folder": strings.PICK_KEYS_FOLDER,
}


class _Entries(LazyTable):
    """The folder. Ins takes it, as operators know it; it marks only where no folder is wanted."""

    def __init__(self, mode: str) -> None:
        super().__init__(MemorySource(_COLUMNS, ()), frozen=0, marks=mode != "folder", autoload=False)
        self._mode = mode

    def _do_mark_down(self) -> None:
        if self._mode != "file":
            raise SkipAction
        super()._do_mark_down()


class FilePickScreen(Dialog[list[Path]]):
    """Pick files (mode "file"), a folder ("folder") or either ("any"); dismisses with a list.

    Enter goes into a folder or takes the file (all marked ones if some are marked); Ins (in mode
    "file" it marks) and Ctrl+Enter take the folder that is shown. ``remember`` gets the folder at the
    end, so that the next time starts there.
    """

    def __init__(
        self,
        mode: str = "file",
        start: Path | str | None = None,
        *,
        title: str = "",
        patterns: Iterable[str] = (),
        remember: Callable[[Path], None] | None = None,
    ) -> None:
        super().__init__(title or _TITLES[mode], _KEYS[mode], width=78)
        self.mode = mode
        self._patterns = tuple(pattern.lower() for pattern in patterns)
        self._remember = remember
        self.folder = _existing(Path(start) if start else Path.home())
        self._entries: list[Path] = []
        self._path = FilterInput("Путь: ", shown=True)
        self._table = _Entries(mode)

    def compose_body(self) -> Iterable[Widget]:
        yield self._path
        self._table.styles.height = min(self.room - 1, 17)
        yield self._table

    def on_mount(self) -> None:
        self._go(self.folder)
        self._table.focus()

    def letter(self, event: events.Key) -> None:
        if event.key in ("insert", "ctrl+enter", "ctrl+j") and self.mode != "file":
            event.stop()
            self._done([self.folder])

    @on(LazyTable.RowChosen)
    def _chosen(self, event: LazyTable.RowChosen) -> None:
        event.stop()
        if self._table.marked:
            self._take([self._entries[i] for i in self._table.chosen_ids()])
            return
        path = self._entries[event.row_id]
        if path.is_dir():
            self._go(path, came_from=self.folder)
        else:
            self._take([path])

    @on(FilterInput.Applied)
    def _typed(self, event: FilterInput.Applied) -> None:
        event.stop()
        path = Path(os.path.expanduser(event.text))
        path = path if path.is_absolute() else self.folder / path
        if path.is_dir():
            self._go(path)
            self._table.focus()
        elif path.is_file() and self.mode != "folder":
            self.folder = Path(os.path.abspath(path)).parent  # the next question starts where the file was
            self._done([path])
        else:
            self.notice(strings.PICK_MISSING.format(path=path), "error")

    @on(FilterInput.Left)
    def _left(self, event: FilterInput.Left) -> None:
        event.stop()
        self.give_up()

    def _take(self, paths: list[Path]) -> None:
        folders = [path for path in paths if path.is_dir()]
        if self.mode == "file" and folders:
            self.notice(strings.PICK_NOT_FILE.format(path=folders[0]), "error")
        elif self.mode == "folder" and len(folders) < len(paths):
            self.notice(strings.PICK_NOT_FOLDER.format(path=paths[0]), "error")
        else:
            self._done(paths)

    def _done(self, paths: list[Path]) -> None:
        if self._remember is not None:
            self._remember(self.folder)
        self.dismiss(paths)

    def _go(self, folder: Path, came_from: Path | None = None) -> None:
        folder = Path(os.path.abspath(folder))
        try:
            entries = self._read(folder)
        except PermissionError:
            self.notice(strings.PICK_DENIED.format(path=folder), "error")
            return
        except OSError as error:
            self.notice(f"{folder}: {reason_of(error)}", "error")
            return
        self.folder = folder
        self._path.put(str(folder))
        self._entries = [path for path, _ in entries]
        self._table.clear_marks()
        source = self._table.source
        if isinstance(source, MemorySource):
            source.replace([row for _, row in entries])
        self._table.cursor = 0
        self._table.load()
        if came_from in self._entries:
            self._table.move_to(self._entries.index(came_from))

    def _read(self, folder: Path) -> list[tuple[Path, Cells]]:
        folders, files = [], []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    folders.append((Path(entry.path), (entry.name + "/", strings.PICK_FOLDER_TAG, "")))
                elif self._suits(entry.name):
                    files.append((Path(entry.path), _file_row(entry)))
        folders.sort(key=lambda item: item[0].name.casefold())
        files.sort(key=lambda item: item[0].name.casefold())
        up = [] if folder.parent == folder else [(folder.parent, ("..", "", ""))]
        return [*up, *folders, *files]

    def _suits(self, name: str) -> bool:
        low = name.lower()
        return not self._patterns or any(fnmatch(low, pattern) for pattern in self._patterns)


def _file_row(entry: os.DirEntry[str]) -> Cells:
    try:
        info = entry.stat()
    except OSError:
        return (entry.name, "", "")
    changed = datetime.fromtimestamp(info.st_mtime).strftime("%d.%m.%Y %H:%M")
    return (entry.name, f"{info.st_size:,}".replace(",", " "), changed)


def _existing(path: Path) -> Path:
    """Return the nearest folder above that exists: the remembered one may be gone."""
    path = Path(os.path.abspath(path.expanduser()))
    while not path.is_dir() and path != path.parent:
        path = path.parent
    return path
