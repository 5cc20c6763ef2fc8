"""The runner (запуск операций): the one way to run an operation, from a screen, a command or a test.

It writes the run into the journal, takes the lock, keeps the log in a run file line by line (it survives
a kill), turns what happened into an outcome and releases the lock.
"""

from __future__ import annotations

import json
import logging
import os
import uuid
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from omstui.domain.errors import NeedsConfirmation, OmsError, reason_of
from omstui.domain.model import Role
from omstui.domain.operation import (
    Aborted,
    Artifact,
    Context,
    Event,
    LogLine,
    Operation,
    Progress,
    Result,
    Sink,
)
from omstui.domain.store import closing, db, journal

log = logging.getLogger(__name__)

#: outcome → exit code of the command line (product.md §8)
EXIT_CODES = {"ok": 0, "refused": 1, "aborted": 3, "partial": 4, "failed": 70, "question": 1}
#: committed parts named in a message
_DONE_SHOWN = 5
_ROLES = [Role.VIEWER, Role.OPERATOR, Role.SENIOR]


@dataclass(slots=True)
class Outcome:
    """What happened: ``kind`` is ok | partial | refused | aborted | failed | question."""

    kind: str
    run_id: int = 0
    result: Result | None = None
    error: OmsError | None = None
    lines: list[LogLine] = field(default_factory=list)
    #: parts committed before the rest was refused, aborted or failed
    done: list[str] = field(default_factory=list)

    @property
    def message(self) -> str:
        if self.result is not None:
            return self.result.message
        if self.error is not None:
            return " ".join([str(self.error), *([done_text(self.done)] if self.done else [])])
        what = {"aborted": "Прервано"}.get(self.kind, "Внутренняя ошибка программы")
        return f"{what}. {done_text(self.done)}" if self.done else f"{what}, данные не изменены."

    @property
    def exit_code(self) -> int:
        if self.error is not None and self.done:
            return EXIT_CODES["partial"]
        if self.error is not None and self.kind == "refused":
            return self.error.exit_code
        return EXIT_CODES[self.kind]


def done_text(done: Sequence[str]) -> str:
    """What stays though the operation did not end: «Уже сделано и остаётся: …»."""
    shown = ", ".join(done[:_DONE_SHOWN])
    more = f" и ещё {len(done) - _DONE_SHOWN}" if len(done) > _DONE_SHOWN else ""
    return f"Уже сделано и остаётся: {shown}{more}. Остальное не изменено."


class _Recorder:
    """Passes events on, keeps the log, and writes it to the run file as it comes."""

    def __init__(self, path: Path, sink: Sink) -> None:
        path.parent.mkdir(mode=0o770, parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8")
        self._sink = sink
        self.lines: list[LogLine] = []
        self.files: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self.lines.append(event)
        elif isinstance(event, Artifact):
            self.files.append(event.path)
        self.write(event_json(event))
        self._sink(event)

    def write(self, data: dict[str, Any]) -> None:
        try:
            self._file.write(json.dumps(data, ensure_ascii=False) + "\n")
            self._file.flush()
        except OSError:  # a full disk must not turn a good operation into a failed one
            log.warning("run file %s is not writable", self._file.name)

    def close(self) -> None:
        self._file.close()


def event_json(event: Event) -> dict[str, Any]:
    """An event as a line of the run file."""
    name = {LogLine: "log", Progress: "progress", Artifact: "artifact"}[type(event)]
    return {"event": name, **asdict(event)}


def runs_folder() -> Path:
    """Folder of run files beside the database."""
    return db.path().with_name(db.path().name + ".runs")


def new_run_file() -> Path:
    return runs_folder() / f"{uuid.uuid4().hex}.jsonl"


def cancel_mark(run_file: Path) -> Path:
    """The file whose existence asks the process of this run to stop («Прервать»)."""
    return run_file.with_suffix(".cancel")


def execute(
    operation: Operation,
    params: Any,
    *,
    who: str,
    role: Role = Role.SENIOR,
    yes: bool = False,
    sink: Sink = lambda event: None,
    run_file: Path | None = None,
    now: Callable[[], datetime] = datetime.now,
    prepare: Callable[[Context], None] | None = None,
) -> Outcome:
    """Run an operation whole; never raises for what happens inside it.

    ``prepare`` lets a caller touch the context before the start (signal handlers, tests).
    """
    followed = run_file is not None
    run_file = run_file or new_run_file()
    if _ROLES.index(role) < _ROLES.index(Role(operation.role)):
        outcome = _not_allowed(operation, role)
        return _not_started(outcome, run_file) if followed else outcome
    with db.connection():
        run_id = 0
        stamp = now().strftime("%Y-%m-%d %H:%M:%S")
        try:
            run_id = journal.begin(
                operation.id,
                operation.title,
                db.dump(asdict(params)),
                who,
                stamp,
                str(getattr(params, "period", "") or ""),
                str(run_file),
            )
            if operation.long and operation.writes:
                journal.take_lock(run_id, who, operation.title, stamp)
        except OmsError as error:
            if run_id:
                journal.finish(run_id, "refused", str(error), stamp, [], [])
            outcome = Outcome("refused", run_id, error=error)
            return _not_started(outcome, run_file) if followed else outcome
        recorder = _Recorder(run_file, sink)
        mark = cancel_mark(run_file)
        ctx = Context(recorder, who=who, yes=yes, run_id=run_id, cancelled=mark.exists, now=now)
        if prepare:
            prepare(ctx)
        try:
            with db.for_run(run_id):
                outcome = _attempt(operation, params, ctx, recorder)
        finally:
            mark.unlink(missing_ok=True)
        _close(outcome, recorder, run_id, ctx.now())
    return outcome


def _attempt(operation: Operation, params: Any, ctx: Context, recorder: _Recorder) -> Outcome:
    outcome = Outcome("failed", ctx.run_id or 0, lines=recorder.lines, done=ctx.committed)
    try:
        # the database guards it; here it is said before the work (a stored file may be written again)
        if operation.month and not getattr(params, "existing", False):
            closing.refuse(str(getattr(params, "period", "") or ""))
        outcome.result = operation.run(ctx, params)
        outcome.kind = "partial" if outcome.result.partial else "ok"
    except NeedsConfirmation as question:
        outcome.kind, outcome.error = "question", question
    except OmsError as error:
        outcome.kind, outcome.error = "refused", error
        for line in (str(error), *error.details):
            ctx.log(line, level="error")
    except Aborted:
        outcome.kind = "aborted"
        ctx.log(f"Операция прервана оператором. {_state(ctx)}", level="warning")
    except OSError as error:
        outcome.kind, outcome.error = "refused", _os_error(error)
        ctx.log(str(outcome.error), level="error")
    except Exception:  # the only place: a bug becomes an outcome, its traceback goes to the log file
        log.exception("run %s (%s) failed", ctx.run_id, operation.id)
        ctx.log(
            f"Внутренняя ошибка программы (выполнение {ctx.run_id}). {_state(ctx)}",
            level="error",
        )
    if outcome.kind == "refused" and ctx.committed:
        outcome.kind = "partial"
        ctx.log(done_text(ctx.committed), level="warning")
    return outcome


def _state(ctx: Context) -> str:
    """What an unfinished operation leaves behind."""
    if ctx.committed:
        return done_text(ctx.committed)
    return db.WRITTEN if journal.written(ctx.run_id or 0) else "Данные не изменены."


def _os_error(error: OSError) -> OmsError:
    import errno

    place = error.filename or "диск"
    if error.errno == errno.ENOSPC:
        return OmsError(f"Кончилось место на диске ({place}).", hint="Освободите место и повторите.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return OmsError(f"Нет доступа: {place}.", hint="Выберите другую папку или спросите администратора.")
    if error.errno == errno.ENOENT:
        return OmsError(f"Не найдено: {place}.", hint="Проверьте путь.")
    return OmsError(f"{place}: {reason_of(error)}.", hint="Исправьте это и повторите.")


def _outcome_json(outcome: Outcome) -> dict[str, Any]:
    """The last line of a run file."""
    error = outcome.error
    return {
        "event": "outcome",
        "kind": outcome.kind,
        "message": " ".join([error.msg, *([done_text(outcome.done)] if outcome.done else [])])
        if error
        else outcome.message,
        "hint": error.hint if error else "",
        "details": list(error.details) if error else [],
    }


def _not_started(outcome: Outcome, run_file: Path) -> Outcome:
    """Tell whoever follows the run file why there is nothing to follow («занято», no right)."""
    recorder = _Recorder(run_file, lambda event: None)
    recorder.write(_outcome_json(outcome))
    recorder.close()
    return outcome


def _close(outcome: Outcome, recorder: _Recorder, run_id: int, at: str) -> None:
    recorder.write(_outcome_json(outcome))
    recorder.close()
    try:
        if outcome.kind == "question" and not outcome.done:
            journal.forget(run_id)
            return
        kind = "partial" if outcome.kind == "question" else outcome.kind  # asked after a part was done
        journal.finish(run_id, kind, outcome.message, at, recorder.lines, recorder.files)
    except OmsError as error:
        # what is done is done, whatever the disk says to the journal: the next start closes the row
        log.warning("run %s is not closed in the journal: %s", run_id, error)


def _not_allowed(operation: Operation, role: Role) -> Outcome:
    need = {"operator": "оператор", "senior": "старший оператор"}[operation.role]
    error = OmsError(
        f"«{operation.title}»: недостаточно прав (ваша роль — {role.value}).",
        hint=f"Нужна роль «{need}»: её даёт старший оператор (omstui operator set ЛОГИН {operation.role}).",
    )
    return Outcome("refused", error=error)


def current_user() -> str:
    """OS login of the operator."""
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid{os.getuid()}"
