"""The training database and the whole month without a screen (учебная база, учебный месяц).

``omstui demo`` makes a database with the training input loaded; ``--headless`` then works two months
through on it, with the stand playing the fund, and prints what an operator would read.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from omstui.bootstrap import Services, open_services
from omstui.demo import month_a, month_b, regions, steps
from omstui.demo.steps import Say
from omstui.domain.setup import create_database
from omstui.domain.store import db
from omstui.resources import data_dir
from omstui.settings import Settings, database_path, read_settings

_CASES = 300


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
    steps.do(services, say, "nsi-load", paths=sorted(str(p) for p in (source / "books").glob("*.csv")))
    for folder in sorted(source.glob("20*-*")):
        steps.do(services, say, "load", allow=("ok", "partial"), paths=[str(folder)])


def month(services: Services, settings: Settings, folder: Path, say: Say) -> int:
    """Two consecutive months against the stand; returns 0 when both ledgers balance."""
    region = month_b if services.profile.one_registry else month_a
    balanced = region.months(services, settings, folder, say)
    steps.head(say, "Проверка базы")
    from omstui.domain.verify import verify

    with db.connection():
        problems = verify()
    for problem in problems:
        say(str(problem))
    say("База данных в порядке." if not problems else f"Замечаний: {len(problems)}.")
    return 0 if balanced and not problems else 1


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _quiet(text: str) -> None:
    return None
