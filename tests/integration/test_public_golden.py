"""The real report goes in as CSV and comes out of page, CSV and JSON equal to the cell."""

import csv
import io
import json
from decimal import Decimal
from xml.etree.ElementTree import Element

import pytest

from cchc_public.files.opening import read_file
from cchc_public.releases.reading import newest_release
from cchc_public.tables.language import ValueKind
from cchc_public.tables.sheet import Rate
from cchc_public.web.jinja import cchc_cell
from tests.pages import HTML, parse
from tests.readings import read_file_as

PERIOD = "/ky/2023-6-thang"
TABLES = (
    "ho-so", "so-hoa", "hai-long", "dich-vu-cong", "van-ban", "so-luong-thu-tuc", "nhiem-vu",
    "chi-tieu",
)  # fmt: skip

pytestmark = [pytest.mark.everywhere, pytest.mark.usefixtures("demo")]


@pytest.fixture
def tables(session):
    """All eight tables of the release; one test walks them all, for an app costs a second."""
    found = newest_release(session).tables
    assert tuple(table.code for table in found) == TABLES
    return found


def csv_rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def written(value) -> str:
    """The cell of a CSV, computed the other way round: from the evaluated figure."""
    if isinstance(value, Rate):
        value = value.percent
    return "" if value is None else str(value)


def test_csv_equals_the_release_to_the_cell(citizen, prefix, tables):
    for table in tables:
        rows = csv_rows(citizen.get(f"{prefix}{PERIOD}/{table.code}.csv").data)
        expected = [*table.evaluated.rows, *filter(None, [table.evaluated.total])]
        assert len(rows) == len(expected)
        for found, row in zip(rows, expected, strict=True):
            for column in table.definition.columns:
                place = (table.code, row.key, column.key)
                assert found[column.name] == written(row.values[column.key]), place


def test_csv_reads_back_in_as_the_same_sheet(citizen, prefix, tables):
    for table in tables:
        data = citizen.get(f"{prefix}{PERIOD}/{table.code}.csv").data
        again = read_file_as(table.definition, data, "tai-ve.csv").sheet
        before_rows = table.evaluated.sheet.rows
        assert len(again.rows) == len(before_rows)
        for before, after in zip(before_rows, again.rows, strict=True):
            for column in table.definition.base_columns:
                old, new = before.cells.get(column.key), after.cells.get(column.key)
                same = old == new or (old in (None, "") and new in (None, ""))
                assert same, (table.code, before.key, column.key, old, new)


@pytest.mark.hosts("standalone")
@pytest.mark.databases("sqlite")  # what each place publishes is compared above
def test_workbook_equals_the_release_to_the_cell_and_reads_back_in(citizen, prefix, tables):
    for table in tables:
        data = citizen.get(f"{prefix}{PERIOD}/{table.code}.xlsx").data
        grid = read_file(data, "tai-ve.xlsx").grids[0].rows
        rows = [*table.evaluated.rows, *filter(None, [table.evaluated.total])]
        columns = table.definition.columns
        if table.definition.shape.has_sections:  # their headings have lines of their own
            grid = [line for line in grid if any(map(plain, line[-len(columns) :]))]
        for found, row in zip(grid[-len(rows) :], rows, strict=True):
            cells = [plain(cell) for cell in found[-len(columns) :]]
            assert cells == [plain(row.values[c.key]) for c in columns], (table.code, row.key)
        again = read_file_as(table.definition, data, "tai-ve.xlsx").sheet
        for before in table.evaluated.sheet.rows:
            after = again.row(before.key)
            for column in table.definition.base_columns:
                old, new = before.cells.get(column.key), after.cells.get(column.key)
                assert old == new or not (old or new), (table.code, before.key, column.key)


def plain(value):
    """A figure or words, whatever type a workbook gives them."""
    value = value.percent if isinstance(value, Rate) else value
    if value is None or isinstance(value, str):
        return value or ""
    return Decimal(str(value)).normalize()


def test_json_equals_the_release_to_the_cell(citizen, prefix, tables):
    for table in tables:
        response = citizen.get(f"{prefix}{PERIOD}/{table.code}.json")
        found = json.loads(response.data, parse_float=Decimal)
        assert found["release"]["digest"] == response.headers["Cchc-Digest"]
        assert [row["key"] for row in found["rows"]] == [row.key for row in table.evaluated.rows]
        for document_row, row in zip(found["rows"], table.evaluated.rows, strict=True):
            for column in table.definition.columns:
                value, expected = document_row["values"][column.name], row.values[column.key]
                if isinstance(expected, Rate):
                    value, expected = list(value.values()), [
                        expected.numerator, expected.denominator, expected.percent
                    ]  # fmt: skip
                assert value == expected, (table.code, row.key, column.key)


def test_the_page_shows_every_figure(app, citizen, prefix, tables):
    for table in tables:
        root = parse(citizen.get(f"{prefix}{PERIOD}/{table.code}").text)
        text = "".join("".join(root.itertext()).split())
        with app.test_request_context():
            for row in table.evaluated.rows:
                for column in table.definition.columns:
                    shown = cchc_cell(row.values[column.key], column).striptags()
                    if column.kind is not ValueKind.TEXT and "chưa có" not in shown:
                        assert "".join(shown.split()) in text, (table.code, row.key, column.key)


def test_the_wide_table_stands_cell_by_cell(citizen, prefix, tables):
    table = tables[0]
    root = parse(citizen.get(f"{prefix}{PERIOD}/ho-so").text)
    shown = {heading(line): cells(line) for line in root.iter(f"{HTML}tr") if cells(line)}
    for row in [*table.evaluated.rows, table.evaluated.total]:
        values = [row.values[column.key] for column in table.definition.columns]
        marked = [cell.removesuffix("[1]") for cell in shown[row.label]]
        assert marked == ["–chưa có số liệu" if v is None else str(v) for v in values]


def heading(line: Element) -> str:
    found = line.find(f"{HTML}th")
    return "" if found is None else "".join(found.itertext())


def cells(line: Element) -> list[str]:
    return ["".join(cell.itertext()).strip() for cell in line.findall(f"{HTML}td")]
