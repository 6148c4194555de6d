"""Handing in, deciding, correcting and withdrawing: shows what will change, then does it once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    HiddenField,
    StringField,
    TextAreaField,
)

from cchc_public.errors import PublicationBlocked, StaleRevision
from cchc_public.i18n import _, lazy
from cchc_public.office.frame import (
    BOTH,
    POST,
    DayField,
    OfficeForm,
    Screens,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    readable_day,
    rescue,
    saving_form,
    tell,
)
from cchc_public.office.reports.dashboard import (
    OpenReport,
    group_changes,
    open_report,
    split_findings,
)
from cchc_public.present.headlines import compare_headlines, compare_tables
from cchc_public.present.wording import value_text
from cchc_public.releases.prose import open_parts
from cchc_public.releases.published import PublishedRelease, compare
from cchc_public.releases.reading import list_beside, newest_release
from cchc_public.reports.drafting import find_report
from cchc_public.reports.publishing import (
    approve,
    hand_in,
    preview,
    publish_approved,
    reschedule,
    state_of,
    withdraw,
)
from cchc_public.reports.review import (
    Obstacle,
    add_remark,
    confirm_open_parts,
    declare_empty,
    drop_remark,
    find_active,
    find_findings,
    find_last,
    give_back,
    list_obstacles,
    reasons_by_key,
    recall,
    solve_sheets,
)
from cchc_public.state import get_state
from cchc_public.store import HandIn, Remark
from cchc_public.store.base import clock_text, utc_now
from cchc_public.store.locking import saving
from cchc_public.tables.registry import get_form

DECISIONS = (
    ("now", "Công bố ngay"),
    ("at", "Hẹn giờ công bố"),
    ("later", "Duyệt, in ký trước, công bố sau"),
    ("back", "Trả lại người trình"),
)
# screens that change what was handed in
EDITING = {"edition", "head", "narrative", "paste", "reasons", "sheet", "undo"}
_HOUR = re.compile(r"([0-9]{1,2})(?:[:hg. ]|\s*giờ\s*)([0-9]{2})?")


screen = Screens()


class HandInForm(OfficeForm):
    """What the clerk says to the approver, and which tables have no figures this time."""

    reason = TextAreaField(lazy("Lý do đính chính"), [at_most(2000)], filters=[clean_words])
    note = TextAreaField("Lời nhắn cho người duyệt", [at_most(2000)], filters=[clean_words])
    confirm_parts = BooleanField("Các phần lời còn trống: kỳ này không có nội dung")


class DecisionForm(OfficeForm):
    """What the approver decides: publish now, at a time, when told, or return."""

    seen = HiddenField()
    reason = TextAreaField(lazy("Lý do đính chính"), [at_most(2000)], filters=[clean_words])
    decision = StringField(default="now")
    day = DayField("Ngày", [readable_day])
    hour = StringField("Giờ", default="8:00")
    message = TextAreaField("Lời nhắn", [at_most(2000)], filters=[clean_words])

    def publish_at(self) -> datetime | None:
        """Return the instant that was typed, in the commune's time; None when it is none."""
        found = _HOUR.fullmatch((self.hour.data or "").strip())
        if self.day.day is None or found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            return None
        local = datetime.combine(self.day.day, time(int(found[1]), int(found[2] or 0)))
        return local.replace(tzinfo=get_state().zone).astimezone(UTC)

    def problem(self) -> str:
        """Return why nothing can be decided as it was sent; empty when it can."""
        if self.decision.data not in dict(DECISIONS):
            return "Hãy chọn: công bố ngay, hẹn giờ, công bố sau, hoặc trả lại."
        if self.decision.data != "at":
            return ""
        if (at := self.publish_at()) is None:
            return "Hãy ghi ngày và giờ công bố, ví dụ 14/6/2023 và 8:00."
        if at > utc_now():
            return ""
        return f"{clock_text(at)} đã qua. Hãy ghi giờ sắp tới, hoặc chọn công bố ngay."


class WithdrawForm(OfficeForm):
    """Why the figures of a period are taken back."""

    reason = TextAreaField(lazy("Lý do thu hồi"), [needed(), at_most(2000)], filters=[clean_words])


def hold_frozen() -> ResponseReturnValue | None:
    """Say on every screen of figures and words that they are frozen; keep what was posted."""
    state = get_state()
    is_editing = (request.endpoint or "").rpartition(".")[2] in EDITING
    if not is_editing or not state.may("enter"):
        return None
    slug = (request.view_args or {}).get("slug", "")
    report = find_report(state.session, slug)
    handed_in = find_active(state.session, report) if report else None
    if handed_in is None:
        return None
    at = clock_text(handed_in.handed_in_at)
    notify(
        f"{handed_in.handed_in_by_name} đã trình kỳ này lúc {at} nên đang khóa sửa. Muốn sửa, hãy "
        "thu lại bản trình ở trang của kỳ.",
        "warn",
    )
    # what was typed is given back when the form is opened again
    return rescue() if request.method == "POST" else None


@screen("/ky/<slug>/trinh", "hand_in", methods=BOTH)
def hand_in_period(slug: str) -> ResponseReturnValue:
    """Show what is in the way; hand the report in when posted."""
    opened, state = open_report(slug), get_state()
    report, actor = opened.report, state.actor()
    form = HandInForm(request.form or kept_input())
    if request.method == "POST" and form.validate():
        with saving_form() as saved:
            # what was ticked: tables without figures, parts without words
            codes = [code for code in solve_sheets(report).sheets if code in ticked_tables()]
            declare_empty(state.session, report, codes, actor)
            if form.confirm_parts.data:
                confirm_open_parts(state.session, report, actor)
            words = {"reason": form.reason.data or "", "note": form.note.data or ""}
            hand_in(state.session, report, actor, authority=state.authority, **words)
        if saved.error is None:
            notify("Đã trình. Kỳ này khóa sửa cho tới khi được duyệt, trả lại hoặc thu lại.")
            return redirect(url_for(".period", slug=slug))
        form.form_errors.append(str(saved.error))
        report = open_report(slug).report
    solved = solve_sheets(report)
    obstacles = list_obstacles(
        state.session, report, actor, require_second_person=False, authority=state.authority
    )
    last = newest_release(state.session, slug)
    page = render_template(
        "cchc/office/hand_in.html",
        form=form,
        period=opened.period,
        handed_in=find_last(state.session, report),
        obstacles=[one for one in obstacles if one.code not in ("empty-tables", "open-parts")],
        open_parts=open_parts(report.narrative),
        empty=[
            (s.table_code, get_form(s.table_code, s.edition).short_title)
            for s in solved.sheets.values()
            if s.table_code not in solved.tables
        ],
        declared={*report.declared_empty, *ticked_tables()},
        is_correction=last is not None,
    )
    return page, (409 if form.form_errors else 422 if form.errors else 200)


def ticked_tables() -> list[str]:
    """Return the tables that the posted form declares empty."""
    fields = (name.partition(".") for name in request.form)
    return [code for start, _dot, code in fields if start == "empty" and code]


@screen("/ky/<slug>/thu-lai", "recall", methods=POST, back="period")
def recall_period(slug: str) -> ResponseReturnValue:
    """Take a hand-in back, so that editing goes on."""
    state = get_state()
    with saving(state.session) as saved:
        recall(state.session, open_report(slug).report, state.actor())
    tell(saved, "Đã thu lại. Kỳ này sửa được.")
    return redirect(url_for(".period", slug=slug))


@screen("/ky/<slug>/cong-bo", "publish", "publish", methods=BOTH)
def publish_period(slug: str) -> ResponseReturnValue:
    """Show what an approver needs in five minutes; decide when posted."""
    opened = open_report(slug)
    if request.method == "GET":
        return _page(opened, DecisionForm(kept_input()))
    form = DecisionForm(request.form)
    if not form.validate():
        return _page(opened, form), 422
    if problem := form.problem():
        form.form_errors.append(problem)
        return _page(opened, form), 422
    with saving_form() as saved:
        done = _decide(opened, form)
    if saved.error:
        form.form_errors.append(str(saved.error))
        return _page(open_report(slug), form), 409
    notify(done)
    return redirect(url_for(".period", slug=slug))


def _decide(opened: OpenReport, form: DecisionForm) -> str:
    """Do what the approver chose, and say what was done."""
    state, report, session = get_state(), opened.report, get_state().session
    actor, authority = state.actor(), state.authority
    needs_second = state.config["REQUIRE_SECOND_PERSON"]
    handed_in = find_active(session, report)
    if form.decision.data == "back":
        give_back(session, report, actor, form.message.data or "")
        return f"Đã trả lại {opened.period.title}."
    if form.seen.data and form.seen.data != state_of(report):
        raise StaleRevision(
            "Nội dung đã thay đổi sau khi bạn mở trang. Chưa công bố gì cả: hãy xem lại."
        )
    if handed_in is None and not needs_second:
        # one person: handing in and approving are one screen
        handed_in = hand_in(
            session, report, actor, authority=authority, reason=form.reason.data or ""
        )
    if handed_in is None or not handed_in.is_approved:
        handed_in = approve(
            session,
            report,
            actor,
            authority=authority,
            publish_at=form.publish_at() if form.decision.data == "at" else None,
            require_second_person=needs_second,
        )
    elif form.decision.data == "at":
        reschedule(session, handed_in, form.publish_at(), actor)
    if form.decision.data != "now":
        when = f", sẽ công bố lúc {clock_text(at)}" if (at := handed_in.publish_at) else ""
        return f"Đã duyệt {opened.period.title}{when}."
    release = publish_approved(session, handed_in, address=state.actor().address)
    if release is None:
        raise PublicationBlocked("Nội dung đã khác lúc duyệt nên chưa công bố: hãy trình lại.")
    return f"Đã công bố {opened.period.title}, lần {release.number}."


def _page(opened: OpenReport, form: DecisionForm) -> str:
    state, report = get_state(), opened.report
    session = state.session
    form.seen.data = state_of(report)
    last = newest_release(session, report.slug)
    handed_in = find_last(session, report)
    reason = handed_in.reason if handed_in else ""
    coming = preview(session, report, state.actor(), authority=state.authority, reason=reason)
    changes = group_changes(compare(last, coming)) if last and not last.is_withdrawal else ()
    reasons = reasons_by_key(report)
    waiting, settled = split_findings(find_findings(session, report), reasons)
    # like only with like: the period before, and a year before
    earlier = list_beside(session, coming)
    return render_template(
        "cchc/office/publish.html",
        form=form,
        decisions=DECISIONS,
        period=opened.period,
        last=last,
        coming=coming,
        handed_in=handed_in,
        groups=changes,
        earlier=earlier,
        comparisons=compare_headlines(coming, earlier),
        tables=compare_tables(coming, earlier),
        obstacles=_obstacles(opened, handed_in),
        waiting=waiting,
        settled=settled,
        reasons=reasons,
        places=list_places(coming),
        empty=[get_form(code).short_title for code in coming.empty_codes],
    )


def _obstacles(opened: OpenReport, handed_in: HandIn | None) -> tuple[Obstacle, ...]:
    state = get_state()
    needs_second = state.config["REQUIRE_SECOND_PERSON"]
    if handed_in and handed_in.is_approved:
        return ()
    found = list_obstacles(
        state.session,
        opened.report,
        state.actor(),
        require_second_person=needs_second,
        authority=state.authority,
    )
    if needs_second and (handed_in is None or not handed_in.is_active):
        found += (Obstacle("not-handed-in", "Người nhập liệu chưa trình kỳ này."),)
    elif needs_second and handed_in and handed_in.handed_in_by_id == state.actor().id:
        found += (Obstacle("own-hand-in", "Người trình không tự duyệt được."),)
    return found


def list_places(coming: PublishedRelease) -> tuple[tuple[str, str], ...]:
    """Return where a remark may stand: every known cell, then every part of the words."""
    cells = tuple(
        (
            "|".join(("o", table.code, row.key, column.key)),
            f"{table.definition.short_title} › "
            + (f"{row.label} › " if row.label else "")
            + f"{column.label}: {value_text(row.values[column.key], column.unit)}",
        )
        for table in coming.tables
        for row in (*table.evaluated.rows, *filter(None, (table.evaluated.total,)))
        for column in table.definition.columns
        if row.values.get(column.key) not in (None, "")
    )
    parts = tuple(
        (f"p|{s.key or s.title}", f"Lời báo cáo › {s.heading or s.title}")
        for s in coming.narrative
        if s.text
    )
    return (*cells, *parts)


@screen("/ky/<slug>/nhan-xet", "remark", "publish", methods=POST, back="publish")
def remark_period(slug: str) -> ResponseReturnValue:
    """Keep a remark at a cell or a part, or take one back."""
    opened, state = open_report(slug), get_state()
    text = clean_words(request.form.get("text"))[:2000]
    drop = request.form.get("drop", "")
    coming = preview(state.session, opened.report, state.actor(), authority=state.authority)
    labels = dict(list_places(coming))
    chosen = request.form.get("place", "")
    with saving_form() as saved:
        if drop.isascii() and drop.isdigit() and len(drop) < 10:
            drop_remark(state.session, opened.report, state.actor(), int(drop))
        elif chosen not in labels or not text:
            raise PublicationBlocked("Hãy chọn chỗ và ghi nhận xét.")
        else:
            kind, *names = chosen.split("|")
            is_cell = kind == "o"
            place = (
                dict(zip(("table_code", "row", "column"), names, strict=True)) if is_cell else {}
            )
            part = "" if is_cell else "|".join(names)[:20]
            remark = Remark(label=labels[chosen], part=part, text=text, **place)
            add_remark(state.session, opened.report, state.actor(), remark)
    if saved.error:
        notify(str(saved.error), "warn")
    return redirect(url_for(".publish", slug=slug, _anchor="nhan-xet"))


@screen("/ky/<slug>/thu-hoi", "withdraw", "publish", methods=BOTH)
def withdraw_period(slug: str) -> ResponseReturnValue:
    """Ask for the reason, then take the figures back."""
    opened, state = open_report(slug), get_state()
    form = WithdrawForm(request.form or kept_input())
    if request.method == "POST" and form.validate():
        with saving_form() as saved:
            withdraw(
                state.session, slug, state.actor(), form.reason.data, authority=state.authority
            )
        if not saved.error:
            notify(_("Đã thu hồi số liệu %(title)s.", title=opened.period.title))
            return redirect(url_for(".period", slug=slug))
        form.form_errors.append(str(saved.error))
    last = newest_release(state.session, slug)
    status = 422 if form.errors or form.form_errors else 200
    page = render_template("cchc/office/withdraw.html", form=form, period=opened.period, last=last)
    return page, status
