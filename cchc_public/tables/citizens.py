"""Tables of what citizens say: ``hai-long``, ``phan-anh``, ``ket-qua-tiep-dan``."""

from datetime import date

from cchc_public.tables.language import (
    BY_FIELD,
    NONE,
    SINGLE,
    Block,
    Form,
    KnownRow,
    Quantity,
    Ratio,
    Sum,
    Table,
    ValueKind,
)

RATE = ValueKind.RATE
LEVELS = "Số phiếu theo mức độ"
FIVE_LEVELS = "Số phiếu theo năm mức độ"
_SOURCE = "Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"

SATISFACTION = Table(
    code="hai-long",
    title="Mức độ hài lòng của tổ chức, cá nhân khi giải quyết thủ tục hành chính",
    short_title="Mức độ hài lòng",
    unit="phiếu",
    blocks=(
        Block(
            "",
            ("Số phiếu", "Phiếu"),
            (
                "slips",
                "very_satisfied",
                "satisfied",
                "neutral",
                "dissatisfied",
                "very_dissatisfied",
                "satisfied_total",
                "unsatisfied_total",
            ),
        ),
    ),
    quantities=(
        Quantity(
            "slips", "tong_so_phieu", ("Tổng số phiếu",), aliases=("Số phiếu khảo sát", "Số phiếu")
        ),
        Quantity("very_satisfied", "rat_hai_long", (LEVELS, "Rất hài lòng")),
        Quantity("satisfied", "hai_long", (LEVELS, "Hài lòng")),
        Quantity("neutral", "binh_thuong", (FIVE_LEVELS, "Bình thường")),
        Quantity(
            "dissatisfied",
            "khong_hai_long",
            (LEVELS, "Không hài lòng"),
            aliases=("Chưa hài lòng",),
        ),
        Quantity("very_dissatisfied", "rat_khong_hai_long", (FIVE_LEVELS, "Rất không hài lòng")),
        Quantity(
            "satisfied_total",
            "tong_hai_long",
            ("Rất hài lòng và hài lòng",),
            aliases=("Số phiếu hài lòng", "Hài lòng trở lên"),
        ),
        Quantity("unsatisfied_total", "tong_chua_hai_long", ("Chưa hài lòng trở xuống",)),
        Quantity(
            "satisfaction_rate",
            "ty_le_hai_long",
            ("Tỷ lệ hài lòng",),
            RATE,
            unit="%",
            note="Số phiếu rất hài lòng và hài lòng trên tổng số phiếu",
            aliases=("Mức độ hài lòng của người dân",),
        ),
        Quantity(
            "coverage_target",
            "chi_tieu_ty_le_phieu",
            ("Chỉ tiêu tỷ lệ phiếu khảo sát",),
            ValueKind.NUMBER,
            unit="%",
            note="Số phiếu phải đạt trên số hồ sơ đã giải quyết, theo kế hoạch của xã",
            is_summed=False,
            is_carried=True,
        ),
    ),
    sums=(
        Sum("satisfied_total", ("very_satisfied", "satisfied")),
        Sum("slips", ("satisfied_total", "unsatisfied_total"), computes=NONE),
        Sum("unsatisfied_total", ("neutral", "dissatisfied", "very_dissatisfied"), computes=NONE),
    ),
    ratios=(
        Ratio(
            "satisfaction_rate",
            ("satisfied_total",),
            ("slips",),
            claim_rule="satisfaction-without-slips",
        ),
    ),
    flows=("slips", "very_satisfied", "satisfied", "dissatisfied"),
    chart_columns=("very_satisfied", "satisfied", "dissatisfied"),
    counting_rule=(
        "Tỷ lệ hài lòng tính trên số phiếu thu được; người không gửi phiếu không được coi là "
        "hài lòng. Không có số phiếu thì trang chỉ nhắc lại con số của báo cáo, ghi rõ là "
        "không có số phiếu, không vẽ biểu đồ và không so sánh."
    ),
)
_THREE = (
    "slips",
    "very_satisfied",
    "satisfied",
    "dissatisfied",
    "satisfied_total",
    "satisfaction_rate",
    "coverage_target",
)
_FIVE = (
    "slips",
    "very_satisfied",
    "satisfied",
    "neutral",
    "dissatisfied",
    "very_dissatisfied",
    "satisfied_total",
    "satisfaction_rate",
    "coverage_target",
)
_NOW = (
    "Nghị định số 118/2025/NĐ-CP, Nghị định số 367/2025/NĐ-CP, "
    "Thông tư số 03/2025/TT-VPCP, Thông tư số 04/2025/TT-VPCP"
)
_BEFORE = "Thông tư số 01/2018/TT-VPCP của Văn phòng Chính phủ, chương III"
_SINCE = date(2025, 7, 1)  # communes of the two-level order
_ONLY_FIVE = ("neutral", "very_dissatisfied")

FEEDBACK = Table(
    code="phan-anh",
    title="Tiếp nhận, xử lý phản ánh, kiến nghị của tổ chức, cá nhân",
    short_title="Phản ánh, kiến nghị",
    unit="phản ánh, kiến nghị",
    quantities=(
        Quantity("feedback", "tiep_nhan", ("Tiếp nhận",), aliases=("Tổng số tiếp nhận", "Tổng số")),
        Quantity("feedback_resolved", "da_xu_ly", ("Đã xử lý", "Tổng số"), aliases=("Đã xử lý",)),
        Quantity("feedback_in_term", "dung_han", ("Đã xử lý", "Đúng hạn")),
        Quantity("feedback_overdue", "qua_han", ("Đã xử lý", "Quá hạn")),
        Quantity("feedback_pending", "dang_xu_ly", ("Đang xử lý",), aliases=("Chưa xử lý",)),
        Quantity(
            "feedback_term_rate",
            "ty_le_dung_han",
            ("Tỷ lệ xử lý đúng hạn",),
            RATE,
            unit="%",
            note="Số xử lý đúng hạn trên số đã xử lý",
        ),
        Quantity("answered", "co_danh_gia", ("Đánh giá của người gửi", "Có đánh giá")),
        Quantity("content", "hai_long", ("Đánh giá của người gửi", "Hài lòng")),
        Quantity("discontent", "khong_hai_long", ("Đánh giá của người gửi", "Không hài lòng")),
        Quantity(
            "content_rate",
            "ty_le_hai_long",
            ("Đánh giá của người gửi", "Tỷ lệ hài lòng"),
            RATE,
            unit="%",
            note="Số hài lòng trên số có đánh giá",
        ),
    ),
    sums=(
        Sum("feedback", ("feedback_resolved", "feedback_pending"), computes="feedback_pending"),
        Sum("feedback_resolved", ("feedback_in_term", "feedback_overdue")),
        Sum("answered", ("content", "discontent")),
    ),
    ratios=(
        Ratio("feedback_term_rate", ("feedback_in_term",), ("feedback_resolved",)),
        Ratio("content_rate", ("content",), ("answered",), (("feedback_resolved",), ("feedback",))),
    ),
    flows=("feedback", "feedback_resolved", "feedback_in_term", "feedback_overdue"),
    chart_columns=("feedback_in_term", "feedback_overdue", "feedback_pending"),
    known_rows=(
        KnownRow("hanh-vi", "Hành vi của cán bộ, công chức", meaning=(("hanh vi",),)),
        KnownRow(
            "quy-dinh", "Quy định hành chính", meaning=(("quy dinh",), ("thu tuc hanh chinh",))
        ),
    ),
    counting_rule=(
        "Chỉ tính phản ánh, kiến nghị thuộc thẩm quyền của xã; hài lòng tính trên số người gửi có "
        "đánh giá, người không đánh giá không được coi là hài lòng."
    ),
)

RECEPTION = Table(
    code="ket-qua-tiep-dan",
    title="Kết quả tiếp công dân và tiếp nhận đơn",
    short_title="Kết quả tiếp công dân",
    unit="lượt",
    quantities=(
        Quantity("sessions", "so_buoi", ("Tiếp công dân", "Số buổi tiếp"), unit="buổi"),
        Quantity("visits", "so_luot", ("Tiếp công dân", "Số lượt"), aliases=("Số lượt tiếp",)),
        Quantity("visitors", "so_nguoi", ("Tiếp công dân", "Số người"), unit="người"),
        Quantity("cases", "so_vu_viec", ("Tiếp công dân", "Số vụ việc"), unit="vụ việc"),
        Quantity("groups_received", "doan_dong_nguoi", ("Tiếp công dân", "Đoàn đông người")),
        Quantity("petitions", "so_don", ("Đơn tiếp nhận", "Tổng số"), unit="đơn"),
        Quantity("complaints", "khieu_nai", ("Đơn tiếp nhận", "Khiếu nại"), unit="đơn"),
        Quantity("denunciations", "to_cao", ("Đơn tiếp nhận", "Tố cáo"), unit="đơn"),
        Quantity(
            "suggestions",
            "kien_nghi_phan_anh",
            ("Đơn tiếp nhận", "Kiến nghị, phản ánh"),
            unit="đơn",
        ),
        Quantity("petitions_resolved", "don_da_giai_quyet", ("Đơn đã giải quyết",), unit="đơn"),
        Quantity(
            "petition_rate",
            "ty_le_giai_quyet_don",
            ("Tỷ lệ giải quyết đơn",),
            RATE,
            unit="%",
        ),
    ),
    sums=(Sum("petitions", ("complaints", "denunciations", "suggestions")),),
    ratios=(Ratio("petition_rate", ("petitions_resolved",), ("petitions",)),),
    flows=("sessions", "visits", "visitors", "petitions", "petitions_resolved"),
    chart_columns=("complaints", "denunciations", "suggestions"),
    counting_rule=(
        "Một lượt tiếp có thể có nhiều người và nhiều vụ việc; đơn trùng được đếm theo cách của "
        "nguồn. Trang không công bố tên người và nội dung vụ việc."
    ),
)


FORMS = (
    Form(
        SATISFACTION,
        "nam-muc",
        SINGLE,
        SATISFACTION.columns(*_FIVE),
        name="Năm mức độ",
        legal_source=_NOW,
        is_standard=False,
        chart=("very_satisfied", "satisfied", "neutral", "dissatisfied", "very_dissatisfied"),
    ),
    Form(
        SATISFACTION,
        "tong-hop",
        SINGLE,
        SATISFACTION.columns("slips", "satisfied_total", "satisfaction_rate", "coverage_target"),
        name="Chỉ có số phiếu và số hài lòng",
        legal_source=_NOW,
        is_standard=False,
        chart=("satisfied_total",),
    ),
    Form(
        SATISFACTION,
        "theo-hinh-thuc",
        BY_FIELD,
        SATISFACTION.columns(*_THREE),
        name="Theo hình thức khảo sát",
        legal_source=_NOW,
        is_standard=False,
        row_header="Hình thức khảo sát",
        row_name="hinh_thuc",
        ordinal_header="STT",
        absent=_ONLY_FIVE,
    ),
    Form(
        SATISFACTION,
        "2018",
        SINGLE,
        SATISFACTION.columns(*_THREE),
        name="Ba mức độ",
        legal_source=_BEFORE,
        valid_to=date(2025, 6, 30),
        absent=_ONLY_FIVE,
    ),
    Form(
        SATISFACTION,
        "2025",
        SINGLE,
        SATISFACTION.columns(*_THREE),
        name="Ba mức độ",
        legal_source=_NOW,
        valid_from=_SINCE,
        absent=_ONLY_FIVE,
    ),
)
FEEDBACK_FORMS = (
    Form(
        FEEDBACK,
        "2025",
        BY_FIELD,
        FEEDBACK.columns(),
        name="Theo loại phản ánh, kiến nghị",
        valid_from=_SINCE,
        legal_source=_SOURCE,
        row_header="Loại phản ánh, kiến nghị",
        row_name="loai",
        ordinal_header="STT",
    ),
)
RECEPTION_FORMS = (
    Form(
        RECEPTION,
        "2025",
        SINGLE,
        RECEPTION.columns(),
        valid_from=_SINCE,
        legal_source=(
            "Nghị định số 64/2014/NĐ-CP, từ 01/7/2026 theo Nghị định số 154/2026/NĐ-CP; "
            f"{_SOURCE[0].lower()}{_SOURCE[1:]}"
        ),
    ),
)
