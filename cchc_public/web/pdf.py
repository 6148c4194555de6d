"""Sends papers that are made once: kept on disk by a key that changes with their content."""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from flask import Response, current_app, request

from cchc_public.errors import CchcError
from cchc_public.exports.pdf import layout_stamp
from cchc_public.state import get_state
from cchc_public.web.caching import skip_page_cache

log = logging.getLogger(__name__)

_CACHE, _STAMP = "pdf-cache", "pdf-layout-stamp"
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
MOST_FILES = 2000
MOST_BYTES = 200_000_000
# different files: one is made, the others wait; whoever wants yet another is told to come back
MOST_WANTED = 4
# how a whole file begins and ends, by its kind
_MARKS = {"pdf": (b"%PDF-", b"%%EOF"), "docx": (b"PK\x03\x04", b"PK\x05\x06")}


def send_paper(key: str, filename: str, make: Callable[[], bytes]) -> Response:
    """Send the paper kept under ``key`` and the present layout; call ``make`` when there is none.

    Its kind is the ending of ``filename``. ``key`` must change with everything that is printed.
    A reader who has the file is told so without reading it again.
    """
    state = get_state()
    if _STAMP not in state.memory:
        state.memory[_STAMP] = layout_stamp(current_app.jinja_env)
    full_key = f"{key} {state.memory[_STAMP]}"
    skip_page_cache()  # it is kept on disk; a hundred of them would push the pages out of memory
    kind = filename.rpartition(".")[2]
    response = Response(mimetype=TYPES[kind])
    response.set_etag(hashlib.sha256(full_key.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = f"public, max-age={get_state().config['PUBLIC_MAX_AGE']}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    # The pages' policy forbids plug-ins, which is what some browsers show a PDF with.
    response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    placing = "inline" if kind == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{placing}; filename="{filename}"'
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        # this app's folder of PDFs: ``CCHC_PDF_CACHE_DIR``, else ``pdf`` beside its data
        if _CACHE not in state.memory:
            folder = state.config["PDF_CACHE_DIR"] or Path(current_app.instance_path) / "pdf"
            state.memory[_CACHE] = PdfCache(Path(folder))
        cache: PdfCache = state.memory[_CACHE]
        response.data = cache.get_or_make(full_key, make, kind)
    response.make_conditional(request)
    return response


class PdfBusy(CchcError):
    """Too many wait for a PDF to be made; each would keep a thread from everybody's pages."""


class PdfCache:
    """A bounded folder of PDFs; without a usable folder everything still works, only slower."""

    def __init__(
        self, folder: Path, most_files: int = MOST_FILES, most_bytes: int = MOST_BYTES
    ) -> None:
        """Use ``folder``, made when first needed."""
        self.folder = folder
        self._most_files = most_files
        self._most_bytes = most_bytes
        self._making = Lock()
        self._counting = Lock()
        self._wanted: Counter[Path] = Counter()

    def get_or_make(self, key: str, make: Callable[[], bytes], kind: str = "pdf") -> bytes:
        """Return the paper kept under ``key``, else make and keep it; made once by many at a time.

        Raises PdfBusy when too many others wait for theirs.
        """
        path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.{kind}"
        if (kept := _read(path)) is not None:
            return kept
        with self._counting:
            if path not in self._wanted and len(self._wanted) >= MOST_WANTED:
                raise PdfBusy("Đang tạo tệp PDF cho người khác. Xin thử lại sau ít giây.")
            self._wanted[path] += 1
        try:
            # One at a time: the renderer is serial anyway, and the second gets the first's file.
            with self._making:
                if (kept := _read(path)) is None:
                    kept = make()
                    self._keep(path, kept)
                return kept
        finally:
            with self._counting:
                self._wanted[path] -= 1
                self._wanted += Counter()  # forgets what nobody wants any more

    def _keep(self, path: Path, data: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # write beside and rename: a reader sees the whole file or none
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(data)
                os.replace(name, path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
            found = [(entry.stat(), Path(entry.path)) for entry in os.scandir(self.folder)]
            found.sort(key=lambda item: item[0].st_mtime_ns, reverse=True)
            total = 0
            for position, (status, old) in enumerate(found, start=1):
                total += status.st_size
                if position > self._most_files or total > self._most_bytes:
                    old.unlink(missing_ok=True)
        except OSError as error:  # full disk, no permission: the reader still gets the file
            log.warning("cannot keep PDF in %s: %s", self.folder, error)


def _read(path: Path) -> bytes | None:
    """Return a kept file that is whole; a cut one (power failure) is as good as none."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head, tail = _MARKS[path.suffix[1:]]
    return data if data.startswith(head) and tail in data[-32:] else None
