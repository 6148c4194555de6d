"""Table ``van-ban``: incoming and outgoing documents, electronic and digitally signed."""

from cchc_public.statutory.table import Column, KnownRow, RowKind, StatutoryTable, Sum

DOCUMENTS = StatutoryTable(
    code="van-ban",
    edition="2023",
    title="Văn bản trao đổi hoàn toàn dưới dạng điện tử và áp dụng chữ ký số",
    short_title="Văn bản điện tử",
    row_kind=RowKind.IN_OUT,
    unit="văn bản",
    legal_source="Mẫu báo cáo cải cách hành chính định kỳ do UBND cấp trên yêu cầu",
    row_header="Văn bản",
    row_name="chieu",
    known_rows=(
        KnownRow("den", "Văn bản đến", aliases=("đến",)),
        KnownRow("di", "Văn bản đi", aliases=("đi",)),
    ),
    columns=(
        Column(
            "total",
            ("Tổng số văn bản",),
            "tong_so",
            formula=Sum(("fully_electronic", "dual_format")),
            aliases=("Tổng số văn bản đến", "Tổng số văn bản đi"),
        ),
        Column("fully_electronic", ("Hoàn toàn điện tử",), "hoan_toan_dien_tu"),
        Column("dual_format", ("Song song bản giấy - điện tử",), "song_song_giay_dien_tu"),
        Column("signed_within", ("VB Nội tỉnh - có ký số",), "noi_tinh_co_ky_so"),
        Column("unsigned_within", ("VB Nội tỉnh - không ký số",), "noi_tinh_khong_ky_so"),
    ),
    chart_columns=("signed_within", "unsigned_within"),
    counting_rule=(
        "Hai cột ký số chỉ tính văn bản trong tỉnh (nội tỉnh); văn bản đến từ ngoài tỉnh nằm "
        "trong tổng số nhưng không nằm trong hai cột đó."
    ),
)
