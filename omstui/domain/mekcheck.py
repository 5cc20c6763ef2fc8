"""What refuses a return of МЭК, or asks first (проверки возврата МЭК): each with a sentence of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from omstui.domain.errors import FormatError, OmsError, reason_of
from omstui.domain.mek import MekCase, Source
from omstui.domain.model import Period
from omstui.domain.money import roubles
from omstui.domain.operation import Context
from omstui.domain.store import config
from omstui.domain.store import mek as store
from omstui.domain.store import mek_staging as staging
from omstui.formats.dbfnames import MekName

_TITLE = "Файл МЭК не принят"
_UNCHANGED = "Данные не изменены."


def _refuse(text: str, hint: str = "", details: Sequence[str] = ()) -> OmsError:
    return OmsError(text, title=_TITLE, hint=f"{hint} {_UNCHANGED}".strip(), details=details)


def checked_path(text: str) -> Path:
    """The file to load; OmsError when none is chosen or it is not a file."""
    if not text:
        raise OmsError("Не выбран файл МЭК!", title=_TITLE, hint="Укажите файл b….dbf или возврат XML.")
    path = Path(text)
    try:
        if path.is_dir():
            raise OmsError(f"{path} — папка, а не файл.", title=_TITLE, hint="Выберите один файл МЭК.")
        if not path.is_file():
            what = "не обычный файл" if path.exists() else "такого файла нет"
            raise OmsError(f"Не выбран файл МЭК: {path} — {what}.", title=_TITLE, hint="Проверьте путь.")
        with path.open("rb") as stream:
            stream.read(1)
    except (OSError, ValueError) as error:
        why = reason_of(error) if isinstance(error, OSError) else "такого имени не бывает"
        raise FormatError(
            f"Файл «{path.name}» не читается: {why}.", hint="Проверьте права на файл."
        ) from error
    return path


def check_own(name: str, package: str) -> None:
    """Our own bill handed back is no answer."""
    if package:
        raise _refuse(
            f"Файл {name} — ваш собственный файл выгрузки {package}, а не возврат МЭК.",
            "Выберите файл от СМО или ТФОМС.",
        )


def payer_code(name: str, case: MekCase, codes: Mapping[str, str]) -> str:
    """Our code of the payer the record names, «» when it names none; an unknown one is refused."""
    if not case.payer:
        return ""
    code = codes.get(case.payer) or codes.get(case.payer.lstrip("0"))
    if code is None:
        known = ", ".join(sorted(set(codes.values())))
        raise _refuse(
            f"Файл {name}, {case.place}: плательщика {case.payer} нет в настройках.", f"Есть: {known}."
        )
    return code


def check_filled(source: Source, count: int) -> None:
    """A file without a record, or without one decision, answers nothing."""
    if not count:
        hint = "" if source.xml else " Или верните файлу имя, под которым он прислан (b….dbf)."
        raise _refuse(f"В файле {source.name} нет ни одной записи.", f"Попросите прислать файл заново.{hint}")
    if source.xml and not staging.decisions():
        raise _refuse(
            f"В файле {source.name} нет ни одного решения (OPLATA) и ни одной санкции (SANK): это счёт,"
            " а не возврат МЭК.",
            "Выберите файл от СМО или ТФОМС.",
        )


def take_nothing(source: Source, name: MekName) -> None:
    """A table without a record: its name tells payer and month, whose bills nothing is taken off."""
    payer = next((p for p in config.payers() if p.letter.lower() == name.payer), None)
    if payer is None:
        known = ", ".join(f"{p.letter} — {p.code}" for p in config.payers())
        raise _refuse(
            f"В файле {source.name} нет записей, а знака плательщика «{name.payer}» нет в настройках.",
            f"Есть: {known}.",
        )
    found = staging.fill_paid(payer.id, str(name.period))
    if not found.bills:
        raise _refuse(
            f"Файл {source.name} пуст: по имени это МЭК СМО {payer.code} за {name.period.title}, а счетов ей"
            " за этот месяц не выгружали.",
            "Проверьте, тот ли файл выбран.",
        )
    source.nothing_by = payer.id
    text = (
        f"Файл пуст: снятий нет. По имени это МЭК СМО {payer.code} за {name.period.title}: принято к оплате"
        f" случаев {found.waiting} на сумму {roubles(found.waiting_sum)}"
    )
    if found.refused:
        text += f"; прежние отказы остаются: {found.refused}"
    source.notes.append(text)


# --- whom it is about --------------------------------------------------------------------------


def check_keys(source: Source) -> None:
    """Every record must be one case of an active bill; otherwise the whole file is refused."""
    count, rows = staging.lost()
    if count:
        raise _refuse(
            f"Файл {source.name}: случаев, которых нет в выгруженных счетах, — {count}. {_lost(rows[0])}.",
            "Файл не загружен целиком: проверьте, ту ли базу и те ли счета отвечает СМО.",
            [_lost(row) for row in rows],
        )
    dates = staging.other_dates()
    if dates:
        place, number, said, ours = dates[0]
        raise _refuse(
            f"Файл {source.name}, {place}: счёт № {number} от {said}, а выгружен от {ours}.",
            "Ответ на другой счёт: попросите прислать файл заново.",
            [f"{p}: счёт № {n} от {s}, наш от {o}" for p, n, s, o in dates],
        )
    cards = staging.other_cards()
    if cards and not source.xml:
        place, said, ours = cards[0]
        raise _refuse(
            f"Файл {source.name}, {place}: номер карты {said}, а у этого случая {ours}.",
            "IDCASE и NHISTORY называют разные случаи: попросите прислать файл заново.",
            [f"{p}: {s}, у нас {o}" for p, s, o in cards],
        )


def _lost(row: staging.Lost) -> str:
    month = Period.parse(row.period).title if row.period else ""
    bill = f"счёт № {row.number}" if row.number else "счёт"
    if row.found > 1:
        return f"{row.place}: подходит сразу к случаям: {row.found}"
    if not row.month_known:
        return f"{row.place}: счетов за {month} не выгружали" if month else f"{row.place}: счетов нет"
    if not row.number_known:
        smo = f" СМО {row.payer}" if row.payer else ""
        return f"{row.place}: нет такого выгруженного счёта:{smo} {bill}" + (f" за {month}" if month else "")
    return f"{row.place}: такого случая нет ({bill}" + (f" за {month})" if month else ")")


# --- what it says ------------------------------------------------------------------------------


def check_sums(source: Source) -> None:
    """No more can be taken off than was billed (product.md §11.12)."""
    wrong = staging.too_much(exact=source.xml)
    if wrong:
        raise _refuse(
            f"Файл {source.name}, {_sum(wrong[0])}.",
            "Снять больше, чем выставлено, нельзя: попросите прислать файл заново.",
            [_sum(w) for w in wrong],
        )
    places = staging.without_sum()
    if places:
        raise _refuse(
            f"Файл {source.name}, {places[0]}: отказано частично, а снятая сумма не указана.",
            "Попросите прислать файл заново.",
            places,
        )


def _sum(wrong: staging.WrongSum) -> str:
    return f"{wrong.place}: в файле {roubles(wrong.said)}, а счёт случая выставлен на {roubles(wrong.total)}"


def check_replacement(name: str, stem: str, xml: bool) -> None:
    """The same act again may not withdraw a refusal whose case is billed anew already."""
    sent = store.freed_and_sent(stem, xml)
    if sent:
        raise _refuse(
            f"Файл {name} снимает отказ со счёта {sent[0]}, а его случай уже возвращён и выставлен снова.",
            "Дождитесь ответа на новый счёт.",
            sent,
        )
    wrong = staging.over_cut(store.old_cuts(stem, xml))
    if wrong:
        raise _refuse(
            f"Файл {name}, {wrong[0].place}: вместе с прежними актами снято {roubles(wrong[0].said)},"
            f" а выставлено {roubles(wrong[0].total)}.",
            "Проверьте, не повторяет ли файл уже загруженный акт.",
            [_sum(w) for w in wrong],
        )


# --- what asks ---------------------------------------------------------------------------------


def ask_month(ctx: Context, period: str, billed: Sequence[str]) -> None:
    """МЭК of December is loaded into January: a month not later than a billed one asks."""
    last = Period.parse(billed[-1])
    into = Period.parse(period)
    if into > last:
        return
    ctx.confirm(
        f"МЭК за {last.title} загружают в следующий отчётный период — {last.next.title}."
        f" Загрузить в {into.title}?",
        details=[f"Случаи файла выставлены за {Period.parse(p).title}" for p in billed],
    )


def ask_acts(ctx: Context, acts: Sequence[store.Act]) -> None:
    """The same act replaces itself, after a question; other acts stay."""
    if not acts:
        return
    lines = [
        (f"Акт № {a.number} от {a.date}" if a.number else "Акт без номера")
        + f": файл {a.answer}, загружен {a.accepted_at}, записей {a.rows}"
        for a in acts
    ]
    ctx.confirm(f"{lines[0]} — уже загружен. Заменить его отказы и снятия?", details=lines)
