"""Worked examples of criteria.md §7 about diagnoses, by their numbers: 4, 5, 6, 27."""

from __future__ import annotations

from tests.criteria.kit import Made, fires, mksb, passes, table, tap

CHILD = {"specialty": "49", "doctor": "D4", "profile": "68"}


def infant(first: str, last: str) -> Made:
    return mksb(
        days=(first, last),
        patient={"birth_date": "2022-03-10"},
        ds_main="P23.9",
        ds_first="P23.9",
        service=CHILD,
        **CHILD,
    )


ROWS = [
    passes("05.006", "№4: до дня рождения", infant("2023-03-09", "2023-03-19")),
    fires("05.006", "№4: в день рождения", infant("2023-03-10", "2023-03-20")),
    fires("05.004", "№5: мужчина, O80.0", mksb(ds_main="O80.0", ds_first="O80.0")),
    passes("05.007", "№6: другая подрубрика", mksb(ds2=["I11.0"])),
    fires("05.007", "№6: тот же код", mksb(ds2=["I11.9"])),
    fires("05.008", "№6: сопутствующий дважды", mksb(ds2=["E11.9", "E11.9"])),
    fires(
        "05.007",
        "№27: три ТАП, в одном две ошибки",
        tap(),
        tap(),
        tap(patient={"snils": "112-233-445 96"}, ds2=["J06.9"]),
        also=["01.010"],
    ),
]

test_rows = table(ROWS, whole=True)
