"""Serves our static files under names that carry their digest; knows nothing of pages."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, g, request, url_for

from cchc_public.paths import PACKAGE
from cchc_public.state import get_state
from cchc_public.web.skin import find_skin

FOLDER = PACKAGE / "static"
ENDPOINT = "cchc.asset"
SKINNED = "cchc.css"  # ends with the commune's own color and emblem
_HASHED = re.compile(r"(?P<stem>.+)\.(?P<digest>[0-9a-f]{12})(?P<suffix>\.[a-z0-9]+)")
_COMMENT = re.compile(rb"/\*.*?\*/", re.S)
_DARK = re.compile(rb"@media \(prefers-color-scheme: ?dark\)")
_SQUEEZE = re.compile(rb"\s*\n\s*")
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
        # comments are for us; on a slow line they cost the reader
        body = _SQUEEZE.sub(b"\n", _COMMENT.sub(b"", body)).strip()
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
    if use_gzip:
        response.headers["Content-Encoding"] = "gzip"
    if asset.gzipped is not None:
        response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if match else "no-cache"
    )
    response.set_etag(asset.digest + ("-gz" if use_gzip else ""))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.make_conditional(request)
    return response


def register_assets(blueprint: Blueprint) -> None:
    """Add the route of the static files to ``blueprint`` (endpoint ``asset``)."""
    blueprint.add_url_rule("/_cchc/<path:name>", "asset", serve_asset)
