"""Tables of the commune's own work: ``van-ban``, ``so-luong-thu-tuc``, ``nhiem-vu``."""

from cchc_public.tables.language import (
    BY_TASK,
    IN_OUT,
    SINGLE,
    Balance,
    Form,
    KnownRow,
    Limit,
    Sum,
    Table,
)
from cchc_public.tables.notation import read_quantities

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
