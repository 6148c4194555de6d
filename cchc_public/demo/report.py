"""The first half of 2023 of Kim Thạch commune as values: sheets, words, head, reasons."""

from __future__ import annotations

from datetime import date
from typing import Any

from cchc_public.checks.finding import Finding
from cchc_public.demo import source
from cchc_public.demo.reasons import REASONS
from cchc_public.releases.outline import Section, arrange
from cchc_public.tables.registry import table_codes
from cchc_public.tables.sheet import Sheet
from cchc_public.vietnamese.periods import PeriodKind, ReportingPeriod

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


def demo_sheets() -> dict[str, Sheet]:
    """Return all sheets with the data window mended, every other figure as printed."""
    return {code: sheet.with_window(DATA_FROM, DATA_TO) for code, sheet in printed_sheets().items()}


def printed_sheets() -> dict[str, Sheet]:
    """Return all sheets exactly as printed, misprints included, in the fixed order."""
    sheets = source.read_sheets()
    return {
        code: sheets[code].with_window(*_PRINTED_WINDOWS.get(code, (None, None)))
        for code in table_codes()
        if code in sheets
    }


def reason_for(finding: Finding) -> str:
    """Return the reason for one warning, '' when the demo has none."""
    return REASONS.get((finding.rule, finding.table, finding.row, finding.column), "")


def demo_narrative() -> tuple[Section, ...]:
    """Return the report's words in the outline."""
    return arrange([{"key": key, "text": text} for key, text in source.read_words().items()])


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
