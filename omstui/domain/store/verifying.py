"""What must hold in the database at all times (проверка базы): each check is one query of what breaks it.

A query returns a row per breach; the template turns the row into a sentence. An empty answer is health.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omstui.domain.model import RegistryStatus
from omstui.domain.store import db
from omstui.domain.store.packages import FORMED_SQL, LIVE, SENT_SQL


@dataclass(frozen=True, slots=True)
class Check:
    """One invariant: ``title`` for the progress line, ``text`` is formatted with the columns of a row."""

    title: str
    sql: str
    text: str


_SUMS = (
    Check(
        "суммы счетов",
        "SELECT a.xkey, a.total, coalesce(sum(s.total), 0) FROM account a"
        " LEFT JOIN account_service s ON s.account_id=a.id GROUP BY a.id"
        " HAVING a.total <> coalesce(sum(s.total), 0)",
        "Счёт {0}: сумма {1:k} не равна сумме его услуг {2:k}.",
    ),
    Check(
        "итоги реестров",
        "SELECT r.id, r.accounts, r.total, count(a.id), coalesce(sum(a.total), 0) FROM registry r"
        " LEFT JOIN account a ON a.registry_id=r.id"
        " WHERE r.deleted_at IS NULL AND r.status <> 'Создан' GROUP BY r.id"
        " HAVING r.accounts <> count(a.id) OR r.total <> coalesce(sum(a.total), 0)",
        "Реестр № {0}: записано счетов {1} на {2:k}, на деле {3} на {4:k}.",
    ),
    Check(
        "итоги выгрузок",
        "SELECT p.id, p.name, p.accounts, p.total, count(a.id), coalesce(sum(a.total), 0)"
        " FROM package p LEFT JOIN account a ON a.package_id=p.id"
        " WHERE p.kind='3' AND p.state <> 'replaced' GROUP BY p.id"
        " HAVING p.accounts <> count(a.id) OR p.total <> coalesce(sum(a.total), 0)",
        "Пакет № {0} {1}: записано счетов {2} на {3:k}, на деле {4} на {5:k}.",
    ),
    Check(
        "итоги файлов 7",
        "SELECT p.id, p.name, p.accounts, p.total, count(a.id), coalesce(sum(a.total), 0)"
        " FROM package p LEFT JOIN account a ON a.reform_id=p.id"
        " WHERE p.kind='7' AND p.state='active' GROUP BY p.id"
        " HAVING p.accounts <> count(a.id) OR p.total <> coalesce(sum(a.total), 0)",
        "Файл 7 № {0} {1}: записано счетов {2} на {3:k}, на деле {4} на {5:k}.",
    ),
)

#: not a composition that waits to be formed anew: it cannot be exported as it is
_FRESH = f"NOT (r.status IN {FORMED_SQL} AND r.reform_reason <> '')"

_STATUSES = "(" + ", ".join(f"'{status}'" for status in RegistryStatus) + ")"

_PLACES = (
    Check(
        "состояния реестров",
        "SELECT r.id, r.status FROM registry r LEFT JOIN package p ON p.id=r.package_id"
        " WHERE r.deleted_at IS NULL AND CASE r.status"
        " WHEN 'Выгружен' THEN p.id IS NULL OR p.state <> 'active' OR p.is_test <> r.is_test"
        " OR p.period <> r.period"
        " WHEN 'Восстановлен' THEN r.is_test=0 OR p.state='active'"
        f" WHEN '{RegistryStatus.BILLED}' THEN p.id IS NULL OR p.state <> 'active' OR p.kind <> 'B'"
        f" OR p.registry_id <> r.id ELSE p.id IS NOT NULL OR r.status NOT IN {_STATUSES} END",
        "Реестр № {0}: состояние «{1}» не сходится с его выгрузкой.",
    ),
    Check(
        "счета и выгрузки",
        "SELECT a.xkey, r.id FROM account a JOIN registry r ON r.id=a.registry_id"
        " LEFT JOIN package p ON p.id=a.package_id"
        " WHERE a.package_id IS NOT NULL AND CASE p.kind WHEN 'B' THEN r.package_id IS NULL"
        " OR p.registry_id <> r.id OR p.payer_id IS NOT a.payer_id OR p.state <> 'active'"
        " ELSE r.package_id IS NULL OR r.package_id <> a.package_id OR p.kind <> '3' END",
        "Счёт {0} записан не в ту выгрузку, что его реестр № {1}.",
    ),
    Check(
        "счета без выгрузки",
        "SELECT a.xkey, r.id FROM account a JOIN registry r ON r.id=a.registry_id"
        f" WHERE r.status IN {SENT_SQL} AND r.deleted_at IS NULL AND a.package_id IS NULL"
        " AND a.payer_id IS NOT NULL",
        "Счёт {0} выгруженного реестра № {1} имеет плательщика, но в файл не вошёл.",
    ),
    Check(
        "номера и места счетов",
        "SELECT p.name, count(*) FROM account a JOIN package p ON p.id=a.package_id"
        " WHERE a.number=0 OR (p.kind <> 'B' AND (a.offset IS NULL OR a.length IS NULL)) GROUP BY p.id",
        "Пакет {0}: не записан номер или место в файле, счетов {1}.",
    ),
    Check(
        "номера счетов подряд",
        "SELECT p.name, a.number FROM account a JOIN package p ON p.id=a.package_id"
        " WHERE a.number <> 0 GROUP BY p.id, a.number HAVING count(*) > 1",
        "Пакет {0}: номер счёта {1} повторяется.",
    ),
    Check(
        "имена выгрузок",
        "SELECT name, count(*) FROM package WHERE state='active' GROUP BY name, is_test HAVING count(*) > 1",
        "Имя файла {0} у действующих выгрузок встречается {1} раза.",
    ),
    Check(
        "услуги сформированных счетов",
        "SELECT r.id, count(DISTINCT a.id) FROM registry r JOIN account a ON a.registry_id=r.id"
        " JOIN account_service s ON s.account_id=a.id LEFT JOIN service v ON v.id=s.service_id"
        f" WHERE r.status IN {FORMED_SQL} AND r.deleted_at IS NULL AND r.reform_reason=''"
        " AND v.id IS NULL GROUP BY r.id",
        "Реестр № {0}: услуги изменены после формирования, счетов {1}, а реестр не отмечен"
        " «нужно переформировать».",
    ),
    Check(
        "случаи сформированных реестров",
        "SELECT r.id, count(*) FROM registry r JOIN account a ON a.registry_id=r.id"
        f" JOIN cases c ON c.id=a.case_id WHERE r.status IN {FORMED_SQL} AND r.deleted_at IS NULL"
        " AND r.reform_reason='' AND (c.deleted_at IS NOT NULL OR c.merged_into IS NOT NULL"
        " OR c.updated_at > r.formed_at) GROUP BY r.id",
        "Реестр № {0}: случаев, изменённых после формирования, — {1}, а реестр не отмечен"
        " «нужно переформировать».",
    ),
    Check(
        "один случай в двух счетах",
        "SELECT c.key, count(*) FROM account a JOIN registry r ON r.id=a.registry_id"
        f" JOIN cases c ON c.id=a.case_id WHERE {LIVE} AND {_FRESH} AND a.stage1 <> 2 AND a.stage2 <> 2"
        # the answer that refused it may come later than the package that repeats it
        " AND NOT EXISTS (SELECT 1 FROM account n JOIN package k ON k.id=n.package_id"
        " WHERE n.prev_id=a.id AND k.origin='load')"
        " GROUP BY a.case_id, r.is_test HAVING count(*) > 1",
        "Случай {0} стоит в {1} действующих счетах сразу.",
    ),
)


#: answers of the stages of manual A; those of manual B say their road
_STAGED = "w.road NOT IN ('ident', 'flk', 'mek')"


def _decided(stage: int) -> str:
    """Accounts whose column stage1 / stage2 differs from what the lines of their answers say.

    МЭК of manual B (answers of stage 4) decides the column of stage 2.
    """
    stages = "(2, 4)" if stage == 2 else "(1)"
    return (
        f"SELECT a.xkey, a.stage{stage} FROM account a LEFT JOIN (SELECT l.account_id,"
        " max(l.refused) AS refused FROM answer_line l JOIN answer w ON w.id=l.answer_id"
        f" WHERE w.stage IN {stages} AND w.state <> 'replaced' GROUP BY l.account_id) t"
        " ON t.account_id=a.id"
        f" LEFT JOIN answer w ON w.id=a.answer{stage}_id"
        f" WHERE CASE a.stage{stage} WHEN 0 THEN t.account_id IS NOT NULL OR w.id IS NOT NULL"
        " WHEN 2 THEN coalesce(t.refused, 0)=0 OR w.id IS NULL ELSE coalesce(t.refused, 0)=1"
        f" OR w.id IS NULL END OR w.state='replaced' OR w.stage NOT IN {stages}"
    )


_DECISIONS = (
    Check("решения стадии 1", _decided(1), "Счёт {0}: решение стадии 1 ({1}) не то, что в ответах."),
    Check("решения стадии 2", _decided(2), "Счёт {0}: решение стадии 2 ({1}) не то, что в ответах."),
    Check(
        "плательщик решения",
        "SELECT a.xkey FROM account a LEFT JOIN answer w ON w.id=a.answer1_id"
        " WHERE (a.stage1=0) <> (a.decided_payer_id IS NULL)"
        " OR (a.stage1 <> 0 AND a.decided_payer_id <> w.payer_id)",
        "Счёт {0}: плательщик, решивший стадию 1, записан неверно.",
    ),
    Check(
        "ответы и выгрузки",
        "SELECT a.xkey, w.name FROM account a JOIN answer w ON w.id IN (a.answer1_id, a.answer2_id)"
        f" WHERE w.package_id IS NOT a.package_id AND {_STAGED} UNION SELECT a.xkey, w.name"
        " FROM answer_line l JOIN answer w ON w.id=l.answer_id JOIN account a ON a.id=l.account_id"
        f" WHERE w.package_id IS NOT a.package_id AND {_STAGED} UNION SELECT a.xkey, w.name"
        " FROM refusal f JOIN answer w ON w.id=f.answer_id JOIN account a ON a.id=f.account_id"
        f" WHERE w.package_id IS NOT a.package_id AND {_STAGED}",
        "Счёт {0} решён ответом {1} на другую выгрузку.",
    ),
    Check(
        "плательщик стадии 2",
        "SELECT a.xkey, w.name, p.name FROM account a JOIN answer w ON w.id=a.answer2_id"
        " JOIN package p ON p.id=a.reform_id WHERE p.payer_id <> w.payer_id",
        "Счёт {0}: решение стадии 2 ({1}) не той СМО, в чей файл 7 он вошёл ({2}).",
    ),
    Check(
        "счета в файлах 7",
        "SELECT a.xkey FROM account a JOIN package p ON p.id=a.reform_id WHERE a.stage1 <> 1"
        " OR p.kind <> '7' OR p.state <> 'active' OR p.parent_id <> a.package_id"
        " OR p.payer_id <> a.decided_payer_id",
        "Счёт {0} записан в файл 7, в котором его быть не может.",
    ),
    Check(
        "принятые счета вне файла 7",
        "SELECT a.xkey, p.name FROM account a JOIN package p ON p.parent_id=a.package_id"
        " AND p.payer_id=a.decided_payer_id AND p.kind='7' AND p.state='active'"
        " WHERE a.stage1=1 AND a.reform_id IS NULL",
        "Счёт {0} принят на стадии 1, но в файл {1} не вошёл.",
    ),
    Check(
        "стадия 2 без файла 7",
        "SELECT a.xkey FROM account a WHERE a.stage2 <> 0 AND a.reform_id IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM answer w WHERE w.id=a.answer2_id AND w.road='mek')",
        "Счёт {0}: есть решение стадии 2, а в файл 7 он не входил.",
    ),
    Check(
        "отказы без причины",
        "SELECT a.xkey FROM account a WHERE (a.stage1=2 OR a.stage2=2) AND NOT EXISTS (SELECT 1"
        " FROM refusal f WHERE f.account_id=a.id AND f.refuses=1 AND f.state <> 'replaced'"
        " AND (f.stage = CASE WHEN a.stage1=2 THEN 1 ELSE 2 END OR (f.kind='mek' AND a.stage2=2)))",
        "Счёт {0} отказан, а ни одной причины отказа нет.",
    ),
    Check(
        "итоги ответов",
        "SELECT w.name, w.refused, w.refused_sum, count(a.id), coalesce(sum(a.total), 0) FROM answer w"
        " LEFT JOIN answer_line l ON l.answer_id=w.id AND l.refused=1"
        " LEFT JOIN account a ON a.id=l.account_id WHERE w.state <> 'replaced'"
        " AND w.road NOT IN ('ident', 'flk') GROUP BY w.id"
        " HAVING w.refused <> count(a.id) OR w.refused_sum <> coalesce(sum(a.total), 0)",
        "Ответ {0}: записано отказов {1} на {2:k}, на деле {3} на {4:k}.",
    ),
    Check(
        "два ответа вместо одного",
        f"SELECT min(w.name), w.stage, count(*) FROM answer w WHERE w.state='active' AND {_STAGED}"
        " GROUP BY w.package_id, w.stage, w.payer_id HAVING count(*) > 1",
        "Ответ {0}: действующих ответов стадии {1} этой СМО на один пакет {2}.",
    ),
    Check(
        "восстановленные тестовые",
        "SELECT p.name FROM package p WHERE p.state='restored' AND (EXISTS (SELECT 1 FROM answer w"
        " WHERE w.package_id=p.id AND w.state='active') OR EXISTS (SELECT 1 FROM refusal f"
        " JOIN answer w ON w.id=f.answer_id WHERE w.package_id=p.id AND f.state='active'))",
        "Восстановленный пакет {0}: его ответы или отказы остались действующими.",
    ),
)

_RETURNS = (
    Check(
        "цепочки счетов",
        "SELECT a.xkey, o.xkey FROM account a JOIN account o ON o.id=a.prev_id"
        " JOIN registry r ON r.id=a.registry_id LEFT JOIN package p ON p.id=a.package_id"
        " WHERE o.case_id <> a.case_id OR o.id >= a.id OR (o.stage1 <> 2 AND o.stage2 <> 2"
        f" AND {_FRESH} AND p.origin IS NOT 'load')",
        "Счёт {0}: прежний счёт {1} другого случая, поздний или не отказанный.",
    ),
    Check(
        "развилки цепочек",
        "SELECT o.xkey, count(*) FROM account a JOIN account o ON o.id=a.prev_id"
        f" JOIN registry r ON r.id=a.registry_id WHERE {LIVE} GROUP BY o.id, r.is_test"
        " HAVING count(*) > 1",
        "Счёт {0} подан взамен {1} раза сразу.",
    ),
    Check(
        "возвраты F8",
        "SELECT a.xkey FROM resubmission s JOIN account a ON a.id=s.account_id"
        " LEFT JOIN account n ON n.id=s.new_account_id WHERE s.case_id <> a.case_id"
        " OR (s.undone_at IS NOT NULL AND s.new_account_id IS NOT NULL)"
        " OR (s.undone_at IS NULL AND CASE s.stage WHEN 1 THEN a.stage1 ELSE a.stage2 END <> 2)"
        " OR (n.id IS NOT NULL AND (n.prev_id IS NULL OR n.prev_id <> a.id))",
        "Счёт {0}: запись «в реестр» (F8) не сходится со счетами.",
    ),
    Check(
        "место возврата",
        "SELECT a.xkey FROM resubmission s JOIN account a ON a.id=s.account_id"
        " JOIN account n ON n.id=s.new_account_id JOIN registry r ON r.id=n.registry_id"
        " WHERE s.undone_at IS NULL AND (r.is_test=1 OR r.deleted_at IS NOT NULL)",
        "Счёт {0}: возврат (F8) записан в тестовый или удалённый реестр.",
    ),
    Check(
        "повторные счета без F8",
        "SELECT a.xkey, o.xkey FROM account a JOIN registry r ON r.id=a.registry_id"
        " JOIN account o ON o.id=a.prev_id LEFT JOIN package p ON p.id=a.package_id"
        " WHERE r.is_test=0 AND r.deleted_at IS NULL AND (p.origin='export' OR (p.id IS NULL"
        f" AND r.status IN {FORMED_SQL} AND r.reform_reason='')) AND NOT EXISTS (SELECT 1"
        " FROM resubmission s WHERE s.new_account_id=a.id AND s.account_id=o.id"
        " AND s.undone_at IS NULL)",
        "Счёт {0} подан взамен {1}, а возврата (F8) прежнего счёта нет.",
    ),
    Check(
        "отказанный подан снова без F8",
        "SELECT n.xkey, o.xkey FROM package p JOIN account n ON n.package_id=p.id"
        " JOIN account o ON o.case_id=n.case_id AND o.id < n.id JOIN package k ON k.id=o.package_id"
        " WHERE p.kind IN ('3', 'B') AND p.is_test=0 AND p.state='active' AND p.origin='export'"
        " AND k.is_test=0"
        " AND k.state='active' AND (o.stage1=2 OR o.stage2=2) AND NOT EXISTS (SELECT 1"
        " FROM resubmission s WHERE s.account_id=o.id AND s.undone_at IS NULL)",
        "Счёт {0}: прежний счёт {1} того же случая отказан и по F8 не возвращён.",
    ),
    Check(
        "двойной F8",
        "SELECT a.xkey, count(*) FROM resubmission s JOIN account a ON a.id=s.account_id"
        " WHERE s.undone_at IS NULL GROUP BY s.account_id HAVING count(*) > 1",
        "Счёт {0} возвращён в реестр {1} раза.",
    ),
    Check(
        "состояния отказов",
        "SELECT a.xkey, a.work FROM account a LEFT JOIN resubmission s ON s.account_id=a.id"
        " AND s.undone_at IS NULL LEFT JOIN package p ON p.id=a.package_id"
        " WHERE (a.work <> '' AND a.stage1 <> 2 AND a.stage2 <> 2)"
        " OR (a.work='' AND (a.stage1=2 OR a.stage2=2) AND p.state='active')"
        " OR (a.work='в реестр') <> (s.id IS NOT NULL)",
        "Счёт {0}: состояние отказа «{1}» не сходится с решениями или с F8.",
    ),
)

#: bills of manual B
BILLS = (
    Check(
        "итоги счетов на оплату",
        "SELECT p.name, p.accounts, p.total, count(a.id), coalesce(sum(a.total), 0) FROM package p"
        " LEFT JOIN account a ON a.package_id=p.id WHERE p.kind='B' AND p.state='active' GROUP BY p.id"
        " HAVING p.accounts <> count(a.id) OR p.total <> coalesce(sum(a.total), 0)",
        "Счёт {0}: записано случаев {1} на {2:k}, на деле {3} на {4:k}.",
    ),
    Check(
        "реестры на оплату",
        "SELECT g.title, g.accounts, g.total, count(a.id), coalesce(sum(a.total), 0) FROM pay_registry g"
        " LEFT JOIN pay_account x ON x.pay_registry_id=g.id LEFT JOIN account a ON a.id=x.account_id"
        " AND a.registry_id=g.registry_id AND a.payer_id IS g.payer_id GROUP BY g.id"
        " HAVING g.accounts <> count(a.id) OR g.total <> coalesce(sum(a.total), 0)",
        "«{0}»: записано случаев {1} на {2:k}, на деле {3} на {4:k}.",
    ),
    Check(
        "места в счетах",
        "SELECT a.xkey FROM pay_account x JOIN account a ON a.id=x.account_id"
        " WHERE x.package_id IS NOT a.package_id OR (x.package_id IS NOT NULL AND x.n_zap <> a.number)",
        "Счёт {0}: место в файле счёта на оплату записано по-разному.",
    ),
    Check(
        "номера случаев в счетах",
        "SELECT p.name, x.idcase, count(*) FROM pay_account x JOIN package p ON p.id=x.package_id"
        " GROUP BY x.package_id, x.idcase HAVING count(*) > 1 OR x.idcase=0",
        "Счёт {0}: номер случая {1} повторяется, записей {2}.",
    ),
)

CUTS = (
    Check(
        "снятия больше суммы",
        "SELECT a.xkey, a.total, sum(u.total) FROM cut u JOIN account a ON a.id=u.account_id"
        " WHERE u.state='active' AND a.stage2 <> 2 GROUP BY a.id HAVING sum(u.total) > a.total",
        "Счёт {0} выставлен на {1:k}, а снято с него {2:k}.",
    ),
    Check(
        "акты МЭК",
        "SELECT w.name, a.xkey FROM cut u JOIN answer w ON w.id=u.answer_id JOIN account a"
        " ON a.id=u.account_id WHERE u.state='active' AND (w.state <> 'active' OR w.road <> 'mek')"
        " UNION SELECT w.name, a.xkey FROM refusal f JOIN answer w ON w.id=f.answer_id JOIN account a"
        " ON a.id=f.account_id WHERE f.kind='mek' AND f.state='active' AND w.state <> 'active'",
        "Возврат {0} заменён, а его снятие со счёта {1} действует.",
    ),
)

#: invoices and payments
INVOICES = (
    Check(
        "суммы счетов на оплату",
        "SELECT i.number, i.period, i.billed, coalesce((SELECT sum(json_extract(l.value, '$.total'))"
        " FROM json_each(i.data, '$.lines') l), 0) FROM invoice i WHERE 1=1"
        " AND i.billed <> coalesce((SELECT sum(json_extract(l.value, '$.total'))"
        " FROM json_each(i.data, '$.lines') l), 0)",
        "Счёт на оплату № {0} за {1}: всего {2:k}, а по строкам {3:k}.",
    ),
    Check(
        "к оплате по счетам",
        "SELECT number, period, billed, withheld, payable FROM invoice WHERE payable <> billed - withheld"
        " OR payable < 0 OR withheld < 0 OR payable <> json_extract(data, '$.payable')"
        " OR number <> json_extract(data, '$.number') OR date <> json_extract(data, '$.date')",
        "Счёт на оплату № {0} за {1}: выставлено {2:k}, удержано {3:k}, к оплате {4:k} — не сходится.",
    ),
    Check(
        "номера счетов на оплату",
        "SELECT number, year, count(*) FROM invoice WHERE state='active' GROUP BY year, number"
        " HAVING count(*) > 1",
        "Номер счёта на оплату {0} в {1} году повторяется, счетов {2}.",
    ),
    Check(
        "один счёт на оплату дважды",
        "SELECT s.code, i.period, count(*) FROM invoice i JOIN insurer s ON s.id=i.payer_id"
        " WHERE i.state='active' GROUP BY i.payer_id, i.period, coalesce(i.registry_id, 0)"
        " HAVING count(*) > 1",
        "СМО {0}: за {1} действующих счетов на оплату {2}.",
    ),
    Check(
        "разнесение платежей",
        "SELECT p.number, p.date, p.total, sum(t.total) FROM payment p JOIN payment_part t"
        " ON t.payment_id=p.id GROUP BY p.id HAVING sum(t.total) > p.total OR min(t.total) <= 0"
        " OR p.deleted_at IS NOT NULL",
        "Платёж № {0} от {1} на {2:k}: разнесено {3:k}.",
    ),
    Check(
        "платежи по счетам",
        "SELECT i.number, i.period, i.payable, sum(t.total) FROM invoice i JOIN payment_part t"
        " ON t.invoice_id=i.id JOIN payment p ON p.id=t.payment_id GROUP BY i.id"
        " HAVING sum(t.total) > i.payable OR i.state <> 'active' OR max(p.payer_id <> i.payer_id)",
        "Счёт на оплату № {0} за {1}: к оплате {2:k}, отнесено платежей {3:k} — больше счёта, на отменённый"
        " или чужой СМО.",
    ),
)

CHECKS = (*_SUMS, *_PLACES, *_DECISIONS, *_RETURNS, *BILLS, *CUTS, *INVOICES)


def breaches(check: Check) -> Iterator[tuple[Any, ...]]:
    """Rows that break the invariant."""
    yield from db.execute(check.sql)


def damaged_pages() -> list[str]:
    """What SQLite itself finds wrong with the file."""
    found = [str(row[0]) for row in db.execute("PRAGMA integrity_check(20)")]
    return [] if found == ["ok"] else found


def broken_references() -> list[tuple[str, str, int]]:
    """(table, missing parent table, rows)."""
    counts: dict[tuple[str, str], int] = {}
    for table, _, parent, _ in db.execute("PRAGMA foreign_key_check"):
        counts[table, parent] = counts.get((table, parent), 0) + 1
    return [(table, parent, count) for (table, parent), count in sorted(counts.items())]


@dataclass(frozen=True, slots=True)
class SentFile:
    """A package whose bytes are compared with its accounts."""

    id: int
    kind: str
    name: str
    file: int
    accounts: int
    own: bool  # written by this program: its sums stand as we write them


def sent_files() -> list[SentFile]:
    """Files 3, 7 and bills that were not replaced, the oldest first."""
    rows = db.execute(
        "SELECT id, kind, name, file_id, accounts, origin FROM package WHERE state <> 'replaced'"
        " AND kind IN ('3', '7', 'B') ORDER BY id"
    )
    return [SentFile(r[0], r[1], r[2], r[3], r[4], r[5] == "export") for r in rows]


def places(package: int) -> Iterator[tuple[int, int, str, int]]:
    """(offset, length, key, kopecks) of the accounts of a 3X in the order of the file."""
    yield from db.execute(
        "SELECT offset, length, xkey, total FROM account WHERE package_id=? AND offset IS NOT NULL"
        " AND length IS NOT NULL ORDER BY offset, id",
        (package,),
    )


def main_periods() -> list[str]:
    """Months with a main package: each has a ledger."""
    rows = db.execute(
        "SELECT DISTINCT period FROM package WHERE is_test=0 AND state='active'"
        " AND kind IN ('3', '7', 'B') ORDER BY period"
    )
    return [row[0] for row in rows]


def keys_of_seven(package: int) -> set[str]:
    """The xkeys of the accounts in a file 7."""
    return {row[0] for row in db.execute("SELECT xkey FROM account WHERE reform_id=?", (package,))}


def keys_of_bill(package: int) -> set[tuple[str, str]]:
    """(N_ZAP, IDCASE) of the accounts of a bill."""
    rows = db.execute("SELECT n_zap, idcase FROM pay_account WHERE package_id=?", (package,))
    return {(str(n_zap), str(idcase)) for n_zap, idcase in rows}
