"""What the screen «Случай» reads: the card with the refusals and reasons that concern it."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.expertise import CaseFinding, findings_of
from omstui.domain.model import STAGE_TITLES, Period
from omstui.domain.money import spaced
from omstui.domain.store import case_path, cases, db, findings, forming, rejections
from omstui.domain.store.cases import CaseCard
from omstui.domain.store.rejections import RefusalRow
from omstui.screens.case_fields import REFUSED_FIELDS, SKIPPED_FIELDS
from omstui.screens.sources import refusal_kind, refusal_road


@dataclass(frozen=True, slots=True)
class CaseView:
    """A card, findings beside its fields, one line for the band, lines for the tab «Замечания и отказы»."""

    card: CaseCard
    findings: dict[str, str]
    band: str
    lines: list[str]
    found: tuple[CaseFinding, ...] = ()

    def of_service(self, service_id: int | None) -> list[CaseFinding]:
        """Findings of the expertise on one service."""
        return [row for row in self.found if service_id and row.service_id == service_id]


def read_view(case_id: int) -> CaseView:
    """Everything about one case; OmsError when there is none."""
    with db.connection():
        card = cases.read_case(case_id)
        accounts = case_path.accounts(case_id)
        refusals = rejections.of_account(accounts[-1].id) if accounts else []
        older = [row for a in accounts[:-1] for row in rejections.of_account(a.id)]
        skips = forming.case_skips(case_id)
        found = findings_of(case_id)
    beside: dict[str, str] = {}
    current = [row for row in refusals if row.state_of_answer == "active"]
    for row in current:
        if row.refuses and (name := REFUSED_FIELDS.get(row.kind)):
            beside.setdefault(name, f"отказ {row.code}: {row.text}")
    for _, code, reason, _ in skips:
        if name := SKIPPED_FIELDS.get(code):
            beside.setdefault(name, reason)
    for finding in found:
        before = beside.get(finding.field, "")
        if finding.field and before.startswith(f"{finding.code} ") and finding.message:
            beside[finding.field] = f"{before}; {finding.message}"  # of two wrong diagnoses both are named
        elif finding.field:
            beside.setdefault(finding.field, finding.text)
    band = _band(card, current, skips) or _found_band(found)
    told = _found_lines(found) + _lines(refusals, older, skips)
    return CaseView(card, beside, band, told or [_CLEAN], tuple(found))


_CLEAN = "Замечаний и отказов нет, причин остаться вне реестра тоже."


def _found_band(found: list[CaseFinding]) -> str:
    if not found:
        return ""
    more = f" (всего замечаний: {len(found)})" if len(found) > 1 else ""
    return f"!Экспертиза{more}: {found[0].text}"


def service_band(found: list[CaseFinding]) -> str:
    """What the expertise says of the service under the cursor."""
    return "!Услуга: " + "; ".join(row.text for row in found) if found else ""


def _found_lines(found: list[CaseFinding]) -> list[str]:
    if not found:
        return []
    lines = ["#Замечания экспертизы"]
    for row in found:
        place = f", услуга {row.service}" if row.service else ""
        lines += [f"{row.code} {row.grade}{place}: {row.title}"]
        lines += [f"  {text}" for text in (row.message, row.why) if text]
    return [*lines, ""]


_Skip = tuple[str, str, str, bool]


def _band(card: CaseCard, refusals: list[RefusalRow], skips: list[_Skip]) -> str:
    if card.case["deleted_at"]:
        return "!Случай удалён. Вернуть его — F9."
    if refusals:
        row = refusals[-1]
        more = f" и ещё {len(refusals) - 1}" if len(refusals) > 1 else ""
        return f"!Отказ{more}{refusal_road(row.stage, row.kind)} {row.code} {row.text} {row.comment}"
    if skips:
        return f"!Не вошёл в реестр ({Period.parse(skips[0][0]).title}): {skips[0][2]}"
    return f"Выгружен: {card.locked}" if card.locked else ""


def _lines(refusals: list[RefusalRow], older: list[RefusalRow], skips: list[_Skip]) -> list[str]:
    lines: list[str] = []
    for title, rows in (("Отказы", refusals), ("Отказы прежних счетов", older)):
        if rows:
            lines.append(f"#{title}")
            for row in rows:
                payer = f", СМО {row.smo}" if row.smo else ""
                kind = f", {refusal_kind(row.kind)}" if row.stage in (1, 2) else ""
                code = f"{' ' if kind else ', '}{row.code}" if row.code else ""
                head = f"{STAGE_TITLES.get(row.stage, '')}{payer}{kind}{code}"
                state = row.state or "без работы" if row.state_of_answer == "active" else "не действует"
                lines.append(f"{head}, {spaced(row.sum)}, {state}")
                lines += [f"  {text}" for text in (row.text, row.comment) if text]
            lines.append("")
    if skips:
        lines.append("#Не вошёл в реестр")
        for period, code, reason, test in skips:
            lines.append(f"{Period.parse(period).title}{', тест' if test else ''}: {code} {reason}")
    return lines


def others_with_policy(card: CaseCard) -> int:
    """How many more cases of the patient have this policy."""
    if not card.policy:
        return 0
    with db.connection():
        found = cases.cases_with_policy(int(card.patient["id"]), int(card.policy["id"]))
    return sum(1 for case_id in found if case_id != card.case["id"])


def neighbour(registry: int | None, code: str, case_id: int, step: int) -> int | None:
    """The next (1) or previous (-1) case of the registry with this finding."""
    with db.connection():
        return findings.neighbour(registry, code, case_id, step)
