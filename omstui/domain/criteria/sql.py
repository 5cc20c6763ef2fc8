"""Fragments of SQL that conditions and details of criteria are made of. Pure text.

Arguments are SQL expressions («c.profile», «s.date_out»), results are SQL expressions in brackets.
"""

from __future__ import annotations


def valid(book: str, code: str, day: str = "c.day", also: str = "") -> str:
    """Return the condition «the classifier has the code in force on the day»; ``also`` looks at its row n."""
    more = f" AND {also}" if also else ""
    return (
        f"EXISTS (SELECT 1 FROM nsi n WHERE n.book = '{book}' AND n.code = {code}"
        f" AND n.begin_date <= {day} AND (n.end_date = '' OR n.end_date >= {day}){more})"
    )


def name_of(book: str, code: str) -> str:
    """Return « (name)» of the newest row of the classifier, '' when the code is not there."""
    return (
        f"coalesce((SELECT ' (' || n.name || ')' FROM nsi n WHERE n.book = '{book}' AND n.code = {code}"
        " AND n.name <> '' ORDER BY n.begin_date DESC LIMIT 1), '')"
    )


def dmy(day: str) -> str:
    """Return the day as the operator reads it: dd.mm.yyyy."""
    return f"(substr({day}, 9, 2) || '.' || substr({day}, 6, 2) || '.' || substr({day}, 1, 4))"


def money(kopecks: str) -> str:
    """Return kopecks as roubles with two decimals: 1234.50."""
    sign = f"iif({kopecks} < 0, '-', '')"
    return f"printf('%s%d.%02d', {sign}, abs({kopecks} / 100), abs({kopecks} % 100))"


def quantity(hundredths: str) -> str:
    """Return hundredths as a number without needless zeros: 2, 1.5."""
    return f"rtrim(rtrim(printf('%d.%02d', {hundredths} / 100, {hundredths} % 100), '0'), '.')"


def listed(param: str) -> str:
    """Return the list of a parameter for IN: ``c.result IN {listed("lethal")}``."""
    return f"(SELECT value FROM json_each(:{param}))"


def shown(param: str) -> str:
    """Return the list of a parameter as the operator reads it: «24, 36»."""
    return f"(SELECT group_concat(value, ', ') FROM json_each(:{param}))"


def days_between(first: str, last: str) -> str:
    """Return whole days from the first to the last."""
    return f"CAST(julianday({last}) - julianday({first}) AS INTEGER)"


def of_newborn(patient: str) -> str:
    """Return the condition «a card of a newborn»: it lives on the policy of the mother or father."""
    return (
        f"EXISTS (SELECT 1 FROM cases nb WHERE nb.patient_id = {patient} AND nb.newborn NOT IN ('', '0')"
        " AND nb.deleted_at IS NULL)"
    )


#: beside c in set criteria: other live cases o of the same person (ЕНП or full name and birth, and NOVOR alike:
#: twins on the card of the mother are two)
OTHERS = "FROM c CROSS JOIN o ON o.person = c.person AND o.novor = c.novor AND o.id <> c.id"
#: of a pair the later case gets the mark: the greater begin, then the greater number
LATER = "(o.date_in < c.date_in OR (o.date_in = c.date_in AND o.id < c.id))"
#: code of a row sv of the table of services, as s.code is made
RAW_CODE = "coalesce(nullif(trim(sv.code), ''), trim(sv.intervention))"


def span(case: str = "o") -> str:
    """Return «с 10.03.2023 по 20.03.2023 (карта К12)» of a case, «от 10.03.2023 (карта К12)» of one day."""
    first, last = f"{case}.date_in", f"{case}.date_out"
    return (
        f"iif({first} = {last}, 'от ' || {dmy(first)}, 'с ' || {dmy(first)} || ' по ' || {dmy(last)})"
        f" || iif({case}.card <> '', ' (карта ' || {case}.card || ')', '')"
    )


def starts(text: str, masks: str) -> str:
    """Return the condition «the text begins with one of the list of a parameter»."""
    return f"EXISTS (SELECT 1 FROM json_each(:{masks}) m WHERE substr({text}, 1, length(m.value)) = m.value)"


def told(template: str, *parts: str) -> str:
    """Return the text of a detail: ``told("исход {}, нужен {}", "c.outcome", …)`` joined with ``||``."""
    pieces = [f"'{piece}'" for piece in template.replace("'", "''").split("{}")]
    if len(pieces) != len(parts) + 1:
        raise ValueError(template)
    joined = [pieces[0]]
    for part, piece in zip(parts, pieces[1:], strict=True):
        joined += [part, piece]
    return " || ".join(piece for piece in joined if piece != "''") or "''"


def okato5(okato: str) -> str:
    """Return the territory of ОКАТО: its first five digits, zeros where it is shorter."""
    return f"substr({okato} || '00000', 1, 5)"


def program(case: str) -> str:
    """Return what programs of examinations are listed by: the kind; УД and ДР have programs of their own."""
    head = f"substr({case}.disp, 1, 2)"
    return f"iif({head} IN ('УД', 'ДР'), {head}, {case}.kind)"


def fits_program(sex: str, age: str) -> str:
    """Return the condition «the row p of the book of programs is for this sex and age (by the year)»."""
    return (
        f"p.sex IN ('', {sex}) AND (p.age_min IS NULL OR p.age_min <= {age})"
        f" AND (p.age_max IS NULL OR p.age_max >= {age})"
    )


def card(patient: str) -> str:
    """Return the card of another patient in words: «№ 15 — Иванов Иван Иванович»."""
    parts = " || ' ' || ".join(f"{patient}.{name}" for name in ("surname", "name", "patronymic"))
    return f"'№ ' || {patient}.id || ' — ' || {parts}"
