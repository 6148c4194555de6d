"""Recognises what a file is by its first bytes; refuses what is no spreadsheet, with the remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cchc_public.errors import ImportRejected
from cchc_public.importers.package_guard import LOCKED, Package, open_package


class FileKind(StrEnum):
    """The three ways a table arrives."""

    PACKAGE = "package"  # .xlsx, .ods
    OLD_WORKBOOK = "old-workbook"  # .xls
    TEXT = "text"  # .csv, .tsv


@dataclass(frozen=True)
class FoundKind:
    """What a file is; ``package`` is set for archives, already measured."""

    kind: FileKind
    package: Package | None = None


_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
SAVE_AS = "Hãy mở bảng bằng Excel hoặc LibreOffice rồi lưu thành .xlsx."
# What people send by mistake, and its Vietnamese name.
_STRANGERS = (
    (b"%PDF", "tệp PDF"),
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
_PAGE_STARTS = (b"<!doctype", b"<html", b"<?xml", b"<table", b"<head", b"<meta", b"mime-version")


def find_kind(data: bytes, name: str) -> FoundKind:
    """Return the kind of file, or refuse it with a sentence that says what it is."""
    for start, words in _STRANGERS:
        if data.startswith(start):
            raise ImportRejected(f"«{name}» là {words}, không phải bảng tính. {SAVE_AS}")
    if data.startswith(_ZIP):
        package = open_package(data, name)
        _check_package(package)
        return FoundKind(FileKind.PACKAGE, package)
    if data.startswith(_OLE):
        _check_compound(data, name)
        return FoundKind(FileKind.OLD_WORKBOOK)
    _check_page(data, name)
    return FoundKind(FileKind.TEXT)


def _check_package(package: Package) -> None:
    name, members = package.name, package.members
    if "xl/workbook.xml" in members:
        return
    if "mimetype" in members and package.read("mimetype", 100).startswith(_ODS_TYPE):
        if _is_locked_ods(package):
            raise ImportRejected(LOCKED.format(name=name))
        if "content.xml" in members:
            return
    if "word/document.xml" in members:
        words = "văn bản Word; hãy chép bảng rồi dán vào ô «Dán bảng»"
    elif "xl/workbook.bin" in members:
        words = "bảng tính kiểu .xlsb"
    elif any(member.startswith("ppt/") for member in members):
        words = "bài trình chiếu"
    else:
        words = "tệp nén hoặc văn bản"
    raise ImportRejected(f"«{name}» là {words}, không đọc được như bảng tính. {SAVE_AS}")


def _is_locked_ods(package: Package) -> bool:
    manifest = "META-INF/manifest.xml"
    if manifest not in package.members:
        return False
    return b"encryption-data" in package.read(manifest, 1_000_000)


def _check_compound(data: bytes, name: str) -> None:
    """Old Office files and locked new ones share one container; its entry names tell them apart."""
    if _utf16("EncryptedPackage") in data:
        raise ImportRejected(LOCKED.format(name=name))
    if _utf16("WordDocument") in data:
        raise ImportRejected(
            f"«{name}» là văn bản Word. Hãy chép bảng rồi dán vào ô «Dán bảng», "
            "hoặc lưu bảng thành .xlsx."
        )
    if _utf16("Workbook") not in data and _utf16("Book") not in data:
        raise ImportRejected(f"«{name}» không phải bảng tính Excel. {SAVE_AS}")


def _check_page(data: bytes, name: str) -> None:
    start = data[:400].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_PAGE_STARTS):
        raise ImportRejected(
            f"«{name}» thật ra là trang web hoặc XML mang tên bảng tính. {SAVE_AS}"
        )


def _utf16(word: str) -> bytes:
    return word.encode("utf-16-le")
