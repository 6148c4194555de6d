"""The faces' edge: addresses, in Vietnamese and below ``/en``, and how search engines find them.

Headers, and what the door refuses. Never touches a page of the host.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from html import escape
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.blueprints import BlueprintSetupState
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from cchc_public.config import OWN_FRAME
from cchc_public.i18n import ENGLISH, SOURCE, _, page_language
from cchc_public.procedures.searching import ListFilter, get_catalogue
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.releases.reading import list_periods, newest_release
from cchc_public.state import get_state
from cchc_public.vietnamese.text import slugify

_QUERY = "=&%+;:@!$'()*,/?~"  # stand in a query as they are
View = TypeVar("View", bound=Callable[..., Any])
LANGUAGE = "cchc_language"  # in ``url_for``: the page in that language, else in the present one
LISTED = (
    "overview", "procedures", "periods", "satisfaction", "corrections", "about", "desk",
    "reception",
)  # fmt: skip
# What citizens read; files and papers are Vietnamese only. The screen takes its copy along.
READ = {*LISTED, "procedure", "period", "table"}
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
            more["defaults"] = {LANGUAGE: language}
            super().add_url_rule(path, endpoint, view_func, *args, **more)
        return None


def is_found() -> bool:
    """Tell whether the present page is one that search engines should know, and no refusal."""
    if g.get("cchc_refused"):
        return False
    face, _dot, name = (request.endpoint or "").partition(".")
    return (face == "cchc" and name in READ) or (face, name) == ("cchc_embed", "builder")


def other_path() -> str | None:
    """Return the path of this page in the other language; None where there is none."""
    rule, languages = request.url_rule, get_state().config["LANGUAGES"]
    if rule is None or LANGUAGE not in rule.arguments or ENGLISH not in languages:
        return None
    language = ENGLISH if page_language() == SOURCE else SOURCE
    return url_for(rule.endpoint, **{**(request.view_args or {}), LANGUAGE: language})


def other_language() -> str | None:
    """Return path and query of this page in the other language; None where there is none."""
    path, query = other_path(), quote(request.query_string, safe=_QUERY)
    return f"{path}?{query}" if path and query else path


class Routes(list[tuple[str, str, Any, Sequence[str]]]):
    """The addresses of one module; ``@routes("/ky/<slug>", "period")`` notes one."""

    def __call__(
        self, rule: str, endpoint: str, methods: Sequence[str] = ("GET",)
    ) -> Callable[[View], View]:
        """Note the address of the view below; it is served once an app asks for this module."""

        def note(view: View) -> View:
            self.append((rule, endpoint, view, methods))
            return view

        return note

    def add_to(self, blueprint: Blueprint | BlueprintSetupState | Flask) -> None:
        """Serve everything noted here under ``blueprint``."""
        for rule, endpoint, view, methods in self:
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


TYPES = {
    "csv": "text/csv",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "ics": "text/calendar",
    "json": "application/json",
    "pdf": "application/pdf",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def file_answer(name: str, body: str | bytes | Iterable[bytes] = b"") -> Response:
    """Return a file; the ending of its name says its kind, and whether a browser may show it."""
    ending = name.rpartition(".")[2]
    placing = "inline" if ending in ("pdf", "txt") else "attachment"
    headers = {"Content-Disposition": f'{placing}; filename="{name}"'}
    return Response(body, mimetype=TYPES[ending], headers=headers)


# what makes another page of an address; whatever else stands behind it (?fbclid=) does not
_NARROWING = {
    "q", "viec", "linh-vuc", "kenh", "phi", "trang-thai", "trang", "ban", "tien-ich", "ghim", "ky",
}  # fmt: skip
_LICENSE = re.compile(r"CC (BY|BY-SA|0) (\d\.\d)")


def cchc_found() -> dict[str, Any]:
    """Return the one ``address`` of the present page and its ``twins`` (language, address).

    Empty where search engines should not look.
    """
    if not is_found() or _NARROWING & request.args.keys():
        return {"address": "", "twins": ()}
    here, other = origin() + request.script_root + quote(request.path), other_path()
    if other is None:
        return {"address": here, "twins": ()}
    there = f"{origin()}{other}"
    vietnamese, english = (here, there) if page_language() == SOURCE else (there, here)
    twins = (SOURCE, vietnamese), (ENGLISH, english), ("x-default", vietnamese)
    return {"address": here, "twins": twins}


def data_block(data: dict[str, Any]) -> Markup:
    """Return schema.org data for ``<script type="application/ld+json">``.

    Browsers do not run such a block, so no content policy has to name it.
    """
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    # the only way out of a data block is a "<"
    return Markup(text.replace("<", "\\u003c"))  # noqa: S704


def describe_dataset(release: PublishedRelease, table: PublishedTable, summary: str) -> Markup:
    """Return a table as ``Dataset``: who answers for it, for which days, in which files."""
    license_of = get_state().config["OPEN_DATA_LICENSE"]
    known = _LICENSE.search(license_of)
    kind = {"0": "publicdomain/zero"}.get(known[1], f"licenses/{known[1].lower()}") if known else ""
    pins = {"slug": release.slug, "code": table.code}
    organization = {"@type": "GovernmentOrganization", "name": release.authority.name}
    return data_block(
        {
            "@type": "Dataset",
            "name": f"{table.title}, {release.period.title}, {release.authority.name}",
            "description": summary,
            "url": absolute("cchc.table", **pins),
            "identifier": f"sha256:{release.digest}",
            "version": str(release.number),
            "datePublished": release.published_at.date().isoformat(),
            "temporalCoverage": f"{table.data_from}/{table.data_to}",
            "spatialCoverage": {"@type": "AdministrativeArea", "name": release.authority.name},
            "creator": organization,
            "publisher": organization,
            "inLanguage": SOURCE,
            "isAccessibleForFree": True,
            "license": f"https://creativecommons.org/{kind}/{known[2]}/" if known else license_of,
            "variableMeasured": [column.label for column in table.definition.columns],
            "distribution": [
                {
                    "@type": "DataDownload",
                    "encodingFormat": TYPES[ending],
                    "contentUrl": absolute(f"cchc.table_{ending}", **pins),
                }
                for ending in ("csv", "json", "xlsx")
            ],
        }
    )


def send_sitemap() -> Response:
    """Send the addresses of all pages worth finding, in both languages, with their days."""
    state = get_state()
    periods = [found for found in list_periods(state.session) if not found.is_withdrawal]
    codes = get_catalogue(state.session).search(ListFilter(status="current", posted=True)).codes
    has_twins = current_app.url_map.is_endpoint_expecting("cchc.periods", LANGUAGE)
    pages: list[tuple[str, date | None]] = []
    for language in sorted(state.config["LANGUAGES"], reverse=True) if has_twins else ("",):
        chosen: dict[str, Any] = {LANGUAGE: language} if language else {}
        pages += [(absolute(f"cchc.{endpoint}", **chosen), None) for endpoint in LISTED]
        for period in periods:
            values, day = {"slug": period.slug, **chosen}, period.published_at.date()
            pages.append((absolute("cchc.period", **values), day))
            release = newest_release(state.session, period.slug)
            for table in release.tables if release else ():
                pages.append((absolute("cchc.table", code=table.code, **values), day))
        start = origin() + url_for("cchc.procedures", **chosen)
        pages += [(f"{start}/{code}", None) for code in codes]  # no route is built for thousands
    entries = "".join(
        f"<url><loc>{escape(address, quote=False)}</loc>"
        f"{f'<lastmod>{day}</lastmod>' if day else ''}</url>\n"
        for address, day in pages
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{space}">\n{entries}</urlset>\n'
    return Response(text, mimetype="application/xml")


def share_words() -> str:
    """Return what a page says of itself where it has no better words."""
    name = get_state().config["AUTHORITY_NAME"]
    return _("%(name)s: thủ tục hành chính và kết quả giải quyết, công khai theo kỳ.", name=name)


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
