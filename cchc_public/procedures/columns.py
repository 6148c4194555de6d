"""The columns of the procedure list as data: files, comparison and history walk this table."""

from __future__ import annotations

from dataclasses import dataclass

from cchc_public.i18n import mark


@dataclass(frozen=True)
class CellColumn:
    """One column: ``key`` in our data, ``header`` as we write it, ``aliases`` as others do.

    Header words are compared folded (no marks, small letters), so spelling variants need no alias.
    """

    key: str
    header: str
    aliases: tuple[str, ...] = ()


COLUMNS: tuple[CellColumn, ...] = (
    CellColumn(
        "code",
        mark("Mã thủ tục"),
        (
            "Mã TTHC",
            "Mã số",
            "Mã số TTHC",
            "Mã hồ sơ TTHC",
            "Mã số thủ tục hành chính",
            "Mã số thủ tục",
            "Mã số hồ sơ TTHC",
            "Mã thủ tục hành chính",
            "Mã",
        ),
    ),
    CellColumn(
        "name",
        mark("Tên thủ tục"),
        (
            "Tên TTHC",
            "Tên thủ tục hành chính",
            "Thủ tục hành chính",
            "Tên dịch vụ công",
            "Tên",
            "Tên thủ tục hành chính nội dung công việc",
        ),
    ),
    CellColumn("field", mark("Lĩnh vực"), ("Tên lĩnh vực", "Lĩnh vực TTHC", "Nhóm lĩnh vực")),
    CellColumn("level", mark("Cấp thực hiện"), ("Cấp", "Cấp giải quyết", "Cấp hành chính")),
    CellColumn("kind", mark("Loại thủ tục"), ("Loại TTHC", "Loại")),
    CellColumn("status", mark("Trạng thái"), ("Tình trạng", "Hiệu lực", "Tình trạng hiệu lực")),
    CellColumn("in_force_from", mark("Ngày có hiệu lực"), ("Hiệu lực từ", "Có hiệu lực từ ngày")),
    CellColumn("amended_on", mark("Ngày sửa đổi"), ("Ngày sửa đổi bổ sung",)),
    CellColumn("repealed_on", mark("Ngày bãi bỏ"), ("Hết hiệu lực từ",)),
    CellColumn("status_decision", mark("Quyết định thay đổi trạng thái")),
    CellColumn(
        "decision_number",
        mark("Số quyết định công bố"),
        (
            "Quyết định công bố",
            "Số quyết định",
            "QĐ công bố",
            "Số QĐ",
            "Quyết định",
            "Văn bản công bố",
        ),
    ),
    CellColumn(
        "decision_on",
        mark("Ngày quyết định"),
        ("Ngày ban hành quyết định", "Ngày QĐ", "Ngày công bố"),
    ),
    CellColumn("decision_by", mark("Cơ quan công bố"), ("Cơ quan ban hành quyết định",)),
    CellColumn(
        "received_here",
        mark("Tiếp nhận tại đây"),
        ("Tiếp nhận tại xã", "Tiếp nhận tại bộ phận một cửa"),
    ),
    CellColumn(
        "decided_here",
        mark("Thuộc thẩm quyền giải quyết"),
        ("Thẩm quyền giải quyết tại xã", "Giải quyết tại xã"),
    ),
    CellColumn("is_posted", mark("Công khai"), ("Niêm yết", "Đã công khai", "Đã niêm yết")),
    CellColumn(
        "authority",
        mark("Cơ quan thực hiện"),
        ("Cơ quan giải quyết", "Cơ quan có thẩm quyền", "Đơn vị thực hiện"),
    ),
    CellColumn(
        "address",
        mark("Địa điểm tiếp nhận"),
        ("Nơi tiếp nhận", "Địa chỉ tiếp nhận", "Địa điểm thực hiện", "Nơi nộp hồ sơ"),
    ),
    CellColumn("hours", mark("Giờ tiếp nhận"), ("Thời gian tiếp nhận", "Giờ làm việc")),
    CellColumn("target_group", mark("Đối tượng thực hiện"), ("Đối tượng",)),
    CellColumn("result", mark("Kết quả giải quyết"), ("Kết quả", "Kết quả thực hiện")),
    CellColumn(
        "conditions",
        mark("Yêu cầu, điều kiện"),
        ("Điều kiện", "Yêu cầu điều kiện thực hiện", "Điều kiện thực hiện"),
    ),
    CellColumn("dossier_sets", mark("Số lượng hồ sơ"), ("Số bộ hồ sơ", "Số bộ")),
    CellColumn("keywords", mark("Từ khóa")),
    CellColumn(
        "online_level",
        mark("Mức độ trực tuyến"),
        (
            "DVC trực tuyến",
            "Mức độ DVC",
            "Mức độ cung cấp dịch vụ công",
            "Mức độ",
            "Dịch vụ công trực tuyến",
        ),
    ),
    CellColumn("partial_reason", mark("Lý do trực tuyến một phần"), ("Lý do một phần",)),
    CellColumn(
        "portal_link",
        mark("Liên kết Cổng Dịch vụ công"),
        ("Liên kết", "Đường dẫn", "Link", "URL", "Địa chỉ trên Cổng Dịch vụ công"),
    ),
    CellColumn("channels", mark("Cách nộp"), ("Cách thức thực hiện", "Hình thức nộp", "Kênh nộp")),
    CellColumn(
        "time_limit",
        mark("Thời hạn giải quyết"),
        ("Thời hạn", "Thời gian giải quyết", "Thời gian", "Thời gian thực hiện"),
    ),
    CellColumn(
        "fee",
        mark("Phí, lệ phí"),
        ("Phí", "Lệ phí", "Phí lệ phí nếu có", "Mức phí", "Mức thu", "Phí và lệ phí"),
    ),
    CellColumn("channel_notes", mark("Ghi chú theo cách nộp"), ("Mô tả cách thức",)),
    CellColumn("components", mark("Thành phần hồ sơ"), ("Hồ sơ", "Giấy tờ phải nộp", "Thành phần")),
    CellColumn("steps", mark("Trình tự thực hiện"), ("Trình tự", "Các bước thực hiện", "Các bước")),
    CellColumn(
        "legal_bases", mark("Căn cứ pháp lý"), ("Cơ sở pháp lý", "Văn bản pháp lý", "Căn cứ")
    ),
    CellColumn(
        "exemptions", mark("Miễn, giảm tại địa phương"), ("Miễn giảm phí lệ phí", "Miễn giảm")
    ),
    CellColumn("source", mark("Nguồn"), ("Nguồn dữ liệu", "Nguồn số liệu")),
    CellColumn("source_on", mark("Ngày của nguồn"), ("Ngày cập nhật", "Ngày lấy dữ liệu")),
    # what the second edition added stands last: the first columns of a file keep their places
    # what the second edition added stands last: the first columns of a file keep their places
    CellColumn("remarks", mark("Lưu ý khi nộp"), ("Lưu ý", "Lưu ý về hồ sơ")),
    CellColumn("checked_on", mark("Ngày xã đối chiếu"), ("Ngày đối chiếu",)),
)

COLUMN_KEYS = tuple(column.key for column in COLUMNS)


def get_header(key: str) -> str:
    """Return the Vietnamese header of a column key."""
    return next(column.header for column in COLUMNS if column.key == key)
