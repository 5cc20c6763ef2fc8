"""Questions a screen asks (вопросы экрана): to be awaited in async ``do_…`` methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from omstui import strings
from omstui.domain.errors import OmsError
from omstui.screens.confirm import ConfirmScreen
from omstui.screens.menu import Item, MenuScreen
from omstui.screens.message import MessageScreen
from omstui.widgets.fields import Field

if TYPE_CHECKING:
    from omstui.screens.params import Check


class AskingScreen(Screen[Any]):
    """The part of every screen that opens dialogs."""

    def show_error(self, error: OmsError) -> None:
        """Show why something was refused."""
        self.app.push_screen(MessageScreen.of(error))

    async def tell(self, title: str, text: str, *, hint: str = "", details: Sequence[str] = ()) -> None:
        """Show a message and wait until it is closed."""
        await self.app.push_screen_wait(MessageScreen(title, text, hint=hint, details=details))

    async def ask(self, question: str, details: Sequence[str] = (), *, default: bool = False) -> bool:
        """Ask Да / Нет; Esc is Нет."""
        screen = ConfirmScreen(question, details=details, default=default)
        answer: bool | None = await self.app.push_screen_wait(screen)
        return bool(answer)

    async def ask_params(
        self,
        fields: Sequence[Field],
        values: Mapping[str, Any] | None = None,
        *,
        title: str = strings.PARAMS_TITLE,
        check: Check | None = None,
    ) -> dict[str, Any] | None:
        """Ask for parameters; None = given up."""
        # forms and the choice of files are imported when first asked: the program must start fast
        from omstui.screens.params import ParamsScreen

        screen = ParamsScreen(fields, values, title=title, check=check)
        return await self.app.push_screen_wait(screen)

    async def choose(self, title: str, items: Sequence[Item], *, current: str = "") -> str | None:
        """Ask to choose a line of a menu; None = given up."""
        return await self.app.push_screen_wait(MenuScreen(title, items, current=current))

    async def pick_paths(
        self,
        mode: str = "file",
        start: Path | str | None = None,
        *,
        title: str = "",
        patterns: Iterable[str] = (),
        remember: Callable[[Path], None] | None = None,
    ) -> list[Path] | None:
        """Ask for files ("file"), a folder ("folder") or either ("any"); None = given up."""
        from omstui.screens.file_pick import FilePickScreen

        screen = FilePickScreen(mode, start, title=title, patterns=patterns, remember=remember)
        return await self.app.push_screen_wait(screen)
