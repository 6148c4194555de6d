"""The columns of the procedure list as data: files, comparison and history walk this table."""

from __future__ import annotations

from dataclasses import dataclass


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
        "Mã thủ tục",
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
        "Tên thủ tục",
        (
            "Tên TTHC",
            "Tên thủ tục hành chính",
            "Thủ tục hành chính",
            "Tên dịch vụ công",
            "Tên",
            "Tên thủ tục hành chính nội dung công việc",
        ),
    ),
    CellColumn("field", "Lĩnh vực", ("Tên lĩnh vực", "Lĩnh vực TTHC", "Nhóm lĩnh vực")),
    CellColumn("level", "Cấp thực hiện", ("Cấp", "Cấp giải quyết", "Cấp hành chính")),
    CellColumn("kind", "Loại thủ tục", ("Loại TTHC", "Loại")),
    CellColumn("status", "Trạng thái", ("Tình trạng", "Hiệu lực", "Tình trạng hiệu lực")),
    CellColumn("in_force_from", "Ngày có hiệu lực", ("Hiệu lực từ", "Có hiệu lực từ ngày")),
    CellColumn("amended_on", "Ngày sửa đổi", ("Ngày sửa đổi bổ sung",)),
    CellColumn("repealed_on", "Ngày bãi bỏ", ("Hết hiệu lực từ",)),
    CellColumn("status_decision", "Quyết định thay đổi trạng thái"),
    CellColumn(
        "decision_number",
        "Số quyết định công bố",
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
        "decision_on", "Ngày quyết định", ("Ngày ban hành quyết định", "Ngày QĐ", "Ngày công bố")
    ),
    CellColumn("decision_by", "Cơ quan công bố", ("Cơ quan ban hành quyết định",)),
    CellColumn(
        "received_here", "Tiếp nhận tại đây", ("Tiếp nhận tại xã", "Tiếp nhận tại bộ phận một cửa")
    ),
    CellColumn(
        "decided_here",
        "Thuộc thẩm quyền giải quyết",
        ("Thẩm quyền giải quyết tại xã", "Giải quyết tại xã"),
    ),
    CellColumn("is_posted", "Công khai", ("Niêm yết", "Đã công khai", "Đã niêm yết")),
    CellColumn(
        "authority",
        "Cơ quan thực hiện",
        ("Cơ quan giải quyết", "Cơ quan có thẩm quyền", "Đơn vị thực hiện"),
    ),
    CellColumn(
        "address",
        "Địa điểm tiếp nhận",
        ("Nơi tiếp nhận", "Địa chỉ tiếp nhận", "Địa điểm thực hiện", "Nơi nộp hồ sơ"),
    ),
    CellColumn("hours", "Giờ tiếp nhận", ("Thời gian tiếp nhận", "Giờ làm việc")),
    CellColumn("target_group", "Đối tượng thực hiện", ("Đối tượng",)),
    CellColumn("result", "Kết quả giải quyết", ("Kết quả", "Kết quả thực hiện")),
    CellColumn(
        "conditions",
        "Yêu cầu, điều kiện",
        ("Điều kiện", "Yêu cầu điều kiện thực hiện", "Điều kiện thực hiện"),
    ),
    CellColumn("dossier_sets", "Số lượng hồ sơ", ("Số bộ hồ sơ", "Số bộ")),
    CellColumn("keywords", "Từ khóa"),
    CellColumn(
        "online_level",
        "Mức độ trực tuyến",
        (
            "DVC trực tuyến",
            "Mức độ DVC",
            "Mức độ cung cấp dịch vụ công",
            "Mức độ",
            "Dịch vụ công trực tuyến",
        ),
    ),
    CellColumn("partial_reason", "Lý do trực tuyến một phần", ("Lý do một phần",)),
    CellColumn(
        "portal_link",
        "Liên kết Cổng Dịch vụ công",
        ("Liên kết", "Đường dẫn", "Link", "URL", "Địa chỉ trên Cổng Dịch vụ công"),
    ),
    CellColumn("channels", "Cách nộp", ("Cách thức thực hiện", "Hình thức nộp", "Kênh nộp")),
    CellColumn(
        "time_limit",
        "Thời hạn giải quyết",
        ("Thời hạn", "Thời gian giải quyết", "Thời gian", "Thời gian thực hiện"),
    ),
    CellColumn(
        "fee",
        "Phí, lệ phí",
        ("Phí", "Lệ phí", "Phí lệ phí nếu có", "Mức phí", "Mức thu", "Phí và lệ phí"),
    ),
    CellColumn("channel_notes", "Ghi chú theo cách nộp", ("Mô tả cách thức",)),
    CellColumn("components", "Thành phần hồ sơ", ("Hồ sơ", "Giấy tờ phải nộp", "Thành phần")),
    CellColumn("steps", "Trình tự thực hiện", ("Trình tự", "Các bước thực hiện", "Các bước")),
    CellColumn("legal_bases", "Căn cứ pháp lý", ("Cơ sở pháp lý", "Văn bản pháp lý", "Căn cứ")),
    CellColumn("exemptions", "Miễn, giảm tại địa phương", ("Miễn giảm phí lệ phí", "Miễn giảm")),
    CellColumn("source", "Nguồn", ("Nguồn dữ liệu", "Nguồn số liệu")),
    CellColumn("source_on", "Ngày của nguồn", ("Ngày cập nhật", "Ngày lấy dữ liệu")),
)

COLUMN_KEYS = tuple(column.key for column in COLUMNS)


def get_header(key: str) -> str:
    """Return the Vietnamese header of a column key."""
    return next(column.header for column in COLUMNS if column.key == key)
