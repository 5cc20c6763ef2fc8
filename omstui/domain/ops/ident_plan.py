"""Decisions on an APID (решения по ответу): which policy each person has now, who pays, what is closed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from omstui.domain.identification import changes, chosen, closed, corrected_name, snils_form
from omstui.domain.operation import Context
from omstui.domain.payers import PayerRule
from omstui.domain.store import config, ident_answers, ident_apply
from omstui.domain.store.ident_answers import Asked, Counts, Plan
from omstui.domain.store.loading import POLICY
from omstui.formats.layouts.fedbooks import region_of
from omstui.settings import Settings

_BATCH = 2000
_NAMES = ("surname", "name", "patronymic")
Row = dict[str, Any]


@dataclass(slots=True)
class Insurers:
    """Payers by the settings, with names and ОГРН of the insurers of the region."""

    rule: PayerRule
    known: dict[str, dict[str, str]]
    codes: frozenset[str]

    @classmethod
    def of_settings(cls, settings: Settings) -> Insurers:
        payers = config.payers()
        known = {p.code: {"smo_ogrn": p.ogrn, "smo_name": p.name} for p in payers if not p.out_of_region}
        return cls(PayerRule.of_settings(payers, settings), known, frozenset(p.code for p in payers))

    def unknown(self, smo: str) -> bool:
        """True for an insurer of our region that the settings lack."""
        return smo not in self.codes and region_of(smo, "") in ("", self.rule.region)

    def payer(self, policy: Row) -> int | None:
        return self.rule.of(policy)[0]


def make_plan(ctx: Context, insurers: Insurers) -> Counts:
    """Decide about every answered person; the decisions stand in the staging tables."""
    free = ident_answers.start_plan()
    plan = Plan()
    corrected = 0
    with closing(ident_answers.people()) as people:
        for number, asked in enumerate(people, 1):
            free = _decide(plan, asked, insurers, free)
            corrected += _correct(plan, asked)
            if number % _BATCH == 0:
                plan.flush()
                ctx.progress("Сверка полисов", number)
    plan.flush()
    ctx.check()
    ident_answers.decide_cases()
    ctx.check()
    ident_apply.plan_edits()
    return replace(ident_answers.counts(), names=corrected)


def _decide(plan: Plan, asked: Asked, insurers: Insurers, free: int) -> int:
    """One person; returns the next free number of a policy."""
    told, person = asked.told, asked.patient_id
    mine = chosen(asked.policies, told)
    if not asked.found:
        how = "unidentified" if asked.error else "uninsured"
        if how == "uninsured" and mine is not None and told.end and mine["end_date"] != told.end:
            plan.closed.append((mine["id"], person, told.end))
        plan.choices.append((person, how, None, None, "", ""))
        return free
    insurer = insurers.known.get(told.smo)
    if mine is not None:
        new = changes(mine, told, insurer)
        # the spell with the former insurer stays as it was where other cases rest on it
        if not ("smo" in new and mine["smo"] and mine["elsewhere"]):
            values = _whole({name: mine[name] for name in POLICY} | new)
            if new:
                plan.policy(mine["id"], person, False, values)
            how = "updated" if new else "same"
            plan.choices.append((person, how, mine["id"], insurers.payer(values), told.begin, told.end))
            return free
    base = {name: mine[name] for name in POLICY} | {"end_date": ""} if mine else dict.fromkeys(POLICY, "")
    base = {**base, "extra": "{}"}
    values = _whole(base | changes(base, told, insurer))
    plan.policy(free, person, True, values)
    plan.closed += [(i, person, last) for i, last in closed(asked.policies, free, told, asked.treated)]
    plan.choices.append((person, "added", free, insurers.payer(values), told.begin, told.end))
    return free + 1


def _whole(values: Row) -> Row:
    """The region of insurance follows the insurer and the territory."""
    region = region_of(str(values["smo"] or ""), str(values["smo_ok"] or values["okato"] or ""))
    return values | {"region": region or values["region"]}


def _correct(plan: Plan, asked: Asked) -> bool:
    """Names, date of birth and СНИЛС by the register, where they differ; of the patient himself only."""
    if not asked.named or asked.error:
        return False
    found = []
    for name in _NAMES:
        ours = asked.ours[name] or ""
        new = corrected_name(ours, asked.named[name])
        if new != ours:
            found.append((asked.patient_id, name, ours, new))
    birth = asked.named["birth_date"]
    if birth and birth != asked.ours["birth_date"]:
        found.append((asked.patient_id, "birth_date", asked.ours["birth_date"] or "", birth))
    snils = asked.named["snils"] != asked.ours["snils"] and snils_form(asked.named["snils"])
    if snils and snils != snils_form(asked.ours["snils"] or ""):
        found.append((asked.patient_id, "snils", asked.ours["snils"] or "", snils))
    plan.names += found
    return bool(found)
