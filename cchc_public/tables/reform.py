"""Tables of the rest of a reform report: documents, tasks, online services, feedback, scores."""

from datetime import date

from cchc_public.tables.dossiers import ASKED, PAYMENTS, SINCE_2025
from cchc_public.tables.language import BY_FIELD, BY_TASK, FREE_LIST, IN_OUT, Form, KnownRow, Table
from cchc_public.tables.notation import read_facts

DOCUMENTS = Table(
    code="van-ban",
    title="Văn bản trao đổi hoàn toàn dưới dạng điện tử và áp dụng chữ ký số",
    short_title="Văn bản điện tử",
    unit="văn bản",
    known_rows=(
        KnownRow("den", "Văn bản đến", aliases=("đến",)),
        KnownRow("di", "Văn bản đi", aliases=("đi",)),
    ),
    **read_facts(
        """
total | tong_so > Tổng số văn bản
= Tổng số; Tổng số văn bản đến; Tổng số văn bản đi
fully_electronic | hoan_toan_dien_tu > Hoàn toàn điện tử
dual_format | song_song_giay_dien_tu > Song song bản giấy - điện tử
signed_within | noi_tinh_co_ky_so > VB Nội tỉnh - có ký số
= Có ký số; Văn bản ký số
unsigned_within | noi_tinh_khong_ky_so > VB Nội tỉnh - không ký số
= Không ký số; Chưa ký số

total = fully_electronic + dual_format
total ~ signed_within + unsigned_within; signed-split
"""
    ),
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
    **read_facts(
        """
>> TTHC được công bố
promulgated | duoc_cong_bo > Tổng số
= TTHC được công bố; Tổng số TTHC được công bố
in_jurisdiction | thuoc_tham_quyen > Thuộc thẩm quyền giải quyết của xã
= TTHC thuộc thẩm quyền giải quyết của xã
other | con_lai > Còn lại
= TTHC còn lại (phối hợp với huyện sở hoặc không phát sinh)
# Phối hợp với cơ quan khác hoặc không phát sinh ở địa bàn xã
>>
posted | duoc_cong_khai > TTHC được công khai
field_count | so_linh_vuc | unit=lĩnh vực > Số lĩnh vực

promulgated = in_jurisdiction + other
posted <= promulgated; posted-over-promulgated; thủ tục được công khai; thủ tục được công bố
"""
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
    **read_facts(
        """
lead_unit | don_vi_thuc_hien | text | carried > Đơn vị thực hiện
supporting_units | don_vi_phoi_hop | text | carried > Đơn vị phối hợp
due | thoi_gian_hoan_thanh | text | carried > Thời gian hoàn thành
progress | da_thuc_hien | text > Đã thực hiện
deliverable | san_pham_dau_ra | text > Sản phẩm đầu ra
completion | ty_le_hoan_thanh | number | unit=% | unsummed > Tỷ lệ hoàn thành nhiệm vụ
# Do đơn vị thực hiện tự đánh giá, không tính từ số liệu khác
target | chi_tieu_phai_dat | text | carried > Chỉ tiêu phải đạt
# Điền khi nhiệm vụ có con số phải đạt
measured | ket_qua_do_duoc | text > Kết quả đo được
"""
    ),
    chart_columns=("completion",),
    done_by="completion",
    counting_rule=(
        "Tỷ lệ hoàn thành do đơn vị thực hiện tự đánh giá theo từng nhiệm vụ; trang không cộng "
        "hay lấy trung bình các tỷ lệ này."
    ),
)

TITLE = "Kết quả cung cấp dịch vụ công trực tuyến"
CODE = "dich-vu-cong"
BY_LEVEL = Table(
    code=CODE,
    title=TITLE + " mức độ 3, 4",
    short_title="Dịch vụ công trực tuyến",
    unit="dịch vụ, hồ sơ",
    **read_facts(
        """
services_l3 | dich_vu_muc_3 | unit=dịch vụ > Tổng số DVC TT MĐ 3
= Tổng số DVCTT mức độ 3
services_l4 | dich_vu_muc_4 | unit=dịch vụ > Tổng số DVC TT MĐ 4
= Tổng số DVCTT mức độ 4
services_total | dich_vu_muc_3_4 | unit=dịch vụ > Tổng số DVC TT MĐ 3,4
= Tổng số DVCTT mức độ 3, 4
with_dossiers_l3 | dich_vu_muc_3_co_ho_so | unit=dịch vụ > Số DVC TT MĐ 3 phát sinh HS
= Số DVCTT mức độ 3 phát sinh hồ sơ
with_online_l3 | dich_vu_muc_3_co_ho_so_online | unit=dịch vụ > Số DVC TT MĐ 3 phát sinh HS online
= Số DVCTT mức độ 3 phát sinh hồ sơ online
with_dossiers_l4 | dich_vu_muc_4_co_ho_so | unit=dịch vụ > Số DVC TT MĐ 4 phát sinh HS
= Số DVCTT mức độ 4 phát sinh hồ sơ
with_online_l4 | dich_vu_muc_4_co_ho_so_online | unit=dịch vụ > Số DVC TT MĐ 4 phát sinh HS online
= Số DVCTT mức độ 4 phát sinh hồ sơ online
with_online_rate | ty_le_dich_vu_co_ho_so_online | rate > Tỉ lệ DVC TT MĐ 3,4 phát sinh HS online
= Tỉ lệ DVCTT mức độ 3, 4 phát sinh hồ sơ online (%)
# Số dịch vụ mức độ 3, 4 phát sinh hồ sơ online trên tổng số dịch vụ mức độ 3, 4
online_l3 | ho_so_online_muc_3 | unit=hồ sơ > Tổng số HS online MĐ 3
= Tổng số hồ sơ online mức độ 3
dossiers_l3 | ho_so_muc_3 | unit=hồ sơ > Tổng HS cả trực tiếp và online MĐ 3
= Tổng hồ sơ cả trực tiếp và online mức độ 3
online_rate_l3 | ty_le_ho_so_online_muc_3 | rate > Tỉ lệ % HS online MĐ 3
= Tỉ lệ % hồ sơ online mức độ 3
online_l4 | ho_so_online_muc_4 | unit=hồ sơ > Tổng số HS online MĐ 4
= Tổng số hồ sơ online mức độ 4
dossiers_l4 | ho_so_muc_4 | unit=hồ sơ > Tổng HS cả trực tiếp và online MĐ 4
= Tổng hồ sơ cả trực tiếp và online mức độ 4
online_rate_l4 | ty_le_ho_so_online_muc_4 | rate > Tỉ lệ % HS online MĐ 4
= Tỉ lệ % hồ sơ online mức độ 4
all_levels | ho_so_muc_1_2_3_4 | unit=hồ sơ > Tổng số HS 1,2,3,4
= Tổng số hồ sơ mức độ 1, 2, 3, 4
online_rate | ty_le_ho_so_online | rate > Tỉ lệ % HS online
= Tỉ lệ % hồ sơ online
# Hồ sơ online mức độ 3, 4 trên tổng số hồ sơ mức độ 1, 2, 3, 4

services_total = services_l3 + services_l4
with_online_rate = with_online_l3 + with_online_l4 / services_l3 + services_l4
online_rate_l3 = online_l3 / dossiers_l3
online_rate_l4 = online_l4 / dossiers_l4
online_rate = online_l3 + online_l4 / all_levels | dossiers_l3 + dossiers_l4
with_dossiers_l3 <= services_l3
with_dossiers_l4 <= services_l4
with_online_l3 <= with_dossiers_l3
with_online_l4 <= with_dossiers_l4
services_total <= so-luong-thu-tuc.promulgated; services-over-procedures
; dịch vụ công trực tuyến; thủ tục được công bố
all_levels ~ ho-so.received_in_period; received-agrees; hồ sơ tiếp nhận trong kỳ
online_l3 + online_l4 ~ ho-so.received_online; online-agrees; hồ sơ tiếp nhận trực tuyến
"""
    ),
    flows=("online_l3", "dossiers_l3", "online_l4", "dossiers_l4", "all_levels"),
    chart_columns=("online_l3", "online_l4"),
    counting_rule=(
        "Trang tính tỷ lệ hồ sơ online trên tổng số hồ sơ mức độ 1, 2, 3, 4; nguồn có thể tính "
        "chỉ trên hồ sơ mức độ 3, 4 nên con số in trong nguồn cao hơn. "
        "“Mức độ 3, 4” là cách phân loại trước năm 2022; nay là “toàn trình” và “một phần”."
    ),
    notes=(
        "DVC TT: dịch vụ công trực tuyến. MĐ: mức độ. HS: hồ sơ. online: nộp trực tuyến.",
        "Hai cách phân loại không tương đương từng dịch vụ nên trang không quy đổi.",
    ),
)


BY_CLASS = Table(
    code=CODE,
    title=TITLE,
    short_title="Dịch vụ công trực tuyến",
    unit="dịch vụ, hồ sơ",
    **read_facts(
        """
>> Toàn trình
services_full | dich_vu_toan_trinh | unit=dịch vụ > Tổng số dịch vụ
with_online_full | dich_vu_toan_trinh_co_ho_so_truc_tuyen | unit=dịch vụ
> Số dịch vụ phát sinh hồ sơ trực tuyến
online_full | ho_so_truc_tuyen_toan_trinh | unit=hồ sơ > Số hồ sơ trực tuyến
dossiers_full | ho_so_toan_trinh | unit=hồ sơ > Tổng số hồ sơ
# Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính
online_rate_full | ty_le_ho_so_truc_tuyen_toan_trinh | rate > Tỷ lệ hồ sơ trực tuyến
>> Một phần
services_partial | dich_vu_mot_phan | unit=dịch vụ > Tổng số dịch vụ
with_online_partial | dich_vu_mot_phan_co_ho_so_truc_tuyen | unit=dịch vụ
> Số dịch vụ phát sinh hồ sơ trực tuyến
online_partial | ho_so_truc_tuyen_mot_phan | unit=hồ sơ > Số hồ sơ trực tuyến
dossiers_partial | ho_so_mot_phan | unit=hồ sơ > Tổng số hồ sơ
# Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính
online_rate_partial | ty_le_ho_so_truc_tuyen_mot_phan | rate > Tỷ lệ hồ sơ trực tuyến
>> Chung
services_total | dich_vu_truc_tuyen | unit=dịch vụ > Tổng số dịch vụ công trực tuyến
with_online_rate | ty_le_dich_vu_co_ho_so_truc_tuyen | rate
> Tỷ lệ dịch vụ phát sinh hồ sơ trực tuyến
all_levels | tong_ho_so | unit=hồ sơ > Tổng số hồ sơ của mọi thủ tục
# Hồ sơ mới tiếp nhận trong kỳ, kể cả thủ tục không có dịch vụ công trực tuyến
online_rate | ty_le_ho_so_truc_tuyen | rate > Tỷ lệ hồ sơ trực tuyến
# Hồ sơ trực tuyến trên tổng số hồ sơ của mọi thủ tục
full_share | ty_le_dich_vu_toan_trinh | rate > Tỷ lệ dịch vụ toàn trình
# Số dịch vụ toàn trình trên tổng số dịch vụ công trực tuyến
>> Cung cấp thông tin | unit=dịch vụ
services_info | dich_vu_cung_cap_thong_tin > Số dịch vụ cung cấp thông tin trực tuyến
# Chưa phải dịch vụ công trực tuyến, không nằm trong tổng số
>> Dịch vụ công trực tuyến chủ động | unit=dịch vụ
proactive_l1 | dich_vu_chu_dong_muc_1 > Mức 1
proactive_l2 | dich_vu_chu_dong_muc_2 > Mức 2
proactive_l3 | dich_vu_chu_dong_muc_3 > Mức 3
proactive_l4 | dich_vu_chu_dong_muc_4 > Mức 4
services_proactive | dich_vu_chu_dong > Tổng số
# Theo Nghị định số 224/2026/NĐ-CP; không phải mức độ 1 đến 4 trước năm 2022

services_total = services_full + services_partial
services_proactive = proactive_l1 + proactive_l2 + proactive_l3 + proactive_l4
full_share = services_full / services_total
online_rate_full = online_full / dossiers_full
online_rate_partial = online_partial / dossiers_partial
with_online_rate = with_online_full + with_online_partial / services_total
online_rate = online_full + online_partial / all_levels | dossiers_full + dossiers_partial
with_online_full <= services_full
with_online_partial <= services_partial
services_total <= so-luong-thu-tuc.promulgated; services-over-procedures
; dịch vụ công trực tuyến; thủ tục được công bố
all_levels ~ ho-so.received_in_period; received-agrees; hồ sơ tiếp nhận trong kỳ
online_full + online_partial ~ ho-so.received_online; online-agrees; hồ sơ tiếp nhận trực tuyến
"""
    ),
    flows=("online_full", "dossiers_full", "online_partial", "dossiers_partial", "all_levels"),
    chart_columns=("online_full", "online_partial"),
    counting_rule=(
        "Tỷ lệ hồ sơ trực tuyến tính trên tổng số hồ sơ tiếp nhận trong kỳ của mọi thủ tục, "
        "kể cả thủ tục chưa có dịch vụ công trực tuyến."
    ),
)
_SINCE_2026 = ("services_info", "services_proactive", *(f"proactive_l{n}" for n in range(1, 5)))
_ASKED = ASKED[0].lower() + ASKED[1:]

FEEDBACK = Table(
    code="phan-anh",
    title="Tiếp nhận, xử lý phản ánh, kiến nghị của tổ chức, cá nhân",
    short_title="Phản ánh, kiến nghị",
    unit="phản ánh, kiến nghị",
    **read_facts(
        """
feedback | tiep_nhan > Tiếp nhận
= Tổng số tiếp nhận; Tổng số
>> Đã xử lý
feedback_resolved | da_xu_ly > Tổng số
= Đã xử lý
feedback_in_term | dung_han > Đúng hạn
feedback_overdue | qua_han > Quá hạn
>>
feedback_pending | dang_xu_ly > Đang xử lý
= Chưa xử lý
feedback_term_rate | ty_le_dung_han | rate > Tỷ lệ xử lý đúng hạn
# Số xử lý đúng hạn trên số đã xử lý
>> Đánh giá của người gửi
answered | co_danh_gia > Có đánh giá
content | hai_long > Hài lòng
discontent | khong_hai_long > Không hài lòng
content_rate | ty_le_hai_long | rate > Tỷ lệ hài lòng
# Số hài lòng trên số có đánh giá

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
    **read_facts(
        """
>> Tiếp công dân
sessions | so_buoi | unit=buổi > Số buổi tiếp
visits | so_luot > Số lượt
= Số lượt tiếp
visitors | so_nguoi | unit=người > Số người
cases | so_vu_viec | unit=vụ việc > Số vụ việc
groups_received | doan_dong_nguoi > Đoàn đông người
>> Đơn tiếp nhận | unit=đơn
petitions | so_don > Tổng số
complaints | khieu_nai > Khiếu nại
denunciations | to_cao > Tố cáo
suggestions | kien_nghi_phan_anh > Kiến nghị, phản ánh
>>
petitions_resolved | don_da_giai_quyet | unit=đơn > Đơn đã giải quyết
petition_rate | ty_le_giai_quyet_don | rate > Tỷ lệ giải quyết đơn

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
    **read_facts(
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

rate = numerator / denominator; stated_in=value; may_exceed
"""
    ),
    chart_columns=("rate",),
    counting_rule=(
        "Giá trị ghi đúng như lời báo cáo. Chỉ tiêu có tử số và mẫu số thì tỷ lệ do trang tính; "
        "chỉ tiêu phần trăm không có mẫu số là con số báo cáo tự nêu."
    ),
)

SCORE = Table(
    code="chi-so-766",
    title="Điểm đánh giá chất lượng phục vụ người dân, doanh nghiệp",
    short_title="Chỉ số phục vụ (QĐ 766)",
    unit="điểm",
    **read_facts(
        """
>> | number | unsummed
transparency | cong_khai_minh_bach | most=18
> Công khai, minh bạch > Điểm (tối đa 18)
progress | tien_do | most=20 > Tiến độ giải quyết > Điểm (tối đa 20)
online_services | dich_vu_cong_truc_tuyen | most=12
> Dịch vụ công trực tuyến > Điểm (tối đa 12)
digitization | so_hoa | most=22 > Số hóa hồ sơ > Điểm (tối đa 22)
payment | thanh_toan_truc_tuyen | most=10
> Thanh toán trực tuyến > Điểm (tối đa 10)
satisfaction | hai_long | most=18 > Mức độ hài lòng > Điểm (tối đa 18)
score | tong_diem | most=100 > Tổng điểm > Điểm (tối đa 100)
# Chép từ Cổng Dịch vụ công quốc gia, trang không tính
>>
copied_on | ngay_lay | text > Ngày lấy số liệu
copied_from | nguon | text | carried > Nguồn
"""
    ),
    counting_rule=(
        "Điểm do Cổng Dịch vụ công quốc gia tính theo Quyết định số 766/QĐ-TTg; trang chép nguyên, "
        "ghi ngày lấy và nguồn, không tự tính."
    ),
)

FORMS = (
    Form(
        BY_LEVEL,
        "2022-tro-ve-truoc",
        name="Mức độ 3, 4",
        legal_source=f"Phân loại 4 mức độ trước Nghị định số 42/2022/NĐ-CP; {_ASKED}",
        valid_to=date(2022, 8, 14),
    ),
    Form(
        BY_CLASS,
        "2022-2026",
        columns=tuple(c for c in BY_CLASS.columns() if c.key not in _SINCE_2026),
        name="Toàn trình, một phần",
        legal_source=f"Phân loại theo Nghị định số 42/2022/NĐ-CP; {_ASKED}",
        # NĐ 42/2022 took the four levels away; reports kept printing them for a while afterwards.
        valid_from=date(2022, 8, 15),
        valid_to=date(2026, 6, 30),
    ),
    Form(
        BY_CLASS,
        "2026",
        name="Toàn trình, một phần, chủ động",
        legal_source=f"Phân loại theo Nghị định số 224/2026/NĐ-CP; {_ASKED}",
        valid_from=date(2026, 7, 1),
    ),
    Form(DOCUMENTS, "2023", IN_OUT, legal_source=ASKED, row_header="Văn bản", row_name="chieu"),
    Form(PROCEDURE_COUNTS, "2023", legal_source=ASKED),
    Form(
        TASKS,
        "2023",
        BY_TASK,
        legal_source="Phụ lục tiến độ kèm báo cáo cải cách hành chính của xã",
        ordinal_header="TT",
        row_header="Nội dung",
        row_name="noi_dung",
    ),
    Form(
        INDICATORS,
        "2023",
        FREE_LIST,
        legal_source="Lời báo cáo cải cách hành chính định kỳ của xã",
        row_header="Chỉ tiêu",
        row_name="chi_tieu",
    ),
    Form(
        FEEDBACK,
        "2025",
        BY_FIELD,
        name="Theo loại phản ánh, kiến nghị",
        valid_from=SINCE_2025,
        legal_source=ASKED,
        row_header="Loại phản ánh, kiến nghị",
        row_name="loai",
        ordinal_header="STT",
    ),
    Form(PAYMENTS, "2025", valid_from=SINCE_2025, legal_source=ASKED),
    Form(
        RECEPTION,
        "2025",
        valid_from=SINCE_2025,
        legal_source=(
            f"Nghị định số 64/2014/NĐ-CP, từ 01/7/2026 theo Nghị định số 154/2026/NĐ-CP; {_ASKED}"
        ),
    ),
    Form(
        SCORE,
        "2022",
        valid_from=SINCE_2025,
        legal_source="Quyết định số 766/QĐ-TTg ngày 23/6/2022 của Thủ tướng Chính phủ",
    ),
)
