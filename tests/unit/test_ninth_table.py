"""A new statutory table is data: a few lines make it work in every pure part."""

from decimal import Decimal

import pytest
from sheet_makers import WINDOW

from cchc_public.errors import NotFound
from cchc_public.reports.drafting import list_cell_changes
from cchc_public.tables.language import BY_FIELD, Form, Quantity, Ratio, Sum, Table, ValueKind
from cchc_public.tables.registry import (
    blank_rows,
    carry_sheet,
    forms_for,
    get_form,
    is_filled,
    table_codes,
)
from cchc_public.tables.sheet import Row, Sheet, sheet_from_json, sheet_to_json, solve
from tests.unit.sheet_makers import check_report, register

TABLE = Table(
    code="bien-lai",
    title="Biên lai thu phí, lệ phí",
    short_title="Biên lai",
    unit="biên lai",
    quantities=(
        Quantity("online", "truc_tuyen", ("Trực tuyến",)),
        Quantity("cash", "tien_mat", ("Tiền mặt",)),
        Quantity("total", "tong", ("Tổng",)),
        Quantity("rate", "ty_le", ("Tỷ lệ",), ValueKind.RATE),
    ),
    sums=(Sum("total", ("online", "cash")),),
    ratios=(Ratio("rate", ("online",), ("total",)),),
)
NINTH = Form(TABLE, "thu", BY_FIELD, TABLE.columns(), row_header="Lĩnh vực", row_name="linh_vuc")


@pytest.fixture
def sheet():
    rows = (
        Row("ho-tich", "Hộ tịch", cells={"online": 3, "cash": 1, "total": 5}),
        Row("dat-dai", "Đất đai", cells={"online": 1, "cash": 3, "rate": Decimal(30)}),
    )
    return Sheet("bien-lai", "thu", WINDOW[1], WINDOW[0], rows)


def test_it_stands_in_the_registry_only_while_registered():
    with register(NINTH):
        assert table_codes()[-1] == "bien-lai"
        assert get_form("bien-lai") is NINTH
        assert forms_for(WINDOW[1])[-1] is NINTH
    assert "bien-lai" not in table_codes()
    with pytest.raises(NotFound):
        get_form("bien-lai")


def test_it_is_evaluated_with_total_and_rate(sheet):
    evaluated = solve(NINTH, sheet)
    assert evaluated.figure("total") == 8
    assert (evaluated.rate("rate").numerator, evaluated.rate("rate").denominator) == (4, 8)


def test_it_is_checked_without_a_rule_of_its_own(sheet):
    with register(NINTH):
        findings = check_report({"bien-lai": sheet}, preset=WINDOW)
    assert [(f.rule, f.row, f.column) for f in findings] == [
        ("period-order", "", "data_from"),
        ("stated-total", "ho-tich", "total"),
        ("stated-rate", "dat-dai", "rate"),
    ]


def test_its_rows_open_the_next_period_and_survive_json(sheet):
    assert blank_rows(NINTH) == ()
    assert is_filled(NINTH, sheet)
    assert sheet_from_json(sheet_to_json(sheet), NINTH) == sheet
    with register(NINTH):
        carried = carry_sheet(NINTH, sheet).rows
    assert [(row.key, row.label, dict(row.cells)) for row in carried] == [
        ("ho-tich", "Hộ tịch", {}),
        ("dat-dai", "Đất đai", {}),
    ]


def test_its_changes_are_listed_by_cell(sheet):
    with register(NINTH):
        changes = list_cell_changes(Sheet("bien-lai", "thu"), sheet)
    assert len(changes) >= 4
