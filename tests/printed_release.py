"""A small release built by hand: real figures, no database."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from cchc_public.checks.rules import Severity
from cchc_public.releases.published import (
    Authority,
    NarrativeSection,
    PublishedFinding,
    PublishedRelease,
    PublishedTable,
    ReleaseKind,
)
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Row, Sheet, solve
from cchc_public.vietnamese.dates import parse_period

DATA_FROM, DATA_TO = date(2022, 12, 15), date(2023, 6, 12)
DOSSIER_KEYS = (
    "received_online",
    "received_direct",
    "carried_over",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
)
DOSSIERS = {
    "Bảo trợ xã hội": (0, 56, 0, 53, 0, 0),
    "Chứng thực": (159, 58, 0, 217, 0, 0),
    "Hộ tịch": (160, 3, 0, 163, 0, 0),
    "Người có công": (0, 16, 2, 16, 0, 0),
    "Đất đai": (0, 221, 17, 201, 1, 0),
}
REASON = "Danh mục niêm yết còn 4 thủ tục đã bãi bỏ, xã đang gỡ xuống."
WARNING = PublishedFinding(
    Severity.WARNING,
    "posted-over-promulgated",
    "Số thủ tục công khai (138) lớn hơn số được công bố (134).",
    table="so-luong-thu-tuc",
    column="posted",
    reason=REASON,
    reason_by="Nguyễn Thị Lan",
)


def make_table(
    code: str, rows: list[Row], findings: tuple[PublishedFinding, ...] = (), edition: Any = None
) -> PublishedTable:
    definition = get_form(code, edition)
    sheet = Sheet(code, definition.edition, DATA_FROM, DATA_TO, tuple(rows))
    return PublishedTable(
        definition,
        code,
        definition.edition,
        definition.title,
        DATA_FROM,
        DATA_TO,
        solve(definition, sheet),
        findings,
    )


def make_dossiers(labels: dict[str, tuple[int, ...]] | None = None) -> PublishedTable:
    rows = [
        Row(f"linh-vuc-{i}", label, cells=dict(zip(DOSSIER_KEYS, cells, strict=True)))
        for i, (label, cells) in enumerate((labels or DOSSIERS).items())
    ]
    return make_table("ho-so", rows)


def make_tasks(sections: int = 7, tasks: int = 5) -> PublishedTable:
    rows = [
        Row(
            f"{section}.{task}",
            f"Nhiệm vụ {section}.{task}: rà soát, thống kê, công bố thủ tục hành chính cấp xã",
            section=str(section),
            section_label=f"Mục lớn thứ {section}",
            cells={"lead_unit": "Văn phòng – Thống kê", "completion": Decimal(50)},
        )
        for section in range(1, sections + 1)
        for task in range(1, tasks + 1)
    ]
    return make_table("nhiem-vu", rows)


def make_tables() -> tuple[PublishedTable, ...]:
    digitization = {
        "received": 673,
        "digitized_any": 527,
        "fully_digitized": 522,
        "resolved": 651,
        "result_digitized": 647,
    }
    counts = {"posted": 138, "field_count": 27, "in_jurisdiction": 125, "other": 9}
    survey = Row("so-lieu", "", cells={"satisfaction_rate": Decimal(100)})
    return (
        make_dossiers(),
        make_table("so-hoa", [Row("so-lieu", "", cells=digitization)]),
        make_table("hai-long", [survey]),
        make_table("so-luong-thu-tuc", [Row("so-lieu", "", cells=counts)], (WARNING,)),
        make_tasks(),
    )


def make_release(**changes: Any) -> PublishedRelease:
    period = parse_period("2023-6-thang")
    assert period is not None
    values: dict[str, Any] = {
        "id": 1,
        "period": period,
        "number": 1,
        "kind": ReleaseKind.FIRST,
        "reason": "",
        "digest": "3f9c0a77be12" + "0" * 52,
        "previous_digest": "",
        "published_at": datetime(2023, 6, 13, 2, tzinfo=UTC),
        "published_by": "Trần Văn Minh",
        "data_from": DATA_FROM,
        "data_to": DATA_TO,
        "due_on": date(2023, 9, 20),
        "authority": Authority(
            "Ủy ban nhân dân xã Kim Thạch", "H50", "Ủy ban nhân dân huyện Vĩnh Linh"
        ),
        "head": {
            "document_number": "45/BC-UBND",
            "issued_on": "2023-06-09",
            "place": "Kim Thạch",
            "recipients": ["UBND huyện Vĩnh Linh;", "- Phòng Nội vụ huyện", "Lưu: VP"],
            "signatory": "Nguyễn Văn Ẩn",
            "signatory_title": "Phó Chủ tịch",
            "on_behalf_of": "TM. Ủy ban nhân dân",
        },
        "narrative": (NarrativeSection("I. Chỉ đạo điều hành", "Đoạn một.\n\nĐoạn hai."),),
        "tables": make_tables(),
        "findings": (WARNING,),
    }
    return PublishedRelease(**{**values, **changes})
