"""Tables ``chi-tieu`` (single indicators) and ``chi-so-766`` (copied scores).

The score of Quyết định 766 is the national portal's: copied with its day, never computed here.
"""

from datetime import date

from cchc_public.tables.language import (
    FREE_LIST,
    SINGLE,
    Form,
    KnownRow,
    Quantity,
    Ratio,
    Table,
    ValueKind,
)

TASKS_DONE = "tasks-done"
APOLOGIES = "apologies"
SATISFACTION_CLAIM = "satisfaction-claim"

INDICATORS = Table(
    code="chi-tieu",
    title="Các chỉ tiêu khác trong báo cáo cải cách hành chính",
    short_title="Chỉ tiêu khác",
    unit="theo từng chỉ tiêu",
    known_rows=(
        KnownRow(
            TASKS_DONE,
            "Nhiệm vụ CCHC đã thực hiện tốt",
            aliases=("Nhiệm vụ cải cách hành chính đã hoàn thành", "Nhiệm vụ CCHC đã hoàn thành"),
            section="I",
            meaning=(("nhiem vu", "hoan thanh"), ("nhiem vu", "thuc hien tot")),
            not_words=("chua", "khong"),
        ),
        KnownRow(
            APOLOGIES,
            "Văn bản xin lỗi khi quá hạn",
            aliases=("Văn bản xin lỗi", "Số văn bản xin lỗi", "Phiếu xin lỗi"),
            section="II.2",
            meaning=(("xin loi",),),
            not_words=("chua", "ty le"),
        ),
        KnownRow(
            SATISFACTION_CLAIM,
            "Mức độ hài lòng của người dân",
            aliases=("Tỷ lệ người dân hài lòng", "Mức độ hài lòng của người dân, tổ chức"),
            section="II.2",
            meaning=(("hai long", "nguoi dan"), ("hai long", "to chuc"), ("hai long", "ca nhan")),
            not_words=("khong hai long", "phan anh", "kien nghi", "phieu", "chi tieu"),
        ),
    ),
    quantities=(
        Quantity("section_code", "muc", ("Mục",), ValueKind.TEXT, is_carried=True),
        Quantity(
            "value",
            "gia_tri",
            ("Giá trị",),
            ValueKind.NUMBER,
            aliases=("Số liệu", "Kết quả", "Số lượng", "Thực hiện", "Kết quả thực hiện"),
            is_summed=False,
            unit_in="unit",
        ),
        Quantity("numerator", "tu_so", ("Phân số", "Tử số"), is_summed=False),
        Quantity("denominator", "mau_so", ("Phân số", "Mẫu số"), is_summed=False),
        Quantity("rate", "ty_le", ("Phân số", "Tỷ lệ"), ValueKind.RATE, unit="%"),
        Quantity(
            "unit",
            "don_vi",
            ("Đơn vị",),
            ValueKind.TEXT,
            aliases=("Đơn vị tính", "ĐVT"),
            is_carried=True,
        ),
        Quantity("note", "ghi_chu", ("Ghi chú",), ValueKind.TEXT),
    ),
    ratios=(
        Ratio(
            "rate",
            ("numerator",),
            ("denominator",),
            stated_in="value",
            may_exceed=True,
        ),
    ),
    chart_columns=("rate",),
    counting_rule=(
        "Giá trị ghi đúng như lời báo cáo. Chỉ tiêu có tử số và mẫu số thì tỷ lệ do trang tính; "
        "chỉ tiêu phần trăm không có mẫu số là con số báo cáo tự nêu."
    ),
)
FORMS = (
    Form(
        INDICATORS,
        "2023",
        FREE_LIST,
        INDICATORS.columns(),
        legal_source="Lời báo cáo cải cách hành chính định kỳ của xã",
        row_header="Chỉ tiêu",
        row_name="chi_tieu",
    ),
)

_SCORES = (
    ("transparency", "cong_khai_minh_bach", "Công khai, minh bạch", 18),
    ("progress", "tien_do", "Tiến độ giải quyết", 20),
    ("online_services", "dich_vu_cong_truc_tuyen", "Dịch vụ công trực tuyến", 12),
    ("digitization", "so_hoa", "Số hóa hồ sơ", 22),
    ("payment", "thanh_toan_truc_tuyen", "Thanh toán trực tuyến", 10),
    ("satisfaction", "hai_long", "Mức độ hài lòng", 18),
)
SCORE = Table(
    code="chi-so-766",
    title="Điểm đánh giá chất lượng phục vụ người dân, doanh nghiệp",
    short_title="Chỉ số phục vụ (QĐ 766)",
    unit="điểm",
    quantities=(
        *(
            Quantity(
                key,
                name,
                (words, f"Điểm (tối đa {most})"),
                ValueKind.NUMBER,
                is_summed=False,
                most=most,
            )
            for key, name, words, most in _SCORES
        ),
        Quantity(
            "score",
            "tong_diem",
            ("Tổng điểm", "Điểm (tối đa 100)"),
            ValueKind.NUMBER,
            is_summed=False,
            most=100,
            note="Chép từ Cổng Dịch vụ công quốc gia, trang không tính",
        ),
        Quantity("copied_on", "ngay_lay", ("Ngày lấy số liệu",), ValueKind.TEXT),
        Quantity("copied_from", "nguon", ("Nguồn",), ValueKind.TEXT, is_carried=True),
    ),
    counting_rule=(
        "Điểm do Cổng Dịch vụ công quốc gia tính theo Quyết định số 766/QĐ-TTg; trang chép nguyên, "
        "ghi ngày lấy và nguồn, không tự tính."
    ),
)
SCORE_FORMS = (
    Form(
        SCORE,
        "2022",
        SINGLE,
        SCORE.columns(),
        valid_from=date(2025, 7, 1),
        legal_source="Quyết định số 766/QĐ-TTg ngày 23/6/2022 của Thủ tướng Chính phủ",
    ),
)
