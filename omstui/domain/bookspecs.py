"""Reference books (справочники, НСИ): the one list of them. Pure data.

Two families. A **classifier** (федеральный классификатор) is an official package (nsi.md): all of them share
the table ``nsi`` keyed by (book, code, begin date) with the tags of the source as JSON; two attributes that
criteria ask for are lifted into ``a1`` and ``a2``. A **local book** (местный справочник) is loaded from DBF,
CSV or XLSX or typed on the screen; each has a table of its own whose columns are listed here, and
``store.tables`` makes the table from this list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from omstui.domain.classifiers import CLASSIFIERS, Classifier

__all__ = ["CLASSIFIERS", "INSURERS", "LOADABLE", "LOCAL", "Classifier", "Column", "LocalBook", "title_of"]

#: text | day «YYYY-MM-DD», '' = open | sum kopecks | qty hundredths | coef ten-thousandths | whole, NULL =
#: no limit | flag 0/1 | child '' / '1' / '0'
Kind = Literal["text", "day", "sum", "qty", "coef", "whole", "flag", "child"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a local book: name in the table, Russian title, other names in headers of files."""

    name: str
    title: str
    kind: Kind = "text"
    names: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class LocalBook:
    """A local book. ``key`` tells rows apart; ``spans``: rows of one key must not overlap in dates."""

    code: str
    title: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    spans: bool = False


_CODE = Column("code", "Код", names=("код услуги", "code_usl", "kod"), required=True)
_NAME = Column("name", "Наименование", names=("название", "naim"))
_BEGIN = Column("begin_date", "Начало", "day", ("begin", "дата начала", "datebeg", "date_b"))
_END = Column("end_date", "Окончание", "day", ("end", "дата окончания", "dateend", "date_e"))
_SEX = Column("sex", "Пол", names=("w", "пол (1 м, 2 ж)"))
_AGE_MIN = Column("age_min", "Возраст от", "whole", ("возраст с", "age_from"))
_AGE_MAX = Column("age_max", "Возраст до", "whole", ("возраст по", "age_to"))
_CONDITIONS = Column("usl_ok", "Условия", names=("условия оказания", "conditions", "uslok"))
_PROFILE = Column("profile", "Профиль", names=("профиль мп", "profil"))
_SPECIALTY = Column("specialty", "Специальность", names=("prvs", "код специальности"))


def _flag(name: str, title: str, *names: str, required: bool = False) -> Column:
    return Column(name, title, "flag", names, required)


LOCAL: dict[str, LocalBook] = {
    book.code: book
    for book in (
        LocalBook(
            "tariff",
            "Тарифы",
            "tariff",
            (
                _CODE,
                Column("level", "Уровень"),
                Column("child", "Дети", "child", ("ребенок", "ребёнок", "возраст")),
                _BEGIN,
                _END,
                Column("price", "Цена", "sum", ("тариф", "стоимость", "tarif"), required=True),
                _NAME,
                Column("pay_method", "Способ оплаты", names=("idsp",)),
                _flag("capitation", "В подушевом нормативе", "подушевой"),
            ),
            ("code", "level", "child", "begin_date"),
            spans=True,
        ),
        LocalBook(
            "services",
            "Услуги",
            "service_book",
            (
                _CODE,
                _NAME,
                _flag("is_visit", "Посещение", required=True),
                _flag("is_call", "Вызов СМП", "вызов"),
                _flag("repeatable", "Повторяемая", "многократная"),
                _SEX,
                _AGE_MIN,
                _AGE_MAX,
                _CONDITIONS,
                _flag("needs_doctor", "Нужен врач"),
                _flag("needs_referral", "Нужно направление"),
                _flag("requires_tooth", "Нужен зуб", "нужен номер зуба"),
                _flag("is_dental", "Стоматология", "стоматологическая"),
                _flag("is_primary_dental", "Первичный приём стоматолога"),
                _flag("is_extraction", "Удаление зуба"),
                _flag("is_closed_case", "Законченный случай"),
                #: dialysis, PET, molecular genetics, remote monitoring: paid beside a stay in hospital
                _flag("beside_stay", "Оплачивается при стационаре"),
                #: autopsies, studies of removed material: dated after death
                _flag("after_death", "После смерти"),
                Column("max_qty", "Не более за случай", "whole"),
                Column("max_qty_day", "Не более за день", "whole"),
                _BEGIN,
                _END,
            ),
            ("code", "begin_date"),
            spans=True,
        ),
        LocalBook(
            "visit_type",
            "Услуги посещения с профилактической целью",
            "visit_type_service",
            (_CODE,),
            ("code",),
        ),
        LocalBook(
            "doctors",
            "Врачи",
            "doctor",
            (
                Column("code", "Код врача", names=("код", "iddokt", "табельный номер"), required=True),
                Column("snils", "СНИЛС", names=("ss",)),
                Column("surname", "Фамилия", names=("fam",)),
                Column("name", "Имя", names=("im",)),
                Column("patronymic", "Отчество", names=("ot",)),
                Column("hired", "Принят", "day", ("дата приема", "дата приёма", "начало")),
                Column("dismissed", "Уволен", "day", ("дата увольнения", "окончание")),
            ),
            ("code",),
        ),
        LocalBook(
            "certificates",
            "Сертификаты и аккредитация врачей",
            "doctor_certificate",
            (
                Column("doctor", "Код врача", names=("врач", "iddokt"), required=True),
                Column("specialty", "Специальность", names=("prvs",), required=True),
                _BEGIN,
                _END,
                Column("number", "Номер", names=("номер документа",)),
            ),
            ("doctor", "specialty", "begin_date"),
        ),
        LocalBook(
            "departments",
            "Отделения",
            "department",
            (
                Column("code", "Код", names=("код отделения", "podr", "lpu_1"), required=True),
                _NAME,
                _CONDITIONS,
                _BEGIN,
                _END,
            ),
            ("code", "begin_date"),
        ),
        LocalBook(
            "service_specialty",
            "Услуга — специальность врача",
            "service_specialty",
            (_CODE, Column("specialty", "Специальность", names=("prvs", "spec"), required=True)),
            ("code", "specialty"),
        ),
        LocalBook(
            "profile_specialty",
            "Профиль — специальность врача",
            "profile_specialty",
            (
                #: «*» = the specialty fits every profile
                Column("profile", "Профиль", names=("profil",), required=True),
                Column("specialty", "Специальность", names=("prvs", "spec"), required=True),
            ),
            ("profile", "specialty"),
        ),
        LocalBook(
            "oms_excluded",
            "Диагнозы вне программы ОМС",
            "oms_excluded_mkb",
            (
                #: beginning of a code of МКБ-10; the longest one that fits decides
                Column("mask", "Начало кода МКБ", names=("код", "code", "mkb", "idds"), required=True),
                _flag("paid", "Оплачивается"),
                _NAME,
                _BEGIN,
                _END,
            ),
            ("mask", "begin_date"),
        ),
        LocalBook(
            "observation",
            "Диагнозы диспансерного наблюдения",
            "observation_mkb",
            (Column("mask", "Начало кода МКБ", names=("код", "code", "mkb"), required=True), _NAME),
            ("mask",),
        ),
        LocalBook(
            "disp_program",
            "Программы диспансеризации и осмотров",
            "disp_program",
            (
                #: kind of activity: dispensary, orphans, checkup, minors
                Column("kind", "Вид", names=("вид деятельности", "activity"), required=True),
                Column("stage", "Этап", names=("этап (1, 2)",)),
                Column("code", "Код услуги", names=("код", "code_usl"), required=True),
                _SEX,
                _AGE_MIN,
                _AGE_MAX,
                _flag("mandatory", "Обязательная"),
                _flag("no_refusal", "Без права отказа"),
                _flag("is_final", "Заключительный осмотр"),
                _flag("is_questionnaire", "Анкетирование"),
                #: how long before the begin it may have been done; NULL = by the settings
                Column("lookback", "Срок давности, месяцев", "whole"),
            ),
            ("kind", "stage", "code", "sex", "age_min"),
        ),
        LocalBook(
            "disp_result",
            "Результаты диспансеризации и осмотров",
            "disp_result",
            (
                Column("kind", "Вид", names=("вид деятельности", "activity"), required=True),
                Column("stage", "Этап"),
                Column("result", "Результат", names=("rslt", "код"), required=True),
            ),
            ("kind", "stage", "result"),
        ),
        LocalBook(
            "inclusions",
            "Услуги в составе других услуг",
            "service_inclusion",
            (
                Column("parent", "Услуга", names=("основная услуга", "код"), required=True),
                Column("child", "Входит в состав", names=("входящая услуга",), required=True),
            ),
            ("parent", "child"),
        ),
        LocalBook(
            "exclusions",
            "Взаимоисключающие услуги",
            "service_exclusion",
            (
                Column("code1", "Услуга 1", names=("код 1",), required=True),
                Column("code2", "Услуга 2", names=("код 2",), required=True),
            ),
            ("code1", "code2"),
        ),
        LocalBook(
            "mes",
            "МЭС и КСГ",
            "mes",
            (
                Column("code", "Код", names=("мэс", "ксг", "k_ksg", "код мэс"), required=True),
                _NAME,
                _CONDITIONS,
                _SEX,
                _AGE_MIN,
                _AGE_MAX,
                Column("min_days", "Дней от", "whole", ("мин. дней",)),
                Column("max_days", "Дней до", "whole", ("макс. дней",)),
                #: stay without a coefficient for a very long one: 30 or 45 days
                Column("norm_days", "Норма дней", "whole"),
                Column("coef_z", "Коэф. затратоёмкости", "coef", ("koef_z", "коэффициент затратоемкости")),
                Column("coef_up", "Управленческий коэф.", "coef", ("koef_up",)),
                #: share of the price for a stay cut short or of three days and less; surgical ones more
                Column("short_share", "Доля за прерванный случай", "coef"),
                _flag("is_short", "Короткая КСГ", "короткий"),
                _BEGIN,
                _END,
            ),
            ("code", "begin_date"),
            spans=True,
        ),
        LocalBook(
            "mes_rule",
            "Состав МЭС и КСГ: диагнозы, услуги, критерии",
            "mes_rule",
            (
                Column("mes", "Код МЭС/КСГ", names=("ксг", "мэс", "код"), required=True),
                #: beginning of a code of МКБ-10, '' = any
                Column("ds", "Диагноз", names=("мкб", "mkb", "ds1")),
                Column("code", "Услуга", names=("код услуги", "операция")),
                Column("criterion", "Критерий", names=("crit",)),
                _AGE_MIN,
                _AGE_MAX,
                #: 1 = the МЭС cannot be without this service or criterion
                _flag("mandatory", "Обязательная"),
            ),
            ("mes", "ds", "code", "criterion"),
        ),
        LocalBook(
            "mes_nested",
            "КСГ, допустимые внутри других",
            "mes_nested",
            (
                Column("outer_mes", "Внешняя КСГ", names=("внешняя",), required=True),
                Column("inner_mes", "Вложенная КСГ", names=("вложенная",), required=True),
            ),
            ("outer_mes", "inner_mes"),
        ),
        LocalBook(
            "rates",
            "Базовые ставки и коэффициенты МО",
            "rate",
            (
                _CONDITIONS,
                Column("base", "Базовая ставка", "sum", ("bztsz",), required=True),
                Column("coef_u", "Коэф. уровня", "coef", ("koef_u", "коэффициент уровня")),
                Column("coef_d", "Коэф. дифференциации", "coef", ("koef_d",)),
                _BEGIN,
                _END,
            ),
            ("usl_ok", "begin_date"),
            spans=True,
        ),
        LocalBook(
            "kslp",
            "КСЛП",
            "kslp",
            (
                Column("code", "Код", names=("idsl", "номер"), required=True),
                _NAME,
                Column("value", "Значение", "coef", ("коэффициент", "z_sl"), required=True),
                #: counts in the sum that has a limit (1.8); the one for a very long stay does not
                _flag("limited", "Входит в предел"),
                _BEGIN,
                _END,
            ),
            ("code", "begin_date"),
            spans=True,
        ),
        LocalBook(
            "mo_service",
            "Услуги, разрешённые организации",
            "mo_service",
            (Column("mask", "Начало кода услуги", names=("код", "code"), required=True), _BEGIN, _END),
            ("mask", "begin_date"),
        ),
        LocalBook(
            "licence",
            "Лицензия: профили",
            "licence",
            (
                Column("profile", "Профиль", names=("profil",), required=True),
                Column("usl_ok", "Условия", names=("условия оказания",), required=True),
                Column("number", "Номер лицензии", names=("номер",)),
                _BEGIN,
                _END,
            ),
            ("profile", "usl_ok", "begin_date"),
        ),
        LocalBook(
            "plan",
            "Плановые объёмы",
            "plan",
            (
                _NAME,
                Column("begin_date", "Начало", "day", ("begin", "дата начала"), required=True),
                Column("end_date", "Окончание", "day", ("end", "дата окончания"), required=True),
                _CONDITIONS,
                Column("kind", "Вид деятельности", names=("вид",)),
                _PROFILE,
                Column("ksg", "КСГ", names=("мэс",)),
                Column("service", "Услуга", names=("код услуги",)),
                Column("smo", "СМО", names=("код смо",)),
                #: cases | visits | uet | days | roubles
                Column("unit", "Единица", names=("единица измерения",), required=True),
                #: units in hundredths; of roubles it is kopecks
                Column("quantity", "Лимит", "qty", ("количество", "план")),
                #: limit in roubles beside the one in units; NULL = none
                Column("total", "Лимит, руб.", "sum", ("сумма",)),
                _flag("cumulative", "Нарастающим итогом"),
                #: billed before the program came, in units and roubles
                Column("used_quantity", "Ранее, единиц", "qty"),
                Column("used_total", "Ранее, руб.", "sum"),
                _flag("protected", "Не секвестировать"),
            ),
            ("begin_date", "end_date", "usl_ok", "kind", "profile", "ksg", "service", "smo", "unit"),
        ),
        LocalBook(
            "attachments",
            "Прикрепление пациентов",
            "attachment",
            (
                Column("enp", "ЕНП", names=("полис",), required=True),
                Column("mo", "МО", names=("код мо", "lpu"), required=True),
                _BEGIN,
                _END,
            ),
            ("enp", "begin_date"),
        ),
        LocalBook(
            "calendar",
            "Производственный календарь: исключения",
            "calendar_day",
            (
                Column("day", "День", "day", ("дата",), required=True),
                _flag("working", "Рабочий", required=True),
            ),
            ("day",),
        ),
    )
}


#: payers are loaded like a local book, but live in the settings
INSURERS = LocalBook(
    "insurers",
    "Страховые организации (плательщики)",
    "insurer",
    (
        Column("code", "Код СМО", names=("код", "smocod", "smo"), required=True),
        Column("letter", "Буква", names=("буква фонда",), required=True),
        Column("ogrn", "ОГРН"),
        _NAME,
        _flag("out_of_region", "Иногородние"),
        _BEGIN,
        _END,
    ),
    ("code",),
)
#: everything a table can be loaded into
LOADABLE: dict[str, LocalBook] = {**LOCAL, INSURERS.code: INSURERS}


def title_of(code: str) -> str:
    """Russian title of a book."""
    return (LOADABLE.get(code) or CLASSIFIERS[code]).title
