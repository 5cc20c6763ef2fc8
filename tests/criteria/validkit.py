"""Valid cases of any kind (верные случаи) built by hypothesis, and books that let every criterion be evaluated.

Every draw stays inside what the criteria allow: a person of a fitting age and sex, a policy of one of the
forms, a doctor with a certificate, a diagnosis of the purpose, dates inside the month. A property test then
asks that none of the 209 fires.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from tests.criteria.kit import BOOKS, PRICE, Fields, Made, case, snils, visit

_CERTIFIED = (("D1", "76"), ("D2", "69"), ("D3", "49"), ("D4", "49"), ("D5", "37"))
_PROFILES = (("97", "76"), ("85", "69"), ("84", "49"), ("68", "49"), ("55", "37"))
_SERVICES = [dict(row) for row in BOOKS["services"]]
_CODES = [row["code"] for row in _SERVICES]
_GROUPS = ("st01.001", "st01.002", "ds01.001", "ds01.002")

#: each book that a criterion needs has rows, and none of them speaks against a valid case
EVERY_BOOK: dict[str, list[Fields]] = {
    **BOOKS,
    "doctors": [*BOOKS["doctors"], {**BOOKS["doctors"][0], "code": "D5"}],
    "certificates": [
        {"doctor": d, "specialty": s, "begin_date": "2015-01-01", "end_date": "2030-12-31"}
        for d, s in _CERTIFIED
    ],
    "tariff": [{"code": code, "price": PRICE} for code in _CODES],
    "oms_excluded": [{"mask": "A50", "paid": 0}],
    "licence": [{"profile": profile, "usl_ok": "1,2,3,4"} for profile, _ in _PROFILES],
    "service_specialty": [{"code": "B01.047.001", "specialty": "76"}],
    "profile_specialty": [{"profile": p, "specialty": s} for p, s in _PROFILES],
    "mo_service": [{"mask": mask} for mask in ("A", "B", "st", "ds")],
    "inclusions": [{"parent": "A16.07.002", "child": "A06.09.007"}],
    "exclusions": [{"code1": "A06.09.007", "code2": "A16.07.002"}],
    "observation": [{"mask": "I11"}],
    "disp_program": [
        {"kind": kind, "code": code, "mandatory": 1, "is_final": 1, "is_questionnaire": 1}
        for kind, code in (
            ("dispensary", "B04.047.002"),
            ("checkup", "B04.047.002"),
            ("minors", "B04.031.002"),
            ("orphans", "B04.031.002"),
        )
    ],
    "mes": [{"code": code, "coef_z": 10000, "is_short": 1} for code in _GROUPS],
    "mes_rule": [{"mes": code, "ds": ""} for code in _GROUPS],
    "rates": [{"usl_ok": "", "base": PRICE}],
    "plan": [
        {"begin_date": "2023-01-01", "end_date": "2023-12-31", "unit": "cases", "quantity": 100_000_000}
    ],
    "attachments": [{"enp": "7600000000000000", "mo": "760001"}],
    "calendar": [{"day": "2023-03-08", "working": 0}],
}

_NUMBER = count(1)
_BEGIN, _END = date(2023, 3, 1), date(2023, 3, 31)
#: acute and chronic diagnoses of anybody; those of one sex
_ACUTE, _CHRONIC = ("J06.9", "J18.9", "S00.0"), ("I10", "I11.9", "E11.9", "C50.9")
_OF_SEX = {"1": "N40", "2": "N70.1"}
_NAMES = {"1": ("Пётр", "Алексей", "Жан-Поль"), "2": ("Анна", "Алёна", "Анна-Мария")}


def _day(day: date) -> str:
    return day.isoformat()


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)


@st.composite
def _spans(draw: st.DrawFn, shortest: int, longest: int) -> tuple[date, date]:
    """Begin and end: the end lies in March 2023."""
    end = _BEGIN + timedelta(days=draw(st.integers(0, 30)))
    return end - timedelta(days=draw(st.integers(shortest, longest))), end


@st.composite
def _persons(draw: st.DrawFn, begin: date, ages: Sequence[int]) -> Fields:
    """Somebody of one of the full ages at the begin."""
    age = draw(st.sampled_from(list(ages)))
    birth = _years_before(begin, age) - timedelta(days=draw(st.integers(0, 364)))
    sex = draw(st.sampled_from("12"))
    number = next(_NUMBER)
    out: Fields = {
        "birth_date": _day(birth),
        "sex": sex,
        "name": draw(st.sampled_from(_NAMES[sex])),
        "patronymic": "Ильич" if sex == "1" else "Ильинична",
        "snils": draw(st.sampled_from(("", snils(500_000 + number)))),
    }
    if draw(st.integers(0, 5)) == 0:
        out |= {"patronymic": "", "reliability": "1"}
    return out


@st.composite
def _policies(draw: st.DrawFn, begin: date) -> Fields:
    """A policy of one of the three forms, of an insurer here or elsewhere."""
    number = next(_NUMBER)
    where = draw(
        st.sampled_from(
            (
                {"smo": "76001", "okato": "78000", "region": "76"},
                {"smo": "76002", "okato": "", "region": "76"},
                {"smo": "77001", "okato": "45000", "region": "77"},
                {"smo": "", "okato": "45000", "region": "77"},
            )
        )
    )
    kind = draw(st.sampled_from("1233333"))
    form: Fields = {"type": kind}
    if kind == "1":
        form |= {"series": "АБ", "number": f"{number:07d}", "enp": ""}
    elif kind == "2":
        form |= {"series": "", "number": f"{number:09d}", "enp": ""}
    since = draw(st.sampled_from(("", "2012-06-01", _day(begin))))
    until = draw(st.sampled_from(("", "2023-03-31", "2030-01-01")))
    return where | form | {"begin_date": since, "end_date": until}


@st.composite
def _documents(draw: st.DrawFn, person: Fields, begin: date) -> Fields:
    number = next(_NUMBER)
    birth = date.fromisoformat(person["birth_date"])
    place = {"birth_place": "г. Тутаев", "doc_number": f"{number:06d}"}
    at_14 = _years_before(birth, -14) + timedelta(days=1)
    if at_14 > begin:
        return place | {"doc_type": "3", "doc_series": "II-ГР", "doc_date": _day(birth)}
    issued = draw(st.sampled_from((at_14, begin)))
    return place | {"doc_type": "14", "doc_series": "78 12", "doc_date": _day(issued)}


@st.composite
def _diseases(draw: st.DrawFn, sex: str, extra: Sequence[str] = ()) -> Fields:
    """Main and secondary diagnoses with the character of the disease."""
    main = draw(st.sampled_from((*_ACUTE, *_CHRONIC, _OF_SEX[sex], *extra)))
    acute = main in _ACUTE or main in extra
    more = [ds for ds in draw(st.sets(st.sampled_from(_CHRONIC), max_size=2)) if ds != main]
    split = draw(st.integers(0, len(more)))
    return {
        "ds_main": main,
        "ds_char": "1" if acute else draw(st.sampled_from("23")),
        "ds2": sorted(more[:split]),
        "ds3": sorted(more[split:]),
        "outcome": draw(st.sampled_from(("301", "303", "305") if acute else ("302", "303", "304"))),
    }


@st.composite
def _tickets(draw: st.DrawFn) -> Made:
    """A ТАП of the therapist or the paediatrician: a single visit, an appeal, a preventive visit."""
    purpose = draw(st.sampled_from(("1.0", "1.1", "1.2", "1.3", "2.1", "2.3", "2.6", "3.0", "3.1")))
    begin, end = draw(_spans(1, 28)) if purpose in ("3.0", "3.1") else draw(_spans(0, 0))
    child = draw(st.booleans())
    person = draw(_persons(begin, range(1, 18) if child else range(18, 100)))
    fields = draw(_diseases(person["sex"]))
    if purpose in ("2.1", "2.3", "2.6", "3.1"):
        age = _age(person, begin)
        ds = "Z00.2" if age < 14 else "Z00.3" if age < 18 else draw(st.sampled_from(("Z00.0", "Z00.8")))
        fields |= {"ds_main": ds, "ds_char": "", "outcome": "306"}
    who = {"doctor": "D4", "specialty": "49", "profile": "68"} if child else {}
    code = {"code": "B04.031.002"} if child else {}
    # whoever is paid per visit is seen once
    seen = [begin, end] if purpose in ("3.0", "3.1") else [end]
    services = [visit(_day(day), **who, **code) for day in seen]
    method = "30" if purpose in ("3.0", "3.1") else "29"
    form = "2" if purpose == "1.1" else "3"
    return _made(draw, "outpatient", begin, end, person, services=services, purpose=purpose,
                 pay_method=method, help_form=form, **(fields | who))  # fmt: skip


@st.composite
def _dental(draw: st.DrawFn) -> Made:
    purpose = draw(st.sampled_from(("1.0", "2.1", "3.0")))
    begin, end = draw(_spans(1, 20)) if purpose == "3.0" else draw(_spans(0, 0))
    person = draw(_persons(begin, range(6, 90)))
    work = {"doctor": "D2", "specialty": "69", "profile": "85"}
    services = [visit(_day(day), code="B01.065.001", **work) for day in sorted({begin, end})]
    if purpose != "2.1" and draw(st.booleans()):
        tooth = draw(st.sampled_from(("11", "48", "36, 37")))
        services.append(visit(_day(end), code="A16.07.002", tooth=tooth, **work))
    ds = "Z01.2" if purpose == "2.1" else draw(st.sampled_from(("K02.1", "K05.1")))
    return _made(
        draw, "dental", begin, end, person, services=services, purpose=purpose, ds_main=ds,
        ds_char="" if ds == "Z01.2" else "1", outcome="306" if ds == "Z01.2" else "301",
        pay_method="30" if purpose == "3.0" else draw(st.sampled_from(("28", "29"))),
    )  # fmt: skip


@st.composite
def _paraclinic(draw: st.DrawFn) -> Made:
    begin, end = draw(_spans(0, 0))
    person = draw(_persons(begin, range(18, 100)))
    code = draw(st.sampled_from(("A09.05.023", "A06.09.007")))
    services = [visit(_day(end), code=code)]
    purpose = draw(st.sampled_from(("", "1.0")))
    return _made(draw, "paraclinic", begin, end, person, services=services, purpose=purpose,
                 **draw(_diseases(person["sex"])))  # fmt: skip


@st.composite
def _calls(draw: st.DrawFn) -> Made:
    begin, end = draw(_spans(0, 0))
    person = draw(_persons(begin, range(0, 110)))
    fields = draw(_diseases(person["sex"])) | {"ds_char": ""}
    fields |= {"outcome": draw(st.sampled_from(("401", "402"))), "help_form": draw(st.sampled_from("12"))}
    return _made(draw, "ambulance", begin, end, person, service={"date": _day(end)}, **fields)


@st.composite
def _stays(draw: st.DrawFn) -> Made:
    kind = draw(st.sampled_from(("inpatient", "dayhospital")))
    first = {"inpatient": "1", "dayhospital": "2"}[kind]
    begin, end = draw(_spans(0, 60))
    person = draw(_persons(begin, range(15, 100)))
    fields = draw(_diseases(person["sex"]))
    days = (end - begin).days
    # a day hospital may have days off
    bed = max(days, 1) if first == "1" else draw(st.integers(1, days + 1))
    form = draw(st.sampled_from("123")) if first == "1" else draw(st.sampled_from("23"))
    sent = begin - timedelta(days=draw(st.integers(0, 60)))
    ksg = draw(st.sampled_from(_GROUPS[:2] if first == "1" else _GROUPS[2:]))
    referral = {"ref_mo": "760003", "ref_date": _day(sent)}
    if form != "3" and first == "1":
        referral = {"ref_mo": "", "ref_date": ""}
    fields |= referral | {
        "outcome": first + draw(st.sampled_from(("01", "02", "03"))), "bed_days": str(bed), "ksg": ksg,
        "help_form": form, "ds_first": draw(st.sampled_from((fields["ds_main"], "R54"))),
    }  # fmt: skip
    service = {"code": ksg, "date": _day(begin), "date_out": _day(end)}
    return _made(draw, kind, begin, end, person, service=service, **fields)


@st.composite
def _newborns(draw: st.DrawFn) -> Made:
    """A child on the policy of the mother, or two of them on one card."""
    begin, end = draw(_spans(1, 20))
    mother = draw(_persons(begin, range(14, 50)))
    sex = draw(st.sampled_from("12"))
    child = {
        "surname": "", "name": "", "patronymic": "", "fio_key": "", "sex": sex, "birth_date": _day(begin),
        "rep_surname": "Травина", "rep_name": mother["name"], "rep_sex": "2",
        "rep_birth_date": _day(_years_before(begin, draw(st.integers(14, 50)))),
    }  # fmt: skip
    who = {"doctor": "D5", "specialty": "37", "profile": "55"}
    days = (end - begin).days
    service = {"date": _day(begin), "date_out": _day(end), **who}
    novor = f"{sex}{begin:%d%m%y}{draw(st.sampled_from('12'))}"
    return _made(draw, "inpatient", begin, end, child, service=service, ds_main="P23.9", ds_first="P23.9",
                 bed_days=str(days), help_form="1", ref_mo="", ref_date="", newborn=novor, **who)  # fmt: skip


@st.composite
def _examinations(draw: st.DrawFn) -> Made:
    kind = draw(st.sampled_from(("dispensary", "checkup", "minors", "orphans")))
    # one day more than two weeks would be too long for an orphan
    begin, end = draw(_spans(0, 9))
    if begin.year != end.year:
        begin = end
    ages: Sequence[int] = range(2, 17)
    if kind == "dispensary":
        ages = range(41, 100)
    elif kind == "checkup":
        ages = range(18, 90)
    person = draw(_persons(begin, ages))
    fields: Fields = {}
    if kind in ("minors", "orphans"):
        fields["ds_main"] = "Z00.2" if _age(person, begin) < 14 else "Z00.3"
    elif draw(st.booleans()):
        fields |= {"ds_main": "I10", "ds_char": "3", "result": "318" if kind == "dispensary" else "344"}
    code = "B04.031.002" if kind in ("minors", "orphans") else "B04.047.002"
    who = {"doctor": "D4", "specialty": "49", "profile": "68"} if code == "B04.031.002" else {}
    # the interview opens the examination, the last visit closes it
    services = [visit(_day(day), code=code, **who) for day in sorted({begin, end})]
    return _made(draw, kind, begin, end, person, services=services, **fields)


def _age(person: Fields, day: date) -> int:
    birth = date.fromisoformat(person["birth_date"])
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def _made(draw: st.DrawFn, kind: str, begin: date, end: date, person: Fields, **fields: Any) -> Made:
    policy = draw(_policies(begin))
    if policy["type"] != "3" or draw(st.booleans()):
        person = person | draw(_documents(person, begin))
    fields = {"date_in": _day(begin), "date_out": _day(end), "extra": draw(_EXTRAS)} | fields
    return case(kind, patient=person, policy=policy, **fields)


_EXTRAS = st.sampled_from(("{}", json.dumps({"fed": {"sl": {"KSG_KPG": {"CRIT": ["sh001"]}}}})))

#: a valid case of any kind
VALID_CASES: st.SearchStrategy[Made] = st.one_of(
    _tickets(), _dental(), _paraclinic(), _calls(), _stays(), _newborns(), _examinations()
)
