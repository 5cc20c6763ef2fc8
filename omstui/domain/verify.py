"""``omstui verify`` (проверка базы): every invariant of the product, breaches in plain sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from omstui.domain import ledger, package_bytes
from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.store import files, packages, verifying
from omstui.domain.store.verifying import SentFile
from omstui.formats.cut import account_keys
from omstui.formats.fedkeys import record_keys, sent_cases
from omstui.formats.xmlsafe import Readable

#: breaches of one kind shown one by one; the rest is a count
SHOWN = 10
_STEP = 1 << 20


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in one Russian sentence. ``area`` groups; a warning breaks no invariant."""

    area: str
    text: str
    level: str = "error"


def verify(progress: Callable[[str, int, int], None] = lambda stage, done, total: None) -> list[Problem]:
    """Check the bound database and return everything that is wrong; an empty list is health.

    Reads only; call inside ``db.connection()``. ``progress(stage, done, total)`` may raise to abort.
    """
    found: list[Problem] = []
    steps: list[tuple[str, Callable[[], Iterator[Problem]]]] = [
        ("файл базы", _database),
        ("хранимые файлы", _stored),
        *((c.title, lambda c=c: _check(c)) for c in verifying.CHECKS),
        ("содержимое выгрузок", _contents),
        ("ведомость", _ledger),
        ("файлы в папках", _folders),
    ]
    for number, (title, step) in enumerate(steps):
        progress(f"Проверка: {title}", number, len(steps))
        found += _limited(title, step())
    progress("Проверка", len(steps), len(steps))
    return found


def _limited(title: str, problems: Iterator[Problem]) -> list[Problem]:
    shown: list[Problem] = []
    more = 0
    for problem in problems:
        if len(shown) < SHOWN:
            shown.append(problem)
        else:
            more += 1
    if more:
        shown.append(Problem(title, f"… и ещё {more} таких же ({title})."))
    return shown


def _database() -> Iterator[Problem]:
    for text in verifying.damaged_pages():
        yield Problem("файл базы", f"Файл базы данных повреждён: {text}.")
    for table, parent, count in verifying.broken_references():
        yield Problem("файл базы", f"Таблица {table}: ссылаются на то, чего нет в {parent}, строк {count}.")


def _stored() -> Iterator[Problem]:
    for row, why in files.damaged():
        yield Problem("хранимые файлы", f"Хранимый файл {row.name} (№ {row.id}) повреждён: {why}.")


class _Money(int):
    """Kopecks in a template: ``{0:k}``."""

    def __format__(self, spec: str) -> str:
        return roubles(self) if spec == "k" else super().__format__(spec)


def _check(check: verifying.Check) -> Iterator[Problem]:
    for row in verifying.breaches(check):
        values: list[Any] = [_Money(v) if isinstance(v, int) else v for v in row]
        yield Problem(check.title, check.text.format(*values))


def _contents() -> Iterator[Problem]:
    for sent in verifying.sent_files():
        try:
            yield from {"7": _seven, "B": _bill}.get(sent.kind, _main)(sent)
        except OmsError as error:
            yield Problem("содержимое выгрузок", f"Пакет {sent.name}: {error.msg}")


def _main(sent: SentFile) -> Iterator[Problem]:
    """Each account's bytes stand where they are recorded and hold its key and its sum."""
    counted = 0
    with package_bytes.opener(sent.file)() as stream:
        at = 0
        for offset, group in groupby(verifying.places(sent.id), key=lambda row: row[0]):
            rows = list(group)
            data = _move(stream, offset - at, rows[0][1])
            at = offset + rows[0][1]
            counted += len(rows)
            for _, _, key, total in rows:
                if not data.startswith(b"<patient") or key.encode() not in data:
                    yield Problem(
                        "содержимое выгрузок",
                        f"Пакет {sent.name}: счёт {key} стоит в файле не там, где записано.",
                    )
                elif sent.own and f'sum="{roubles(total)}"'.encode() not in data:
                    yield Problem(
                        "содержимое выгрузок",
                        f"Пакет {sent.name}: сумма счёта {key} в базе {roubles(total)},"
                        " а в отправленном файле другая.",
                    )
    if counted != sent.accounts:
        yield Problem(
            "содержимое выгрузок",
            f"Пакет {sent.name}: счетов {sent.accounts}, а места в файле записаны у {counted}.",
        )


def _move(stream: Readable, skip: int, length: int) -> bytes:
    """Skip forward and read; overlapping or endless places give b""."""
    if skip < 0:
        return b""
    while skip:
        piece = stream.read(min(skip, _STEP))
        if not piece:
            return b""
        skip -= len(piece)
    data = b""
    while len(data) < length and (piece := stream.read(length - len(data))):
        data += piece
    return data


def _seven(sent: SentFile) -> Iterator[Problem]:
    with package_bytes.opener(sent.file)() as stream:
        keys = account_keys(stream)
    wanted = verifying.keys_of_seven(sent.id)
    if keys != wanted:
        yield Problem(
            "содержимое выгрузок",
            f"Файл {sent.name}: лишних счетов {len(keys - wanted)}, не хватает {len(wanted - keys)}.",
        )


def _bill(sent: SentFile) -> Iterator[Problem]:
    """Records of a bill are the accounts the database has in it."""
    with files.open_file(sent.file) as stream, sent_cases(stream, sent.name) as part:
        keys = {(k.n_zap, k.idcase) for k in record_keys(part)}
    wanted = verifying.keys_of_bill(sent.id)
    if keys != wanted:
        yield Problem(
            "содержимое выгрузок",
            f"Счёт {sent.name}: лишних записей {len(keys - wanted)}, не хватает {len(wanted - keys)}.",
        )


def _ledger() -> Iterator[Problem]:
    """Lines of «Сверка» that do not balance."""
    for period in verifying.main_periods():
        for text in ledger.read(period).problems:
            yield Problem("ведомость", f"Сверка за {Period.parse(period).title}: {text}.")


def _folders() -> Iterator[Problem]:
    for text in packages.unplaced():
        yield Problem("файлы в папках", text, "warning")
