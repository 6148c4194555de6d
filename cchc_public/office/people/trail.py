"""The audit page: every deed with who, when, what and from where; narrowed, and as CSV."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Select, func, or_, select

from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import saving_form
from cchc_public.office.frame.words import DEEDS, deed_text, detail_text, subject_text
from cchc_public.state import get_state
from cchc_public.store import AuditEntry
from cchc_public.store.audit import record, verify_trail
from cchc_public.vietnamese.dates import read_date
from cchc_public.web.jinja import cchc_datetime
from cchc_public.web.lists import read_argument, read_page_number
from cchc_public.web.routes import Routes

routes = Routes()
PAGE_SIZE = 50
MOST_LINES = 50_000  # of one CSV file
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
GROUPS = {
    "so-lieu": (
        "Số liệu",
        ("report.", "sheet.", "reason.", "release.", "paper.", "hand-in.", "preview."),
    ),
    "thu-tuc": ("Thủ tục, một cửa", ("procedure", "reception.", "desk.")),
    "nguoi": ("Đăng nhập, tài khoản", ("sign-", "account.")),
    "trang": ("Thiết lập, sao lưu, máy chủ", ("settings.", "database.", "audit.", "export.")),
}


@routes("/nhat-ky", "audit")
@requires("administer")
def show_trail() -> ResponseReturnValue:
    """Show the deeds, newest first, narrowed by person, kind, thing and days."""
    session, wanted = get_state().session, _narrowed()
    total = session.scalar(wanted.with_only_columns(func.count(AuditEntry.id)).order_by(None)) or 0
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(read_page_number(), pages)
    rows = session.scalars(wanted.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)).all()
    people = session.execute(select(AuditEntry.actor_name).distinct().limit(200)).scalars()
    return render_template(
        "cchc/office/audit.html",
        rows=rows,
        total=total,
        page=page,
        pages=pages,
        groups={key: words for key, (words, _actions) in GROUPS.items()},
        people=sorted(filter(None, people)),
        chosen={key: read_argument(key) for key in ("ai", "loai", "viec", "tu", "den")},
        faults=list(verify_trail(session)) if request.args.get("kiem") == "1" else None,
    )


def _narrowed() -> Select[Any]:
    query = select(AuditEntry).order_by(AuditEntry.id.desc())
    if person := read_argument("ai"):
        query = query.where(AuditEntry.actor_name == person)
    if group := GROUPS.get(read_argument("loai")):
        starts = (AuditEntry.action.startswith(start, autoescape=True) for start in group[1])
        query = query.where(or_(*starts))
    if words := read_argument("viec"):
        known = [action for action, text in DEEDS.items() if words.lower() in text.lower()]
        subject = AuditEntry.subject.contains(words, autoescape=True)
        subjects = get_state().session.scalars(select(AuditEntry.subject).distinct())
        spoken = [one for one in subjects if words.lower() in subject_text(one).lower()]
        found = or_(subject, AuditEntry.subject.in_(spoken[:10_000]), AuditEntry.action.in_(known))
        query = query.where(found)
    for name, later in (("tu", 0), ("den", 1)):
        if isinstance(day := read_date(read_argument(name)), date):
            midnight = datetime.combine(day, time.min, tzinfo=get_state().zone).astimezone(UTC)
            edge = midnight + timedelta(days=later)
            query = query.where(AuditEntry.at < edge if later else AuditEntry.at >= edge)
    return query


@routes("/nhat-ky.csv", "audit_csv")
@requires("administer")
def send_trail() -> ResponseReturnValue:
    """Send the same lines as CSV for Vietnamese Excel; that they were taken is a deed too."""
    state = get_state()
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";")
    writer.writerow(("Lúc", "Ai", "Việc", "Mã việc", "Đối tượng", "Từ địa chỉ", "Chi tiết"))
    for row in state.session.scalars(_narrowed().limit(MOST_LINES)):
        cells = (
            cchc_datetime(row.at),
            row.actor_name,
            deed_text(row.action),
            row.action,
            row.subject,
            row.detail.get("address", ""),
            detail_text(row.detail),
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    with saving_form():
        record(state.session, state.actor(), "export.audit", "audit", query=dict(request.args))
    response = Response("\ufeff" + target.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="nhat-ky.csv"'
    return response
