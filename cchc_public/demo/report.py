"""The first half of 2023 of Kim Thạch commune as values: sheets, words, head, reasons.

Tables and words are read from the report's files, as staff would enter them.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

from cchc_public.checks.rules import Finding
from cchc_public.files.opening import open_document
from cchc_public.reading.questions import Context
from cchc_public.reading.sources import read_source, sheet_of
from cchc_public.releases.prose import Section, arrange
from cchc_public.tables.registry import get_form, table_codes, task_key
from cchc_public.tables.sheet import Sheet
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod

PERIOD = ReportingPeriod(PeriodKind.FIRST_HALF, 2023)
DATA_FROM, DATA_TO = date(2022, 12, 15), date(2023, 6, 12)
DUE_ON = date(2023, 9, 20)  # shortly after the nine-month cut-off of 14/9; long past by now
MISPRINTED_FROM = date(2023, 12, 15)

AUTHORITY_NAME = "Ủy ban nhân dân xã Kim Thạch"
PARENT_AUTHORITY_NAME = "Ủy ban nhân dân huyện Vĩnh Linh"
PLACE = "Kim Thạch"

Window = tuple[date | None, date | None]
_PRINTED_WINDOWS: dict[str, Window] = {
    "ho-so": (DATA_FROM, DATA_TO),
    "so-hoa": (DATA_FROM, DATA_TO),
    "dich-vu-cong": (MISPRINTED_FROM, DATA_TO),
    "van-ban": (MISPRINTED_FROM, DATA_TO),
    "nhiem-vu": (None, DATA_TO),
}

FOLDER = "kim-thach-2023-h1"
# table, edition (None: the newest), file
FILES: tuple[tuple[str, str | None, str], ...] = (
    ("ho-so", None, "dossiers.csv"),
    ("so-hoa", None, "digitization.csv"),
    ("hai-long", None, "satisfaction.csv"),
    ("dich-vu-cong", "2022-tro-ve-truoc", "online_services.csv"),
    ("van-ban", None, "documents.csv"),
    ("so-luong-thu-tuc", None, "procedure_counts.csv"),
    ("nhiem-vu", None, "tasks.csv"),
    ("chi-tieu", None, "indicators.csv"),
)
WORDS = "narrative.txt"  # "# II.1" begins a part of the outline
TARGETS = "task_targets.csv"  # printed inside the wording of tasks

_UNRATED = "Phụ lục của báo cáo để trống tỷ lệ hoàn thành của nhiệm vụ này."
_ONGOING = (
    "Nhiệm vụ ghi thời gian “Thường xuyên” nên vẫn đang thực hiện; 100 % "
    "là mức tự đánh giá của đơn vị cho kỳ này."
)

# why each warning stands, in the words a clerk could have written: rule, table, row, column
REASONS: dict[tuple[str, str, str, str], str] = {
    ("satisfaction-without-slips", "hai-long", "so-lieu", "satisfaction_rate"): (
        "Báo cáo nêu 100 % nhưng không nêu số phiếu. Chưa có số phiếu để bổ sung nên tỷ lệ này "
        "không được đem ra so sánh."
    ),
    ("received-agrees", "dich-vu-cong", "so-lieu", "all_levels"): (
        "Báo cáo ghi 448 ở biểu dịch vụ công và 673 hồ sơ trong kỳ ở biểu hồ sơ, không giải "
        "thích. Xã giữ cả hai số như đã ghi; chưa đối chiếu được với hệ thống."
    ),
    ("stated-rate", "dich-vu-cong", "so-lieu", "online_rate"): (
        "Báo cáo tính 319 hồ sơ trực tuyến trên 379 hồ sơ mức độ 3, 4. Ở đây tính trên tổng số "
        "hồ sơ ghi trong cùng biểu."
    ),
    ("signed-split", "van-ban", "den", "signed_within"): (
        "Nguồn ghi như vậy. Hai cột ký số chỉ tính văn bản nội tỉnh; báo cáo không nêu một "
        "văn bản còn lại thuộc loại nào."
    ),
    ("posted-over-promulgated", "so-luong-thu-tuc", "so-lieu", "posted"): (
        "Báo cáo ghi 138 thủ tục công khai và 134 thủ tục công bố. Xã giữ nguyên số đã ghi; "
        "chưa đối chiếu được với danh mục thủ tục."
    ),
    ("in-progress-complete", "nhiem-vu", "III.6", "completion"): _ONGOING,
    ("target-unmeasured", "nhiem-vu", "III.7", "measured"): (
        "Báo cáo chỉ nêu mức hoàn thành 90 %, không nêu kết quả đo của hai chỉ tiêu này."
    ),
    ("in-progress-complete", "nhiem-vu", "IV.2", "completion"): _ONGOING,
    ("in-progress-complete", "nhiem-vu", "IV.4", "completion"): _ONGOING,
    ("completion-missing", "nhiem-vu", "IV.6", "completion"): _UNRATED,
    ("in-progress-complete", "nhiem-vu", "V.2", "completion"): _ONGOING,
    ("completion-missing", "nhiem-vu", "V.3", "completion"): (
        f"{_UNRATED} Việc đánh giá, phân loại có thời hạn là cả năm 2023."
    ),
    ("completion-missing", "nhiem-vu", "VI.3", "completion"): (
        f"{_UNRATED} Báo cáo ghi: 6 tháng đầu năm chưa có thanh kiểm tra."
    ),
    ("task-claim", "chi-tieu", "tasks-done", "numerator"): (
        "Lời báo cáo nêu 27/32 và không nói đếm theo mức nào; phụ lục có 17 nhiệm vụ đạt 100 %. "
        "Cả hai số được giữ như đã ghi."
    ),
}


def demo_sheets() -> dict[str, Sheet]:
    """Return all sheets with the data window mended, every other figure as printed."""
    return {code: sheet.with_window(DATA_FROM, DATA_TO) for code, sheet in printed_sheets().items()}


def printed_sheets() -> dict[str, Sheet]:
    """Return all sheets as printed, misprints included; ValueError for a file gone wrong."""
    sheets = {code: _read_sheet(code, edition, name) for code, edition, name in FILES}
    records = csv.DictReader(_bytes(TARGETS).decode().splitlines())
    targets = {task_key(r["muc"], r["tt"]): r["chi_tieu_phai_dat"] for r in records}
    tasks = sheets["nhiem-vu"]
    rows = (
        replace(row, cells={**row.cells, "target": targets[row.key]}) if row.key in targets else row
        for row in tasks.rows
    )
    sheets["nhiem-vu"] = replace(tasks, rows=tuple(rows))
    return {
        code: sheets[code].with_window(*_PRINTED_WINDOWS.get(code, (None, None)))
        for code in table_codes()
        if code in sheets
    }


def _read_sheet(code: str, edition: str | None, name: str) -> Sheet:
    reading = read_source(open_document(_bytes(name), name), get_form(code, edition), Context())
    if reading.questions or reading.problems:
        raise ValueError(f"{name}: {[*reading.problems, *reading.questions]}")
    return sheet_of(reading)


def _bytes(name: str) -> bytes:
    return (files("cchc_public.demo") / FOLDER / name).read_bytes()


def reason_for(finding: Finding) -> str:
    """Return the reason for one warning, '' when the demo has none."""
    return REASONS.get((finding.rule, finding.table, finding.row, finding.column), "")


def demo_narrative() -> tuple[Section, ...]:
    """Return the report's words in the outline: told anew, with figures by name."""
    parts = (part.partition("\n") for part in _bytes(WORDS).decode().split("# ")[1:])
    return arrange([{"key": key, "text": text.strip()} for key, _, text in parts])


def demo_head() -> dict[str, Any]:
    """Return the head of the printed report; its number was left blank in the source."""
    return {
        "document_number": ".../BC-UBND",
        "issued_on": "2023-06-12",
        "place": PLACE,
        "superior_body": "UBND huyện Vĩnh Linh",
        "recipients": ["UBND huyện", "Phòng Nội vụ", "Lưu: VP"],
        "on_behalf_of": "TM. ỦY BAN NHÂN DÂN",
        "signatory_title": "CHỦ TỊCH",
        "signatory": "Nguyễn Như Thanh",
    }
