"""The database fails under an office page: says so, and gives back what was posted.

Nothing here asks the database, not even who is signed in: asking again would fail again.
"""

from __future__ import annotations

import contextlib
import logging

from flask import Blueprint, Response, make_response, request
from sqlalchemy.exc import DataError, SQLAlchemyError

from cchc_public.i18n import _
from cchc_public.state import get_state
from cchc_public.web.outages import outage_page

log = logging.getLogger(__name__)


def register_outages(blueprint: Blueprint) -> None:
    """Answer for a database that is gone, locked, full or read-only."""
    blueprint.register_error_handler(SQLAlchemyError, show_outage)


def show_outage(error: SQLAlchemyError) -> Response:
    """Say that nothing was saved; a button sends the same form once more."""
    log.error("cannot answer %s %s", request.method, request.path, exc_info=error)
    with contextlib.suppress(SQLAlchemyError):
        get_state().session.rollback()
    is_refused = isinstance(error, DataError)  # the database works, a value cannot be kept
    is_post = request.method == "POST"
    page = outage_page(
        _("Chưa lưu được") if is_post else _("Trang tạm thời chưa mở được"),
        _refusal() if is_refused else _advice(is_post=is_post),
        fields=[*request.form.items(multi=True)] if is_post and not is_refused else (),
        has_files=bool(request.files),
    )
    response = make_response(page, 400 if is_refused else 503)
    if not is_refused:
        response.headers["Retry-After"] = "60"
    return response


def _advice(*, is_post: bool) -> str:
    if is_post:
        return _(
            "Lần này chưa lưu được gì; những gì đã lưu trước đó không mất. Hãy để nguyên trang "
            "này, chờ một lát rồi bấm gửi lại. Nếu vẫn không được, xin báo người quản trị."
        )
    return _("Những gì đã lưu không mất. Xin thử lại sau ít phút, hoặc báo người quản trị.")


def _refusal() -> str:
    return _(
        "Có ký tự hoặc con số mà cơ sở dữ liệu không nhận nên chưa lưu gì. Xin quay lại trang "
        "trước và nhập lại."
    )
