"""The faces' edge: addresses, in Vietnamese and below ``/en``; headers; what the door refuses.

Never touches a page of the host.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from cchc_public.config import OWN_FRAME
from cchc_public.i18n import ENGLISH, SOURCE, page_language
from cchc_public.state import get_state
from cchc_public.vietnamese.text import slugify

_QUERY = "=&%+;:@!$'()*,/?~"  # stand in a query as they are
View = TypeVar("View", bound=Callable[..., Any])
LANGUAGE = "cchc_language"  # in ``url_for``: the page in that language, else in the present one
# What citizens read; files and papers are Vietnamese only. The screen takes its copy along.
READ = {
    "overview", "procedures", "procedure", "periods", "period", "table", "satisfaction",
    "corrections", "about", "desk", "reception",
}  # fmt: skip
PAGES = {
    *READ, "helpful", "kiosk", "kiosk_list", "kiosk_procedure", "kiosk_figures", "kiosk_copy",
    "kiosk_worker", "builder", "widget", "badge", "fragment",
    "table_svg", "trend_svg",
}  # fmt: skip


class PublicBlueprint(Blueprint):
    """A face of citizens: every page of it has an English twin, told apart by address alone."""

    def __init__(self, name: str, import_name: str, config: Mapping[str, Any]) -> None:
        """Prepare the languages that ``config`` (the settings) names."""
        super().__init__(name, import_name)
        self._has_english = ENGLISH in config["LANGUAGES"]

        @self.url_value_preprocessor
        def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
            is_english = values is not None and values.pop(LANGUAGE, SOURCE) == ENGLISH
            if is_english and ENGLISH not in get_state().config["LANGUAGES"]:
                abort(404)  # it was switched off in the office

        @self.url_defaults
        def keep_language(endpoint: str, values: dict[str, Any]) -> None:
            if current_app.url_map.is_endpoint_expecting(endpoint, LANGUAGE):
                values.setdefault(LANGUAGE, page_language())

        if config["DEFAULT_LOCALE"] == ENGLISH:  # the old key: all pages are English

            @self.before_request
            def send_to_english() -> AnyResponse | None:
                is_asked = request.method != "POST" and page_language() == SOURCE
                twin = other_language() if is_asked else None
                return redirect(twin) if twin else None

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, *args: Any, **more: Any
    ) -> None:
        """Add the address, and its twin where it is a page."""
        if endpoint not in PAGES or not self._has_english:
            return super().add_url_rule(rule, endpoint, view_func, *args, **more)
        for language, path in ((SOURCE, rule), (ENGLISH, f"/{ENGLISH}{rule}")):
            told = {**more, "defaults": {**more.get("defaults", {}), LANGUAGE: language}}
            super().add_url_rule(path, endpoint, view_func, *args, **told)
        return None


def is_found() -> bool:
    """Tell whether the present page is one that search engines should know, and no refusal."""
    if g.get("cchc_refused"):
        return False
    face, _dot, name = (request.endpoint or "").partition(".")
    return (face == "cchc" and name in READ) or (face, name) == ("cchc_embed", "builder")


def page_path() -> str:
    """Return the path of the present page from the root of its host."""
    return request.script_root + quote(request.path)


def other_path() -> str | None:
    """Return the path of this page in the other language; None where there is none."""
    rule, config = request.url_rule, get_state().config
    if rule is None or LANGUAGE not in rule.arguments or ENGLISH not in config["LANGUAGES"]:
        return None
    start = config["URL_PREFIX"]
    rest = request.path.removeprefix(start)
    if page_language() == SOURCE:
        start += f"/{ENGLISH}"
    else:
        rest = rest.removeprefix(f"/{ENGLISH}")
    return request.script_root + quote(start + rest)


def other_language() -> str | None:
    """Return path and query of this page in the other language; None where there is none."""
    path, query = other_path(), quote(request.query_string, safe=_QUERY)
    return f"{path}?{query}" if path and query else path


class Routes:
    """The addresses of one module; ``@routes("/ky/<slug>", "period")`` notes one."""

    def __init__(self) -> None:
        """Begin without any."""
        self._noted: list[tuple[str, str, Any, Sequence[str]]] = []

    def __call__(
        self, rule: str, endpoint: str, methods: Sequence[str] = ("GET",)
    ) -> Callable[[View], View]:
        """Note the address of the view below; it is served once an app asks for this module."""

        def note(view: View) -> View:
            self._noted.append((rule, endpoint, view, methods))
            return view

        return note

    def add_to(self, blueprint: Blueprint | BlueprintSetupState | Flask) -> None:
        """Serve everything noted here under ``blueprint``."""
        for rule, endpoint, view, methods in self._noted:
            blueprint.add_url_rule(rule, endpoint, view, methods=methods)


def origin() -> str:
    """Return scheme and host without a slash at the end.

    Kept pages hold addresses made with it: the page cache keeps them apart by host.
    """
    return str(get_state().config["CANONICAL_URL"]) or request.host_url.rstrip("/")


def printed(endpoint: str, **values: Any) -> str:
    """Return the address that paper carries, empty without an official host: paper outlives one."""
    official = str(get_state().config["CANONICAL_URL"])
    return official + url_for(endpoint, **values) if official else ""


def owner() -> str:
    """Return who speaks, as part of identifiers that must outlive a change of host."""
    config = get_state().config
    return slugify(config["AUTHORITY_CODE"] or config["AUTHORITY_NAME"])


def absolute(endpoint: str, **values: Any) -> str:
    """Return the full address of one of our pages."""
    return origin() + url_for(endpoint, **values)


POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; connect-src 'self'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    # not no-referrer: the strict CSRF check of forms over HTTPS needs it
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FOR_READERS = {"text/html", "application/xhtml+xml"}


def set_security_headers(response: Response, frame_key: str = "BASE_TEMPLATE") -> Response:
    """Add the headers a page has not set itself.

    The content policy is ours only in our own frame: in a host's frame it would forbid the host's
    styles and scripts, so there the host's own policy rules.
    """
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)
    in_own_frame = get_state().config[frame_key] == OWN_FRAME
    if in_own_frame or response.mimetype not in FOR_READERS:
        response.headers.setdefault("Content-Security-Policy", POLICY)
    return response


def set_public_lifetime(response: Response) -> Response:
    """Let browsers and shared caches keep a public answer for the configured seconds.

    A page in a host's frame is for one reader, unless the host says that its frame is public.
    """
    if "Cache-Control" in response.headers:
        return response
    if response.status_code == 200 and g.get("cchc_live_frame"):
        response.headers["Cache-Control"] = "private, no-cache"
    elif response.status_code == 200 and request.method in ("GET", "HEAD"):
        seconds = get_state().config["PUBLIC_MAX_AGE"]
        response.headers["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response


FORM = "application/x-www-form-urlencoded"
BODIES = {FORM, "multipart/form-data", ""}  # Werkzeug bounds the fields of the second itself
# A form without files is parsed in one piece, half a million fields a megabyte: that is as long
# as any sheet can be, and more would let strangers fill the memory.
PLAIN_FORM_BYTES = 1_000_000


def attach_door(blueprint: Blueprint) -> None:
    """Refuse hostile requests to ``blueprint`` before its pages see them."""

    @blueprint.before_request
    def refuse_impossible_address() -> None:
        # a NUL in path or query: PostgreSQL and file systems fail on it
        query = request.query_string
        if "\x00" in request.path or b"%00" in query or b"\0" in query:
            abort(404)

    blueprint.before_request(limit_plain_form)


def attach_site_door(app: Flask) -> None:
    """Look at every body of the stand-alone site before the token check parses it."""

    @app.before_request
    def refuse_other_bodies() -> None:
        # JSON and its like: Flask-Security would read it, and fail on the odd one
        if request.mimetype not in BODIES:
            abort(415)

    app.before_request(limit_plain_form)


def limit_plain_form() -> None:
    """Let a form without files be no longer than one can be; 413 when it is read."""
    if request.method not in ("GET", "HEAD") and request.mimetype == FORM:
        allowed = request.max_content_length
        request.max_content_length = min(PLAIN_FORM_BYTES, allowed or PLAIN_FORM_BYTES)
