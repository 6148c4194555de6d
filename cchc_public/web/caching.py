"""Puts the page cache before our blueprints (plugin) or before the whole app (stand-alone site)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, current_app, g, request, session
from flask_babel import get_locale

from cchc_public import host
from cchc_public.releases.reading import publication_stamp
from cchc_public.state import EXTENSION_KEY, State, get_state
from cchc_public.store import clock
from cchc_public.store.settings import settings_stamp
from cchc_public.web.cache import (
    CachedFragment,
    CachedPage,
    Kept,
    PageCache,
    PageKey,
    build_page,
    kept_headers,
)
from cchc_public.web.framing import render_frame
from cchc_public.web.headers import set_public_lifetime, set_security_headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT_LOCALE = "vi"
_NO_GZIP = re.compile(r"gzip\s*;\s*q=0(\.0*)?\s*(,|$)")


def today(state: State) -> date:
    """Return the day at the commune; a page's late notice changes with it."""
    return clock.today()


def read_stamp(state: State) -> str:
    """Return a text that changes whenever something public was published or set."""
    session = state.session
    try:
        return "|".join(
            [
                publication_stamp(session),
                settings_stamp(session),
                *(read(session) for read in state.page_cache.stamps),
            ]
        )
    except Exception:
        session.rollback()  # leave the host's session usable
        raise


def current_version(state: State) -> str:
    """Return what decides whether a kept page is current: publication and day."""
    cache: PageCache = state.page_cache
    return f"{cache.clock.current(lambda: read_stamp(state))}|{today(state)}"


def skip_page_cache() -> None:
    """Keep the present answer out of the page cache (it depends on more than its address)."""
    g.cchc_uncached = True


def attach_page_cache(blueprint: Blueprint) -> None:
    """Answer the GET requests of ``blueprint`` from kept bytes; keep what it renders anew."""
    blueprint.before_request(_answer_from_cache)
    blueprint.after_request(_finish)


def find_last_good() -> Response | None:
    """Return the last good bytes of the requested page, however old; for when rendering fails."""
    page = get_state().page_cache.find_any(_request_key())
    return _send(page) if page else None


def _request_key() -> PageKey:
    return PageKey(
        _locale(),
        _mount(request.environ, get_state()),
        request.path,
        request.query_string.decode("latin-1"),
    )


def _locale() -> str:
    if host.chooses_locale(current_app):
        return str(get_locale() or DEFAULT_LOCALE)
    memory = get_state().memory
    if "locale" not in memory:  # one for all requests
        memory["locale"] = str(get_locale() or DEFAULT_LOCALE)
    return str(memory["locale"])


def _mount(environ: WSGIEnvironment, state: State) -> str:
    """Return where the app is mounted.

    Without an official address pages name the one they were asked under (QR codes do), so that
    belongs to the key: a stranger's ``Host`` must not reach the next reader.
    """
    root: str = environ.get("SCRIPT_NAME", "").rstrip("/")
    if state.config["CANONICAL_URL"]:
        return root
    return f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{root}"


def _answer_from_cache() -> Response | None:
    state = get_state()
    if request.method not in ("GET", "HEAD") or not state.page_cache.is_on:
        return None
    # read before rendering: bytes may be newer than their version, never older
    g.cchc_version = current_version(state)
    page = state.page_cache.find(_request_key(), g.cchc_version)
    return _send(page) if page else None


def _send(page: Kept) -> Response:
    g.cchc_uncached = True  # it is kept already
    if isinstance(page, CachedFragment):
        g.cchc_finished = True
        return Response(render_frame(page.fragment), headers=list(page.headers))
    use_gzip = request.accept_encodings.quality("gzip") > 0
    headers, body = page.variant(use_gzip=use_gzip)
    if page.matches(request.headers.get("If-None-Match", "")):
        return Response(status=304, headers=_without_content(headers))
    return Response(body, headers=headers)


def _without_content(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if not name.startswith("Content-")]


def _finish(response: Response) -> Response:
    if "cchc_finished" in g:
        return response  # kept with all its headers
    set_security_headers(response)
    set_public_lifetime(response)
    if host.chooses_locale(current_app) and "immutable" not in response.headers["Cache-Control"]:
        # a shared cache must not show one reader's language to the next
        response.vary.update(("Accept-Language", "Cookie"))
    if not _may_keep(response):
        return response
    if g.get("cchc_live_frame"):
        if fragment := g.get("cchc_fragment"):
            _keep(CachedFragment(g.cchc_version, kept_headers(list(response.headers)), fragment))
        return response
    response.vary.add("Accept-Encoding")
    page = build_page(g.cchc_version, list(response.headers), response.get_data())
    _keep(page)
    return _send(page)


def _keep(page: Kept) -> None:
    get_state().page_cache.put(_request_key(), page)


def _may_keep(response: Response) -> bool:
    return (
        response.status_code == 200
        and request.method == "GET"
        and "cchc_version" in g
        and "cchc_uncached" not in g
        and not response.is_streamed
        and not response.direct_passthrough
        and "Set-Cookie" not in response.headers
        and "Content-Encoding" not in response.headers  # an asset compressed itself already
        and "no-store" not in response.headers.get("Cache-Control", "")
        and not (get_state().config["FRAME_IS_PUBLIC"] and session.modified)
    )


class CacheFirst:
    """WSGI layer of the stand-alone site: kept pages are answered before Flask wakes up.

    ``locale_of`` names the language of a request when the site has more than one.
    """

    def __init__(
        self,
        wsgi_app: WSGIApplication,
        app: Flask,
        locale_of: Callable[[WSGIEnvironment], str] = lambda _environ: DEFAULT_LOCALE,
    ) -> None:
        """Stand before ``wsgi_app``, which is (part of) the stack of ``app``."""
        self._wsgi_app = wsgi_app
        self._app = app
        self._locale_of = locale_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer from kept bytes, else pass on."""
        page = self._find(environ) if environ["REQUEST_METHOD"] in ("GET", "HEAD") else None
        if not isinstance(page, CachedPage):
            return self._wsgi_app(environ, start_response)
        headers, body = page.variant(use_gzip=_takes_gzip(environ))
        if environ["wsgi.url_scheme"] == "https":
            headers.append(("Strict-Transport-Security", "max-age=31536000"))
        if page.matches(environ.get("HTTP_IF_NONE_MATCH", "")):
            start_response("304 NOT MODIFIED", _without_content(headers))
            return []
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def _find(self, environ: WSGIEnvironment) -> Kept | None:
        state: State | None = self._app.extensions.get(EXTENSION_KEY)
        if state is None:
            return None
        cache: PageCache = state.page_cache
        key = PageKey(
            self._locale_of(environ),
            _mount(environ, state),
            # WSGI hands bytes over as latin-1; Flask's path is their UTF-8 reading
            "/" + _decode(environ.get("PATH_INFO", "")).lstrip("/"),
            environ.get("QUERY_STRING", ""),
        )
        if cache.find_any(key) is None:
            return None
        stamp = cache.clock.current(self._look(state))
        return cache.find(key, f"{stamp}|{today(state)}")

    def _look(self, state: State) -> Callable[[], str]:
        def look() -> str:
            with self._app.app_context():
                return read_stamp(state)

        return look


def _decode(path: str) -> str:
    return path.encode("latin-1").decode("utf-8", "replace")


def _takes_gzip(environ: WSGIEnvironment) -> bool:
    accepted: str = environ.get("HTTP_ACCEPT_ENCODING", "")
    return "gzip" in accepted and not _NO_GZIP.search(accepted)
