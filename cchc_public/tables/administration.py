"""Tables of the commune's own work: ``van-ban``, ``so-luong-thu-tuc``, ``nhiem-vu``."""

from cchc_public.tables.language import (
    BY_TASK,
    IN_OUT,
    SINGLE,
    Balance,
    Form,
    KnownRow,
    Limit,
    Quantity,
    Sum,
    Table,
    ValueKind,
)

TEXT = ValueKind.TEXT
_SOURCE = "Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"

DOCUMENTS = Table(
    code="van-ban",
    title="Văn bản trao đổi hoàn toàn dưới dạng điện tử và áp dụng chữ ký số",
    short_title="Văn bản điện tử",
    unit="văn bản",
    known_rows=(
        KnownRow("den", "Văn bản đến", aliases=("đến",)),
        KnownRow("di", "Văn bản đi", aliases=("đi",)),
    ),
    quantities=(
        Quantity(
            "total",
            "tong_so",
            ("Tổng số văn bản",),
            aliases=("Tổng số", "Tổng số văn bản đến", "Tổng số văn bản đi"),
        ),
        Quantity("fully_electronic", "hoan_toan_dien_tu", ("Hoàn toàn điện tử",)),
        Quantity("dual_format", "song_song_giay_dien_tu", ("Song song bản giấy - điện tử",)),
        Quantity(
            "signed_within",
            "noi_tinh_co_ky_so",
            ("VB Nội tỉnh - có ký số",),
            aliases=("Có ký số", "Văn bản ký số"),
        ),
        Quantity(
            "unsigned_within",
            "noi_tinh_khong_ky_so",
            ("VB Nội tỉnh - không ký số",),
            aliases=("Không ký số", "Chưa ký số"),
        ),
    ),
    sums=(Sum("total", ("fully_electronic", "dual_format")),),
    balances=(Balance("total", ("signed_within", "unsigned_within"), rule="signed-split"),),
    flows=("total", "fully_electronic", "dual_format", "signed_within", "unsigned_within"),
    chart_columns=("signed_within", "unsigned_within"),
    counting_rule=(
        "Hai cột ký số chỉ tính văn bản trong tỉnh (nội tỉnh); văn bản đến từ ngoài tỉnh nằm "
        "trong tổng số nhưng không nằm trong hai cột đó."
    ),
)
PROCEDURE_COUNTS = Table(
    code="so-luong-thu-tuc",
    title="Số lượng thủ tục hành chính được công bố, công khai",
    short_title="Số lượng thủ tục",
    unit="thủ tục",
    quantities=(
        Quantity(
            "promulgated",
            "duoc_cong_bo",
            ("TTHC được công bố", "Tổng số"),
            aliases=("TTHC được công bố", "Tổng số TTHC được công bố"),
        ),
        Quantity(
            "in_jurisdiction",
            "thuoc_tham_quyen",
            ("TTHC được công bố", "Thuộc thẩm quyền giải quyết của xã"),
            aliases=("TTHC thuộc thẩm quyền giải quyết của xã",),
        ),
        Quantity(
            "other",
            "con_lai",
            ("TTHC được công bố", "Còn lại"),
            note="Phối hợp với cơ quan khác hoặc không phát sinh ở địa bàn xã",
            aliases=("TTHC còn lại (phối hợp với huyện sở hoặc không phát sinh)",),
        ),
        Quantity("posted", "duoc_cong_khai", ("TTHC được công khai",)),
        Quantity("field_count", "so_linh_vuc", ("Số lĩnh vực",), unit="lĩnh vực"),
    ),
    sums=(Sum("promulgated", ("in_jurisdiction", "other")),),
    limits=(
        Limit(
            "posted",
            "promulgated",
            "posted-over-promulgated",
            what=("thủ tục được công khai", "thủ tục được công bố"),
        ),
    ),
    chart_columns=("in_jurisdiction", "other"),
    counting_rule=(
        "“Công bố” là thủ tục có quyết định công bố của cơ quan có thẩm quyền; “công khai” là thủ "
        "tục xã đã niêm yết hoặc đăng tải. Chỉ thủ tục đã công bố mới được công khai."
    ),
)
TASKS = Table(
    code="nhiem-vu",
    title="Tiến độ thực hiện các nhiệm vụ cải cách hành chính",
    short_title="Nhiệm vụ cải cách hành chính",
    unit="nhiệm vụ",
    quantities=(
        Quantity("lead_unit", "don_vi_thuc_hien", ("Đơn vị thực hiện",), TEXT, is_carried=True),
        Quantity(
            "supporting_units", "don_vi_phoi_hop", ("Đơn vị phối hợp",), TEXT, is_carried=True
        ),
        Quantity("due", "thoi_gian_hoan_thanh", ("Thời gian hoàn thành",), TEXT, is_carried=True),
        Quantity("progress", "da_thuc_hien", ("Đã thực hiện",), TEXT),
        Quantity("deliverable", "san_pham_dau_ra", ("Sản phẩm đầu ra",), TEXT),
        Quantity(
            "completion",
            "ty_le_hoan_thanh",
            ("Tỷ lệ hoàn thành nhiệm vụ",),
            ValueKind.NUMBER,
            unit="%",
            note="Do đơn vị thực hiện tự đánh giá, không tính từ số liệu khác",
            is_summed=False,
        ),
        Quantity(
            "target",
            "chi_tieu_phai_dat",
            ("Chỉ tiêu phải đạt",),
            TEXT,
            note="Điền khi nhiệm vụ có con số phải đạt",
            is_carried=True,
        ),
        Quantity("measured", "ket_qua_do_duoc", ("Kết quả đo được",), TEXT),
    ),
    chart_columns=("completion",),
    counting_rule=(
        "Tỷ lệ hoàn thành do đơn vị thực hiện tự đánh giá theo từng nhiệm vụ; trang không cộng "
        "hay lấy trung bình các tỷ lệ này."
    ),
)
FORMS = (
    Form(
        DOCUMENTS,
        "2023",
        IN_OUT,
        DOCUMENTS.columns(),
        legal_source=_SOURCE,
        row_header="Văn bản",
        row_name="chieu",
    ),
    Form(
        PROCEDURE_COUNTS,
        "2023",
        SINGLE,
        PROCEDURE_COUNTS.columns(),
        legal_source=_SOURCE,
    ),
    Form(
        TASKS,
        "2023",
        BY_TASK,
        TASKS.columns(),
        legal_source="Phụ lục tiến độ kèm báo cáo cải cách hành chính của xã",
        ordinal_header="TT",
        row_header="Nội dung",
        row_name="noi_dung",
    ),
)
