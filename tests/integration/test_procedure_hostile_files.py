"""200 damaged or hostile files: each ends in a clear sentence, none in another error."""

import io
import random
import struct
import zipfile
import zlib
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from cchc_public.errors import ImportRejected
from cchc_public.files.opening import open_document
from cchc_public.procedures import importing
from cchc_public.procedures.importing import read_procedures

FILES = Path(__file__).parents[1] / "data" / "procedure_files"
HEADER = ["Mã thủ tục", "Tên thủ tục", "Lĩnh vực"]
ROW = ["1.001193", "Đăng ký khai sinh", "Hộ tịch"]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in rows or (HEADER, ROW):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_member(data, name, content, *, only=False):
    """Return the package with one member replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        for info in old.infolist():
            if info.filename != name and not only:
                new.writestr(info.filename, old.read(info.filename))
        new.writestr(name, content)
    return out.getvalue()


def worksheet(rows):
    start = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    return f"{start}{rows}</sheetData></worksheet>"


def cut_files():
    for kind in ("xlsx", "ods", "xls"):
        data = (FILES / f"libreoffice.{kind}").read_bytes()
        for step in range(1, 31):
            yield f"cut-{step}.{kind}", data[: len(data) * step // 32]


def scrambled_files():
    chance = random.Random(20230612)  # noqa: S311 - the same damage every time
    for kind in ("xlsx", "ods"):
        data = (FILES / f"libreoffice.{kind}").read_bytes()
        for number in range(25):
            damaged = bytearray(data)
            start = chance.randrange(40, len(data) * 3 // 4)
            for position in range(start, min(start + 400, len(data))):
                damaged[position] = chance.randrange(256)
            yield f"scrambled-{number}.{kind}", bytes(damaged)


def wrong_types():
    chance = random.Random(7)  # noqa: S311 - the same bytes every time
    png = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(200)
    yield "anh.png", png
    yield "anh-gia.xlsx", png
    yield "van-ban.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 4
    yield "pdf-gia.csv", b"%PDF-1.7\n" + bytes(range(256)) * 4
    yield "chuong-trinh.xls", b"MZ" + bytes(range(256)) * 8
    yield (
        "trang.csv",
        b"<!doctype html><html><body><table><tr><td>x</td></tr></table></body></html>",
    )
    yield "du-lieu.csv", b'{"code": "1.001193", "name": "x"}'
    yield "nen.xlsx", with_member(workbook(), "word/document.xml", "<w/>", only=True)
    yield "gzip.xlsx", b"\x1f\x8b\x08" + zlib.compress(workbook())
    yield "rong.xlsx", b""
    yield "trang-trong.csv", b"\n\n\n   \n"
    yield "chi-bom.csv", b"\xef\xbb\xbf"
    yield "nul.csv", bytes(5000)
    yield "ole.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
    for number in range(25):
        yield f"ngau-nhien-{number}.xlsx", chance.randbytes(300 + number * 50)
    for number in range(15):
        yield f"ngau-nhien-{number}.csv", bytes([0xFF, 0xFE - number]) + chance.randbytes(501)


def hostile_files():
    good = workbook()
    # what is large is made when it is read, not whenever tests are counted
    yield "bom.xlsx", lambda: with_member(good, "xl/media/image1.bin", bytes(300_000_000 // 3))
    yield "bom-chu.xlsx", lambda: with_member(
        good, SHEET, worksheet('<row r="1"><c r="A1" t="inlineStr"><is><t>'
                               + "x" * 50_000_000 + "</t></is></c></row>")
    )  # fmt: skip
    laughs = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    yield "thuc-the.xlsx", with_member(good, SHEET, laughs + worksheet("<row/>"))
    yield "goc-xa.xlsx", with_member(
        good, SHEET, worksheet('<row r="1"><c r="A1"><v>1</v></c></row>'
                               '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    )  # fmt: skip
    yield "trieu-dong-trong.xlsx", lambda: with_member(
        good, SHEET, worksheet('<row r="1"/>' * 1_000_000)
    )  # fmt: skip
    yield (
        "cong-thuc.xlsx",
        workbook(["=A2", '=HYPERLINK("http://x","y")'], ["=1/0", "=cmd|' /C'!A0"]),
    )
    yield "thieu-trang-tinh.xlsx", with_member(good, "xl/workbook.xml", "<workbook/>")
    yield "ngoac-kep.csv", 'Mã thủ tục,Tên thủ tục\n1.001193,"Đăng ký'.encode()
    yield "bang-ma.csv", b"M\xe3 th\x98 t\x81c,T\x8dn\n1.001193,\x8f\x90\x9d\xff\xfe"
    yield "cot-nhieu.csv", (",".join(["x"] * 2000) + "\n").encode() * 3
    yield "mat-ma.csv", "Tên thủ tục,Lĩnh vực\nĐăng ký khai sinh,Hộ tịch\n".encode()
    yield "chi-tieu-de.csv", "Mã thủ tục,Tên thủ tục\n".encode()
    yield "hai-tieu-de.xlsx", workbook(["Mã thủ tục"], ["1.001193"])
    for number, char in enumerate("=+-@\t|;'\"<>&%"):
        yield f"dau-{number}.csv", (char * 400 + "\n").encode() * 3


DAMAGED = [*cut_files(), *scrambled_files(), *wrong_types()]
HOSTILE = list(hostile_files())
ALL = [*DAMAGED, *HOSTILE]


def _read_here(data, name, *, max_bytes):
    return open_document(data, name)


def test_there_are_two_hundred():
    assert len(ALL) >= 200


@cache
def whole_list(kind):
    return read_procedures((FILES / f"libreoffice.{kind}").read_bytes(), f"x.{kind}").rows


@pytest.mark.parametrize(("name", "data"), ALL, ids=[name for name, _ in ALL])
def test_the_file_ends_in_a_clear_sentence(name, data, monkeypatch):
    data = data() if callable(data) else data
    if data and any(name == damaged for damaged, _ in DAMAGED):
        # what only is broken needs no process of its own; what takes memory and time does
        monkeypatch.setattr(importing, "read_file", _read_here)
    try:
        incoming = read_procedures(data, name)
    except ImportRejected as refusal:
        sentence = str(refusal)
        assert sentence[0] == "«" or sentence[0].isupper()
        assert sentence.endswith(".")
        assert len(sentence) > 30
        assert "Error" not in sentence
    else:
        # the damage did not reach the list: it is read whole, for a preview
        assert incoming.rows == whole_list(name.rpartition(".")[2])
