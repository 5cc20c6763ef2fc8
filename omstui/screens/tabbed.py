"""A screen with a line of tabs (вкладки): Ctrl+← → walk them on every such screen alike."""

from __future__ import annotations

from textual import on

from omstui.screens.operating import OperatingScreen
from omstui.widgets.tab_line import TabLine


class TabbedScreen(OperatingScreen):
    """``_tabs`` is the line of names, made by the screen; ``_open_tab`` shows what the open one holds."""

    _tabs: TabLine

    def do_tab_prev(self) -> None:
        self._tabs.step(-1)

    def do_tab_next(self) -> None:
        self._tabs.step(1)

    @on(TabLine.Changed)
    def _tab_changed(self, event: TabLine.Changed) -> None:
        event.stop()
        self._open_tab()
        self.refresh_keys()

    def _open_tab(self) -> None:
        """Show the widgets of ``_tabs.current`` and give one of them the focus."""
        raise NotImplementedError
