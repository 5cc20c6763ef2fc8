"""What the screen «Случай» reads: the card with the refusals and reasons that concern it."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.model import Period
from omstui.domain.money import spaced
from omstui.domain.store import case_path, cases, db, forming, rejections
from omstui.domain.store.cases import CaseCard
from omstui.domain.store.rejections import RefusalRow
from omstui.screens.case_fields import REFUSED_FIELDS, SKIPPED_FIELDS
from omstui.screens.sources import refusal_kind


@dataclass(frozen=True, slots=True)
class CaseView:
    """A card, findings beside its fields, one line for the band, lines for the tab «Отказы»."""

    card: CaseCard
    findings: dict[str, str]
    band: str
    lines: list[str]


def read_view(case_id: int) -> CaseView:
    """Everything about one case; OmsError when there is none."""
    with db.connection():
        card = cases.read_case(case_id)
        accounts = case_path.accounts(case_id)
        refusals = rejections.of_account(accounts[-1].id) if accounts else []
        older = [row for a in accounts[:-1] for row in rejections.of_account(a.id)]
        skips = forming.case_skips(case_id)
    findings: dict[str, str] = {}
    for row in refusals:
        if row.refuses and (name := REFUSED_FIELDS.get(row.kind)):
            findings.setdefault(name, f"отказ {row.code}: {row.text}")
    for _, code, reason, _ in skips:
        if name := SKIPPED_FIELDS.get(code):
            findings.setdefault(name, reason)
    return CaseView(card, findings, _band(card, refusals, skips), _lines(refusals, older, skips))


_Skip = tuple[str, str, str, bool]


def _band(card: CaseCard, refusals: list[RefusalRow], skips: list[_Skip]) -> str:
    if card.case["deleted_at"]:
        return "!Случай удалён. Вернуть его — F9."
    if refusals:
        row = refusals[-1]
        more = f" и ещё {len(refusals) - 1}" if len(refusals) > 1 else ""
        return (
            f"!Отказ{more}, стадия {row.stage}: {refusal_kind(row.kind)} {row.code} {row.text} {row.comment}"
        )
    if skips:
        return f"!Не вошёл в реестр ({Period.parse(skips[0][0]).title}): {skips[0][2]}"
    return f"Выгружен: {card.locked}" if card.locked else ""


def _lines(refusals: list[RefusalRow], older: list[RefusalRow], skips: list[_Skip]) -> list[str]:
    lines: list[str] = []
    for title, rows in (("Отказы", refusals), ("Отказы прежних счетов", older)):
        if rows:
            lines.append(f"#{title}")
            for row in rows:
                head = f"стадия {row.stage}, СМО {row.smo}, {refusal_kind(row.kind)} {row.code}"
                lines.append(f"{head}, {spaced(row.sum)}, {row.state or 'без работы'}")
                lines += [f"  {text}" for text in (row.text, row.comment) if text]
            lines.append("")
    if skips:
        lines.append("#Не вошёл в реестр")
        for period, code, reason, test in skips:
            lines.append(f"{Period.parse(period).title}{', тест' if test else ''}: {code} {reason}")
    return lines or ["Отказов не было, причин остаться вне реестра нет."]


def others_with_policy(card: CaseCard) -> int:
    """How many more cases of the patient have this policy."""
    if not card.policy:
        return 0
    with db.connection():
        found = cases.cases_with_policy(int(card.patient["id"]), int(card.policy["id"]))
    return sum(1 for case_id in found if case_id != card.case["id"])
