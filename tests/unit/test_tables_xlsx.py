import io
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
from printed_release import make_dossiers, make_release

from cchc_public.exports.tables_xlsx import render_xlsx


def test_the_day_of_publication_is_the_communes_day():
    late = datetime(2023, 6, 12, 20, 30, tzinfo=UTC)  # 03:30 of the 13th in Vietnam
    release = replace(make_release(), published_at=late)
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(release, make_dossiers())))
    notes = dict(row[:2] for row in book["Ghi chú"].iter_rows(values_only=True))
    assert notes["Ngày công bố"] == "13/06/2023"
