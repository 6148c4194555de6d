"""What the office says when it cannot do something, on its own pages only."""

from __future__ import annotations

from flask import Blueprint, render_template
from werkzeug.exceptions import Forbidden, HTTPException, NotFound, RequestEntityTooLarge

from cchc_public.i18n import _


def register_refusals(blueprint: Blueprint) -> None:
    """Answer 403, 404 and 413 of office addresses in words."""
    for error in (Forbidden, NotFound, RequestEntityTooLarge):
        blueprint.register_error_handler(error, show_refusal)


def show_refusal(error: HTTPException) -> tuple[str, int]:
    """Say what is refused and where to go on."""
    code = error.code or 500
    titles = {403: _("Không được phép"), 404: _("Không có trang này")}
    advice = {
        403: _("Tài khoản của bạn không được làm việc này."),
        404: _("Địa chỉ có thể đã cũ hoặc gõ thiếu."),
        413: _(
            "Nội dung gửi lên quá lớn nên chưa lưu gì. Hãy quay lại trang trước, chia nhỏ bảng "
            "hoặc tải tệp nhỏ hơn."
        ),
    }
    has_words = error.description not in (None, type(error).description)
    text = str(error.description) if has_words else advice.get(code, "")
    page = render_template(
        "cchc/office/refusal.html",
        title=titles.get(code, _("Nội dung quá lớn")),
        advice=text,
    )
    return page, code
