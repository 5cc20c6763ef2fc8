"""Criteria: identity document (документ)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, TAP, Criterion
from omstui.domain.criteria.sql import card, dmy, name_of, told, valid
from omstui.domain.criteria.view import full_years

_16_DIGITS = f"GLOB '{'[0-9]' * 16}'"
#: the patient has a policy of the single form: the chosen one, or any when none is in force
_UNITED = (
    f"iif(c.pol IS NULL, EXISTS (SELECT 1 FROM policy q WHERE q.patient_id = c.patient AND q.type = '3'"
    f" AND (trim(q.enp) {_16_DIGITS} OR trim(q.number) {_16_DIGITS})),"
    f" c.pol_type = '3' AND (c.enp {_16_DIGITS} OR c.pol_number {_16_DIGITS}))"
)
#: the chosen policy is known not to be of the single form
_OTHER_POLICY = "c.pol_type NOT IN ('', '3')"
_LEGEND = " (9 — цифра, 0 — цифра или ничего, Б — русская заглавная буква, R — римское число)"
_KIND = f"c.doc_type || {name_of('F011', 'c.doc_type')}"


def _mask(column: str) -> str:
    return (
        f"coalesce((SELECT n.{column} FROM nsi n WHERE n.book = 'F011' AND n.code = c.doc_type"
        " ORDER BY n.begin_date DESC LIMIT 1), '')"
    )


#: at least 14 full years are needed for a passport; a certificate of birth does up to 15
_PASSPORT_AGE, _CERTIFICATE_AGE = 14, 15
_SQUEEZED = "replace({}, ' ', '')"

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="03.001",
        group="document",
        title="Не указан документ, удостоверяющий личность (обязателен, если полис не ЕНП)",
        severity="error",
        applies=ALL,
        why="Без ЕНП человека ищут по документу; без документа счёт вернут по 1.4.3. Внесите вид, серию и"
        " номер документа или ЕНП из 16 цифр.",
        mek="1.4.3",
        source="Q015 003F.00.1720, 001F.00.0720; ЧИП МО",
        # a number of the single form that is not 16 digits belongs to 02.004 alone (worked example 2)
        condition="(NOT c.has_doc AND NOT (c.pol_type = '3' AND coalesce(nullif(c.enp, ''), c.pol_number) <> '')"
        f" AND NOT {_UNITED}) OR (c.has_doc AND NOT {valid('F011', 'c.doc_type')})",
        field="patient.doc_type",
        detail="CASE WHEN NOT c.has_doc THEN 'документа нет, а полис без ЕНП' WHEN c.doc_type = ''"
        " THEN 'у документа не указан вид' ELSE 'вида документа «' || c.doc_type || '» нет в F011 на дату"
        " лечения' END",
        books=("F011",),
    ),
    Criterion(
        code="03.002",
        group="document",
        title="Серия документа не соответствует маске типа документа",
        severity="error",
        applies=ALL,
        why="Серия записана не так, как положено для этого вида документа, счёт вернут по 1.4.4."
        " Перепишите её с документа или исправьте вид.",
        mek="1.4.4",
        source="Q015 004F.00.1700, 003F.00.1730; проверки МЭК (Курск)",
        condition=f"c.has_doc AND {valid('F011', 'c.doc_type', also='NOT mask_fits(c.doc_series, n.a1)')}",
        field="patient.doc_series",
        detail=f"'серия «' || c.doc_series || '», для документа ' || {_KIND} || iif({_mask('a1')} = '', '"
        f" серии нет', ' нужна вида «' || {_mask('a1')} || '»{_LEGEND}')",
        books=("F011",),
    ),
    Criterion(
        code="03.003",
        group="document",
        title="Номер документа не соответствует маске типа документа",
        severity="error",
        applies=ALL,
        why="Номер записан не так, как положено для этого вида документа, счёт вернут по 1.4.4. Перепишите"
        " его с документа или исправьте вид.",
        mek="1.4.4",
        source="Q015 004F.00.1710, 003F.00.1740",
        condition=f"c.has_doc AND {valid('F011', 'c.doc_type', also='NOT mask_fits(c.doc_number, n.a2)')}",
        field="patient.doc_number",
        detail=f"'номер «' || c.doc_number || '», для документа ' || {_KIND} || ' нужен вида «' ||"
        f" {_mask('a2')} || '»{_LEGEND}'",
        books=("F011",),
    ),
    Criterion(
        code="03.004",
        group="document",
        title="Не указана дата выдачи документа (обязательна, если полис не ЕНП)",
        severity="error",
        applies=ALL,
        why="Если полис не единого образца, документ подают с датой выдачи; без неё счёт вернут по 1.4.3."
        " Внесите дату из документа.",
        mek="1.4.3",
        source="Q015 003F.00.0330; ЧИП МО",
        condition=f"{_OTHER_POLICY} AND c.has_doc AND c.doc_date = ''",
        field="patient.doc_date",
    ),
    Criterion(
        code="03.005",
        group="document",
        title="Дата выдачи документа раньше рождения или позже окончания лечения",
        severity="error",
        applies=ALL,
        why="Документ не могли выдать до рождения или после лечения: одна из дат ошибочна, счёт вернут по"
        " 1.4.4. Сверьте даты с документом.",
        mek="1.4.4",
        source="ЧИП МО",
        condition="c.doc_date <> '' AND (c.doc_date < c.birth OR c.doc_date > c.day)",
        field="patient.doc_date",
        detail=f"iif(c.doc_date < c.birth,"
        f" {told('выдан {}, раньше рождения {}', dmy('c.doc_date'), dmy('c.birth'))},"
        f" {told('выдан {}, позже окончания лечения {}', dmy('c.doc_date'), dmy('c.day'))})",
        default=False,
    ),
    Criterion(
        code="03.006",
        group="document",
        title="Не заполнено место рождения (паспорт РФ или свидетельство о рождении без ЕНП)",
        severity="error",
        applies=(TAP, MKSB),
        why="Если полис не единого образца, с паспортом или свидетельством о рождении подают место"
        " рождения; без него счёт вернут по 1.4.3. Перепишите его из документа.",
        mek="1.4.3",
        source="ЧИП МО",
        condition=f"{_OTHER_POLICY} AND c.doc_type IN ('3', '14') AND c.doc_series <> '' AND c.birth_place"
        f" = ''",
        field="patient.birth_place",
        default=False,
    ),
    Criterion(
        code="03.007",
        group="document",
        title="Тип документа не соответствует возрасту пациента",
        severity="warning",
        applies=ALL,
        why="Паспорт РФ выдают с 14 лет, свидетельство о рождении годится до 15. Проверьте вид и дату"
        " выдачи документа.",
        mek="1.4.4",
        source="норма о паспорте РФ с 14 лет (вывод)",
        condition="(c.doc_type = '14' AND c.doc_date <> ''"
        f" AND {full_years('c.birth', 'c.doc_date')} < {_PASSPORT_AGE})"
        f" OR (c.doc_type = '3' AND c.age >= {_CERTIFICATE_AGE})",
        field="patient.doc_type",
        detail="iif(c.doc_type = '14', "
        + told("паспорт выдан {}, полных лет было {}", dmy("c.doc_date"), full_years("c.birth", "c.doc_date"))
        + ", "
        + told("свидетельство о рождении, а пациенту полных лет: {}, нужен паспорт", "c.age")
        + ")",
        default=False,
    ),
    Criterion(
        code="03.008",
        group="document",
        title="Один документ указан у разных пациентов",
        severity="warning",
        applies=ALL,
        why="Один документ не бывает у двух людей: фонд может спутать их (1.5). Уточните, чей это"
        " документ, и исправьте другую карточку.",
        mek="1.5",
        source="VistaMed (двойной документ)",
        select="WITH w AS MATERIALIZED (SELECT id, patient, doc_type, doc_series, doc_number,"
        f" {_SQUEEZED.format('doc_series')} AS series, {_SQUEEZED.format('doc_number')} AS number"
        " FROM c WHERE doc_number <> '') SELECT w.id, NULL, 'документ ' || trim(w.doc_series || ' ' ||"
        f" w.doc_number) || ' и у пациента ' || {card('p')} FROM w"
        f" CROSS JOIN patient p ON {_SQUEEZED.format('p.doc_number')} = w.number AND p.id <> w.patient"
        f" AND p.doc_type = w.doc_type AND w.series = {_SQUEEZED.format('p.doc_series')} WHERE"
        f" p.doc_number <> ''",
        field="patient.doc_number",
        default=False,
    ),
)
