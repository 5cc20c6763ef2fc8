"""The return of МЭК (стенд, возврат МЭК): a table b… per payer, or the file sent with SANK."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

from omstui.domain.atomicfile import write_file
from omstui.domain.errors import UsageError
from omstui.domain.model import Period
from omstui.domain.money import kopecks
from omstui.formats import dbfnames, mekdbf
from omstui.formats.layouts.dbf_mek import MEK as TABLE
from omstui.formats.layouts.dbf_mek import NUMBER_OF_POINT, POINT_OF_NUMBER
from omstui.formats.mekwriter import return_name, write_return
from omstui.formats.mekxml import Sanction
from omstui.settings import InsurerSettings, Settings
from omstui.stand.decide import Order
from omstui.stand.mosobl_bill import Bill, Case, Detail, details
from omstui.stand.mosobl_plan import BillPlan
from omstui.stand.written import MEK, Written

#: point → what the stand says, by kind of decision
_GROUNDS: dict[str, dict[str, str]] = {
    "full": {
        "1.4.4.": "Некорректное заполнение полей реестра счетов",
        "1.6.1.": "Вид помощи не входит в программу ОМС",
        "1.10.2.": "Дублирование случая в одном реестре",
        "1.10.3.": "Стоимость услуги учтена в тарифе другой услуги",
        "1.10.4.": "Стоимость услуги включена в норматив на прикреплённых",
        "1.10.5.": "Амбулаторная помощь в период стационара",
    },
    "part": {
        "1.4.5.": "Тариф применён неверно",
        "1.10.3.": "Стоимость услуги учтена в тарифе другой услуги",
    },
    "mee": {
        "2.16.1.": "Дефекты оформления медицинской документации",
        "2.17.": "Даты в документации не соответствуют счёту",
    },
    "ekmp": {
        "3.2.1.": "Не выполнены необходимые вмешательства",
        "3.6.": "Госпитализация без показаний",
    },
}
#: S_TIP since 25.05.2021 and before (F006)
_NEW_LIST = date(2021, 5, 25)
_TIPS = {"mee": ("50", "20"), "ekmp": ("70", "30")}
_EXPERT = "50000001"


@dataclass(frozen=True, slots=True)
class Cut:
    """One ground of one case, with what it takes off."""

    point: str
    number: str
    tip: str
    total: int
    comment: str
    act: str
    act_date: str
    service: str
    expert: str


# --- the table ---------------------------------------------------------------------------------


def write_dbf(plans: Sequence[BillPlan], out: Path, settings: Settings, seed: int) -> list[Written]:
    """Write a b… per payer: refusals of all its registries, named by the latest month of them.

    A registry with no refusal at all is listed as accepted (OPLATA 1): else nothing would tell that it
    was looked at.
    """
    by_payer: dict[str, list[BillPlan]] = {}
    for plan in plans:
        by_payer.setdefault(plan.bill.payer.code, []).append(plan)
    return [_table(group, out, settings, seed) for _, group in sorted(by_payer.items())]


def _table(plans: list[BillPlan], out: Path, settings: Settings, seed: int) -> Written:
    payer = plans[0].bill.payer
    period = max(plan.bill.period for plan in plans)
    if not payer.letter:
        raise UsageError(f"У плательщика {payer.code} нет буквы: укажите её в настройках.")
    mo = settings.mo.code_local or settings.mo.code or plans[0].bill.mo
    path = out / str(dbfnames.build_mek(mo, payer.letter, period))
    act = _Act(payer, period, seed)
    rows = (row for plan in plans for row in _rows(plan, act, mo))
    numbered = ((number, *row[1:]) for number, row in enumerate(rows, 1))
    listed = mekdbf.write_mek(path, numbered, act.day).count
    return _written(path, payer, plans, act, listed)


def _rows(plan: BillPlan, act: _Act, mo: str) -> Iterator[tuple[Any, ...]]:
    bill = plan.bill
    clean = not plan.control
    known = details(bill, {case.idcase for case in bill.cases} if clean else set(plan.control))
    for case in bill.cases:
        cuts = _cuts(plan, case, act)
        taken = sum(cut.total for cut in cuts)
        if clean:
            common = _common(bill, case, known[case.idcase], mo)
            yield TABLE.row(**common, OPLATA=mekdbf.PAID, S_SUM=0, NUM_ACT=act.number, DATE_ACT=act.day)
        for cut in cuts:
            common = _common(bill, case, known[case.idcase], mo)
            yield TABLE.row(
                **common, IDSERV=cut.service,
                OPLATA=mekdbf.REFUSED if taken >= case.total else mekdbf.PARTLY,
                S_OSN=cut.point or cut.number, S_SUM=cut.total, S_COM=cut.comment, NUM_ACT=cut.act,
                DATE_ACT=cut.act_date,
            )  # fmt: skip


def _common(bill: Bill, case: Case, detail: Detail, mo: str) -> dict[str, Any]:
    """Fields that tell which case it is."""
    surname, name, patronymic, born = detail.person
    return {
        "MCOD": mo, "PLAT": bill.plat or bill.payer.code, "YEAR": bill.period.year,
        "MONTH": bill.period.month, "NSCHET": bill.nschet, "DSCHET": bill.dschet, "IDCASE": case.idcase,
        "NHISTORY": case.card, "FAM": surname, "IM": name, "OT": patronymic, "DR": born,
        "ENP": detail.enp[:16], "CODE_USL": detail.service, "DATE_1": detail.date_in,
        "DATE_2": detail.date_out, "DS1": detail.diagnosis, "SUMV": case.total,
    }  # fmt: skip


# --- XML ---------------------------------------------------------------------------------------


def write_xml(plans: Sequence[BillPlan], out: Path, settings: Settings, seed: int) -> list[Written]:
    """Write the file of cases back with OPLATA, SUMP and SANK, one per registry."""
    return [_document(plan, out, seed) for plan in plans]


def _document(plan: BillPlan, out: Path, seed: int) -> Written:
    bill = plan.bill
    name = return_name(bill.name)
    path = out / f"{name}.xml"
    # HM500101S50001_21121 → «/H1»
    letters, package = bill.name.partition("M")[0], bill.name.rpartition("_")[2][4:]
    act = _Act(bill.payer, bill.period, seed, f"/{letters}{package}")
    known = details(bill, set(plan.control))
    cases = {case.idcase: case for case in bill.cases if case.idcase in plan.control}

    def decide(idcase: str, billed: int) -> list[Sanction]:
        case = cases.get(idcase)
        return _sanctions(_cuts(plan, case, act), known[idcase]) if case else []

    def fill(stream: IO[bytes]) -> None:
        write_return(bill.cases_part, stream, name, decide)

    write_file(path, fill, overwrite=True)
    return _written(path, bill.payer, [plan], act, len(bill.cases))


def _sanctions(cuts: list[Cut], detail: Detail) -> list[Sanction]:
    return [
        Sanction(
            code=str(number), total=cut.total, tip=cut.tip, osn=cut.number or cut.point,
            sl_ids=detail.sl_ids if cut.total else (), act_date=cut.act_date, act_number=cut.act,
            experts=(cut.expert,) if cut.expert else (), comment=cut.comment,
        )
        for number, cut in enumerate(cuts, 1)
    ]  # fmt: skip


# --- what is taken off -------------------------------------------------------------------------


class _Act:
    """The act of the control: its number and its day, for a payer and a month.

    Returns of several registries are several acts, told apart by ``part``: the same act loaded again
    replaces itself.
    """

    def __init__(self, payer: InsurerSettings, period: Period, seed: int, part: str = "") -> None:
        self.seed = seed
        self.day = period.end + timedelta(days=12)
        rng = random.Random(f"{seed}|act|{payer.code}|{period}")
        self.number = f"М-{rng.randint(1, 99_999)}{part}"


def _cuts(plan: BillPlan, case: Case, act: _Act) -> list[Cut]:
    """Grounds of a case; together they never take more than was billed."""
    cuts: list[Cut] = []
    left = case.total
    for order in plan.control.get(case.idcase, ()):
        rng = random.Random(f"{act.seed}|mek|{plan.bill.name}/{case.idcase}|{len(cuts)}")
        total = min(_total(order, case.total, rng), left)
        left -= total
        cuts.append(_cut(order, total, rng, act))
    return cuts


def _total(order: Order, billed: int, rng: random.Random) -> int:
    if "sum" in order.data:
        return kopecks(order.data["sum"])
    if order.kind == "full":
        return billed
    # a part that is neither nothing nor the whole, while kopecks allow it
    return max(min(1, billed), billed * rng.randint(10, 60) // 100)


def _cut(order: Order, total: int, rng: random.Random, act: _Act) -> Cut:
    point, text = rng.choice(list(_GROUNDS[order.kind].items()))
    if order.code:
        point, number = _ground(order.code)
        text = _GROUNDS[order.kind].get(point, "Снято по плану стенда")
    else:
        number = NUMBER_OF_POINT[point]
    day = order.data.get("act_date", str(act.day))
    new, old = _TIPS.get(order.kind, ("1", "1"))
    tip = new if date.fromisoformat(day) >= _NEW_LIST else old
    expert = order.data.get("expert", _EXPERT if order.kind == "ekmp" else "")
    return Cut(
        point, number, tip, total, order.comment or text, order.data.get("act", act.number), day,
        order.data.get("service", ""), expert,
    )  # fmt: skip


def _ground(code: str) -> tuple[str, str]:
    """(point, number of F014) of a code written either way; what no table has stays as it is."""
    if code in POINT_OF_NUMBER:
        return POINT_OF_NUMBER[code], code
    dotted = f"{code.rstrip('.')}."
    return (dotted, NUMBER_OF_POINT[dotted]) if dotted in NUMBER_OF_POINT else ("", code)


def _written(
    path: Path, payer: InsurerSettings, plans: Sequence[BillPlan], act: _Act, listed: int
) -> Written:
    cases = total = refused = cut_off = full = partly = 0
    for plan in plans:
        cases += len(plan.bill.cases)
        total += plan.bill.total
        for case in plan.bill.cases:
            if cuts := _cuts(plan, case, act):
                taken = sum(cut.total for cut in cuts)
                refused += 1
                cut_off += taken
                full += taken >= case.total
                partly += taken < case.total
    return Written(
        path, MEK, payer.code, payer.letter, cases, listed, total, refused, cut_off, 0, 0,
        f"полностью {full}, частично {partly}",
    )  # fmt: skip
