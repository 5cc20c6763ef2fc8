"""The XML of a package against a bare template and lxml's xmlfile writing the same (гонка записи XML)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench.child import Numbers

_BATCH = 200
#: accounts written: enough for the ratios whatever the size of the month
_MOST = 20_000


def race(base: str, out: str) -> Numbers:
    """Write the exported package of ``base`` in three ways, batch by batch in turn.

    At most ``_MOST`` accounts are written. What is prepared for the template and for xmlfile (texts,
    values, names) is not counted.
    """
    from omstui.domain.store import db, exporting, packages
    from omstui.domain.store.config import load_settings
    from omstui.formats.billmap import to_bill

    db.bind(Path(base))
    lanes = _Lanes(Path(out))
    mapping = 0.0
    with db.connection(), db.snapshot():
        period = db.scalar("SELECT period FROM package")
        exporting.collect([r.id for r in packages.registries(period)], db.scalar("SELECT id FROM package"))
        env = _env(load_settings())
        for records in _batches(islice(exporting.records(), _MOST)):
            begin = time.process_time()
            nodes = [to_bill(record, env) for record in records]
            mapping += time.process_time() - begin
            lanes.write(nodes)
        exporting.forget()
    return lanes.numbers() | {"mapping": mapping}


def _env(settings: Any) -> Any:
    from collections import Counter

    from omstui.domain.ops.export import _env as make

    return make(settings, Counter())


def _batches(records: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(records, _BATCH)):
        yield batch


class _Lanes:
    """Three files written in step."""

    def __init__(self, folder: Path) -> None:
        from lxml import etree

        from omstui.formats.bill import BillWriter

        folder.mkdir(parents=True, exist_ok=True)
        self._paths = {name: folder / f"{name}.xml" for name in ("template", "ours", "xmlfile")}
        self._files = {name: path.open("wb") for name, path in self._paths.items()}
        self._writer = BillWriter(self._files["ours"], {"version": "1"}, {"t_opl": "1"})
        self._xmlfile = etree.xmlfile(self._files["xmlfile"], encoding="windows-1251")
        self._lxml = self._xmlfile.__enter__()
        self._root = self._lxml.element("patients")
        self._root.__enter__()
        self._seconds = dict.fromkeys(self._paths, 0.0)

    def write(self, nodes: list[Any]) -> None:
        """Write the patients in all three ways."""
        prepared = [_prepared(node) for node in nodes]
        # round-robin: what the machine does meanwhile hits all three alike
        self._timed("template", lambda: self._template(prepared))
        self._timed("ours", lambda: self._ours(nodes))
        self._timed("xmlfile", lambda: self._with_lxml(nodes))

    def _timed(self, name: str, job: Callable[[], None]) -> None:
        begin = time.process_time()
        job()
        self._seconds[name] += time.process_time() - begin

    def _template(self, prepared: list[tuple[str, tuple[str, ...]]]) -> None:
        file = self._files["template"]
        for at in range(0, len(prepared), 100):
            texts = [template % values for template, values in prepared[at : at + 100]]
            file.write("".join(texts).encode("cp1251"))

    def _ours(self, nodes: list[Any]) -> None:
        for node in nodes:
            self._writer.patient(node)

    def _with_lxml(self, nodes: list[Any]) -> None:
        for node in nodes:
            _element(self._lxml, node)

    def numbers(self) -> Numbers:
        """Close the files and give seconds and bytes of each."""
        begin = time.process_time()
        self._writer.close()
        self._seconds["ours"] += time.process_time() - begin
        self._root.__exit__(None, None, None)
        self._xmlfile.__exit__(None, None, None)
        for file in self._files.values():
            file.close()
        size = self._paths["ours"].stat().st_size
        for path in self._paths.values():
            path.unlink()
        return {**self._seconds, "size": size}


def _prepared(node: Any) -> tuple[str, tuple[str, ...]]:
    """Template and values of a patient, ready for one ``%``."""
    values: list[str] = []
    return _form(node, 4, values), tuple(values)


def _form(node: Any, depth: int, values: list[str]) -> str:
    indent = "    " * depth
    names = "".join(f' {name}="%s"' for name in node.attrs)
    values += node.attrs.values()
    if not node.children:
        return f"{indent}<{node.tag}{names}/>\r\n" if names else ""
    inner = "".join(_form(child, depth + 1, values) for child in node.children)
    return f"{indent}<{node.tag}{names}>\r\n{inner}{indent}</{node.tag}>\r\n"


def _element(out: Any, node: Any) -> None:
    with out.element(node.tag, node.attrs):
        for child in node.children:
            _element(out, child)
