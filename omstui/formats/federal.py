"""Reader of federal registry files (пары H/C/T/D + L): one ZAP at a time, bounded memory.

The table of elements in ``omstui.formats.layouts.federal`` says which element goes to which column;
everything else travels in ``extra["fed"]`` under its federal name, so nothing the file carried is lost:
``zap``, ``pac``, ``z`` (what is left of ZAP, PACIENT, Z_SL), ``sl`` (the last SL), ``parts`` (earlier SLs
whole, without their services). Versions are told apart by structure, never by VERSION.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from omstui.domain.errors import FormatError
from omstui.formats import federalnames
from omstui.formats.layouts import fedbooks
from omstui.formats.layouts import federal as layout
from omstui.formats.source import SourceCase, SourcePerson, SourceProblem
from omstui.formats.values import BadValue, date_value, money_value, quantity_value
from omstui.formats.xmlsafe import iterparse

Node = Any  # an lxml element; the stubs know no cheap way to walk one
Tree = dict[str, Any]
Convert = Callable[[str, str], Any]

_CONVERT: dict[str, Convert] = {"D": date_value, "M": money_value}


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a pair (файл пары): its name and a way to open it again and again."""

    name: str
    open: Callable[[], IO[bytes]]


@dataclass(frozen=True, slots=True)
class _Spec:
    """A block of the layout as the reader uses it."""

    path: str
    columns: Mapping[str, tuple[str, Convert | None]]
    lists: Mapping[str, str]  # repeated elements that have a column
    names: frozenset[str]
    repeated: frozenset[str]
    simple: frozenset[str] = frozenset()  # one text each, no column


def _spec(path: str, block: layout.Block) -> _Spec:
    columns: dict[str, tuple[str, Convert | None]] = {}
    lists = {}
    for element in block.elements:
        if element.column and element.repeat:
            lists[element.name] = element.column
        elif element.column:
            columns[element.name] = (element.column, _CONVERT.get(element.type))
    if "KOL_USL" in columns:
        columns["KOL_USL"] = ("quantity", quantity_value)
    simple = frozenset(e.name for e in block.elements if not e.repeat and e.type != "S")
    return _Spec(path, columns, lists, block.names, block.repeated, simple - columns.keys())


_SPECS = {path: _spec(path, block) for path, block in layout.BLOCKS.items()}
#: blocks that are walked by themselves
_OWN = frozenset({"PACIENT", "Z_SL", "SL", "USL"})
_NONE: frozenset[str] = frozenset()
_ZAP, _PACIENT, _Z_SL = _SPECS["ZAP"], _SPECS["PACIENT"], _SPECS["Z_SL"]
_SL, _USL, _PERS = _SPECS["SL"], _SPECS["USL"], _SPECS["PERS"]

PERSON: Tree = dict.fromkeys(layout.PERS.columns.values(), "") | {"birth_date": None}
POLICY: Tree = dict.fromkeys(layout.PACIENT.columns.values(), "")
CASE: Tree = dict.fromkeys([*layout.Z_SL.columns.values(), *layout.SL.columns.values()], "") | {
    "date_in": None,
    "date_out": None,
    "bed_days": None,
    "source_sum": 0,
    "pay_type": "ОМС",
    "newborn": "0",
}
SERVICE: Tree = dict.fromkeys([*layout.USL.columns.values(), "name"], "") | {
    "date_in": None, "date_out": None, "quantity": 100, "tariff": 0, "source_sum": 0,
}  # fmt: skip
#: the format nests four levels; deeper than this is no registry
_DEEPEST = 16
#: what an SL without USL gives its own service
_OF_SL = {
    "SL_ID": "source_id", "PROFIL": "profile", "DET": "child_profile", "DS1": "ds",
    "PRVS": "specialty", "IDDOKT": "doctor", "PODR": "department",
}  # fmt: skip
_HEADER_NUMBERS = {"year", "month", "sd_z"}


class FederalPair:
    """A pair of files, cases and persons (пара H+L), as a SourceFile."""

    def __init__(self, cases: Part, persons: Part) -> None:
        self._cases, self._persons = cases, persons
        self.name = f"{cases.name} + {persons.name}"
        self.unknown: Counter[str] = Counter()
        self.header = read_header(cases)
        self.sha256 = _digest(cases, persons)

    def persons(self) -> Iterator[SourcePerson | SourceProblem]:
        """Yield a person per PERS."""
        for number, node in enumerate(walk(self._persons, ("PERS",), "PERS_LIST"), 1):
            position = f"PERS {number}"
            try:
                yield self._person(node, position)
            except BadValue as error:
                yield SourceProblem(f"{position}, ID_PAC {_text(node, 'ID_PAC')}", str(error))

    def cases(self) -> Iterator[SourceCase | SourceProblem]:
        """Yield a case per Z_SL, or the reason why it cannot be taken."""
        for number, node in enumerate(walk(self._cases, ("ZAP",), "ZL_LIST"), 1):
            blocks: list[Node] = []
            zap = self._fill(node, _ZAP, {}, blocks)
            place = f"ZAP {zap.get('N_ZAP') or number}"
            patient = next((b for b in blocks if b.tag == "PACIENT"), None)
            finished = [b for b in blocks if b.tag == "Z_SL"]
            for block in finished:
                try:
                    yield self._case(zap, patient, block, place)
                except BadValue as error:
                    idcase = _text(block, "IDCASE") or "?"
                    yield SourceProblem(f"{place}, IDCASE {idcase}", str(error))
            if not finished:
                yield SourceProblem(place, "нет случая (Z_SL).")

    # --- one record ----------------------------------------------------------------------------

    def _person(self, node: Node, position: str) -> SourcePerson:
        row: Tree = dict(PERSON)
        rest = self._fill(node, _PERS, row)
        if not row["ext_id"]:
            raise BadValue("ID_PAC", "", "нет кода пациента")
        for column in ("reliability", "rep_reliability"):
            row[column] = ",".join(row[column])
        row["extra"] = {"fed": rest} if rest else {}
        return SourcePerson(row["ext_id"], position, row)

    def _case(self, zap: Tree, patient: Node | None, finished: Node, place: str) -> SourceCase:
        policy: Tree = dict(POLICY)
        policy["extra"] = {}
        pac = self._fill(patient, _PACIENT, policy) if patient is not None else {}
        ref = _plain(pac.pop("ID_PAC", ""))
        if not ref:
            raise BadValue("ID_PAC", "", "нет кода пациента")
        case: Tree = dict(CASE)
        parts: list[Node] = []
        z = self._fill(finished, _Z_SL, case, parts)
        if not parts:
            raise BadValue("SL", "", "в законченном случае нет ни одного случая")
        if len(parts) > 1:
            parts.sort(key=_ended)  # the last one gives the header, wherever it stands in the file
        units: list[Node] = []
        sl = self._fill(parts[-1], _SL, case, units)
        services: list[Tree] = []
        for number, part in enumerate(parts[:-1], 1):
            self._services(services, part, list(part.iterchildren("USL")), number, case["lpu"])
        self._services(services, parts[-1], units, len(parts), case["lpu"])
        fed: Tree = {"sl": sl, "z": z, "zap": zap}
        if "NOVOR" in pac:
            case["newborn"] = _plain(pac.pop("NOVOR"))
        if pac:
            fed["pac"] = pac
        if len(parts) > 1:
            fed["parts"] = [self._tree(p, "SL", skip=_OWN) for p in parts[:-1]]
        case["extra"] = {"fed": fed}
        self._derive(case, sl, services)
        derive_policy(policy)
        return SourceCase(f"{place}, IDCASE {z.get('IDCASE', '?')}", ref, policy, case, services)

    def _derive(self, case: Tree, sl: Tree, services: list[Tree]) -> None:
        """Set what the file says in another place or only by its type (product.md §11.2, §11.5)."""
        case["family"], case["letter"] = self.header["family"], self.header["letter"]
        case["disp"], case["mo"] = self.header["disp"], self.header["code_mo"]
        case["completed"] = 1 if case["date_out"] else 0
        case["department"] = case["department"] or _plain(sl.get("LPU_1", ""))
        case["bed_days"] = case["bed_days"] or _plain(sl.get("KD", "")) or None
        ksg = _tree_of(sl.get("KSG_KPG"))
        case["ksg"] = _plain(ksg.get("N_KSG") or ksg.get("N_KPG") or "")
        case["ds2"], case["ds3"] = case["ds2"] or [], case["ds3"] or []
        if case["family"] == "D":
            derive_examination(case, sl, services)
        check_key(case)

    def _services(self, services: list[Tree], part: Node, units: list[Node], number: int, lpu: str) -> None:
        """Add the services of one SL, or the one service an SL without USL is itself."""
        for node in units:
            service: Tree = dict(SERVICE)
            rest = self._fill(node, _USL, service)
            if "MR_USL_N" in rest and not service["doctor"]:
                team = _tree_of(rest["MR_USL_N"])
                service["doctor"] = _plain(team.get("CODE_MD", ""))
                service["specialty"] = service["specialty"] or _plain(team.get("PRVS", ""))
            if rest and not service["department"]:
                service["department"] = _plain(rest.get("LPU_1", ""))
            service["part"], service["n"] = number, len(services) + 1
            service["extra"] = {"fed": rest} if rest else {}
            services.append(service)
        own = None if units else _own_service(part, lpu)
        if own:
            services.append(own | {"part": number, "n": len(services) + 1})

    # --- elements ------------------------------------------------------------------------------

    def _fill(self, node: Node, spec: _Spec, row: Tree, blocks: list[Node] | None = None) -> Tree:
        """Put the elements that have a column into ``row`` and return the rest by federal name.

        The blocks that are walked by themselves (PACIENT, Z_SL, SL, USL) go to ``blocks``. This is
        the hot loop of loading: some hundred elements a case.
        """
        rest: Tree = {}
        columns, simple = spec.columns, spec.simple
        for child in node:
            name = child.tag
            text = child.text
            if name in columns:
                if text:
                    column, convert = columns[name]
                    row[column] = convert(text, name) if convert else text.strip()
            elif name in simple and name not in rest:
                if text and (text := text.strip()):
                    rest[name] = text
            elif name in spec.lists:
                if text:
                    row[spec.lists[name]] = [*row[spec.lists[name]], text.strip()]
            elif blocks is not None and name in _OWN:
                blocks.append(child)
            else:
                self._keep(rest, child, spec)
        return rest

    def _keep(self, rest: Tree, child: Node, spec: _Spec) -> None:
        name = child.tag
        if name not in spec.names:
            self.unknown[f"{spec.path}/{name}"] += 1
        value: Any
        if len(child):
            value = self._tree(child, f"{spec.path}/{name}")
        else:
            value = (child.text or "").strip()
            if not value:
                return
        if name in spec.repeated:
            rest.setdefault(name, []).append(value)
        elif name in rest:  # repeated though the format says once: keep all
            kept = rest[name]
            rest[name] = [*kept, value] if isinstance(kept, list) else [kept, value]
        else:
            rest[name] = value

    def _tree(self, node: Node, path: str, skip: frozenset[str] = _NONE) -> Tree:
        """A nested block whole, by federal names; repeated elements always as a list."""
        if path.count("/") > _DEEPEST:
            raise BadValue(path.partition("/")[0], "", "слишком глубокая вложенность элементов")
        spec = _SPECS.get(path) or _Spec(path, {}, {}, frozenset(), frozenset())
        rest: Tree = {}
        for child in node:
            if child.tag not in skip:
                self._keep(rest, child, spec)
        return rest


def _plain(value: Any) -> str:
    """The text of an element that was repeated or nested against the format: the first one, or «»."""
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, str)), "")
    return value if isinstance(value, str) else ""


def _tree_of(value: Any) -> Tree:
    """A nested block, the first of several, or {} where the file has something else."""
    if isinstance(value, list):
        value = next((v for v in value if isinstance(v, dict)), {})
    return value if isinstance(value, dict) else {}


def _own_service(part: Node, lpu: str) -> Tree | None:
    """The one service of an SL without USL: its standard, its КСГ or the visit (product.md §6)."""
    texts = {c.tag: c.text.strip() for c in part if c.text and not len(c)}
    code = _text(part, "CODE_MES1") or _text(part, "KSG_KPG/N_KSG")
    total = money_value(texts.get("SUM_M", "0"), "SUM_M")
    if not code and not total and not texts.get("ED_COL"):
        return None
    service: Tree = dict(SERVICE)
    service |= {column: texts[name] for name, column in _OF_SL.items() if name in texts}
    service |= {"code": code, "name": "" if code else "Посещение", "lpu": lpu, "extra": {}}
    for column, name in (("date_in", "DATE_1"), ("date_out", "DATE_2")):
        service[column] = date_value(texts.get(name, ""), name)
    if texts.get("ED_COL"):
        service["quantity"] = quantity_value(texts["ED_COL"], "ED_COL")
    if texts.get("TARIF"):
        service["tariff"] = money_value(texts["TARIF"], "TARIF")
    elif service["quantity"] == 100:
        service["tariff"] = total
    service["source_sum"] = total
    return service


def check_key(case: Tree) -> None:
    """Refuse a case whose key (product.md §6) is not whole. Raises BadValue."""
    for column, name in (
        ("usl_ok", "условия оказания (USL_OK)"),
        ("nhistory", "номер карты (NHISTORY)"),
        ("date_in", "дата начала лечения (DATE_Z_1)"),
    ):
        if not case[column]:
            raise BadValue(name, "", "не заполнено, без этого случай не опознать")


def derive_examination(case: Tree, sl: Tree, services: list[Tree]) -> None:
    """Set what a file of examinations cannot say (D-файлы, product.md §11.2)."""
    last = services[-1] if services else {}
    for column in ("profile", "doctor", "specialty"):
        case[column] = case[column] or last.get(column, "")
    case["usl_ok"] = case["usl_ok"] or "3"
    case["help_form"] = case["help_form"] or "3"
    case["outcome"] = case["outcome"] or "306"
    case["purpose"] = case["purpose"] or fedbooks.examination_purpose(case["disp"])
    case["result"] = case["result"] or fedbooks.examination_result(case["disp"], case["disp_result"])
    case["ds2"] = case["ds2"] or [
        _plain(d["DS2"]) for d in sl.get("DS2_N", ()) if isinstance(d, dict) and d.get("DS2")
    ]


def derive_policy(policy: Tree) -> None:
    """Set the ЕНП given as a number and the territory of insurance."""
    number = policy["number"]
    if not policy["enp"] and policy["type"] == "3" and len(number) == 16 and number.isdigit():
        policy["enp"] = number
    policy["region"] = policy.get("region") or fedbooks.region_of(
        policy["smo"], policy["smo_ok"] or policy["okato"]
    )


def _ended(part: Node) -> tuple[str, str]:
    """Place of an SL among the parts of its case: by its end, an open one last, then by its beginning."""
    end = date_value(_text(part, "DATE_2"), "DATE_2")
    return end or "9999-12-31", date_value(_text(part, "DATE_1"), "DATE_1") or ""


def _text(node: Node, name: str) -> str:
    return (node.findtext(name) or "").strip()


def walk(part: Part, tags: tuple[str, ...], root: str) -> Iterator[Node]:
    """Yield the elements; each is emptied and unlinked when the next is asked for."""
    checked = False
    with part.open() as stream:
        for _, node in iterparse(stream, part.name, tag=tags):
            if not checked and node.getroottree().getroot().tag != root:
                raise FormatError(
                    f"Файл {part.name}: корень <{node.getroottree().getroot().tag}>, нужен <{root}>."
                )
            checked = True
            yield node
            node.clear()
            parent = node.getparent()
            while node.getprevious() is not None:
                del parent[0]


def check_root(part: Part, root: str) -> None:
    """Refuse a file with another root by its first tag: a walk would keep such a file whole in memory."""
    with part.open() as stream:
        for _, node in iterparse(stream, part.name, events=("start",)):
            if node.tag != root:
                raise FormatError(f"Файл {part.name}: корень <{node.tag}>, нужен <{root}>.")
            return


def read_header(part: Part) -> Tree:
    """Read ZGLV and SCHET; the stream is left as soon as they are there."""
    header: Tree = {"disp": "", "plat": "", "version": "", "code_mo": ""}
    for node in walk(part, ("ZGLV", "SCHET", "ZAP"), "ZL_LIST"):
        if node.tag == "ZAP":
            break
        for child in node:
            if not len(child):
                header[child.tag.lower()] = (child.text or "").strip()
        if node.tag == "SCHET":
            break
    if not header["code_mo"]:
        raise FormatError(
            f"Файл {part.name}: нет кода МО (ZL_LIST/SCHET/CODE_MO).",
            hint="Это не файл случаев или он испорчен: выгрузите его заново.",
        )
    for name in _HEADER_NUMBERS & header.keys():
        if not header[name].isdecimal() or len(header[name]) > 9:
            raise FormatError(f"Файл {part.name}: «{name.upper()}» = «{header[name]}» — не число.")
        header[name] = int(header[name])
    letters = federalnames.letters_of(part.name) or federalnames.letters_of(header.get("filename", ""))
    examination = bool(header["disp"]) or letters[:1] in ("D", "X")
    header["letter"] = "D" if examination else letters[:1] or "H"
    header["family"] = "D" if examination else "H"
    return header


def _digest(*parts: Part) -> str:
    """SHA-256 of the contents, so that a renamed or repacked pair is recognised."""
    whole = hashlib.sha256()
    for part in parts:
        with part.open() as stream:
            while chunk := stream.read(1 << 20):
                whole.update(chunk)
        whole.update(b"\0")
    return whole.hexdigest()
