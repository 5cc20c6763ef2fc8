"""Our DBF codec against a bare ``%`` a row, the ``dbf`` package and dbfread (гонка таблиц DBF)."""

from __future__ import annotations

import codecs
import encodings.cp866
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from bench.child import Numbers

_BLOCK = 2000
#: different rows; the table repeats them
_POOL = 5000
#: rows of the slow package: its speed does not depend on how many
_SAMPLE = 1000
#: the two fast writers take turns, for a tenth of a second is easily disturbed
_TURNS = 9
_DAY = date(2021, 4, 30)
_MORE = """
SUMV N15.2 : сумма
KOL N6.2 : количество
DS1 C6 : диагноз
CODE_USL C20 : код услуги
IDDOKT C14 : код врача
"""


def race(folder: str, rows: int) -> Numbers:
    """Seconds a row of each way to write and to read the same table of 25 fields.

    The bare writer gets the same rows as ours; «write_ready» is against one that gets ready texts. What
    is prepared for that and for ``dbf`` (values as it wants them) is not counted. What our reader gives
    is compared with what dbfread gives.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    pool = list(_rows(min(rows, _POOL)))
    ours, bare, slow = (place / f"{name}.dbf" for name in ("ours", "bare", "slow"))
    sample = min(rows, _SAMPLE)
    ready = _ready(bare, pool, rows)
    turns = [
        (_timed(ready), _timed(_bare(bare, pool, rows)), _timed(_ours(ours, pool, rows)))
        for _ in range(_TURNS)
    ]
    found: Numbers = {
        "bare": statistics.median(turn[1] for turn in turns) / rows,
        "ours": statistics.median(turn[2] for turn in turns) / rows,
        "write": statistics.median(turn[2] / turn[1] for turn in turns),
        "write_ready": statistics.median(turn[2] / turn[0] for turn in turns),
        "package": _timed(_package(slow, pool, sample)) / sample,
    }
    found |= {
        "read": _timed(_read(ours, rows)) / rows,
        "dbfread": _timed(_dbfread(ours, rows)) / rows,
    }
    _compare(ours, pool)
    found["same"] = _body(ours) == _body(bare)
    found["size"] = ours.stat().st_size
    for path in (ours, bare, slow):
        path.unlink()
    return found


def _timed(job: Callable[[], None]) -> float:
    """Processor time of what was prepared."""
    begin = time.process_time()
    job()
    return time.process_time() - begin


def _layout() -> Any:
    from omstui.formats.layouts.dbf_base import layout
    from omstui.formats.layouts.dbf_ident import QPID

    made = layout("RACE", "таблица для замера", _MORE, QPID)
    if len(made.fields) != 25:
        raise SystemExit(f"полей {len(made.fields)}, а не 25")
    return made


def _rows(count: int) -> Iterator[tuple[Any, ...]]:
    form = _layout()
    for n in range(count):
        yield form.row(
            NPP=n + 1, MCOD="500101", RECID=f"P{n:08d}", FAM=f"Учебный{'абвгд'[n % 5]}", IM="Пример",
            OT="Образцович" if n % 7 else "", W=n % 2 + 1, DR=f"{1940 + n % 70}-{n % 12 + 1:02d}-15",
            SNILS=f"{n % 1000:03d}-000-000 00", DOCTYPE=14, DOCSER="46 00", DOCNUM=f"{n:06d}", VPOLIS=3,
            NPOLIS=f"{n:016d}", ENP=f"{n:016d}", SMO="50001", MR="г. Учебный, Московская область",
            DATE_1=f"2021-04-{n % 28 + 1:02d}", DATE_2=f"2021-04-{n % 28 + 1:02d}", SUMV=n * 137, KOL=100,
            DS1=f"J{n % 90 + 10}.0", CODE_USL=f"B01.0{n % 80 + 10}.001", IDDOKT=f"{n % 300:011d}",
        )  # fmt: skip


# --- writing ---------------------------------------------------------------------------------


def _bare(path: Path, pool: Sequence[tuple[Any, ...]], rows: int) -> Callable[[], None]:
    """Dates and sums of the same rows as texts, one ``%`` a row, a block encoded at once; nothing checked."""
    fields = _layout().fields
    days = [n for n, f in enumerate(fields) if f.type == "D"]
    points = [n for n, f in enumerate(fields) if f.decimals == 2]

    def cells(row: tuple[Any, ...]) -> tuple[Any, ...]:
        made = list(row)
        for n in days:
            made[n] = made[n].replace("-", "")
        for n in points:
            made[n] = f"{made[n] // 100}.{made[n] % 100:02d}"
        return tuple(made)

    return _blocks(path, lambda block: map(cells, block), pool, rows)


def _ready(path: Path, pool: Sequence[tuple[Any, ...]], rows: int) -> Callable[[], None]:
    """The same over cells that are texts already."""
    fields = _layout().fields
    texts = [tuple(_text(f, v) for f, v in zip(fields, row, strict=True)) for row in pool]
    return _blocks(path, iter, texts, rows)


def _blocks(
    path: Path, cells: Callable[[list[Any]], Iterator[Any]], source: Sequence[Any], rows: int
) -> Callable[[], None]:
    form = " " + "".join(f"%{'-' if f.type == 'C' else ''}{f.length}s" for f in _layout().fields)
    table: Any = codecs.charmap_build(encodings.cp866.decoding_table)

    def run() -> None:
        walk = islice(cycle(source), rows)
        with path.open("wb") as stream:
            while block := list(islice(walk, _BLOCK)):
                joined = "".join([form % row for row in cells(block)])
                stream.write(codecs.charmap_encode(joined, "strict", table)[0])

    return run


def _text(field: Any, value: Any) -> str:
    if value is None:
        return ""
    if field.type == "D":
        return str(value).replace("-", "")
    return f"{Decimal(value).scaleb(-field.decimals)}" if field.decimals else str(value)


def _ours(path: Path, pool: Sequence[tuple[Any, ...]], rows: int) -> Callable[[], None]:
    from omstui.formats.dbf import write_dbf

    form = _layout()

    def run() -> None:
        with path.open("w+b") as stream:
            write_dbf(stream, form, islice(cycle(pool), rows), _DAY)

    return run


def _package(path: Path, pool: Sequence[tuple[Any, ...]], rows: int) -> Callable[[], None]:
    import dbf

    fields = _layout().fields
    sizes = {"C": "({0.length})", "N": "({0.length},{0.decimals})", "D": ""}
    specs = "; ".join(f"{f.name} {f.type}{sizes[f.type].format(f)}" for f in fields)
    values = [
        tuple(_native(f, v) for f, v in zip(fields, row, strict=True)) for row in islice(cycle(pool), rows)
    ]

    def run() -> None:
        table = dbf.Table(str(path), specs, codepage="cp866", dbf_type="db3")
        with table.open(dbf.READ_WRITE):
            for row in values:
                table.append(row)

    return run


def _native(field: Any, value: Any) -> Any:
    """The value as the packages have it."""
    if value is None or field.type == "C":
        return value
    if field.type == "D":
        return date.fromisoformat(value)
    return Decimal(value).scaleb(-field.decimals) if field.decimals else value


# --- reading ---------------------------------------------------------------------------------


def _read(path: Path, rows: int) -> Callable[[], None]:
    from omstui.formats.dbf import read_dbf

    form = _layout()
    return lambda: _counted(read_dbf(path, form).rows(), rows)


def _dbfread(path: Path, rows: int) -> Callable[[], None]:
    import dbfread

    return lambda: _counted(dbfread.DBF(str(path), encoding="cp866"), rows)


def _counted(walk: Any, rows: int) -> None:
    found = sum(1 for _ in walk)
    if found != rows:
        raise SystemExit(f"прочитано записей {found}, а не {rows}")


def _compare(path: Path, pool: Sequence[tuple[Any, ...]]) -> None:
    """Both readers give back what was written."""
    import dbfread

    from omstui.formats.dbf import read_dbf

    form = _layout()
    theirs = dbfread.DBF(str(path), encoding="cp866")
    for written, ours, other in zip(pool, read_dbf(path, form).rows(), theirs, strict=False):
        native = [_native(f, v) for f, v in zip(form.fields, written, strict=True)]
        seen = [Decimal(str(v)) if isinstance(v, float) else v for v in other.values()]
        if ours != written or seen != native:
            raise SystemExit(f"прочитано не то, что записано: {ours} {seen}")


def _body(path: Path) -> bytes:
    """The records without header and end mark."""
    data = path.read_bytes()
    return data[33 + 32 * 25 : -1] if path.stem == "ours" else data
