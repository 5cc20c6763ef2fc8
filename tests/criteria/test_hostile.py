"""Rows that no file should bring: every criterion still ends, none is «не выполнен»."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.criteria.catalog import all_criteria
from omstui.domain.criteria.functions import full_months, months_before, weekdays
from omstui.domain.store import db
from tests.criteria import kit
from tests.criteria.kit import _VALID, VALID, Row, case
from tests.criteria.validkit import EVERY_BOOK
from tests.support import make_services

_GREAT, _LEAST = 2**63 - 1, -(2**63)
_DAYS: tuple[Any, ...] = (
    None,
    "",
    "вчера",
    "2023-13-45",
    "2023-02-3x",
    "20230310",
    "9999-12-31",
    "0001-01-01",
)
_TEXTS = ("", " ", "'", "%", "Ω" * 300, '"; DROP TABLE cases', "\x00", "９９")
_LISTS = ("", "не JSON", "{}", '{"a": [1]}', "null", '"I10"', '[1, null, {"x": []}, ["I10"], ""]', "[")
_CRITERIA = ({"CRIT": "mt001"}, {"CRIT": {"a": 1}}, {"CRIT": [None, [1]], "IT_SL": [1.2]}, [], "x", None)
_EXTRAS = (
    "[]",
    "мусор",
    "",
    '{"fed": []}',
    '{"fed": {"sl": [], "parts": "x"}}',
    '{"fed": {"sl": {"CODE_MES1": 5}, "parts": {"0": 1}}}',
    *(json.dumps({"fed": {"sl": {"KSG_KPG": value, "CODE_MES1": value}}}) for value in _CRITERIA),
    *(
        json.dumps({"fed": {"sl": {"KSG_KPG": {"IT_SL": value}}}})
        for value in ("много", "1e400", "-1", 1e300, _GREAT, True, "")
    ),
    *(
        json.dumps({"bill": {"additionals": {"stomats": {"stomat": {"n_tooth": tooth}}}}})
        for tooth in (11, 11.5, [11, "12"], {"a": 1}, None, True, "11,,x")
    ),
    '{"bill": {"additionals": {"stomats": [{"stomat": []}]}}}',
)


def _odd_cases() -> list[dict[str, Any]]:
    """What differs from a valid case: columns of the case, its patient, policy and service."""
    out: list[dict[str, Any]] = []
    for day in _DAYS:
        out += [{name: day} for name in ("date_in", "date_out")]
        out += [{"date_in": day, "date_out": day}, {"service": {"date": day}}]
        text = day or ""
        out += [{"ref_date": text}, {"policy": {"begin_date": text, "end_date": text}}]
        out += [{"patient": {"birth_date": text}}, {"patient": {"doc_date": text, "rep_birth_date": text}}]
    for text in _TEXTS:
        out += [{name: text} for name in ("sex_", "usl_ok", "purpose", "result", "outcome", "ds_main", "ksg")]
        out += [{"doctor": text, "specialty": text, "profile": text, "department": text, "nhistory": text}]
        out += [{"pay_method": text, "newborn": text, "disp": text, "ref_mo": text, "ds_char": text}]
        out += [{"patient": dict.fromkeys(("surname", "name", "patronymic", "snils", "sex"), text)}]
        out += [{"patient": {"doc_type": text, "doc_series": text, "doc_number": text, "reliability": text}}]
        out += [{"policy": dict.fromkeys(("type", "series", "number", "enp", "smo", "okato"), text)}]
        out += [{"service": dict.fromkeys(("code", "doctor", "specialty", "ds", "incomplete"), text)}]
    out += [{"bed_days": text} for text in (None, "", "десять", "-5", "1.5", "9" * 30, "0x1F")]
    out += [{name: text} for name in ("ds2", "ds3") for text in _LISTS]
    out += [{"extra": text} for text in _EXTRAS]
    out += [{"service": {"extra": text}} for text in _EXTRAS]
    for number in (0, -1, 10**12, _GREAT, _LEAST):
        out += [{"source_sum": number}, {"service": {"quantity": number, "source_sum": 0}}]
        out += [{"service": {"tariff": number, "source_sum": number}}]
        out += [{"service": {"tariff": number, "quantity": number, "source_sum": number}}]
    return out


def test_no_criterion_fails_on_hostile_rows(tmp_path: Path) -> None:
    make_services(tmp_path)
    with db.connection():
        with db.write():
            kit.load_books(EVERY_BOOK)
            registries = kit._registries()
            for kind in _VALID:
                for odd in _odd_cases():
                    fields = dict(odd)
                    if "sex_" in fields:
                        fields["patient"] = {"sex": fields.pop("sex_")}
                    # twice: the criteria of pairs meet them as well
                    pair = (case(kind, **fields), case(kind, of=0, **fields))
                    kit._insert_row(Row(VALID, "passes", "", pair, frozenset(), ()), registries)
        found = kit.fired(registries["main"])  # a failed criterion stops the kit
    assert set(kit.OUTCOMES.values()) == {"done"}
    assert len(kit.OUTCOMES) == len(all_criteria())
    assert len({code for codes in found.values() for code in codes}) > 60


@pytest.mark.parametrize("text", ["", "вчера", "2023-02-30", "2023-03", None])
def test_functions_of_days_say_nothing_about_a_day_that_is_none(text: str | None) -> None:
    assert months_before(text, 3) is None
    assert full_months(text, "2023-03-10") is None
    assert full_months("2023-03-10", text) is None
    assert weekdays("2023-03-01", text) is None


def test_functions_of_days_at_the_ends_of_the_calendar() -> None:
    assert months_before("0001-02-03", 2) is None
    assert months_before("2023-03-10", 10**9) is None
    assert weekdays("0001-01-01", "9999-12-31") == 2608615
    assert weekdays("2023-03-12", "2023-03-10") == 0
