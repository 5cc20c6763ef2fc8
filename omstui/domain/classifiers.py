"""Federal classifiers (федеральные классификаторы): the one list of them (nsi.md §1). Pure data.

Names of tags are those of official files; letter case is ignored everywhere. A classifier that came without
an official file — compiled by us or an extract — has ``official=False``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Classifier:
    """A federal classifier: tags of its key, name and lifted attributes, mnemonic of ``zglv/type``.

    ``attributes``: tags of the source; the first two go into a1, a2. ``embedded``: ships with the program.
    ``official`` False = compiled by us, to be dropped when the official book comes.
    """

    code: str
    title: str
    key: str
    name: str
    mnemonic: str = ""
    attributes: tuple[str, ...] = ()
    begin: str = "DATEBEG"
    end: str = "DATEEND"
    embedded: bool = False
    official: bool = True


def _c(
    code: str, title: str, key: str, name: str, mnemonic: str = "", *attributes: str, **more: bool
) -> Classifier:
    return Classifier(code, title, key, name, mnemonic, attributes, **more)  # type: ignore[arg-type]


_ORGANISATIONS = (
    Classifier(
        "F001", "Территориальные фонды ОМС", "tf_kod", "name_tfk", "", ("tf_okato",),
        "d_begin", "d_end",
    ),
    Classifier(
        "F002", "Страховые медицинские организации", "smocod", "nam_smok", "", ("tf_okato", "Ogrn"),
        "d_begin", "d_end",
    ),
    Classifier(
        "F003", "Медицинские организации (старый реестр)", "mcod", "nam_mok", "", ("tf_okato",),
        "d_begin", "d_end",
    ),
    _c("F005", "Статусы оплаты", "IDIDST", "STNAME", "StatOpl", embedded=True),
    _c("F006", "Виды контроля", "IDVID", "VIDNAME", "VidExp", embedded=True),
    _c("F007", "Ведомственная принадлежность", "IDVED", "VEDNAME", "Vedom", embedded=True),
    _c("F008", "Типы полисов", "IDDoc", "DocName", "TipOMS", embedded=True),
    _c("F009", "Статусы застрахованных", "IDStatus", "StatusName", "StatZL", embedded=True),
    _c("F010", "Субъекты Российской Федерации", "KOD_OKATO", "SUBNAME", "Subekti", "KOD_TF"),
    _c("F011", "Виды документов", "IDDoc", "DocName", "Tipdoc", "DocSer", "DocNum", embedded=True),
    _c(
        "F012_errFLK", "Ошибки ФЛК (старый F012)", "IDEr", "Name", "", "Comment",
        embedded=True, official=False,
    ),
    _c("F014", "Причины отказа в оплате", "Kod", "Naim", "OplOtk", "Osn"),
    _c("F014_2021", "Причины отказа в оплате до 25.05.2021", "Kod", "Naim", "", "Osn"),
    _c("F015", "Федеральные округа", "KOD_OK", "OKRNAME", "Okrug", embedded=True),
    _c("F031", "Единый реестр медицинских организаций", "IDMO", "NAM_MOK", "ERMO", "INN", "OGRN"),
    _c("F032", "Медицинские организации", "MCOD", "NAM_MOK", "TRMO", "IDMO", "UIDMO"),
    _c("F033", "Подразделения медицинских организаций", "UIDSPMO", "NAM_SPMO", "SPMO", "IDSPMO"),
)  # fmt: skip

_MEDICINE = (
    _c("M001", "МКБ-10", "IDDS", "DSNAME", "", "Payable"),
    _c(
        "M001_oplata_status",
        "Оплата диагнозов (пример региона)",
        "IDDS",
        "",
        "",
        "STATUS",
        "OSN",
        official=False,
    ),
    _c("MKB10", "МКБ-10 (НСИ Минздрава)", "MKB_CODE", "MKB_NAME", "", "ADDL_CODE", "REC_CODE"),
    _c(
        "MKB10_SEX",
        "Диагнозы одного пола",
        "CODE_FROM",
        "",
        "",
        "CODE_TO",
        "SEX",
        embedded=True,
        official=False,
    ),
    _c("MKBO", "МКБ-О-3, морфология", "CODE", "NAME", "", "PARENT", "SYNONYMS"),
    _c("MZ_MedDev", "Медицинские изделия", "ID", "NAME", "", "RZN", "PARENT"),
    _c("MZ_MethIntro", "Пути введения препаратов", "ID", "NAME_RUS", "", "PARENT"),
    _c("MZ_Severity", "Степени тяжести состояния", "ID", "NAME", "", embedded=True),
    _c("MZ_UnitOfMeasurement", "Единицы измерения", "ID", "FULLNAME", "", "SHORTNAME"),
    _c("V001", "Номенклатура медицинских услуг", "S_CODE", "NAME", ""),
    _c("V002", "Профили медицинской помощи", "IDPR", "PRNAME", "ProfOt"),
    _c("V004", "Специальности (до 2014 года)", "IDMSP", "MSPNAME", ""),
    _c("V005", "Пол", "IDPOL", "POLNAME", "Pol", embedded=True),
    _c("V006", "Условия оказания помощи", "IDUMP", "UMPNAME", "UslMp", embedded=True),
    _c("V008", "Виды медицинской помощи", "IDVMP", "VMPNAME", "VidMp", embedded=True),
    _c("V009", "Результаты обращения", "IDRMP", "RMPNAME", "Rezult", "DL_USLOV"),
    _c("V010", "Способы оплаты", "IDSP", "SPNAME", "Sposob", embedded=True),
    _c("V012", "Исходы заболевания", "IDIZ", "IZNAME", "Ishod", "DL_USLOV", embedded=True),
    _c("V013", "Категории застрахованных", "IDKAT", "KATNAME", "KategZL"),
    _c("V014", "Формы медицинской помощи", "IDFRMMP", "FRMMPNAME", "FRMMP", embedded=True),
    _c("V015", "Медицинские специальности", "CODE", "NAME", "Medspec", "HIGH", "OKSO"),
    _c("V016", "Типы диспансеризации", "IDDT", "DTNAME", "DispT", "RULE", embedded=True),
    _c("V017", "Результаты диспансеризации", "IDDR", "DRNAME", "DispR", embedded=True),
    _c("V018", "Виды ВМП", "IDHVID", "HVIDNAME", "HVid"),
    _c("V019", "Методы ВМП", "IDHM", "HMNAME", "HMet", "HVID", "DIAG"),
    _c("V020", "Профили коек", "IDK_PR", "K_PRNAME", "KoPr"),
    _c("V021", "Специальности врачей", "IDSPEC", "SPECNAME", "MedSpec"),
    _c("V022", "Модели пациента при ВМП", "IDMPAC", "MPACNAME", "ModPac"),
    _c("V023", "КСГ", "K_KSG", "N_KSG", "KSG", "IDUMP", "KOEF_Z"),
    _c("V024", "Классификационные критерии", "IDDKK", "DKKNAME", "DopKr"),
    _c("V025", "Цели посещения", "IDPC", "N_PC", "KPC", embedded=True),
    _c("V026", "КПГ", "K_KPG", "N_KPG", "KPG", "IDUMP", "KOEF_Z"),
    _c("V027", "Характер заболевания", "IDCZ", "N_CZ", "C_ZAB", embedded=True),
    _c("V028", "Виды направления", "IDVN", "N_VN", "NAPR_V", embedded=True),
    _c("V029", "Методы диагностики", "IDMET", "N_MET", "MET_ISSL", embedded=True),
    _c("V030", "Схемы лечения COVID-19", "SCHEMCODE", "SCHEME", "TreatReg", "DEGREE"),
    _c("V031", "Группы препаратов для COVID-19", "DRUGCODE", "DRUGGRUP", "", "INDMNN"),
    _c("V032", "Сочетания схемы и препаратов COVID-19", "SCHEDRUG", "NAME", "", "SCHEMCODE"),
    _c("V033", "Препараты схем лечения COVID-19", "SCHEDRUG", "DRUGCODE", ""),
    _c("V034", "Единицы измерения (ФФОМС)", "UNITCODE", "SHORTTIT", "UnitMeas"),
    _c("V035", "Способы введения (ФФОМС)", "METHCODE", "METHNAME", "MethIntro"),
    _c("V036", "Услуги с имплантатами и препаратами", "S_CODE", "NAME", "ServImplDv", "PARAM"),
    _c("V039", "Виды занятости", "ID_VZ", "N_VZ", ""),
    _c("V040", "Места обращения", "ID_MOP", "N_MOP", ""),
    _c("V041", "КСЛП (федеральный)", "ID_SL", "N_SL", "", "PG_SL", "K_SL"),
    _c("V042", "Причины прерванного случая", "ID_PR", "N_PR", ""),
)

_ONCOLOGY = (
    _c("N001", "Противопоказания и отказы", "ID_PrOt", "PrOt_NAME", "OnkPrOt", embedded=True),
    _c("N002", "Стадии", "ID_St", "KOD_St", "OnkStad", "DS_St"),
    _c("N003", "Tumor", "ID_T", "KOD_T", "OnkT", "DS_T"),
    _c("N004", "Nodus", "ID_N", "KOD_N", "OnkN", "DS_N"),
    _c("N005", "Metastasis", "ID_M", "KOD_M", "OnkM", "DS_M"),
    _c("N006", "Сочетания диагноза, стадии и TNM", "ID_gr", "", "OnkTNM", "DS_gr", "ID_St"),
    _c("N007", "Гистологические признаки", "ID_Mrf", "Mrf_NAME", "OnkMrf", embedded=True),
    _c("N008", "Результаты гистологии", "ID_R_M", "R_M_NAME", "OnkMrfRt", "ID_Mrf", embedded=True),
    _c(
        "N009",
        "Гистологические признаки диагнозов",
        "ID_M_D",
        "",
        "OnkMrtDS",
        "DS_Mrf",
        "ID_Mrf",
        embedded=True,
    ),
    _c("N010", "Маркёры", "ID_Igh", "Igh_NAME", "OnkIgh", "KOD_Igh", embedded=True),
    _c("N011", "Значения маркёров", "ID_R_I", "R_I_NAME", "OnkIghRt", "ID_Igh", "KOD_R_I", embedded=True),
    _c("N012", "Маркёры диагнозов", "ID_I_D", "", "OnkIghDS", "DS_Igh", "ID_Igh", embedded=True),
    _c("N013", "Типы лечения", "ID_TLech", "TLech_NAME", "OnkLech", embedded=True),
    _c("N014", "Типы хирургического лечения", "ID_THir", "THir_NAME", "OnkHir", embedded=True),
    _c("N015", "Линии лекарственной терапии", "ID_TLek_L", "TLek_NAME_L", "OnkLek_L", embedded=True),
    _c("N016", "Циклы лекарственной терапии", "ID_TLek_V", "TLek_NAME_V", "OnkLek_V", embedded=True),
    _c("N017", "Типы лучевой терапии", "ID_TLuch", "TLuch_NAME", "OnkLuch", embedded=True),
    _c("N018", "Поводы обращения", "ID_REAS", "REAS_NAME", "OnkReas", embedded=True),
    _c("N019", "Цели консилиума", "ID_CONS", "CONS_NAME", "OnkCons", embedded=True),
    _c("N020", "Противоопухолевые препараты", "ID_LEKP", "MNN", "OnkLekp"),
    _c("N021", "Препараты схем терапии", "ID_ZAP", "", "OnkLpsh", "CODE_SH", "ID_LEKP"),
)

_OTHERS = (
    _c("O001", "Страны мира", "KOD", "NAME11", "OKSM", "ALFA2", "ALFA3"),
    _c("Q015", "Правила ФЛК", "ID_TEST", "ID_EL", "FLK_MPF", "NSI_OBJ", "NSI_EL"),
    _c("Q016", "Правила МЭК", "ID_TEST", "ID_EL", "MEK_MPF", "DESC_TEST", "NSI_OBJ", "NSI_EL"),
    _c("Q017", "Категории проверок ФЛК и МЭК", "ID_KTEST", "NAM_KTEST", "TEST_K", embedded=True),
    _c("Q019", "Типы передаваемых данных", "TYPE_D", "NAME", "TYPE_DAT"),
    _c("Q022", "Правила ФЛК региона", "ID_TEST", "ID_EL", "FLK_MPR", "NSI_OBJ", "NSI_EL"),
    _c("Q023", "Правила МЭК региона", "ID_TEST", "ID_EL", "MEK_MPR", "DESC_TEST", "NSI_OBJ", "NSI_EL"),
    _c("SprVME_Prof_Spec", "Услуга, профиль и специальность (пример региона)", "VidVME", "VidVMEname", "",
       "Profil", "Spec", official=False),
    _c("NSI_CATALOG", "Перечень справочников ФФОМС", "CODE", "NAME", "", "VERSION", "LAST_UPDATE"),
)  # fmt: skip

CLASSIFIERS: dict[str, Classifier] = {
    book.code: book for book in (*_ORGANISATIONS, *_MEDICINE, *_ONCOLOGY, *_OTHERS)
}

#: other names of tags in old editions, in extracts and in files of other publishers, folded
ALIASES: dict[str, tuple[str, ...]] = {
    "S_CODE": ("CODE",),
    "DATEBEG": ("D_BEGIN", "DATE_BEG", "DATE_B", "BEGIN_DATE"),
    "DATEEND": ("D_END", "DATE_END", "DATE_E", "END_DATE", "DATEOUT", "DATE_OUT"),
    "D_BEGIN": ("DATEBEG", "DATE_BEGIN"),
    "D_END": ("DATEEND", "DATE_END"),
    "MKB_CODE": ("S_CODE",),
    "FULLNAME": ("NAME",),
    "NAME_RUS": ("NAME",),
}


def version_key(text: str) -> tuple[int, ...]:
    """Return an edition as a tuple of numbers: «2.14» is newer than «2.9»; () when it has none.

    Zeros at the end say nothing: 2.0 and 2 are one version.
    """
    found = re.fullmatch(r"v?\s*([0-9]+(?:\.[0-9]+)*)", text.strip().lower())
    if not found:
        return ()
    numbers = [int(part) for part in found[1].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
