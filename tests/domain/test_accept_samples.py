"""The sample month (synthetic): answers 1A, 1B, F6, 2A as ZIP and as a true 7-Zip, to F8."""

from __future__ import annotations

from pathlib import Path

import pytest

from omstui.bootstrap import Services
from omstui.domain import case_path, ledger, rejections
from omstui.domain.money import kopecks
from omstui.domain.store import db, files
from omstui.domain.store import rejections as store
from omstui.formats.bill import BillReader
from omstui.formats.containers import open_bill
from tests.domain import month
from tests.domain.answerkit import PREFIX, accept, reform
from tests.support import make_services


def insert_package(path: Path) -> None:
    """The 3X of the sample as if it had been exported here."""
    payers = {"1027700091100": 1, "1027700092200": 2}
    with db.connection(), db.write():
        file = files.put_file(path.name, path)
        registry = month.add_registry()
        package = month.insert("package", period="2021-04", name=path.name, file_id=file)
        with open_bill(path) as stream:
            for item in BillReader(stream, path.name).items():
                if item.tag != "patient":
                    continue
                patient = item.node
                account = patient.accounts()[0]
                smo = patient.all("polises/polis")[0].get("ogrn_smo")
                owner = month.insert(
                    "patient", ext_id=patient.get("patientcod"), surname=patient.get("surname"),
                    name=patient.get("name"), patronymic=patient.get("patronymic"),
                    birth_date=patient.get("birthdate"),
                )  # fmt: skip
                card = account.get("n_card")
                case = month.insert(
                    "cases", key=f"H3|760001|{card}|{account.get('curestart')}", nhistory=card,
                    patient_id=owner, payer_id=payers[smo], kind="outpatient",
                    date_in=account.get("curestart"), date_out=account.get("cureend"),
                )  # fmt: skip
                month.insert(
                    "account", registry_id=registry, case_id=case, xkey=account.get("xkey"),
                    number=int(account.get("n_pp")), payer_id=payers[smo], package_id=package,
                    total=kopecks(account.all("sum/elem")[0].get("sum")), offset=item.offset,
                    length=item.length,
                )  # fmt: skip
        db.execute("UPDATE package SET (accounts, total) = (SELECT count(*), sum(total) FROM account)")
        db.execute(
            "UPDATE registry SET status='Выгружен', package_id=?, accounts=8, total=5729518", (package,)
        )


@pytest.fixture
def sample(shared: Path) -> Path:
    return shared / "samples" / "yaroslavl"


@pytest.fixture
def services(tmp_path: Path, sample: Path) -> Services:
    made = make_services(tmp_path)
    insert_package(sample / f"{PREFIX}3X.7z")
    return made


@pytest.mark.parametrize("second", [f"{PREFIX}2A.7z", f"true7z/{PREFIX}2A.7z"])
def test_accept_samples_whole_month(services, sample, tmp_path, second):
    outcome = accept(services, sample / f"{PREFIX}1A.7z", sample / f"{PREFIX}1B.7z")
    assert outcome.kind == "ok", outcome.message
    first, flk = outcome.result.data["files"]
    assert (first["accounts"], first["refused"], first["refused_sum"]) == (5, 2, "1754.00")
    assert (flk["accounts"], flk["refused"], flk["flk"]) == (3, 0, 1)

    reform(services, tmp_path / "out")
    outcome = accept(services, sample / second)
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["files"][0]["refused"] == 2

    with db.connection():
        book = ledger.read("2021-04")
        assert book.problems == []
        row = book.rows[0].as_json()
        listed = rejections.listing("2021-04")
    assert row["sent_count"] == 5 and row["sent_sum"] == "52374.14"
    assert row["refused1_sum"] == "1754.00" and row["reformed_sum"] == "50620.14"
    assert row["paid_count"] == 1 and row["paid_sum"] == "27210.91"
    assert row["refused2_count"] == 2 and row["pending_count"] == 0
    assert [(r["kind"], r["code"], r["stage"]) for r in listed] == [
        ("an_p", "1", 1),
        ("an_ps", "3", 1),
        ("flk", "F0104", 1),
        ("an_mes", "5.1.4", 2),
        ("an_sum", "5.7.1", 2),
    ]
    assert listed[0]["case"] == "H3|760001|ТАП-55871|2021-04-06"

    outcome = services.run("return", period="2021-04", all=True, unchanged=True)
    assert outcome.kind == "ok", outcome.message
    assert (outcome.result.data["primary"], outcome.result.data["repeated"]) == (2, 2)
    assert outcome.result.data["target_periods"] == {"2021-05": 4}


def test_accept_true_7zip_of_the_accepted_zip_is_the_same_answer(services, sample, tmp_path):
    accept(services, sample / f"{PREFIX}1A.7z")
    reform(services, tmp_path / "out", "76001")
    accept(services, sample / f"{PREFIX}2A.7z")
    outcome = accept(services, sample / "true7z" / f"{PREFIX}2A.7z")
    assert outcome.kind == "ok", outcome.message
    assert outcome.result.data["files"][0]["state"] == "repeated"


def test_card_shows_sent_beside_register(services, sample, tmp_path):
    accept(services, sample / f"{PREFIX}1A.7z")
    reform(services, tmp_path / "out", "76001")
    accept(services, sample / f"{PREFIX}2A.7z")
    with db.connection():
        rows = {r.kind: r for r in store.find(period="2021-04")}
        person = case_path.card(rows["an_p"])
        policy = case_path.card(rows["an_ps"])
        conflict = case_path.card(rows["an_sum"])
    assert [(c.title, c.sent, c.held) for c in person.lines if c.differs] == [
        ("Дата рождения", "1986-07-02", "1986-07-20")
    ]
    assert ("Окончание полиса", "", "2021-03-01") in [
        (c.title, c.sent, c.held) for c in policy.lines if c.differs
    ]
    assert ("Код МО", "", "760123") in [(c.title, c.sent, c.held) for c in conflict.lines]
    assert ("Номер счёта", "5", "214") in [(c.title, c.sent, c.held) for c in conflict.lines]
