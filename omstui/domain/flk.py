"""ФЛК of a file we sent (результат ФЛК): which file of ours a protocol answers, and its errors as rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from omstui.domain.errors import FormatError, OmsError
from omstui.domain.store import flk as store
from omstui.domain.store.flk import Row, SentFile
from omstui.formats import dbfnames
from omstui.formats.federal import Part
from omstui.formats.flkdbf import FlkLink, FlqpidFile, read_flqpid
from omstui.formats.flkp import F012, FlkError, FlkProtocol
from omstui.formats.opening import xml_parts
from omstui.settings import Settings

#: signs of a foreign name and of a place shown: a hostile file has longer ones
_SHOWN, _PLACE = 60, 200
#: told, and no number of ours can be it
_STRANGE = -1


@dataclass(slots=True)
class Protocol:
    """One protocol of a file: the file of ours it answers, and where its errors come from."""

    sent: SentFile
    #: what tells it from the other protocol of the same bill: the file of cases, of persons, or QPID
    source: str
    errors: FlkProtocol | FlqpidFile

    @property
    def of_request(self) -> bool:
        return isinstance(self.errors, FlqpidFile)

    def rows(self) -> Iterator[Row]:
        """The errors one by one."""
        if isinstance(self.errors, FlqpidFile):
            for link in self.errors.links():
                yield _request_row(link)
        else:
            persons = self.errors.of_persons
            for error in self.errors.errors():
                yield _bill_row(error, f"файл {self.source}", persons)


def read(path: Path, settings: Settings) -> list[Protocol]:
    """The protocols of a file: FLQPID, an FLK_P, or a ZIP of several. FormatError says what is wrong."""
    if path.suffix.lower() == ".dbf":
        return [_request(path, settings)]
    parts = xml_parts(path)
    if [part.name for part in parts] != [path.name]:  # inside an archive: messages name it too
        parts = [Part(f"{path.name}/{part.name}", part.open) for part in parts]
    found = [_bill(FlkProtocol(part)) for part in parts]
    sources = [p.source for p in found]
    twice = next((s for s in sources if sources.count(s) > 1), "")
    if twice:
        raise FormatError(
            f"В файле {path.name} два протокола ФЛК на один файл {twice}.",
            hint="Загрузите их по одному: действует тот, что пришёл последним.",
        )
    return found


def request_of(name: str) -> int | None:
    """The package of ours a FLQPID answers by its name; None when the name tells none."""
    try:
        stem = dbfnames.parse_ident(name, dbfnames.FLQPID).as_(dbfnames.QPID).stem
    except FormatError:
        return None
    sent = store.sent_file("Q", stem)
    return sent.id if sent else None


def _request(path: Path, settings: Settings) -> Protocol:
    mo = settings.mo.code_local or settings.mo.code
    answer = dbfnames.check_answer(path.name, mo, store.sent_names("Q"), dbfnames.FLQPID)
    stem = answer.as_(dbfnames.QPID).stem
    sent = store.sent_file("Q", stem)
    if sent is None:
        raise FormatError(f"Файл {path.name} — ФЛК пакета {stem}, которого отсюда не выгружали.")
    return Protocol(sent, stem.upper(), read_flqpid(path))


def _bill(protocol: FlkProtocol) -> Protocol:
    sent = store.sent_file("B", protocol.cases_name)
    if sent is None:
        raise FormatError(
            f"Протокол {protocol.name} — на файл «{protocol.source[:_SHOWN]}», которого отсюда не выгружали.",
            title="Чужой протокол ФЛК",
            hint="Проверьте, тот ли файл выбран и та ли база открыта.",
        )
    if sent.state != "active":
        raise FormatError(
            f"Протокол {protocol.name} — на файл {protocol.source}, который потом выгружен заново под другим"
            " именем: его записи уже не действуют.",
            hint="Отправьте новые файлы и загрузите протокол на них.",
        )
    return Protocol(sent, protocol.source, protocol)


# --- errors as rows ------------------------------------------------------------------------------


def _bill_row(error: FlkError, source: str, persons: bool) -> Row:
    # N_ZAP beside a person in the protocol of a file of persons counts persons, not our records
    n_zap = "" if persons and error.id_pac else error.n_zap
    return Row(
        _number(n_zap),
        _number(error.idcase),
        error.id_pac,
        error.sl_id,
        error.place[:_PLACE],
        source,
        error.code,
        error.text,
        not error.code or error.new_code or error.code in F012,
        1,
        {
            name: value
            for name in ("field", "value", "base", "n_zap", "idcase", "id_pac", "sl_id", "idserv")
            if (value := getattr(error, name))
        },
    )


def _request_row(link: FlkLink) -> Row:
    place = ", ".join(
        filter(
            None,
            (
                f"запись {link.number}" if link.number is not None else "",
                f"пациент {link.ref}" if link.ref else "",
                f"поле {link.field}" if link.field else "",
            ),
        )
    )
    data: dict[str, object] = {
        "field": link.field,
        "recid": link.ref,
        "npp": link.number,
        "source": link.source,
    }
    if link.count != 1:
        data["count"] = link.count
    return Row(
        link.number,
        None,
        link.ref,
        "",
        place or f"строка {link.record}",
        link.source,
        link.code,
        link.text,
        True,
        max(link.count, 0),
        {name: value for name, value in data.items() if value not in ("", None)},
    )


def _number(text: str) -> int | None:
    if not text:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else _STRANGE


def refuse_unknown(name: str, places: list[str]) -> OmsError:
    """The whole file is refused when it names what we did not send."""
    return OmsError(
        f"Файл {name} не загружен: в нём записи, которых в выгруженном файле нет. Ничего не изменено.",
        title="Неизвестный ключ в протоколе ФЛК",
        hint="Протокол на другую выгрузку или испорчен: запросите его заново.",
        details=places,
    )
