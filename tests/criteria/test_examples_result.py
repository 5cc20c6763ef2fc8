"""Worked example 18 of criteria.md §7: the outcome of a death."""

from __future__ import annotations

from tests.criteria.kit import fires, mksb, passes, table

ROWS = [
    fires("10.005", "№18: умер, выздоровление", mksb(result="105", outcome="101"), also=["10.006"]),
    passes("10.005", "№18: умер, ухудшение", mksb(result="105", outcome="104")),
]

test_rows = table(ROWS, whole=True)
