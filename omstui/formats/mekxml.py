"""Return of the control in federal XML (возврат МЭК): the file we sent with OPLATA, SUMP and SANK added.

SANK is read at Z_SL (since 3.1) and inside SL (3.0 and some funds), acts under DATE_ACT / NUM_ACT and
DATE_AKT / NUM_AKT. What the figures contradict each other in comes as sentences beside the case; the
decision to refuse the file is the domain's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from omstui.domain.money import roubles
from omstui.formats.federal import Part, check_root, read_header, walk
from omstui.formats.layouts.dbf_mek import NUMBER_OF_POINT, POINT_OF_NUMBER
from omstui.formats.source import SourceProblem
from omstui.formats.values import BadValue, date_value, money_value

Node = Any

MEK, MEE, EKMP = "МЭК", "МЭЭ", "ЭКМП"
FULL, NONE, PART = 1, 2, 3  # OPLATA: paid whole, refused whole, refused in part
_TOTALS = {MEK: "SANK_MEK", MEE: "SANK_MEE", EKMP: "SANK_EKMP"}
#: no text of the format is longer
_LONGEST = 1000


def control_of(tip: str) -> str:
    """Kind of control by S_TIP (F006): МЭК, МЭЭ or ЭКМП, «» for a number no book has."""
    number = int(tip) if tip.isdecimal() and len(tip) < 4 else 0
    if number in (1, 10, 11, 12):
        return MEK
    if number == 2 or 20 <= number <= 29 or 50 <= number <= 59:
        return MEE
    if number == 3 or 30 <= number <= 49 or 70 <= number <= 99:
        return EKMP
    return ""


@dataclass(frozen=True, slots=True)
class Sanction:
    """One SANK (санкция). ``sl_ids`` empty = it concerns every SL of the case."""

    code: str = ""
    total: int = 0  # kopecks
    tip: str = "1"
    osn: str = ""  # number of F014
    sl_ids: tuple[str, ...] = ()
    act_date: str = ""
    act_number: str = ""
    experts: tuple[str, ...] = ()
    comment: str = ""
    source: str = "1"  # S_IST

    @property
    def control(self) -> str:
        return control_of(self.tip)

    @property
    def point(self) -> str:
        """Point of the list of grounds («1.10.2.»), «» for what it has not; some payers write the point."""
        written = self.osn.rstrip(".") + "."
        return POINT_OF_NUMBER.get(self.osn) or (written if written in NUMBER_OF_POINT else "")


@dataclass(slots=True)
class ReturnCase:
    """One case of the return (случай возврата) with what is wrong in it."""

    position: str
    n_zap: str
    repeat: bool  # PR_NOV
    id_pac: str
    idcase: str
    sl_ids: tuple[str, ...]
    nhistory: str
    date_in: str
    date_out: str
    billed: int  # SUMV
    oplata: int  # 0 = not said
    accepted: int | None  # SUMP
    cut: int | None  # SANK_IT
    sanctions: tuple[Sanction, ...] = ()
    problems: list[str] = field(default_factory=list)

    @property
    def total_cut(self) -> int:
        return sum(s.total for s in self.sanctions)

    @property
    def over(self) -> bool:
        """More is taken off than was billed: product.md §11.12 refuses it."""
        return self.total_cut > self.billed or any(s.total > self.billed for s in self.sanctions)

    @property
    def decision(self) -> int:
        """OPLATA, or what the sums say when the payer left it out; 0 = nothing decided."""
        if self.oplata in (FULL, NONE, PART):
            return self.oplata
        cut = self.total_cut
        if not self.sanctions:
            return 0
        return NONE if cut >= self.billed else PART if cut else FULL


class ReturnFile:
    """A return opened for reading; cases come one at a time, any number of times."""

    def __init__(self, part: Part) -> None:
        """Read ZGLV and SCHET. Raises FormatError for a file that is no return."""
        check_root(part, "ZL_LIST")
        self._part = part
        self.name = part.name
        #: as ``federal.read_header``: code_mo, year, month, nschet, dschet, plat, filename, letter …
        self.header: dict[str, Any] = read_header(part)
        self.header.setdefault("year", 0)
        self.header.setdefault("month", 0)
        #: what the totals of the file contradict; whole after ``cases`` ran to its end
        self.problems: list[str] = []
        self.unknown: Counter[str] = Counter()

    def cases(self) -> Iterator[ReturnCase | SourceProblem]:
        """Yield the cases; a record that cannot be read comes as SourceProblem."""
        self.problems.clear()
        sums: Counter[str] = Counter()
        for number, node in enumerate(walk(self._part, ("ZAP",), "ZL_LIST"), 1):
            n_zap = _text(node, "N_ZAP")
            place = f"ZAP {n_zap or number}"
            finished = node.findall("Z_SL")
            if not finished:
                yield SourceProblem(place, "нет случая (Z_SL).")
            for block in finished:
                idcase = _text(block, "IDCASE")
                try:
                    case = _case(node, block, n_zap, f"{place}, IDCASE {idcase or '?'}")
                except BadValue as error:
                    sums["bad"] += 1
                    yield SourceProblem(f"{place}, IDCASE {idcase or '?'}", str(error))
                    continue
                _add(sums, case)
                yield case
        self.problems += _compare(self.header, sums)


def _case(zap: Node, block: Node, n_zap: str, position: str) -> ReturnCase:
    parts = block.findall("SL")
    sanctions = [_sanction(one, ()) for one in block.findall("SANK")]
    for part in parts:
        own = _text(part, "SL_ID")
        sanctions += [_sanction(one, (own,) if own else ()) for one in part.findall("SANK")]
    if not _text(block, "IDCASE"):
        raise BadValue("IDCASE", "", "нет номера случая, его не сопоставить с отправленным")
    oplata = _text(block, "OPLATA")
    if oplata not in ("", "0", "1", "2", "3"):
        raise BadValue("OPLATA", oplata[:40], "решение бывает 0, 1, 2 или 3")
    case = ReturnCase(
        position, n_zap, _text(zap, "PR_NOV") == "1", _text(zap, "PACIENT/ID_PAC"), _text(block, "IDCASE"),
        tuple(_text(p, "SL_ID") for p in parts),
        next((t for p in parts if (t := _text(p, "NHISTORY"))), ""),
        date_value(_text(block, "DATE_Z_1"), "DATE_Z_1") or "",
        date_value(_text(block, "DATE_Z_2"), "DATE_Z_2") or "",
        _money(block, "SUMV") or 0, int(oplata or 0), _money(block, "SUMP"), _money(block, "SANK_IT"),
        tuple(sanctions),
    )  # fmt: skip
    case.problems = [*_sums_of(case), *_sanctions_of(case)]
    return case


def _sanction(node: Node, inside: tuple[str, ...]) -> Sanction:
    named = tuple((e.text or "").strip() for e in node.findall("SL_ID") if (e.text or "").strip())
    return Sanction(
        code=_text(node, "S_CODE"),
        total=_money(node, "S_SUM") or 0,
        tip=_text(node, "S_TIP"),
        osn=_text(node, "S_OSN"),
        sl_ids=named or inside,
        act_date=date_value(_text(node, "DATE_ACT") or _text(node, "DATE_AKT"), "DATE_ACT") or "",
        act_number=_text(node, "NUM_ACT") or _text(node, "NUM_AKT"),
        experts=tuple((e.text or "").strip() for e in node.findall("CODE_EXP") if (e.text or "").strip()),
        comment=_text(node, "S_COM"),
        source=_text(node, "S_IST"),
    )


def _text(node: Node, name: str) -> str:
    return (node.findtext(name) or "").strip()[:_LONGEST]


def _money(node: Node, name: str) -> int | None:
    text = _text(node, name)
    if not text:
        return None
    value = money_value(text, name)
    if value < 0:
        raise BadValue(name, text, "сумма меньше нуля")
    return value


# --- what the figures contradict ---------------------------------------------------------------


def _sums_of(case: ReturnCase) -> Iterator[str]:
    cut, billed, accepted = case.total_cut, case.billed, case.accepted
    if case.cut is not None and case.cut != cut:
        yield f"итог санкций SANK_IT {roubles(case.cut)} не равен сумме санкций {roubles(cut)}"
    if accepted is not None and accepted != billed - cut:
        yield (
            f"принято SUMP {roubles(accepted)} — не выставленная сумма {roubles(billed)} "
            f"без санкций {roubles(cut)}"
        )
    paid = billed - cut if accepted is None else accepted
    if case.oplata == FULL and cut:
        yield f"решение «оплатить полностью», но санкции {roubles(cut)}"
    elif case.oplata == NONE and billed and paid:
        yield f"решение «отказать полностью», но принято {roubles(paid)}"
    elif case.oplata == PART and not 0 < paid < billed:
        yield f"решение «отказать частично», но принято {roubles(paid)} из {roubles(billed)}"
    elif case.oplata == 0 and any(s.source == "1" for s in case.sanctions):
        yield "есть санкции, но решения OPLATA нет"


def _sanctions_of(case: ReturnCase) -> Iterator[str]:
    seen: set[str] = set()
    known = set(case.sl_ids)
    for sanction in case.sanctions:
        name = f"санкция {sanction.code or 'без номера'}"
        if sanction.code and sanction.code in seen:
            yield f"{name} указана дважды"
        seen.add(sanction.code)
        if sanction.total > case.billed:
            yield f"{name} {roubles(sanction.total)} больше выставленной суммы {roubles(case.billed)}"
        if sanction.total and not sanction.osn:
            yield f"{name}: нет основания S_OSN"
        if sanction.osn and not sanction.osn.isdecimal() and not sanction.point:
            yield f"{name}: основание «{sanction.osn[:20]}» — не код F014"
        if not sanction.control:
            yield f"{name}: вид контроля «{sanction.tip[:20]}» неизвестен"
        for sl_id in sanction.sl_ids:
            if sl_id not in known:
                yield f"{name}: случая SL_ID {sl_id[:40]} в записи нет"


def _add(sums: Counter[str], case: ReturnCase) -> None:
    sums["count"] += 1
    sums["SUMMAV"] += case.billed
    sums["SUMMAP"] += case.billed - case.total_cut if case.accepted is None else case.accepted
    for sanction in case.sanctions:
        if sanction.control:
            sums[_TOTALS[sanction.control]] += sanction.total


def _compare(header: dict[str, Any], sums: Counter[str]) -> Iterator[str]:
    titles = {
        "SUMMAV": "выставленной сумме", "SUMMAP": "принятой сумме", "SANK_MEK": "санкциям МЭК",
        "SANK_MEE": "санкциям МЭЭ", "SANK_EKMP": "санкциям ЭКМП",
    }  # fmt: skip
    if sums["bad"]:
        yield f"итоги файла не сверены: не прочитано случаев — {sums['bad']}"
        return
    said = header.get("sd_z")
    if said is not None and said != sums["count"]:
        yield f"в заголовке SD_Z {said}, случаев в файле {sums['count']}"
    for name, title in titles.items():
        text = header.get(name.lower())
        if not text:
            continue
        try:
            value = money_value(text, name)
        except BadValue as error:
            yield f"заголовок: {error}"
            continue
        if value != sums[name]:
            yield f"{name} {roubles(value)} не равно {title} случаев {roubles(sums[name])}"
