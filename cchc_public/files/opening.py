"""Opens what strangers made (tables, signed PDFs) in a child of limited memory and time."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess  # noqa: S404 - our own interpreter on our own module
import sys
import threading
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import (
    CUT_FILE,
    LOCKED,
    TOO_LONG,
    Document,
    Grid,
    build_grid,
    check_rectangle,
    document_from_json,
    document_to_json,
    read_separated,
    repair_document,
)

MAX_BYTES = 20 * 1024 * 1024
MEMORY = 1_000_000_000  # address space of the child
CPU_SECONDS = 8
WALL_SECONDS = 15
CLIPBOARD = "nội dung dán"
MAX_CLIPBOARD = 4_000_000  # letters

MOST_PAGES = 300  # of a signed PDF

_TOO_HEAVY = (
    "Tệp «{name}» quá lớn hoặc quá rắc rối nên không đọc xong trong {seconds} giây. Hãy chép riêng "
    "bảng cần nhập sang một tệp mới rồi lưu lại."
)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from cchc_public.files.opening import serve; serve(*sys.argv[2:])"
)
_FAULT, _REFUSED = 70, 71  # how the child ends: our own mistake; the file's
_MARK = re.compile(r"Mãkiểmtra([0-9a-f]{12})")
# each child may take its full measure: no more than two at a time
_ROOM = threading.BoundedSemaphore(2)


def read_file(data: bytes, name: str, *, max_bytes: int = MAX_BYTES) -> Document:
    """Read a file of any kind; ImportRejected says what is wrong and how to mend it."""
    if not data:
        raise ImportRejected(f"Tệp «{name}» trống, không có gì để nhập.")
    if len(data) > max_bytes:
        raise ImportRejected(
            f"Tệp «{name}» lớn quá {max_bytes // 1024 // 1024} MB. "
            "Hãy chỉ giữ trang tính cần nhập, xóa ảnh rồi lưu lại."
        )
    return document_from_json(_ask_child("table", data, name))


def read_clipboard(page: str) -> Document:
    """Read the ``text/html`` that Word, Excel, LibreOffice or a browser puts on the clipboard."""
    if len(page) > MAX_CLIPBOARD:
        raise ImportRejected(TOO_LONG)
    return read_file(b"<html>" + page.encode("utf-8", "replace"), CLIPBOARD)


@dataclass(frozen=True)
class SignedPdf:
    """A copy with what could be read of it; a scan carries no mark that a program reads."""

    body: bytes
    name: str = ""
    marks: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()  # as the file itself says; nobody verified them


def read_signed(body: bytes, name: str = "") -> SignedPdf:
    """Return a signed copy and the marks of our figures on it; refuse what is no PDF."""
    if not body.startswith(b"%PDF-"):
        raise ImportRejected("Bản đã ký phải là tệp PDF.")
    try:
        said = json.loads(_ask_child("signed", body, name))
    except (ImportRejected, RuntimeError):  # what cannot be read carries no mark
        said = {}
    return SignedPdf(body, name, tuple(said.get("marks", ())), tuple(said.get("signatures", ())))


def _ask_child(task: str, data: bytes, name: str) -> bytes:
    """Return what the child read; ImportRejected when it refused or came to its limits."""
    python = sys.executable or ""
    if not Path(python).name.lower().startswith(("python", "pypy")):
        # servers that embed an interpreter name themselves as the executable
        folder = Path(sys.exec_prefix)
        python = str(folder / "python.exe" if os.name == "nt" else folder / "bin" / "python3")
    # a fresh interpreter, never a fork: a forked child would wait for locks of the server's threads
    command = [python, "-c", _START, json.dumps(sys.path), task, name]
    try:
        with _ROOM:
            done = subprocess.run(  # noqa: S603 - no word of it comes from outside but the name
                command, input=data, capture_output=True, timeout=WALL_SECONDS, check=False
            )
    except subprocess.TimeoutExpired as error:
        raise _too_heavy(name) from error
    if done.returncode == _FAULT:
        raise RuntimeError(f"the reader of files failed: {done.stderr.decode(errors='replace')}")
    if done.returncode == _REFUSED:
        raise ImportRejected(done.stdout.decode())
    if done.returncode:
        raise _too_heavy(name)
    return done.stdout


def _too_heavy(name: str) -> ImportRejected:
    return ImportRejected(_TOO_HEAVY.format(name=name, seconds=CPU_SECONDS))


def serve(task: str, name: str) -> None:
    """Be the child: take from yourself what a stranger's file must not use, read, answer."""
    try:
        import resource
    except ImportError:  # Windows: the parent's clock alone
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    code = 0
    try:
        data = sys.stdin.buffer.read()
        if task == "signed":
            answer = _read_marks(data)
        else:
            answer = document_to_json(open_document(data, name))
    except (ImportRejected, MemoryError, RecursionError) as error:
        refusal = error if isinstance(error, ImportRejected) else _too_heavy(name)
        answer, code = str(refusal), _REFUSED
    except Exception:
        sys.excepthook(*sys.exc_info())
        answer, code = "", _FAULT
    sys.stdout.buffer.write(answer.encode())
    sys.stdout.flush()
    os._exit(code)  # nothing is left to tidy up


def _read_marks(data: bytes) -> str:
    """Return the marks on the pages, and who signed and when as the file says (by pyHanko)."""
    import pypdf

    marks: set[str] = set()
    for page in pypdf.PdfReader(io.BytesIO(data)).pages[:MOST_PAGES]:
        marks |= set(_MARK.findall("".join(page.extract_text().split())))
    signed: list[str] = []
    try:
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError:  # an extra: without it, nobody signed
        found = []
    else:
        found = PdfFileReader(io.BytesIO(data), strict=False).embedded_regular_signatures
    for signature in found:
        names = signature.signer_cert.subject.native if signature.signer_cert else {}
        at = signature.self_reported_timestamp
        when = f", lúc {at:%H:%M ngày %d/%m/%Y}" if at else ""
        signed.append(f"{names.get('common_name', 'không rõ tên')}{when}")
    return json.dumps({"marks": sorted(marks), "signatures": signed})


MAX_UNPACKED = 80 * 1024 * 1024
MAX_MEMBERS = 2_000
MAX_GRIDS = 500  # tables or sheets of one file
TOO_BIG = (
    "Tệp «{name}» khi giải nén lớn quá {limit} MB. Hãy chỉ giữ trang tính cần nhập, "
    "xóa ảnh và định dạng thừa rồi lưu lại."
)
SAVE_AS = "Hãy mở bảng bằng Excel hoặc LibreOffice rồi lưu thành .xlsx."
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


def find_kind(data: bytes, name: str) -> str:
    """Return the kind of file, or refuse it with a sentence that says what it is."""
    for start, words in _STRANGERS:
        if data.startswith(start):
            raise ImportRejected(f"«{name}» là {words}, không phải bảng tính. {SAVE_AS}")
    if data.startswith(_ZIP):
        return _package_kind(data, name)
    if data.startswith(_OLE):
        return _compound_kind(data, name)
    start = data[:2000].removeprefix(b"\xef\xbb\xbf")
    start = start.replace(b"\x00", b"").lstrip(b"\xff\xfe \r\n\t").lower()
    is_other = start.startswith(_OTHER_MARKUP)
    if start.startswith(_PAGE_STARTS) or (is_other and b"<html" in start):
        return "html"
    if is_other:
        raise ImportRejected(
            f"«{name}» thật ra là trang web hoặc XML mang tên bảng tính. {SAVE_AS}"
        )
    return "text"


def _package_kind(data: bytes, name: str) -> str:
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
        return _office_kind(archive, frozenset(archive.namelist()), name)
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError, RuntimeError) as error:
        raise ImportRejected(CUT_FILE.format(name=name)) from error


def _office_kind(archive: zipfile.ZipFile, members: frozenset[str], name: str) -> str:
    for member, kind in (("xl/workbook.xml", "xlsx"), ("word/document.xml", "docx")):
        if member in members:
            return kind
    if "mimetype" in members and archive.read("mimetype").startswith(_ODS_TYPE):
        manifest = "META-INF/manifest.xml"
        if manifest in members and b"encryption-data" in archive.read(manifest):
            raise ImportRejected(LOCKED.format(name=name))
        if "content.xml" in members:
            return "ods"
    words = "tệp nén hoặc văn bản"
    if "xl/workbook.bin" in members:
        words = "bảng tính kiểu .xlsb"
    elif any(member.startswith("ppt/") for member in members):
        words = "bài trình chiếu"
    raise ImportRejected(f"«{name}» là {words}, không đọc được như bảng tính. {SAVE_AS}")


def _compound_kind(data: bytes, name: str) -> str:
    """Old Office files and locked new ones share one container; its entry names tell them apart."""

    def has(*entries: str) -> bool:
        return any(entry.encode("utf-16-le") in data for entry in entries)

    if has("EncryptedPackage"):
        raise ImportRejected(LOCKED.format(name=name))
    if has("WordDocument"):
        raise ImportRejected(
            f"«{name}» là văn bản Word kiểu cũ (.doc). Hãy lưu thành .docx rồi tải lên, "
            "hoặc chép bảng rồi dán vào ô «Dán bảng»."
        )
    if not has("Workbook", "Book"):
        raise ImportRejected(f"«{name}» không phải bảng tính Excel. {SAVE_AS}")
    return "xls"


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
    if kind == "xlsx":
        grids, notes = read_xlsx(data, name)
        blocks += grids
    elif kind == "text":
        rows, notes = read_separated(data, name)
        blocks.append(build_grid(rows))
    elif kind in ("xls", "ods"):
        blocks += (read_xls if kind == "xls" else read_ods)(data, name)
    else:
        blocks += (read_docx if kind == "docx" else read_page)(data, name)
    check_rectangle(name, len(blocks), 1)
    if sum(isinstance(block, Grid) for block in blocks) > MAX_GRIDS:
        raise ImportRejected(
            f"Tệp «{name}» có hơn {MAX_GRIDS} bảng. Hãy chép riêng các bảng cần nhập sang tệp mới."
        )
    if not any(block if isinstance(block, str) else block.rows for block in blocks):
        raise ImportRejected(f"Tệp «{name}» không có ô nào có dữ liệu.")
    return repair_document(Document(name, tuple(blocks), notes=notes))
