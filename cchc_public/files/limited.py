"""Reads what strangers made (tables, signed PDFs) in a child process of limited memory and time.

A fresh interpreter, never a fork: the server's threads may hold locks that a forked child would
wait for until the end of days. Bytes go in by its standard input, JSON comes out.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess  # noqa: S404 - our own interpreter on our own module
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from cchc_public.errors import ImportRejected
from cchc_public.files.grid import Document, document_from_json, document_to_json

MAX_BYTES = 20 * 1024 * 1024
MEMORY = 1_000_000_000  # address space of the child
CPU_SECONDS = 8
WALL_SECONDS = 15
CLIPBOARD = "nội dung dán"

MOST_PAGES = 300  # of a signed PDF

_TOO_HEAVY = (
    "Tệp «{name}» quá lớn hoặc quá rắc rối nên không đọc xong trong {seconds} giây. Hãy chép riêng "
    "bảng cần nhập sang một tệp mới rồi lưu lại."
)
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from cchc_public.files.limited import serve; serve(*sys.argv[2:])"
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
            from cchc_public.files.opening import open_document  # only weighs on the child

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
