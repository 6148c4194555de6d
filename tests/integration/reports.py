"""A small consistent report for tests of drafting and releases."""

from dataclasses import replace

from cchc_public.errors import CchcError
from cchc_public.releases.prose import arrange, as_stored
from cchc_public.releases.published import Authority
from cchc_public.reports.drafting import create_report, get_sheet, save_sheet, sheet_version
from cchc_public.reports.publishing import approve, hand_in, publish_approved
from cchc_public.reports.review import recall
from cchc_public.store.base import Actor
from cchc_public.tables.registry import table_codes
from cchc_public.tables.sheet import Row, Sheet
from cchc_public.vietnamese.dates import parse_period

CLERK = Actor("clerk-1", "Nguyễn Thị Lan")
OTHER_CLERK = Actor("clerk-2", "Hồ Văn Bình")
CHAIR = Actor("chair-1", "Trần Văn Đức")
SENDER = Actor("sender-1", "Lê Thị Trình")
AUTHORITY = Authority("UBND xã Kim Thạch", "H50.07.01", "UBND huyện Vĩnh Linh")
SLUG = "2023-6-thang"


def dossiers(report, *, online=10, resolved=12, pending_in_time=2) -> Sheet:
    """Two fields; received 4 + online, of which ``resolved`` are resolved on time."""
    land = {
        "received_online": online, "received_direct": 3, "carried_over": 1,
        "resolved_early": 0, "resolved_on_time": resolved, "resolved_overdue": 0,
        "pending_in_time": pending_in_time, "pending_overdue": 0,
    }  # fmt: skip
    civil = {
        "received_online": 5, "received_direct": 0, "carried_over": 0,
        "resolved_early": 0, "resolved_on_time": 5, "resolved_overdue": 0,
        "pending_in_time": 0, "pending_overdue": 0,
    }  # fmt: skip
    rows = (Row("dat-dai", "Đất đai", cells=land), Row("ho-tich", "Hộ tịch", cells=civil))
    edition = get_sheet(report, "ho-so").edition
    return Sheet("ho-so", edition, report.data_from, report.data_to, rows)


def change(session, report, actor=CLERK, **figures):
    """Save the dossier sheet with other figures, at its present version."""
    sheet = dossiers(report, **figures)
    return save_sheet(session, report, sheet, version=sheet_version(report, "ho-so"), actor=actor)


def open_filled(session, slug=SLUG):
    """Open a report and enter its dossiers as the clerk."""
    report = create_report(session, parse_period(slug), CLERK)
    change(session, report)
    settle(session, report)
    return report


def settle(session, report, filled=("ho-so",)):
    """Declare every other table, and every part of the words, to have nothing this time."""
    report.declared_empty = [code for code in table_codes() if code not in filled]
    report.narrative = as_stored(
        [replace(section, is_confirmed=True) for section in arrange(report.narrative)]
    )
    session.flush()


def publish(session, report, actor, *, authority, reason="", require_second_person=True):
    """Publish as the office does: somebody hands in, ``actor`` approves, then it is numbered."""
    hand_in(session, report, SENDER, authority=authority, reason=reason)
    rights = {"authority": authority, "require_second_person": require_second_person}
    try:
        approved = approve(session, report, actor, **rights)
    except CchcError:
        recall(session, report, SENDER)
        raise
    return publish_approved(session, approved)


def publish_new(session, slug=SLUG):
    """Open, fill and publish one period; commit it."""
    report = open_filled(session, slug)
    release = publish(session, report, CHAIR, authority=AUTHORITY)
    session.commit()
    return report, release
