"""Addresses of the faces: noted beside their views, each page in Vietnamese and below ``/en``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from flask import Blueprint, abort, current_app, g, redirect, request
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response

from cchc_public.i18n import ENGLISH, SOURCE, page_language
from cchc_public.state import get_state

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
        self.url_value_preprocessor(_take_language)
        self.url_defaults(_keep_language)
        if config["DEFAULT_LOCALE"] == ENGLISH:  # the old key: all pages are English
            self.before_request(_send_to_english)

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


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    is_english = values is not None and values.pop(LANGUAGE, SOURCE) == ENGLISH
    if is_english and ENGLISH not in get_state().config["LANGUAGES"]:
        abort(404)  # it was switched off in the office


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    if current_app.url_map.is_endpoint_expecting(endpoint, LANGUAGE):
        values.setdefault(LANGUAGE, page_language())


def _send_to_english() -> Response | None:
    """Lead from Vietnamese to English."""
    is_asked = request.method != "POST" and page_language() == SOURCE
    twin = other_language() if is_asked else None
    return redirect(twin) if twin else None


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

    def add_to(self, blueprint: Blueprint | BlueprintSetupState) -> None:
        """Serve everything noted here under ``blueprint``."""
        for rule, endpoint, view, methods in self._noted:
            blueprint.add_url_rule(rule, endpoint, view, methods=methods)
