"""Files as they are sent: static ones under names that carry their digest, papers made once.

One style sheet holds the commune's color and emblem. Papers are kept on disk by a key that changes
with their content.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import mimetypes
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock

from flask import Response, abort, current_app, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.errors import CchcError, RecordRefused
from cchc_public.exports.pdf import layout_stamp, report_pdf
from cchc_public.paths import PACKAGE
from cchc_public.present.color import ACCENT, for_dark, mix
from cchc_public.releases.published import PublishedRelease
from cchc_public.state import get_state
from cchc_public.store.remembered import LOGO, find_picture
from cchc_public.web.caching import send_packed, skip_page_cache
from cchc_public.web.routes import file_answer

log = logging.getLogger(__name__)
LOGO_TYPES = {"PNG", "JPEG", "WEBP"}
LOGO_UPLOAD_BYTES = 400_000
LOGO_PIXELS = 4_000_000  # of the file that is sent: a small file may unfold to a huge picture
LOGO_SIDE = 96
LOGO_BYTES = 3_000  # as shown: every reader loads it with the style sheet


def find_skin() -> str:
    """Return the rules of this site; empty when it looks as we deliver it."""
    state = get_state()
    accent, digest = state.config["ACCENT_COLOR"], state.office_settings().get(LOGO)
    key = f"skin {accent} {digest}"
    if key not in state.memory:
        try:
            picture = find_picture(state.session, digest) if digest else None
        except SQLAlchemyError:
            state.session.rollback()
            return accent_rules(accent)
        state.memory[key] = accent_rules(accent)
        if picture:  # the emblem before the name costs no further request
            state.memory[key] += (
                "\n.cchc .cchc-brand{padding-left:3.5rem;background:"
                f"url({picture_address(*picture)}) no-repeat left center/2.75rem}}"
            )
    skin: str = state.memory[key]
    return skin


def accent_rules(accent: str) -> str:
    """Return the custom properties of an accent, for light and for dark."""
    if accent == ACCENT:
        return ""
    dark = for_dark(accent)
    strong = mix(accent, "#000000", 0.25), mix(dark, "#ffffff", 0.3)
    light_rule = f"--cchc-accent:{accent};--cchc-accent-strong:{strong[0]}"
    dark_rule = f"--cchc-accent:{dark};--cchc-accent-strong:{strong[1]}"
    return (
        f"\n.cchc{{{light_rule}}}\n@media (prefers-color-scheme:dark){{"
        f".cchc:not(.cchc-light){{{dark_rule}}}}}"
    )


def picture_address(mimetype: str, body: bytes) -> str:
    """Return a ``data:`` address: the policy of our pages lets pictures stand in them."""
    return f"data:{mimetype};base64,{base64.b64encode(body).decode()}"


def read_logo(data: bytes) -> tuple[str, str, bytes]:
    """Return digest, type and bytes of an uploaded emblem, drawn anew in a size for all readers.

    Drawing anew leaves behind whatever else the file carried. RecordRefused says what is wrong.
    """
    from PIL import Image, UnidentifiedImageError  # only who uploads waits for it

    if len(data) > LOGO_UPLOAD_BYTES:
        raise RecordRefused("Tệp biểu trưng lớn quá 400 KB. Hãy chọn tệp nhỏ hơn.")
    try:
        with Image.open(io.BytesIO(data), formats=sorted(LOGO_TYPES)) as picture:
            if picture.width * picture.height > LOGO_PIXELS:
                raise RecordRefused(
                    f"Ảnh {picture.width} × {picture.height} điểm lớn quá. Hãy thu nhỏ còn khoảng "
                    "500 × 500 điểm rồi tải lại."
                )
            drawn = picture.convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise RecordRefused(
            "Không đọc được tệp này như một ảnh. Biểu trưng là tệp PNG, JPEG hoặc WebP."
        ) from error
    drawn.thumbnail((LOGO_SIDE, LOGO_SIDE))
    for quality in (90, 75, 60, 45, 30, 15, 5):
        target = io.BytesIO()
        drawn.save(target, "WEBP", quality=quality, method=6)
        if target.tell() <= LOGO_BYTES:
            body = target.getvalue()
            return hashlib.sha256(body).hexdigest(), "image/webp", body
    raise RecordRefused("Ảnh có quá nhiều chi tiết nhỏ. Hãy chọn biểu trưng đơn giản hơn.")


FOLDER = PACKAGE / "static"
ENDPOINT = "cchc.asset"
SKINNED = "cchc.css"  # ends with the commune's own color and emblem
_HASHED = re.compile(r"(?P<stem>.+)\.(?P<digest>[0-9a-f]{12})(?P<suffix>\.[a-z0-9]+)")
_COMMENT = re.compile(rb"/\*.*?\*/", re.S)
_DARK = re.compile(rb"@media \(prefers-color-scheme: ?dark\)")
_SQUEEZE = re.compile(rb"\s*([{};,])\s*|(?<=:)\s+")


@dataclass(frozen=True)
class Asset:
    """One static file as it is sent: bytes, type, digest."""

    body: bytes
    mimetype: str
    digest: str


def find_asset(name: str) -> Asset | None:
    """Return the file ``name`` below our static folder, None when there is none."""
    try:
        path = (FOLDER / name).resolve()
        if not path.is_relative_to(FOLDER) or not path.is_file():
            return None
    except (ValueError, OSError):  # a name that no file can have
        return None
    # mtime in the key: an edited stylesheet shows at once while developing
    changed = path.stat().st_mtime_ns
    if name != SKINNED:
        return _load(path, changed)
    return _load(path, changed, find_skin(), get_state().config["COLOR_SCHEME"] == "dark")


@lru_cache(maxsize=64)
def _load(path: Path, _changed: int, skin: str = "", is_dark: bool = False) -> Asset:
    body = path.read_bytes() + skin.encode()
    if is_dark:  # for everybody, whatever the reader's device says
        body = _DARK.sub(b"@media all", body)
    if path.suffix == ".css":
        body = squeeze(body)
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, mimetype, hashlib.sha256(body).hexdigest()[:12])


def squeeze(sheet: bytes) -> bytes:
    """Return a style sheet without comments and blanks: on a slow line they cost the reader."""
    return _SQUEEZE.sub(rb"\1", _COMMENT.sub(b"", sheet)).strip()


def cchc_static(name: str) -> str:
    """Return the address of a static file; it changes whenever the file does."""
    # ``cchc.0123456789ab.css`` for ``cchc.css``; raise ``FileNotFoundError`` if unknown
    asset = find_asset(name)
    if asset is None:
        raise FileNotFoundError(f"cchc_public has no static file {name!r}")
    stem, dot, suffix = name.rpartition(".")
    return url_for(ENDPOINT, name=f"{stem}.{asset.digest}{dot}{suffix}")


def serve_asset(name: str) -> Response:
    """Send a static file: immutable under its hashed name, uncached under the plain one."""
    match = _HASHED.fullmatch(name)
    asset = find_asset(match["stem"] + match["suffix"] if match else name) or abort(404)
    if match and match["digest"] != asset.digest:
        # a page kept elsewhere names the colors of before: the new ones are better than none
        if f"{match['stem']}{match['suffix']}" != SKINNED:
            abort(404)
        match = None
    response = Response(asset.body, mimetype=asset.mimetype)
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if match else "no-cache"
    )
    response.vary.add("Accept-Encoding")
    response.set_etag(asset.digest)
    if not match:  # kept, an edited file would not show under its plain name
        return send_packed(response)
    response.make_conditional(request)
    return response


_CACHE, _STAMP = "pdf-cache", "pdf-layout-stamp"
MOST_FILES = 2000
MOST_BYTES = 200_000_000
# different files: one is made, the others wait; whoever wants yet another is told to come back
MOST_WANTED = 4
# how a whole file begins and ends, by its kind
_MARKS = {"pdf": (b"%PDF-", b"%%EOF"), "docx": (b"PK\x03\x04", b"PK\x05\x06")}


def make_report(release: PublishedRelease, kind: str, *, is_draft: bool = False) -> bytes:
    """Return the paper of a release as ``pdf`` or ``docx``."""
    zone = get_state().zone
    if kind == "pdf":  # the app's templates: a host can lay its own letterhead over ours
        return report_pdf(release, environment=current_app.jinja_env, zone=zone, is_draft=is_draft)
    from cchc_public.exports.report_docx import report_docx  # only who asks waits for it

    return report_docx(release, zone=zone, is_draft=is_draft)


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
    response = file_answer(filename)
    response.set_etag(hashlib.sha256(full_key.encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = f"public, max-age={state.config['PUBLIC_MAX_AGE']}"
    # The pages' policy forbids plug-ins, which is what some browsers show a PDF with.
    response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    if not request.if_none_match.contains(response.get_etag()[0] or ""):
        # this app's folder of PDFs: ``CCHC_PDF_CACHE_DIR``, else ``pdf`` beside its data
        folder = state.config["PDF_CACHE_DIR"] or Path(current_app.instance_path) / "pdf"
        cache: PdfCache = state.memory.setdefault(_CACHE, PdfCache(Path(folder)))
        response.data = cache.get_or_make(full_key, make, kind)
    response.make_conditional(request)
    return response


class PdfBusy(CchcError):
    """Too many wait for a PDF to be made; each would keep a thread from everybody's pages."""


class PdfCache:
    """A bounded folder of PDFs; without a usable folder everything still works, only slower."""

    def __init__(self, folder: Path) -> None:
        """Use ``folder``, made when first needed."""
        self.folder = folder
        self._making = Lock()
        self._counting = Lock()
        self._wanted: list[Path] = []  # each as often as somebody waits for it

    def get_or_make(self, key: str, make: Callable[[], bytes], kind: str = "pdf") -> bytes:
        """Return the paper kept under ``key``, else make and keep it; made once by many at a time.

        Raises PdfBusy when too many others wait for theirs.
        """
        path = self.folder / f"{hashlib.sha256(key.encode()).hexdigest()}.{kind}"
        if (kept := _read(path)) is not None:
            return kept
        with self._counting:
            if path not in self._wanted and len(set(self._wanted)) >= MOST_WANTED:
                raise PdfBusy("Đang tạo tệp PDF cho người khác. Xin thử lại sau ít giây.")
            self._wanted.append(path)
        try:
            # One at a time: the renderer is serial anyway, and the second gets the first's file.
            with self._making:
                if (kept := _read(path)) is None:
                    kept = make()
                    self._keep(path, kept)
                return kept
        finally:
            with self._counting:
                self._wanted.remove(path)

    def _keep(self, path: Path, data: bytes) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # write beside and rename: a reader sees the whole file or none
            draft = path.with_name(f".{path.stem}.{os.getpid()}.part")
            try:
                draft.write_bytes(data)
                draft.replace(path)
            finally:
                draft.unlink(missing_ok=True)
            found = [(entry.stat(), Path(entry.path)) for entry in os.scandir(self.folder)]
            found.sort(key=lambda item: item[0].st_mtime_ns, reverse=True)
            total = 0
            for position, (status, old) in enumerate(found, start=1):
                total += status.st_size
                if position > MOST_FILES or total > MOST_BYTES:
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
