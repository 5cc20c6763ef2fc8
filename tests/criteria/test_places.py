"""A finding about one of several fields says which, and stands beside that one (замечание у своего поля)."""

from __future__ import annotations

from pathlib import Path

from omstui.domain.criteria.catalog import all_criteria
from tests.criteria import kit
from tests.criteria.kit import Row, fires, mksb, tap
from tests.criteria.test_diagnosis import BOOKS
from tests.criteria.test_newborn import newborn

#: a case that fires, what its finding begins with, the field
ROWS: list[tuple[Row, str, str]] = [
    (fires("01.004", "фамилия", tap(patient={"surname": "Ивaнов"})), "фамилия «Ивaнов»", "patient.surname"),
    (fires("01.004", "имя", tap(patient={"name": "Пeтр"})), "имя «Пeтр»", "patient.name"),
    (fires("01.004", "отчество", tap(patient={"patronymic": "-Ильич"})), "отчество «", "patient.patronymic"),
    (fires("05.002", "основной", mksb(ds_main="J99.9")), "J99.9: нужен код", "ds_main"),
    (fires("05.002", "при поступлении", mksb(ds_first="J99.9")), "при поступлении J99.9: нужен", "ds_first"),
    (fires("05.002", "сопутствующий", mksb(ds2=["I10", "J99.9"])), "сопутствующий J99.9: нужен код", "ds2"),
    (fires("05.002", "осложнение", mksb(ds2=["I10"], ds3=["J99.9"])), "осложнение J99.9: нужен код", "ds3"),
    (fires("05.005", "сопутствующий", mksb(ds2=["O80.0"])), "сопутствующий O80.0: бывает", "ds2"),
    (fires("05.005", "осложнение", mksb(ds3=["O80.0"])), "осложнение O80.0: бывает", "ds3"),
    (fires("05.006", "основной", mksb(ds_main="P23.9")), "P23.9: полных лет", "ds_main"),
    (fires("05.006", "осложнение", mksb(ds3=["P23.9"])), "осложнение P23.9: полных лет", "ds3"),
    (fires("05.007", "сопутствующий", mksb(ds2=["I11.9"])), "сопутствующий I11.9 — он же основной", "ds2"),
    (fires("05.007", "осложнение", mksb(ds3=["I11.9"])), "осложнение I11.9 — он же основной", "ds3"),
    (fires("18.001", "фамилия", newborn(rep_surname="", rep_sex="")), "не заполнено: фамилия, пол", "patient.rep_surname"),
    (fires("18.001", "имя", newborn(rep_name="")), "не заполнено: имя", "patient.rep_name"),
    (fires("18.001", "пол", newborn(rep_sex="")), "не заполнено: пол", "patient.rep_sex"),
    (fires("18.001", "рождение", newborn(rep_birth_date="")), "не заполнено: дата рождения", "patient.rep_birth_date"),
]  # fmt: skip


def test_each_stands_beside_the_field_it_names(tmp_path: Path) -> None:
    found = kit.run_rows(tmp_path, [row for row, _, _ in ROWS], BOOKS)
    messages: dict[str, list[str]] = {}
    for (_, _, code), text in sorted(kit.MESSAGES.items(), key=lambda item: item[0][0]):
        messages.setdefault(code, []).append(text)
    for (row, begins, field), codes in zip(ROWS, found, strict=True):
        assert row.code in codes[0], row.label
        text = messages[row.code].pop(0)
        assert text.startswith(begins), (row.label, text)
        assert all_criteria()[row.code].field_of(text) == field, (row.label, text)
