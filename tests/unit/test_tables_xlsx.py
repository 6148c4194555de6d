import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
from printed_release import make_dossiers, make_release, make_table

from cchc_public.exports.tables_xlsx import render_xlsx
from cchc_public.tables.sheet import Row


def test_the_day_of_publication_is_the_communes_day():
    late = datetime(2023, 6, 12, 20, 30, tzinfo=UTC)  # 03:30 of the 13th in Vietnam
    release = replace(make_release(), published_at=late)
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(release, make_dossiers())))
    notes = dict(row[:2] for row in book["Ghi chú"].iter_rows(values_only=True))
    assert notes["Ngày công bố"] == "13/06/2023"


def test_what_only_the_source_states_is_named_in_the_notes():
    rows = [
        Row("a", "A", cells={"received": 3, "received_in_period": 3, "carried_over": 0}),
        Row("b", "B", cells={"received": 4}),
    ]
    table = make_table("ho-so", rows)
    release = replace(make_release(), tables=(table,))
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(release, table)))
    notes = dict(row[:2] for row in book["Ghi chú"].iter_rows(values_only=True))
    assert notes["Theo nguồn"] == "B: Số lượng hồ sơ tiếp nhận – Tổng số"
