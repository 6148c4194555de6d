"""What the office says when it cannot do something: refused, not found, too large, no database.

Under an outage nothing asks the database, not even who is signed in: it would fail again.
"""

from __future__ import annotations

import contextlib

from flask import Blueprint, Response, make_response, render_template, request
from sqlalchemy.exc import DataError, SQLAlchemyError
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge

from cchc_public.state import get_state
from cchc_public.store.open_file import SENTENCES, FileLost, refuse_lost_file
from cchc_public.web.outages import describe_outage, is_unmigrated, log_outage, outage_page


def register_refusals(blueprint: Blueprint) -> None:
    """Answer 403, 404 and 413 of office addresses in words."""
    for error in (Forbidden, NotFound, RequestEntityTooLarge):
        blueprint.register_error_handler(error, show_refusal)


def show_refusal(error: HTTPException) -> tuple[str, int]:
    """Say what is refused and where to go on."""
    code = error.code or 500
    titles = {403: "Không được phép", 404: "Không có trang này"}
    advice = {
        403: "Tài khoản của bạn không được làm việc này.",
        404: "Địa chỉ có thể đã cũ hoặc gõ thiếu.",
        413: (
            "Nội dung gửi lên quá lớn nên chưa lưu gì. Hãy quay lại trang trước, chia nhỏ bảng "
            "hoặc tải tệp nhỏ hơn."
        ),
    }
    has_words = error.description not in (None, type(error).description)
    text = str(error.description) if has_words else advice.get(code, "")
    page = render_template(
        "cchc/office/refusal.html",
        title=titles.get(code, "Nội dung quá lớn"),
        advice=text,
    )
    return page, code


def register_outages(blueprint: Blueprint) -> None:
    """Answer for a database that is gone, locked, full or read-only."""
    blueprint.before_request(lambda: refuse_lost_file(get_state().session))
    blueprint.register_error_handler(SQLAlchemyError, show_outage)


def show_outage(error: SQLAlchemyError) -> Response:
    """Say that nothing was saved; a button sends the same form once more."""
    log_outage(f"cannot answer {request.method} {request.path}", error)
    with contextlib.suppress(SQLAlchemyError):
        get_state().session.rollback()
    is_refused = isinstance(error, DataError)  # the database works, a value cannot be kept
    is_post = request.method == "POST"
    page = outage_page(
        "Chưa lưu được" if is_post else "Trang tạm thời chưa mở được",
        (
            "Có ký tự hoặc con số mà cơ sở dữ liệu không nhận nên chưa lưu gì. Xin quay lại trang "
            "trước và nhập lại."
        )
        if is_refused
        else _advice(error, is_post=is_post),
        fields=[*request.form.items(multi=True)] if is_post and not is_refused else (),
        has_files=bool(request.files),
    )
    response = make_response(page, 400 if is_refused else 503)
    if not is_refused:
        response.headers["Retry-After"] = "60"
    return response


def _advice(error: SQLAlchemyError, *, is_post: bool) -> str:
    if isinstance(error, FileLost):
        return SENTENCES[error.problem]
    if not is_post and is_unmigrated(error):
        return describe_outage(error)[1]
    if is_post:
        return (
            "Lần này chưa lưu được gì; những gì đã lưu trước đó không mất. Hãy để nguyên trang "
            "này, chờ một lát rồi bấm gửi lại. Nếu vẫn không được, xin báo người quản trị."
        )
    return "Những gì đã lưu không mất. Xin thử lại sau ít phút, hoặc báo người quản trị."
