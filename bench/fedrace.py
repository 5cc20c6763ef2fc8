"""The H+L XML of bills against a bare template and lxml's xmlfile (гонка записи счетов)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from bench.child import Numbers
from bench.steps import PERIOD

_BATCH = 200
#: accounts written: enough for the ratios whatever the size of the month
_MOST = 20_000

#: path of the block and its elements
Block = tuple[str, Mapping[str, Any]]


def race(base: str, out: str) -> Numbers:
    """Write ZAP and PERS of the bills of ``base`` in three ways, batch by batch in turn.

    What is prepared for the template and for xmlfile is not counted; «mapping» is the time of the rules
    that make elements of a case. The archive is left out: all three would pack alike.
    """
    from omstui.domain.store import db

    db.bind(Path(base))
    with db.connection(), db.snapshot():
        lanes = _Lanes(Path(out))
        walk = islice(_blocks(), 2 * _MOST)
        while True:
            begin = time.process_time()
            blocks = list(islice(walk, _BATCH))
            lanes.seconds["mapping"] += time.process_time() - begin
            if not blocks:
                return lanes.numbers()
            lanes.write(blocks)


def _blocks() -> Iterator[Block]:
    """ZAP and PERS of every bill of the registry, in turn."""
    from omstui.domain.store import bills, config, registries_b
    from omstui.formats.fedbills import edition, letters_by_disp
    from omstui.formats.fedrecord import FedMapper, letters_of

    row = registries_b.resolve(PERIOD)
    mo = config.load_settings().mo.code
    codes = {p.id: "" if p.out_of_region else p.code for p in config.payers()}
    for group in bills.collect(row.id, lambda case: letters_of(case, letters_by_disp())):
        letter = "D" if group.letters[0] in "DX" else group.letters[0]
        editions = (edition(letter, row.period), edition("L", row.period))
        structures = [e.structure for e in editions]
        mapper = FedMapper(letter, *structures, plat=codes[group.payer], year=row.period[:4])
        seen: set[int] = set()
        for n, record in enumerate(bills.records(group.number, mo), 1):
            patient = record["patient"]["id"]
            yield "ZAP", mapper.zap(record, n, str(n), str(patient))
            if patient not in seen:
                seen.add(patient)
                yield "PERS", mapper.person(record, str(patient))
    bills.forget()


class _Lanes:
    """Three files written in step."""

    def __init__(self, folder: Path) -> None:
        from lxml import etree

        folder.mkdir(parents=True, exist_ok=True)
        self._paths = {name: folder / f"{name}.xml" for name in ("template", "ours", "xmlfile")}
        self._files = {name: path.open("wb") for name, path in self._paths.items()}
        self._xmlfile = etree.xmlfile(self._files["xmlfile"], encoding="windows-1251")
        self._lxml = self._xmlfile.__enter__()
        self._root = self._lxml.element("ZL_LIST")
        self._root.__enter__()
        self.seconds = dict.fromkeys((*self._paths, "mapping"), 0.0)
        self._cases = 0

    def write(self, blocks: list[Block]) -> None:
        """Write the blocks in all three ways."""
        prepared = [_prepared(path, tree) for path, tree in blocks]
        self._cases += sum(1 for path, _ in blocks if path == "ZAP")
        # round-robin: what the machine does meanwhile hits all three alike
        self._timed("template", lambda: self._template(prepared))
        self._timed("ours", lambda: self._ours(blocks))
        self._timed("xmlfile", lambda: self._with_lxml(blocks))

    def _timed(self, name: str, job: Callable[[], None]) -> None:
        begin = time.process_time()
        job()
        self.seconds[name] += time.process_time() - begin

    def _template(self, prepared: list[tuple[str, tuple[str, ...]]]) -> None:
        file = self._files["template"]
        for at in range(0, len(prepared), 100):
            texts = [template % values for template, values in prepared[at : at + 100]]
            file.write("".join(texts).encode("cp1251"))

    def _ours(self, blocks: list[Block]) -> None:
        from omstui.formats.fedencode import encode

        write = self._files["ours"].write
        for path, tree in blocks:
            write(encode(path, tree))

    def _with_lxml(self, blocks: list[Block]) -> None:
        for path, tree in blocks:
            self._lxml.write(_element(path, tree))

    def numbers(self) -> Numbers:
        """Close the files and give seconds and bytes of each."""
        self._root.__exit__(None, None, None)
        self._xmlfile.__exit__(None, None, None)
        for file in self._files.values():
            file.close()
        size, bare = (self._paths[name].stat().st_size for name in ("ours", "template"))
        for path in self._paths.values():
            path.unlink()
        return {**self.seconds, "size": size, "bare_size": bare, "cases": self._cases}


def _prepared(path: str, tree: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Template and values of a block, ready for one ``%``."""
    values: list[str] = []
    return _form(path, tree, values) + "\n", tuple(values)


def _form(name: str, value: Any, values: list[str]) -> str:
    if isinstance(value, list):
        return "".join(_form(name, one, values) for one in value)
    if isinstance(value, Mapping):
        inner = "".join(_form(child, one, values) for child, one in value.items())
        return f"<{name}>{inner}</{name}>"
    values.append(value)
    return f"<{name}>%s</{name}>"


def _element(path: str, tree: Mapping[str, Any]) -> Any:
    """A block as an element of lxml: a third faster than ``element()`` of xmlfile for each name."""
    from lxml import etree

    made = etree.Element(path)
    _fill(made, tree, etree.SubElement)
    return made


def _fill(parent: Any, tree: Mapping[str, Any], sub: Callable[..., Any]) -> None:
    for name, value in tree.items():
        for one in value if isinstance(value, list) else (value,):
            element = sub(parent, name)
            if isinstance(one, str):
                element.text = one
            else:
                _fill(element, one, sub)
