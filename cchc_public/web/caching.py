"""Puts the page store before our blueprints, and before the whole app where nothing forbids it.

When the database fails public pages come from the snapshot, by the same code, and say so; where
there is none, a page that asks nobody, not even who reads.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.sansio.utils import host_is_trusted

from cchc_public import host
from cchc_public.config import OWN_FRAME
from cchc_public.i18n import _, address_language
from cchc_public.paths import PACKAGE, find_folder
from cchc_public.state import EXTENSION_KEY, State, get_state
from cchc_public.store.base import clock_text, utc_now
from cchc_public.web.page_store import (
    ALWAYS,
    FLIGHT_SECONDS,
    SNAPSHOT,
    Kept,
    Lifetime,
    PageKey,
    PageStore,
    build_page,
    drop_moment,
    find_standing_tag,
    is_unmigrated,
    kept_headers,
    make_tag,
    read_stamp,
)
from cchc_public.web.rendering import is_frame_live, render_alone, render_frame
from cchc_public.web.routes import set_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)
STORE_KEY = "cchc_store_first"
NEXT_DUE = "next-due"  # in the memory of an app: when the next approved report is published
OURS = "cchc.ours"  # in the environment of a request: the answer is one of ours
KEPT = "cchc.kept"  # in the environment of a request: the kept answer that still stands
NO_PAGE = "404"  # in place of a path: the one answer for addresses that no route knows
MOST_ASSET_BYTES = 200_000


def current_version(state: State) -> str:
    """Return what decides whether a kept page is current: publication and day."""
    store: PageStore = state.page_cache
    return store.version(store.clock.current(lambda: read_stamp(state)), _now(state).date())


def skip_page_cache() -> None:
    """Keep the present answer out of the page cache (it depends on more than its address)."""
    g.cchc_uncached = True


def changes_at(instant: datetime | None) -> None:
    """Say that the present answer is another one from ``instant`` on, before the next midnight.

    Views call it for whatever changes by itself: the desk opens or closes, a reception begins, a
    strip ends, a scheduled release appears. The earliest instant of all calls counts; no kept
    copy and no ``max-age`` outlives it. Midnight need not be told: every page changes then.
    """
    if instant is not None:
        known: datetime | None = g.get("cchc_changes_at")
        g.cchc_changes_at = min(known, instant) if known else instant


def attach_page_cache(blueprint: Blueprint) -> None:
    """Answer the GET requests of ``blueprint`` from kept bytes; keep what it renders anew."""
    blueprint.before_request(_answer_from_store)
    blueprint.after_request(_finish)

    @blueprint.teardown_request
    def close(_error: BaseException | None) -> None:
        """Let everybody go on who waits for this page, and give back the snapshot."""
        if not request.environ.get(KEPT):
            if (key := g.pop("cchc_flight", None)) is not None:
                get_state().page_cache.land(key)
            close_snapshot()


def find_last_good() -> Response | None:
    """Return the last good bytes of the requested page, however old; for when rendering fails."""
    page = get_state().page_cache.find_any(_request_key())
    return _send(drop_moment(page)) if page else None


def send_packed(response: Response) -> Response:
    """Send an answer that is not kept as small as kept ones: not every host packs what we send."""
    lifetime = Lifetime(fixed=response.headers["Cache-Control"])
    tag, headers = response.get_etag()[0] or "", list(response.headers)
    return _send(build_page("", headers, response.get_data(), tag=tag, lifetime=lifetime))


def keep_no_page(response: Response) -> None:
    """Keep what is answered to addresses that no route knows; it is the same for all."""
    state = get_state()
    page = build_page(
        current_version(state),
        list(response.headers),
        response.get_data(),
        lifetime=Lifetime(fixed=response.headers["Cache-Control"]),
        status=response.status,
    )
    state.page_cache.put(_request_key()._replace(path=NO_PAGE, query=""), page)


def edition(state: State) -> str:
    """Return a short digest of what all pages depend on besides data: program and settings."""
    if "edition" not in state.memory:
        files = chain(PACKAGE.rglob("*.py"), find_folder("templates").rglob("*.*"))
        changed = max(path.stat().st_mtime for path in files)
        told = repr((changed, dict(state.config), current_app.template_folder))
        state.memory["edition"] = hashlib.sha256(told.encode()).hexdigest()[:12]
    return str(state.memory["edition"])


def _now(state: State) -> datetime:
    return utc_now().astimezone(state.zone)


def _request_key() -> PageKey:
    state = get_state()
    return _page_key(request.environ, state, _frame_locale(state))


def _frame_locale(state: State) -> str:
    """Return the language that the host chose for this reader's frame; "" for one for all."""
    in_own_frame = state.config["BASE_TEMPLATE"] == OWN_FRAME
    return "" if in_own_frame else host.chosen_locale(current_app)


def _page_key(environ: WSGIEnvironment, state: State, frame_locale: str = "") -> PageKey:
    """Return what an answer depends on: language, where the app is mounted, path, query.

    Without an official address pages name the one they were asked under (QR codes do), so that
    belongs to the key: a stranger's ``Host`` must not reach the next reader.
    """
    # WSGI hands bytes over as latin-1; Flask's path is their UTF-8 reading
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    path, root = "/" + path.lstrip("/"), environ.get("SCRIPT_NAME", "").rstrip("/")
    if not state.config["CANONICAL_URL"]:
        root = f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{root}"
    language = address_language(path, state.config["URL_PREFIX"]) + frame_locale
    return PageKey(language, root, path, environ.get("QUERY_STRING", ""))


def _answer_from_store() -> Response | None:
    """Answer from kept bytes, or by the reader's own copy; else let one thread render."""
    if (kept := request.environ.get(KEPT)) is not None:
        return _send(kept)
    state = get_state()
    store: PageStore = state.page_cache
    if request.method not in ("GET", "HEAD") or not store.is_on:
        return None
    # read before rendering: bytes may be newer than their version, never older
    version = g.cchc_version = current_version(state)
    if version.startswith(SNAPSHOT):
        read_snapshot(state)
    key, now = _request_key(), _now(state)
    page = store.find(key, version, now)
    if page is None and (flight := store.take_off(key)) is not None:
        flight.wait(FLIGHT_SECONDS)
        page = store.find(key, version, now)
    elif page is None:
        g.cchc_flight = key
    if page is not None:
        return _send(page, key)
    given = request.headers.get("If-None-Match", "")
    if not given or is_frame_live(state):
        return None
    found = find_standing_tag(given, edition(state), key, version, now)
    if found is None:
        return None
    tag, until = found  # the reader's own copy still stands: nothing need be rendered
    lasting = Lifetime(state.config["PUBLIC_MAX_AGE"], until).header(now)
    headers = {"ETag": tag, "Cache-Control": lasting, "Vary": "Accept-Encoding"}
    return Response(status=304, headers=headers)


def _send(page: Kept, key: PageKey | None = None) -> Response:
    if page.fragment:
        g.cchc_finished = True
        return Response(render_frame(page.fragment), headers=page.headers)
    skip_page_cache()  # it is kept already, or never
    state, asked = get_state(), request.headers
    wanted = asked.get("Accept-Encoding", ""), asked.get("If-None-Match", "")
    status, headers, body = state.page_cache.answer(key, page, _now(state), *wanted)
    return Response(body, status, headers)


def _finish(response: Response) -> Response:
    """Give an answer its headers, and keep it where that is right."""
    request.environ[OURS] = True
    if "cchc_finished" in g:  # kept with all its headers
        return response if request.environ.get(KEPT) else refresh_afterwards(response)
    state = get_state()
    set_security_headers(response)
    if "cchc_snapshot" in g:
        response.headers["Cchc-Snapshot"] = state.page_cache.snapshot.written_at.isoformat()
    until = min(filter(None, (g.get("cchc_changes_at"), state.memory.get(NEXT_DUE))), default=None)
    said = response.headers.get("Cache-Control", "")
    if not said and response.status_code == 200 and g.get("cchc_live_frame"):
        said = "private, no-cache"  # a page in a host's frame is for one reader
    elif not said and (response.status_code != 200 or request.method not in ("GET", "HEAD")):
        said = "no-store"
    lifetime = Lifetime(state.config["PUBLIC_MAX_AGE"], until, said)
    response.headers["Cache-Control"] = lifetime.header(_now(state))
    if _frame_locale(state) and "immutable" not in response.headers["Cache-Control"]:
        # a shared cache must not show a frame in one reader's language to the next
        response.vary.update(("Accept-Language", "Cookie"))
    return refresh_afterwards(_keep(response, lifetime))


def _keep(response: Response, lifetime: Lifetime) -> Response:
    """Keep an answer for the next reader, and send it as that one will get it."""
    state = get_state()
    lasting = response.headers["Cache-Control"]
    if response.status_code != 200 or request.method != "GET":
        return response
    # a file whose address changes whenever its bytes do
    is_asset = "immutable" in lasting and (response.content_length or 0) <= MOST_ASSET_BYTES
    version, tag, key = ALWAYS, response.get_etag()[0] or "", _request_key()
    if not is_asset:
        if "immutable" in lasting or not _may_keep(response):
            return response
        if g.get("cchc_live_frame"):
            if fragment := g.get("cchc_fragment"):
                dated = (*kept_headers(list(response.headers)), ("Cache-Control", lasting))
                kept = Kept(g.cchc_version, dated, lifetime, fragment=fragment)
                state.page_cache.put(key, kept)
            return response
        response.vary.add("Accept-Encoding")
        version = g.cchc_version
        tag = make_tag(edition(state), key, version, lifetime.changes_at)
    headers = list(response.headers)
    page = build_page(version, headers, response.get_data(), tag=tag, lifetime=lifetime)
    state.page_cache.put(key, page)
    return _send(page, key)


def _may_keep(response: Response) -> bool:
    """Tell whether a page is the same for the next reader."""
    return (
        "cchc_version" in g
        and "cchc_uncached" not in g
        and not response.is_streamed
        and not response.direct_passthrough
        and "Set-Cookie" not in response.headers
        and "Content-Encoding" not in response.headers  # it is packed already
        and "no-store" not in response.headers.get("Cache-Control", "")
        and not (get_state().config["FRAME_IS_PUBLIC"] and session.modified)
    )


def _without_cookies(environ: WSGIEnvironment, start_response: StartResponse) -> StartResponse:
    """Let no shared cache hand one reader's cookie to the next: a host sets it after our hooks."""

    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        if environ.get(OURS) and any(name.lower() == "set-cookie" for name, _value in headers):
            headers = [
                (name, _of_one_reader(value) if name == "Cache-Control" else value)
                for name, value in headers
            ]
        return start_response(status, headers, *error)

    return start


def _of_one_reader(said: str) -> str:
    """Say besides that no shared cache may keep it, be it only to ask whether it still stands."""
    is_said = "private" in said or "no-store" in said
    return said if is_said else f"private, {said.removeprefix('public, ')}"


class StoreFirst:
    """WSGI layer: finds the kept answer, and sends it before Flask wakes up where that is right.

    The stand-alone site always does. In a host it does so while the frame of public pages is ours
    or the same for all, and no hook of the host's looks at every request or answer: whoever asks
    for a password, counts readers or sets headers there must go on doing so. Elsewhere our own
    hook sends what was found.
    """

    def __init__(self, wsgi_app: WSGIApplication, app: Flask) -> None:
        """Stand before ``wsgi_app``, which is (part of) the stack of ``app``."""
        self._wsgi_app = wsgi_app
        self._app = app
        self._is_site = host.is_site(app)
        self._is_free: bool | None = None  # known once the app has begun to answer
        # what stands between (a proxy fix) may change the address before Flask sees it
        is_own = getattr(wsgi_app, "__func__", None) is Flask.wsgi_app
        self._is_blind = not (self._is_site or is_own)
        app.extensions[STORE_KEY] = self
        self._routes = app.url_map.bind("localhost")

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from kept bytes, else pass on."""
        key, page = (None, None) if self._is_blind else self._find(environ)
        if page is None or page.fragment or not self._is_free:
            environ[KEPT] = page
            return self._wsgi_app(environ, _without_cookies(environ, start_response))
        state: State = self._app.extensions[EXTENSION_KEY]
        wanted = environ.get("HTTP_ACCEPT_ENCODING", ""), environ.get("HTTP_IF_NONE_MATCH", "")
        status, headers, body = state.page_cache.answer(key, page, _now(state), *wanted)
        if self._is_site and environ["wsgi.url_scheme"] == "https":
            headers.append(("Strict-Transport-Security", "max-age=31536000"))
        start_response(status, headers)
        return [body] if body and environ["REQUEST_METHOD"] != "HEAD" else []

    def _may_look(self, environ: WSGIEnvironment, state: State) -> bool:
        app = self._app
        if self._is_free is None:
            # hooks may be added until the first request: that one Flask answers itself
            if not app._got_first_request:  # noqa: SLF001 - no public way to ask
                return False
            in_own_frame = state.config["BASE_TEMPLATE"] == OWN_FRAME
            has_many_hosts = app.subdomain_matching or app.url_map.host_matching
            self._is_blind = has_many_hosts or not (in_own_frame or not host.chooses_locale(app))
            self._is_free = self._is_site or not (is_frame_live(state) or host.has_hooks(app))
        trusted = app.config["TRUSTED_HOSTS"]
        is_trusted = not trusted or host_is_trusted(environ.get("HTTP_HOST", ""), trusted)
        return is_trusted and not self._is_blind

    def _find(self, environ: WSGIEnvironment) -> tuple[PageKey | None, Kept | None]:
        state: State | None = self._app.extensions.get(EXTENSION_KEY)
        is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD")
        if state is None or not is_read or not self._may_look(environ, state):
            return None, None
        store: PageStore = state.page_cache
        key = _page_key(environ, state)
        page = store.find_any(key)
        if page is None and self._is_free:
            path, key = key.path, key._replace(path=NO_PAGE, query="")
            page = store.find_any(key)
            if page is None or not self._is_nowhere(path):
                return None, None
        if page is None or page.version == ALWAYS:
            return key, page
        now = _now(state)
        version = store.version(store.clock.current(lambda: self._look(state)), now.date())
        is_over = page.version != version or page.lifetime.ends_by(now)
        # a frame around a page of the snapshot says so: that needs a look at the snapshot
        needs_look = page.fragment and store.clock.is_blind
        return key, None if is_over or needs_look else page

    def _is_nowhere(self, path: str) -> bool:
        """Tell whether no route knows the path."""
        if "\0" in path:
            return False
        try:
            self._routes.match(path, method="GET")
        except HTTPException as refusal:
            return isinstance(refusal, NotFound)
        return False

    def _look(self, state: State) -> str:
        with self._app.app_context():
            return read_stamp(state)


def describe_outage(error: Exception) -> tuple[str, str]:
    """Return heading and advice for readers while the database cannot serve."""
    if is_unmigrated(error):
        return _("Trang chưa cài đặt xong"), _(
            "Xin quay lại sau. Người quản trị: hãy tạo bảng bằng lệnh cchc db upgrade "
            "(trong trang chủ: flask cchc db upgrade)."
        )
    advice = _("Số liệu đã công bố không mất. Xin thử lại sau ít phút.")
    return _("Trang tạm thời chưa mở được"), advice


def outage_page(
    title: str, advice: str, *, fields: Sequence[tuple[str, str]] = (), has_files: bool = False
) -> str:
    """Return the page that says so; with ``fields`` a button sends them once more.

    It stands in our own frame everywhere: a host's frame may ask who is signed in.
    """
    told = {"title": title, "advice": advice, "fields": fields, "has_files": has_files}
    return render_alone("cchc/errors/outage.html", **told)


def read_snapshot(state: State) -> None:
    """Let the present request read the snapshot in the database's place."""
    if "cchc_snapshot" not in g:
        g.cchc_snapshot = state.page_cache.snapshot.open()
        state.office_settings.forget()


def close_snapshot() -> None:
    """Give back what the request read."""
    if (opened := g.pop("cchc_snapshot", None)) is not None:
        opened.close()


def render_from_snapshot(error: Exception) -> Response | None:
    """Answer the present request anew from the snapshot; None when that cannot be."""
    state = get_state()
    store: PageStore = state.page_cache
    is_gone = isinstance(error, SQLAlchemyError | OSError) and "cchc_snapshot" not in g
    if not is_gone or not store.snapshot.stamp or request.endpoint is None:
        return None
    log.warning("answering %s from the snapshot: %s", request.path, error)
    store.clock.lose_sight()
    with suppress(SQLAlchemyError):
        state.session.rollback()
    read_snapshot(state)
    g.cchc_version = store.version("", _now(state).date())
    view = current_app.ensure_sync(current_app.view_functions[request.endpoint])
    try:
        answer = view(**(request.view_args or {}))
    except HTTPException as refusal:
        answer = current_app.handle_user_exception(refusal)
    except (SQLAlchemyError, OSError):
        log.exception("the snapshot fails too")
        return None
    return current_app.make_response(answer)


def refresh_snapshot(app: Flask) -> None:
    """Bring the snapshot up to what is public now; the database being gone is no failure."""
    state: State = app.extensions[EXTENSION_KEY]
    snapshot = state.page_cache.snapshot
    with app.app_context(), suppress(SQLAlchemyError, OSError):
        stamp = read_stamp(state)
        if stamp != snapshot.stamp:
            with state.engine.connect() as connection:
                snapshot.write(connection, stamp)


def refresh_afterwards(response: Response) -> Response:
    """Bring the snapshot up to date once the reader has the answer."""
    state = get_state()
    store: PageStore = state.page_cache
    if "cchc_snapshot" in g or store.clock.is_blind or store.snapshot.file is None:
        return response
    if store.clock.current(lambda: read_stamp(state)) != store.snapshot.stamp:
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        response.call_on_close(lambda: refresh_snapshot(app))
    return response


def snapshot_notice() -> str:
    """Return the words on a page that was made without the database, else nothing."""
    if "cchc_snapshot" not in g:
        return ""
    return _(
        "Cơ sở dữ liệu tạm thời không trả lời. Đây là nội dung công khai đã lưu lúc %(time)s.",
        time=clock_text(get_state().page_cache.snapshot.written_at),
    )
