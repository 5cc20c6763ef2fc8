"""The prepared views that conditions look at: their columns, where they come from, what they mean.

``c`` a checked case with its patient, chosen policy and registry; ``s`` a service of a checked case with
what the book of services says of it; ``o`` all live cases of the same persons, the checked ones among them,
and live calls of other persons with the card number of a checked call (their ``person`` is negative);
``price`` the book of tariffs flattened. This is also the vocabulary of a region's own criteria
(docs/criteria.md). Money is kopecks, quantity hundredths, dates text «YYYY-MM-DD», flags 0/1, absent text ''.
"""

from __future__ import annotations

from typing import NamedTuple


class ViewColumn(NamedTuple):
    """Name, SQL it is made of, meaning in Russian."""

    name: str
    sql: str
    meaning: str


def full_years(birth: str, day: str) -> str:
    """Full years at a day; who was born on 29 February turns on 1 March in common years (criteria.md §2)."""
    return (
        f"(CAST(substr({day}, 1, 4) AS INTEGER) - CAST(substr({birth}, 1, 4) AS INTEGER)"
        f" - (substr({day}, 6, 5) < substr({birth}, 6, 5)))"
    )


def json_list(column: str) -> str:
    """The column as a JSON list, an empty one where it holds anything else: json_each must not fail."""
    return (
        f"CASE WHEN {column} = '[]' THEN '[]' WHEN NOT json_valid({column}) THEN '[]'"
        f" WHEN json_type({column}) = 'array' THEN {column} ELSE '[]' END"
    )


def has_json(column: str, key: str) -> str:
    """The condition «the column is JSON with this key somewhere»: parsed only where its name is met."""
    return f"instr({column}, '\"{key}\"') AND json_valid({column})"


def json_part(column: str, path: str) -> str:
    """The value at a path of a JSON column, NULL where the column is not JSON or has no such path."""
    key = path.rsplit(".", 1)[-1].partition("[")[0]
    return f"CASE WHEN {has_json(column, key)} THEN json_extract({column}, '{path}') END"


def tooth_of(service: str) -> str:
    """The number of the tooth of a row of the table of services, '' if it has none."""
    path = "$.bill.additionals.stomats.stomat.n_tooth"
    return f"coalesce(CAST({json_part(f'{service}.extra', path)} AS TEXT), '')"


_STAGE = (
    "CASE WHEN ca.disp IN ('ДВ2', 'УД2', 'ДС3', 'ДС4', 'ПН2', 'ДР2') THEN '2'"
    " WHEN ca.kind IN ('dispensary', 'orphans', 'checkup', 'minors') THEN '1' ELSE '' END"
)
#: load_history marks its files so
_FROM_BILL = (
    "coalesce(ca.load_file_id, 0) IN"
    " (SELECT f.id FROM load_file f WHERE json_extract(f.header, '$.format') = '13X')"
)
_DAY = "coalesce(ca.date_out, ca.date_in)"
#: the case holds the last SL, the earlier ones are kept beside it
_PARTS = (
    f"CASE WHEN {has_json('ca.extra', 'parts')} THEN"
    " 1 + coalesce(json_array_length(ca.extra, '$.fed.parts'), 0) ELSE 1 END"
)
_CRIT = "'$.fed.sl.KSG_KPG.CRIT'"
#: one criterion may stand there without its list
_CRITERIA = (
    f"CASE WHEN NOT ({has_json('ca.extra', 'CRIT')}) THEN '[]'"
    f" WHEN json_type(ca.extra, {_CRIT}) = 'array' THEN json_extract(ca.extra, {_CRIT})"
    f" WHEN json_type(ca.extra, {_CRIT}) = 'text' THEN json_array(json_extract(ca.extra, {_CRIT}))"
    " ELSE '[]' END"
)

#: cases ca, patient p, checked k, person w, registry r, account a, policy po (the chosen one)
CASE: tuple[ViewColumn, ...] = (
    ViewColumn("id", "ca.id", "номер случая в базе"),
    ViewColumn("reg", "k.registry_id", "реестр; NULL — случай вне реестра"),
    ViewColumn("reg_begin", "r.begin_date", "начало отчётного периода"),
    ViewColumn("reg_end", "r.end_date", "конец отчётного периода"),
    ViewColumn("account", "k.account_id", "персональный счёт; NULL — случай вне реестра"),
    ViewColumn("returned", "coalesce(a.repeat <> '', 0)", "1 — случай подан повторно после отказа"),
    ViewColumn("kind", "ca.kind", "вид деятельности: inpatient, dayhospital, outpatient, dental, …"),
    ViewColumn("type", "k.type", "вид карты: ТАП, МКСБ, СМП"),
    ViewColumn(
        "exam", "ca.kind IN ('dispensary','orphans','checkup','minors')", "1 — диспансеризация, профосмотр"
    ),
    ViewColumn(
        "from_d", "ca.family = 'D' AND ca.load_file_id IS NOT NULL", "1 — из D-файла: части полей в нём нет"
    ),
    ViewColumn("from_bill", _FROM_BILL, "1 — из файла …13X прошлого месяца: части полей в нём нет"),
    ViewColumn("stage", _STAGE, "этап диспансеризации: 1, 2"),
    ViewColumn("disp", "ca.disp", "тип диспансеризации (V016)"),
    ViewColumn("usl_ok", "ca.usl_ok", "условия оказания (V006)"),
    ViewColumn("help_type", "ca.help_type", "вид помощи (V008)"),
    ViewColumn("help_form", "ca.help_form", "форма помощи (V014)"),
    ViewColumn("pay_type", "ca.pay_type", "вид оплаты"),
    ViewColumn("pay_method", "ca.pay_method", "способ оплаты (V010)"),
    ViewColumn("purpose", "ca.purpose", "цель посещения (V025)"),
    ViewColumn("result", "ca.result", "результат (V009)"),
    ViewColumn("outcome", "ca.outcome", "исход (V012)"),
    ViewColumn("disp_result", "ca.disp_result", "результат диспансеризации (V017)"),
    ViewColumn("refused_exam", "ca.refused_exam = '1'", "1 — отказ от диспансеризации (P_OTK)"),
    ViewColumn("profile", "ca.profile", "профиль (V002)"),
    ViewColumn("bed_profile", "ca.bed_profile", "профиль койки (V020)"),
    ViewColumn("doctor", "ca.doctor", "код врача"),
    ViewColumn("specialty", "ca.specialty", "специальность врача (V021)"),
    ViewColumn("department", "ca.department", "отделение"),
    ViewColumn("card", "ca.nhistory", "номер карты"),
    ViewColumn("date_in", "ca.date_in", "начало лечения"),
    ViewColumn("date_out", "ca.date_out", "окончание лечения; NULL — не закрыт"),
    ViewColumn("day", _DAY, "день, на который проверяются справочники: окончание, иначе начало"),
    ViewColumn(
        "days", f"CAST(julianday({_DAY}) - julianday(ca.date_in) AS INTEGER)", "окончание − начало, дней"
    ),
    ViewColumn("completed", "ca.completed", "1 — закрыт"),
    ViewColumn("bed_days", "CAST(nullif(ca.bed_days, '') AS INTEGER)", "койко-дни; NULL — не указаны"),
    ViewColumn("ds_main", "trim(ca.ds_main)", "основной диагноз"),
    ViewColumn("ds_first", "trim(ca.ds_first)", "диагноз при поступлении"),
    ViewColumn("ds2", json_list("ca.ds2"), "сопутствующие, список JSON"),
    ViewColumn("ds3", json_list("ca.ds3"), "осложнения, список JSON"),
    ViewColumn("ds_char", "ca.ds_char", "характер заболевания (V027)"),
    ViewColumn("ksg", "ca.ksg", "КСГ"),
    ViewColumn("mes", f"coalesce({json_part('ca.extra', '$.fed.sl.CODE_MES1[0]')}, '')", "МЭС (CODE_MES1)"),
    ViewColumn("crit", _CRITERIA, "критерии КСГ, список JSON"),
    ViewColumn("parts", _PARTS, "сколько в случае SL (переводы внутри МО), обычно 1"),
    ViewColumn("it_sl", json_part("ca.extra", "$.fed.sl.KSG_KPG.IT_SL"), "итоговый КСЛП; NULL — не указан"),
    ViewColumn("ref_mo", "ca.ref_mo", "направившая МО"),
    ViewColumn("ref_date", "ca.ref_date", "дата направления"),
    ViewColumn(
        "total",
        "CASE WHEN ca.source_sum <> 0 THEN ca.source_sum ELSE coalesce(a.total, 0) END",
        "сумма случая в карте (если в ней нет — в счёте), коп.",
    ),
    ViewColumn("billed", "coalesce(a.total, ca.source_sum)", "сумма в счёте, коп."),
    ViewColumn("updated_at", "ca.updated_at", "когда исправлен"),
    ViewColumn("patient", "ca.patient_id", "номер пациента в базе"),
    ViewColumn("person", "w.person", "человек: одинаков у карточек с равным ЕНП или ФИО и датой рождения"),
    ViewColumn("newborn", "ca.newborn NOT IN ('', '0')", "1 — новорождённый до регистрации"),
    ViewColumn(
        "novor",
        "iif(ca.newborn IN ('', '0'), '', ca.newborn)",
        "признак новорождённого (NOVOR): свой у каждого из двойни",
    ),
    ViewColumn("surname", "p.surname", "фамилия"),
    ViewColumn("name", "p.name", "имя"),
    ViewColumn("patronymic", "p.patronymic", "отчество"),
    ViewColumn("fio_key", "p.fio_key", "ФИО прописными, Ё как Е"),
    ViewColumn(
        "no_patronymic",
        "p.reliability <> '' AND instr(',' || p.reliability || ',', ',1,') > 0",
        "1 — отчества нет в документе (DOST 1)",
    ),
    ViewColumn(
        "no_surname",
        "p.reliability <> '' AND instr(',' || p.reliability || ',', ',2,') > 0",
        "1 — фамилии нет в документе (DOST 2)",
    ),
    ViewColumn(
        "no_name",
        "p.reliability <> '' AND instr(',' || p.reliability || ',', ',3,') > 0",
        "1 — имени нет в документе (DOST 3)",
    ),
    ViewColumn("birth", "nullif(p.birth_date, '')", "дата рождения; NULL — не указана"),
    ViewColumn("sex", "p.sex", "пол: 1 м, 2 ж"),
    ViewColumn("snils", "trim(p.snils)", "СНИЛС"),
    ViewColumn("birth_place", "trim(p.birth_place)", "место рождения"),
    ViewColumn("social", "p.social_status", "социальный статус, льгота"),
    ViewColumn("doc_type", "p.doc_type", "тип документа (F011)"),
    ViewColumn("doc_series", "trim(p.doc_series)", "серия документа"),
    ViewColumn("doc_number", "trim(p.doc_number)", "номер документа"),
    ViewColumn("doc_date", "p.doc_date", "дата выдачи документа"),
    ViewColumn("has_doc", "p.doc_type || p.doc_series || p.doc_number <> ''", "1 — документ указан"),
    ViewColumn("rep_surname", "p.rep_surname", "представитель: фамилия"),
    ViewColumn("rep_name", "p.rep_name", "представитель: имя"),
    ViewColumn("rep_patronymic", "p.rep_patronymic", "представитель: отчество"),
    ViewColumn("rep_sex", "p.rep_sex", "представитель: пол"),
    ViewColumn("rep_birth", "p.rep_birth_date", "представитель: дата рождения"),
    ViewColumn(
        "rep_no_surname",
        "p.rep_reliability <> '' AND instr(',' || p.rep_reliability || ',', ',2,') > 0",
        "представитель: нет фамилии",
    ),
    ViewColumn(
        "rep_no_name",
        "p.rep_reliability <> '' AND instr(',' || p.rep_reliability || ',', ',3,') > 0",
        "представитель: нет имени",
    ),
    ViewColumn("age", full_years("nullif(p.birth_date, '')", "ca.date_in"), "полных лет на начало лечения"),
    ViewColumn(
        "age_year",
        f"CAST(substr({_DAY}, 1, 4) AS INTEGER) - CAST(substr(nullif(p.birth_date, ''), 1, 4) AS INTEGER)",
        "лет, исполняющихся в году окончания (диспансеризация)",
    ),
    ViewColumn(
        "policies",
        "(SELECT count(*) FROM policy q WHERE q.patient_id = ca.patient_id)",
        "сколько полисов у пациента",
    ),
    ViewColumn("pol", "po.id", "выбранный полис; NULL — действующего нет"),
    ViewColumn("pol_type", "coalesce(po.type, '')", "тип полиса (F008)"),
    ViewColumn("pol_series", "coalesce(trim(po.series), '')", "серия полиса"),
    ViewColumn("pol_number", "coalesce(trim(po.number), '')", "номер полиса"),
    ViewColumn("enp", "coalesce(trim(po.enp), '')", "ЕНП"),
    ViewColumn("smo", "coalesce(po.smo, '')", "СМО (F002)"),
    ViewColumn("okato", "coalesce(nullif(po.okato, ''), po.smo_ok, '')", "территория страхования, ОКАТО"),
    ViewColumn("region", "coalesce(po.region, '')", "регион страхования, две цифры"),
    ViewColumn("pol_begin", "coalesce(po.begin_date, '')", "начало действия полиса"),
    ViewColumn("pol_end", "coalesce(po.end_date, '')", "конец действия полиса"),
)

_VISIT_BY_CODE = "sv.code GLOB '[BВ]0[124]*' OR sv.intervention GLOB '[BВ]0[124]*'"

#: service sv, c, row of the book of services b (NULL columns = not in the book), account_service x
SERVICE: tuple[ViewColumn, ...] = (
    ViewColumn("id", "sv.id", "номер услуги в базе"),
    ViewColumn("case_id", "sv.case_id", "случай"),
    ViewColumn("n", "sv.n", "номер по порядку"),
    ViewColumn("part", "sv.part", "какого SL"),
    ViewColumn(
        "code",
        "coalesce(nullif(trim(sv.code), ''), trim(sv.intervention))",
        "код услуги, без него — код номенклатуры",
    ),
    ViewColumn("title", "sv.name", "наименование"),
    ViewColumn("intervention", "trim(sv.intervention)", "код номенклатуры (VID_VME)"),
    ViewColumn("profile", "sv.profile", "профиль (V002)"),
    ViewColumn("ds", "trim(sv.ds)", "диагноз услуги"),
    ViewColumn("date_in", "sv.date_in", "начало услуги"),
    ViewColumn("date_out", "coalesce(sv.date_out, sv.date_in)", "окончание услуги"),
    ViewColumn("quantity", "sv.quantity", "количество, сотые"),
    ViewColumn(
        "tariff",
        "CASE WHEN sv.tariff <> 0 THEN sv.tariff ELSE coalesce(x.tariff, 0) END",
        "тариф в карте (если в ней нет — в счёте), коп.",
    ),
    ViewColumn(
        "total",
        "CASE WHEN sv.tariff <> 0 OR sv.source_sum <> 0 THEN sv.source_sum ELSE coalesce(x.total, 0) END",
        "сумма в карте (если в ней нет — в счёте), коп.",
    ),
    ViewColumn("billed", "coalesce(x.total, sv.source_sum)", "сумма в счёте, коп."),
    ViewColumn("doctor", "sv.doctor", "код врача услуги"),
    ViewColumn("specialty", "sv.specialty", "специальность врача услуги (V021)"),
    ViewColumn("department", "sv.department", "отделение услуги"),
    ViewColumn("tooth", tooth_of("sv"), "номер зуба"),
    ViewColumn("incomplete", "sv.incomplete", "неполный объём, отказ (NPL / P_OTK)"),
    ViewColumn("age", full_years("c.birth", "sv.date_in"), "полных лет на начало услуги"),
    ViewColumn("known", "b.code IS NOT NULL", "1 — есть в справочнике услуг на дату"),
    ViewColumn(
        "is_visit",
        f"CASE WHEN :has_services THEN coalesce(b.is_visit, 0) ELSE ({_VISIT_BY_CODE}) END",
        "1 — посещение",
    ),
    ViewColumn(
        "is_call",
        "CASE WHEN :has_services THEN coalesce(b.is_call, 0) ELSE c.type = 'СМП' END",
        "1 — вызов СМП",
    ),
    ViewColumn("repeatable", "coalesce(b.repeatable, 0)", "1 — повторяемая"),
    ViewColumn("sex_only", "coalesce(b.sex, '')", "для какого пола"),
    ViewColumn("age_min", "b.age_min", "возраст от"),
    ViewColumn("age_max", "b.age_max", "возраст до"),
    ViewColumn("allowed_usl_ok", "coalesce(b.usl_ok, '')", "при каких условиях, через запятую"),
    ViewColumn("needs_doctor", "coalesce(b.needs_doctor, 0)", "1 — нужен врач"),
    ViewColumn("needs_referral", "coalesce(b.needs_referral, 0)", "1 — нужно направление"),
    ViewColumn("requires_tooth", "coalesce(b.requires_tooth, 0)", "1 — нужен номер зуба"),
    ViewColumn("is_dental", "coalesce(b.is_dental, 0)", "1 — стоматологическая"),
    ViewColumn("is_primary_dental", "coalesce(b.is_primary_dental, 0)", "1 — первичный приём стоматолога"),
    ViewColumn("is_extraction", "coalesce(b.is_extraction, 0)", "1 — удаление зуба"),
    ViewColumn("is_closed_case", "coalesce(b.is_closed_case, 0)", "1 — законченный случай"),
    ViewColumn("beside_stay", "coalesce(b.beside_stay, 0)", "1 — оплачивается и при стационаре"),
    ViewColumn("after_death", "coalesce(b.after_death, 0)", "1 — бывает после смерти"),
    ViewColumn("max_qty", "b.max_qty", "не более за случай"),
    ViewColumn("max_qty_day", "b.max_qty_day", "не более за день"),
)

#: cases ca of the persons that are checked, patient p
OTHER: tuple[ViewColumn, ...] = (
    ViewColumn("id", "ca.id", "номер случая в базе"),
    ViewColumn("person", "w.person", "человек"),
    ViewColumn("newborn", "ca.newborn NOT IN ('', '0')", "1 — новорождённый"),
    ViewColumn("novor", "iif(ca.newborn IN ('', '0'), '', ca.newborn)", "признак новорождённого (NOVOR)"),
    ViewColumn("mo", "ca.mo", "медицинская организация случая"),
    ViewColumn("kind", "ca.kind", "вид деятельности"),
    ViewColumn(
        "exam", "ca.kind IN ('dispensary','orphans','checkup','minors')", "1 — диспансеризация, профосмотр"
    ),
    ViewColumn("usl_ok", "ca.usl_ok", "условия оказания"),
    ViewColumn("stage", _STAGE, "этап диспансеризации"),
    ViewColumn("disp", "ca.disp", "тип диспансеризации"),
    ViewColumn("purpose", "ca.purpose", "цель посещения"),
    ViewColumn("help_form", "ca.help_form", "форма помощи"),
    ViewColumn("result", "ca.result", "результат"),
    ViewColumn("profile", "ca.profile", "профиль"),
    ViewColumn("specialty", "ca.specialty", "специальность врача"),
    ViewColumn("doctor", "ca.doctor", "код врача"),
    ViewColumn("card", "ca.nhistory", "номер карты"),
    ViewColumn("ds_main", "trim(ca.ds_main)", "основной диагноз"),
    ViewColumn("ksg", "ca.ksg", "КСГ"),
    ViewColumn("pay_method", "ca.pay_method", "способ оплаты"),
    ViewColumn("date_in", "ca.date_in", "начало лечения"),
    ViewColumn("date_out", _DAY, "окончание лечения"),
    ViewColumn("total", "ca.source_sum", "сумма в карте, коп."),
    ViewColumn("reg", "l.registry_id", "реестр, который случай держит; NULL — никакой"),
    ViewColumn("sent", "l.package_id IS NOT NULL", "1 — подан в фонд и не отклонён"),
)
