"""Tables ``chi-tieu`` (single indicators) and ``chi-so-766`` (copied scores).

The score of Quyết định 766 is the national portal's: copied with its day, never computed here.
"""

from datetime import date

from cchc_public.tables.language import FREE_LIST, SINGLE, Form, KnownRow, Ratio, Table
from cchc_public.tables.notation import read_quantities

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
    ratios=(Ratio("rate", ("numerator",), ("denominator",), stated_in="value", may_exceed=True),),
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
