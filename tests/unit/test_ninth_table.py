"""A new statutory table is data: a few lines make it work in every pure part."""

import pytest
from sheet_makers import WINDOW, decimals

from cchc_public.checks.run import check_report
from cchc_public.errors import NotFound
from cchc_public.reports.cell_changes import list_cell_changes
from cchc_public.statutory.evaluate import evaluate
from cchc_public.statutory.registry import get_table, register, table_codes, tables_for
from cchc_public.statutory.rows import blank_rows, carry_rows, is_filled
from cchc_public.statutory.sheet import Row, Sheet, sheet_from_json, sheet_to_json
from cchc_public.statutory.table import Column, Ratio, RowKind, StatutoryTable, Sum, ValueKind

NINTH = StatutoryTable(
    code="thanh-toan",
    edition="thu",
    title="Thanh toán trực tuyến phí, lệ phí",
    short_title="Thanh toán trực tuyến",
    row_kind=RowKind.BY_FIELD,
    unit="giao dịch",
    row_header="Lĩnh vực",
    row_name="linh_vuc",
    columns=(
        Column("online", ("Trực tuyến",), "truc_tuyen"),
        Column("cash", ("Tiền mặt",), "tien_mat"),
        Column("total", ("Tổng",), "tong", formula=Sum(("online", "cash"))),
        Column("rate", ("Tỷ lệ",), "ty_le", ValueKind.RATE, formula=Ratio(("online",), ("total",))),
    ),
)


@pytest.fixture
def sheet():
    rows = (
        Row("ho-tich", "Hộ tịch", cells={"online": 3, "cash": 1}, stated=decimals({"total": "5"})),
        Row("dat-dai", "Đất đai", cells={"online": 1, "cash": 3}, stated=decimals({"rate": "30"})),
    )
    return Sheet("thanh-toan", "thu", WINDOW[1], WINDOW[0], rows)


def test_it_stands_in_the_registry_only_while_registered():
    with register(NINTH):
        assert table_codes()[-1] == "thanh-toan"
        assert get_table("thanh-toan") is NINTH
        assert tables_for(WINDOW[1])[-1] is NINTH
    assert "thanh-toan" not in table_codes()
    with pytest.raises(NotFound):
        get_table("thanh-toan")


def test_it_is_evaluated_with_total_and_rate(sheet):
    evaluated = evaluate(NINTH, sheet)
    assert evaluated.figure("total") == 8
    assert (evaluated.rate("rate").numerator, evaluated.rate("rate").denominator) == (4, 8)


def test_it_is_checked_without_a_rule_of_its_own(sheet):
    with register(NINTH):
        findings = check_report({"thanh-toan": sheet}, preset=WINDOW)
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
        carried = carry_rows(NINTH, sheet)
    assert [(row.key, row.label, dict(row.cells)) for row in carried] == [
        ("ho-tich", "Hộ tịch", {}),
        ("dat-dai", "Đất đai", {}),
    ]


def test_its_changes_are_listed_by_cell(sheet):
    with register(NINTH):
        changes = list_cell_changes(Sheet("thanh-toan", "thu"), sheet)
    assert len(changes) >= 4
