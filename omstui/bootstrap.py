"""The only wiring (сборка): settings → profile → database → Services, for screens, commands and tests."""

from __future__ import annotations

import logging
import logging.handlers
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from omstui.domain import backup as copies
from omstui.domain import runner
from omstui.domain.errors import OmsError
from omstui.domain.model import Role
from omstui.domain.operation import Context, Sink
from omstui.domain.ops.table import operation
from omstui.domain.profile import Profile, profile
from omstui.domain.store import config, db, journal
from omstui.settings import Settings, database_path

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Services:
    """What a front end may use: settings, who works, and the runner."""

    database: Path
    settings: Settings
    profile: Profile
    operator: config.OperatorRow
    now: Callable[[], datetime] = datetime.now

    def run(
        self,
        op_id: str,
        *,
        yes: bool = False,
        sink: Sink = lambda event: None,
        run_file: Path | None = None,
        prepare: Callable[[Context], None] | None = None,
        **params: Any,
    ) -> runner.Outcome:
        """Run an operation in this process with parameters by name."""
        op = operation(op_id)
        return runner.execute(
            op,
            op.params(**params),
            who=self.operator.login,
            role=self.operator.role,
            yes=yes,
            sink=sink,
            run_file=run_file,
            now=self.now,
            prepare=prepare,
        )

    def reload(self) -> None:
        """Read settings and operator again (after «Настройки»)."""
        with db.connection():
            self.settings = config.load_settings()
            self.profile = profile(self.settings.profile)
            self.operator = config.operator(self.operator.login, self.settings.rules.new_operator_role)


def open_services(option: str | None = None, *, login: str | None = None) -> Services:
    """Bind the database and gather the services; closes runs that died; makes the daily backup."""
    path = database_path(option)
    db.bind(path)
    _log_to_file(path)
    with db.connection():
        from omstui.domain.store import migrate

        migrate.upgrade()
        settings = config.load_settings()
        who = login or runner.current_user()
        operator = config.operator(who, settings.rules.new_operator_role)
        _remember(operator)
        journal.recover(datetime.now().strftime("%Y-%m-%d %H:%M:%S"))
    _clean_run_files()
    return Services(path, settings, profile(settings.profile), operator)


def daily_copy(services: Services) -> None:
    """The first start of the day copies the database (product.md §11.26); a full disk is only told."""
    try:
        with db.connection():
            copies.daily(services.settings.rules.backup_days)
    except OmsError as error:
        log.warning("daily copy: %s", error)


def _remember(operator: config.OperatorRow) -> None:
    """The first operator becomes senior for good; later ones are remembered with the default role."""
    if operator.login not in {o.login for o in config.operators()}:
        with db.write():
            config.save_operator(
                operator.login, Role(operator.role), at=datetime.now().strftime("%Y-%m-%d %H:%M:%S")
            )


def _clean_run_files() -> None:
    """Run files older than two days: their lines are in the journal."""
    limit = (datetime.now() - timedelta(days=2)).timestamp()
    for path in runner.runs_folder().glob("*"):
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
        except OSError:
            continue  # another operator's file, or already gone


def _log_to_file(database: Path) -> None:
    """Tracebacks of bugs go to a rotating file beside the database, never to the screen."""
    root = logging.getLogger("omstui")
    if root.handlers:
        return
    target = database.with_name(database.name + ".log")
    if not os.access(database.parent, os.W_OK):
        return
    handler = logging.handlers.RotatingFileHandler(
        target, maxBytes=1_000_000, backupCount=3, encoding="utf-8", delay=True
    )
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    root.addHandler(handler)
    root.propagate = False
