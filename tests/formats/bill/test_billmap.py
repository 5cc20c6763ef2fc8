"""Our record and bill.xml: lossless both ways; from federal data everything the format can say."""

from __future__ import annotations

import copy
import io
from pathlib import Path
from typing import Any

import pytest

from omstui.domain.errors import FormatError
from omstui.domain.model import KINDS
from omstui.formats.bill import BillReader, Node
from omstui.formats.billmap import Env, flat_defaults, from_bill, kind_of_account, to_bill
from tests.formats.bill import billkit


def written(patient: Node) -> Node:
    """As it would stand in a file: order of the layout, nothing empty."""
    return billkit.read(billkit.write([patient]))[0]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_comes_back_attribute_for_attribute(kind: str) -> None:
    patient = billkit.full_patient(kind, 7)
    assert written(billkit.again(patient)) == written(patient)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_recognised(kind: str) -> None:
    assert kind_of_account(billkit.full_patient(kind, 1).accounts()[0]) == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_trip_through_json_changes_nothing(kind: str) -> None:
    import json

    patient = billkit.full_patient(kind, 7)
    env = billkit.env()
    record = billkit.record(from_bill(patient, patient.accounts()[0], env))
    stored = json.loads(json.dumps(record, sort_keys=True))
    assert written(to_bill(stored, env)) == written(patient)


def test_nothing_but_what_is_there_comes_back() -> None:
    account = Node("personal_account", {"xkey": "K", "help_cond": "3"})
    patient = Node("patient", {"patientcod": "1"})
    patient.children = [Node("register_accounts", children=[account])]
    env = billkit.env()
    env.defaults["kladr"] = env.defaults["socialstat"] = "9"
    assert written(billkit.again(patient, env)) == patient


def test_samples_come_back_byte_for_byte(shared: Path) -> None:
    for name in ("3X_main", "7A_reformed"):
        data = (shared / "samples" / "yaroslavl" / name / "bill.xml").read_bytes()
        reader = BillReader(io.BytesIO(data), name)
        for item in reader.patients():
            place = data[item.offset : item.offset + item.length]
            out = billkit.write([billkit.again(item.node)])
            assert place in out


def test_columns_of_a_loaded_account() -> None:
    patient = billkit.full_patient("inpatient", 3)
    source = from_bill(patient, patient.accounts()[0], billkit.env(), offset=10, length=20)
    assert source.person is not None and source.account is not None
    assert source.person["birth_date"] == "1958-03-14"  # written 14.03.1958
    assert source.person["extra"]["raw"] == {"birth_date": "14.03.1958"}
    assert source.policy["begin_date"] == "2020-01-01"  # the one in force
    assert source.case["ds_main"] and source.case["usl_ok"] == "1"
    assert source.services[0]["quantity"] == 250
    assert source.services[0]["source_sum"] == 10075
    assert source.account["total"] == 20150 == source.case["source_sum"]
    assert (source.account["offset"], source.account["length"]) == (10, 20)


def test_a_correction_reaches_the_file() -> None:
    patient = billkit.full_patient("inpatient", 3)
    env = billkit.env()
    record = billkit.record(from_bill(patient, patient.accounts()[0], env))
    record["patient"]["birth_date"] = "1958-03-15"
    record["case"]["ds_main"] = "I10"
    record["case"]["ds2"] = ["I11.9", "I11.9"]
    record["case"]["ksg"] = "st01.001"
    record["account"]["services"][0]["quantity"] = 300
    made = to_bill(record, env)
    account = made.accounts()[0]
    diagnoses = account.all("diagnoses/diagnose")
    assert made.get("birthdate") == "1958-03-15"
    assert [d.get("mkb") for d in diagnoses if d.get("type") == "1"] == ["I10"]
    assert [d.get("mkb") for d in diagnoses if d.get("type") == "2"] == ["I11.9", "I11.9"]
    service = account.all("manipulations/manipulation")[0]
    assert service.get("quantity") == "3"
    groups = [a.get("ksg") for a in account.all("manipulations/manipulation/additionals/additional")]
    assert "st01.001" in groups


def test_a_new_sum_goes_into_the_first_element() -> None:
    patient = billkit.full_patient("outpatient", 3)
    env = billkit.env()
    record = billkit.record(from_bill(patient, patient.accounts()[0], env))
    record["account"]["total"] += 100
    sums = to_bill(record, env).accounts()[0].all("sum/elem")
    assert [s.get("sum") for s in sums] == ["202.00", "0.50"]


def test_an_unreadable_date_is_a_sentence() -> None:
    patient = billkit.full_patient("outpatient", 3)
    patient.accounts()[0].attrs["curestart"] = "2021-13-45"
    with pytest.raises(FormatError, match=r"76000003-0001.*curestart=«2021-13-45»"):
        from_bill(patient, patient.accounts()[0])


def test_repeated_and_primary_marks() -> None:
    patient = billkit.full_patient("outpatient", 3)
    env = billkit.env()
    record = billkit.record(from_bill(patient, patient.accounts()[0], env))
    record["account"] |= {"repeat": "repeat", "prev_xkey": "OLD", "xkey": "NEW"}
    account = to_bill(record, env).accounts()[0]
    mark = account.find("additionals/additional")
    assert account.get("x_key2") == "OLD" and mark is not None and mark.get("type_r") == "2"
    record["account"]["repeat"] = "primary"
    account = to_bill(record, env).accounts()[0]
    mark = account.find("additionals/additional")
    assert account.get("x_key2") == "" and mark is not None and mark.get("type_r") == "1"


def test_answer_blocks_are_not_sent_again() -> None:
    patient = billkit.full_patient("outpatient", 3)
    patient.children.append(Node("an_p", {"an_p": "1"}))
    patient.accounts()[0].children.append(Node("smo", {"pay": "4"}))
    assert written(billkit.again(patient)) == written(billkit.full_patient("outpatient", 3))


def test_elements_of_the_future_survive() -> None:
    patient = billkit.full_patient("outpatient", 3)
    patient.attrs["novelty"] = "1"
    patient.children.append(Node("future", {"a": "1"}, [Node("b", {"c": "2"})]))
    account = patient.accounts()[0]
    account.children.append(Node("more", {"x": "y"}))
    service = account.all("manipulations/manipulation")[0]
    service.children.append(Node("extra_sum", {"z": "1"}))
    assert written(billkit.again(patient)) == written(patient)


# --- from federal data -------------------------------------------------------------------------


def federal(kind: str = "inpatient", **more: Any) -> dict[str, Any]:
    """A record as the federal reader leaves it."""
    service = {
        "n": 1, "part": 1, "code": "B01.047.009", "quantity": 1000, "date_in": "2021-04-05",
        "date_out": "2021-04-15", "ds": "J18.0", "doctor": "101", "specialty": "76", "lpu": "760001",
        "profile": "97", "child_profile": "0", "extra": {},
    }  # fmt: skip
    record: dict[str, Any] = {
        "patient": {
            "ext_id": "P1", "surname": "Соколова", "name": "Вера", "sex": "2",
            "birth_date": "1958-03-14", "extra": {},
        },
        "policy": {"type": "3", "enp": "7600000000001015", "smo": "76001", "region": "76"},
        "case": {
            "kind": kind, "family": "H", "usl_ok": "1", "help_type": "31", "help_form": "3",
            "nhistory": "7", "date_in": "2021-04-05", "date_out": "2021-04-15", "doctor": "101",
            "specialty": "76", "result": "101", "outcome": "101", "profile": "97", "newborn": "0",
            "ds_main": "J18.0", "ds2": '["I11.9"]', "ds3": "[]", "ds_char": "1", "lpu": "760001",
            "department": "10", "bed_profile": "71", "bed_days": "10", "ksg": "st23.004",
            "ref_mo": "760002", "ref_date": "2021-04-04",
            "extra": {"fed": {"sl": {}, "z": {}, "pac": {}}},
        },
        "account": {
            "xkey": "76000000-0001-FFFF-FFFF-FFFFFFFFFFFF", "number": 1, "total": 100,
            "services": [{"xkey": "88", "quantity": 1000, "total": 100, "service": service}],
        },
    }  # fmt: skip
    record["case"] |= more
    return record


def _env(**defaults: str) -> Env:
    orgs = {"760002": ("1027600088800", "760401001")}
    return Env(billkit.MO, defaults, insurers={"76001": "1027700091100"}, orgs=orgs)


def test_federal_inpatient_with_ksg() -> None:
    record = federal()
    record["case"]["extra"]["fed"]["sl"] = {
        "KD": "10", "P_PER": "2", "CODE_MES1": ["12"],
        "KSG_KPG": {
            "N_KSG": "st23.004", "KOEF_Z": "1.29", "KOEF_UP": "1.0", "BZTSZ": "24816.15",
            "KOEF_D": "1.0", "KOEF_U": "0.85", "IT_SL": "1.2", "CRIT": ["cr1", "cr2"],
            "SL_KOEF": [{"IDSL": "3", "Z_SL": "1.2"}],
        },
    }  # fmt: skip
    record["case"]["extra"]["fed"]["z"] = {"VB_P": "1", "NPR_NUM": "55"}
    account = written(to_bill(record, _env())).accounts()[0]
    assert account.attrs == {
        "help_type": "31", "help_cond": "1", "n_pp": "1", "n_card": "7", "doctor": "101",
        "xkey": "76000000-0001-FFFF-FFFF-FFFFFFFFFFFF", "spec": "76", "result": "101",
        "curestart": "2021-04-05", "cureend": "2021-04-15", "outcome": "101", "vg": "1",
    }  # fmt: skip
    direction = account.find("directions/direction")
    assert direction is not None and direction.attrs == {
        "xkey": "99000000-0001-FFFF-FFFF-FFFFFFFFFFFF", "direction": "1", "number": "55",
        "date_1": "2021-04-04", "ogrn_lpu": "1027600088800", "kpp_lpu": "760401001", "mkb": "J18.0",
    }  # fmt: skip
    service = account.all("manipulations/manipulation")[0]
    assert service.get("quantity") == "10"
    inner = service.find("additionals/additional")
    assert inner is not None and inner.attrs == {
        "ogrn_lpu": "1027600099900", "kpp_lpu": "760499001", "ksg": "st23.004", "code_s": "12",
        "count_d": "10", "prof_h": "71", "koef_z": "1.29", "koef_up": "1.0", "bztsz": "24816.15",
        "koef_d": "1.0", "koef_u": "0.85", "it_sl": "1.2",
    }  # fmt: skip
    kslp = service.find("additionals/coefficients/kslp")
    assert kslp is not None and kslp.attrs == {"coeff": "3", "value": "1.2"}
    assert [c.get("crit") for c in service.all("additionals/criterias/criteria")] == ["cr1", "cr2"]
    stay = account.find("additionals/additional_h_d")
    assert stay is not None and stay.attrs == {"inner_transfer": "1", "arrival_type": "2"}
    assert [d.attrs for d in account.all("diagnoses/diagnose")] == [
        {"type": "1", "type_b": "1", "mkb": "J18.0", "spec": "76"},
        {"type": "2", "mkb": "I11.9", "spec": "76"},
    ]
    assert account.find("additionals/additional_p") is None


ONK_SL = {
    "DS1_T": "0", "STAD": "2", "ONK_T": "3", "ONK_N": "4", "ONK_M": "5", "MTSTZ": "1", "SOD": "20.5",
    "K_FR": "3", "WEI": "70.5", "HEI": "170", "BSA": "1.8",
    "B_DIAG": [{"DIAG_DATE": "2021-04-01", "DIAG_TIP": "1", "DIAG_CODE": "2", "REC_RSLT": "1"}],
    "B_PROT": [{"PROT": "1", "D_PROT": "2021-04-02"}],
    "ONK_USL": [
        {"USL_TIP": "2", "LEK_TIP_L": "1", "LEK_TIP_V": "1", "PPTR": "1", "LEK_PR": [
            {"REGNUM": "000764", "CODE_SH": "sh001", "DATE_INJ": ["2021-04-06", "2021-04-07"]},
            {"REGNUM": "000765", "CODE_SH": "sh002", "INJ": [{"DATE_INJ": "2021-04-08",
                                                            "KV_INJ": "1.5"}]},
        ]},
        {"USL_TIP": "1", "HIR_TIP": "2"},
    ],
}  # fmt: skip


def test_federal_oncology() -> None:
    record = federal()
    record["case"]["extra"]["fed"]["sl"] = {
        "DS_ONK": "0", "ONK_SL": copy.deepcopy(ONK_SL),
        "CONS": [{"PR_CONS": "1", "DT_CONS": "2021-04-05"}],
        "NAPR": [{"NAPR_DATE": "2021-04-06", "NAPR_V": "3", "MET_ISSL": "1", "NAPR_USL": "A06"}],
    }  # fmt: skip
    account = written(to_bill(record, _env())).accounts()[0]
    onk = account.find("additionals/additional_onk")
    assert onk is not None and onk.get("b_area") == "1.8" and onk.get("stad") == "2"
    assert [n.attrs for n in onk.all("diagnostics/diagnostic")] == [
        {"diag_date": "2021-04-01", "diag_tip": "1", "diag_code": "2", "rec_rslt": "1"}
    ]
    assert [n.attrs for n in onk.all("contraindications/contraindication")] == [
        {"prot": "1", "d_prot": "2021-04-02"}
    ]
    assert [n.attrs for n in account.all("consiliums/consilium")] == [{"pr": "1", "dt": "2021-04-05"}]
    base = "manipulations/manipulation/additionals/onkologies/onkologie"
    assert [n.get("usl_tip") for n in account.all(base)] == ["2", "1"]
    drugs = account.all(f"{base}/medicaments/medicament")
    assert [d.attrs for d in drugs] == [
        {"regnum": "000764", "code_sh": "sh001"},
        {"regnum": "000765", "code_sh": "sh002", "dose": "1.5"},
    ]
    dates = [n.get("date") for d in drugs for n in d.all("injections/injection")]
    assert dates == ["2021-04-06", "2021-04-07", "2021-04-08"]
    given = account.all("directions/direction")[1]
    assert given.get("direction_type") == "3" and given.get("xkey")[:3] == "991"
    assert [n.get("code") for n in given.all("simple_services/simple_service")] == ["A06"]
    # the type of registry of a polyclinic outputs no onkologies, of a call neither block
    record["case"] |= {"kind": "outpatient", "usl_ok": "3"}
    account = written(to_bill(record, _env())).accounts()[0]
    assert account.find("additionals/additional_onk") and not account.all(base)
    record["case"] |= {"kind": "ambulance", "usl_ok": "4"}
    account = written(to_bill(record, _env())).accounts()[0]
    assert not account.find("additionals/additional_onk") and not account.find("directions")


def test_federal_dispensary() -> None:
    record = federal(
        "dispensary", family="D", usl_ok="3", disp="ДВ4", disp_result="12", mobile_team="1",
        purpose="2.2", help_form="3", ref_mo="", ref_date="",
    )  # fmt: skip
    record["account"]["services"][0]["service"] |= {"incomplete": "1", "profile": ""}
    record["case"]["extra"]["fed"] = {
        "sl": {"NAZ": [{"NAZ_R": "1"}, {"NAZ_R": "6"}],
               "DS2_N": [{"DS2": "I11.9", "PR_DS2_N": "2"}]}
    }  # fmt: skip
    account = written(to_bill(record, _env())).accounts()[0]
    visit = account.find("additionals/additional_p")
    assert visit is not None and visit.attrs == {
        "ad_pur": "2.2", "togmh": "3", "g_health": "2", "locality": "1", "appointment": "1,6",
        "disp_result": "12", "disp_type": "ДВ4",
    }  # fmt: skip
    common = account.find("additionals/additional")
    assert common is not None and common.get("phase") == "1"
    assert account.all("diagnoses/diagnose")[1].get("code_d") == "2"
    inner = account.find("manipulations/manipulation/additionals/additional")
    assert inner is not None and inner.get("refusal") == "1" and inner.get("partial") == ""


def test_federal_newborn_goes_by_the_representative() -> None:
    record = federal(newborn="1050421" + "2")
    record["patient"] |= {
        "surname": "", "name": "", "sex": "", "birth_date": None, "rep_surname": "Белова",
        "rep_name": "Анна", "rep_patronymic": "Ильинична", "rep_birth_date": "1990-01-02",
    }  # fmt: skip
    record["case"]["extra"]["fed"]["pac"] = {"VNOV_D": "2100"}
    patient = written(to_bill(record, _env()))
    assert patient.attrs == {
        "patientcod": "P1", "surname": "Белова", "name": "Анна", "patronymic": "Ильинична",
        "birthdate": "2021-04-05", "sex": "1",
    }  # fmt: skip
    lawful = patient.find("lawful_repr")
    assert lawful is not None and lawful.get("birthdate_p") == "1990-01-02"
    data = patient.find("additional_data")
    assert data is not None and data.get("weight") == "2100"
    account = patient.accounts()[0]
    inner = account.find("manipulations/manipulation/additionals/additional")
    assert account.get("vg") == "2" and inner is not None and inner.get("child") == "2"


def test_federal_several_parts() -> None:
    record = federal()
    first = record["account"]["services"][0]
    second = copy.deepcopy(first)
    second["service"] |= {"n": 2, "part": 2}
    second["xkey"], second["total"] = "89", 50
    record["account"]["services"].append(second)
    record["case"]["extra"]["fed"] = {
        "parts": [{"PROFIL_K": "17", "KD": "3", "KSG_KPG": {"N_KSG": "st01.001", "KOEF_Z": "2"}}],
        "sl": {"KD": "7", "KSG_KPG": {"N_KSG": "st23.004", "KOEF_Z": "1.29"}},
    }
    account = written(to_bill(record, _env())).accounts()[0]
    found = account.all("manipulations/manipulation/additionals/additional")
    assert [(n.get("ksg"), n.get("koef_z"), n.get("count_d"), n.get("prof_h")) for n in found] == [
        ("st01.001", "2", "3", "17"),
        ("st23.004", "1.29", "7", "71"),
    ]


def test_missing_attributes_are_counted_once_per_account() -> None:
    env = _env()
    record = federal("outpatient", usl_ok="3", purpose="1.0")
    for _ in range(3):
        to_bill(record, env)
    assert env.missing["Нет даты начала полиса"] == 3
    assert env.missing["Нет кода КЛАДР адреса"] == 3
    assert env.missing["Нет социального статуса"] == 3
    assert env.missing["Нет документа, удостоверяющего личность"] == 3


def test_defaults_fill_what_no_source_carries() -> None:
    settings = {"begin_p": "2011-05-01", "address": {"kladr": "76"}, "socialstat": "1",
                "additional_p.treatment_places": "1"}  # fmt: skip
    env = _env(**flat_defaults(settings))
    record = federal("outpatient", usl_ok="3", purpose="1.0")
    patient = written(to_bill(record, env))
    polis = patient.find("polises/polis")
    assert polis is not None and polis.attrs == {
        "region_oms": "76", "type_polis": "3", "polisnum": "7600000000001015",
        "begin_p": "2011-05-01", "ogrn_smo": "1027700091100",
    }  # fmt: skip
    address = patient.find("addresses/address")
    assert address is not None and address.attrs == {"type_adress": "1", "kladr": "76"}
    assert "Нет даты начала полиса" not in env.missing


def test_the_card_an_operator_filled_wins_over_defaults() -> None:
    record = federal("ambulance", usl_ok="4", ref_mo="", ref_date="")
    times = {"time": [{"type_time": "1", "time": "2021-04-11T14:02:00"}]}
    record["case"]["extra"]["bill"] = {"additionals": {"additional_f": {"occasion": "12", "times": times}}}
    env = _env(occasion="99", call="1", place="1", result_t="1")
    account = written(to_bill(record, env)).accounts()[0]
    call = account.find("additionals/additional_f")
    assert call is not None
    assert call.attrs == {"occasion": "12", "call": "1", "place": "1", "result_t": "1"}
    assert [t.get("type_time") for t in call.all("times/time")] == ["1"]
    assert env.missing["Нет километража СМП"] == 1
    assert "Нет отметок времени вызова СМП" not in env.missing
