"""Worked example 12 of criteria.md §7: the form of help and the purpose of a visit."""

from __future__ import annotations

from tests.criteria.kit import fires, passes, table, tap

ROWS = [
    fires("07.006", "№12: форма 2, цель 1.0", tap(help_form="2", purpose="1.0")),
    passes("07.006", "№12: форма 2, цель 1.1", tap(help_form="2", purpose="1.1")),
    fires("07.006", "№12: форма 3, цель 1.1", tap(help_form="3", purpose="1.1")),
]

test_rows = table(ROWS, whole=True)
