import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import openpyxl
import pytest

from cchc_public.checks.rules import Severity
from cchc_public.exports.workbooks import render_xlsx
from cchc_public.releases.published import PublishedFinding
from cchc_public.tables.sheet import Row
from tests.printed_release import make_dossiers, make_release, make_table, make_tasks


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


def test_a_note_longer_than_a_cell_goes_on_in_the_next_and_a_longer_cell_says_so():
    reason = "vì " * 20_000
    finding = PublishedFinding(severity=Severity.WARNING, rule="x", message="Lệch", reason=reason)
    table = make_table("ho-so", [Row("a", reason, cells={"received": 4})])
    table = replace(table, findings=(finding,))
    book = openpyxl.load_workbook(io.BytesIO(render_xlsx(make_release(), table)))
    notes = [row[:2] for row in book["Ghi chú"].iter_rows(values_only=True)]
    told = [words for name, words in notes if name == "Ghi chú 1"]
    assert " ".join(told) == f"Lệch Giải trình: {reason}".strip()
    assert len(told) == 2
    label = max((str(cell.value) for row in book["ho-so"] for cell in row), key=len)
    assert len(label) == 32_767
    assert label.endswith("… (Excel không chứa hết)")


def test_totals_and_sums_are_formulas_that_keep_their_published_results():
    data = render_xlsx(make_release(), make_dossiers())
    formulas, results = read_sheet(data), read_sheet(data, data_only=True)
    assert formulas["C9"].value == "=D9+E9+F9"
    assert [formulas.cell(8, place).value for place in (1, 2, 3)] == ["(1)", "(2)", "(3)"]
    total = formulas.max_row
    assert [formulas.cell(row, 1).value for row in (9, 10, total)] == ["1", "2", None]
    assert formulas.cell(total, 3).value == f"=SUM(C9:C{total - 1})"
    assert results.cell(total, 3).value == 692
    computed = [cell for row in formulas.iter_rows() for cell in row if cell.data_type == "f"]
    assert all(results[cell.coordinate].value is not None for cell in computed)


def test_a_total_that_does_not_add_up_stays_the_number_that_was_published():
    release = make_release()
    table = make_dossiers()
    total = table.evaluated.total
    wrong = replace(total, values=dict(total.values) | {"received_online": 999})
    table = replace(table, evaluated=replace(table.evaluated, total=wrong))
    key = [column.key for column in table.definition.columns].index("received_online")
    sheet = read_sheet(render_xlsx(release, table))
    assert sheet.cell(sheet.max_row, key + 3).value == 999


def test_the_same_release_is_the_same_file():
    release = make_release()
    assert render_xlsx(release, *release.tables) == render_xlsx(release, *release.tables)
    properties = openpyxl.load_workbook(
        io.BytesIO(render_xlsx(release, *release.tables))
    ).properties
    assert properties.modified == properties.created == release.published_at.replace(tzinfo=None)
    assert properties.creator == release.authority.name


def test_a_period_has_every_table_before_its_notes():
    release = make_release()
    names = openpyxl.load_workbook(io.BytesIO(render_xlsx(release, *release.tables))).sheetnames
    expected = [name for t in release.tables for name in (t.code, f"Ghi chú {t.code}")]
    assert names == expected


@pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice")
def test_an_office_program_computes_the_published_figures(tmp_path):
    release = make_release()
    data = render_xlsx(release, *release.tables)
    (tmp_path / "ky.xlsx").write_bytes(without_results(data))
    out = tmp_path / "out"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML"]
    subprocess.run(
        [*command, "--outdir", str(out), str(tmp_path / "ky.xlsx")],
        check=True,
        capture_output=True,
        timeout=120,
    )
    ours = openpyxl.load_workbook(io.BytesIO(data), data_only=True)
    theirs = openpyxl.load_workbook(out / "ky.xlsx", data_only=True)
    for table in release.tables:
        for row in ours[table.code].iter_rows():
            for cell in row:
                assert theirs[table.code][cell.coordinate].value == cell.value, cell.coordinate


def without_results(data):
    """Take away what stands beside formulas: only a program that computes can know it then."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, re.sub(rb"</f><v>[^<]*</v>", b"</f>", old.read(name)))
    return out.getvalue()


def test_sections_stand_over_their_tasks_and_rows_are_as_high_as_their_words():
    table = make_tasks(2, 2)
    sheet = read_sheet(render_xlsx(replace(make_release(), tables=(table,)), table))
    lines = list(sheet.iter_rows(min_row=6, values_only=True))
    assert lines[0][:2] == ("1", "Mục lớn thứ 1")
    assert [line[0] for line in lines] == ["1", "1.1", "1.2", "2", "2.1", "2.2"]
    heights = [sheet.row_dimensions[number].height for number in (6, 7)]
    assert heights[0] < heights[1]
    assert "B6:J6" in {str(area) for area in sheet.merged_cells.ranges}


def read_sheet(data, *, data_only=False):
    return openpyxl.load_workbook(io.BytesIO(data), data_only=data_only).worksheets[0]
