import pytest

from cchc_public.office.reports.sheet_form import SheetReading, input_of
from cchc_public.office.reports.sheets import SheetView, describe_column
from cchc_public.tables.registry import FORMS, get_form
from cchc_public.tables.sheet import Row, Sheet


def gaps(code, **cells):
    table = get_form(code)
    row = Row("dat-dai", "Đất đai", cells=cells)
    sheet = Sheet(code, table.edition, rows=(row,))
    view = SheetView(table, input_of(table, sheet, 1).with_blank_row(), SheetReading(sheet))
    return [cell.column.key for cell in view.gaps]


def test_one_empty_cell_of_a_total_is_told():
    cells = {"received_online": 5, "carried_over": 0}
    assert gaps("ho-so", **cells) == ["received_direct"]


def test_a_row_not_begun_is_no_slip_even_when_figures_were_carried_over():
    assert gaps("ho-so") == []
    assert gaps("ho-so", carried_over=17) == []


def test_zero_is_a_figure():
    cells = {"received_online": 0, "received_direct": 0, "carried_over": 0}
    assert gaps("ho-so", **cells) == []


def test_cells_that_feed_no_total_may_stay_empty():
    cells = {"received_online": 1, "received_direct": 0, "carried_over": 0}
    assert gaps("ho-so", **cells) == []
    assert gaps("hai-long", coverage_target=60) == []


def test_every_shape_of_table_is_looked_at():
    assert gaps("so-hoa", received=673) == ["digitized_any"]
    assert gaps("van-ban", dual_format=3) == ["fully_electronic"]
    assert gaps("nhiem-vu", completion=3) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.code}@{form.edition}")
def test_each_column_is_explained_from_the_data_of_its_form(form) -> None:
    said = {column.key: describe_column(form, column) for column in form.columns}
    assert all(said.values())
    for column in form.columns:
        assert not column.note or said[column.key].startswith(column.note)
        assert column.formula is None or said[column.key] not in ("Gõ số nguyên", "")
