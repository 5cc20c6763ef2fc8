"""Layout of the federal registry files H, C, T, D and L (федеральный XML): one table of elements.

Order follows the published schemas; one order serves every file type, because no two of them
contradict each other. The reader goes by the structure it finds, never by VERSION; ``since`` and
``until`` say where an element belongs, for writing and for the operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Element:
    """One element (элемент) of a block; ``column`` is the column that takes its value."""

    name: str
    type: str  # T text, N number, M money, D date, S block of elements
    size: str = ""
    repeat: bool = False
    files: str = "HCTD"
    since: str = "3.0"
    until: str = ""
    #: column of the case, policy, patient or service; «» = travels in extra["fed"]
    column: str = ""
    #: files in which the format requires it; «» = nowhere
    must: str = ""
    #: structures between ``since`` and ``until`` that do not have it
    absent: str = ""

    def belongs(self, letter: str, structure: str) -> bool:
        """Whether a file of this letter and structure has the element."""
        return (
            letter in self.files
            and self.since <= structure
            and (not self.until or structure <= self.until)
            and structure not in self.absent
        )


@dataclass(frozen=True, slots=True)
class Block:
    """A block of elements (составной элемент) with its children in the order of the file."""

    name: str
    elements: tuple[Element, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(e.name for e in self.elements)

    @property
    def repeated(self) -> frozenset[str]:
        """Elements that are a list even when one is there."""
        return frozenset(e.name for e in self.elements if e.repeat)

    @property
    def columns(self) -> dict[str, str]:
        """Element → column."""
        return {e.name: e.column for e in self.elements if e.column}


def _elements(table: str) -> Iterator[Element]:
    """Read lines «NAME[*][!] TYPE [files=…] [since=…] [until=…] [absent=…] [must=…] [→column]».

    ``!`` = required wherever it stands; ``must=`` names the files that require it.
    """
    for line in table.split("\n"):
        words = line.split()
        if not words:
            continue
        options = dict(w.split("=", 1) for w in words[2:] if "=" in w)
        column = next((w[1:] for w in words[2:] if w.startswith("→")), "")
        name = words[0].rstrip("*!")
        marks = words[0][len(name) :]
        if "!" in marks:
            options["must"] = options.get("files", "HCTD")
        yield Element(name, words[1][0], words[1][1:], "*" in marks, column=column, **options)


def _block(name: str, table: str) -> Block:
    return Block(name, tuple(_elements(table)))


ZGLV = _block(
    "ZGLV",
    """
    VERSION! T5
    DATA! D
    FILENAME! T26
    FILENAME1! T26 files=L
    SD_Z! N9
    """,
)

SCHET = _block(
    "SCHET",
    """
    CODE! N8
    CODE_MO! T6
    YEAR! N4
    MONTH! N2
    NSCHET! T15
    DSCHET! D
    PLAT T5
    SUMMAV! M
    COMENTS T250
    SUMMAP M
    SANK_MEK M
    SANK_MEE M
    SANK_EKMP M
    REF S
    DISP! T3 files=D
    """,
)

ZAP = _block(
    "ZAP",
    """
    N_ZAP! N8
    PR_NOV! N1
    PACIENT! S
    Z_SL! S
    """,
)

PACIENT = _block(
    "PACIENT",
    """
    ID_PAC! T36
    VPOLIS! N1 →type
    SPOLIS T10 →series
    NPOLIS T20 →number
    ENP T16 since=3.2 →enp
    ST_OKATO T5 →okato
    SMO T5 →smo
    SMO_OGRN T15 absent=3.2 →smo_ogrn
    SMO_OK T5 absent=3.2 →smo_ok
    SMO_NAM T100 →smo_name
    INV N1 files=HCT
    MSE N1 files=HC
    NOVOR! T9
    VNOV_D N4 files=HCT
    SOC T3 since=5.0
    NEXT_D N2 since=5.0
    MO_PR T6 since=5.0
    VZ N2 since=5.0
    """,
)

Z_SL = _block(
    "Z_SL",
    """
    IDCASE! N11
    FIRST_IDCASE N11
    USL_OK! N2 files=HCT →usl_ok
    VIDPOM! N4 →help_type
    FOR_POM! N1 files=HCT →help_form
    NPR_MO T6 files=HCT →ref_mo
    NPR_DATE D files=HCT →ref_date
    NPR_NUM T20 files=HCT since=5.0
    LPU! T6 →lpu
    VBR! N1 files=D →mobile_team
    DATE_Z_1! D →date_in
    DATE_Z_2! D →date_out
    P_OTK! N1 files=D →refused_exam
    KD_Z N3 files=HCT →bed_days
    VNOV_M* N4 files=HCT
    RSLT! N3 files=HCT →result
    RSLT_D N2 files=D →disp_result
    ISHOD! N3 files=HCT →outcome
    OS_SLUCH* N1
    VB_P N1 files=HC
    SL*! S
    IDSP! N2 →pay_method
    SUMV! M →source_sum
    OPLATA N1
    SUMP M
    SANK* S
    SANK_IT M
    """,
)

SL = _block(
    "SL",
    """
    SL_ID! T36
    VID_HMP! T12 files=T
    METOD_HMP! N4 files=T
    LPU_1 T8
    PODR N12 files=HCT →department
    PROFIL! N3 files=HCT →profile
    PROFIL_M N3 files=HCT since=5.0
    PROFIL_K N3 files=HCT must=T →bed_profile
    DET! N1 files=HCT →child_profile
    P_CEL T3 files=HC →purpose
    TAL_D! D files=T
    TAL_NUM! T20 files=T
    TAL_P! D files=T
    NHISTORY! T50 →nhistory
    P_PER N1 files=HC
    DATE_1! D
    DATE_2! D
    KD N3 files=HC
    WEI N4.1 files=H since=3.2
    DS0 T10 files=HCT →ds_first
    DS1 T10 must=HCT →ds_main
    DS1_PR N1 files=D
    DS2* T10 files=HCT →ds2
    DS3* T10 files=HCT →ds3
    C_ZAB N1 files=HCT →ds_char
    DS_ONK! N1 files=CTD
    DN N1 files=HC →observation
    PR_D_N N1 files=D
    DS2_N* S files=D
    NAZ* S files=D
    CODE_MES1* T20 files=HCT
    CODE_MES2 T20 files=HCT
    NAPR* S files=CT
    CONS* S files=CT
    ONK_SL S files=CT
    KSG_KPG S files=HC
    REAB N1 files=HC
    PRVS! N4 files=HCT →specialty
    VERS_SPEC! T4 files=HCT
    IDDOKT! T25 files=HCT →doctor
    ED_COL N5.2
    TARIF M
    SUM_M! M
    LEK_PR* S files=H since=3.2
    USL* S
    COMENTSL T250 →comment
    """,
)

USL = _block(
    "USL",
    """
    IDSERV! T36 →source_id
    LPU! T6 →lpu
    LPU_1 T8
    PODR N8 files=HCT →department
    PROFIL! N3 files=HCT →profile
    VID_VME T15 files=HCT →intervention
    DET! N1 files=HCT →child_profile
    DATE_IN! D →date_in
    DATE_OUT! D →date_out
    P_OTK! N1 files=D →incomplete
    DS! T10 files=HCT →ds
    CODE_USL! T20 →code
    KOL_USL! N6.2 files=HCT →quantity
    TARIF M →tariff
    SUMV_USL! M →source_sum
    MED_DEV* S files=H since=3.2
    PRVS! N9 until=3.1 →specialty
    CODE_MD! T25 until=3.1 →doctor
    MR_USL_N*! S since=3.2
    NPL N1 files=HC →incomplete
    COMENTU T250
    """,
)

PERS = _block(
    "PERS",
    """
    ID_PAC! T36 →ext_id
    FAM T40 →surname
    IM T40 →name
    OT T40 →patronymic
    W! N1 →sex
    DR! D →birth_date
    DOST* N1 →reliability
    TEL T100 →phone
    FAM_P T40 →rep_surname
    IM_P T40 →rep_name
    OT_P T40 →rep_patronymic
    W_P N1 →rep_sex
    DR_P D →rep_birth_date
    DOST_P* N1 →rep_reliability
    MR T100 →birth_place
    DOCTYPE T2 →doc_type
    DOCSER T10 →doc_series
    DOCNUM T20 →doc_number
    DOCDATE D since=3.2 →doc_date
    DOCORG T1000 since=3.2 →doc_org
    SNILS T14 →snils
    OKATOG T11 →okato_home
    OKATOP T11 →okato_stay
    COMENTP T250
    """,
)

#: Blocks that travel whole in extra["fed"]; LEK_PR and others nest by path
NESTED: dict[str, Block] = {
    "SCHET/REF": _block("REF", "FIRST_CODE N8\nFIRST_YEAR N4\nFIRST_MONTH N2"),
    "SL/KSG_KPG": _block(
        "KSG_KPG",
        """
        N_KSG T20
        VER_KSG N4
        KSG_PG N1
        N_KPG T4
        KOEF_Z N2.5
        KOEF_UP N2.5
        BZTSZ N6.2
        KOEF_D N2.5
        KOEF_U N2.5
        K_ZP N2.5 since=5.0
        CRIT* T10
        SL_K N1
        IT_SL N1.5
        SL_KOEF* S
        PR_PR N1 since=5.0
        KOEF_PR N2.5 since=5.0
        """,
    ),
    "SL/KSG_KPG/SL_KOEF": _block("SL_KOEF", "IDSL N4\nZ_SL N1.5"),
    "SL/LEK_PR": _block(
        "LEK_PR",
        """
        DATA_INJ D
        CODE_SH T10
        REGNUM T6
        COD_MARK T100
        LEK_DOSE S
        """,
    ),
    "SL/LEK_PR/LEK_DOSE": _block("LEK_DOSE", "ED_IZM T3\nDOSE_INJ N7.2\nMETHOD_INJ T3\nCOL_INJ N5"),
    "SL/NAPR": _block("NAPR", "NAPR_DATE D\nNAPR_MO T6\nNAPR_V N2\nMET_ISSL N2\nNAPR_USL T15"),
    "SL/CONS": _block("CONS", "PR_CONS N1\nDT_CONS D"),
    "SL/ONK_SL": _block(
        "ONK_SL",
        """
        DS1_T N2
        STAD N3
        ONK_T N4
        ONK_N N4
        ONK_M N4
        MTSTZ N1
        SOD N6.2
        K_FR N2
        WEI N4.1
        HEI N3
        BSA N3.2
        B_DIAG* S
        B_PROT* S
        ONK_USL* S
        """,
    ),
    "SL/ONK_SL/B_DIAG": _block("B_DIAG", "DIAG_DATE D\nDIAG_TIP N1\nDIAG_CODE N3\nDIAG_RSLT N3\nREC_RSLT N1"),
    "SL/ONK_SL/B_PROT": _block("B_PROT", "PROT N1\nD_PROT D"),
    "SL/ONK_SL/ONK_USL": _block(
        "ONK_USL",
        """
        USL_TIP N1
        HIR_TIP N1
        LEK_TIP_L N1
        LEK_TIP_V N1
        LEK_PR* S
        PPTR N1
        LUCH_TIP N1
        """,
    ),
    "SL/ONK_SL/ONK_USL/LEK_PR": _block(
        "LEK_PR", "REGNUM T6\nREGNUM_DOP T25 since=5.0\nCODE_SH T10\nDATE_INJ* D\nINJ* S since=5.0"
    ),
    "SL/ONK_SL/ONK_USL/LEK_PR/INJ": _block(
        "INJ", "DATE_INJ D\nKV_INJ N8.3\nKIZ_INJ N8.3\nS_INJ N15.6\nSV_INJ M\nSIZ_INJ M\nRED_INJ N1"
    ),
    "SL/DS2_N": _block("DS2_N", "DS2 T20\nDS2_PR N1\nPR_DS2_N N1"),
    "SL/NAZ": _block(
        "NAZ",
        """
        NAZ_N N2
        NAZ_R N2
        NAZ_SP N4 until=3.1
        NAZ_IDDOKT T25 since=3.2
        NAZ_V N1
        NAZ_USL T15
        NAPR_DATE D
        NAPR_MO T6
        NAZ_PMP N3
        NAZ_PK N3
        """,
    ),
    "USL/MED_DEV": _block("MED_DEV", "DATE_MED D\nCODE_MEDDEV N6\nNUMBER_SER T100"),
    "USL/MR_USL_N": _block("MR_USL_N", "MR_N N3\nPRVS N4\nCODE_MD T25"),
    "Z_SL/SANK": _block(
        "SANK",
        """
        S_CODE T36
        S_SUM M
        S_TIP N2
        SL_ID* T36
        S_OSN N3
        DATE_ACT D
        NUM_ACT T30
        CODE_EXP* T8
        S_COM T250
        S_IST N1
        """,
    ),
}

#: Every block by its path from the nearest of these roots
BLOCKS: dict[str, Block] = {b.name: b for b in (ZGLV, SCHET, ZAP, PACIENT, Z_SL, SL, USL, PERS)} | NESTED

#: letters of the case file → letters of its file of persons (пара имён)
PAIRS: dict[str, str] = {"H": "L", "C": "LC", "T": "LT", "X": "LX"} | {
    f"D{x}": f"L{x}" for x in "PVSURDFOABEGHIJKLMNQWYZ"
}
