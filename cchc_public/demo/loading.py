"""Writes the demo report into the database the way staff would: entered, explained, published."""

from __future__ import annotations

from cchc_public.demo import report as demo
from cchc_public.releases.published import DEMO_PUBLISHER, Authority
from cchc_public.reports.drafting import create_report, find_report
from cchc_public.reports.publishing import publish
from cchc_public.reports.review import find_findings, give_reason, place_of
from cchc_public.reports.sheets import ReportHead, save_report_head, save_sheet, sheet_version
from cchc_public.store import Release, Report
from cchc_public.store.actor import Actor, AnySession

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
    return publish(session, report, publisher, authority=authority or demo_authority())


def _explain(session: AnySession, report: Report, clerk: Actor) -> None:
    for finding in find_findings(session, report):
        if finding.takes_reason:
            text = demo.reason_for(finding)
            give_reason(session, report, finding.key, text, clerk, place=place_of(finding))
