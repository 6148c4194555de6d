"""Reads a signed PDF in a limited process: the marks of our figures on it, who signed it."""

from __future__ import annotations

import io
import json
import re
import subprocess  # noqa: S404 - our own interpreter on our own module
import sys
from dataclasses import dataclass

from cchc_public.errors import ImportRejected
from cchc_public.files.limited import limit_process

SECONDS = 20
MOST_PAGES = 300
_MARK = re.compile(r"Mãkiểmtra([0-9a-f]{12})")
_START = "import sys; sys.path[:] = %r; from cchc_public.files.signed import serve; serve()"


@dataclass(frozen=True)
class SignedPdf:
    """A copy with what could be read of it; a scan carries no mark that a program reads."""

    body: bytes
    name: str = ""
    marks: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()  # as the file itself says; nobody verified them


def read_signed(body: bytes, name: str = "") -> SignedPdf:
    """Return the copy and what it says; ImportRejected for what is no PDF."""
    if not body.startswith(b"%PDF-"):
        raise ImportRejected("Bản đã ký phải là tệp PDF.")
    try:
        done = subprocess.run(  # noqa: S603 - no word of it comes from outside
            [sys.executable, "-c", _START % (sys.path,)],
            input=body,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
        said = json.loads(done.stdout) if done.returncode == 0 else {}
    except (subprocess.TimeoutExpired, ValueError):
        said = {}
    return SignedPdf(body, name, tuple(said.get("marks", ())), tuple(said.get("signatures", ())))


def serve() -> None:
    """Be the child: read a PDF from the standard input, answer JSON."""
    import pypdf

    limit_process()
    data = sys.stdin.buffer.read()
    marks: set[str] = set()
    for page in pypdf.PdfReader(io.BytesIO(data)).pages[:MOST_PAGES]:
        marks |= set(_MARK.findall("".join(page.extract_text().split())))
    answer = {"marks": sorted(marks), "signatures": list_signatures(data)}
    sys.stdout.write(json.dumps(answer))


def list_signatures(data: bytes) -> list[str]:
    """Return who signed and when, as the file itself says; empty without the extra pyHanko."""
    try:
        from pyhanko.pdf_utils.reader import PdfFileReader
    except ImportError:
        return []
    found = []
    for signature in PdfFileReader(io.BytesIO(data), strict=False).embedded_regular_signatures:
        names = signature.signer_cert.subject.native if signature.signer_cert else {}
        at = signature.self_reported_timestamp
        when = f", lúc {at:%H:%M ngày %d/%m/%Y}" if at else ""
        found.append(f"{names.get('common_name', 'không rõ tên')}{when}")
    return found
