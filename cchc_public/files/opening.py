"""Opens bytes of any kind by what they are, never by their name; strangers are told the remedy.

Runs inside the limited process (see ``limited``).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from enum import StrEnum

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import (
    CUT_FILE,
    LOCKED,
    Document,
    Grid,
    build_grid,
    check_rectangle,
    repair_document,
)
from cchc_public.files.plain import decode_page, read_separated

MAX_UNPACKED = 80 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_GRIDS = 500  # tables or sheets of one file
TOO_BIG = (
    "Tệp «{name}» khi giải nén lớn quá {limit} MB. Hãy chỉ giữ trang tính cần nhập, "
    "xóa ảnh và định dạng thừa rồi lưu lại."
)
SAVE_AS = "Hãy mở bảng bằng Excel hoặc LibreOffice rồi lưu thành .xlsx."


class Kind(StrEnum):
    """The ways a table arrives."""

    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    DOCX = "docx"
    HTML = "html"
    TEXT = "text"  # csv, tsv


_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
# What people send by mistake, and its Vietnamese name.
_STRANGERS = (
    (b"%PDF", "tệp PDF (hãy chép bảng trong đó rồi dán vào ô «Dán bảng»)"),
    (b"{\\rtf", "văn bản RTF"),
    (b"\x89PNG", "ảnh"),
    (b"\xff\xd8\xff", "ảnh"),
    (b"GIF8", "ảnh"),
    (b"RIFF", "ảnh hoặc âm thanh"),
    (b"Rar!", "tệp nén RAR"),
    (b"7z\xbc\xaf", "tệp nén 7z"),
    (b"\x1f\x8b", "tệp nén gzip"),
    (b"MZ", "chương trình"),
    (b"\x7fELF", "chương trình"),
    (b"PK\x05\x06", "tệp nén trống"),
)
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<table", b"<head", b"<meta", b"<style", b"<div")
_OTHER_MARKUP = (b"<?xml", b"<!doctype", b"mime-version")


def find_kind(data: bytes, name: str) -> Kind:
    """Return the kind of file, or refuse it with a sentence that says what it is."""
    for start, words in _STRANGERS:
        if data.startswith(start):
            raise ImportRejected(f"«{name}» là {words}, không phải bảng tính. {SAVE_AS}")
    if data.startswith(_ZIP):
        return _package_kind(data, name)
    if data.startswith(_OLE):
        _check_compound(data, name)
        return Kind.XLS
    start = data[:2000].removeprefix(b"\xef\xbb\xbf")
    start = start.replace(b"\x00", b"").lstrip(b"\xff\xfe \r\n\t").lower()
    is_page = start.startswith(_PAGE_STARTS)
    if is_page or (start.startswith(_OTHER_MARKUP) and b"<html" in start):
        return Kind.HTML
    if start.startswith(_OTHER_MARKUP):
        raise ImportRejected(
            f"«{name}» thật ra là trang web hoặc XML mang tên bảng tính. {SAVE_AS}"
        )
    return Kind.TEXT


def _package_kind(data: bytes, name: str) -> Kind:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
        if any(info.flag_bits & 0x1 for info in infos):
            raise ImportRejected(LOCKED.format(name=name))
        # declared sizes bound what is unpacked: no library reads beyond them
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise ImportRejected(TOO_BIG.format(name=name, limit=MAX_UNPACKED // 1024 // 1024))
        names = {info.filename.casefold() for info in infos}
        if len(infos) > MAX_MEMBERS or len(names) < len(infos):
            raise ValueError("members")
        for member in (n for n in archive.namelist() if n.endswith((".xml", ".rels"))):
            # a document type declaration could define endless text
            with archive.open(member) as content:
                if b"<!DOCTYPE" in content.read(4096):
                    raise ValueError("document type declaration")
        return _spreadsheet_kind(archive, frozenset(archive.namelist()), name)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _spreadsheet_kind(archive: zipfile.ZipFile, members: frozenset[str], name: str) -> Kind:
    if "xl/workbook.xml" in members:
        return Kind.XLSX
    if "word/document.xml" in members:
        return Kind.DOCX
    if "mimetype" in members and archive.read("mimetype").startswith(_ODS_TYPE):
        manifest = "META-INF/manifest.xml"
        if manifest in members and b"encryption-data" in archive.read(manifest):
            raise ImportRejected(LOCKED.format(name=name))
        if "content.xml" in members:
            return Kind.ODS
    if "xl/workbook.bin" in members:
        words = "bảng tính kiểu .xlsb"
    elif any(member.startswith("ppt/") for member in members):
        words = "bài trình chiếu"
    else:
        words = "tệp nén hoặc văn bản"
    raise ImportRejected(f"«{name}» là {words}, không đọc được như bảng tính. {SAVE_AS}")


def _check_compound(data: bytes, name: str) -> None:
    """Old Office files and locked new ones share one container; its entry names tell them apart."""
    if "EncryptedPackage".encode("utf-16-le") in data:
        raise ImportRejected(LOCKED.format(name=name))
    if "WordDocument".encode("utf-16-le") in data:
        raise ImportRejected(
            f"«{name}» là văn bản Word kiểu cũ (.doc). Hãy lưu thành .docx rồi tải lên, "
            "hoặc chép bảng rồi dán vào ô «Dán bảng»."
        )
    if not any(word.encode("utf-16-le") in data for word in ("Workbook", "Book")):
        raise ImportRejected(f"«{name}» không phải bảng tính Excel. {SAVE_AS}")


def open_document(data: bytes, name: str) -> Document:
    """Return everything a file says; ImportRejected names what is wrong and how to mend it.

    Formulas are never evaluated: the value the file keeps beside each is taken.
    """
    # imported here: only who opens a file waits for the libraries of every kind
    from cchc_public.files.pages import read_docx, read_page
    from cchc_public.files.workbooks import read_ods, read_xls, read_xlsx

    kind = find_kind(data, name)
    blocks: list[Grid | str] = []
    notes: tuple[str, ...] = ()
    if kind is Kind.XLSX:
        grids, notes = read_xlsx(data, name)
        blocks += grids
    elif kind is Kind.XLS:
        blocks += read_xls(data, name)
    elif kind is Kind.ODS:
        blocks += read_ods(data, name)
    elif kind is Kind.DOCX:
        blocks += read_docx(data, name)
    elif kind is Kind.HTML:
        blocks += read_page(decode_page(data, name), name)
    else:
        rows, notes = read_separated(data, name)
        blocks.append(build_grid(rows))
    check_rectangle(name, len(blocks), 1)
    if sum(isinstance(block, Grid) for block in blocks) > MAX_GRIDS:
        raise ImportRejected(
            f"Tệp «{name}» có hơn {MAX_GRIDS} bảng. Hãy chép riêng các bảng cần nhập sang tệp mới."
        )
    if not any(block if isinstance(block, str) else block.rows for block in blocks):
        raise ImportRejected(f"Tệp «{name}» không có ô nào có dữ liệu.")
    return repair_document(Document(name, tuple(blocks), notes=notes))
