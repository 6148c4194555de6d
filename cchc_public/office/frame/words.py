"""Writes a value of the audit trail or of a comparison for people."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from cchc_public.present.wording import rate_text
from cchc_public.store.changes import read_value
from cchc_public.tables.solved import Rate
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number

# the deeds of the audit trail, by their stable names
DEEDS = {
    "report.declare-empty": "ghi các biểu không có số liệu",
    "hand-in.made": "trình duyệt",
    "hand-in.approved": "duyệt",
    "hand-in.returned": "trả lại",
    "hand-in.recalled": "thu lại bản trình",
    "hand-in.rescheduled": "đổi giờ công bố",
    "hand-in.void": "duyệt hết hiệu lực",
    "preview.link": "tạo liên kết xem trước",
    "preview.revoked": "thu hồi liên kết xem trước",
    "paper.facts": "ghi số, ngày, bản ký",
    "account.add": "thêm tài khoản",
    "account.end-sessions": "đăng xuất khỏi mọi nơi khác",
    "account.link": "tạo liên kết đặt mật khẩu cho",
    "account.lock": "khóa tài khoản",
    "account.own-password": "tự đặt mật khẩu",
    "account.first-link": "tạo liên kết cho tài khoản đầu tiên",
    "account.own-second-factor": "đổi xác thực hai lớp của mình",
    "account.recovery-code-used": "dùng một mã dự phòng",
    "account.recovery-codes": "tạo mã dự phòng",
    "account.password": "đặt lại mật khẩu của",
    "account.role": "đổi vai trò của",
    "account.second-factor": "bỏ xác thực hai lớp của",
    "account.unlock": "mở khóa tài khoản",
    "audit.anchor": "bắt đầu nối nhật ký bằng mã",
    "database.backup": "sao lưu",
    "database.downgrade": "lùi cơ sở dữ liệu",
    "database.restore": "lấy lại từ bản sao lưu",
    "database.stamp": "ghi nhận bản cơ sở dữ liệu",
    "database.upgrade": "nâng cơ sở dữ liệu",
    "desk.save": "đổi thông tin một cửa",
    "export.audit": "tải nhật ký",
    "export.backup": "tải bản sao lưu",
    "export.procedures": "tải danh mục thủ tục",
    "procedure.batch": "đổi hàng loạt thủ tục",
    "procedure.create": "thêm thủ tục",
    "procedure.edit": "sửa thủ tục",
    "procedure.import": "nhập tệp thủ tục",
    "procedure.undo": "hoàn tác thủ tục",
    "reading.forget": "quên một câu trả lời khi đọc tệp",
    "reason.give": "giải trình cảnh báo",
    "reception.change": "dời hoặc hủy buổi tiếp công dân",
    "reception.change-undone": "bỏ lần dời buổi tiếp công dân",
    "reception.holiday": "thêm ngày nghỉ",
    "reception.holiday-removed": "bỏ ngày nghỉ",
    "reception.rule": "đổi lịch tiếp công dân",
    "release.correction": "đính chính",
    "release.first": "công bố",
    "release.withdrawal": "thu hồi",
    "report.remark": "nhận xét",
    "report.remark-dropped": "bỏ một nhận xét",
    "report.drop": "xóa kỳ",
    "report.open": "mở kỳ",
    "report.save": "sửa phần đầu, lời báo cáo",
    "settings.save": "đổi thiết lập",
    "sheet.save": "sửa biểu",
    "sign-in": "đăng nhập",
    "sign-in.fail": "đăng nhập không được",
    "sign-out": "đăng xuất",
}


def deed_text(action: str) -> str:
    """Return a deed of the trail in words; one that a later version wrote by its name."""
    return DEEDS.get(action, action)


def change_text(value: Any) -> str:
    """Return an old or new value as words: numbers and days the Vietnamese way, never empty."""
    value = read_value(value)
    if isinstance(value, Rate):
        return missing() if value.percent is None else rate_text(value)
    if isinstance(value, bool) or value in (None, ""):
        return missing()
    if isinstance(value, int | Decimal):
        return format_number(value)
    if isinstance(value, date):
        return format_date(value)
    if isinstance(value, list | tuple):
        return "; ".join(str(part) for part in value)
    return _day_or_text(str(value))


def missing() -> str:
    """Return the words for nothing."""
    return "chưa có"


def _day_or_text(text: str) -> str:
    try:
        return format_date(date.fromisoformat(text)) if len(text) == 10 else text
    except ValueError:
        return text
