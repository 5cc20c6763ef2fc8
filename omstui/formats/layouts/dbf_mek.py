"""Layout of the return of the medical-economic control (возврат МЭК, файл b…) and the points of 231н."""

from __future__ import annotations

from omstui.formats.layouts.dbf_base import layout

MEK = layout(
    "B",
    "возврат МЭК",
    """
    NPP N8 : номер записи
    MCOD C6 : код МО
    PLAT C5 : плательщик
    YEAR N4 : год счёта
    MONTH N2 : месяц счёта
    NSCHET C15 : номер счёта
    DSCHET D : дата счёта
    IDCASE C36 @case : ключ случая
    NHISTORY C50 @case : номер карты или талона
    IDSERV C36 : ключ услуги
    FAM C40 : фамилия
    IM C40 : имя
    OT C40 : отчество
    DR D : дата рождения
    ENP C16 : ЕНП
    CODE_USL C20 : услуга
    DATE_1 D : начало лечения
    DATE_2 D : окончание лечения
    DS1 C10 : диагноз
    SUMV N15.2 : выставлено
    OPLATA N1 : решение (1 принято, 2 отказ, 3 частичный отказ)
    S_OSN C20 ! : основание отказа: пункт 231н или код F014
    S_SUM N15.2 : снято
    S_COM C250 ~ : комментарий
    NUM_ACT C30 : номер акта
    DATE_ACT D : дата акта
    """,
)

#: points of the list of grounds in force since 25.05.2021; F014 numbers them from 201 without a gap
_POINTS = """
    1.1. 1.2. 1.3. 1.4.1. 1.4.2. 1.4.3. 1.4.4. 1.4.5. 1.4.6. 1.5. 1.6.1. 1.6.2. 1.6.3. 1.6.4. 1.7.1.
    1.7.2. 1.8.1. 1.8.2. 1.8.3. 1.9. 1.10.1. 1.10.2. 1.10.3. 1.10.4. 1.10.5. 1.10.6.
    2.1. 2.2. 2.3.1. 2.3.2. 2.3.3. 2.4. 2.5.1. 2.5.2. 2.5.3. 2.6. 2.7. 2.8. 2.9. 2.10. 2.11. 2.12.
    2.13. 2.14. 2.15. 2.16.1. 2.16.2. 2.17. 2.18.
    3.1.1. 3.1.2. 3.1.3. 3.1.4. 3.1.5. 3.2.1. 3.2.2. 3.2.3. 3.2.4. 3.2.5. 3.2.6. 3.3. 3.4. 3.5. 3.6.
    3.7. 3.8. 3.9. 3.10. 3.11. 3.12. 3.13.
"""
#: number of F014 → point, «222» → «1.10.2.»
POINT_OF_NUMBER = {str(n): point for n, point in enumerate(_POINTS.split(), 201)}
NUMBER_OF_POINT = {point: number for number, point in POINT_OF_NUMBER.items()}
