"""Deletion of cases (удаление случая): soft, with history; a case that was sent stays."""

from __future__ import annotations

from dataclasses import dataclass

from omstui.domain.errors import OmsError
from omstui.domain.operation import Context, Result
from omstui.domain.store import cases, db


@dataclass(slots=True)
class Params:
    """``undo`` brings deleted cases back."""

    case_ids: list[int]
    undo: bool = False


def run(ctx: Context, params: Params) -> Result:
    """Delete or bring back; all of the cases or none."""
    if not params.case_ids:
        raise OmsError("Не выбрано ни одного случая.", hint="Отметьте случаи в списке.")
    cards = [cases.read_case(i) for i in ctx.track(params.case_ids, "Проверка случаев")]
    keys = [c.case["key"] for c in cards]
    if params.undo:
        ctx.confirm(f"Вернуть удалённые случаи: {len(cards)}?", details=keys[:20])
    else:
        sent = [f"{c.case['key']}: {c.locked}" for c in cards if c.locked]
        if sent:
            raise OmsError(
                f"Случаев, уже выгруженных в ТФОМС: {len(sent)}; удалить их нельзя.",
                hint="Отказанный случай снимите с работы («Снять») в «Анализе».",
                details=sent[:20],
            )
        ctx.confirm(f"Удалить случаи: {len(cards)}?", details=keys[:20])
    now = ctx.now()
    with db.write():
        for card in ctx.track(cards, "Удаление"):
            _mark(ctx, card, None if params.undo else now)
        cases.touched([c.case["id"] for c in cards], now)
        ctx.check()
    done = "Возвращено" if params.undo else "Удалено"
    return Result(f"{done} случаев: {len(cards)}.", {"cases": keys})


def _mark(ctx: Context, card: cases.CaseCard, at: str | None) -> None:
    case_id = int(card.case["id"])
    if bool(card.case["deleted_at"]) == bool(at):
        return
    if at and cases.sent_in(case_id):  # sent while the question was on the screen
        raise OmsError(f"Случай {card.case['key']} уже выгружен: {cases.sent_in(case_id)}.")
    cases.update("cases", case_id, {"deleted_at": at})
    cases.bump("cases", case_id)
    cases.add_edit(
        "case", case_id, "deleted_at", card.case["deleted_at"], at, ctx.now(), ctx.who, case_id=case_id
    )
