"""Our static files under names that carry their digest; the commune's color and emblem in one.

Knows nothing of pages.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, g, request, url_for
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.errors import RecordRefused
from cchc_public.paths import PACKAGE
from cchc_public.present.color import ACCENT, for_dark, mix
from cchc_public.state import get_state
from cchc_public.store.remembered import LOGO, find_picture

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
_TEXT = {".css", ".js", ".svg", ".json", ".txt"}


@dataclass(frozen=True)
class Asset:
    """One static file as it is sent: bytes, their gzip variant (text only), type, digest."""

    body: bytes
    gzipped: bytes | None
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
        # comments and blanks are for us; on a slow line they cost the reader
        body = _SQUEEZE.sub(rb"\1", _COMMENT.sub(b"", body)).strip()
    gzipped = gzip.compress(body, 9, mtime=0) if path.suffix in _TEXT else None
    mimetype = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, gzipped, mimetype, hashlib.sha256(body).hexdigest()[:12])


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
    g.cchc_uncached = True  # the page cache would keep an edited file under its plain name
    match = _HASHED.fullmatch(name)
    asset = find_asset(match["stem"] + match["suffix"] if match else name)
    if asset is None:
        abort(404)
    if match and match["digest"] != asset.digest:
        # a page kept elsewhere names the colors of before: the new ones are better than none
        if f"{match['stem']}{match['suffix']}" != SKINNED:
            abort(404)
        match = None
    # under its hashed name the page store keeps and packs it
    takes_gzip = not match and request.accept_encodings.quality("gzip") > 0
    use_gzip = asset.gzipped is not None and takes_gzip
    response = Response(asset.gzipped if use_gzip else asset.body, mimetype=asset.mimetype)
    lasting = "public, max-age=31536000, immutable" if match else "no-cache"
    response.headers.update(
        {"Cache-Control": lasting, "X-Content-Type-Options": "nosniff"}
        | ({"Content-Encoding": "gzip"} if use_gzip else {})
    )
    if asset.gzipped is not None:
        response.vary.add("Accept-Encoding")
    response.set_etag(asset.digest + ("-gz" if use_gzip else ""))
    response.make_conditional(request)
    return response


def register_assets(blueprint: Blueprint) -> None:
    """Add the route of the static files to ``blueprint`` (endpoint ``asset``)."""
    blueprint.add_url_rule("/_cchc/<path:name>", "asset", serve_asset)
