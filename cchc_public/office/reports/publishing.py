"""Handing in, deciding, correcting and withdrawing: shows what will change, then does it once."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, StringField, TextAreaField, ValidationError

from cchc_public.errors import PublicationBlocked, StaleRevision
from cchc_public.office import frame
from cchc_public.office.frame import DayField, OfficeForm, notify, saving_form
from cchc_public.office.reports import dashboard
from cchc_public.present.headlines import compare_headlines, compare_tables
from cchc_public.present.wording import value_text
from cchc_public.releases.content import period_of
from cchc_public.releases.prose import open_parts
from cchc_public.releases.published import PublishedRelease, compare
from cchc_public.releases.reading import list_beside, newest_release
from cchc_public.reports import drafting, publishing, review
from cchc_public.state import get_state
from cchc_public.store import Remark, Report
from cchc_public.store.base import clock_text, utc_now
from cchc_public.store.writing import find_active, frozen_words, saving
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


screen = frame.Screens()


class HandInForm(OfficeForm):
    """What the clerk says to the approver, and which tables have no figures this time."""

    reason = frame.words("Lý do đính chính", 2000, kind=TextAreaField)
    note = frame.words("Lời nhắn cho người duyệt", 2000, kind=TextAreaField)
    confirm_parts = BooleanField("Các phần lời còn trống: kỳ này không có nội dung")


class DecisionForm(OfficeForm):
    """What the approver decides: publish now, at a time, when told, or return."""

    seen = HiddenField()
    reason = frame.words("Lý do đính chính", 2000, kind=TextAreaField)
    decision = StringField("Quyết định")
    day = DayField("Ngày", [frame.readable_day])
    hour = StringField("Giờ", default="8:00")
    message = frame.words("Lời nhắn", 2000, kind=TextAreaField)

    def publish_at(self) -> datetime | None:
        """Return the instant that was typed, in the commune's time; None when it is none."""
        found = _HOUR.fullmatch((self.hour.data or "").strip())
        if self.day.day is None or found is None or int(found[1]) > 23 or int(found[2] or 0) > 59:
            return None
        local = datetime.combine(self.day.day, time(int(found[1]), int(found[2] or 0)))
        return local.replace(tzinfo=get_state().zone).astimezone(UTC)

    def validate_decision(self, field: StringField) -> None:
        """One of those offered; a form that arrives without any decides nothing."""
        if field.data not in dict(DECISIONS):
            raise ValidationError("Hãy chọn: công bố ngay, hẹn giờ, công bố sau, hoặc trả lại.")

    def validate_hour(self, _field: StringField) -> None:
        """An instant that is still to come, where one is asked for."""
        if self.decision.data != "at":
            return
        if (at := self.publish_at()) is None:
            raise ValidationError("Hãy ghi ngày và giờ công bố, ví dụ 14/6/2023 và 8:00.")
        if at <= utc_now():
            words = f"{clock_text(at)} đã qua. Hãy ghi giờ sắp tới, hoặc chọn công bố ngay."
            raise ValidationError(words)


class WithdrawForm(OfficeForm):
    """Why the figures of a period are taken back."""

    refused_as = 422
    reason = frame.words("Lý do thu hồi", 2000, frame.needed(), kind=TextAreaField)


def hold_frozen() -> ResponseReturnValue | None:
    """Say on every screen of figures and words that they are frozen; keep what was posted."""
    state, screen_name = get_state(), (request.endpoint or "").rpartition(".")[2]
    slug = (request.view_args or {}).get("slug", "")
    is_editing = screen_name in EDITING and state.may("enter")
    report = drafting.find_report(state.session, slug) if is_editing else None
    handed_in = find_active(state.session, report) if report else None
    if handed_in is None:
        return None
    notify(frozen_words(handed_in), "warn")
    # what was typed is given back when the form is opened again
    return frame.rescue() if request.method == "POST" else None


@screen("/ky/<slug>/trinh", "hand_in", methods=frame.BOTH)
def hand_in_period(slug: str) -> ResponseReturnValue:
    """Show what is in the way; hand the report in when posted."""
    report, state = dashboard.open_report(slug), get_state()
    actor, solved = state.actor(), review.solve_sheets(report)
    form = HandInForm.opened()
    ticked = [code for code in solved.sheets if f"empty.{code}" in request.form]  # no figures
    if form.validate_on_submit():
        with saving_form(form) as saved:
            review.declare_empty(state.session, report, ticked, actor)
            if form.confirm_parts.data:
                review.confirm_open_parts(state.session, report, actor)
            words = {"reason": form.reason.data or "", "note": form.note.data or ""}
            publishing.hand_in(state.session, report, actor, authority=state.authority, **words)
        if saved.error is None:
            said = "Đã trình. Kỳ này khóa sửa cho tới khi được duyệt, trả lại hoặc thu lại."
            return frame.leave("period", said, slug=slug)
        report = dashboard.open_report(slug)
        solved = review.solve_sheets(report)
    obstacles = dashboard.hindrances(report, needs_second=False)
    return frame.show(
        "hand_in",
        form,
        period=period_of(report),
        handed_in=review.find_last(state.session, report),
        obstacles=[one for one in obstacles if one.code not in ("empty-tables", "open-parts")],
        open_parts=open_parts(report.narrative),
        empty=[
            (code, get_form(code, sheet.edition).short_title)
            for code, sheet in solved.sheets.items()
            if code not in solved.tables
        ],
        declared={*report.declared_empty, *ticked},
        is_correction=newest_release(state.session, slug) is not None,
    )


@screen("/ky/<slug>/thu-lai", "recall", methods=frame.POST, back="period")
def recall_period(slug: str) -> ResponseReturnValue:
    """Take a hand-in back, so that editing goes on."""
    state = get_state()
    with saving(state.session) as saved:
        review.recall(state.session, dashboard.open_report(slug), state.actor())
    return frame.leave("period", saved.error or "Đã thu lại. Kỳ này sửa được.", slug=slug)


@screen("/ky/<slug>/cong-bo", "publish", "publish", methods=frame.BOTH)
def publish_period(slug: str) -> ResponseReturnValue:
    """Show what an approver needs in five minutes; decide when posted."""
    report, state, session = dashboard.open_report(slug), get_state(), get_state().session
    form = DecisionForm.opened()
    if form.validate_on_submit():
        with saving_form(form) as saved:
            done = _decide(report, form)
        if saved.error is None:
            return frame.leave("period", done, slug=slug)
        report = dashboard.open_report(slug)
    form.seen.data = publishing.state_of(report)
    last, handed_in = newest_release(session, slug), review.find_last(session, report)
    coming = dashboard.coming_release(report)
    changes = (
        dashboard.group_changes(compare(last, coming)) if last and not last.is_withdrawal else ()
    )
    reasons = review.reasons_by_key(report)
    waiting, settled = dashboard.split_findings(review.find_findings(session, report), reasons)
    # like only with like: the period before, and a year before
    earlier = list_beside(session, coming)
    needs_second = state.config["REQUIRE_SECOND_PERSON"]
    obstacles: tuple[review.Obstacle, ...] = ()
    if not (handed_in and handed_in.is_approved):
        obstacles = dashboard.hindrances(report, needs_second=needs_second)
        if needs_second and (handed_in is None or not handed_in.is_active):
            obstacles += (review.Obstacle("not-handed-in", "Người nhập liệu chưa trình kỳ này."),)
        elif needs_second and handed_in and handed_in.handed_in_by_id == state.actor().id:
            obstacles += (review.Obstacle("own-hand-in", "Người trình không tự duyệt được."),)
    return frame.show(
        "publish",
        form,
        decisions=DECISIONS,
        period=period_of(report),
        last=last,
        coming=coming,
        handed_in=handed_in,
        groups=[*changes],
        earlier=earlier,
        comparisons=compare_headlines(coming, earlier),
        tables=compare_tables(coming, earlier),
        obstacles=obstacles,
        waiting=waiting,
        settled=settled,
        reasons=reasons,
        places=list_places(coming),
        empty=[get_form(code).short_title for code in coming.empty_codes],
    )


def _decide(report: Report, form: DecisionForm) -> str:
    """Do what the approver chose, and say what was done."""
    state, session, title = get_state(), get_state().session, period_of(report).title
    actor, authority = state.actor(), state.authority
    needs_second = state.config["REQUIRE_SECOND_PERSON"]
    handed_in = find_active(session, report)
    if form.decision.data == "back":
        review.give_back(session, report, actor, form.message.data or "")
        return f"Đã trả lại {title}."
    if form.seen.data != publishing.state_of(report):
        raise StaleRevision(
            "Nội dung đã thay đổi sau khi bạn mở trang. Chưa công bố gì cả: hãy xem lại."
        )
    if handed_in is None and not needs_second:
        # one person: handing in and approving are one screen
        handed_in = publishing.hand_in(
            session, report, actor, authority=authority, reason=form.reason.data or ""
        )
    if handed_in is None or not handed_in.is_approved:
        handed_in = publishing.approve(
            session,
            report,
            actor,
            authority=authority,
            publish_at=form.publish_at() if form.decision.data == "at" else None,
            require_second_person=needs_second,
        )
    elif form.decision.data == "at":
        publishing.reschedule(session, handed_in, form.publish_at(), actor)
    if form.decision.data != "now":
        when = f", sẽ công bố lúc {clock_text(at)}" if (at := handed_in.publish_at) else ""
        return f"Đã duyệt {title}{when}."
    release = publishing.publish_approved(session, handed_in, address=state.actor().address)
    if release is None:
        raise PublicationBlocked("Nội dung đã khác lúc duyệt nên chưa công bố: hãy trình lại.")
    return f"Đã công bố {title}, lần {release.number}."


def list_places(coming: PublishedRelease) -> list[tuple[str, str]]:
    """Return where a remark may stand: every known cell, then every part of the words."""
    places = []
    for table in coming.tables:
        for row in (*table.evaluated.rows, *filter(None, (table.evaluated.total,))):
            where = " › ".join(filter(None, (table.definition.short_title, row.label)))
            for column in table.definition.columns:
                if (value := row.values.get(column.key)) not in (None, ""):
                    said = f"{column.label}: {value_text(value, column.unit)}"
                    key = "|".join(("o", table.code, row.key, column.key))
                    places.append((key, f"{where} › {said}"))
    for part in (part for part in coming.narrative if part.text):
        name = f"Lời báo cáo › {part.heading or part.title}"
        places.append((f"p|{part.key or part.title}", name))
    return places


@screen("/ky/<slug>/nhan-xet", "remark", "publish", methods=frame.POST, back="publish")
def remark_period(slug: str) -> ResponseReturnValue:
    """Keep a remark at a cell or a part, or take one back."""
    report, state = dashboard.open_report(slug), get_state()
    text = frame.clean_words(request.form.get("text"))[:2000]
    drop = frame.read_number(request.form.get("drop"))
    labels = dict(list_places(dashboard.coming_release(report)))
    chosen = request.form.get("place", "")
    with saving_form() as saved:
        if drop:
            review.drop_remark(state.session, report, state.actor(), drop)
        elif chosen not in labels or not text:
            raise PublicationBlocked("Hãy chọn chỗ và ghi nhận xét.")
        else:
            kind, *names = chosen.split("|")
            place = {"part": "|".join(names)[:20]}
            if kind == "o":
                place = dict(zip(("table_code", "row", "column"), names, strict=True))
            remark = Remark(label=labels[chosen], text=text, **place)
            review.add_remark(state.session, report, state.actor(), remark)
    if saved.error:
        notify(saved.error)
    return redirect(url_for(".publish", slug=slug, _anchor="nhan-xet"))


@screen("/ky/<slug>/thu-hoi", "withdraw", "publish", methods=frame.BOTH)
def withdraw_period(slug: str) -> ResponseReturnValue:
    """Ask for the reason, then take the figures back."""
    period, state = period_of(dashboard.open_report(slug)), get_state()
    form = WithdrawForm.opened()
    if form.validate_on_submit():
        with saving_form(form) as saved:
            reason, authority = form.reason.data, state.authority
            publishing.withdraw(state.session, slug, state.actor(), reason, authority=authority)
        if not saved.error:
            return frame.leave("period", f"Đã thu hồi số liệu {period.title}.", slug=slug)
    last = newest_release(state.session, slug)
    return frame.show("withdraw", form, period=period, last=last)
