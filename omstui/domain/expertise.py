"""Expertise (экспертиза): which criteria with which values, over registries or one case after its save."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from omstui.domain.criteria import own
from omstui.domain.criteria.catalog import Choice, all_criteria, bound, choose
from omstui.domain.criteria.model import Criterion
from omstui.domain.errors import OmsError, UsageError, place_of, reason_of
from omstui.domain.model import SEVERITY_TITLES
from omstui.domain.store import config, db, expertise, findings
from omstui.domain.store.cases import FIELDS
from omstui.settings import OwnCriterion, Settings, build, read_text


def choice(settings: Settings) -> Choice:
    """The criteria that are on by the settings, with the region's own; UsageError names what is wrong."""
    mine = settings.criteria
    return choose(
        on=mine.on, off=mine.off, severity=mine.severity, params=mine.params, own=own.criteria(mine.own)
    )


def values(settings: Settings, chosen: Choice, today: str) -> dict[str, Any]:
    """What conditions take by name: parameters, this organisation, this day."""
    return {
        **bound(chosen.params),
        "today": today,
        "mo": settings.mo.code,
        "home_okato": settings.fund.okato[:5],
        "home_region": settings.fund.code[:2],
        "level": settings.rules.tariff_level,
    }


def check_registries(
    registries: Sequence[int],
    *,
    at: str,
    run: int = 0,
    tick: Callable[[int], None] = lambda done: None,
) -> dict[str, expertise.Outcome]:
    """Check the registries and put the findings in place of the earlier ones, in one transaction."""
    settings = config.load_settings()
    chosen = choice(settings)
    outcomes: dict[str, expertise.Outcome] = {}

    def save(checking: expertise.Checking) -> None:
        with db.write():
            expertise.save_registries(checking, registries, run=run, at=at)
        outcomes.update(checking.outcomes)

    expertise.check(
        chosen.criteria,
        values(settings, chosen, at[:10]),
        registries=registries,
        tick=tick,
        save=save,
    )
    return outcomes


def check_saved(case_ids: Sequence[int], *, at: str = "") -> None:
    """The silent check after a save: findings of these cases anew, in the transaction of the save.

    A case that stands in a registry not yet exported is checked inside it, any other by itself.
    """
    at = at or datetime.now().strftime("%Y-%m-%d %H:%M:%S")
    settings = config.load_settings()
    if not settings.criteria.check_on_save:
        return
    chosen = choice(settings)
    for registry, cases in findings.homes(case_ids).items():
        expertise.check(
            chosen.criteria,
            values(settings, chosen, at[:10]),
            cases=cases,
            registry=registry,
            save=_saving(cases, registry, at),
        )


def _saving(cases: Sequence[int], registry: int | None, at: str) -> Callable[[expertise.Checking], None]:
    def save(_: expertise.Checking) -> None:
        with db.write():
            expertise.save_cases(cases, registry, at=at)

    return save


def refuse_wrong(settings: Settings) -> None:
    """Refuse criteria of the settings that cannot be used: unknown codes, wrong conditions. OmsError."""
    chosen = choice(settings)
    known = values(settings, chosen, "2000-01-01")
    for criterion in chosen.criteria:
        if criterion.own:
            _refuse_field(criterion)
            why = expertise.condition_problem(criterion, known)
            if why:
                raise OmsError(
                    f"Свой критерий «{criterion.code}»: {why}.",
                    hint="Поля случая и услуги перечислены в docs/criteria.md.",
                )


def _refuse_field(criterion: Criterion) -> None:
    """Refuse a field that no card has: the finding would stand nowhere."""
    table, dot, name = criterion.field.rpartition(".")
    known = FIELDS.get(table or "case", frozenset()) - {"extra"}
    if not criterion.field or ".extra." in criterion.field or name in known:
        return
    listed = sorted(f"{table}{dot}{name}" for name in known) or sorted(FIELDS["case"] - {"extra"})
    near = difflib.get_close_matches(criterion.field, listed, 1)
    more = "" if known and table else ", а также patient.…, policy.…, service.…"
    advice = f"возможно, «{near[0]}»" if near else f"есть: {', '.join(listed)}{more}"
    raise OmsError(
        f"Свой критерий «{criterion.code}»: поля «{criterion.field}» в карточке случая нет ({advice}).",
        hint="Поле (field) — то, рядом с которым встанет замечание; без него замечание — о случае в целом.",
    )


@dataclass(frozen=True, slots=True)
class CaseFinding:
    """A finding as the card of a case shows it; ``field`` is the name of a field of the card, '' = none."""

    code: str
    title: str
    why: str
    severity: str
    message: str
    service_id: int | None
    service: int | None
    field: str
    registry_id: int | None = None

    @property
    def grade(self) -> str:
        return SEVERITY_TITLES[self.severity]

    @property
    def text(self) -> str:
        """What stands beside the field: what was found and what would be right."""
        return f"{self.code} {self.message or self.title}"


def findings_of(case_id: int) -> list[CaseFinding]:
    """Findings of the newest check of a case, errors first."""
    rows = findings.of_case(case_id)
    if not rows:
        return []
    known = known_criteria(config.load_settings())
    out = [_case_finding(row, known[row.code]) for row in rows if row.code in known]
    return sorted(out, key=lambda f: (f.severity != "error", f.code, f.service or 0))


def _case_finding(row: findings.FindingRow, criterion: Criterion) -> CaseFinding:
    place = criterion.field_of(row.message)
    if place and "." not in place:
        place = f"case.{place}"
    return CaseFinding(
        row.code,
        criterion.title,
        criterion.why,
        criterion.severity,
        row.message,
        row.service_id,
        row.service,
        "" if place.startswith("service.") else place,
        row.registry_id,
    )


def known_criteria(settings: Settings) -> dict[str, Criterion]:
    """Every criterion by its code, as the settings grade them, the region's own among them."""
    mine = settings.criteria
    made = all_criteria() | {c.code: c for c in own.criteria(mine.own)}
    graded = {c.code: c for c in choice(settings).criteria}
    return dict(sorted((made | graded).items()))


def titles(settings: Settings) -> dict[str, str]:
    """Code → title of every criterion."""
    return {code: criterion.title for code, criterion in known_criteria(settings).items()}


def read_own(path: Path) -> list[dict[str, Any]]:
    """[[criteria]] of a TOML file; UsageError names what is wrong before anything is stored."""
    try:
        data = tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"Файл критериев {path} не читается: {reason_of(error)}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"Файл критериев {path}: ошибка записи TOML ({place_of(error)}).") from error
    rows = data.get("criteria")
    if not isinstance(rows, list) or not all(isinstance(r, dict) for r in rows) or set(data) != {"criteria"}:
        raise UsageError(f"Файл критериев {path}: нужны разделы [[criteria]] и ничего кроме них.")
    own.criteria(tuple(build(OwnCriterion, row, str(path)) for row in rows))
    return rows
