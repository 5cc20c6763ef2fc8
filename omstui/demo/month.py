"""The training database and the whole month without a screen (учебная база, учебный месяц).

``omstui demo`` makes a database with the training input loaded; ``--headless`` then works two months
through on it, with the stand playing the fund, and prints what an operator would read.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from omstui.bootstrap import Services, open_services
from omstui.cli import text
from omstui.demo import regions
from omstui.domain.errors import OmsError
from omstui.domain.operation import Event, LogLine
from omstui.domain.setup import create_database
from omstui.domain.store import db
from omstui.resources import data_dir
from omstui.settings import Settings, database_path, read_settings

_CASES = 300
FIRST, SECOND = "2021-04", "2021-05"
Say = Callable[[str], None]


def main(option: str | None, profile: str, cases: int, headless: bool) -> int:
    """Make the training database; with ``headless`` run and print both months. Returns an exit code."""
    path = database_path(option)
    with tempfile.TemporaryDirectory(prefix="omstui-demo-") as folder:
        source = data_dir() / "demo"
        region = regions.REGIONS.get(profile)
        if cases or (region and region.codes):  # the data beside the program are of the first region
            from omstui.demo.generator import generate

            source = Path(folder) / "input"
            generate(source, cases=cases or _CASES, profile=region.profile if region else "yar")
        settings = read_settings(source / "settings.toml")
        create_database(path, settings, profile)
        services = open_services(str(path))
        prepare(services, source, _say if headless else _quiet)
        if not headless:
            _say(f"Учебная база создана: {path}")
            return 0
        return month(services, settings, Path(folder), _say)


def prepare(services: Services, source: Path, say: Say) -> None:
    """Load the training reference books and cases."""
    do(services, say, "nsi-load", paths=sorted(str(p) for p in (source / "books").glob("*.csv")))
    for folder in sorted(source.glob("20*-*")):
        do(services, say, "load", allow=("ok", "partial"), paths=[str(folder)])


def month(services: Services, settings: Settings, folder: Path, say: Say) -> int:
    """Two consecutive months against the stand; returns 0 when both ledgers balance."""
    if services.profile.one_registry:
        from omstui.demo.month_b import months

        balanced = months(services, settings, folder, say)
    else:
        balanced = _months(services, settings, folder, say)
    head(say, "Проверка базы")
    from omstui.domain.verify import verify

    with db.connection():
        problems = verify()
    for problem in problems:
        say(str(problem))
    say("База данных в порядке." if not problems else f"Замечаний: {len(problems)}.")
    return 0 if balanced and not problems else 1


def _months(services: Services, settings: Settings, folder: Path, say: Say) -> bool:
    """The months of manual A: a test registry, then two main ones."""
    sent, answers = folder / "отправлено", folder / "ответы"
    sent.mkdir(exist_ok=True)
    answers.mkdir(exist_ok=True)
    head(say, f"Тестовый реестр, {FIRST}")
    do(services, say, "form", period=FIRST, test=True)
    do(services, say, "export", period=FIRST, out=str(sent / "тест"), test=True)
    _answer(settings, sent / "тест", answers / "тест", seed=1)
    do(services, say, "accept", paths=[str(answers / "тест")])
    do(services, say, "restore-tests", period=FIRST)
    balanced = True
    for number, period in enumerate((FIRST, SECOND), 1):
        head(say, f"Основной реестр, {period}")
        balanced &= _main_month(services, settings, period, sent, answers, say, seed=10 * number)
    return balanced


def _main_month(
    services: Services, settings: Settings, period: str, sent: Path, answers: Path, say: Say, seed: int
) -> bool:
    out, back = sent / period, answers / period
    do(services, say, "form", period=period)
    do(services, say, "check", period=period)
    do(services, say, "mes", period=period)
    do(services, say, "sequester", period=period)
    do(services, say, "export", period=period, out=str(out))
    do(services, say, "sent", period=period)
    _answer(settings, out, back / "1", seed=seed)
    do(services, say, "accept", paths=[str(back / "1")])
    do(services, say, "reform", period=period, all=True, out=str(out / "7"))
    do(services, say, "withhold", period=period, smo=settings.insurers[0].code, sum="100.00")
    _answer(settings, out / "7", back / "2", seed=seed + 1)
    do(services, say, "invoices", period=period, out=str(out))
    do(services, say, "accept", paths=[str(back / "2")])
    do(services, say, "return", period=period, all=True, unchanged=True)
    return show_status(services, period, say)


def show_status(services: Services, period: str, say: Say) -> bool:
    """Print the board and the ledger; True when it balances."""
    from omstui.domain import board

    with db.connection():
        data = board.read(period, services.profile, services.settings, services.now().date())
    say(text.board(data))
    return data.ledger.balanced


def do(
    services: Services, say: Say, op_id: str, *, allow: tuple[str, ...] = ("ok",), **params: Any
) -> dict[str, Any]:
    """Run one operation, saying its log; stops the month if it refuses."""

    def sink(event: Event) -> None:
        if isinstance(event, LogLine):
            say(f"{event.at} {event.text}")

    outcome = services.run(op_id, yes=True, sink=sink, **params)
    if outcome.kind not in allow:
        raise outcome.error or OmsError(f"Учебный месяц остановлен: {outcome.message}")
    assert outcome.result is not None
    say(outcome.result.message)
    return outcome.result.data


def _answer(settings: Settings, folder: Path, out: Path, *, seed: int) -> None:
    from omstui.stand.answers import answer

    answer(sorted(folder.glob("*.7z")), out, settings, seed=seed, refuse=0.05)


def head(say: Say, text: str) -> None:
    """A heading between the parts of the month."""
    say("")
    say(f"=== {text}")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _quiet(text: str) -> None:
    return None
