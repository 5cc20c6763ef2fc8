"""Generator of training data (генератор учебных данных): files of a МИС, books and settings.

Deterministic: the same arguments give the same bytes. Memory does not depend on the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from omstui.demo.books import write_books
from omstui.demo.cases import SHARES, Maker
from omstui.demo.planted import Note, Plan, Planter, write_csv
from omstui.demo.regions import REGIONS, Region, move
from omstui.domain.model import Period
from omstui.formats import federalnames
from omstui.formats.federalwriter import FederalRecord, WrittenPair, write_pair
from omstui.resources import data_dir

#: letters of a file → kinds inside; the order is the order of the files
_FILES: dict[str, tuple[str, ...]] = {
    "H": ("inpatient", "dayhospital", "outpatient", "dental", "ambulance", "paraclinic"),
    "C": ("oncology",),
    "T": ("hightech",),
    "DP": ("dispensary",),
    "DO": ("checkup",),
    "DS": ("orphans",),
    "DF": ("minors",),
}
_DISP = {"DP": "ДВ1", "DO": "ОПВ", "DS": "ДС1", "DF": "ПН1"}
#: share of the first month when several are made
_FIRST = 0.83


@dataclass(slots=True)
class Generated:
    """What was written (созданные файлы)."""

    pairs: list[WrittenPair] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    cases: int = 0


def generate(
    out: Path, cases: int = 400, seed: int = 1, period: str = "2021-04", months: int = 2,
    services: int = 0, planted: bool = True, profile: str = "yar",
) -> Generated:  # fmt: skip
    """Write about ``cases`` cases of ``months`` months into ``out``: OUT/2021-04, …, OUT/books.

    ``services``: least number of services of an outpatient case (the benchmarks want many);
    ``profile``: region whose codes the files carry.
    """
    region = REGIONS[profile]
    first = Period.parse(period)
    out.mkdir(parents=True, exist_ok=True)
    made = Generated()
    for shift, amount in enumerate(_amounts(cases, months)):
        month = first.shift(shift)
        maker = Maker(seed, month, people=cases, services=services)
        plan = Planter(maker).plant() if planted and shift == 0 else Plan()
        _month(out / str(month), maker, amount, plan, made, region)
        made.notes += [replace(note, file=region.file(note.file)) for note in plan.notes]
    amount = _amounts(cases, months)[0]
    write_books(out / "books", region, first, amount, Maker(seed, first, people=cases, services=services))
    (out / "settings.toml").write_text(settings_text(region), encoding="utf-8")
    for other in REGIONS.values():
        if not region.codes and other.codes:  # the settings of the other regions lie beside the first
            (out / other.settings).write_text(settings_text(other), encoding="utf-8")
    (out / "README.md").write_text(_manifest(made, str(first)), encoding="utf-8")
    return made


def _amounts(cases: int, months: int) -> list[int]:
    if months <= 1:
        return [cases]
    rest = [round(cases * (1 - _FIRST) / (months - 1))] * (months - 1)
    return [cases - sum(rest), *rest]


def settings_text(region: Region) -> str:
    """The settings file of the training organisation of a region."""
    if not region.codes:
        return SETTINGS
    return (data_dir() / "demo" / region.settings).read_text(encoding="utf-8")


def _month(folder: Path, maker: Maker, amount: int, plan: Plan, made: Generated, region: Region) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    before = len(made.pairs)
    counts = {kind: max(amount * share // 100, 1) for kind, share in SHARES.items()}
    counts["outpatient"] += amount - sum(counts.values())
    for number, (letters, kinds) in enumerate(_FILES.items(), 1):
        records = _numbered(_records(maker, counts, kinds, plan.records.get(f"good {letters}", [])))
        made.pairs.append(_write(folder, maker, letters, 1, number, records, region))
        if letters in plan.records:
            spoiled = _numbered(iter(plan.records[letters]))
            made.pairs.append(_write(folder, maker, letters, 2, 20 + number, spoiled, region))
    if plan.rows:
        rows = [{name: region.codes.get(v, v) for name, v in row.items()} for row in plan.rows]
        write_csv(folder, rows, region.code_mo)
    made.cases += sum(p.count for p in made.pairs[before:]) + len({r["Случай"] for r in plan.rows})


def _records(
    maker: Maker, counts: dict[str, int], kinds: tuple[str, ...], special: list[FederalRecord]
) -> Iterator[FederalRecord]:
    for kind in kinds:
        for number in range(1, max(counts[kind], 0) + 1):
            yield maker.case(kind, number)
    yield from special


def _numbered(records: Iterator[FederalRecord]) -> Iterator[FederalRecord]:
    """Number ZAP and IDCASE through the file and keep one PERS per patient."""
    seen: set[str] = set()
    for number, record in enumerate(records, 1):
        zap = dict(record.zap) | {"N_ZAP": str(number)}
        zap["Z_SL"] = dict(zap["Z_SL"]) | {"IDCASE": str(number)}
        ref = zap["PACIENT"]["ID_PAC"]
        yield FederalRecord(zap, None if ref in seen else record.person)
        seen.add(ref)


def _write(
    folder: Path, maker: Maker, letters: str, package: int, code: int,
    records: Iterator[FederalRecord], region: Region,
) -> WrittenPair:  # fmt: skip
    period = maker.period
    name = federalnames.build(letters, f"M{region.code_mo}", f"T{region.fund}", str(period), package)
    header = {
        "VERSION": "3.1",
        "PERS_VERSION": "3.2",
        "DATA": period.end.isoformat(),
        "CODE": f"{period.month:02d}{code:02d}",
        "CODE_MO": region.code_mo,
        "YEAR": str(period.year),
        "MONTH": str(period.month),
        "NSCHET": f"{period.month:02d}-{letters}-{package}",
        "DSCHET": period.end.isoformat(),
    }
    if letters in _DISP:
        header["DISP"] = _DISP[letters]
    return write_pair(folder, name, header, (move(record, region) for record in records))


SETTINGS = """\
# Учебная организация: все имена и номера придуманы
profile = "yar"

[mo]
name = "ГБУЗ ЯО «Учебная больница»"
ogrn = "1027600099900"
kpp = "760499001"
inn = "7604000001"
code = "760001"
code_local = "760001"
phone = "(4852) 00-00-00"
address = "г. Ярославль, ул. Учебная, д. 1"
director = "Полевой Семён Игоревич"
accountant = "Зимина Вера Павловна"
bank = "Отделение Ярославль"
bik = "047888001"
account = "40601810000000000001"
corr_account = "30101810000000000001"
interorg_settlements = false

[fund]
code = "76"
okato = "78000"
ogrn = "1027600097700"
name = "ТФОМС Ярославской области"

[files]
service_digit = "1"
container = "zip"
answer_lists_all = "detect"

[[insurers]]
code = "76001"
letter = "A"
ogrn = "1027700091100"
name = "СМО «Учебная первая»"

[[insurers]]
code = "76002"
letter = "B"
ogrn = "1027700092200"
name = "СМО «Учебная вторая»"

[[insurers]]
code = "76"
letter = "I"
ogrn = "1027600097700"
name = "ТФОМС Ярославской области (иногородние)"
out_of_region = true

[defaults]
begin_p = "2012-06-01"
kladr = "7600000100000120001"
socialstat = "4"
"""


def _manifest(made: Generated, month: str) -> str:
    lines = [
        "# Training data",
        "",
        "Synthetic people and cases, made by `python -m omstui.demo --out data/demo`; do not edit by hand.",
        f"`{month}` and the following folder(s): federal pairs H/C/T/D + L and a CSV (what XML cannot carry)",
        "with its mapping; `books`: local reference books and extracts of classifiers (`*_sample.csv`, not",
        "official) consistent with the cases, the plan being a little too small on one line;",
        "`settings.toml`: for `omstui init`.",
        "",
        f"Cases: {made.cases}. Pairs ending in `2.xml` break the schema on purpose.",
        "",
        "| case | cards | file | what was planted |",
        "|---|---|---|---|",
    ]
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for note in sorted(made.notes, key=lambda n: (not n.reason.startswith("90"), n.reason)):
        cards = grouped.setdefault((note.reason, note.file, note.what), [])
        if note.card not in cards:
            cards.append(note.card)
    lines += [f"| {r} | {', '.join(cards)} | {f} | {w} |" for (r, f, w), cards in grouped.items()]
    lines += [
        "",
        "Not planted, because no input alone can cause them: 90.002 (already in another registry),",
        "90.020 and 90.021 (filter of the registry: form one kind or one department), 90.023 and 90.024",
        "(they need answers).",
        "",
    ]
    return "\n".join(lines)
