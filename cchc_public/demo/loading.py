"""Loads the demo: the 2023 report, 277 procedures and their facts, the desk, reception days."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import date
from importlib import resources

from sqlalchemy import exists, select

from cchc_public.demo import report as demo
from cchc_public.desk.one_stop import Desk, save_desk
from cchc_public.desk.reception import find_rule, save_holiday, save_rule
from cchc_public.errors import RecordRefused
from cchc_public.procedures.importing import ImportSummary, import_file
from cchc_public.releases.published import DEMO_PUBLISHER, Authority
from cchc_public.reports.drafting import (
    ReportHead,
    create_report,
    find_report,
    save_report_head,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.publishing import approve, hand_in, publish_approved
from cchc_public.reports.review import find_findings, give_reason, place_of
from cchc_public.store import OneStopDesk, Procedure, Release, Report
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.remembered import load_only

CLERK = Actor("demo-clerk", "Công chức nhập liệu (trình diễn)")
PUBLISHER = Actor("demo-publisher", DEMO_PUBLISHER)


def demo_authority(*, is_sample: bool = False) -> Authority:
    """Return the commune of the demo; ``is_sample``: with words that every face then carries."""
    name = f"{demo.AUTHORITY_NAME} (số liệu trình diễn)" if is_sample else demo.AUTHORITY_NAME
    return Authority(name=name, parent=demo.PARENT_AUTHORITY_NAME)


def load_demo(
    session: AnySession,
    authority: Authority | None = None,
    *,
    clerk: Actor = CLERK,
    publisher: Actor = PUBLISHER,
) -> Release | None:
    """Enter and publish the demo period; None, and nothing changed, when the period is there.

    The caller commits. ``publisher`` must not be ``clerk``: the two-person rule holds here too.
    """
    if find_report(session, demo.PERIOD.slug):
        return None
    report = create_report(session, demo.PERIOD, clerk, window=(demo.DATA_FROM, demo.DATA_TO))
    head = ReportHead(
        data_from=demo.DATA_FROM,
        data_to=demo.DATA_TO,
        due_on=demo.DUE_ON,
        head=demo.demo_head(),
        narrative=demo.demo_narrative(),
    )
    save_report_head(session, report, head, version=report.version, actor=clerk)
    for code, sheet in demo.demo_sheets().items():
        version = sheet_version(report, code)
        save_sheet(session, report, sheet, version=version, actor=clerk)
    _explain(session, report, clerk)
    authority = authority or demo_authority()
    hand_in(session, report, clerk, authority=authority)
    approved = approve(session, report, publisher, authority=authority)
    return publish_approved(session, approved)


def _explain(session: AnySession, report: Report, clerk: Actor) -> None:
    for finding in find_findings(session, report):
        if finding.takes_reason:
            text = demo.reason_for(finding)
            give_reason(session, report, finding.key, text, clerk, place=place_of(finding))


FILES = ("procedures.csv", "procedure_facts.csv")


def load_demo_procedures(session: AnySession, actor: Actor = CLERK) -> ImportSummary | None:
    """Import the list, then the facts; None, and nothing changed, when there is a list.

    Returns what the list brought; the caller commits.
    """
    if session.scalar(select(exists().where(Procedure.id.is_not(None)))):
        return None
    folder = resources.files(__package__)
    first, facts = (
        import_file(session, folder.joinpath(name).read_bytes(), name, actor) for name in FILES
    )
    if facts.new or facts.refused:
        raise ValueError(f"{FILES[1]}: {facts}")
    return first


def list_shipped_fields() -> dict[str, int]:
    """Return the fields of the shipped list with how many procedures each has."""
    counted = Counter(row["field"] for row in _read_shipped(FILES[0]))
    return dict(sorted(counted.items()))


def load_chosen_procedures(session: AnySession, fields: Sequence[str], actor: Actor) -> int:
    """Import the procedures of the chosen fields with what is known of them; return how many.

    Procedures that are there already are left as they are by the import's own comparison.
    """
    chosen = [row for row in _read_shipped(FILES[0]) if row["field"] in fields]
    if not chosen:
        raise RecordRefused("Chưa chọn lĩnh vực nào.")
    codes = {row["code"] for row in chosen}
    facts = [row for row in _read_shipped(FILES[1]) if row["Mã thủ tục"] in codes]
    for name, rows in zip(FILES, (chosen, facts), strict=True):
        if rows:
            target = io.StringIO()
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            import_file(session, target.getvalue().encode(), name, actor)
    return len(chosen)


def _read_shipped(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


# Bộ luật Lao động 2019 Điều 112; Tết and Giỗ Tổ follow the moon and are entered by staff.
FIXED_HOLIDAYS = (
    (1, 1, "Tết Dương lịch"),
    (4, 30, "Ngày Chiến thắng"),
    (5, 1, "Ngày Quốc tế lao động"),
    (9, 2, "Quốc khánh"),
)
THURSDAY = 3
_DAY = "7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ"
DEMO_DESK = Desk(
    name="Bộ phận một cửa, UBND xã Kim Thạch",
    place="Thôn Mẫu, xã Kim Thạch",
    telephones=("0233 000 000",),
    hours=(*(_DAY,) * 5, "", ""),
    is_sample=True,
)


def load_demo_reception(session: AnySession, today: date, actor: Actor) -> None:
    """Store the demo rule and the fixed holidays of this year and the next; once only."""
    if find_rule(session, today):
        return
    save_rule(
        session,
        {
            "valid_from": date(2023, 1, 1),
            "weekdays": [THURSDAY],
            "month_days": [25],
            "receiver": "Chủ tịch Ủy ban nhân dân xã",
            "place": "Phòng tiếp công dân, trụ sở Ủy ban nhân dân xã Kim Thạch",
            "hours": "Trong giờ làm việc (báo cáo nguồn không nêu giờ cụ thể)",
            "note": "",
        },
        0,
        actor,
    )
    for year in (today.year, today.year + 1):
        for month, day, name in FIXED_HOLIDAYS:
            save_holiday(session, date(year, month, day), name, actor)


def load_demo_desk(session: AnySession, actor: Actor) -> None:
    """Store the sample desk when there is none; the caller commits."""
    if load_only(session, OneStopDesk).version == 0:
        save_desk(session, DEMO_DESK, 0, actor, {})
