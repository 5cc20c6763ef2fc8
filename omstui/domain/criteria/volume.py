"""Criteria: volumes (объёмы)."""

from __future__ import annotations

from omstui.domain.criteria.model import ALL, Criterion
from omstui.domain.criteria.sql import money, quantity

_VISIT = (
    "iif(:has_services, EXISTS (SELECT 1 FROM service_book b WHERE b.code IN (sv.code, sv.intervention)"
    " AND b.is_visit = 1), sv.code GLOB '[BВ]0[124]*' OR sv.intervention GLOB '[BВ]0[124]*')"
)
_STAY = "kind IN ('inpatient', 'dayhospital')"
#: what a case weighs in the unit of line l; as sequestration counts
_WEIGHT = f"""CASE l.unit WHEN 'cases' THEN 100 WHEN 'roubles' THEN pool.total
 WHEN 'days' THEN iif(pool.{_STAY}, pool.days * 100, 0)
 WHEN 'uet' THEN (SELECT total(q.quantity) FROM account_service q WHERE q.account_id = pool.account)
 WHEN 'visits' THEN iif(pool.{_STAY} OR pool.kind = 'ambulance', 0, max(100, (SELECT total(q.quantity)
  FROM account_service q JOIN service sv ON sv.id = q.service_id
  WHERE q.account_id = pool.account AND {_VISIT}))) END"""

#: month: months of the checked registries; line: the plan; pool: what is billed in these months (for lines
#: that go on, from their begin); best: the most specific line of those alike; wide: the same with all units of
#: the line; counted: the running total
_OVER = f"""
WITH month AS MATERIALIZED (SELECT DISTINCT r.period FROM c JOIN registry r ON r.id = c.reg),
line AS MATERIALIZED (SELECT p.*, substr(p.begin_date, 1, 7) AS first, substr(p.end_date, 1, 7) AS last,
 p.quantity - coalesce(p.used_quantity, 0) AS room FROM plan p WHERE p.service = '' AND p.quantity IS NOT NULL),
pool AS MATERIALIZED (SELECT a.case_id, a.id AS account, a.total, r.period,
 iif(r.kind = '', ca.kind, r.kind) AS kind, ca.usl_ok, ca.profile, ca.ksg, coalesce(i.code, '') AS smo,
 coalesce(ca.date_out, ca.date_in) AS day, iif(ca.bed_days GLOB '[0-9]*', CAST(ca.bed_days AS INTEGER),
 max(1, CAST(julianday(coalesce(ca.date_out, ca.date_in)) - julianday(ca.date_in) AS INTEGER))) AS days
 FROM registry r CROSS JOIN account a ON a.registry_id = r.id CROSS JOIN cases ca ON ca.id = a.case_id
 LEFT JOIN insurer i ON i.id = a.payer_id
 WHERE r.deleted_at IS NULL AND r.status <> 'Восстановлен' AND a.stage1 <> 2 AND a.stage2 <> 2
 AND (r.is_test = 0 OR r.id IN (SELECT reg FROM c)) AND r.period <= (SELECT max(period) FROM month)
 AND r.period >= (SELECT min(m.period, coalesce((SELECT min(first) FROM line WHERE cumulative = 1), m.period))
  FROM (SELECT min(period) AS period FROM month) m)),
alike AS MATERIALIZED (SELECT DISTINCT period, kind, usl_ok, profile, ksg, smo FROM pool),
best AS MATERIALIZED (SELECT x.*, (SELECT l.id FROM line l WHERE x.period BETWEEN l.first AND l.last
 AND l.usl_ok IN ('', x.usl_ok) AND l.kind IN ('', x.kind) AND l.profile IN ('', x.profile)
 AND l.ksg IN ('', x.ksg) AND l.smo IN ('', x.smo) ORDER BY l.ksg = '', l.profile = '', l.kind = '',
 l.usl_ok = '', l.smo = '', l.begin_date DESC, l.end_date, l.id LIMIT 1) AS line_id FROM alike x),
wide AS MATERIALIZED (SELECT b.period, b.kind, b.usl_ok, b.profile, b.ksg, b.smo, l.id, l.name, l.unit,
 l.quantity, l.room, l.cumulative FROM best b JOIN line m ON m.id = b.line_id JOIN line l
 ON l.begin_date = m.begin_date AND l.end_date = m.end_date AND l.usl_ok = m.usl_ok AND l.kind = m.kind
 AND l.profile = m.profile AND l.ksg = m.ksg AND l.smo = m.smo),
counted AS MATERIALIZED (SELECT pool.case_id, pool.account, l.id, total({_WEIGHT}) OVER (
 PARTITION BY l.id, iif(l.cumulative, '', pool.period) ORDER BY pool.day, pool.case_id
 ROWS UNBOUNDED PRECEDING) AS running
 FROM pool CROSS JOIN wide l ON l.profile = pool.profile AND l.ksg = pool.ksg AND l.kind = pool.kind
 AND l.usl_ok = pool.usl_ok AND l.smo = pool.smo AND l.period = pool.period)
SELECT c.id, NULL, 'план' || iif(t.name <> '', ' «' || t.name || '»', '') || CASE t.unit
 WHEN 'cases' THEN ', случаев: ' WHEN 'visits' THEN ', посещений: ' WHEN 'uet' THEN ', УЕТ: '
 WHEN 'roubles' THEN ', рублей: ' ELSE ', дней: ' END
 || iif(t.unit = 'roubles', {money("t.quantity")}, {quantity("t.quantity")}) || ', с этим случаем '
 || iif(t.unit = 'roubles', {money("CAST(t.quantity - t.room + n.running AS INTEGER)")},
 {quantity("CAST(t.quantity - t.room + n.running AS INTEGER)")})
FROM counted n CROSS JOIN line t ON t.id = n.id AND n.running > t.room
CROSS JOIN c ON c.id = n.case_id AND c.account = n.account
"""

_YEAR = "substr(p.begin_date, 1, 4) <= x.year AND substr(p.end_date, 1, 4) >= x.year"
#: those alike are looked up once; a file of examinations carries no profile
_NO_LINE = f"""
WITH alike AS MATERIALIZED (SELECT DISTINCT usl_ok, kind, profile, from_d, substr(day, 1, 4) AS year FROM c),
bare AS MATERIALIZED (SELECT x.* FROM alike x WHERE EXISTS (SELECT 1 FROM plan p WHERE {_YEAR})
 AND NOT EXISTS (SELECT 1 FROM plan p WHERE {_YEAR} AND p.usl_ok IN ('', x.usl_ok)
 AND p.kind IN ('', x.kind) AND (x.from_d OR p.profile IN ('', x.profile))))
SELECT c.id, NULL, 'в плане ' || x.year || ' года нет строки: условия ' || c.usl_ok
 || iif(c.profile <> '', ', профиль ' || c.profile, '')
FROM c JOIN bare x ON x.usl_ok = c.usl_ok AND x.kind = c.kind AND x.profile = c.profile
AND x.from_d = c.from_d AND x.year = substr(c.day, 1, 4)
"""

CRITERIA: tuple[Criterion, ...] = (
    Criterion(
        code="17.001",
        group="volume",
        title="Превышен плановый объём помощи",
        severity="warning",
        applies=ALL,
        why="Сверх распределённого объёма фонд не заплатит (1.6.2). Перенесите случаи на следующий месяц"
        " («Секвестирование») или договоритесь о плане.",
        mek="1.6.2",
        source="ProMed; контроль фонда (Волгоград) (план-заказ); руководство A (секвестирование)",
        select=_OVER,
        field="date_out",
        books=("plan",),
        default=False,
        whole=True,
    ),
    Criterion(
        code="17.002",
        group="volume",
        title="Нет утверждённого объёма по профилю",
        severity="warning",
        applies=ALL,
        why="Помощь, на которую нет утверждённого объёма, фонд не оплатит (1.6.2). Проверьте профиль и условия"
        " или внесите строку плана.",
        mek="1.6.2",
        source="контроль фонда (Волгоград) (план-заказ)",
        select=_NO_LINE,
        field="profile",
        books=("plan",),
        default=False,
    ),
)
