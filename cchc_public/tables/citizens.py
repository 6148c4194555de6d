"""Tables of what citizens say, of single figures and of scores."""

from datetime import date

from cchc_public.tables.language import BY_FIELD, FREE_LIST, SINGLE, Block, Form, KnownRow, Table
from cchc_public.tables.notation import keys, read_identities, read_quantities

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
            keys(
                "slips very_satisfied satisfied neutral dissatisfied very_dissatisfied "
                "satisfied_total unsatisfied_total"
            ),
        ),
    ),
    quantities=read_quantities(
        """
slips | tong_so_phieu > Tổng số phiếu
= Số phiếu khảo sát; Số phiếu
very_satisfied | rat_hai_long > Số phiếu theo mức độ > Rất hài lòng
satisfied | hai_long > Số phiếu theo mức độ > Hài lòng
neutral | binh_thuong > Số phiếu theo năm mức độ > Bình thường
dissatisfied | khong_hai_long > Số phiếu theo mức độ > Không hài lòng
= Chưa hài lòng
very_dissatisfied | rat_khong_hai_long > Số phiếu theo năm mức độ > Rất không hài lòng
satisfied_total | tong_hai_long > Rất hài lòng và hài lòng
= Số phiếu hài lòng; Hài lòng trở lên
unsatisfied_total | tong_chua_hai_long > Chưa hài lòng trở xuống
satisfaction_rate | ty_le_hai_long | rate > Tỷ lệ hài lòng
= Mức độ hài lòng của người dân
# Số phiếu rất hài lòng và hài lòng trên tổng số phiếu
coverage_target | chi_tieu_ty_le_phieu | number | unit=% | carried | unsummed
> Chỉ tiêu tỷ lệ phiếu khảo sát
# Số phiếu phải đạt trên số hồ sơ đã giải quyết, theo kế hoạch của xã
"""
    ),
    **read_identities(
        """
satisfied_total = very_satisfied + satisfied
slips == satisfied_total + unsatisfied_total
unsatisfied_total == neutral + dissatisfied + very_dissatisfied
satisfaction_rate = satisfied_total / slips; claim_rule=satisfaction-without-slips
"""
    ),
    flows=("slips", "very_satisfied", "satisfied", "dissatisfied"),
    about_people=("dissatisfied", "very_dissatisfied", "unsatisfied_total"),
    chart_columns=("very_satisfied", "satisfied", "dissatisfied"),
    counting_rule=(
        "Tỷ lệ hài lòng tính trên số phiếu thu được; người không gửi phiếu không được coi là "
        "hài lòng. Không có số phiếu thì trang chỉ nhắc lại con số của báo cáo, ghi rõ là "
        "không có số phiếu, không vẽ biểu đồ và không so sánh."
    ),
)
_THREE = keys(
    "slips very_satisfied satisfied dissatisfied satisfied_total satisfaction_rate coverage_target"
)
_FIVE = keys(
    "slips very_satisfied satisfied neutral dissatisfied very_dissatisfied satisfied_total "
    "satisfaction_rate coverage_target"
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
    quantities=read_quantities(
        """
feedback | tiep_nhan > Tiếp nhận
= Tổng số tiếp nhận; Tổng số
feedback_resolved | da_xu_ly > Đã xử lý > Tổng số
= Đã xử lý
feedback_in_term | dung_han > Đã xử lý > Đúng hạn
feedback_overdue | qua_han > Đã xử lý > Quá hạn
feedback_pending | dang_xu_ly > Đang xử lý
= Chưa xử lý
feedback_term_rate | ty_le_dung_han | rate > Tỷ lệ xử lý đúng hạn
# Số xử lý đúng hạn trên số đã xử lý
answered | co_danh_gia > Đánh giá của người gửi > Có đánh giá
content | hai_long > Đánh giá của người gửi > Hài lòng
discontent | khong_hai_long > Đánh giá của người gửi > Không hài lòng
content_rate | ty_le_hai_long | rate > Đánh giá của người gửi > Tỷ lệ hài lòng
# Số hài lòng trên số có đánh giá
"""
    ),
    **read_identities(
        """
feedback = feedback_resolved + [feedback_pending]
feedback_resolved = feedback_in_term + feedback_overdue
answered = content + discontent
feedback_term_rate = feedback_in_term / feedback_resolved
content_rate = content / answered | feedback_resolved | feedback
"""
    ),
    flows=("feedback", "feedback_resolved", "feedback_in_term", "feedback_overdue"),
    about_people=("feedback", "discontent"),
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
    quantities=read_quantities(
        """
sessions | so_buoi | unit=buổi > Tiếp công dân > Số buổi tiếp
visits | so_luot > Tiếp công dân > Số lượt
= Số lượt tiếp
visitors | so_nguoi | unit=người > Tiếp công dân > Số người
cases | so_vu_viec | unit=vụ việc > Tiếp công dân > Số vụ việc
groups_received | doan_dong_nguoi > Tiếp công dân > Đoàn đông người
petitions | so_don | unit=đơn > Đơn tiếp nhận > Tổng số
complaints | khieu_nai | unit=đơn > Đơn tiếp nhận > Khiếu nại
denunciations | to_cao | unit=đơn > Đơn tiếp nhận > Tố cáo
suggestions | kien_nghi_phan_anh | unit=đơn > Đơn tiếp nhận > Kiến nghị, phản ánh
petitions_resolved | don_da_giai_quyet | unit=đơn > Đơn đã giải quyết
petition_rate | ty_le_giai_quyet_don | rate > Tỷ lệ giải quyết đơn
"""
    ),
    **read_identities(
        """
petitions = complaints + denunciations + suggestions
petition_rate = petitions_resolved / petitions
"""
    ),
    flows=("sessions", "visits", "visitors", "petitions", "petitions_resolved"),
    about_people=("visitors", "cases", "petitions", "complaints", "denunciations", "suggestions"),
    chart_columns=("complaints", "denunciations", "suggestions"),
    counting_rule=(
        "Một lượt tiếp có thể có nhiều người và nhiều vụ việc; đơn trùng được đếm theo cách của "
        "nguồn. Trang không công bố tên người và nội dung vụ việc."
    ),
)


SATISFACTION_FORMS = (
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
    quantities=read_quantities(
        """
section_code | muc | text | carried > Mục
value | gia_tri | number | unit-in=unit | unsummed > Giá trị
= Số liệu; Kết quả; Số lượng; Thực hiện; Kết quả thực hiện
numerator | tu_so | unsummed > Phân số > Tử số
denominator | mau_so | unsummed > Phân số > Mẫu số
rate | ty_le | rate > Phân số > Tỷ lệ
unit | don_vi | text | carried > Đơn vị
= Đơn vị tính; ĐVT
note | ghi_chu | text > Ghi chú
"""
    ),
    **read_identities("rate = numerator / denominator; stated_in=value; may_exceed"),
    chart_columns=("rate",),
    counting_rule=(
        "Giá trị ghi đúng như lời báo cáo. Chỉ tiêu có tử số và mẫu số thì tỷ lệ do trang tính; "
        "chỉ tiêu phần trăm không có mẫu số là con số báo cáo tự nêu."
    ),
)
INDICATOR_FORMS = (
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

SCORE = Table(
    code="chi-so-766",
    title="Điểm đánh giá chất lượng phục vụ người dân, doanh nghiệp",
    short_title="Chỉ số phục vụ (QĐ 766)",
    unit="điểm",
    quantities=read_quantities(
        """
transparency | cong_khai_minh_bach | number | most=18 | unsummed
> Công khai, minh bạch > Điểm (tối đa 18)
progress | tien_do | number | most=20 | unsummed > Tiến độ giải quyết > Điểm (tối đa 20)
online_services | dich_vu_cong_truc_tuyen | number | most=12 | unsummed
> Dịch vụ công trực tuyến > Điểm (tối đa 12)
digitization | so_hoa | number | most=22 | unsummed > Số hóa hồ sơ > Điểm (tối đa 22)
payment | thanh_toan_truc_tuyen | number | most=10 | unsummed
> Thanh toán trực tuyến > Điểm (tối đa 10)
satisfaction | hai_long | number | most=18 | unsummed > Mức độ hài lòng > Điểm (tối đa 18)
score | tong_diem | number | most=100 | unsummed > Tổng điểm > Điểm (tối đa 100)
# Chép từ Cổng Dịch vụ công quốc gia, trang không tính
copied_on | ngay_lay | text > Ngày lấy số liệu
copied_from | nguon | text | carried > Nguồn
"""
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
