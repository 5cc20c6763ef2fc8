"""Layouts of identification (идентификация): QPID asks, APID answers, FLQPID is the ФЛК of a QPID."""

from __future__ import annotations

from omstui.formats.layouts.dbf_base import layout

QPID = layout(
    "QPID",
    "запрос идентификации",
    """
    NPP N8 @key : номер записи в пакете
    MCOD C6 : код МО
    RECID C20 @key : идентификатор пациента в МО
    FAM C40 : фамилия
    IM C40 : имя
    OT C40 : отчество
    W N1 sex : пол (1 мужской, 2 женский)
    DR D : дата рождения
    SNILS C14 : СНИЛС
    DOCTYPE N2 : вид документа (F011)
    DOCSER C10 : серия документа
    DOCNUM C20 : номер документа
    VPOLIS N1 : вид полиса (F008)
    SPOLIS C10 : серия полиса
    NPOLIS C20 : номер полиса
    ENP C16 : ЕНП
    SMO C5 : СМО, известная МО | PLAT
    MR C100 ~ : место рождения
    DATE_1 D : начало лечения
    DATE_2 D : окончание лечения
    """,
)

APID = layout(
    "APID",
    "ответ на идентификацию",
    """
    RES N2 @answer : итог поиска (0 не найден, 1 найден, 2 другой субъект, 3 не застрахован, 9 мало данных)
    RSMO C5 : СМО по регистру
    ROKATO C5 : ОКАТО территории страхования
    RVPOL N1 : вид полиса по регистру
    RSPOL C10 : серия полиса по регистру
    RNPOL C20 @answer : номер полиса по регистру
    RENP C16 @answer : ЕНП по регистру
    RDBEG D : начало действия полиса
    RDEND D : окончание действия полиса
    RFAM C40 : уточнённая фамилия
    RIM C40 : уточнённое имя
    ROT C40 : уточнённое отчество
    RDR D : уточнённая дата рождения
    RSNILS C14 : СНИЛС по регистру
    RMO C6 : МО прикрепления
    RDMO D : дата прикрепления
    RDS D : дата смерти
    EERP C250 @answer ~ : ошибка поиска
    """,
    QPID,
)

FLQPID = layout(
    "FLQPID",
    "протокол ФЛК запроса идентификации",
    """
    SRC C40 ~ : источник | SOURCE
    ERR_CODE C12 : код ошибки | OSHIB
    ERR_TEXT C250 ! ~ : описание ошибки | COMMENT
    CNT N8 : количество
    NPP N8 : запись QPID
    RECID C20 : пациент
    FLD C10 : поле с ошибкой | IM_POL
    """,
)
