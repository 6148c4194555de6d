"""Sheets and forms as data: nothing of the first model is lost, every form is sound."""

from datetime import date
from decimal import Decimal

import pytest

from cchc_public.checks.rules import RULES
from cchc_public.errors import NotFound
from cchc_public.present.tables import header_rows
from cchc_public.tables.language import (
    Agreement,
    Balance,
    Form,
    Limit,
    Sum,
    ValueKind,
)
from cchc_public.tables.notation import read_facts, read_forms
from cchc_public.tables.registry import (
    FORMS,
    blank_sheet,
    forms_for,
    get_form,
    is_filled,
    list_forms,
    row_key,
    table_codes,
)
from cchc_public.tables.sheet import Row, Sheet, sheet_from_json, sheet_to_json, solve

FIRST_MODEL = {
    "table": "ho-so",
    "edition": "tt-01-2020",
    "data_from": "2022-12-15",
    "data_to": None,
    "rows": [
        {
            "key": "dat-dai",
            "label": "Đất đai",
            "section": "",
            "section_label": "",
            "cells": {"received_online": 0, "received_direct": 221, "carried_over": 17},
            "stated": {"received": "238"},
            "unread": {"resolved_early": "2o1"},
        }
    ],
    "stated_total": {"received": "238", "resolved": "202"},
}


def test_a_sheet_of_the_first_model_gives_what_it_typed_and_what_it_printed():
    form = get_form("ho-so", "tt-01-2020")
    sheet = sheet_from_json(FIRST_MODEL, form)
    assert sheet.rows[0].cells == {
        "received_online": 0,
        "received_direct": 221,
        "carried_over": 17,
        "received": 238,
    }
    assert sheet.rows[0].unread == {"resolved_early": "2o1"}
    assert sheet.total.cells == {"received": 238, "resolved": 202}
    assert isinstance(sheet.total.cells["received"], int)
    assert solve(form, sheet).figure("received_in_period") == 221


def test_a_sheet_survives_json_with_every_digit_and_source():
    rows = (Row("a", "A", "I", "Một", {"value": Decimal("99.50"), "unit": "%"}, {"value": "tệp"}),)
    sheet = Sheet(
        "chi-tieu",
        "2023",
        date(2023, 1, 1),
        None,
        rows,
        groups=(Row("I", "Một", cells={"numerator": 3}),),
        details=(Row("a-1", "A 1", "a", unread={"value": "?"}),),
        unplaced=("Tạm dừng",),
    )
    assert sheet_from_json(sheet_to_json(sheet), get_form("chi-tieu")) == sheet


@pytest.mark.parametrize("form", FORMS, ids=lambda f: f"{f.code}@{f.edition}")
class TestEveryForm:
    def test_keys_names_and_headers_are_unique(self, form: Form):
        quantities = form.table.quantities
        for values in (
            [q.key for q in quantities],
            [q.name for q in quantities],
            [q.words for q in quantities],
            [c.key for c in form.columns],
            [c.header for c in form.columns],
        ):
            assert len(values) == len(set(values))

    def test_identities_name_real_quantities(self, form: Form):
        table = form.table
        named = [key for s in table.sums for key in (s.whole, *s.parts)]
        named += [key for b in table.balances for key in (b.whole, *b.parts, *b.optional)]
        named += [key for r in table.ratios for key in (r.rate, *r.numerator, *r.denominator)]
        named += [key for r in table.ratios for keys in r.alternatives for key in keys]
        named += [limit.part for limit in table.limits]
        named += [limit.whole for limit in table.limits if not limit.table]
        named += [key for a in table.agreements for key in a.quantities]
        named += [q.stand_in for q in table.quantities if q.stand_in]
        named += [q.carried_from for q in table.quantities if q.carried_from]
        assert set(named) <= set(table.by_key)
        assert set(form.chart_columns) <= set(form.by_key)
        claims = {ratio.claim_rule for ratio in table.ratios if ratio.claim_rule}
        told = {one.rule for one in (*table.balances, *table.limits, *table.agreements)}
        assert claims | told <= RULES.keys()
        for limit in (one for one in table.limits if one.table):
            assert get_form(limit.table).table.quantity(limit.whole)
        for agreement in table.agreements:
            assert all(get_form(agreement.table).table.quantity(k) for k in agreement.other)

    def test_every_rate_has_its_fraction_and_names_are_plain(self, form: Form):
        rates = {q.key for q in form.table.quantities if q.kind is ValueKind.RATE}
        assert rates == {r.rate for r in form.table.ratios}
        for name in (form.row_name, *(q.name for q in form.table.quantities)):
            assert name.isascii()
            assert name.replace("_", "").isalnum()
            assert name == name.lower()

    def test_the_header_covers_every_column_at_most_three_levels_deep(self, form: Form):
        rows = header_rows(form.columns)
        assert len(rows) <= 3
        leaves = [cell.column for row in rows for cell in row if cell.column]
        assert sorted(c.key for c in leaves) == sorted(c.key for c in form.columns)

    def test_a_blank_sheet_says_nothing_yet(self, form: Form):
        assert not is_filled(form, blank_sheet(form))


def test_a_period_takes_the_form_of_its_time():
    def edition(code: str, on: date) -> str:
        return next(f.edition for f in forms_for(on) if f.code == code)

    assert edition("ho-so", date(2020, 6, 30)) == "tt-02-2017"
    assert edition("ho-so", date(2021, 6, 30)) == "tt-01-2020"
    assert edition("hai-long", date(2025, 6, 30)) == "2018"
    assert edition("hai-long", date(2025, 7, 1)) == "2025"
    assert [f.code for f in forms_for(date(2025, 7, 1))] == list(table_codes())
    assert len(forms_for(date(2023, 6, 12))) == 8
    assert edition("dich-vu-cong", date(2026, 7, 1)) == "2026"
    assert {"hai-cap", "mot-cua"} <= {f.edition for f in list_forms("ho-so")}
    with pytest.raises(NotFound):
        get_form("ho-so", "khong-co")


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Thư xin lỗi", "apologies"),
        ("Số thư xin lỗi", "apologies"),
        ("Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết", "apologies"),
        ("Tỷ lệ hài lòng của người dân, tổ chức", "satisfaction-claim"),
        ("Số nhiệm vụ CCHC hoàn thành", "tasks-done"),
        ("Tỷ lệ hài lòng về xử lý phản ánh của người dân", None),
        ("Số lượt tiếp công dân", None),
    ],
)
def test_an_indicator_is_recognised_by_what_it_says(label, key):
    form = get_form("chi-tieu")
    found = row_key(form, label)
    assert (found == key) if key else found not in {k.key for k in form.known_rows}
    rows = (Row("x", label, cells={"value": Decimal(3)}),)
    solved = solve(form, Sheet("chi-tieu", "2023", rows=rows))
    assert {k.key for k in form.known_rows if solved.meant(k.key)} == ({key} if key else set())


def test_quantities_and_what_ties_them_are_written_as_people_read_a_form():
    facts = read_facts(
        """
        pending | dang_giai_quyet | block=pending | stand-in=unresolved > Đang giải quyết > Tổng
        = Tổng; Tổng cộng
        = Cộng
        score | diem | number | most=18 | unsummed
        > Điểm
        # chép từ Cổng
        # kèm ngày
        >> Đơn | unit=đơn
        filed | nhan > Nhận
        pending = filed + [score]
        pending ~ filed + [score]; balance-of-all
        filed + score ~ ho-so.received; they-agree
        ; hồ sơ
        filed <= pending
        """
    )
    one, other, filed = facts["quantities"]
    assert (one.key, one.name, one.words) == (
        "pending",
        "dang_giai_quyet",
        ("Đang giải quyết", "Tổng"),
    )
    assert (one.block, one.stand_in, one.aliases) == (
        "pending",
        "unresolved",
        ("Tổng", "Tổng cộng", "Cộng"),
    )
    assert (other.kind, other.most, other.is_summed) == (ValueKind.NUMBER, 18, False)
    assert (other.words, other.note) == (("Điểm",), "chép từ Cổng kèm ngày")
    with pytest.raises(KeyError):
        read_facts("a | b | nothing > C")
    assert (filed.words, filed.unit) == (("Đơn", "Nhận"), "đơn")
    assert facts["sums"] == (Sum("pending", ("filed", "score"), "score"),)
    assert facts["balances"] == (Balance("pending", ("filed",), ("score",), "balance-of-all"),)
    agreement = Agreement("they-agree", ("filed", "score"), "ho-so", ("received",), "hồ sơ")
    assert facts["agreements"] == (agreement,)
    assert facts["limits"] == (Limit("filed", "pending"),)


RECEIPTS = """
code = "bien-lai"
title = "Biên lai"
short_title = "Biên lai"
unit = "biên lai"
facts = '''
cash | tien_mat > Đã thu > Tiền mặt
online | truc_tuyen > Đã thu > Trực tuyến
# qua Cổng
total | tong > Tổng
total = cash + online
'''

[every_form]
row_header = "Lĩnh vực"
shape = "by-field"

[[forms]]
edition = "2027"
valid_to = 2027-12-31
columns = '''
total | (1) > Thu
# (1) = (2) + (3)
>> Trong đó
cash | (2) > Tại quầy
= Tiền
online | (3)
'''

[[forms]]
edition = "2027-nhom"
like = "2027"
is_standard = false
groups = [["A", "Cấp xã"]]

[[forms]]
edition = "2028"
shape = "single"
columns = ["cash"]
"""


def test_a_file_describes_a_table_and_its_forms():
    first, grouped, later = read_forms(RECEIPTS)
    assert [(c.header, c.number, c.note, c.aliases) for c in first.columns] == [
        (("Thu",), "(1)", "(1) = (2) + (3)", ()),
        (("Trong đó", "Tại quầy"), "(2)", "", ("Tiền",)),
        (("Đã thu", "Trực tuyến"), "(3)", "qua Cổng", ()),
    ]
    assert (first.row_header, first.shape.name) == ("Lĩnh vực", "by-field")
    assert first.valid_to == date(2027, 12, 31)
    assert (grouped.columns, grouped.valid_to) == (first.columns, first.valid_to)
    assert grouped.groups == (("A", "Cấp xã"),)
    assert not grouped.is_standard
    assert ([c.key for c in later.columns], later.shape.name) == (["cash"], "single")
    assert later.valid_to is None
    for wrong in ("unit", "shape", "online | (3)"):
        with pytest.raises((KeyError, TypeError)):
            read_forms(RECEIPTS.replace(wrong, f"un{wrong}"))
    with pytest.raises(ValueError, match="two forms of edition '2027'"):
        read_forms(RECEIPTS.replace("2027-nhom", "2027"))
