"""A table added in a few lines of data is a page, a CSV and a JSON, whatever its shape."""

from dataclasses import replace

import pytest

from cchc_public.reports.drafting import get_sheet, save_sheet, sheet_version
from cchc_public.tables.language import (
    BY_FIELD,
    BY_TASK,
    FREE_LIST,
    IN_OUT,
    SINGLE,
    Form,
    Quantity,
    Ratio,
    Sum,
    Table,
    ValueKind,
)
from cchc_public.tables.sheet import Row
from tests.integration.reports import AUTHORITY, CHAIR, CLERK, SLUG, open_filled, publish
from tests.unit.sheet_makers import register

PERIOD = f"/ky/{SLUG}"
TABLE = Table(
    code="bien-lai",
    title="Biên lai thu phí, lệ phí",
    short_title="Biên lai",
    unit="biên lai",
    quantities=(
        Quantity("online", "truc_tuyen", ("Số biên lai", "Trực tuyến")),
        Quantity("cash", "tien_mat", ("Số biên lai", "Tiền mặt")),
        Quantity("total", "tong", ("Số biên lai", "Tổng")),
        Quantity("rate", "ty_le", ("Tỷ lệ",), ValueKind.RATE),
        Quantity("word", "ghi_chu", ("Ghi chú",), ValueKind.TEXT),
    ),
    sums=(Sum("total", ("online", "cash")),),
    ratios=(Ratio("rate", ("online",), ("total",)),),
    chart_columns=("online", "cash"),
)
NINTH = Form(TABLE, "thu", BY_FIELD, TABLE.columns(), row_header="Lĩnh vực", row_name="linh_vuc")
SHAPES = (BY_FIELD, SINGLE, IN_OUT, BY_TASK, FREE_LIST)

pytestmark = pytest.mark.databases("sqlite")


@pytest.mark.parametrize("kind", SHAPES, ids=lambda shape: shape.name)
def test_any_shape_works_on_page_csv_and_json(citizen, prefix, session, kind):
    with register(replace(NINTH, shape=kind)):
        report = open_filled(session)
        cells = {"online": 3, "cash": 1234, "word": "quý I"}
        row = Row("a.1", "Hộ tịch", section="a", section_label="Mục A", cells=cells)
        sheet = replace(get_sheet(report, "bien-lai"), rows=(row,))
        version = sheet_version(report, "bien-lai")
        save_sheet(session, report, sheet, version=version, actor=CLERK)
        publish(session, report, CHAIR, authority=AUTHORITY)
        session.commit()
        page = citizen.get(f"{prefix}{PERIOD}/bien-lai").text
        assert "0,24\u00a0%" in page
        assert "3 trên 1.237" in page
        assert "1.234" in page or kind in (BY_TASK, FREE_LIST)
        assert "quý I" in page
        lines = citizen.get(f"{prefix}{PERIOD}/bien-lai.csv").text.splitlines()
        assert lines[0].endswith("truc_tuyen,tien_mat,tong,ty_le,ghi_chu")
        assert lines[1].endswith("3,1234,1237,0.24,quý I")
        found = citizen.get(f"{prefix}{PERIOD}/bien-lai.json").json
        assert found["rows"][0]["values"]["ty_le"]["percent"] == 0.24
        assert "Biên lai" in citizen.get(f"{prefix}{PERIOD}").text


@pytest.mark.parametrize("is_noted", [True, False])
def test_small_counts_of_people_are_shown_whole_and_noted_where_the_commune_wants_it(
    is_noted, app, citizen, prefix, session
):
    table = replace(TABLE, about_people=("cash",))
    with register(replace(NINTH, table=table)):
        app.config["CCHC_NOTE_SMALL_COUNTS"] = is_noted
        report = open_filled(session)
        row = Row("a", "Hộ tịch", cells={"online": 700, "cash": 3})
        sheet = replace(get_sheet(report, "bien-lai"), rows=(row,))
        version = sheet_version(report, "bien-lai")
        save_sheet(session, report, sheet, version=version, actor=CLERK)
        publish(session, report, CHAIR, authority=AUTHORITY)
        session.commit()
        page = citizen.get(f"{prefix}{PERIOD}/bien-lai").text
        assert ">3<" in page
        assert ("từ 1 đến 4 người" in page) is is_noted
