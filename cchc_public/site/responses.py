"""Headers, cookies and error pages of the whole stand-alone site; a host decides these itself."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask, Response, make_response, render_template, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from cchc_public.i18n import _
from cchc_public.web.caching import keep_no_page
from cchc_public.web.headers import set_security_headers
from cchc_public.web.outages import outage_page

_log = logging.getLogger(__name__)

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
    app.after_request(add_headers)
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(SQLAlchemyError, show_outage)


def show_error(error: HTTPException) -> Response:
    """Show what went wrong and what to do next; a blueprint's own handlers come first."""
    if error.response is not None or error.code is None:
        return cast(Response, error.get_response())
    if isinstance(error, SecurityError):  # a host name that is not ours: no page has an address
        words = "Tên máy chủ này không phải của trang."
        return Response(words, 400, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    response = make_response(_error_page(error), error.code)
    # what the status needs besides words: Allow, Retry-After
    needed = {name: value for name, value in error.get_headers() if name != "Content-Type"}
    response.headers.extend(needed)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def show_outage(error: SQLAlchemyError) -> Response:
    """Say when to come back: signing in needs the database, and it fails."""
    _log.error("cannot answer %s", request.path, exc_info=error)
    page = outage_page(*describe_error(503))
    return make_response(page, 503, {"Retry-After": "60", "Cache-Control": "no-store"})


def _error_page(error: HTTPException) -> str:
    code = error.code or 500
    title, advice = describe_error(code)
    if code == 429 and error.description != type(error).description:
        advice = error.description or advice  # it knows how many seconds
    try:
        return render_template("cchc/errors/problem.html", code=code, title=title, advice=advice)
    except Exception:
        # a broken frame must not hide the first error behind a second
        _log.exception("the error page itself failed")
    return outage_page(title, advice)


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
    outage = (
        _("Trang tạm thời chưa mở được"),
        _("Số liệu đã lưu không mất. Xin thử lại sau ít phút, hoặc báo cho cơ quan."),
    )
    server = (
        _("Máy chủ gặp lỗi"),
        _("Số liệu đã lưu không mất. Xin thử lại sau ít phút, hoặc báo cho cơ quan."),
    )
    return {503: outage, **known}.get(code, known[400] if code < 500 else server)


def add_headers(response: Response) -> Response:
    """Add the security headers; a face that set its own (the widgets) keeps them."""
    set_security_headers(response)
    if response.status_code == 404 and request.url_rule is None and request.method == "GET":
        keep_no_page(response)
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
