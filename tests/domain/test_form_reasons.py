"""Each reason of forming: 90.001–90.024, 91.001–91.006, their order, worked examples 22–26."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain.store import db
from tests.domain import formkit as kit
from tests.support import make_services, settings


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = make_services(tmp_path)
    with db.connection():
        yield made


VISIT = ("B01.047.001", 10000)
XRAY = ("A06.09.007", 5000)


def in_other(**account: int) -> int:
    """A case of April that an exported registry of March holds."""
    case = kit.case()
    kit.account(case, kit.registry(name="ТИП №84"), kit.package(), **account)
    return case


def refused(stage: int = 1) -> tuple[int, int]:
    case = kit.case()
    marks = {"stage1": 2} if stage == 1 else {"stage1": 1, "stage2": 2}
    return case, kit.account(case, kit.registry(), kit.package(), **marks)


def returned_and_paid() -> int:
    case, account = refused()
    kit.returned(case, account)
    kit.account(case, kit.registry(), kit.package(), stage1=1, stage2=1)
    return case


def expired_tariff() -> int:
    kit.tariff("B01.047.001", 15000, "2021-01-01", "2021-02-28")
    return kit.case(service={"quantity": 200})


def bad_visit() -> int:
    kit.insert("visit_type_service", code="B01.047.001")
    return kit.case(services=[VISIT, ("A06.30.002", 5000)], purpose="2.1")


PLANTED: dict[str, tuple[Callable[[], int], str]] = {
    "90.001": (lambda: kit.case(pay_type="ДМС"), "Вид оплаты не соответствует виду оплаты периода"),
    "90.002": (in_other, "Случай в периоде (01.03.2021-31.03.2021) ТИП №84"),
    "90.003": (lambda: kit.case(ds_main=" "), "Не заполнен основной диагноз в ТАП"),
    "90.004": (lambda: kit.case(doctor=""), "Не указан врач в ТАП"),
    "90.005": (
        lambda: kit.case("dispensary", day=None),
        "Случаи диспансеризации не завершены (возможно, будет еще прием)",
    ),
    "90.006": (
        lambda: kit.case(day=None, purpose="3.0"),
        "Случаи обращения по заболеванию не завершены (возможно, будет еще прием)",
    ),
    "90.007": (
        lambda: kit.case(services=[VISIT, VISIT], day=None, purpose="3.0"),
        "Случаи обращения по заболеванию не завершены, услуг более 1 (необходимо закрыть ТАП)",
    ),
    "90.008": (
        lambda: kit.case(services=[VISIT, VISIT], completed=0, purpose="3.1"),
        "ВНИМАНИЕ! Случай обращения по заболеванию не завершен, услуг более 1",
    ),
    "90.009": (lambda: kit.case(completed=0), "Случаи не завершены (необходимо закрыть ТАП)"),
    "90.010": (bad_visit, "ВНИМАНИЕ! тип - Посещение с профилактической целью - A06.30.002"),
    "90.011": (expired_tariff, "Нет тарифа для услуг"),
    "90.013": (lambda: kit.case(services=[]), "Амбулаторных случаев без услуг"),
    "90.014": (lambda: kit.case("inpatient", services=[]), "Стационарных случаев без услуг"),
    "90.015": (lambda: kit.case("ambulance", services=[]), "Случаев скорой помощи без услуг"),
    "90.016": (
        lambda: kit.case("inpatient", day=None),
        "Случаи стационара не завершены (необходимо закрыть МКСБ)",
    ),
    "90.017": (lambda: kit.case("ambulance", completed=0), "Карта вызова СМП не закрыта"),
    "90.018": (lambda: kit.case("dayhospital", ds_main=""), "Не заполнен основной диагноз в МКСБ"),
    "90.019": (lambda: kit.case("inpatient", doctor=""), "Не указан врач в МКСБ"),
    "90.022": (
        lambda: kit.case(day="2021-05-02"),
        "Дата окончания лечения вне отчетного периода",
    ),
    "90.023": (lambda: refused()[0], "Случай отклонён и не отмечен для включения в реестр"),
    "90.024": (returned_and_paid, "Случай уже оплачен"),
}


@pytest.mark.parametrize("code", sorted(PLANTED))
def test_reason_is_given_to_planted_case_only(services: Services, code: str) -> None:
    plant, words = PLANTED[code]
    with db.write():
        wrong = plant()
        kit.tariff("A06.09.007", 5000) if code == "90.011" else None
        right = kit.case(services=[XRAY])
    outcome = kit.form(services)
    assert outcome.kind == "ok", outcome.message
    assert [(s[0], s[1], s[2]) for s in kit.skips()] == [(wrong, code, words)]
    assert list(kit.formed()) == [right]


def test_open_case_without_date_is_not_complete_even_if_marked_so(services: Services) -> None:
    with db.write():
        case = kit.case(day=None, completed=1)
    kit.form(services)
    assert kit.skips()[0][:2] == (case, "90.009")


def test_mksb_checks_are_an_option(tmp_path: Path) -> None:
    rules = {"diagnosis_doctor_required_mksb": False}
    services = make_services(tmp_path, settings(rules=rules))
    with db.connection():
        with db.write():
            cases = [kit.case("inpatient", doctor=""), kit.case("inpatient", ds_main="")]
        kit.form(services)
        assert sorted(kit.formed()) == cases


def test_registry_filter_counts_silently(services: Services) -> None:
    with db.write():
        kit.registry(
            period=kit.APRIL,
            begin_date="2021-04-01",
            end_date="2021-04-30",
            status="Создан",
            departments='["Терапевты"]',
        )
        kit.case(department="Хирурги")
        inside = kit.case(department="Терапевты")
    outcome = kit.form(services)
    assert list(kit.formed()) == [inside]
    assert kit.skips() == []
    assert outcome.result is not None and outcome.result.data["filtered"] == 1
    assert "Отделение или специальность не входят в отбор реестра: 1" in kit.texts(outcome)


# --- the worked examples of criteria.md §7 ---------------------------------------------------


def test_example_22_pay_type_comes_first(services: Services) -> None:
    with db.write():
        kit.case(services=[("B01.1", 50000)], pay_type="ДМС", ds_main="", doctor="")
    outcome = kit.form(services)
    assert "Вид оплаты не соответствует виду оплаты периода - 1 случаев на сумму 500.00" in kit.texts(outcome)
    assert [s[1] for s in kit.skips()] == ["90.001"]


def test_example_24_last_known_price_and_no_tariff(services: Services) -> None:
    with db.write():
        kit.tariff("B01.047.001", 15000, "2021-01-01", "2021-02-28")
        kit.case(service={"quantity": 200})
        kit.case(services=[("A01.01.001", 0)])
    texts = kit.texts(kit.form(services))
    assert "Нет тарифа для услуг - 2 случаев на сумму 300.00" in texts
    assert "A01.01.001 - Услуга - 1 на сумму 0.00" in texts


def test_example_25_names_the_other_registry(services: Services) -> None:
    with db.write():
        case = kit.case(services=[("B01.1", 70000)])
        other = kit.registry(name="ТИП №84", begin_date="2023-01-01", end_date="2023-04-26")
        kit.account(case, other, kit.package())
    line = kit.line(kit.form(services), "Случай в периоде")
    assert line.text == ("Случай в периоде (01.01.2023-26.04.2023) ТИП №84 - 1 случаев на сумму 700.00")
    assert line.link is not None and line.link["code"] == "90.002"


def test_example_26_reopened_case_is_excluded(services: Services) -> None:
    with db.write():
        case = kit.case(services=[("B01.1", 231900)], purpose="3.0")
        kit.case()
    assert kit.formed() == {} and kit.form(services).kind == "ok"
    with db.write():
        db.execute("UPDATE cases SET completed=0, date_out=NULL WHERE id=?", (case,))
    texts = kit.texts(kit.form(services))
    at = texts.index("Будут исключены из реестра:")
    assert texts[at + 1] == (
        "Амбулаторные услуги - 1 на сумму 2319.00 - случай обращения по заболеванию не завершен"
    )
    assert case not in kit.formed()
    assert [s[:2] for s in kit.skips()] == [(case, "91.001")]


# --- 91.xxx ----------------------------------------------------------------------------------

CHANGES = {
    "91.001": ("outpatient", {"purpose": "3.0"}, "completed=0"),
    "91.002": ("dispensary", {}, "completed=0"),
    "91.003": ("outpatient", {}, "pay_type='ДМС'"),
    "91.004": ("outpatient", {}, "date_out='2021-05-03', date_in='2021-05-01'"),
    "91.005": ("outpatient", {}, "deleted_at='2021-05-01 10:00:00'"),
    "90.003": ("outpatient", {}, "ds_main=''"),
    "90.016": ("inpatient", {}, "completed=0"),
    "90.020": ("outpatient", {}, "kind='dental'"),
}


@pytest.mark.parametrize("code", sorted(CHANGES))
def test_excluded_when_case_changes_after_forming(services: Services, code: str) -> None:
    kind, values, change = CHANGES[code]
    with db.write():
        case = kit.case(kind, **values)
        kit.case(kind)
    kit.form(services)
    with db.write():
        db.execute(f"UPDATE cases SET {change} WHERE id=?", (case,))
        if code == "91.004":
            db.execute("UPDATE service SET date_out='2021-05-02' WHERE case_id=?", (case,))
    outcome = kit.form(services)
    assert [s[:2] for s in kit.skips()] == [(case, code)]
    texts = kit.texts(outcome)
    start = texts.index("Будут исключены из реестра:")
    assert "0 случаев на сумму 0.00" not in texts[start + 1]
    assert texts[start + 2].startswith("В реестр не попадут следующие случаи")
    assert texts[start + 3] == "0 случаев на сумму 0.00"


def test_excluded_service_loses_its_tariff_the_case_stays(services: Services) -> None:
    with db.write():
        kit.tariff("B01.1", 10000)
        expiring = kit.tariff("A06.1", 5000)
        case = kit.case(services=[("B01.1", 0), ("A06.1", 0)])
    kit.form(services)
    assert kit.formed() == {case: 15000}
    with db.write():
        db.execute("UPDATE tariff SET end_date='2021-03-31' WHERE id=?", (expiring,))
    texts = kit.texts(kit.form(services))
    assert kit.formed() == {case: 10000}
    assert "Амбулаторные услуги - 1 на сумму 50.00 - услуга больше не имеет действующего тарифа" in texts
    assert not any(t.startswith("Нет тарифа") for t in texts)


def test_excluded_case_when_no_priced_service_is_left(services: Services) -> None:
    with db.write():
        row = kit.tariff("B01.1", 10000)
        kit.case(services=[("B01.1", 0)])
    kit.form(services)
    with db.write():
        db.execute("UPDATE tariff SET end_date='2021-03-31' WHERE id=?", (row,))
    kit.form(services)
    assert kit.formed() == {}
    assert [s[1] for s in kit.skips()] == ["91.006"]


def test_service_without_price_leaves_the_case_and_is_told(services: Services) -> None:
    with db.write():
        kit.tariff("B01.1", 10000)
        kit.tariff("A06.1", 5000, "2020-01-01", "2020-12-31")
        case = kit.case(services=[("B01.1", 0), ("A06.1", 0), ("A01.1", 0)])
    texts = kit.texts(kit.form(services))
    assert kit.formed() == {case: 10000}
    assert "Нет тарифа для части услуг - 1 на сумму 50.00" in texts
    assert "A01.1 - Услуга - 1 на сумму 0.00" in texts


PRIORITY = [
    ("90.001", {"pay_type": "ДМС"}),
    ("90.003", {"ds_main": ""}),
    ("90.004", {"doctor": ""}),
    ("90.006", {"completed": 0, "purpose": "3.0"}),
]


def test_first_reason_in_the_order_wins(services: Services) -> None:
    """Faults are taken away one by one: each time the next reason shows."""
    with db.write():
        faults = {k: v for _, values in PRIORITY for k, v in values.items()}
        case = kit.case(**faults)
    for code, values in PRIORITY:
        kit.form(services)
        assert kit.skips()[0][:2] == (case, code)
        healed = {"pay_type": "ОМС", "ds_main": "I10", "doctor": "1", "completed": 1}
        with db.write():
            for name in values:
                if name in healed:
                    db.execute(f"UPDATE cases SET {name}=? WHERE id=?", (healed[name], case))
    kit.form(services)
    assert case in kit.formed()
