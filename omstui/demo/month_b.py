"""The training months of manual B (учебные месяцы): identification, bills, ФЛК, МЭК a month later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omstui.bootstrap import Services
from omstui.demo import steps
from omstui.demo.steps import FIRST, SECOND, Say
from omstui.domain.store import db, rejections
from omstui.settings import Settings
from omstui.stand.written import FLK, IDENT, MEK

_LOADED_BY = {IDENT: "ident-load", FLK: "flk-load", MEK: "mek-load"}
#: the month МЭК of the second one comes in
_THIRD = "2021-06"


@dataclass(slots=True)
class _Fund:
    """The stand behind two folders: what was sent and what came back."""

    settings: Settings
    sent: Path
    back: Path

    def answers(self, folder: str, *, seed: int, mek: str = "dbf") -> dict[str, list[str]]:
        """Answer everything in a folder of sent files: operation → files for it."""
        from omstui.stand.answers import answer

        source, out = self.sent / folder, self.back / folder
        written = answer([source], out, self.settings, seed=seed, refuse=0.05, fmt=mek)
        found: dict[str, list[str]] = {"ident-load": [], "flk-load": [], "mek-load": []}
        for one in written:
            op = _LOADED_BY[one.stage]
            if one.path.name.upper().startswith("FLQPID"):
                op = "flk-load"
            found[op].append(str(one.path))
        return found


def months(services: Services, settings: Settings, folder: Path, say: Say) -> bool:
    """Two consecutive months against the stand; True when their ledgers balance."""
    fund = _Fund(settings, folder / "отправлено", folder / "ответы")
    steps.head(say, f"Реестр, {FIRST}")
    steps.do(services, say, "form", period=FIRST)
    first = _bill(services, fund, FIRST, say, seed=10, mek="dbf")
    steps.head(say, f"Реестр, {SECOND}")
    steps.do(services, say, "form", period=SECOND)
    _mek(services, first, SECOND, say)
    with db.connection():
        refused = rejections.open_accounts(SECOND)
    if refused:
        steps.do(services, say, "return", period=SECOND, all=True, unchanged=True)
        steps.do(services, say, "form", period=SECOND)
    second = _bill(services, fund, SECOND, say, seed=20, mek="xml")
    steps.head(say, f"МЭК за {SECOND}")
    _mek(services, second, _THIRD, say)  # before anything is formed in it
    return steps.show_status(services, FIRST, say) & steps.show_status(services, SECOND, say)


def _bill(services: Services, fund: _Fund, period: str, say: Say, *, seed: int, mek: str) -> list[str]:
    """From a formed registry to its bills; returns the files of МЭК, which come a month later."""
    steps.do(services, say, "check", period=period)
    (fund.sent / period / "QPID").mkdir(parents=True)
    steps.do(services, say, "ident-export", period=period, out=str(fund.sent / period / "QPID"))
    back = fund.answers(f"{period}/QPID", seed=seed)
    for op in ("flk-load", "ident-load"):
        for path in back[op]:
            steps.do(services, say, op, period=period, path=path)
    steps.do(services, say, "payers", period=period)
    steps.do(services, say, "bills-export", period=period, out=str(fund.sent / period / "счета"))
    back = fund.answers(f"{period}/счета", seed=seed + 1, mek=mek)
    for path in back["flk-load"]:
        steps.do(services, say, "flk-load", period=period, path=path)
    return back["mek-load"]


def _mek(services: Services, files: list[str], period: str, say: Say) -> None:
    for path in files:
        steps.do(services, say, "mek-load", period=period, path=path)
