"""What a person opens and saves in LibreOffice reads back as the same figures and procedures."""

import csv
import subprocess
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from shutil import copy, which

import pytest

from cchc_public.exports.data import procedures_csv
from cchc_public.files.grid import cell_text
from cchc_public.files.opening import open_document
from cchc_public.procedures.batches import merge_cells
from cchc_public.procedures.cells import read_cells
from cchc_public.procedures.importing import read_procedures
from cchc_public.reading.questions import READ, Context
from cchc_public.reading.sources import open_paste, read_source
from cchc_public.tables.registry import get_form
from tests.misprints import printed_sheets
from tests.procedure_records import FULL
from tests.readings import read_file_as
from tests.unit.layout_shapes import docx_file, libreoffice_html, word_html
from tests.unit.sheet_makers import check_report

DATA = Path(__file__).parents[1] / "data" / "libreoffice"
REPORT = files("cchc_public.demo") / "kim-thach-2023-h1"
KINDS = ("xlsx", "ods", "xls")
TABLES = {
    "dossiers": "ho-so",
    "digitization": "so-hoa",
    "satisfaction": "hai-long",
    "online_services": "dich-vu-cong",
    "documents": "van-ban",
    "procedure_counts": "so-luong-thu-tuc",
    "tasks": "nhiem-vu",
    "indicators": "chi-tieu",
}


@cache
def printed_table(code):
    """Return the table in the edition that the 2023 report uses."""
    return get_form(code, printed_sheets()[code].edition)


def load(code, name):
    """Read a file of this folder as the table that the 2023 report uses."""
    return read_file_as(printed_table(code), (DATA / name).read_bytes(), name)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_saved_by_libreoffice_is_the_table_of_the_csv(name, kind):
    code = TABLES[name]
    wanted = read_file_as(printed_table(code), (REPORT / f"{name}.csv").read_bytes(), f"{name}.csv")
    found = load(code, f"{name}.{kind}")
    assert found.sheet == wanted.sheet
    assert found.problems == wanted.problems == ()


@pytest.mark.parametrize("kind", KINDS)
def test_the_right_sheet_is_found_among_five(kind):
    name = f"printed-forms.{kind}"
    sheets = open_document((DATA / name).read_bytes(), name).grids
    assert [sheet.name for sheet in sheets] == [
        "Hướng dẫn",
        "II.06a",
        "Số hóa",
        "Văn bản",
        "Tiến độ",
    ]
    for code in ("ho-so", "so-hoa", "van-ban", "nhiem-vu"):
        assert load(code, name).problems == ()


@pytest.mark.parametrize("name", [*(f"printed-forms.{k}" for k in KINDS), "printed-dossiers.csv"])
def test_the_printed_form_with_merged_header_gives_the_figures_of_the_report(name):
    wanted, found = printed_sheets()["ho-so"], load("ho-so", name)
    for got, want in zip(found.sheet.rows, wanted.rows, strict=True):
        assert (got.key, got.label) == (want.key, want.label)
        # the form prints column (11) too, which the report leaves out
        assert {**want.cells, "pending": got.cells["pending"]} == dict(got.cells)
    assert {**wanted.total.cells, "pending": 41} == dict(found.sheet.total.cells)
    assert (found.sheet.data_from, found.sheet.data_to) == (date(2022, 12, 15), date(2023, 6, 12))


@pytest.mark.parametrize("kind", KINDS)
def test_rates_in_percent_cells_and_computed_cells_are_no_contradiction(kind):
    found = load("so-hoa", f"printed-forms.{kind}").sheet
    wanted = printed_sheets()["so-hoa"]
    assert found.rows[0].cells.keys() == wanted.rows[0].cells.keys()
    assert found.rows[0].cells["full_rate"] == Decimal("77.56")
    # LibreOffice keeps 0.993855606758833 for the 99,39 % that it shows
    assert round(found.rows[0].cells["result_rate"], 2) == Decimal("99.39")
    assert not [
        finding
        for finding in check_report({"so-hoa": found}, preset=None)
        if finding.column == "result_rate"
    ]


@pytest.mark.parametrize(
    "name", [*(f"printed-forms.{kind}" for kind in KINDS), "printed-documents.csv"]
)
def test_thousands_shown_with_a_dot_are_thousands(name):
    found = load("van-ban", name).sheet
    assert [dict(row.cells) for row in found.rows] == [
        dict(row.cells) for row in printed_sheets()["van-ban"].rows
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_percent_cells_of_tasks_are_whole_percentages(kind):
    found = load("nhiem-vu", f"printed-forms.{kind}").sheet
    assert [row.cells["completion"] for row in found.rows] == [100, 100, 50]
    assert [row.key for row in found.rows] == ["I.1", "I.2", "I.3"]


def records(name):
    """Return the records of a file of procedures, by code."""
    incoming = read_procedures((DATA / name).read_bytes(), name)
    assert incoming.refused == []
    assert incoming.ignored_headers == []
    found = {row.cells["code"]: read_cells(merge_cells({}, row.cells))[0] for row in incoming.rows}
    assert len(found) == len(incoming.rows)
    return found


@pytest.mark.parametrize("name", [*(f"procedures.{kind}" for kind in KINDS), "procedures-en.xlsx"])
def test_our_list_of_procedures_comes_back_from_libreoffice_unharmed(name):
    wanted = records("procedures.csv")
    assert len(wanted) == 20
    assert sum(code.endswith("0") for code in wanted) >= 10
    assert records(name) == wanted
    assert records(name)[FULL.code] == FULL


def test_the_list_that_libreoffice_opened_is_what_we_export_today():
    exported = procedures_csv(records("procedures.csv").values())
    known, today = (
        list(csv.reader(data.decode("utf-8-sig").splitlines(keepends=True)))
        for data in ((DATA / "procedures.csv").read_bytes(), exported)
    )
    width = len(known[0])
    assert [row[:width] for row in today] == known
    # columns that came later stand last, so that the first ones keep their places
    assert today[0][width:] == ["Lưu ý khi nộp", "Ngày xã đối chiếu"]


PRINTED = {"ho-so": 1, "so-hoa": 2, "van-ban": 3, "nhiem-vu": 4}  # sheet of printed-forms


@pytest.mark.parametrize("shape", [docx_file, word_html, libreoffice_html])
@pytest.mark.parametrize("code", PRINTED)
def test_the_printed_tables_come_out_the_same_from_word_and_from_the_clipboard(code, shape):
    name = "printed-forms.xlsx"
    wanted = load(code, name)
    grid = open_document((DATA / name).read_bytes(), name).grids[PRINTED[code]]
    document = shape(
        {"grid": [[cell_text(cell) for cell in row] for row in grid.rows], "merges": grid.spans}
    )
    found = read_source(document, printed_table(code), Context())
    assert (found.outcome, found.questions) == (READ, ())
    assert found.sheet == wanted.sheet


@pytest.mark.parametrize("code", PRINTED)
def test_the_html_that_calc_puts_on_the_clipboard_gives_the_same_tables(code):
    wanted, found = load(code, "printed-forms.ods"), load(code, "printed-forms.html")
    assert (found.outcome, found.sheet.rows) == (READ, wanted.sheet.rows)


CLIPBOARDS = {"writer": "25-seed-dossiers.docx", "calc": "dossiers.ods"}


def pasted(text, page=""):
    return read_source(open_paste(text, page), printed_table("ho-so"), Context())


@pytest.mark.parametrize("program", CLIPBOARDS)
def test_the_clipboard_of_libreoffice_gives_the_table_of_the_report(program):
    text, page = ((DATA / f"clipboard-{program}.{k}").read_text("utf-8") for k in ("txt", "html"))
    wanted = printed_sheets()["ho-so"]
    found = pasted(text, page)
    assert (found.outcome, found.questions) == (READ, ())
    assert [row.given for row in found.sheet.rows] == [row.given for row in wanted.rows]
    plain = pasted(text)
    assert len(plain.questions) == (program == "writer")  # there a cell is a line of its own
    assert [row.cells for row in plain.rows if row.kind == "row"] == [
        row.cells for row in found.rows if row.kind == "row"
    ]


def has_uno():
    command = ["/usr/bin/python3", "-c", "import uno"]
    if not which("soffice") or not Path(command[0]).exists():
        return False
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.mark.skipif(not has_uno(), reason="LibreOffice and its Python are not on this machine")
@pytest.mark.parametrize("program", CLIPBOARDS)
def test_what_the_libreoffice_of_this_machine_copies_is_what_was_kept(program, tmp_path):
    folder = DATA if program == "calc" else DATA.parent / "reading"
    script = Path(__file__).parents[1] / "libreoffice_clipboard.py"
    source = copy(folder / CLIPBOARDS[program], tmp_path)  # a lock file will lie beside it
    command = ["/usr/bin/python3", script, source, tmp_path]
    subprocess.run(command, check=True, capture_output=True, timeout=300)
    text, page = ((tmp_path / f"clipboard.{kind}").read_text("utf-8") for kind in ("txt", "html"))
    assert text.split() == (DATA / f"clipboard-{program}.txt").read_text("utf-8").split()
    kept = (DATA / f"clipboard-{program}.html").read_text("utf-8")
    assert pasted(text, page).rows == pasted("x", kept).rows
