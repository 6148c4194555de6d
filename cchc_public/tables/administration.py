"""Tables of the commune's own work: documents, procedures, tasks, online services, payments."""

from datetime import date

from cchc_public.tables.language import (
    BY_TASK,
    IN_OUT,
    SINGLE,
    Agreement,
    Balance,
    Form,
    KnownRow,
    Limit,
    Table,
)
from cchc_public.tables.notation import keys, read_identities, read_quantities

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
    quantities=read_quantities(
        """
total | tong_so > Tổng số văn bản
= Tổng số; Tổng số văn bản đến; Tổng số văn bản đi
fully_electronic | hoan_toan_dien_tu > Hoàn toàn điện tử
dual_format | song_song_giay_dien_tu > Song song bản giấy - điện tử
signed_within | noi_tinh_co_ky_so > VB Nội tỉnh - có ký số
= Có ký số; Văn bản ký số
unsigned_within | noi_tinh_khong_ky_so > VB Nội tỉnh - không ký số
= Không ký số; Chưa ký số
"""
    ),
    **read_identities("total = fully_electronic + dual_format"),
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
    quantities=read_quantities(
        """
promulgated | duoc_cong_bo > TTHC được công bố > Tổng số
= TTHC được công bố; Tổng số TTHC được công bố
in_jurisdiction | thuoc_tham_quyen > TTHC được công bố > Thuộc thẩm quyền giải quyết của xã
= TTHC thuộc thẩm quyền giải quyết của xã
other | con_lai > TTHC được công bố > Còn lại
= TTHC còn lại (phối hợp với huyện sở hoặc không phát sinh)
# Phối hợp với cơ quan khác hoặc không phát sinh ở địa bàn xã
posted | duoc_cong_khai > TTHC được công khai
field_count | so_linh_vuc | unit=lĩnh vực > Số lĩnh vực
"""
    ),
    **read_identities(
        "promulgated = in_jurisdiction + other",
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
    quantities=read_quantities(
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
WORK_FORMS = (
    Form(
        DOCUMENTS,
        "2023",
        IN_OUT,
        DOCUMENTS.columns(),
        legal_source=_SOURCE,
        row_header="Văn bản",
        row_name="chieu",
    ),
    Form(PROCEDURE_COUNTS, "2023", SINGLE, PROCEDURE_COUNTS.columns(), legal_source=_SOURCE),
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


TITLE = "Kết quả cung cấp dịch vụ công trực tuyến"
CODE = "dich-vu-cong"
SOURCE_FORM = "mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu"
# NĐ 42/2022 took the four levels away; reports kept printing them for a while afterwards.
LEVELS_ABOLISHED = date(2022, 8, 15)
_DOSSIERS_AGREE = Agreement(
    "received-agrees", ("all_levels",), "ho-so", ("received_in_period",), "hồ sơ tiếp nhận trong kỳ"
)
_SERVICES_LIMIT = Limit(
    "services_total",
    "promulgated",
    "services-over-procedures",
    table="so-luong-thu-tuc",
    what=("dịch vụ công trực tuyến", "thủ tục được công bố"),
)


def _online_agrees(*quantities: str) -> Agreement:
    return Agreement(
        "online-agrees", quantities, "ho-so", ("received_online",), "hồ sơ tiếp nhận trực tuyến"
    )


BY_LEVEL = Table(
    code=CODE,
    title=TITLE + " mức độ 3, 4",
    short_title="Dịch vụ công trực tuyến",
    unit="dịch vụ, hồ sơ",
    quantities=read_quantities(
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
"""
    ),
    **read_identities(
        """
services_total = services_l3 + services_l4
with_online_rate = with_online_l3 + with_online_l4 / services_l3 + services_l4
online_rate_l3 = online_l3 / dossiers_l3
online_rate_l4 = online_l4 / dossiers_l4
online_rate = online_l3 + online_l4 / all_levels | dossiers_l3 + dossiers_l4
with_dossiers_l3 <= services_l3
with_dossiers_l4 <= services_l4
with_online_l3 <= with_dossiers_l3
with_online_l4 <= with_dossiers_l4
""",
        _SERVICES_LIMIT,
    ),
    agreements=(_DOSSIERS_AGREE, _online_agrees("online_l3", "online_l4")),
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
    quantities=read_quantities(
        """
services_full | dich_vu_toan_trinh | unit=dịch vụ > Toàn trình > Tổng số dịch vụ
with_online_full | dich_vu_toan_trinh_co_ho_so_truc_tuyen | unit=dịch vụ
> Toàn trình > Số dịch vụ phát sinh hồ sơ trực tuyến
online_full | ho_so_truc_tuyen_toan_trinh | unit=hồ sơ > Toàn trình > Số hồ sơ trực tuyến
dossiers_full | ho_so_toan_trinh | unit=hồ sơ > Toàn trình > Tổng số hồ sơ
# Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính
online_rate_full | ty_le_ho_so_truc_tuyen_toan_trinh | rate > Toàn trình > Tỷ lệ hồ sơ trực tuyến
services_partial | dich_vu_mot_phan | unit=dịch vụ > Một phần > Tổng số dịch vụ
with_online_partial | dich_vu_mot_phan_co_ho_so_truc_tuyen | unit=dịch vụ
> Một phần > Số dịch vụ phát sinh hồ sơ trực tuyến
online_partial | ho_so_truc_tuyen_mot_phan | unit=hồ sơ > Một phần > Số hồ sơ trực tuyến
dossiers_partial | ho_so_mot_phan | unit=hồ sơ > Một phần > Tổng số hồ sơ
# Cả trực tuyến, trực tiếp và qua dịch vụ bưu chính
online_rate_partial | ty_le_ho_so_truc_tuyen_mot_phan | rate > Một phần > Tỷ lệ hồ sơ trực tuyến
services_total | dich_vu_truc_tuyen | unit=dịch vụ > Chung > Tổng số dịch vụ công trực tuyến
with_online_rate | ty_le_dich_vu_co_ho_so_truc_tuyen | rate
> Chung > Tỷ lệ dịch vụ phát sinh hồ sơ trực tuyến
all_levels | tong_ho_so | unit=hồ sơ > Chung > Tổng số hồ sơ của mọi thủ tục
# Hồ sơ mới tiếp nhận trong kỳ, kể cả thủ tục không có dịch vụ công trực tuyến
online_rate | ty_le_ho_so_truc_tuyen | rate > Chung > Tỷ lệ hồ sơ trực tuyến
# Hồ sơ trực tuyến trên tổng số hồ sơ của mọi thủ tục
full_share | ty_le_dich_vu_toan_trinh | rate > Chung > Tỷ lệ dịch vụ toàn trình
# Số dịch vụ toàn trình trên tổng số dịch vụ công trực tuyến
services_info | dich_vu_cung_cap_thong_tin | unit=dịch vụ
> Cung cấp thông tin > Số dịch vụ cung cấp thông tin trực tuyến
# Chưa phải dịch vụ công trực tuyến, không nằm trong tổng số
proactive_l1 | dich_vu_chu_dong_muc_1 | unit=dịch vụ > Dịch vụ công trực tuyến chủ động > Mức 1
proactive_l2 | dich_vu_chu_dong_muc_2 | unit=dịch vụ > Dịch vụ công trực tuyến chủ động > Mức 2
proactive_l3 | dich_vu_chu_dong_muc_3 | unit=dịch vụ > Dịch vụ công trực tuyến chủ động > Mức 3
proactive_l4 | dich_vu_chu_dong_muc_4 | unit=dịch vụ > Dịch vụ công trực tuyến chủ động > Mức 4
services_proactive | dich_vu_chu_dong | unit=dịch vụ > Dịch vụ công trực tuyến chủ động > Tổng số
# Theo Nghị định số 224/2026/NĐ-CP; không phải mức độ 1 đến 4 trước năm 2022
"""
    ),
    **read_identities(
        """
services_total = services_full + services_partial
services_proactive = proactive_l1 + proactive_l2 + proactive_l3 + proactive_l4
full_share = services_full / services_total
online_rate_full = online_full / dossiers_full
online_rate_partial = online_partial / dossiers_partial
with_online_rate = with_online_full + with_online_partial / services_total
online_rate = online_full + online_partial / all_levels | dossiers_full + dossiers_partial
with_online_full <= services_full
with_online_partial <= services_partial
""",
        _SERVICES_LIMIT,
    ),
    agreements=(_DOSSIERS_AGREE, _online_agrees("online_full", "online_partial")),
    flows=("online_full", "dossiers_full", "online_partial", "dossiers_partial", "all_levels"),
    chart_columns=("online_full", "online_partial"),
    counting_rule=(
        "Tỷ lệ hồ sơ trực tuyến tính trên tổng số hồ sơ tiếp nhận trong kỳ của mọi thủ tục, "
        "kể cả thủ tục chưa có dịch vụ công trực tuyến."
    ),
    notes=(),
)
_SINCE_2026 = (
    "services_info",
    "services_proactive",
    *(f"proactive_l{level}" for level in range(1, 5)),
)
ONLINE_FORMS = (
    Form(
        BY_LEVEL,
        "2022-tro-ve-truoc",
        SINGLE,
        BY_LEVEL.columns(),
        name="Mức độ 3, 4",
        legal_source=f"Phân loại 4 mức độ trước Nghị định số 42/2022/NĐ-CP; {SOURCE_FORM}",
        valid_to=date(2022, 8, 14),
    ),
    Form(
        BY_CLASS,
        "2022-2026",
        SINGLE,
        tuple(c for c in BY_CLASS.columns() if c.key not in _SINCE_2026),
        name="Toàn trình, một phần",
        legal_source=f"Phân loại theo Nghị định số 42/2022/NĐ-CP; {SOURCE_FORM}",
        valid_from=LEVELS_ABOLISHED,
        valid_to=date(2026, 6, 30),
    ),
    Form(
        BY_CLASS,
        "2026",
        SINGLE,
        BY_CLASS.columns(),
        name="Toàn trình, một phần, chủ động",
        legal_source=f"Phân loại theo Nghị định số 224/2026/NĐ-CP; {SOURCE_FORM}",
        valid_from=date(2026, 7, 1),
    ),
)

PAYMENTS = Table(
    code="thanh-toan",
    title="Thanh toán trực tuyến phí, lệ phí, nghĩa vụ tài chính",
    short_title="Thanh toán trực tuyến",
    unit="hồ sơ",
    quantities=read_quantities(
        """
payable | thu_tuc_co_nghia_vu | unit=thủ tục > Thủ tục > Có phí, lệ phí, nghĩa vụ tài chính
payable_online | thu_tuc_thanh_toan_truc_tuyen | unit=thủ tục
> Thủ tục > Cung cấp thanh toán trực tuyến
with_payments | thu_tuc_co_giao_dich | unit=thủ tục > Thủ tục > Có giao dịch trực tuyến
dossiers_due | ho_so_phai_nop > Hồ sơ > Phải nộp phí, lệ phí
dossiers_paid | ho_so_nop_truc_tuyen > Hồ sơ > Nộp trực tuyến
dossiers_cash | ho_so_nop_truc_tiep > Hồ sơ > Nộp trực tiếp
paid_rate | ty_le_nop_truc_tuyen | rate > Hồ sơ > Tỷ lệ nộp trực tuyến
amount_online | so_tien_truc_tuyen | number | unit=đồng > Số tiền > Nộp trực tuyến
amount | so_tien | number | unit=đồng > Số tiền > Tổng số đã thu
"""
    ),
    **read_identities(
        """
dossiers_due = dossiers_paid + dossiers_cash
paid_rate = dossiers_paid / dossiers_due
payable_online <= payable
with_payments <= payable_online
amount_online <= amount
"""
    ),
    flows=keys("dossiers_due dossiers_paid dossiers_cash amount_online amount"),
    chart_columns=("dossiers_paid", "dossiers_cash"),
    counting_rule=(
        "Tỷ lệ tính trên hồ sơ phải nộp phí, lệ phí hoặc nghĩa vụ tài chính trong kỳ; hồ sơ được "
        "miễn không tính vào mẫu số."
    ),
)
PAYMENT_FORMS = (
    Form(
        PAYMENTS,
        "2025",
        SINGLE,
        PAYMENTS.columns(),
        valid_from=date(2025, 7, 1),
        legal_source=SOURCE_FORM[0].upper() + SOURCE_FORM[1:],
    ),
)
