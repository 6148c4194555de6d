import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_public.exports.data import render_csv, write_number
from cchc_public.tables.sheet import Row
from cchc_public.vietnamese.numbers import Reading, read_decimal
from cchc_public.vietnamese.text import neutralize, restore
from tests.printed_release import make_dossiers, make_table, make_tasks


def read(text: str) -> list[list[str]]:
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_dossiers_have_machine_names_rows_and_a_total():
    header, *rows = read(render_csv(make_dossiers().evaluated))
    assert header[:3] == ["linh_vuc", "tiep_nhan_tong_so", "trong_ky_truc_tuyen"]
    assert rows[0][:3] == ["Bảo trợ xã hội", "56", "0"]
    assert rows[-1][:2] == ["Tổng cộng", "692"]
    assert len({len(row) for row in [header, *rows]}) == 1


def test_unknown_is_empty_and_zero_is_zero():
    table = make_table("so-hoa", [Row("so-lieu", "", cells={"received": 0})])
    header, row = read(render_csv(table.evaluated))
    assert dict(zip(header, row, strict=True))["ho_so_tiep_nhan"] == "0"
    resolved = header.index("ho_so_da_giai_quyet")
    assert set(row[resolved:]) == {""}


def test_tasks_carry_section_and_number_in_their_own_columns():
    header, first, *_ = read(render_csv(make_tasks().evaluated))
    assert header[:4] == ["muc", "ten_muc", "tt", "noi_dung"]
    assert first[:3] == ["1", "Mục lớn thứ 1", "1"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝"])
def test_text_never_runs_as_a_formula(start):
    table = make_dossiers({f"{start}cmd|'/c calc'!A1": (1, 0, 0, 1, 0, 0)})
    label = read(render_csv(table.evaluated))[1][0]
    assert label.startswith("'" + start)
    assert restore(label) == f"{start}cmd|'/c calc'!A1"


@given(st.text(alphabet="'=+-@\tab ", max_size=6) | st.text())
def test_neutralizing_is_taken_back_exactly(text):
    assert restore(neutralize(text)) == text


@given(st.decimals(min_value=0, max_value=10**9, places=3, allow_nan=False))
def test_written_numbers_read_back_without_doubt(value):
    reading = read_decimal(write_number(value))
    assert isinstance(reading, Reading)
    assert Decimal(reading.value) == value


def test_excel_on_a_vietnamese_machine_gets_semicolons_and_decimal_commas():
    cells = {"received": 673, "fully_digitized": 522, "resolved": 651, "result_digitized": 647}
    table = make_table("so-hoa", [Row("so-lieu", "", cells=cells)]).evaluated
    text = render_csv(table, for_excel=True)
    assert text.startswith("\ufeff")
    header, row = list(csv.reader(io.StringIO(text[1:], newline=""), delimiter=";"))
    plain_header, plain = read(render_csv(table))
    assert header == plain_header
    assert "77,56" in row
    assert "99,39" in row
    # the same figures as in the file for machines, only pointed otherwise
    assert [cell.replace(",", ".") for cell in row] == plain
