"""Criteria 18: newborns."""

from __future__ import annotations

from typing import Any

from omstui.domain.criteria.functions import enp_sum
from tests.criteria.kit import Made, boundary, fires, passes, table, tap

MOTHER = {"rep_surname": "Мамина", "rep_name": "Анна", "rep_patronymic": "Львовна", "rep_sex": "2",
          "rep_birth_date": "1995-01-02"}  # fmt: skip


def newborn(policy: dict[str, Any] | None = None, newborn: str = "101032301", **patient: Any) -> Made:
    """A child of 9 days on the policy of the mother."""
    return tap(
        patient={"birth_date": "2023-03-01", "surname": "", **MOTHER, **patient},
        newborn=newborn,
        policy=policy,
    )


def enp_for(birth: str, number: int) -> str:
    """A ЕНП of a boy born in this century."""
    year, month, day = birth.split("-")
    inverted = f"{int(month):02d}{year[::-1]}{int(day) + 50:02d}"
    head = "76" + "".join(str(9 - int(d)) for d in inverted) + f"{number:05d}"
    return next(head + str(digit) for digit in range(10) if enp_sum(head + str(digit)))


def own(birth: str, number: int) -> dict[str, Any]:
    return {"number": enp_for(birth, number), "enp": enp_for(birth, number)}


ROWS = [
    passes("18.001", "всё указано", newborn()),
    fires("18.001", "нет фамилии", newborn(rep_surname="")),
    fires("18.001", "нет имени", newborn(rep_name=" - ")),
    fires("18.001", "нет пола", newborn(rep_sex="")),
    fires("18.001", "нет даты рождения", newborn(rep_birth_date="")),
    boundary("18.001", "фамилии нет в документе", newborn(rep_surname="", rep_reliability="2")),
    boundary("18.001", "имени нет в документе", newborn(rep_name="", rep_reliability="3")),
    boundary("18.001", "отчество не нужно", newborn(rep_patronymic="")),
    passes("18.001", "не новорождённый", tap()),
    passes("18.002", "у взрослого пусто", tap()),
    fires("18.002", "представитель у взрослого", tap(patient=MOTHER)),
    boundary("18.002", "только отчество представителя", tap(patient={"rep_patronymic": "Львовна"}), fires=True),
    boundary("18.002", "новорождённый", newborn()),
    passes("18.003", "9 дней", newborn()),
    fires("18.003", "год", newborn(birth_date="2022-03-10")),
    boundary("18.003", "60 дней", newborn(birth_date="2023-01-09")),
    boundary("18.003", "61 день", newborn(birth_date="2023-01-08"), fires=True),
    passes("18.004", "полис матери", newborn(own("1995-01-02", 1))),
    fires("18.004", "ЕНП ребёнка", newborn(own("2023-03-01", 2))),
    boundary("18.004", "ЕНП ребёнка, рождённого днём позже", newborn(own("2023-03-02", 3))),
    boundary("18.004", "ЕНП ребёнка кончился накануне", newborn(own("2023-03-01", 4) | {"end_date": "2023-03-09"})),
    passes("18.004", "свой ЕНП у того, кто не новорождённый", tap(patient={"birth_date": "2023-03-01"}, policy=own("2023-03-01", 5))),
    passes("18.005", "28 лет", newborn()),
    fires("18.005", "моложе ребёнка", newborn(rep_birth_date="2023-03-02")),
    boundary("18.005", "14 лет в день рождения ребёнка", newborn(rep_birth_date="2009-03-01")),
    boundary("18.005", "14 лет на день позже", newborn(rep_birth_date="2009-03-02"), fires=True),
]  # fmt: skip

test_rows = table(ROWS)
