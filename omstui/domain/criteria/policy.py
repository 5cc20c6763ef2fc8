"""Criteria: policy (полис)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, MKSB, TAP, Criterion
from omstui.domain.criteria.sql import card, dmy, of_newborn, okato5, told, valid

#: number of a policy of the single form: its ЕНП, wherever the source wrote it
_UNITED = "coalesce(nullif(c.enp, ''), c.pol_number)"
_DIGIT = "[0-9]"
_NO_NUMBER = "(c.pol_number = '' AND NOT (c.pol_type = '3' AND c.enp <> ''))"


def _begin(policy: str) -> str:
    return f"coalesce({policy}.begin_date, '')"


def _end(policy: str) -> str:
    return f"coalesce(nullif({policy}.end_date, ''), '9999-12-31')"


_ELSEWHERE = f"n.a1 <> '' AND {okato5('n.a1')} <> {okato5('c.okato')}"

#: two policies of different insurers in force on one day of the treatment. A file that tells no dates of
#: policies cannot tell this either
_TWO_INSURERS = (
    "FROM policy q JOIN policy r ON r.patient_id = q.patient_id AND r.id > q.id AND r.smo <> q.smo"
    " WHERE q.patient_id = c.patient AND q.smo <> '' AND r.smo <> ''"
    f" AND {_begin('q')} <> '' AND {_begin('r')} <> ''"
    f" AND max({_begin('q')}, {_begin('r')}, c.date_in) <= min({_end('q')}, {_end('r')}, c.day)"
)
#: a policy in force when the treatment began, other than the one in force when it ended
_EARLIER = (
    f"FROM policy q WHERE q.patient_id = c.patient AND {_begin('q')} <= c.date_in AND {_end('q')} >="
    f" c.date_in AND (q.smo <> c.smo OR q.number <> c.pol_number OR q.enp <> c.enp)"
)
_UNKNOWN = (
    "FROM account a JOIN refusal f ON f.account_id = a.id JOIN answer w ON w.id = f.answer_id"
    " WHERE a.case_id = c.id AND f.kind = 'ident' AND f.state = 'active'"
    " AND NOT EXISTS (SELECT 1 FROM edit e WHERE e.case_id = c.id AND e.entity = 'policy'"
    " AND e.origin <> 'identification' AND e.at >= w.accepted_at)"
)
#: the same number on the cards of different people; a newborn lives on the policy of the mother or father,
#: and two cards of one man are 01.012
_SAME_NUMBER = (
    "SELECT c.id, NULL, 'полис ' || trim(c.pol_series || ' ' || {number}) || ' и у пациента ' || {card}"
    " FROM {source} CROSS JOIN patient p ON p.id = q.patient_id WHERE NOT c.newborn AND {number} <> ''"
    " AND q.patient_id <> c.patient AND q.type = c.pol_type AND trim(q.series) = c.pol_series"
    " AND NOT (p.fio_key = c.fio_key AND p.birth_date IS c.birth) AND NOT {newborn}"
)
#: policies without ЕНП are few and their numbers have no index: all policies are looked through once, and not
#: at all where the checked cases have none
_BARE = (
    "w AS MATERIALIZED (SELECT id, patient, newborn, pol_type, pol_series, pol_number, fio_key, birth FROM c"
    " WHERE enp = '' AND pol_number <> '')"
)
_BY_NUMBER = "(SELECT 1 FROM w LIMIT 1) CROSS JOIN policy q CROSS JOIN w c ON c.pol_number = q.number AND c.pol_type = q.type"


def _same_number(number: str, source: str) -> str:
    return _SAME_NUMBER.format(number=number, source=source, card=card("p"), newborn=of_newborn("p.id"))


CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="02.001",
        group="policy",
        title="Не указан полис пациента",
        severity="error",
        applies=ALL,
        why="Без полиса счёт некому оплатить, его вернут по 1.4.3. Внесите полис; новорождённому — полис"
        " матери или другого представителя.",
        mek="1.4.3",
        source="Q015 003F.00.2170; ProMed (RegistryNoPolis)",
        condition=f"c.policies = 0 OR (c.pol IS NOT NULL AND {_NO_NUMBER})",
        field="policy.number",
        detail="iif(c.policies = 0, 'у пациента нет ни одного полиса', 'у полиса нет номера')",
    ),
    Criterion(
        code="02.002",
        group="policy",
        title="Нет полиса, действующего на дату окончания лечения",
        severity="error",
        applies=ALL,
        why="Платит СМО, чей полис действует в день окончания лечения; такого полиса нет, и счёт вернут по"
        " 1.5. Уточните полис по регистру (идентификация) и внесите действующий.",
        mek="1.5",
        source="проверки МЭК (Курск) (нет действующих ДПФС на дату выписки); ProMed",
        condition="c.policies > 0 AND c.pol IS NULL",
        field="policy.end_date",
        detail=told(
            "нужен полис, действующий {}; последний из внесённых: {}",
            dmy("c.day"),
            "coalesce((SELECT coalesce('с ' || "
            + dmy("nullif(q.begin_date, '')")
            + ", '') || coalesce(' по ' || "
            + dmy("nullif(q.end_date, '')")
            + ", '') FROM policy q WHERE q.patient_id = c.patient ORDER BY q.begin_date DESC, q.id DESC"
            " LIMIT 1), '')",
        ),
    ),
    Criterion(
        code="02.003",
        group="policy",
        title="Не указан тип полиса или его нет в F008",
        severity="error",
        applies=ALL,
        why="По виду полиса фонд понимает, как читать его номер; неизвестный вид вернут по 1.4.4. Укажите"
        " 1 — старого образца, 2 — временное свидетельство, 3 — единого образца.",
        mek="1.4.4",
        source="Q015 001F.00.0060",
        condition=f"c.pol IS NOT NULL AND NOT {valid('F008', 'c.pol_type')}",
        field="policy.type",
        detail="iif(c.pol_type = '', 'вид полиса не указан', 'вида полиса «' || c.pol_type || '» нет в"
        " F008 на дату лечения')",
        books=("F008",),
    ),
    Criterion(
        code="02.004",
        group="policy",
        title="Номер ЕНП должен состоять из 16 цифр",
        severity="error",
        applies=ALL,
        why="Номер полиса единого образца — ЕНП из 16 цифр; с другим номером человека не найдут, счёт"
        " вернут по 1.4.4. Сверьте номер с полисом.",
        mek="1.4.4",
        source="ЧИП МО (Valid_SN_Polis); VistaMed",
        condition=f"c.pol_type = '3' AND {_UNITED} <> '' AND {_UNITED} NOT GLOB '{_DIGIT * 16}'",
        field="policy.enp",
        detail=told("«{}», знаков: {}, нужно 16 цифр", _UNITED, f"length({_UNITED})"),
    ),
    Criterion(
        code="02.005",
        group="policy",
        title="Неверная контрольная цифра ЕНП",
        severity="error",
        applies=ALL,
        why="Последняя цифра ЕНП не сходится с остальными: в номере опечатка, счёт вернут по 1.4.4."
        " Сверьте номер с полисом.",
        mek="1.4.4",
        source="VistaMed (checkENP)",
        condition=f"(c.pol_type = '3' OR c.enp <> '') AND enp_sum({_UNITED}) = 0",
        field="policy.enp",
        detail=told("ЕНП {}: контрольная цифра не сходится", _UNITED),
    ),
    Criterion(
        code="02.006",
        group="policy",
        title="Номер временного свидетельства должен состоять из 9 цифр",
        severity="error",
        applies=ALL,
        why="У временного свидетельства номер из 9 цифр; иной номер вернут по 1.4.4. Сверьте номер или"
        " исправьте вид полиса.",
        mek="1.4.4",
        source="ЧИП МО (Valid_SN_Polis)",
        condition=f"c.pol_type = '2' AND c.pol_number <> '' AND c.pol_number NOT GLOB '{_DIGIT * 9}'",
        field="policy.number",
        detail=told("«{}», знаков: {}, нужно 9 цифр", "c.pol_number", "length(c.pol_number)"),
        default=False,
    ),
    Criterion(
        code="02.007",
        group="policy",
        title="Серия полиса заполнена для полиса, у которого её нет",
        severity="error",
        applies=ALL,
        why="Серия есть только у полиса старого образца, и у него она обязательна; иначе счёт вернут по"
        " 1.4.4. Исправьте серию или вид полиса.",
        mek="1.4.4",
        source="Q015 003F.00.0080; ЧИП МО",
        condition="(c.pol_type = '1' AND c.pol_series = '') OR (c.pol_type NOT IN ('', '1')"
        " AND c.pol_series <> '')",
        field="policy.series",
        detail="iif(c.pol_type = '1', 'у полиса старого образца должна быть серия', 'серия «' || c.pol_series ||"
        " '», нужна пустая')",
    ),
    Criterion(
        code="02.008",
        group="policy",
        title="СМО не найдена в справочнике или не действует на дату окончания лечения",
        severity="error",
        applies=ALL,
        why="СМО с таким кодом нет в F002 или она уже не работает: счёт вернут по 1.5. Уточните СМО по"
        " регистру.",
        mek="1.5",
        source="Q015 001F.00.0080; ЧИП МО",
        condition=f"c.smo <> '' AND NOT {valid('F002', 'c.smo')}",
        field="policy.smo",
        detail=told("СМО «{}» нет в F002 или она не действует {}", "c.smo", dmy("c.day")),
        books=("F002",),
    ),
    Criterion(
        code="02.009",
        group="policy",
        title="Для иногороднего пациента не указана территория страхования (ОКАТО)",
        severity="error",
        applies=ALL,
        why="Без СМО счёт уходит в фонд другого региона, и нужен её код территории; жителю своего региона"
        " нужна СМО. Иначе счёт вернут по 1.4.3.",
        mek="1.4.3",
        source="Q015 003F.00.0140, 001F.00.0100; ЧИП МО",
        condition="c.pol IS NOT NULL AND ((c.smo = '' AND c.okato = '' AND NOT c.from_bill)"
        f" OR (c.okato <> '' AND NOT {valid('F010', okato5('c.okato'))})"
        f" OR (c.smo = '' AND :home_okato <> '' AND {okato5('c.okato')} = :home_okato))",
        field="policy.smo_ok",
        detail="CASE WHEN c.okato = '' THEN 'не указаны ни СМО, ни ОКАТО'"
        f" WHEN c.smo = '' AND {okato5('c.okato')} = :home_okato THEN 'ОКАТО ' || c.okato || ' — свой"
        f" регион, нужна СМО' ELSE 'ОКАТО ' || c.okato || ' нет в F010' END",
        books=("F010",),
    ),
    Criterion(
        code="02.010",
        group="policy",
        title="Территория страхования не соответствует СМО",
        severity="error",
        applies=ALL,
        why="СМО работает не на той территории, что указана в полисе: одно из двух ошибочно, счёт вернут"
        " по 1.5. Сверьте СМО и ОКАТО с регистром.",
        mek="1.5",
        source="Q015 001F.00.0100; проверки МЭК (Курск) (некорректный код СМО)",
        condition=f"c.smo <> '' AND c.okato <> '' AND {valid('F002', 'c.smo', also=_ELSEWHERE)}",
        field="policy.smo_ok",
        detail=told(
            "ОКАТО полиса {}, у СМО {} — {}",
            "c.okato",
            "c.smo",
            "coalesce((SELECT n.a1 FROM nsi n WHERE n.book = 'F002' AND n.code = c.smo"
            " ORDER BY n.begin_date DESC LIMIT 1), '')",
        ),
        books=("F002",),
        default=False,
    ),
    Criterion(
        code="02.011",
        group="policy",
        title="У пациента одновременно действуют полисы разных СМО",
        severity="warning",
        applies=ALL,
        why="В дни лечения действуют полисы двух СМО: счёт может уйти не той, её отказ — 1.5. Закройте"
        " прежний полис днём перед началом нового.",
        mek="1.5",
        source="VistaMed (двойной полис)",
        condition=f"c.policies > 1 AND EXISTS (SELECT 1 {_TWO_INSURERS})",
        field="policy.end_date",
        detail=f"(SELECT 'действуют сразу полисы СМО ' || q.smo || ' и ' || r.smo {_TWO_INSURERS} LIMIT 1)",
        default=False,
    ),
    Criterion(
        code="02.012",
        group="policy",
        title="Один номер полиса указан у разных пациентов",
        severity="error",
        applies=ALL,
        why="Один полис не бывает у двух людей: фонд оплатит случай не тому (1.5). Уточните, чей это"
        " полис, и исправьте другую карточку.",
        mek="1.5",
        source="VistaMed",
        select=f"WITH {_BARE} "
        + _same_number("c.enp", "c CROSS JOIN policy q ON q.enp = c.enp")
        + " UNION "
        + _same_number("c.pol_number", _BY_NUMBER),
        field="policy.number",
    ),
    Criterion(
        code="02.013",
        group="policy",
        title="Не идентифицированный пациент",
        severity="error",
        applies=ALL,
        why="Регистр застрахованных не нашёл человека, счёт вернут по 1.5. Проверьте ФИО, дату рождения,"
        " документ и полис, исправьте и запросите идентификацию ещё раз.",
        mek="1.5",
        source="руководство B",
        condition=f"EXISTS (SELECT 1 {_UNKNOWN})",
        field="policy.number",
        detail=f"(SELECT 'ответ ' || {dmy('w.accepted_at')} || ': ' || f.text || iif(f.comment <> '', ' —"
        f" ' || f.comment, '') {_UNKNOWN} ORDER BY f.id DESC LIMIT 1)",
    ),
    Criterion(
        code="02.014",
        group="policy",
        title="Полис пациента сменился в период лечения",
        severity="warning",
        applies=(TAP, MKSB),
        why="За время лечения полис сменился: счёт пойдёт в СМО, чей полис действует в день окончания."
        " Проверьте, что это так и есть.",
        mek="1.5",
        source="проверки МЭК (Курск) (период действия ДПФС); VistaMed (перепривязка полиса)",
        condition=f"c.pol_begin > c.date_in AND c.policies > 1 AND EXISTS (SELECT 1 {_EARLIER})",
        field="policy.begin_date",
        detail=told(
            "в начале лечения полис СМО {}, в конце — СМО {} с {}",
            f"(SELECT q.smo {_EARLIER} ORDER BY q.begin_date DESC LIMIT 1)",
            "c.smo",
            dmy("c.pol_begin"),
        ),
        default=False,
    ),
)
