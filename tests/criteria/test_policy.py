"""Criteria 02: policy."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from omstui.domain.store import db
from tests.criteria.kit import Made, boundary, enp, fires, mksb, passes, table, tap
from tests.domain.formkit import insert


def on(**policy: Any) -> Made:
    return tap(policy=policy)


def old(number: str, **more: Any) -> Made:
    return on(**{"type": "1", "series": "АБ", "number": number, "enp": ""} | more)


def temporary(number: str) -> Made:
    return on(type="2", number=number, enp="")


def united(number: str) -> Made:
    return on(number=number, enp=number)


def two(first: dict[str, Any], second: dict[str, Any], make: Any = tap, **more: Any) -> Made:
    """One patient with two policies; the first stands in the case."""
    return make(
        policies=[
            {"number": enp(n), "enp": enp(n), **p}
            for n, p in ((next(_NUMBERS), first), (next(_NUMBERS), second))
        ],
        **more,
    )


def answered(
    text: str = "Неидентифицированный пациент", at: str = "2023-04-02 09:00:00", mended: str = ""
) -> Callable[[int, int], None]:
    """An answer of the register about the case; ``mended``: when the policy was corrected by hand."""

    def after(case_id: int, patient_id: int) -> None:
        file = insert("stored_file", name="a", sha256=f"a{case_id}", size=0, created_at="")
        answer = insert("answer", road="ident", stage=5, file_id=file, name="a", accepted_at=at)
        account = db.scalar("SELECT id FROM account WHERE case_id = ?", (case_id,))
        if text:
            insert(
                "refusal", answer_id=answer, account_id=account, stage=5, kind="ident", text=text, refuses=0
            )
        if mended:
            insert("edit", case_id=case_id, entity="policy", field="number", at=mended)

    return after


def replaced(case_id: int, patient_id: int) -> None:
    """Not found, then found: the later answer takes the refusal away."""
    answered()(case_id, patient_id)
    db.execute(
        "UPDATE refusal SET state = 'replaced' WHERE account_id = (SELECT id FROM account WHERE case_id = ?)",
        (case_id,),
    )


_NUMBERS = count(980001)
SAME = enp(990001)
NEWBORN = {
    "birth_date": "2023-03-01", "rep_surname": "Мамина", "rep_name": "Анна", "rep_sex": "2",
    "rep_birth_date": "1995-01-02",
}  # fmt: skip
ENDED, BEGUN = {"end_date": "2023-03-09"}, {"begin_date": "2023-03-10", "smo": "76002"}

ROWS = [
    passes("02.001", "номер в поле ЕНП", on(number="")),
    fires("02.001", "полисов нет", tap(policies=[])),
    fires("02.001", "номера нет", on(number="", enp="")),
    boundary("02.001", "временное без номера, но с ЕНП", on(type="2", number=""), fires=True),
    passes("02.002", "без окончания", on()),
    fires("02.002", "кончился накануне", on(end_date="2023-03-09")),
    fires("02.002", "начался на другой день", on(begin_date="2023-03-11")),
    boundary("02.002", "последний день", on(end_date="2023-03-10")),
    boundary("02.002", "первый день", on(begin_date="2023-03-10")),
    passes("02.003", "вид 3", on()),
    fires("02.003", "вид не указан", on(type="")),
    boundary("02.003", "вида 4 нет", on(type="4"), fires=True),
    passes("02.004", "16 цифр", on()),
    fires("02.004", "буква", united("765000000000000O")),
    boundary("02.004", "15 цифр", united("790000000000001"), fires=True),
    boundary("02.004", "17 цифр", united("79000000000000123"), fires=True),
    boundary("02.004", "номер бланка при верном ЕНП", on(number="12345678901")),
    passes("02.005", "верная", united("4790000000000014")),
    fires("02.005", "неверная", united("4790000000000015")),
    boundary("02.005", "15 цифр — 02.004, а не 02.005", united("479000000000001"), also=["02.004"], on=[0]),
    passes("02.005", "старый полис из 16 цифр", old("4790000000000015")),
    passes("02.006", "9 цифр", temporary("123456789")),
    fires("02.006", "буква", temporary("12345678А")),
    boundary("02.006", "8 цифр", temporary("12345678"), fires=True),
    boundary("02.006", "10 цифр", temporary("1234567890"), fires=True),
    passes("02.007", "старый с серией", old("777003")),
    fires("02.007", "серия у ЕНП", on(series="АБ")),
    fires("02.007", "старый без серии", old("777004", series="")),
    fires("02.007", "серия у полиса неизвестного вида", on(type="4", series="АБ"), also=["02.003"]),
    boundary("02.007", "пробелы вместо серии", old("777005", series="  "), fires=True),
    passes("02.008", "СМО есть", on(smo="76002")),
    fires("02.008", "СМО нет", on(smo="76099")),
    boundary("02.008", "последний день СМО", on(smo="76003")),
    boundary("02.008", "СМО закрыта накануне", on(smo="76004"), fires=True),
    passes("02.009", "иногородний без СМО с ОКАТО", on(smo="", okato="45000")),
    fires("02.009", "ни СМО, ни ОКАТО", on(smo="", okato="")),
    fires("02.009", "ОКАТО нет в F010", on(smo="", okato="99000")),
    fires("02.009", "свой регион без СМО", on(smo="", okato="78000")),
    boundary("02.009", "ОКАТО двумя цифрами", on(smo="", okato="45")),
    passes("02.010", "СМО на своей территории", on()),
    fires("02.010", "СМО другой территории", on(smo="77001", okato="78000")),
    boundary("02.010", "ОКАТО короче и длиннее пяти цифр", on(smo="77001", okato="45"), on(smo="77001", okato="45000000")),
    passes("02.011", "прежний закрыт днём раньше", two(ENDED, BEGUN)),
    fires("02.011", "действуют оба", two({}, BEGUN)),
    boundary("02.011", "один общий день", two({"end_date": "2023-03-10"}, BEGUN), fires=True),
    boundary("02.011", "общий день до лечения", two({"end_date": "2023-03-05"}, BEGUN | {"begin_date": "2023-03-05"})),
    passes("02.011", "оба одной СМО", two({}, {"begin_date": "2023-03-10"})),
    passes("02.011", "файл не сообщает дат", two({"begin_date": ""}, BEGUN | {"begin_date": ""})),
    passes("02.012", "разные полисы", on(), on()),
    fires("02.012", "один ЕНП у двоих", united(SAME), united(SAME), on=[0, 1]),
    fires("02.012", "один старый полис у двоих", old("777001"), old("777001"), on=[0, 1]),
    boundary("02.012", "тот же номер, другая серия", old("777002"), old("777002", series="ВГ")),
    boundary(
        "02.012",
        "новорождённый на полисе матери",
        tap(policy={"number": enp(990002), "enp": enp(990002)}, patient={"sex": "2"}),
        tap(policy={"number": enp(990002), "enp": enp(990002)}, patient=NEWBORN, newborn="101032301"),
    ),
    passes("02.013", "ответа нет", tap()),
    fires("02.013", "не найден", tap(after=answered())),
    boundary("02.013", "полис исправлен после ответа", tap(after=answered(mended="2023-04-02 09:00:00"))),
    boundary("02.013", "полис исправлен до ответа", tap(after=answered(mended="2023-04-02 08:59:59")), fires=True),
    passes("02.013", "следующий ответ нашёл", tap(after=replaced)),
    passes("02.014", "полис один", mksb()),
    fires("02.014", "сменился на пятый день", two({"end_date": "2023-03-14"}, BEGUN | {"begin_date": "2023-03-15"}, mksb)),
    boundary("02.014", "сменился в день начала", two(ENDED, BEGUN, mksb)),
    boundary("02.014", "сменился назавтра", two({"end_date": "2023-03-10"}, BEGUN | {"begin_date": "2023-03-11"}, mksb),
             fires=True),
]  # fmt: skip

BOOKS = {
    "F002": [
        {"book": "F002", "code": code, "name": code, "begin_date": "", "end_date": end, "a1": okato}
        for code, end, okato in (
            ("76001", "", "78000"), ("76002", "", "78000"), ("76003", "2023-03-10", "78000"),
            ("76004", "2023-03-09", "78000"), ("77001", "", "45000"),
        )
    ]
}  # fmt: skip

test_rows = table(ROWS, books=BOOKS)
