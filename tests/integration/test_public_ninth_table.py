"""A table added in a few lines of data is a page, a CSV and a JSON, whatever its shape."""

from dataclasses import replace

import pytest

from cchc_public.reports.publishing import publish
from cchc_public.reports.sheets import get_sheet, save_sheet, sheet_version
from cchc_public.statutory.registry import register
from cchc_public.statutory.sheet import Row
from cchc_public.statutory.table import Column, Ratio, RowKind, StatutoryTable, Sum, ValueKind
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, open_filled

PERIOD = f"/ky/{SLUG}"
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
        Column("online", ("Số giao dịch", "Trực tuyến"), "truc_tuyen"),
        Column("cash", ("Số giao dịch", "Tiền mặt"), "tien_mat"),
        Column("total", ("Số giao dịch", "Tổng"), "tong", formula=Sum(("online", "cash"))),
        Column("rate", ("Tỷ lệ",), "ty_le", ValueKind.RATE, formula=Ratio(("online",), ("total",))),
        Column("word", ("Ghi chú",), "ghi_chu", ValueKind.TEXT),
    ),
    chart_columns=("online", "cash"),
)

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("kind", list(RowKind))
def test_any_shape_works_on_page_csv_and_json(citizen, prefix, session, kind):
    with register(replace(NINTH, row_kind=kind)):
        report = open_filled(session)
        cells = {"online": 3, "cash": 1234, "word": "quý I"}
        row = Row("a.1", "Hộ tịch", section="a", section_label="Mục A", cells=cells)
        sheet = replace(get_sheet(report, "thanh-toan"), rows=(row,))
        version = sheet_version(report, "thanh-toan")
        save_sheet(session, report, sheet, version=version, actor=CLERK)
        publish(session, report, CHAIR, authority=AUTHORITY)
        session.commit()
        page = citizen.get(f"{prefix}{PERIOD}/thanh-toan").text
        assert "0,24\u00a0%" in page
        assert "3 trên 1.237" in page
        assert "1.234" in page or kind in (RowKind.BY_TASK, RowKind.FREE_LIST)
        assert "quý I" in page
        lines = citizen.get(f"{prefix}{PERIOD}/thanh-toan.csv").text.splitlines()
        assert lines[0].endswith("truc_tuyen,tien_mat,tong,ty_le,ghi_chu")
        assert lines[1].endswith("3,1234,1237,0.24,quý I")
        found = citizen.get(f"{prefix}{PERIOD}/thanh-toan.json").json
        assert found["rows"][0]["values"]["ty_le"]["percent"] == 0.24
        assert "Thanh toán trực tuyến" in citizen.get(f"{prefix}{PERIOD}").text
