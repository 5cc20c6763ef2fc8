"""Checks of an answer before anything is written (проверки при приёме): yaroslavl.md §3.1 and our own.

Each refusal is a sentence with the file, the reason and the next step.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from omstui.domain.errors import OmsError
from omstui.domain.model import Period
from omstui.domain.store import answer_staging as staging
from omstui.domain.store import answers, config
from omstui.formats.answers import AnswerReader
from omstui.formats.filenames import BillName
from omstui.settings import Settings

_NAME_HINT = "Выберите файл ответа ТФОМС («…1» или «…2» и буква СМО)."


@dataclass(frozen=True, slots=True)
class Target:
    """What an answer belongs to: package, insurer, stage, and for stage 2 the «7»."""

    package: answers.PackageRow
    payer: config.Payer
    stage: int
    seven: answers.PackageRow | None


def refuse(file: str, why: str, hint: str = "", title: str = "Файл не принят") -> OmsError:
    """«Файл X: why.»"""
    return OmsError(f"Файл {file}: {why}.", title=title, hint=hint)


def month(period: str) -> str:
    """«апрель 2021» of «2021-04»."""
    return Period.parse(period).title


def check_name(file: str, name: BillName, settings: Settings) -> None:
    """An answer and of this МО, by its name."""
    if not name.is_answer:
        what = "общий файл выгрузки" if name.stage == "3" else "переформированный файл"
        raise refuse(
            file,
            f"Неверное имя файла: это {what} вашей МО (стадия {name.stage}), а не ответ",
            _NAME_HINT,
        )
    if name.ogrn != settings.mo.ogrn.zfill(13) or name.kpp != settings.mo.kpp.zfill(9):
        raise refuse(
            file,
            "Неверное имя файла: его начало не совпадает с именем выгруженного файла — ОГРН или КПП"
            f" другой МО ({name.ogrn}, {name.kpp}), ваши {settings.mo.ogrn} и {settings.mo.kpp}",
            "Проверьте, тот ли файл выбран.",
        )


def payer_of(file: str, name: BillName, settings: Settings) -> config.Payer:
    """The insurer that has this letter in the month of the file."""
    named = [i for i in settings.insurers if i.letter.upper() == name.letter]
    begin, end = name.period.begin.isoformat(), name.period.end.isoformat()
    valid = [i for i in named if (i.begin or begin) <= end and (i.end or end) >= begin]
    if valid:
        return config.payer_by_code(valid[0].code)
    if named:
        why = f"СМО {named[0].code} с буквой «{name.letter}» в {begin[:7]} не действовала"
    else:
        known = ", ".join(f"{i.letter} — {i.code}" for i in settings.insurers if i.letter)
        why = f"СМО с буквой «{name.letter}» нет в настройках (есть: {known})"
    raise refuse(file, why, "Проверьте имя файла или добавьте СМО в настройках.")


def find_target(file: str, name: BillName, payer: config.Payer) -> Target:
    """The package this name answers; refuses what was never exported, restored, or too early."""
    package = _package(file, name)
    stage = int(name.stage)
    if stage == 1:
        return Target(package, payer, 1, None)
    if package.is_test:
        raise refuse(
            file,
            f"ответ стадии 2 на тестовый реестр за {month(package.period)} не принимается:"
            " в тестовом цикле есть только ответы «1»",
            "Восстановите тестовые реестры и выгрузите основной.",
        )
    seven = answers.seven_of(package.id, payer.id)
    if seven is None:
        raise refuse(
            file,
            f"файл «7» по СМО {payer.code} ({payer.letter}) за {month(package.period)} ещё не сделан,"
            " поэтому «2» принимать рано",
            "Сначала примите её файл «1» и выполните F6 «переформировать (7 файл)».",
        )
    return Target(package, payer, 2, seven)


def _package(file: str, name: BillName) -> answers.PackageRow:
    every = answers.packages_of(str(name.period))
    prefix = str(name)[:27]
    found = [p for p in every if p.name[:27] == prefix]
    if not every:
        raise refuse(
            file,
            f"Отсутствует информация об экспорте реестра: за {name.period.title} файл «…3X» не выгружался",
            "Проверьте период в имени файла или выгрузите реестры (F2).",
        )
    if not found:
        names = ", ".join(dict.fromkeys(p.name for p in every))
        raise refuse(
            file,
            f"Неверное имя файла: его начало не совпадает с именем выгруженного файла ({names})",
            "Проверьте служебную цифру (27-й знак имени).",
        )
    if found[0].state == "active":
        return found[0]
    if any(p.state == "restored" for p in found):
        raise restored(file, found[0].period)
    raise refuse(file, f"выгрузка за {month(found[0].period)} заменена другой, ответ к ней не подходит")


def by_keys(target: Target) -> Target:
    """A test package and the main one of a month have one name: the keys tell which is answered.

    Call after staging. Anything else that does not fit is told by ``check_keys``.
    """
    same = [
        p
        for p in answers.packages_of(target.package.period)
        if p.state == "active" and p.name == target.package.name
    ]
    if target.stage != 1 or len(same) < 2:
        return target
    places = {p.package_id for p in staging.places()}
    found = [p for p in same if {p.id} == places]
    return replace(target, package=found[0]) if found else target


def restored(file: str, period: str) -> OmsError:
    """The sentence for a late answer to a test package."""
    return refuse(
        file,
        f"это ответ на тестовый реестр за {month(period)}, а он уже восстановлен:"
        " ответы тестового реестра больше не принимаются",
        "Примите ответ на основной реестр.",
    )


def check_header(file: str, reader: AnswerReader, target: Target, settings: Settings) -> None:
    """МО, month and insurer inside the file are those of its name."""
    body, bill = reader.header.body, reader.header.bill
    for attribute, title, ours, width in (
        ("ogrn_mo", "ОГРН МО", settings.mo.ogrn, 13),
        ("kpp_mo", "КПП МО", settings.mo.kpp, 9),
    ):
        given = body.get(attribute, "").strip()
        if given.zfill(width) != ours.zfill(width):
            raise refuse(
                file,
                f"в файле {title} «{given}», а у вас {ours}",
                "Файл другой МО: сообщите в ТФОМС.",
            )
    period = Period.parse(target.package.period)
    given_month = f"{body.get('month', '').strip().zfill(2)}.{body.get('year', '').strip()}"
    if given_month != f"{period.month:02d}.{period.year}":
        raise refuse(
            file,
            f"внутри файла период {given_month}, а в имени {period.month:02d}.{period.year}",
            "Сообщите в ТФОМС: имя и содержимое файла расходятся.",
        )
    given = bill.get("ogrn_smo", "").strip()
    payer = target.payer
    if payer.ogrn and given.zfill(13) != payer.ogrn.zfill(13):
        raise refuse(
            file,
            f"буква «{payer.letter}» — это СМО {payer.code} (ОГРН {payer.ogrn}),"
            f" а в файле ОГРН СМО «{given}»",
            "Сообщите в ТФОМС: имя и содержимое файла расходятся.",
        )


def check_decisive(file: str, reader: AnswerReader) -> None:
    """An own 3X or 7 handed back under the name of an answer decides nothing."""
    bill = reader.header.bill
    if not reader.decisive and not any(bill.get(a) for a in ("date_2", "n_out", "date_in")):
        raise refuse(
            file,
            "Неверное имя файла: это файл, выгруженный вашей МО, — решений ТФОМС в нём нет",
            _NAME_HINT,
        )


def check_replacement(file: str, old: answers.AnswerRow, target: Target) -> None:
    """Whether another file of the same insurer and stage may still replace the accepted one."""
    who = f"СМО {target.payer.code} ({target.payer.letter})"
    accepted = f"{old.name} уже принят {old.accepted_at}"
    returned = answers.exported_returns(old.id, old.stage)
    if returned:
        error = refuse(
            file,
            f"ответ стадии {old.stage} по {who} ({accepted}) заменить нельзя: отказанные в нём счета"
            " возвращены в реестр и выгружены",
            "Уточните в ТФОМС, какой ответ верный.",
        )
        error.details = tuple(returned)
        raise error


def check_seven(file: str, target: Target) -> None:
    """A «1» is late once the «7» of this insurer is written."""
    if target.stage != 1:
        return
    seven = answers.seven_of(target.package.id, target.payer.id)
    if seven is not None:
        raise refuse(
            file,
            f"по СМО {target.payer.code} ({target.payer.letter}) уже сделан файл «7» ({seven.name}),"
            " менять ответ «1» поздно",
            "Уточните в ТФОМС, какой ответ верный.",
        )


def check_keys(file: str, target: Target) -> None:
    """Every key of the staged answer belongs to this package and may be decided by this file."""
    places = staging.places()
    old = next((p for p in places if p.restored), None)
    if old is not None:
        raise restored(file, old.period)
    count, keys = staging.unknown()
    if count:
        listed = [f"Случай {_shown(key)} отсутствует в файле экспорта" for key in keys]
        more = f" (и ещё {count - 1})" if count > 1 else ""
        error = refuse(
            file,
            listed[0] + more + f" за {month(target.package.period)}",
            "Ответ целиком не принят. Сверьте его с ТФОМС.",
        )
        error.details = tuple(listed)
        raise error
    foreign = [p for p in places if p.package_id != target.package.id]
    if foreign and len(places) > 1:
        names = ", ".join(f"{p.name} — {p.keys}" for p in places)
        raise refuse(file, f"в нём ключи счетов двух выгрузок ({names})", "Ответ целиком не принят.")
    if foreign:
        raise refuse(
            file,
            f"ключи счетов из выгрузки {foreign[0].name} за {month(foreign[0].period)},"
            f" а по имени это ответ на {target.package.name}",
            "Сообщите в ТФОМС: имя и содержимое файла расходятся.",
        )
    _check_decisions(file, target)


def _shown(key: str) -> str:
    """A key of a foreign file as it may stand on a screen: short, without control characters."""
    plain = "".join(c if c.isprintable() else "·" for c in key)
    return plain if len(plain) <= 60 else plain[:60] + "…"


def _check_decisions(file: str, target: Target) -> None:
    if target.stage == 1:
        decided = staging.decided_elsewhere(target.payer.id)
        if decided:
            xkey, smo, name, seven = decided[0]
            more = f", он вошёл в {seven}" if seven else ""
            error = refuse(
                file,
                f"счёт {xkey} уже решён файлом другой СМО ({smo}, {name}{more})",
                "Ответ целиком не принят. Уточните в ТФОМС, чей это пациент.",
            )
            error.details = tuple(f"{row[0]} — {row[1]}, {row[2]}" for row in decided)
            raise error
        return
    assert target.seven is not None  # find_target gave it
    outside = staging.outside_seven(target.seven.id)
    if outside:
        xkey, decision, seven = outside[0]
        if seven:
            why = f"он в файле «7» другой СМО ({seven})"
        elif decision == 2:
            why = "он отказан на стадии 1 и в файл «7» не вошёл"
        else:
            why = "решения стадии 1 по нему нет, в файл «7» он не вошёл"
        error = refuse(
            file,
            f"счёта {xkey} нет в файле {target.seven.name}: {why}",
            "Ответ целиком не принят. Сверьте его с ТФОМС.",
        )
        error.details = tuple(row[0] for row in outside)
        raise error
