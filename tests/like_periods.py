"""Two more first halves of years beside the demo: invented, and marked as samples everywhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from cchc_public.demo import CLERK, demo_authority, demo_sheets
from cchc_public.releases.prose import arrange
from cchc_public.reports.drafting import (
    ReportHead,
    create_report,
    save_report_head,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.review import find_findings, give_reason, place_of
from cchc_public.store.base import Actor
from cchc_public.tables.registry import table_codes
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod
from tests.integration.reports import publish

PUBLISHER = Actor("sample", "Số mẫu để thử, không phải của xã")
# online, direct, carried over, early, on time, overdue, pending in time, pending overdue
FIGURES = {
    2021: {
        "Đất đai": (0, 170, 26, 118, 15, 19, 30, 14),
        "Chứng thực": (20, 220, 0, 240, 0, 0, 0, 0),
        "Hộ tịch": (8, 138, 2, 140, 4, 3, 1, 0),
        "Bảo trợ xã hội": (0, 61, 0, 40, 7, 5, 6, 3),
        "Người có công": (0, 13, 1, 13, 0, 0, 1, 0),
    },
    2022: {
        "Đất đai": (0, 177, 44, 170, 7, 6, 36, 2),
        "Chứng thực": (90, 139, 0, 229, 0, 0, 0, 0),
        "Hộ tịch": (70, 84, 1, 155, 0, 0, 0, 0),
        "Bảo trợ xã hội": (0, 49, 9, 52, 0, 0, 6, 0),
        "Người có công": (0, 14, 1, 12, 0, 0, 3, 0),
    },
}
SURVEYS = {2021: (120, 60, 50, 10), 2022: (200, 120, 74, 6)}
_KEYS = (
    "received_online",
    "received_direct",
    "carried_over",
    "resolved_early",
    "resolved_on_time",
    "resolved_overdue",
    "pending_in_time",
    "pending_overdue",
)


def load_like_periods(session: Any) -> None:
    """Publish the first halves of 2021 and 2022; the caller commits."""
    keys = {row.label: row.key for row in demo_sheets()["ho-so"].rows}
    for year, fields in FIGURES.items():
        window = (date(year - 1, 12, 15), date(year, 6, 12))
        period = ReportingPeriod(PeriodKind.FIRST_HALF, year)
        report = create_report(session, period, CLERK, window=window)
        words = arrange([{"key": "I", "text": "Số liệu mẫu, bịa ra để thử trang."}])
        narrative = tuple(replace(section, is_confirmed=True) for section in words)
        head = ReportHead(*window, None, {}, narrative)
        save_report_head(session, report, head, version=report.version, actor=CLERK)
        rows = tuple(
            Row(keys[label], label, cells=dict(zip(_KEYS, cells, strict=True)))
            for label, cells in fields.items()
        )
        survey = ("slips", "very_satisfied", "satisfied", "dissatisfied")
        slips = Row("so-lieu", "", cells=dict(zip(survey, SURVEYS[year], strict=True)))
        for code, lines in (("ho-so", rows), ("hai-long", (slips,))):
            old = demo_sheets()[code]
            sheet = Sheet(code, old.edition, *window, lines)
            save_sheet(session, report, sheet, version=sheet_version(report, code), actor=CLERK)
        report.declared_empty = [
            code for code in table_codes() if code not in ("ho-so", "hai-long")
        ]
        session.flush()
        for finding in find_findings(session, report):
            if finding.takes_reason:
                reason = "Số mẫu để thử trang, không phải của xã."
                place = place_of(finding)
                give_reason(session, report, finding.key, reason, CLERK, place=place)
        publish(session, report, PUBLISHER, authority=demo_authority())


def main() -> None:
    """Add the periods to the instance that the environment names."""
    from cchc_public.site import create_app
    from cchc_public.state import get_state

    app = create_app()
    with app.app_context():
        session = get_state().session
        load_like_periods(session)
        session.commit()


if __name__ == "__main__":
    main()
