"""Protocol of refusals (протокол отказов): by stage and code, then by case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from omstui.domain.model import REFUSAL_KIND_TITLES, STAGE_TITLES, Period, RefusalKind, code_order
from omstui.domain.money import spaced
from omstui.domain.reports import kit
from omstui.domain.reports.model import Block, Cell, Column, Document, Lines, ReportDef, Table
from omstui.domain.store import reports_refusals as store

TITLE = "Протокол отказов"
CODES = (
    Column("stage", "Стадия", 14),
    Column("kind", "Вид", 13),
    Column("code", "Код", 10),
    Column("text", "Причина", 58),
    kit.count("accounts"),
    kit.money("total", "Сумма"),
)
_CODE = Column("code", "Код", 13)
_COMMENT = Column("comment", "Комментарий", 30)
CASES = (
    *(_CODE, *kit.short_columns(patient=22), Column("smo", "СМО", 6), kit.money("total", "Сумма", 13)),
    *(Column("work", "Состояние", 9), _COMMENT),
)
#: what is only shown costs nothing and waits for nothing
FACTS = (_CODE, *kit.short_columns(patient=22), _COMMENT)


def build(period: str = "", smo: str = "") -> Document:
    """Refusals that came for a month, and facts that are only shown."""
    month = kit.Month.read(period)
    document = month.document(TITLE, landscape=True)
    blocks: list[Block] = []
    payers = month.payers(smo)
    for payer in payers if smo else [None]:
        found = list(_blocks(period, payer.id if payer else 0))
        if found and payer:
            blocks.append(Lines([f"#СМО {kit.payer_title(payer)}"]))
        blocks += found
    return kit.filled(document, blocks)


def code_text(kind: str, code: str) -> str:
    """«полис 1», «МЭК 1.4.4.»: codes of several kinds are alike."""
    title = "идент." if kind == RefusalKind.IDENT else REFUSAL_KIND_TITLES.get(kind, kind)
    return f"{title} {code}".strip()


def _blocks(period: str, payer: int) -> Iterator[Block]:
    codes = sorted(
        store.codes(period, payer), key=lambda r: (r.stage, not r.hard, r.kind, code_order(r.code), r.code)
    )
    if not codes:
        return
    yield Lines(_totals(period, payer) or ["Отказов нет."])
    for hard, title in ((True, "Отказы по кодам"), (False, "Замечания без отказа")):
        rows: list[Sequence[Cell]] = [
            (
                STAGE_TITLES.get(r.stage, ""), REFUSAL_KIND_TITLES.get(r.kind, r.kind), r.code, r.text,
                r.accounts, r.total if r.hard else None,
            )
            for r in codes
            if r.hard is hard
        ]  # fmt: skip
        if rows:  # an account may stand under several codes: no totals
            yield Table(CODES, rows, title=title, totals=False, count=len(rows))
    for stage in dict.fromkeys(r.stage for r in codes):
        for hard in (True, False):
            mine = [r for r in codes if r.stage == stage and r.hard is hard]
            if mine:
                yield _cases(period, payer, stage, hard, mine)


def _totals(period: str, payer: int) -> list[str]:
    """Each account once, and the month its bill is of when that is another one (МЭК)."""
    lines = []
    for row in store.totals(period, payer):
        words = "отказано счетов" if row.full else "снято частично, счетов"
        text = f"{_stage(row.stage)}: {words} {row.accounts} на сумму {spaced(row.total)}"
        if row.billed and row.billed != period:
            text += f" (по счетам за {Period.parse(row.billed).title})"
        lines.append(text)
    return lines


def _cases(period: str, payer: int, stage: int, hard: bool, codes: Sequence[store.CodeRow]) -> Block:
    keys = [f"{r.kind}|{r.code}" for r in codes]
    return Table(
        CASES if hard else FACTS,
        kit.Stream(partial(_rows if hard else _facts, period, payer, stage, keys)),
        title=f"{_stage(stage)}: {'отказы по случаям' if hard else 'замечания без отказа'}",
        group="code" if hard else "",
        totals=False,
        count=sum(r.accounts for r in codes),
    )


def _stage(stage: int) -> str:
    title = STAGE_TITLES.get(stage, "")
    return title[:1].upper() + title[1:]


def _rows(period: str, payer: int, stage: int, keys: Sequence[str]) -> Iterator[Sequence[Cell]]:
    for key, *cells in store.rows(period, stage, True, keys, payer):
        yield (code_text(*_split(key)), *cells)


def _facts(period: str, payer: int, stage: int, keys: Sequence[str]) -> Iterator[Sequence[Cell]]:
    for key, *cells, _smo, _total, _work, comment in store.rows(period, stage, False, keys, payer):
        yield (code_text(*_split(key)), *cells, comment)


def _split(key: str) -> tuple[str, str]:
    kind, _, code = key.partition("|")
    return kind, code


REPORT = ReportDef(
    "refusals",
    TITLE,
    "Отказы, пришедшие за месяц: по стадиям и кодам, затем по случаям.",
    build,
    (kit.PERIOD, kit.SMO),
)
