"""Mapping from our record to the federal blocks (из базы в ZAP и PERS): the way back of ``federal``.

``record`` is the one of ``billmap.to_bill``: patient, policy, case, account as rows with ``extra`` as dict,
``account["services"]`` = {"quantity", "tariff", "total", "service": row}. Columns come before what the
federal file carried (``extra["fed"]``); what neither says is derived only where the format leaves one
choice, else it is left out and counted by name in ``missing``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from omstui.domain.money import roubles
from omstui.formats import fedsums
from omstui.formats.billtree import age_at
from omstui.formats.fedplan import Leftovers, Tree, block_plan

Row = Mapping[str, Any]

ADULT_FROM = 18
_LISTS = (("DS2", "ds2"), ("DS3", "ds3"))
#: what a service without its own takes of the case
_OF_CASE = (
    ("LPU", "lpu"), ("PROFIL", "profile"), ("DET", "child_profile"), ("DS", "ds_main"),
    ("DATE_IN", "date_in"), ("DATE_OUT", "date_out"), ("PODR", "department"),
)  # fmt: skip
_TITLES = {
    "PACIENT/VPOLIS": "вида полиса", "PACIENT/NPOLIS": "номера полиса", "PACIENT/SMO": "кода СМО",
    "Z_SL/USL_OK": "условий оказания", "Z_SL/VIDPOM": "вида помощи", "Z_SL/FOR_POM": "формы помощи",
    "Z_SL/LPU": "кода МО лечения", "Z_SL/DATE_Z_1": "даты начала лечения",
    "Z_SL/DATE_Z_2": "даты окончания лечения", "Z_SL/RSLT": "результата обращения",
    "Z_SL/ISHOD": "исхода", "Z_SL/IDSP": "способа оплаты", "Z_SL/RSLT_D": "результата диспансеризации",
    "SL/PROFIL": "профиля", "SL/DET": "признака детского профиля", "SL/NHISTORY": "номера карты",
    "SL/DATE_1": "даты начала случая", "SL/DATE_2": "даты окончания случая",
    "SL/DS1": "основного диагноза", "SL/PRVS": "специальности врача", "SL/IDDOKT": "кода врача",
    "SL/PROFIL_K": "профиля койки", "SL/VID_HMP": "вида ВМП", "SL/METOD_HMP": "метода ВМП",
    "SL/TAL_D": "даты выдачи талона ВМП", "SL/TAL_NUM": "номера талона ВМП",
    "SL/TAL_P": "даты планируемой госпитализации", "SL/ONK_SL": "сведений о ЗНО: стадия, TNM",
    "SL/DS2_N/PR_DS2_N": "признака наблюдения по сопутствующему заболеванию",
    "SL/NAZ/NAZ_IDDOKT": "кода врача, сделавшего назначение",
    "USL/LPU": "кода МО услуги", "USL/PROFIL": "профиля услуги",
    "USL/DET": "признака детского профиля услуги",
    "USL/DATE_IN": "даты начала услуги", "USL/DATE_OUT": "даты окончания услуги",
    "USL/DS": "диагноза услуги", "USL/CODE_USL": "кода услуги", "USL/PRVS": "специальности исполнителя",
    "USL/CODE_MD": "кода исполнителя", "USL/MR_USL_N": "исполнителя услуги",
    "PERS/W": "пола", "PERS/DR": "даты рождения", "PERS/FAM": "фамилии", "PERS/IM": "имени",
    "PERS/DOCTYPE": "вида документа", "PERS/DOCNUM": "номера документа",
    "PERS/W_P": "пола представителя", "PERS/DR_P": "даты рождения представителя",
}  # fmt: skip


def lack_name(path: str) -> str:
    """«Нет профиля услуги (USL/PROFIL)»."""
    title = _TITLES.get(path)
    return f"Нет {title} ({path})" if title else f"Не заполнено {path}"


def letters_of(case: Row, by_disp: Mapping[str, str]) -> tuple[str, str]:
    """Letters of the file a case belongs to («H», «C», «T», «DP») and its DISP, «» if it has none.

    ``by_disp``: V016 → letters; an unknown kind of examination goes the way of the first stage, DP.
    """
    disp = str(case.get("disp") or "")
    if case.get("family") == "D":
        return by_disp.get(disp, "DP"), disp
    sl = _fed(case).get("sl") or {}
    if case.get("letter") == "T" or sl.get("VID_HMP"):
        return "T", ""
    if sl.get("DS_ONK") == "1" or oncology(str(case.get("ds_main") or "")):
        return "C", ""
    return "H", ""


def oncology(code: str) -> bool:
    """Whether the main diagnosis is a malignant one (ЗНО), federal-and-mosobl.md §5."""
    return "C00.0" <= code < "D10" or "D45" <= code < "D48" or code == "C00"


def codes(value: Any) -> list[str]:
    """A list of diagnoses as the reader gives it or as the store keeps it."""
    if isinstance(value, str):
        value = json.loads(value) if value and value != "[]" else ()
    return [str(v) for v in value or () if v]


def _fed(case: Row) -> Mapping[str, Any]:
    return (case.get("extra") or {}).get("fed") or {}


class FedMapper:
    """Makes the blocks of one file; ``missing`` and ``dropped`` count what it could not say."""

    def __init__(self, letter: str, structure: str, persons: str, *, plat: str = "", year: str = "") -> None:
        """``letter`` H, C, T or D; ``persons`` is the structure of the L file."""
        self.letter, self.structure = letter, structure
        self.plat, self._year = plat, year
        self.missing: Counter[str] = Counter()
        self._left = Leftovers(letter, structure)
        self._left_pers = Leftovers(letter, persons)
        self.dropped = self._left.dropped
        self._left_pers.dropped = self.dropped
        self._pac, self._z, self._sl, self._usl = (
            block_plan(path, letter, structure) for path in ("PACIENT", "Z_SL", "SL", "USL")
        )
        self._pers = block_plan("PERS", letter, persons)
        self._names_doctor = "NAZ_IDDOKT" in block_plan("SL/NAZ", letter, structure).names
        self._team = "MR_USL_N" in self._usl.names
        self._z_columns = tuple(c for c in self._z.columns if c[0] != "SUMV")
        self._usl_columns = tuple(
            c for c in self._usl.columns if c[0] not in ("KOL_USL", "TARIF", "SUMV_USL")
        )
        self._of_case = tuple(c for c in _OF_CASE if c[0] in self._usl.names)
        self._sl_lists = tuple(c for c in _LISTS if c[0] in self._sl.names)
        self._lack: set[str] = set()

    # --- ZAP -----------------------------------------------------------------------------------

    def zap(self, record: Mapping[str, Any], n_zap: int, idcase: str, id_pac: str) -> Tree:
        """The ZAP of one account. PR_NOV = 1 for a repeated one."""
        case, account = record["case"], record["account"]
        fed = _fed(case)
        repeat = account.get("repeat")
        source = (fed.get("zap") or {}).get("PR_NOV") if not repeat else None
        self._lack = set()
        made = {
            "N_ZAP": str(n_zap),
            "PR_NOV": "1" if repeat == "repeat" or source == "1" else "0",
            "PACIENT": self._pacient(record["policy"] or {}, case, fed, id_pac),
            "Z_SL": self._finished(record, case, fed, idcase),
        }
        self.missing.update(self._lack)
        return made

    def _pacient(self, policy: Row, case: Row, fed: Mapping[str, Any], id_pac: str) -> Tree:
        rest = fed.get("pac")
        made = self._left.of("PACIENT", rest) if rest else {}
        get = policy.get
        made |= {name: value for name, column in self._pac.columns if (value := get(column))}
        made["ID_PAC"] = id_pac
        made["NOVOR"] = case.get("newborn") or "0"
        if "ENP" not in self._pac.names and "NPOLIS" not in made and policy.get("enp"):
            made["NPOLIS"] = policy["enp"]
        if "NPOLIS" not in made and (made.get("VPOLIS") != "3" or "ENP" not in made):
            self._lack.add(lack_name("PACIENT/NPOLIS"))
        if "SMO_OK" not in self._pac.names and "SMO" not in made and policy.get("smo_ok"):
            made.setdefault("ST_OKATO", policy["smo_ok"])
        if self.plat and "SMO" not in made:
            self._lack.add(lack_name("PACIENT/SMO"))
        self._complete(made, self._pac.must, "PACIENT")
        return made

    def _finished(self, record: Mapping[str, Any], case: Row, fed: Mapping[str, Any], idcase: str) -> Tree:
        rest = fed.get("z")
        made = self._left.of("Z_SL", rest) if rest else {}
        get = case.get
        made |= {name: value for name, column in self._z_columns if (value := get(column))}
        if self.letter == "D":
            for name in ("VBR", "P_OTK"):
                made.setdefault(name, "0")
            if made["P_OTK"] == "0" and "RSLT_D" not in made:
                self._lack.add(lack_name("Z_SL/RSLT_D"))
        made["IDCASE"] = idcase
        account = record["account"]
        total = int(account.get("total") or 0)
        made["SUMV"] = roubles(total)
        made["SL"] = self._parts(record, case, fed, total)
        self._complete(made, self._z.must, "Z_SL")
        return made

    def _complete(self, made: Tree, must: frozenset[str], path: str) -> None:
        if not must <= made.keys():
            self._lack.update(lack_name(f"{path}/{name}") for name in must - made.keys())

    # --- SL ------------------------------------------------------------------------------------

    def _parts(self, record: Mapping[str, Any], case: Row, fed: Mapping[str, Any], total: int) -> list[Tree]:
        sources: list[Mapping[str, Any]] = [*(fed.get("parts") or ()), fed.get("sl") or {}]
        count = len(sources)
        lines: list[list[Row]] = [[] for _ in sources]
        for line in record["account"].get("services") or ():
            part = int(line["service"].get("part") or 1) if count > 1 else 1
            lines[part - 1 if 1 <= part <= count else -1].append(line)
        made = [self._left.of("SL", s) if s else {} for s in sources]
        self._last(made[-1], case, record, bool(fed))
        _dates(made, case)
        sums = fedsums.split(total, [p.get("SUM_M", "") for p in made], lines)
        for one, own, amount in zip(made, lines, sums, strict=True):
            self._part(one, own, amount, record, bool(fed))
        return made

    def _last(self, made: Tree, case: Row, record: Mapping[str, Any], from_fed: bool) -> None:
        """Put the columns of the case into the SL that is its header."""
        get = case.get
        made |= {name: value for name, column in self._sl.columns if (value := get(column))}
        for name, column in self._sl_lists:
            made.pop(name, None)
            if found := codes(case.get(column)):
                made[name] = found
        if self.letter == "D":
            self._second_diagnoses(made, codes(case.get("ds2")))
            if case.get("department"):
                made["LPU_1"] = case["department"]
            self._appointments(made, str(case.get("doctor") or ""))
        elif "DET" not in made and (det := _child(record["patient"], case)):
            made["DET"] = det
        if "KSG_KPG" in self._sl.names:
            self._group(made, str(case.get("ksg") or ""), str(case.get("date_out") or self._year)[:4])
        days = case.get("bed_days")
        if days and "KD" in self._sl.names and ("KD" not in made or len(_fed(case).get("parts") or ()) == 0):
            made["KD"] = days
        if not from_fed:
            made.setdefault("SL_ID", str(record["account"].get("xkey") or "1"))

    def _second_diagnoses(self, made: Tree, wanted: Sequence[str]) -> None:
        """DS2_N by the column: those the file said more about stay as they were."""
        known = {d["DS2"]: d for d in made.pop("DS2_N", ()) if d.get("DS2")}
        if wanted:
            made["DS2_N"] = [known.get(code) or {"DS2": code} for code in wanted]
            if not all("PR_DS2_N" in d for d in made["DS2_N"]):
                self._lack.add(lack_name("SL/DS2_N/PR_DS2_N"))

    def _appointments(self, made: Tree, doctor: str) -> None:
        """NAZ of a file that named no doctor: the one who ended the examination appointed it."""
        if "NAZ" not in made or not self._names_doctor:
            return
        named = {"NAZ_IDDOKT": doctor} if doctor else {}
        made["NAZ"] = [named | one for one in made["NAZ"]]
        if not all("NAZ_IDDOKT" in one for one in made["NAZ"]):
            self._lack.add(lack_name("SL/NAZ/NAZ_IDDOKT"))

    def _group(self, made: Tree, ksg: str, year: str) -> None:
        """КСГ by the column; without a source only its number, the year and the signs are known."""
        group = made.get("KSG_KPG")
        if not ksg:
            if group:
                del made["KSG_KPG"]
            return
        if group is None:
            made["KSG_KPG"] = {"N_KSG": ksg, "VER_KSG": year, "KSG_PG": "0", "SL_K": "0"}
            self._lack.add("Нет коэффициентов КСГ (SL/KSG_KPG)")
        elif group.get("N_KSG", group.get("N_KPG")) != ksg:
            made["KSG_KPG"] = group | {"N_KPG" if "N_KPG" in group and "N_KSG" not in group else "N_KSG": ksg}

    def _part(self, made: Tree, lines: list[Row], amount: int, record: Mapping[str, Any], fed: bool) -> None:
        case = record["case"]
        made.setdefault("SL_ID", "1")
        if self.letter == "D":
            made.setdefault("DS_ONK", "0")
        else:
            made.setdefault("VERS_SPEC", "V021")
            if self.letter != "H":
                self._tumour(made, case)
        own = fed and len(lines) == 1 and _is_the_part(made, lines[0])
        fedsums.price_part(made, amount, lines[0] if own else None, fed)
        made.setdefault("NHISTORY", case.get("nhistory") or "")
        if not made["NHISTORY"]:
            del made["NHISTORY"]
        if lines and not own:
            taken: set[str] = set()
            made["USL"] = [self._service(line, n, made, record, taken) for n, line in enumerate(lines, 1)]
        self._complete(made, self._sl.must, "SL")

    def _tumour(self, made: Tree, case: Row) -> None:
        """DS_ONK is a suspicion: 0 beside an established diagnosis, which wants its stage instead."""
        suspected = made.setdefault("DS_ONK", "0") == "1"
        known = not suspected and oncology(str(made.get("DS1") or case.get("ds_main") or ""))
        if known and case.get("usl_ok") != "4" and "ONK_SL" not in made:
            self._lack.add(lack_name("SL/ONK_SL"))

    # --- USL -----------------------------------------------------------------------------------

    def _service(self, line: Row, n: int, part: Tree, record: Mapping[str, Any], taken: set[str]) -> Tree:
        row: Row = line["service"]
        case = record["case"]
        rest = (row.get("extra") or {}).get("fed")
        made = self._left.of("USL", rest) if rest else {}
        get = row.get
        made |= {name: value for name, column in self._usl_columns if (value := get(column))}
        for name, column in self._of_case:
            if name not in made and (value := part.get(_SAME.get(name, name)) or case.get(column)):
                made[name] = value
        key = made.get("IDSERV") or str(n)
        made["IDSERV"] = key = key if key not in taken else f"{key}-{n}"
        taken.add(key)
        if "CODE_USL" not in made and row.get("intervention"):
            made["CODE_USL"] = row["intervention"]
        if self.letter == "D":
            made.setdefault("P_OTK", "0")
            if row.get("department"):
                made["LPU_1"] = row["department"]
        self._performer(made, row, part, case)
        fedsums.price_service(made, line, "KOL_USL" in self._usl.names)
        self._complete(made, self._usl.must, "USL")
        return made

    def _performer(self, made: Tree, row: Row, part: Tree, case: Row) -> None:
        doctor = row.get("doctor") or part.get("IDDOKT") or case.get("doctor")
        specialty = row.get("specialty") or part.get("PRVS") or case.get("specialty")
        said = {}
        if specialty:
            said["PRVS"] = specialty
        if doctor:
            said["CODE_MD"] = doctor
        if not self._team:
            made |= said
            return
        team = made.get("MR_USL_N")
        if team:
            made["MR_USL_N"] = [{"MR_N": "1"} | team[0] | said, *team[1:]]
        elif said:
            made["MR_USL_N"] = [{"MR_N": "1"} | said]

    # --- PERS ----------------------------------------------------------------------------------

    def person(self, record: Mapping[str, Any], id_pac: str) -> Tree:
        """The PERS of the patient of a record."""
        row, case = record["patient"], record["case"]
        newborn = (case.get("newborn") or "0") != "0"
        from_fed = bool(_fed(case))
        rest = (row.get("extra") or {}).get("fed")
        made = self._left_pers.of("PERS", rest) if rest else {}
        get = row.get
        made |= {name: value for name, column in self._pers.columns if (value := get(column))}
        made["ID_PAC"] = id_pac
        for name, column in (("DOST", "reliability"), ("DOST_P", "rep_reliability")):
            if marks := row.get(column):
                made[name] = marks.split(",")
        if not from_fed:
            if not newborn:
                for name in _REPRESENTATIVE & made.keys():
                    del made[name]
            if "OT" not in made and "DOST" not in made and "FAM" in made:
                made["DOST"] = ["1"]
            if self.letter != "D":
                made.pop("TEL", None)
        self.missing.update(self._lacking(made, newborn, record["policy"] or {}))
        return made

    def _lacking(self, made: Tree, newborn: bool, policy: Row) -> set[str]:
        must = set(self._pers.must)
        marks = made.get("DOST") or ()
        if newborn:
            must |= {"W_P", "DR_P"}
        else:
            must |= {name for name, mark in (("FAM", "2"), ("IM", "3")) if mark not in marks}
        if policy.get("type") and policy["type"] != "3":
            must |= {"DOCTYPE", "DOCNUM"}
        return {lack_name(f"PERS/{name}") for name in must - made.keys()}


_REPRESENTATIVE = frozenset({"FAM_P", "IM_P", "OT_P", "W_P", "DR_P", "DOST_P"})
#: element of a service → element of its SL with the same meaning
_SAME = {"DS": "DS1", "DATE_IN": "DATE_1", "DATE_OUT": "DATE_2", "LPU": "-"}


def _dates(parts: list[Tree], case: Row) -> None:
    """Begin and end of the case are those of the earliest and the latest SL."""
    for name, column, pick in (("DATE_1", "date_in", min), ("DATE_2", "date_out", max)):
        value = case.get(column)
        if not value:
            continue
        known = [p for p in parts if p.get(name)]
        edge = pick(known, key=lambda p: p[name]) if len(known) == len(parts) else parts[-1]
        if len(parts) == 1 or len(known) == len(parts):
            edge[name] = value


def _is_the_part(part: Tree, line: Row) -> bool:
    """Whether the only service is the SL itself, which had no USL (product.md §6)."""
    row = line["service"]
    if row.get("source_id") != part.get("SL_ID") or (row.get("extra") or {}).get("fed"):
        return False
    code = row.get("code")
    if not code:
        return bool(row.get("name") == "Посещение")
    group = part.get("KSG_KPG") or {}
    return code in (*(part.get("CODE_MES1") or ()), group.get("N_KSG"))


def _child(patient: Row, case: Row) -> str:
    """DET by the age at the beginning of treatment; a newborn is a child."""
    if (case.get("newborn") or "0") != "0":
        return "1"
    age = age_at(str(patient.get("birth_date") or ""), str(case.get("date_in") or ""))
    return "" if age is None else "1" if age < ADULT_FROM else "0"
