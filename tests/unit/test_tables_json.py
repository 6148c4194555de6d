import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cchc_public.exports.data import build_document, describe_value, render_json
from tests.printed_release import REASON, make_release


def document(code):
    release = make_release()
    return json.loads(render_json(release, release.table(code)))


def test_it_names_release_window_form_and_reason():
    found = document("so-luong-thu-tuc")
    assert found["schema"] == "cchc-table/1"
    assert found["period"]["slug"] == "2023-6-thang"
    assert found["release"]["number"] == 1
    assert (found["data_from"], found["data_to"]) == ("2022-12-15", "2023-06-12")
    assert found["findings"][0]["reason"] == REASON
    assert found["findings"][0]["column"] == "duoc_cong_khai"


def test_a_rate_keeps_its_fraction_and_formula():
    found = document("so-hoa")
    rate = found["rows"][0]["values"]["ty_le_so_hoa_day_du"]
    assert rate == {"numerator": 522, "denominator": 673, "percent": 77.56}
    column = next(c for c in found["columns"] if c["name"] == "ty_le_so_hoa_day_du")
    assert column["formula"]["type"] == "ratio"
    names = {c["name"] for c in found["columns"]}
    assert {*column["formula"]["numerator"], *column["formula"]["denominator"]} <= names


def test_unknown_is_null_and_the_claim_of_the_source_stands_apart():
    row = document("hai-long")["rows"][0]
    assert row["values"]["tong_so_phieu"] is None
    assert row["values"]["ty_le_hai_long"]["percent"] is None
    assert row["stated"] == {"ty_le_hai_long": 100}


def test_dossiers_have_the_total_of_the_form():
    release = make_release()
    total = build_document(release, release.table("ho-so"))["total"]
    assert (total["label"], total["values"]["dang_giai_quyet_tong_so"]) == ("Tổng cộng", 41)


@given(st.decimals(min_value=0, max_value=10**9, places=4, allow_nan=False))
def test_no_digit_is_lost_on_the_way_through_json(value):
    assert Decimal(json.dumps(describe_value(value))) == value
