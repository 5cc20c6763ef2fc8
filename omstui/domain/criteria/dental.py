"""Criteria: dentistry (стоматология)."""

from __future__ import annotations

from omstui.domain.criteria.model import TAP, Criterion, Param
from omstui.domain.criteria.sql import LATER, RAW_CODE, dmy, listed, starts
from omstui.domain.criteria.view import tooth_of

PARAMS = (
    Param("primary_tooth_to", "Молочные зубы: до скольких лет", 15),
    Param("permanent_tooth_from", "Постоянные зубы: со скольких лет", 5),
    Param("course_services", "Услуги курса лечения пародонта (начала кодов)", ()),
    Param("course_visits", "Курс лечения пародонта: посещений не менее", 5),
    Param("dental_single_purposes", "Стоматология: цели одного посещения (V025)", ("1.0", "1.1", "2.6")),
    Param(
        "dental_preventive",
        "Стоматология: профилактические цели (V025)",
        ("2.1", "2.2", "2.3", "2.5", "2.6", "3.1"),
    ),
    Param(
        "dental_diagnoses",
        "Диагнозы стоматологии (начала кодов МКБ)",
        (
            *(f"K{n:02d}" for n in range(15)),
            *("S00", "S01", "S02", "S03", "T", "D10", "C00", "C01", "C02", "C03", "C04", "C05", "C06"),
            *("Q35", "Q36", "Q37", "Q38", "Z01.2"),
        ),
    ),
)

#: without a book of services the codes of dental treatment (A16…) do not tell a visit: each day of work is one
_DAYS = (
    "(SELECT count(DISTINCT s.date_in) FROM s WHERE s.case_id = c.id AND (s.is_visit OR NOT :has_services))"
)
_COUNT = "(SELECT CAST(total(s.quantity) AS INTEGER) / 100 FROM s WHERE s.case_id = c.id AND s.is_visit)"
_COURSE = (
    "((c.ds_main LIKE 'K05%' OR c.ds_main LIKE 'K06%') AND EXISTS (SELECT 1 FROM s WHERE s.case_id = c.id"
    f" AND {starts('s.code', 'course_services')}))"
)

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="14.001",
        group="dental",
        title="В стоматологической услуге не указан номер зуба",
        severity="error",
        applies=(TAP,),
        why="Лечение зуба без номера зуба не оплачивается. Укажите зубную формулу.",
        mek="1.4.3",
        source="ЧИП МО; контроль фонда (Волгоград)",
        condition="s.requires_tooth AND s.tooth = ''",
        level="service",
        field="service.extra.bill.additionals.stomats.stomat.n_tooth",
        detail="'услуга ' || s.code || ': укажите номер зуба'",
        books=("services",),
    ),
    Criterion(
        code="14.002",
        group="dental",
        title="Недопустимый номер зуба",
        severity="error",
        applies=(TAP,),
        why="Номер зуба — по международной схеме: 11–48 постоянные, 51–85 молочные. Исправьте номер.",
        mek="1.4.4",
        source="ЧИП МО (зубная формула); FDI",
        condition="s.tooth <> '' AND teeth_ok(s.tooth) = 0",
        level="service",
        field="service.extra.bill.additionals.stomats.stomat.n_tooth",
        detail="'услуга ' || s.code || ': зуба «' || s.tooth || '» нет'",
    ),
    Criterion(
        code="14.003",
        group="dental",
        title="Номер зуба не соответствует возрасту пациента",
        severity="warning",
        applies=(TAP,),
        why="Молочные зубы бывают до 15 лет, постоянные — с 5. Проверьте номер зуба и дату рождения.",
        mek="1.4.4",
        source="FDI (вывод)",
        condition=(
            "s.tooth <> '' AND ((tooth_kind(s.tooth, 'p') AND c.age > :primary_tooth_to)"
            " OR (tooth_kind(s.tooth, 'm') AND c.age < :permanent_tooth_from))"
        ),
        level="service",
        field="service.extra.bill.additionals.stomats.stomat.n_tooth",
        detail=(
            "'зуб ' || s.tooth || ', пациенту полных лет — ' || c.age || iif(c.age < :permanent_tooth_from,"
            " ': постоянные зубы — с ' || :permanent_tooth_from || ' лет',"
            " ': молочные зубы — до ' || :primary_tooth_to || ' лет')"
        ),
        default=False,
    ),
    Criterion(
        code="14.004",
        group="dental",
        title="В обращении по поводу заболевания к стоматологу менее двух посещений",
        severity="error",
        applies=(TAP,),
        why="Обращение к стоматологу — не менее двух посещений. Добавьте посещение или смените цель.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            "c.kind = 'dental' AND c.purpose = '3.0' AND ("
            f"{_DAYS} < 2 OR ({_COURSE} AND {_DAYS} < :course_visits))"
        ),
        field="purpose",
        detail=f"'посещений ' || {_DAYS} || ', нужно не менее ' || iif({_COURSE}, :course_visits, 2)",
        default=False,
    ),
    Criterion(
        code="14.005",
        group="dental",
        title="Профилактическое или неотложное посещение стоматолога должно быть одно и в один день",
        severity="error",
        applies=(TAP,),
        why="Профилактическое или неотложное посещение — одно и в один день. Исправьте цель или даты.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            f"c.kind = 'dental' AND c.purpose IN {listed('dental_single_purposes')}"
            f" AND ({_COUNT} <> 1 OR c.date_in <> c.day)"
        ),
        field="purpose",
        detail=f"'цель ' || c.purpose || ': посещений ' || {_COUNT} || ', дней лечения ' || (c.days + 1)"
        " || '; нужно одно посещение в один день'",
        default=False,
    ),
    Criterion(
        code="14.006",
        group="dental",
        title="Диагноз Z01.2 применяется только при профилактическом посещении стоматолога",
        severity="error",
        applies=(TAP,),
        why="Z01.2 — только профилактический осмотр стоматолога, и осмотр — только Z01.2. Исправьте диагноз или цель.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            f"c.kind = 'dental' AND ((c.purpose IN {listed('dental_preventive')} AND c.ds_main <> 'Z01.2')"
            " OR ((c.purpose LIKE '1.%' OR c.purpose = '3.0') AND c.ds_main = 'Z01.2'))"
        ),
        field="ds_main",
        detail="'цель ' || c.purpose || ', диагноз ' || c.ds_main || iif(c.ds_main = 'Z01.2', ': нужно заболевание', ': нужен Z01.2')",
    ),
    Criterion(
        code="14.007",
        group="dental",
        title="Первичный приём стоматолога повторён в течение года",
        severity="error",
        applies=(TAP,),
        why="Первичный приём того же специалиста оплачивают раз в год. Замените его повторным.",
        mek="1.10.2",
        source="ЧИП МО",
        select=(
            "SELECT s.case_id, s.id, 'первичный приём уже был в карте ' || o.card || ' ' || "
            f"{dmy('o.date_in')} || '; нужен повторный' FROM c JOIN s ON s.case_id = c.id AND s.is_primary_dental"
            " JOIN o ON o.person = c.person AND o.novor = c.novor AND o.id <> c.id"
            " AND o.specialty = c.specialty AND substr(o.date_in, 1, 4) = substr(c.date_in, 1, 4)"
            f" AND {LATER} WHERE EXISTS (SELECT 1 FROM service sv JOIN service_book b ON b.code = {RAW_CODE}"
            " WHERE sv.case_id = o.id AND b.is_primary_dental)"
        ),
        level="service",
        field="service.code",
        books=("services",),
        default=False,
    ),
    Criterion(
        code="14.008",
        group="dental",
        title="Услуга не относится к стоматологии (или стоматологическая услуга вне стоматологии)",
        severity="error",
        applies=(TAP,),
        why="Стоматологические услуги подают в стоматологическом случае, прочие — в обычном. Разделите их.",
        mek="1.4.4",
        source="ЧИП МО",
        condition=(
            "s.known AND ((c.kind = 'dental' AND s.billed > 0 AND NOT s.is_dental)"
            " OR (c.kind <> 'dental' AND s.is_dental))"
        ),
        level="service",
        field="service.code",
        detail="'услуга ' || s.code || iif(s.is_dental, ' стоматологическая, а случай нет', ' не стоматологическая')",
        books=("services",),
        default=False,
    ),
    Criterion(
        code="14.009",
        group="dental",
        title="Диагноз не соответствует стоматологическому случаю",
        severity="warning",
        applies=(TAP,),
        why="Такой диагноз для стоматологического случая необычен: случай проверят. Сверьте диагноз.",
        mek="1.4.4",
        source="проверки МЭК (Курск) (диагноз не соответствует цели/профилю)",
        condition=f"c.kind = 'dental' AND c.ds_main <> '' AND NOT {starts('c.ds_main', 'dental_diagnoses')}",
        field="ds_main",
        detail="'диагноз ' || c.ds_main || ': нужен стоматологический, например K02.1'",
        default=False,
    ),
    Criterion(
        code="14.010",
        group="dental",
        title="Лечение ранее удалённого зуба",
        severity="warning",
        applies=(TAP,),
        why="Зуб удалён раньше: лечить его нельзя. Проверьте номер зуба и дату.",
        mek="1.4.4",
        source="логика зубной формулы (вывод)",
        select=(
            "SELECT s.case_id, s.id, 'зуб ' || s.tooth || ' удалён ' || "
            f"{dmy('x.date_in')} || ', а лечение — ' || {dmy('s.date_in')}"
            " FROM c JOIN s ON s.case_id = c.id AND s.tooth <> ''"
            " JOIN o ON o.person = c.person AND o.novor = c.novor AND o.kind = 'dental'"
            " JOIN service x ON x.case_id = o.id AND x.date_in < s.date_in"
            " JOIN service_book b ON b.code = coalesce(nullif(trim(x.code), ''), trim(x.intervention))"
            " AND b.is_extraction"
            " WHERE same_tooth(s.tooth, " + tooth_of("x") + ")"
        ),
        level="service",
        field="service.extra.bill.additionals.stomats.stomat.n_tooth",
        books=("services",),
        default=False,
    ),
)
