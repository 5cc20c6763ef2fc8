"""Builders of synthetic cases (учебные случаи) of every kind, by the names of the federal format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random

from omstui.demo import catalogue as book
from omstui.demo.blocks import Tree, chemotherapy, consilium, det, direction, ksg, usl
from omstui.demo.people import Person, insurance, make_person
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.formats.federalwriter import FederalRecord

#: kind → cases of a hundred; the rest are outpatient
SHARES: dict[str, int] = {
    "inpatient": 14, "dayhospital": 7, "outpatient": 30, "dental": 8, "ambulance": 8,
    "dispensary": 8, "orphans": 4, "checkup": 6, "minors": 7, "paraclinic": 5,
    "oncology": 2, "hightech": 1,
}  # fmt: skip
#: classes of diagnoses whose illness is a chronic one, known before
CHRONIC = "IGK"
#: diagnosis of a visit that is not about an illness
CONSULTATION = "Z71.8"
_DISP = {"dispensary": "ДВ1", "checkup": "ОПВ", "orphans": "ДС1", "minors": "ПН1"}
_LETTER = {
    "inpatient": "S", "dayhospital": "D", "outpatient": "A", "dental": "Z", "ambulance": "V",
    "dispensary": "W", "checkup": "O", "orphans": "R", "minors": "N", "paraclinic": "P",
    "oncology": "K", "hightech": "T", "newborn": "B", "planted": "X",
}  # fmt: skip


def healthy_child(person: Person, day: date) -> str:
    """The diagnosis of the examination of a healthy child, by full years."""
    years = day.year - person.birth.year - ((day.month, day.day) < (person.birth.month, person.birth.day))
    return "Z00.1" if years < 1 else "Z00.2" if years < 14 else "Z00.3"


class Maker:
    """Makes the cases of one month. The same seed, month and number give the same case."""

    def __init__(self, seed: int, period: Period, people: int, services: int = 0) -> None:
        self.seed, self.period = seed, period
        self._people = max(people, 20)
        self._services = services
        self._today = period.begin

    # --- people --------------------------------------------------------------------------------

    def person(self, rng: Random, group: str, sex: str = "", place: int = -1) -> Person:
        """Somebody of an age group: child, young (18–39), elder (40–80), adult, teen."""
        residues = {"child": (0,), "young": (3, 4), "elder": (1, 2), "adult": (1, 2, 3, 4)}[group]
        residue = residues[rng.randrange(len(residues))]
        block = place if place >= 0 else rng.randrange(self._people // 5 + 1)
        sex = sex or "12"[rng.randrange(2)]
        block = block * 2 + (1 if sex == "1" else 0)
        ages = ((1, 16), (41, 79), (41, 79), (19, 38), (19, 38))[residue]
        # the age is taken at one fixed day, so that a person is the same in every month
        return make_person(self.seed, 1000 + block * 5 + residue, sex, ages, date(2021, 1, 1))

    def newborn(self, mother: Person, number: int, sex: str, birth: date) -> tuple[Tree, Tree, str]:
        """PACIENT, PERS and NOVOR of a child that has no documents yet."""
        ref = f"{mother.ref}-{number}"
        novor = f"{sex}{birth:%d%m%y}{number}"
        patient = insurance(mother) | {"ID_PAC": ref, "NOVOR": novor}
        pers = {
            "ID_PAC": ref,
            "W": sex,
            "DR": birth.isoformat(),
            "FAM_P": mother.surname,
            "IM_P": mother.name,
            "OT_P": mother.patronymic,
            "W_P": mother.sex,
            "DR_P": mother.birth.isoformat(),
            "MR": mother.town,
        }
        return patient, pers, novor

    # --- cases ---------------------------------------------------------------------------------

    def case(self, kind: str, number: int) -> FederalRecord:
        """Case ``number`` (from 1) of a kind, or «oncology» / «hightech»."""
        salt = sum(map(ord, kind)) + self.period.year * 12 + self.period.month
        rng = Random((self.seed * 1009 + salt) * 1_000_003 + number)
        makers: dict[str, Callable[[Random, int], FederalRecord]] = {
            "outpatient": self._outpatient,
            "dental": self._dental,
            "paraclinic": self._paraclinic,
            "ambulance": self._ambulance,
            "inpatient": self._inpatient,
            "dayhospital": self._day,
            "oncology": self._oncology,
            "hightech": self._hightech,
        }
        if kind in makers:
            return makers[kind](rng, number)
        return self._examination(rng, kind, number)

    def card(self, kind: str, number: int) -> str:
        return f"{_LETTER[kind]}{self.period.year % 100:02d}{self.period.month:02d}{number:06d}"

    def record(self, person: Person, number: int, z_sl: Tree) -> FederalRecord:
        zap = {
            "N_ZAP": str(number),
            "PR_NOV": "0",
            "PACIENT": insurance(person) | {"NOVOR": "0"},
            "Z_SL": z_sl,
        }
        return FederalRecord(zap, person.elements)

    def days(self, rng: Random, longest: int) -> tuple[date, date]:
        """Begin and end inside the month."""
        length = rng.randint(min(2, longest), longest)
        last = (self.period.end - self.period.begin).days
        begin = self.period.begin + timedelta(days=rng.randint(0, last - length))
        return begin, begin + timedelta(days=length)

    def visits(
        self, person: Person, room: book.Room, dx: str, codes: Sequence[str], days: Sequence[date]
    ) -> list[Tree]:
        """USL of an outpatient case, one per code."""
        who = book.doctor(room.specialty, person.serial)
        return [
            usl(n, code, day, day, room.profile, room.specialty, who, room.department, dx, person)
            for n, (code, day) in enumerate(zip(codes, days, strict=True), 1)
        ]

    def ticket(
        self, person: Person, room: book.Room, kind: str, number: int, dx: str, purpose: str,
        services: list[Tree], begin: date, end: date | None,
    ) -> Tree:  # fmt: skip
        """Z_SL of an outpatient ticket (ТАП)."""
        total = roubles(sum(u["_sum"] for u in services))
        card = self.card(kind, number)
        sl: Tree = {
            "SL_ID": f"{card}-1",
            "PODR": room.department,
            "PROFIL": room.profile,
            "DET": det(person),
            **({"P_CEL": purpose} if purpose else {}),
            "NHISTORY": card,
            "DATE_1": begin.isoformat(),
            **({"DATE_2": end.isoformat()} if end else {}),
            "DS1": dx,
            **({"C_ZAB": "3" if dx[0] in CHRONIC else "1"} if dx[0] != "Z" else {}),
            "PRVS": room.specialty,
            "VERS_SPEC": "V021",
            "IDDOKT": book.doctor(room.specialty, person.serial),
            "SUM_M": total,
            "USL": services,
        }
        return {
            "IDCASE": str(number),
            "USL_OK": "3",
            "VIDPOM": room.help_type,
            "FOR_POM": "2" if purpose == "1.1" else "3",
            "LPU": book.CODE_MO,
            "DATE_Z_1": begin.isoformat(),
            **({"DATE_Z_2": end.isoformat()} if end else {}),
            "RSLT": "301",
            "ISHOD": "306" if dx[0] == "Z" else "301" if purpose == "3.0" and dx[0] not in CHRONIC else "303",
            "SL": [sl],
            "IDSP": "30" if purpose in ("3.0", "3.1") else "29" if purpose else "28",
            "SUMV": total,
        }

    def _outpatient(self, rng: Random, number: int) -> FederalRecord:
        room = book.ROOMS[rng.choice((0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7))]
        person = self.person(rng, "child" if room.child else "adult", room.sex)
        dx = rng.choice(room.diagnoses)
        purpose = rng.choice(("3.0", "3.0", "3.0", "3.0", "1.0", "1.0", "1.1", "2.6", "3.1"))
        if purpose in ("2.6", "3.1"):
            dx = CONSULTATION
        codes = [room.visits[0]]
        begin, end = self.days(rng, 12)
        if purpose in ("3.0", "3.1"):
            codes += [room.visits[1]] * rng.choice((1, 1, 2))
        else:
            end = begin
        if purpose == "3.0":
            codes += [t for t in room.tests if rng.random() < 0.5]
        while len(codes) < self._services:
            codes.append(room.tests[0] if room.tests and purpose != "2.6" else room.visits[1])
        days = [begin, *([end] * (len(codes) - 1))]
        services = self.visits(person, room, dx, codes, days)
        ticket = self.ticket(person, room, "outpatient", number, dx, purpose, services, begin, end)
        if rng.random() < 0.3 and dx[0] != "Z" and not room.child:
            ticket["SL"][0]["DS2"] = ["I10" if not dx.startswith("I") else "E11.9"]
        return self.record(person, number, ticket)

    def _dental(self, rng: Random, number: int) -> FederalRecord:
        room, person = book.DENTAL, self.person(rng, rng.choice(("adult", "adult", "child")))
        dx = rng.choice(room.diagnoses)
        begin, end = self.days(rng, 7)
        codes = [room.visits[0], room.tests[0], room.visits[1]]
        if dx != "K02.1":
            codes.insert(1, room.tests[1])
        codes += [room.tests[0]] * (self._services - len(codes))
        days = [begin] * (len(codes) - 1) + [end]
        services = self.visits(person, room, dx, codes, days)
        return self.record(
            person, number,
            self.ticket(person, room, "dental", number, dx, "3.0", services, begin, end),
        )  # fmt: skip

    def _paraclinic(self, rng: Random, number: int) -> FederalRecord:
        room, person = rng.choice(book.PARACLINIC), self.person(rng, "adult")
        day = self.days(rng, 0)[0]
        codes = list(room.visits[: rng.choice((1, 2))])
        codes += [room.visits[0]] * (self._services - len(codes))
        dx = room.diagnoses[0]
        services = self.visits(person, room, dx, codes, [day] * len(codes))
        return self.record(
            person, number,
            self.ticket(person, room, "paraclinic", number, dx, "", services, day, day),
        )  # fmt: skip

    def _ambulance(self, rng: Random, number: int) -> FederalRecord:
        person = self.person(rng, rng.choice(("adult", "adult", "child")))
        code = rng.choice(("B01.044.001", "B01.044.002"))
        return self.record(person, number, self.call(rng, person, number, code))

    def call(self, rng: Random, person: Person, number: int, code: str) -> Tree:
        """Z_SL of an ambulance call (СМП)."""
        day = self.days(rng, 0)[0]
        room = book.Room("84", "66", "50", (code, code), book.AMBULANCE, help_type="2")
        dx = rng.choice(book.AMBULANCE)
        services = self.visits(person, room, dx, [code], [day])
        z_sl = self.ticket(person, room, "ambulance", number, dx, "", services, day, day)
        z_sl |= {"USL_OK": "4", "FOR_POM": "1", "IDSP": "24", "ISHOD": "401"}
        z_sl["RSLT"] = "403" if rng.random() < 0.4 else "401"
        z_sl["SL"][0].pop("C_ZAB", None)
        return z_sl

    def _inpatient(self, rng: Random, number: int) -> FederalRecord:
        group = rng.choice(book.INPATIENT)
        person = self.person(rng, "young" if group.sex else "elder", group.sex)
        begin, end = self.days(rng, 12)
        return self.record(person, number, self.stay([group], person, number, begin, [end], rng))

    def _day(self, rng: Random, number: int) -> FederalRecord:
        group, person = rng.choice(book.DAY), self.person(rng, "elder")
        begin, end = self.days(rng, 10)
        z_sl = self.stay([group], person, number, begin, [end], rng, kind="dayhospital")
        return self.record(person, number, z_sl)

    def stay(
        self, groups: list[book.Group], person: Person, number: int, begin: date, ends: list[date],
        rng: Random, *, kind: str = "inpatient", card: str = "",
    ) -> Tree:  # fmt: skip
        """Z_SL of a hospital stay: one SL per КСГ, the next begins when the last one ends."""
        day = kind == "dayhospital"
        condition = "2" if day else "1"
        parts, start = [], begin
        planned = day or rng.random() < 0.4
        for n, (group, end) in enumerate(zip(groups, ends, strict=True), 1):
            parts.append(self._part(group, person, card or self.card(kind, number), n, start, end, day, rng))
            start = end
        if len(parts) > 1:
            parts[-1]["P_PER"] = "4"
        total = sum(p.pop("_sum") for p in parts)
        referral = {"NPR_MO": book.CODE_MO, "NPR_DATE": begin.isoformat()} if planned else {}
        return {
            "IDCASE": str(number),
            "USL_OK": condition,
            "VIDPOM": "31",
            "FOR_POM": "3" if planned else "1",
            **referral,
            "LPU": book.CODE_MO,
            "DATE_Z_1": begin.isoformat(),
            "DATE_Z_2": ends[-1].isoformat(),
            "KD_Z": str(sum(int(p["KD"]) for p in parts)),
            "RSLT": f"{condition}01",
            "ISHOD": f"{condition}0{rng.choice((1, 2, 2))}",
            **({"VB_P": "1"} if len(parts) > 1 else {}),
            "SL": parts,
            "IDSP": "33",
            "SUMV": roubles(total),
        }

    def _part(
        self, group: book.Group, person: Person, card: str, n: int, begin: date, end: date,
        day: bool, rng: Random,
    ) -> Tree:  # fmt: skip
        dx = rng.choice(group.diagnoses)
        who = book.doctor(group.specialty, person.serial)
        price = book.BOOK[group.service].price
        service = usl(
            1, group.service, begin, end, group.profile, group.specialty, who, group.department, dx,
            person,
        )  # fmt: skip
        return {
            "SL_ID": f"{card}-{n}",
            "PODR": group.department,
            "PROFIL": group.profile,
            "PROFIL_K": group.bed,
            "DET": det(person),
            "NHISTORY": card,
            "P_PER": "1",
            "DATE_1": begin.isoformat(),
            "DATE_2": end.isoformat(),
            "KD": str(max((end - begin).days + (1 if day else 0), 1)),
            "DS0": dx,
            "DS1": dx,
            "KSG_KPG": ksg(group, self.period.year),
            "PRVS": group.specialty,
            "VERS_SPEC": "V021",
            "IDDOKT": who,
            "ED_COL": "1",
            "TARIF": roubles(price),
            "SUM_M": roubles(price),
            "USL": [service],
            "_sum": price,
        }

    def _oncology(self, rng: Random, number: int) -> FederalRecord:
        person = self.person(rng, "elder", "2")
        if number % 2:
            begin, end = self.days(rng, 8)
            z_sl = self.stay(
                [book.CHEMO], person, number, begin, [end], rng, card=self.card("oncology", number)
            )
            sl = z_sl["SL"][0]
            sl |= {"DS_ONK": "0", "C_ZAB": "2", "CONS": [consilium(begin)]}
            sl["ONK_SL"] = chemotherapy(begin, end)
            return self.record(person, number, z_sl)
        room = book.ONCOLOGIST
        begin, end = self.days(rng, 6)
        codes = [room.visits[0], room.tests[0], room.visits[1]]
        services = self.visits(person, room, "N63", codes, [begin, end, end])
        z_sl = self.ticket(person, room, "oncology", number, "N63", "3.0", services, begin, end)
        z_sl["SL"][0] |= {"DS_ONK": "1", "NAPR": [direction(begin)], "CONS": [{"PR_CONS": "0"}]}
        return self.record(person, number, z_sl)

    def _hightech(self, rng: Random, number: int) -> FederalRecord:
        person = self.person(rng, "elder")
        begin, end = self.days(rng, 9)
        card = self.card("hightech", number)
        z_sl = self.stay([book.HIGH_TECH], person, number, begin, [end], rng, card=card)
        sl = z_sl["SL"][0]
        for name in ("P_PER", "KD", "KSG_KPG"):
            del sl[name]
        sl |= {
            "VID_HMP": "14.00.37.008", "METOD_HMP": "498", "DS_ONK": "0",
            "TAL_D": (begin - timedelta(days=20)).isoformat(),
            "TAL_NUM": f"76.0000.{number:05d}.211",
            "TAL_P": (begin - timedelta(days=3)).isoformat(),
        }  # fmt: skip
        z_sl |= {"VIDPOM": "32", "FOR_POM": "3", "IDSP": "32"}
        z_sl |= {"NPR_MO": book.CODE_MO, "NPR_DATE": begin.isoformat()}
        return self.record(person, number, z_sl)

    def _examination(self, rng: Random, kind: str, number: int) -> FederalRecord:
        disp = _DISP[kind]
        first, last, dx, codes = book.EXAMINATIONS[disp]
        group = "child" if last < 18 else "elder" if first >= 40 else "young"
        # one examination a year: each case is another person
        place = number - 1 + (100 if self.period.month % 2 else 0) + (200 if kind == "orphans" else 0)
        person = self.person(rng, group, place=place)
        begin, end = self.days(rng, 6)
        return self.record(person, number, self.examination(person, kind, number, dx, codes, begin, end))

    def examination(
        self, person: Person, kind: str, number: int, dx: str, codes: Sequence[str], begin: date,
        end: date | None,
    ) -> Tree:  # fmt: skip
        """Z_SL of an examination (D-файл)."""
        card = self.card(kind, number)
        dx = healthy_child(person, begin) if dx == "Z00.1" else dx
        who = book.doctor("49" if det(person) == "1" else "76", person.serial)
        services = [
            {
                "IDSERV": str(n),
                "LPU": book.CODE_MO,
                "DATE_IN": (day := end if n == len(codes) and end else begin).isoformat(),
                "DATE_OUT": day.isoformat(),
                "P_OTK": "0",
                "CODE_USL": code,
                "TARIF": roubles(book.BOOK[code].price),
                "SUMV_USL": roubles(book.BOOK[code].price),
                "PRVS": "49" if det(person) == "1" else "76",
                "CODE_MD": who,
            }
            for n, code in enumerate(codes, 1)
        ]
        total = roubles(sum(book.BOOK[c].price for c in codes))
        sl = {
            "SL_ID": f"{card}-1",
            "NHISTORY": card,
            "DATE_1": begin.isoformat(),
            **({"DATE_2": end.isoformat()} if end else {}),
            "DS1": dx,
            "DS_ONK": "0",
            "PR_D_N": "3",
            "SUM_M": total,
            "USL": services,
        }
        if number % 4 == 0:
            sl["DS2_N"] = [{"DS2": "E66.0", "DS2_PR": "1", "PR_DS2_N": "3"}]
            sl["NAZ"] = [{"NAZ_N": "1", "NAZ_R": "1", "NAZ_SP": "25"}]
        return {
            "IDCASE": str(number),
            "VIDPOM": "12",
            "LPU": book.CODE_MO,
            "VBR": "0",
            "DATE_Z_1": begin.isoformat(),
            **({"DATE_Z_2": end.isoformat()} if end else {}),
            "P_OTK": "0",
            "RSLT_D": ("1", "2", "31" if kind in ("dispensary", "checkup") else "3")[number % 3],
            "SL": [sl],
            "IDSP": "30",
            "SUMV": total,
        }
