"""Layout of the flat DBF of cases (общий ДБФ): a row per service, written by us and read by the load.

``→`` names the field of ours by the words of the CSV mapping, so both flat formats fill cases alike.
"""

from __future__ import annotations

from omstui.formats.layouts.dbf_base import layout

FLAT = layout(
    "FLAT",
    "общий ДБФ: строка на услугу",
    """
    NPP N8 : номер строки
    MCOD C6 : местный код МО
    CODE_MO C6 : реестровый код МО
    YEAR N4 : отчётный год
    MONTH N2 : отчётный месяц
    NSCHET C15 : номер счёта
    DSCHET D : дата счёта
    PLAT C5 : плательщик
    RECID C36 →patient.ext_id : код пациента
    FAM C40 →patient.surname : фамилия
    IM C40 →patient.name : имя
    OT C40 →patient.patronymic : отчество
    W C1 sex →patient.sex : пол (1 мужской, 2 женский)
    DR D →patient.birth_date : дата рождения
    SNILS C14 →patient.snils : СНИЛС
    DOCTYPE C2 →patient.doc_type : вид документа (F011)
    DOCSER C10 →patient.doc_series : серия документа
    DOCNUM C20 →patient.doc_number : номер документа
    MR C100 ~ →patient.birth_place : место рождения
    VPOLIS C1 →policy.type : вид полиса (F008)
    SPOLIS C10 →policy.series : серия полиса
    NPOLIS C20 →policy.number : номер полиса
    ENP C16 →policy.enp : ЕНП | RENP
    SMO C5 →policy.smo : СМО
    SMO_OGRN C15 →policy.smo_ogrn : ОГРН СМО | Q_OGRN QM_OGRN RQOGRN PL_OGRN
    SMO_OK C5 →policy.smo_ok : ОКАТО территории страхования | OKATO_OMS OKATO_INS ROKATO
    SMO_NAM C100 ~ →policy.smo_name : название СМО
    IDCASE C36 @case : ключ случая
    NHISTORY C50 @case →case.nhistory : номер карты или талона
    DISP C3 →case.disp : вид диспансеризации (V016)
    USL_OK C2 →case.usl_ok : условия оказания (V006)
    VIDPOM C4 →case.help_type : вид помощи (V008)
    FOR_POM C1 →case.help_form : форма помощи (V014)
    NPR_MO C6 →case.ref_mo : направившая МО
    NPR_DATE D →case.ref_date : дата направления
    LPU C6 →case.lpu : МО лечения
    PODR C12 →case.department : отделение
    PROFIL C3 →case.profile : профиль (V002)
    PROFIL_K C3 →case.bed_profile : профиль койки (V020)
    DET C1 →case.child_profile : детский профиль
    P_CEL C3 →case.purpose : цель посещения (V025)
    DATE_1 D ! →case.date_in : начало лечения
    DATE_2 D →case.date_out : окончание лечения
    KD C3 →case.bed_days : койко-дни | KD_Z
    DS0 C10 →case.ds_first : диагноз первичный
    DS1 C10 →case.ds_main : диагноз основной | DS MKB
    DS2 C250 →case.ds2 : диагнозы сопутствующие
    DS3 C250 →case.ds3 : диагнозы осложнений
    C_ZAB C1 →case.ds_char : характер заболевания (V027)
    DN C1 →case.observation : диспансерное наблюдение
    RSLT C3 →case.result : результат (V009)
    RSLT_D C2 →case.disp_result : результат диспансеризации (V017)
    ISHOD C3 →case.outcome : исход (V012)
    IDSP C2 →case.pay_method : способ оплаты (V010)
    NOVOR C9 →case.newborn : новорождённый
    N_KSG C20 →case.ksg : КСГ
    PRVS C9 →case.specialty : специальность (V021)
    IDDOKT C25 →case.doctor : врач
    SUMV N15.2 →case.source_sum : сумма случая
    IDSERV C36 →service.source_id : ключ услуги
    CODE_USL C20 →service.code : код услуги | KUSL COD
    NAME_USL C250 ~ →service.name : название услуги
    VID_VME C15 →service.intervention : вмешательство
    DATE_IN D →service.date_in : начало услуги
    DATE_OUT D →service.date_out : окончание услуги
    PROFIL_U C3 →service.profile : профиль услуги
    PRVS_U C9 →service.specialty : специальность исполнителя
    CODE_MD C25 →service.doctor : исполнитель
    DS_U C10 →service.ds : диагноз услуги
    KOL_USL N6.2 →service.quantity : количество
    TARIF N15.2 →service.tariff : тариф
    SUMV_USL N15.2 →service.source_sum : сумма услуги
    """,
)
