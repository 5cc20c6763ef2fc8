"""CSV of cases with a mapping file (CSV со случаями): carries what federal XML cannot.

One row is one service; the rows of a case stand together and share the value of its key column. The
mapping (TOML, «NAME.mapping.toml» beside «NAME.csv») says which column is which field of ours:

    case_column = "Случай"
    [file]
    code_mo = "760001"
    [columns]
    "Номер карты" = "case.nhistory"
    "Услуга" = "service.code"
    "Повод" = "case.bill.additionals.additional_f.occasion"
    [values."Вид оплаты"]
    "2" = "ДМС"

A field «….bill.…» goes into extra["bill"] by the names of bill.xml, a number in it is a place in a list.
"""

from __future__ import annotations

import codecs
import csv
import difflib
import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from omstui.domain.errors import FormatError, UsageError, place_of, reason_of
from omstui.formats import federal
from omstui.formats.layouts import federal as layout
from omstui.formats.source import SourceCase, SourcePerson, SourceProblem
from omstui.formats.values import BadValue, date_value, money_value, quantity_value

Tree = dict[str, Any]
Row = list[str]

#: field → how its text is read: T text, D date, M money, Q quantity, F flag, L list of codes
FIELDS: dict[str, str] = {
    **{f"patient.{c}": "T" for c in (*layout.PERS.columns.values(), "social_status")},
    **{f"policy.{c}": "T" for c in (*layout.PACIENT.columns.values(), "region")},
    **{f"case.{c}": "T" for c in (*layout.Z_SL.columns.values(), *layout.SL.columns.values())},
    **{f"case.{c}": "T" for c in ("disp", "pay_type", "newborn", "ksg")},
    **{f"service.{c}": "T" for c in (*layout.USL.columns.values(), "name")},
    **dict.fromkeys(("patient.birth_date", "patient.rep_birth_date", "patient.doc_date"), "D"),
    **dict.fromkeys(("policy.begin_date", "policy.end_date"), "D"),
    **dict.fromkeys(("case.date_in", "case.date_out", "case.ref_date"), "D"),
    **dict.fromkeys(("service.date_in", "service.date_out"), "D"),
    **dict.fromkeys(("case.source_sum", "service.source_sum", "service.tariff"), "M"),
    "service.quantity": "Q",
    "case.completed": "F",
    "case.ds2": "L",
    "case.ds3": "L",
}
_FLAGS = {"1": 1, "да": 1, "true": 1, "+": 1, "0": 0, "нет": 0, "false": 0, "-": 0}
#: what a service without its own takes from the case
_OF_CASE = ("profile", "doctor", "specialty", "department", "lpu")
_ROOTS = ("patient", "policy", "case", "service")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """A mapping file (файл соответствия), checked."""

    path: Path
    case_column: str
    columns: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    file: Mapping[str, Any] = field(default_factory=dict)
    delimiter: str = ""
    encoding: str = ""


def mapping_beside(path: Path) -> Path:
    """Where the mapping of a CSV is looked for."""
    return path.with_name(path.stem + ".mapping.toml")


def read_mapping(path: Path) -> ColumnMapping:
    """Read a mapping file. UsageError names the file, the key and the nearest known field."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"Файл соответствия {path} не читается: {reason_of(error)}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"Файл соответствия {path}: ошибка записи TOML ({place_of(error)}).") from error
    known = {"case_column", "columns", "values", "file", "delimiter", "encoding"}
    for key in sorted(data.keys() - known):
        raise UsageError(f"{path}: неизвестный ключ «{key}» (есть: {', '.join(sorted(known))}).")
    columns = data.get("columns", {})
    if not data.get("case_column") or not columns:
        raise UsageError(f"{path}: нужны case_column (столбец, общий для строк случая) и раздел [columns].")
    for column, target in columns.items():
        _check_target(path, column, target)
    if data.get("encoding"):
        try:
            codecs.lookup(data["encoding"])
        except LookupError:
            raise UsageError(f"{path}: неизвестная кодировка «{data['encoding']}».") from None
    return ColumnMapping(path=path, **data)


def _check_target(path: Path, column: str, target: Any) -> None:
    root, _, rest = str(target).partition(".")
    if target in FIELDS or (root in ("patient", "case", "service") and rest.startswith("bill.")):
        return
    near = difflib.get_close_matches(str(target), FIELDS, 1)
    advice = f"возможно, «{near[0]}»" if near else "начинается с patient., policy., case., service."
    raise UsageError(f"{path}: столбец «{column}»: неизвестное поле «{target}» ({advice}).")


class CsvSource:
    """A CSV with its mapping, as a SourceFile."""

    def __init__(self, path: Path, mapping: Path | None = None) -> None:
        self._path = path
        self._mapping = read_mapping(mapping or mapping_beside(path))
        self.name = path.name
        self.unknown: Counter[str] = Counter()
        content = path.read_bytes()
        self.sha256 = hashlib.sha256(content + b"\0" + self._mapping.path.read_bytes()).hexdigest()
        self._encoding = self._mapping.encoding or _encoding(content)
        self.header: Tree = {"disp": "", "code_mo": "", "plat": "", "version": "csv"}
        self.header |= self._mapping.file
        self.carries = carried(self._mapping.columns)
        self._seen: set[str] = set()

    def persons(self) -> Iterator[SourcePerson | SourceProblem]:
        """Nothing: every case brings its person."""
        yield from ()

    def cases(self) -> Iterator[SourceCase | SourceProblem]:
        """Yield a case per group of rows, or the reason why it cannot be taken."""
        self._seen.clear()
        try:
            with self._path.open(encoding=self._encoding, newline="") as stream:
                yield from self._cases(csv.reader(stream, delimiter=self._delimiter(), strict=True))
        except UnicodeDecodeError as error:
            raise FormatError(
                f"Файл {self.name}: знак не читается в кодировке {self._encoding} (байт {error.start}).",
                hint="Укажите encoding в файле соответствия.",
            ) from error
        except csv.Error as error:
            raise FormatError(
                f"Файл {self.name}: строки CSV не разобраны: кавычки не закрыты или поле велико.",
                hint="Проверьте разделитель и кавычки.",
            ) from error

    def _delimiter(self) -> str:
        if self._mapping.delimiter:
            return self._mapping.delimiter
        with self._path.open(encoding=self._encoding, newline="") as stream:
            head = stream.readline()
        return max(";,\t", key=head.count)

    def _cases(self, reader: Any) -> Iterator[SourceCase | SourceProblem]:
        names = [n.strip() for n in next(reader, [])]
        missing = [c for c in (self._mapping.case_column, *self._mapping.columns) if c not in names]
        if missing:
            raise FormatError(
                f"Файл {self.name}: нет столбцов, названных в {self._mapping.path.name}: "
                + ", ".join(f"«{m}»" for m in missing[:8])
                + (f" и ещё {len(missing) - 8}." if len(missing) > 8 else "."),
                hint="Исправьте заголовок CSV или файл соответствия.",
            )
        at = names.index(self._mapping.case_column)
        used = {*self._mapping.columns, self._mapping.case_column}
        plan = [(n, names.index(n), t) for n, t in self._mapping.columns.items()]
        rows = ((reader.line_num, row) for row in reader if any(row))
        for key, group in groupby(rows, lambda item: item[1][at] if at < len(item[1]) else ""):
            lines = list(group)
            position = f"строка {lines[0][0]}"
            for name in names:
                if name and name not in used:
                    self.unknown[name] += len(lines)
            try:
                yield self._case(key, lines, plan, position, len(names))
            except BadValue as error:
                yield SourceProblem(position, str(error))

    def _case(
        self, key: str, lines: list[tuple[int, Row]], plan: list[Any], position: str, width: int
    ) -> SourceCase:
        if not key.strip():
            raise BadValue(self._mapping.case_column, "", "не заполнено, строка ни к какому случаю")
        if key in self._seen:
            raise BadValue(self._mapping.case_column, key, "строки случая идут не подряд")
        self._seen.add(key)
        trees: dict[str, Tree] = {root: {} for root in _ROOTS}
        services: list[Tree] = []
        for line, row in lines:
            if len(row) != width:
                raise BadValue(f"строка {line}", "", f"полей {len(row)}, а в заголовке {width}")
            trees["service"] = {}
            for name, index, target in plan:
                text = self._mapping.values.get(name, {}).get(row[index], row[index]).strip()
                if text:
                    _put(trees, target, text, name)
            if trees["service"]:
                services.append(trees["service"])
        return finish_case(self.header, key, trees, services, position)


def finish_case(
    header: Mapping[str, Any], key: str, trees: Mapping[str, Tree], services: list[Tree], position: str
) -> SourceCase:
    """A case of a flat file (CSV, DBF) with what its services and header tell. Raises BadValue."""
    person = {**federal.PERSON, "extra": {}} | trees["patient"]
    policy = {**federal.POLICY, "extra": {}} | trees["policy"]
    case: Tree = {
        **federal.CASE, "ds2": [], "ds3": [], "extra": {}, "ksg": "",
        "disp": header["disp"], "mo": header["code_mo"],
    } | trees["case"]  # fmt: skip
    rows = [{**federal.SERVICE, "extra": {}} | s | {"n": n, "part": 1} for n, s in enumerate(services, 1)]
    for row in rows:
        row["date_in"] = row["date_in"] or row["date_out"] or case["date_in"]
        row["date_out"] = row["date_out"] or row["date_in"]
        for name in _OF_CASE:
            row[name] = row[name] or case[name]
        row["ds"] = row["ds"] or case["ds_main"]
    examination = bool(case["disp"])
    case["family"] = case["letter"] = "D" if examination else "H"
    if examination:
        federal.derive_examination(case, {}, rows)
    case.setdefault("completed", 1 if case["date_out"] else 0)
    case["source_sum"] = case["source_sum"] or sum(r["source_sum"] for r in rows)
    federal.derive_policy(policy)
    federal.check_key(case)
    names = " ".join((person["surname"], person["name"], person["patronymic"])).strip()
    ref = person["ext_id"] or policy["enp"] or (names and f"{names}|{person['birth_date']}")
    if not ref:
        raise BadValue("пациент", "", "нет ни кода, ни полиса, ни фамилии")
    person["ext_id"] = ref
    return SourceCase(f"{position}, {key}", ref, policy, case, rows, person=person)


def _put(trees: dict[str, Tree], target: str, text: str, column: str) -> None:
    root, _, name = target.partition(".")
    if name.startswith("bill."):
        _nest(trees[root].setdefault("extra", {}).setdefault("bill", {}), name.split(".")[1:], text)
        return
    kind = FIELDS[target]
    value: Any = text
    if kind == "D":
        value = date_value(text, column)
    elif kind == "M":
        value = money_value(text, column)
    elif kind == "Q":
        value = quantity_value(text, column)
    elif kind == "L":
        value = text.replace(",", " ").replace(";", " ").split()
    elif kind == "F":
        if text.casefold() not in _FLAGS:
            raise BadValue(column, text, "нужно 1 или 0 (да или нет)")
        value = _FLAGS[text.casefold()]
    trees[root][name] = value


def _nest(tree: Any, steps: list[str], text: str) -> None:
    """Put a text at a path of names and places in lists."""
    for step, following in zip(steps, [*steps[1:], ""], strict=True):
        empty: Any = text if not following else [] if following.isdigit() else {}
        if isinstance(tree, list):
            while len(tree) <= int(step):
                tree.append({} if following else "")
            if not following:
                tree[int(step)] = text
            tree = tree[int(step)]
        else:
            if not following:
                tree[step] = text
            tree = tree.setdefault(step, empty)


def carried(columns: Mapping[str, str]) -> frozenset[str]:
    """Columns a flat file speaks of: what it does not mention stays as the operator left it."""
    names = {t.partition(".")[2] for t in columns.values()}
    said = {n for n in names if not n.startswith("bill.")} | {"ext_id", "mo", "letter", "extra"}
    if "date_out" in said:
        said.add("completed")
    if "number" in said or "smo" in said:
        said |= {"enp", "region"}
    if {"source_sum", "tariff"} & said:
        said.add("source_sum")
    if "disp" in said:
        said |= {"usl_ok", "help_form", "outcome", "purpose", "result", "profile", "doctor", "specialty"}
    return frozenset(said)


def _encoding(content: bytes) -> str:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"
