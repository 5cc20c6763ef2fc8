"""Criteria 13: examinations."""

from __future__ import annotations

from typing import Any

from tests.criteria.kit import BOOKS, Fields, Made, boundary, case, fires, passes, table, tap, visit

#: the program of women: an interview, a final visit and eighteen tests, of which two may not be refused
TESTS = [f"P{n:02}" for n in range(1, 19)]
FINAL = "B04.047.002"
ASKED = "B03.069.003"


def _line(code: str, **fields: Any) -> Fields:
    return {"kind": "dispensary", "stage": "1", "code": code, "age_min": 18, "age_max": 99} | fields


EXTRA = {
    "services": [
        *BOOKS["services"],
        {"code": "B04.047.099", "name": "Законченный случай", "is_closed_case": 1},
    ],
    "disp_program": [
        _line(FINAL, mandatory=1, no_refusal=1, is_final=1),
        *(_line(code, sex="2", mandatory=1, no_refusal=int(code == "P01")) for code in TESTS),
        _line("P19", sex="2", mandatory=1),
        _line(ASKED, age_min=60, is_questionnaire=1),
        _line("A06.09.006"),
        _line("A05.10.006", lookback=6),
        _line("B04.047.099"),
        _line(FINAL, stage="2", is_final=1),
    ],
    "observation": [{"mask": "I10"}, {"mask": "E11"}],
    "calendar": [
        {"day": "2023-03-08", "working": 0},
        {"day": "2023-01-14", "working": 1},
        {"day": "2023-03-11", "working": 0},
    ],
    "V016": [
        {
            "book": "V016",
            "code": "ДВ1",
            "name": "",
            "a1": "1, 2, 31",
            "begin_date": "2018-01-01",
            "end_date": "",
        }
    ],
}


def exam(first: str = "2023-03-10", last: str = "", kind: str = "dispensary", **changes: Any) -> Made:
    return case(kind, days=(first, last or first), **changes)


def before(first: str, last: str = "", kind: str = "dispensary", **changes: Any) -> Made:
    """An earlier examination, in no registry."""
    return exam(first, last, kind, registry=False, **changes)


def born(day: str, sex: str = "1") -> Fields:
    return {"birth_date": day, "sex": sex}


def second(first: str = "2023-03-20", **changes: Any) -> Made:
    return exam(first, of=0, disp="ДВ2", **changes)


def item(code: str, date: str = "2023-03-10", **changes: Any) -> Fields:
    return visit(date, code=code, **changes)


def woman(done: int, *more: Fields, refused: int = 0, **changes: Any) -> Made:
    """A woman examined: the final visit and so many tests of nineteen, then refusals."""
    codes = [*TESTS, "P19"]
    services = [item(FINAL)] + [item(code) for code in codes[: done - 1]]
    services += [item(code, incomplete="1", tariff=0) for code in codes[done - 1 : done - 1 + refused]]
    return exam(services=[*services, *more], patient=born("1973-05-05", "2"), **changes)


def infant(age: tuple[str, str], *dates: str) -> list[Made]:
    """Two examinations of a child born on a day."""
    day, _ = age
    first, last = dates
    return [
        before(first, kind="minors", patient=born(day)),
        exam(last, kind="minors", of=0),
    ]


def child(first: str, last: str, kind: str = "orphans", **changes: Any) -> Made:
    return exam(f"2023-{first}", f"2023-{last}", kind, **changes)


BABY = ("2022-06-10", "")
CLOSING = item("B04.047.099")

ROWS = [
    passes("13.001", "в прошлом году", before("2022-04-10"), exam(of=0)),
    passes("13.001", "углублённая рядом", before("2023-02-10"), exam(of=0, disp="УД1")),
    passes("13.001", "II этап рядом", before("2023-02-10"), second()),
    fires("13.001", "дважды в году", before("2023-02-10"), exam(of=0)),
    fires("13.001", "профосмотр дважды", before("2023-02-10", kind="checkup"), exam(kind="checkup", of=0)),
    boundary(
        "13.001", "до 40 лет: три года назад", before("2020-12-10", patient=born("1990-05-05")), exam(of=0)
    ),
    boundary(
        "13.001",
        "до 40 лет: два года назад",
        before("2021-01-10", patient=born("1990-05-05")),
        exam(of=0),
        fires=True,
    ),
    boundary(
        "13.001", "с 40 лет: прошлый декабрь", before("2022-12-31", patient=born("1983-05-05")), exam(of=0)
    ),
    passes("13.001", "младенец: 8 и 9 месяцев", *infant(BABY, "2023-02-10", "2023-03-10")),
    fires("13.001", "младенец: дважды в 8 месяцев", *infant(BABY, "2023-02-10", "2023-03-09")),
    passes("13.001", "полтора года и два", *infant(("2021-03-10", ""), "2023-01-10", "2023-03-10")),
    fires("13.001", "ребёнок дважды в году", *infant(("2012-06-10", ""), "2023-01-10", "2023-03-10")),
    #
    passes("13.002", "в разные годы", before("2022-12-31", kind="checkup"), exam(of=0)),
    passes(
        "13.002",
        "углублённая рядом с профосмотром",
        before("2023-02-10", kind="checkup"),
        exam(of=0, disp="УД1"),
    ),
    fires("13.002", "оба в году", before("2023-02-10", kind="checkup"), exam(of=0)),
    fires(
        "13.002",
        "сироты и несовершеннолетние",
        before("2023-02-10", kind="orphans"),
        exam(kind="minors", of=0),
    ),
    boundary(
        "13.002", "окончен 1 января", before("2022-12-31", "2023-01-01", "checkup"), exam(of=0), fires=True
    ),
    #
    passes("13.003", "I этап в марте", exam("2023-03-10"), second()),
    fires("13.003", "I этапа нет", exam(disp="ДВ2")),
    fires("13.003", "I этап в другой организации", before("2023-02-10", mo="760002"), second()),
    fires("13.003", "I этап другого вида", before("2023-02-10", disp="УД1"), second()),
    boundary("13.003", "I этап в прошлом году", before("2022-12-31"), second(), fires=True),
    boundary("13.003", "I этап окончен 1 января", before("2022-12-31", "2023-01-01"), second()),
    #
    passes("13.004", "позже", exam("2023-03-10"), second("2023-03-15")),
    fires("13.004", "раньше", before("2023-03-10", "2023-03-20"), second("2023-03-15")),
    boundary(
        "13.004",
        "в тот же день",
        exam("2023-03-10", "2023-03-20", services=[item(FINAL, "2023-03-20")]),
        second(),
    ),
    boundary("13.004", "днём раньше", before("2023-03-10", "2023-03-21"), second(), fires=True),
    #
    passes("13.005", "взрослый", exam()),
    fires("13.005", "взрослый осмотр ребёнка", exam(kind="checkup", patient=born("2012-06-06"))),
    boundary("13.005", "18 лет в этом году", exam(kind="checkup", patient=born("2005-12-31"))),
    boundary("13.005", "18 лет в будущем году", exam(kind="checkup", patient=born("2006-01-01")), fires=True),
    boundary("13.005", "накануне восемнадцатилетия", exam(kind="minors", patient=born("2005-03-11"))),
    boundary("13.005", "день восемнадцатилетия", exam(kind="minors", patient=born("2005-03-10")), fires=True),
    #
    passes("13.006", "33 года", exam(patient=born("1990-05-05"))),
    passes("13.006", "профосмотр в 32 года", exam(kind="checkup", patient=born("1991-05-05"))),
    passes("13.006", "репродуктивное здоровье", exam(disp="ДР1", result="375", patient=born("1991-05-05"))),
    fires("13.006", "32 года", exam(patient=born("1991-05-05"))),
    boundary("13.006", "39 лет", exam(patient=born("1984-05-05"))),
    boundary("13.006", "38 лет", exam(patient=born("1985-05-05")), fires=True),
    boundary("13.006", "40 лет", exam(patient=born("1983-05-05"))),
    #
    passes("13.007", "один год", exam("2023-01-01", "2023-03-10", services=[item(FINAL)])),
    fires("13.007", "начата в прошлом году", exam("2022-11-01", "2023-03-10", services=[item(FINAL)])),
    boundary(
        "13.007", "начата 31 декабря", exam("2022-12-31", "2023-03-10", services=[item(FINAL)]), fires=True
    ),
    #
    passes("13.008", "в день окончания", exam("2023-03-01", "2023-03-10", services=[item(FINAL)])),
    passes("13.008", "программы этого вида нет", exam(kind="checkup", services=[])),
    fires("13.008", "приёма нет", exam(services=[item("A06.09.006")]), also=["13.017", "13.009"]),
    fires(
        "13.008", "II этап без приёма", exam(), second(services=[item("A06.09.006", "2023-03-20", tariff=0)])
    ),
    boundary(
        "13.008",
        "накануне",
        exam("2023-03-01", "2023-03-10", services=[item(FINAL, "2023-03-09")]),
        fires=True,
    ),
    #
    passes("13.009", "всё", woman(20)),
    passes("13.009", "мало, но не законченный случай", woman(16, refused=4, pay_method="29")),
    fires("13.009", "отказы от четырёх", woman(16, refused=4)),
    fires("13.009", "тариф законченного случая", woman(16, CLOSING, refused=4, pay_method="29")),
    boundary("13.009", "ровно 85%", woman(17, refused=3)),
    passes(
        "13.009", "зачтено ранее", woman(16, *(item(c, incomplete="4") for c in ("P16", "P17", "P18", "P19")))
    ),
    #
    passes("13.010", "в осмотре", exam(services=[item(FINAL), item("A06.09.006")])),
    fires("13.010", "три года назад", exam(services=[item(FINAL), item("A06.09.006", "2020-03-10")])),
    boundary(
        "13.010",
        "флюорография ровно 24 месяца",
        exam(services=[item(FINAL), item("A06.09.006", "2021-03-10")]),
    ),
    boundary(
        "13.010", "и ещё день", exam(services=[item(FINAL), item("A06.09.006", "2021-03-09")]), fires=True
    ),
    boundary(
        "13.010", "иное ровно 12 месяцев", exam(services=[item(FINAL), item("B04.047.099", "2022-03-10")])
    ),
    boundary(
        "13.010",
        "иное и ещё день",
        exam(services=[item(FINAL), item("B04.047.099", "2022-03-09")]),
        fires=True,
    ),
    boundary(
        "13.010",
        "срок из программы",
        exam(services=[item(FINAL), item("A05.10.006", "2022-09-09")]),
        fires=True,
    ),
    boundary("13.010", "ребёнку 3 месяца", exam(kind="minors", services=[item("A09.05.023", "2022-12-10")])),
    boundary(
        "13.010",
        "и ещё день ребёнку",
        exam(kind="minors", services=[item("A09.05.023", "2022-12-09")]),
        fires=True,
    ),
    boundary(
        "13.010",
        "до двух лет месяц и день",
        exam(kind="minors", patient=born(BABY[0]), services=[item("A09.05.023", "2023-02-09")]),
        fires=True,
    ),
    boundary(
        "13.010",
        "проба у сироты 12 месяцев",
        exam(kind="orphans", services=[item("A26.30.001", "2022-03-10")]),
    ),
    #
    passes("13.011", "осмотр", exam()),
    passes("13.011", "не осмотр", tap(outcome="301")),
    fires("13.011", "выздоровление", exam(outcome="301")),
    boundary("13.011", "соседний код", exam(outcome="305"), fires=True),
    boundary("13.011", "не указан", exam(outcome="")),
    #
    passes("13.012", "II группа", exam(result="318")),
    passes("13.012", "D-файл: группа по V017", exam(disp="ДВ1", result="", disp_result="2")),
    fires("13.012", "результат лечения", exam(result="301")),
    fires("13.012", "D-файл: группа не этого вида", exam(disp="ДВ1", result="", disp_result="5")),
    boundary("13.012", "результат годится, книга типов старее группы", exam(disp="ДВ1", disp_result="5")),
    boundary("13.012", "профосмотр у диспансеризации", exam(result="343"), fires=True),
    boundary("13.012", "последний у сирот", exam(kind="orphans", result="351")),
    boundary("13.012", "следующий за ним", exam(kind="orphans", result="352"), fires=True),
    #
    passes("13.013", "здоров", exam()),
    passes("13.013", "II группа с болезнью", exam(result="318", ds_main="I10")),
    passes("13.013", "III группа с болезнью", exam(result="355", ds_main="Z00.0", ds2=["I10"])),
    fires("13.013", "I группа с болезнью", exam(ds_main="J06.9")),
    fires("13.013", "I группа под наблюдением", exam(ds2=["E11.9"])),
    boundary("13.013", "I группа, сопутствующий не из списка", exam(ds2=["K02.1"])),
    boundary("13.013", "IIIа и только Z", exam(result="355", ds2=["Z01.2"]), fires=True),
    #
    passes("13.014", "один день", child("03-10", "03-10")),
    fires("13.014", "месяц у сирот", child("03-01", "03-31")),
    boundary("13.014", "10 дней и праздник", child("03-06", "03-20")),
    boundary("13.014", "11 дней", child("03-06", "03-21"), fires=True),
    boundary("13.014", "рабочая суббота", child("01-09", "01-20"), fires=True),
    boundary("13.014", "20 дней", child("03-01", "03-29", "minors")),
    boundary("13.014", "21 день", child("03-01", "03-30", "minors"), fires=True),
    boundary(
        "13.014",
        "два этапа за 45 дней",
        before("2023-01-10", kind="minors"),
        child("03-10", "03-13", "minors", of=0, disp="ПН2"),
    ),
    boundary(
        "13.014",
        "два этапа за 46 дней",
        before("2023-01-10", kind="minors"),
        child("03-10", "03-14", "minors", of=0, disp="ПН2"),
        fires=True,
    ),
    #
    passes("13.015", "моложе 60 не нужно", exam()),
    fires("13.015", "анкеты нет", exam(patient=born("1953-05-05"))),
    boundary(
        "13.015", "в первый день", exam(services=[item(FINAL), item(ASKED)], patient=born("1953-05-05"))
    ),
    boundary(
        "13.015",
        "на второй день",
        exam("2023-03-09", "2023-03-10", services=[item(FINAL), item(ASKED)], patient=born("1953-05-05")),
        fires=True,
    ),
    #
    passes("13.016", "без суммы", exam(services=[item(FINAL), item("A09.05.023", tariff=0)])),
    fires("13.016", "лишняя", exam(services=[item(FINAL), item("A09.05.023")])),
    boundary("13.016", "не для этого пола", exam(services=[item(FINAL), item("P05")]), fires=True),
    boundary(
        "13.016",
        "младше срока",
        exam(services=[item(FINAL), item(ASKED)], patient=born("1964-01-01")),
        fires=True,
    ),
    boundary("13.016", "в год срока", exam(services=[item(FINAL), item(ASKED)], patient=born("1963-12-31"))),
    #
    passes("13.017", "всё сделано", woman(20)),
    passes("13.017", "отказ от трёх", woman(17, refused=3)),
    fires("13.017", "одной нет", woman(19)),
    boundary(
        "13.017",
        "без права отказа",
        exam(
            services=[
                item(FINAL),
                item("P01", incomplete="1", tariff=0),
                *(item(c) for c in (*TESTS[1:], "P19")),
            ],
            patient=born("1973-05-05", "2"),
        ),
        fires=True,
    ),
]

test_rows = table(ROWS, books=EXTRA, params={"disp_tb_codes": "A26.30"})

test_privileged = table(
    [passes("13.006", "льготник в 32 года", exam(patient=born("1991-05-05") | {"social_status": "010"}))],
    params={"disp_privileged": "010"},
)

test_results_by_the_book = table(
    [
        passes("13.012", "результат из справочника", exam(result="301")),
        fires("13.012", "результата в справочнике нет", exam(result="317")),
        boundary("13.012", "результат другого этапа", exam(result="302"), fires=True),
    ],
    books={
        "disp_result": [
            {"kind": "dispensary", "stage": "", "result": "301"},
            {"kind": "dispensary", "stage": "2", "result": "302"},
        ]
    },
)
