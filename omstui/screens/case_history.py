"""F3 «Путь случая» (case history): registries, files, answers, codes, corrections, next registry."""

from __future__ import annotations

import asyncio
from typing import Any

from omstui.domain import case_path
from omstui.domain.model import STAGE_TITLES, Period
from omstui.domain.money import kopecks, spaced
from omstui.domain.store import case_path as store
from omstui.domain.store import db
from omstui.front import Front
from omstui.keys import Key
from omstui.screens.reading import ReadingScreen
from omstui.screens.sources import day, refusal_kind


class CaseHistoryScreen(ReadingScreen):
    """The whole path of a case on one screen that scrolls."""

    HEADING = "Путь случая"
    ABOUT = "Всё, что было со случаем: загрузка, реестры, файлы, ответы, отказы, исправления, возврат."
    KEYS = (Key("edit", title="Открыть случай", help="открывает случай для исправления"),)

    def __init__(self, services: Front, case_id: int) -> None:
        self.case_id = case_id
        super().__init__(services)

    async def _reading(self) -> None:
        path = await asyncio.to_thread(_read, self.case_id)
        self._subject = path["key"]
        self._text.show(path_lines(path))
        self.refresh_head()

    def do_edit(self) -> None:
        from omstui.screens.case import CaseScreen

        self.app.push_screen(CaseScreen(self.services, case_id=self.case_id))


def _read(case_id: int) -> dict[str, Any]:
    with db.connection():
        head = store.by_id(case_id)
        return case_path.read(f"{head.key}#{head.dup}")


def path_lines(path: dict[str, Any]) -> list[str]:
    """The path as text: state, accounts, refusals, events in order of time."""
    lines = [f"#{path['patient']}, {day(path['birth_date'])}", f"Состояние: {path['state']}", "", "#Счета"]
    for account in path["accounts"]:
        lines += _account_lines(account)
    if not path["accounts"]:
        lines.append("в реестры ещё не входил")
    if path["refusals"]:
        lines += ["", "#Отказы"]
        for row in path["refusals"]:
            old = "" if row["active"] else " (не действует)"
            text = " — ".join(part for part in (row["text"], row["comment"]) if part)
            road = STAGE_TITLES.get(row["stage"], "")
            kind = refusal_kind(row["kind"]) if row["stage"] in (1, 2) else ""
            payer = f", СМО {row['smo']}" if row["smo"] else ""
            reason = " ".join(filter(None, (kind, row["code"])))
            head = f"{road}{payer}{': ' if reason else ''}{reason}{old}"
            lines += [head, f"  {text}"] if text else [head]
    lines += ["", "#События"]
    for event in path["events"]:
        who = f" {event['who']}:" if event["who"] else ""
        detail = f" — {event['detail']}" if event["detail"] else ""
        lines.append(f"{day(event['at']):<16}{who} {event['what']}{detail}")
    return lines


def _account_lines(account: dict[str, Any]) -> list[str]:
    test = ", тест" if account["test"] else ""
    month = Period.parse(account["period"]).title
    total = spaced(kopecks(account["sum"]))
    number = f"№ {account['number']}, " if account["number"] else ""
    lines = [f"{month}{test}: {number}{total}, СМО {account['smo'] or 'нет'} — {account['state']}"]
    lines.append(f"  счёт {account['account']}")
    parts = [account["package"], account["reformed"]]
    if files := ", ".join(part for part in parts if part):
        lines.append(f"  файлы {files}")
    if account["previous"]:
        lines.append(f"  вместо счёта {account['previous']}")
    return lines
