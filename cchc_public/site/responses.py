"""What holds for every answer of the site: headers, cookies, errors, and what is noticed of it.

A host decides these itself.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    g,
    make_response,
    render_template,
    request,
    session,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask_login import current_user, user_logged_in
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from cchc_public.accounts.signing_in import CHANGE_PASSWORD_ENDPOINT, LOGIN_ENDPOINT
from cchc_public.config import Settings
from cchc_public.i18n import _
from cchc_public.state import get_state
from cchc_public.store.base import today
from cchc_public.web.assets import find_asset
from cchc_public.web.caching import keep_no_page
from cchc_public.web.journal import note, request_id
from cchc_public.web.routes import Routes, absolute, set_security_headers
from cchc_public.web.snapshots import outage_page

log = logging.getLogger(__name__)
routes = Routes()
# pages that are the same for everyone: no cookie, and caches may share them
PUBLIC_BLUEPRINTS = {"cchc", "cchc_embed"}


class QuietSessions(SecureCookieSessionInterface):
    """Keeps ``Vary: Cookie`` off public pages, and marks the cookie secure whenever it can be."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie may travel over HTTPS only."""
        return super().get_cookie_secure(app) or request.is_secure

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write the session, unless a public page merely had it looked at by Flask-Login."""
        if request.blueprint in PUBLIC_BLUEPRINTS and not session.modified:
            return
        super().save_session(app, session, response)


def add_response_rules(app: Flask) -> None:
    """Set the headers that a page did not set itself; show errors in our own frame."""
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(SQLAlchemyError, show_outage)

    @app.after_request
    def add_headers(response: Response) -> Response:
        set_security_headers(response)  # a face that set its own (the widgets) keeps them
        if response.status_code == 404 and request.url_rule is None and request.method == "GET":
            keep_no_page(response)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response


def show_error(error: HTTPException) -> Response:
    """Show what went wrong and what to do next; a blueprint's own handlers come first."""
    if error.response is not None or error.code is None:
        return cast(Response, error.get_response())
    if isinstance(error, SecurityError):  # a host name that is not ours: no page has an address
        words = "Tên máy chủ này không phải của trang."
        return Response(words, 400, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    title, advice = describe_error(error.code)
    if error.code == 429 and error.description != type(error).description:
        advice = error.description or advice  # it knows how many seconds
    try:
        said = {"code": error.code, "title": title, "advice": advice}
        page = render_template("cchc/errors/problem.html", **said)
    except Exception:
        # a broken frame must not hide the first error behind a second
        log.exception("the error page itself failed")
        page = outage_page(title, advice)
    response = make_response(page, error.code)
    # what the status needs besides words: Allow, Retry-After
    needed = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    response.headers.extend(needed)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def show_outage(error: SQLAlchemyError) -> Response:
    """Say when to come back: signing in needs the database, and it fails."""
    log.error("cannot answer %s", request.path, exc_info=error)
    page = outage_page(*describe_error(503))
    return make_response(page, 503, {"Retry-After": "60", "Cache-Control": "no-store"})


def describe_error(code: int) -> tuple[str, str]:
    """Return the heading and the advice for an HTTP status, in words of daily life."""
    known = {
        400: (_("Yêu cầu chưa đúng"), _("Xin quay lại trang trước và thử lại.")),
        403: (_("Không được phép"), _("Tài khoản của bạn không được mở trang này.")),
        404: (_("Không có trang này"), _("Địa chỉ có thể đã đổi, hoặc gõ nhầm một chữ.")),
        413: (_("Tệp quá lớn"), _("Xin chia nhỏ tệp, hoặc bỏ hình ảnh trong tệp rồi thử lại.")),
        429: (
            _("Thử quá nhiều lần"),
            _("Xin chờ một phút rồi thử lại. Tài khoản không bị khóa."),
        ),
    }
    title = _("Trang tạm thời chưa mở được") if code == 503 else _("Máy chủ gặp lỗi")
    advice = _("Số liệu đã lưu không mất. Xin thử lại sau ít phút, hoặc báo cho cơ quan.")
    return known.get(code, known[400] if code < 500 else (title, advice))


PROXY_MARK = "proxy-seen"  # a file beside the data: doctor reads it
_REFUSALS = {400, 403, 413, 415, 429}


def watch(app: Flask, settings: Settings) -> None:
    """Note sign-ins, refusals and failures; name each answer's request."""
    # None, any host name, until somebody names one
    if named := list(settings["TRUSTED_HOSTS"]):
        official = urlsplit(settings["CANONICAL_URL"]).hostname
        named += [*filter(None, [official]), "localhost", "127.0.0.1", "[::1]"]
    app.config["TRUSTED_HOSTS"] = named or None
    app.before_request(notice_proxy)
    app.after_request(note_answer)
    routes.add_to(app)

    @user_logged_in.connect_via(app)  # type: ignore[untyped-decorator]
    def renew_form_seed(_app: Flask, **_more: Any) -> None:
        session.pop("csrf_token", None)  # no form token from before signing in works after it
        g.pop("csrf_token", None)


def notice_proxy() -> None:
    """Notice a server before us that nobody told us to trust: all readers look like one then."""
    state = get_state()
    if state.config["TRUSTED_PROXIES"] or "X-Forwarded-For" not in request.headers:
        return
    with suppress(ValueError):
        if PROXY_MARK in state.memory or not ip_address(request.remote_addr or "").is_private:
            return
        state.memory[PROXY_MARK] = True
        log.warning("a proxy on this network forwards requests, but CCHC_TRUSTED_PROXIES is 0")
        try:
            (Path(current_app.instance_path) / PROXY_MARK).touch()
        except OSError:
            log.warning("cannot leave a mark for cchc doctor")


def note_answer(response: Response) -> Response:
    """Write refusals, failures and attempts to sign in; by account, never by address."""
    status = response.status_code
    is_login = request.endpoint == LOGIN_ENDPOINT and request.method == "POST"
    if status >= 500:
        note("failed", status=status, path=request.path)
    elif status in _REFUSALS:
        note("refused", status=status, path=request.path, account=_account())
    elif is_login:
        note("sign-in" if status == 302 else "sign-in-failed", account=_account())
    elif request.endpoint == CHANGE_PASSWORD_ENDPOINT and request.method == "POST":
        done = status == 302
        note("password-changed" if done else "password-change-failed", account=_account())
    if status >= 400 or "cchc_request_id" in g:
        response.headers["X-Request-Id"] = request_id()
    return response


def _account() -> str:
    try:
        return str(current_user.id) if current_user and current_user.is_authenticated else ""
    except Exception:  # the database is gone, and with it who this was
        log.debug("cannot tell the account", exc_info=True)
        return ""


@routes("/.well-known/security.txt", "security_txt")
def send_security_txt() -> Response:
    """Tell whom to write to about a weakness (RFC 9116); 404 until there is an address."""
    config = get_state().config
    contact = config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    # the first of a month about a year ahead: the same for a whole month
    expiry = (today().replace(day=1) + timedelta(days=366)).replace(day=1)
    lines = [f"Contact: {contact}", f"Expires: {expiry.isoformat()}T00:00:00Z"]
    lines += ["Preferred-Languages: vi, en"]
    if config["CANONICAL_URL"]:
        lines += [f"Canonical: {config['CANONICAL_URL']}/.well-known/security.txt"]
    return _send_file("\n".join(lines) + "\n")


@routes("/robots.txt", "robots_txt")
def send_robots_txt() -> Response:
    """Lead search engines to the list of pages, away from the office and the screens."""
    prefix = get_state().config["URL_PREFIX"]
    closed = "".join(f"Disallow: {prefix}{path}\n" for path in ("/quan-tri/", "/man-hinh"))
    text = f"User-agent: *\n{closed}Sitemap: {absolute('cchc.sitemap')}\n"
    return _send_file(text, seconds=3600)


@routes("/favicon.ico", "favicon")
def send_favicon() -> Response:
    """Send the small picture that browsers and search engines show beside the name."""
    picture = find_asset("favicon.ico") or abort(404)
    return _send_file(picture.body, "image/x-icon")


def _send_file(body: str | bytes, mimetype: str = "text/plain", seconds: int = 86400) -> Response:
    headers = {"Cache-Control": f"public, max-age={seconds}"}
    return Response(body, mimetype=mimetype, headers=headers)
