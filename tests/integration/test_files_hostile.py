import io
import random
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from cchc_public.errors import ImportRejected
from cchc_public.files import opening
from cchc_public.files.opening import open_document, read_file

DATA = Path(__file__).parents[1] / "data" / "spreadsheets"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = "xl/worksheets/sheet1.xml"
ONE = '<table:table-cell office:value-type="float" office:value="1"/>'
WIDE = '<table:table-cell table:number-columns-repeated="16383"'
EMPTY_ROWS = f'<table:table-row table:number-rows-repeated="1048575">{WIDE}/></table:table-row>'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def make_xlsx(*cells):
    book = openpyxl.Workbook()
    for row, column, value in cells or ((1, 1, "x"),):
        book.active.cell(row, column).value = value
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def with_members(data, **changes):
    """Return the package with members replaced; names use __ for / and ___ for a dot."""
    replaced = {k.replace("___", ".").replace("__", "/"): v for k, v in changes.items()}
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in dict.fromkeys([*old.namelist(), *replaced]):
            stored = zipfile.ZIP_STORED if name == "mimetype" else None
            new.writestr(name, replaced.get(name) or old.read(name), stored)
    return stream.getvalue()


def make_zip(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("___", ".").replace("__", "/"), content)
    return stream.getvalue()


def make_ods(rows):
    head = (
        '<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body>'
        '<office:spreadsheet><table:table table:name="A">'
    )
    tail = "</table:table></office:spreadsheet></office:body></office:document-content>"
    sample = (DATA / "dossiers.ods").read_bytes()
    return with_members(sample, content___xml=head + rows + tail)


def sheet_xml(rows):
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


SAMPLES = {
    "xlsx": make_xlsx(*((r, c, f"Ô {r}") for r in range(1, 30) for c in range(1, 6))),
    "xls": (DATA / "dossiers.xls").read_bytes(),
    "ods": (DATA / "dossiers.ods").read_bytes(),
    "csv": "Lĩnh vực,Số\nĐất đai,1\n".encode() * 20,
}


def rejection(data, name="so-lieu.xlsx"):
    with pytest.raises(ImportRejected) as caught:
        open_document(data, name)
    return str(caught.value)


def limited_rejection(data, **kwargs):
    with pytest.raises(ImportRejected) as caught:
        read_file(data, "so-lieu.xlsx", **kwargs)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"{\\rtf1", "RTF"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "ảnh"),
        (b"Rar!\x1a\x07", "RAR"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"MZ\x90\x00", "chương trình"),
        (b"PK\x05\x06" + b"\x00" * 18, "nén trống"),
        (b"<html><table></table></html>", "không có ô nào"),
        (b'\xef\xbb\xbf<?xml version="1.0"?><Workbook/>', "XML"),
        (OLE + b"\x00" * 600 + "WordDocument".encode("utf-16-le"), "Word"),
        (OLE + b"\x00" * 600 + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
        (OLE + b"\x00" * 600, "không phải bảng tính Excel"),
        (OLE + b"\x00" * 600 + "Workbook".encode("utf-16-le"), "bị hỏng"),
        (b"\x00\x01\x02\x03" * 300, "không phải bảng tính"),
        (bytes(range(1, 256)) * 4, "bảng mã"),
        (b'a,b\n"1,2\n3,4\n', "ngoặc kép"),
        ("Lĩnh vực,Số".encode()[:-1], "bị cắt"),
        (b"\xff\xfea", "bị cắt"),
        (make_zip(word__document___xml="<w/>"), "bị hỏng"),
        (make_zip(xl__workbook___bin="x"), ".xlsb"),
        (make_zip(a___txt="x"), "không đọc được như bảng tính"),
        (make_zip(xl__workbook___xml="<workbook"), "bị hỏng"),
        (make_zip(xl__workbook___xml="<workbook/>"), "bị hỏng"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # a zip holds the present second
)
def test_wrong_files_are_named_and_a_remedy_is_given(data, words):
    message = rejection(data)
    assert words in message
    assert "so-lieu.xlsx" in message
    assert message.endswith(".")


def test_file_above_the_limit():
    assert "lớn quá 1 MB" in limited_rejection(b"a" * 2_000_000, max_bytes=1024 * 1024)


def test_empty_file():
    assert "trống" in limited_rejection(b"")


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_kind_passes_through_the_limited_process_unchanged(kind):
    assert read_file(SAMPLES[kind], "x") == open_document(SAMPLES[kind], "x")


def test_what_takes_too_much_time_ends_in_words(monkeypatch):
    monkeypatch.setattr(opening, "WALL_SECONDS", 1)
    page = b"<html>" + b"<p>a</p><table><tr><td>b</td></tr></table>" * 400_000
    assert "quá lớn hoặc quá rắc rối" in limited_rejection(page)


def test_a_process_without_python_as_its_executable_finds_one(monkeypatch):
    monkeypatch.setattr("sys.executable", "/usr/sbin/uwsgi")
    assert read_file(SAMPLES["csv"], "x").grids[0].rows[0] == ("Lĩnh vực", "Số")


def test_zip_bomb_by_declared_size():
    data = make_zip(xl__workbook___xml=b"\x00" * (opening.MAX_UNPACKED + 1))
    assert "giải nén lớn quá" in rejection(data)


def test_zip_bomb_that_lies_about_its_size():
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(b"\x00" * (opening.MAX_UNPACKED + 10)) + bomb.flush()
    data = make_zip(xl__workbook___xml=b"")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.infolist()[0]
    local = data[: 30 + len(info.filename)]
    local = local[:18] + len(packed).to_bytes(4, "little") + (10).to_bytes(4, "little") + local[26:]
    central = data[data.index(b"PK\x01\x02") : data.index(b"PK\x05\x06")]
    central = (
        central[:20] + len(packed).to_bytes(4, "little") + (10).to_bytes(4, "little") + central[28:]
    )
    end = data[data.index(b"PK\x05\x06") :]
    place = (len(local) + len(packed)).to_bytes(4, "little")
    end = end[:16] + place + end[20:]
    assert "bị hỏng" in rejection(local + packed + central + end)


def test_too_many_members():
    members = {f"a{number}": "" for number in range(opening.MAX_MEMBERS + 1)}
    assert "bị hỏng" in rejection(make_zip(**members))


def test_encrypted_member():
    data = bytearray(make_xlsx())
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + offset] |= 1
            place = data.find(mark, place + 4)
    assert "mật khẩu" in rejection(bytes(data))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ((1_048_576, 1, "x"), "dòng 1.048.576"),
        ((1, 16_384, "x"), "cột thứ 16.384"),
        ((49_000, 400, "x"), "19.600.000 ô"),
    ],
)
def test_far_cells_are_refused_before_memory_is_taken(cell, words):
    assert words in rejection(make_xlsx((1, 1, "x"), cell))


def test_many_empty_rows_in_xml_do_not_hang():
    rows = '<row r="1"><c r="A1"><v>5</v></c></row>' + "<row/>" * 300_000
    data = with_members(make_xlsx(), xl__worksheets__sheet1___xml=sheet_xml(rows))
    assert read_file(data, "x").grids[0].rows == ((5,),)


def test_one_shared_text_repeated_beyond_measure():
    cells = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>0</v></c></row>' for r in range(1, 2001))
    shared = f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
    data = with_members(
        make_xlsx(), xl__worksheets__sheet1___xml=sheet_xml(cells), xl__sharedStrings___xml=shared
    )
    assert "quá nhiều chữ" in rejection(data)


def test_document_type_declarations_are_not_read():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>' + sheet_xml("<row/>")
    assert "bị hỏng" in rejection(with_members(make_xlsx(), xl__worksheets__sheet1___xml=bomb))


@pytest.mark.parametrize(
    "rows",
    [
        f'<table:table-row table:number-rows-repeated="1000000">{ONE}</table:table-row>',
        f"<table:table-row>{ONE.replace('<table:table-cell', WIDE)}</table:table-row>",
        f"{EMPTY_ROWS}<table:table-row>{ONE}</table:table-row>",
    ],
)
def test_repeated_cells_of_opendocument_are_counted(rows):
    assert "chỉ đọc tối đa" in rejection(make_ods(rows))


def test_trailing_repeats_of_nothing_are_free():
    rows = f"<table:table-row>{ONE}{WIDE}/></table:table-row>{EMPTY_ROWS}"
    assert read_file(make_ods(rows), "x").grids[0].rows == ((1,),)


def test_locked_opendocument():
    data = with_members(make_ods(""), **{"META-INF__manifest___xml": "<manifest:encryption-data/>"})
    assert "mật khẩu" in rejection(data)


def test_far_cell_of_an_old_workbook():
    message = rejection((DATA / "far-cell.xls").read_bytes())
    assert "10.240.256 ô" in message


def patched_xls(record, offset, value):
    """Return the sample with one number of one record replaced."""
    data = bytearray(SAMPLES["xls"])
    place = data.index(record) + 4 + offset
    data[place : place + 4] = value.to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(("offset", "value"), [(0, 8_519_680), (4, 2**31), (8, 2**31)])
def test_old_workbook_that_announces_a_huge_sheet_gives_what_it_has(offset, value):
    data = patched_xls(b"\x00\x02\x0e\x00", offset, value)
    assert read_file(data, "x").grids == open_document(SAMPLES["xls"], "x").grids


@pytest.mark.parametrize(
    ("place", "value"), [(44, 2**31), (64, 5_000), (48, 0), (68, 0), (60, 2**31)]
)
def test_old_workbook_with_a_lying_header(place, value):
    data = bytearray(SAMPLES["xls"])
    data[place : place + 4] = value.to_bytes(4, "little")
    try:
        found = read_file(bytes(data), "x").grids
    except ImportRejected as refusal:
        assert "bị hỏng" in str(refusal)  # noqa: PT017 - either way is right
    else:
        assert found == open_document(SAMPLES["xls"], "x").grids


def test_embedded_files_do_not_hinder():
    extra = {"xl__embeddings__a___docx": b"PK\x03\x04\xff", "xl__media__a___svg": "<!DOCTYPE svg>"}
    assert read_file(with_members(make_xlsx(), **extra), "x").grids[0].rows == (("x",),)


@pytest.mark.parametrize("count", ["99999999999999", "9000000", "-1", "x"])
def test_shared_texts_announced_beyond_measure_take_no_memory(count):
    shared = f'<sst xmlns="{MAIN}" uniqueCount="{count}"><si><t>x</t></si></sst>'
    data = with_members(make_xlsx(), xl__sharedStrings___xml=shared)
    assert read_file(data, "x").grids[0].rows == (("x",),)


def test_too_many_lines_of_text():
    assert "chỉ đọc tối đa" in rejection(b"a\n" * 60_000)


@pytest.mark.parametrize("kind", SAMPLES)
def test_cut_files_end_in_words(kind):
    data = SAMPLES[kind]
    for length in range(1, len(data), max(1, len(data) // 40)):
        _read_or_reject(data[:length])


@pytest.mark.parametrize("kind", SAMPLES)
def test_damaged_files_end_in_words(kind):
    chance = random.Random(2023)  # noqa: S311 - the same damage every run
    for _ in range(60):
        data = bytearray(SAMPLES[kind])
        for _ in range(chance.randint(1, 8)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        _read_or_reject(bytes(data))


def _read_or_reject(data):
    try:
        document = open_document(data, "x")
    except ImportRejected as refusal:
        message = str(refusal)
    else:
        message = "" if document.blocks else "no sheet."
    assert message == "" or message.endswith(".")


def test_a_page_of_very_many_tables_is_refused_before_anyone_reads_them():
    table = b"<table><tr><td>TT<td>L\xc4\xa9nh v\xe1\xbb\xb1c<tr><td>1<td>a</table>"
    assert len(read_file(b"<html>" + table * opening.MAX_GRIDS, "x.html").grids) == 500
    with pytest.raises(ImportRejected, match="hơn 500 bảng"):
        read_file(b"<html>" + table * (opening.MAX_GRIDS + 1), "x.html")
