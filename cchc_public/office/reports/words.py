"""The screens of what a report says around its tables: head, signed paper, words, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename
from wtforms import (
    BooleanField,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    TextAreaField,
    ValidationError,
)

from cchc_public.checks.rules import Finding
from cchc_public.errors import StaleRevision
from cchc_public.files.opening import SignedPdf, read_signed
from cchc_public.office import frame
from cchc_public.office.frame import DayField, OfficeForm, needed, notify, readable_day, saving_form
from cchc_public.office.reports.dashboard import finding_address, open_report
from cchc_public.office.reports.periods import WindowForm
from cchc_public.releases import prose
from cchc_public.releases.content import Reason, period_of
from cchc_public.releases.published import DUE_LABEL, HEAD_FIELDS, WINDOW_LABELS, PaperFacts
from cchc_public.releases.reading import OF_THE_PAPER, find_facts, list_entries, newest_release
from cchc_public.reports import drafting, publishing, review
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.store.writing import differences, find_conflict, history
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.text import clean_text

screen = frame.Screens()


class HeadForm(WindowForm):
    """Dates, head and signature of a report (NĐ 30/2020)."""

    version = HiddenField()
    data_from = DayField(WINDOW_LABELS["data_from"], [needed(), readable_day])
    data_to = DayField(WINDOW_LABELS["data_to"], [needed(), readable_day])
    due_on = DayField(DUE_LABEL, [readable_day])
    document_number = frame.words("Số, ký hiệu báo cáo", 100)
    issued_on = DayField("Ngày ban hành", [readable_day])
    place = frame.words("Địa danh", 200)
    superior_body = frame.words("Cơ quan cấp trên", 300)
    recipients = frame.words("Nơi nhận", 3000, kind=TextAreaField)
    on_behalf_of = frame.words("Ký thay mặt", 200)
    signatory_title = frame.words("Chức vụ người ký", 200, kind=TextAreaField)
    signatory = frame.words("Họ tên người ký", 200)

    def head(self) -> drafting.ReportHead:
        """Return what was typed; the form must be valid."""
        first, last = self.data_from.day, self.data_to.day
        if first is None or last is None:
            raise ValueError("the form was not validated")
        words: dict[str, Any] = {name: self[name].data for name in HEAD_FIELDS}
        words["issued_on"] = self.issued_on.day
        words["recipients"] = [line.strip() for line in words["recipients"].splitlines()]
        return drafting.ReportHead(first, last, due_on=self.due_on.day, head=words)


def _stored_head(report: Report) -> dict[str, Any]:
    """Return what ``HeadForm`` shows of a report."""
    words = {**dict.fromkeys(HEAD_FIELDS, ""), **report.head}
    words["recipients"] = "\n".join(words["recipients"])
    days = {name: getattr(report, name) for name in ("data_from", "data_to", "due_on")}
    return {**words, **days, "version": report.version}


@screen("/ky/<slug>/bao-cao", "head", methods=frame.BOTH)
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head and signature."""
    report, state = open_report(slug), get_state()
    form = HeadForm.opened(**_stored_head(report))
    if form.validate_on_submit():
        version = frame.read_number(request.form.get("version"))
        with saving_form() as saved:
            new, actor = form.head(), state.actor()
            drafting.save_report_head(state.session, report, new, version=version, actor=actor)
        if saved.error is None:
            return frame.leave("period", "Đã lưu phần đầu báo cáo.", slug=slug)
        report = open_report(slug)
        form.clash(saved.error, report.edited_at, _stored_head(report))
    return frame.show("head", form, period=period_of(report))


class PaperForm(OfficeForm):
    """What is known of the signed paper."""

    refused_as = 422
    document_number = frame.words("Số, ký hiệu", 100)
    issued_on = DayField("Ngày ban hành", [readable_day])
    signatory_title = frame.words("Chức vụ người ký", 200, kind=TextAreaField)
    signatory = frame.words("Họ tên người ký", 200)
    copy = FileField("Bản đã ký (PDF)")


def allow_signed_copy() -> None:
    """Let this one form carry a scan: before anything parses it."""
    if request.endpoint == "cchc_staff.paper":
        request.max_content_length = get_state().config["SIGNED_COPY_MAX_BYTES"]


@screen("/ky/<slug>/ban-ky", "paper", methods=frame.BOTH)  # van-ban is a table
def edit_paper(slug: str) -> ResponseReturnValue:
    """Show what is known of the paper; add to it when posted."""
    report, state = open_report(slug), get_state()
    release = newest_release(state.session, slug)
    if release is None or release.is_withdrawal:
        abort(404, description="Kỳ này chưa công bố nên chưa có văn bản để ghi.")
    known = find_facts(state.session, release.id)
    words: dict[str, Any] = {name: str(release.head.get(name) or "") for name in OF_THE_PAPER}
    shown = known or PaperFacts(**words)
    form = PaperForm.opened(**shown.as_stored())
    if form.validate_on_submit():
        file = request.files.get("copy")
        words = {name: form[name].data or "" for name in OF_THE_PAPER}
        words["issued_on"] = form.issued_on.day.isoformat() if form.issued_on.day else ""
        with saving_form(form) as saved:
            body = file.read() if file else b""
            name = secure_filename(file.filename or "")[:100] if file else ""
            copy = read_signed(body, name) if body else SignedPdf(b"")
            facts = PaperFacts(**words, copy_name=name, signatures=copy.signatures)
            actor, marks = state.actor(), copy.marks
            publishing.enter_facts(state.session, release, actor, facts, copy=body, marks=marks)
        if saved.error is None:
            said = "Đã ghi. Số liệu đã công bố không đổi, không tính là đính chính."
            return frame.leave("paper", said, slug=slug)
    return frame.show(
        "paper",
        form,
        period=period_of(report),
        release=release,
        known=known,
        entries=list_entries(state.session, release.id),
        limit=state.config["SIGNED_COPY_MAX_BYTES"] // 1_000_000,
    )


MOST_PARTS = 60


class PartForm(Form):  # type: ignore[misc]
    """One part: words, or the statement that there is nothing to write this time."""

    key = HiddenField()
    title = frame.words("Tiêu đề", 300)
    text = frame.words("Lời", 20_000, kind=TextAreaField)
    confirmed = BooleanField("Kỳ này không có nội dung ở phần này")
    reused = BooleanField("Lấy lại lời kỳ trước")

    def section(self) -> prose.Section:
        """Return what was typed."""
        part = prose.find_part(self.key.data or "")
        title = self.title.data or (part.title if part else "")
        return prose.Section(title, self.text.data or "", part, bool(self.confirmed.data))


class NarrativeForm(OfficeForm):
    """All parts of a report's words."""

    version = HiddenField()
    parts = FieldList(FormField(PartForm), "Lời báo cáo", max_entries=MOST_PARTS)

    def validate_parts(self, field: FieldList) -> None:
        """A part of the outline that did not arrive is not an empty one."""
        if not {part.key for part in prose.WRITTEN} <= {entry.form.key.data for entry in field}:
            raise ValidationError("Biểu gửi lên thiếu phần.")

    def sections(self) -> tuple[prose.Section, ...]:
        """Return every part that has a title or words."""
        found = (entry.form.section() for entry in self.parts)
        return tuple(section for section in found if section.title or section.text)


@screen("/ky/<slug>/loi-bao-cao", "narrative", methods=frame.BOTH)
def edit_narrative(slug: str) -> ResponseReturnValue:
    """Show and save the words; a figure that is not there keeps the form from being saved."""
    report, session = open_report(slug), get_state().session
    tables = review.solve_sheets(report).tables
    previous = drafting.find_previous(session, report)
    # what each part said in the period before, as it was written
    last = {_name(s): s.text for s in (prose.arrange(previous.narrative) if previous else ())}
    form = NarrativeForm.opened(
        version=report.version, parts=prose.as_stored(prose.arrange(report.narrative))
    )
    for entry in form.parts:
        if entry.form.reused.data and not entry.form.text.data:
            entry.form.text.data = last.get(_name(entry.form.section()), "")
    deed, status = request.form.get("do"), 200
    if deed == "add" and len(form.parts) < MOST_PARTS:
        form.parts.append_entry()
    elif request.method == "POST" and deed not in ("add", "show"):
        unknown = any(prose.resolve(section.text, tables)[1] for section in form.sections())
        status = 422
        if form.validate() and not unknown:
            actor, sections = get_state().actor(), form.sections()
            version = frame.read_number(request.form.get("version"))
            with saving_form() as saved:
                drafting.save_narrative(session, report, sections, version=version, actor=actor)
            if saved.error is None:
                return frame.leave("period", "Đã lưu lời báo cáo.", slug=slug)
            # what the colleague saved beside what was typed; a second save is knowing
            report, status = open_report(slug), 409
            form.version.data = str(report.version)
            narratives = (report.narrative, prose.as_stored(sections))
            texts = (
                {s.title: s.text for s in prose.arrange(narrative)} for narrative in narratives
            )
            places = (
                (title, "loi", ours or "", theirs or "")
                for title, theirs, ours in differences(*texts)
            )
            form.conflict = find_conflict(saved.error, report.edited_at, places)
    views = []
    for entry in form.parts:
        section = entry.form.section()
        text, problems = prose.resolve(section.text, tables)
        # how it will read, and what it said last time
        blocks, before = prose.read_blocks(text), prose.read_blocks(last.get(_name(section), ""))
        views.append((entry.form, section, blocks, problems, before))
    shown = {"views": views, "figures": prose.list_figures(tables), "period": period_of(report)}
    page, _status = frame.show("narrative", form, **shown)
    return page, status


def _name(section: prose.Section) -> str:
    return section.key or section.title


MAX_REASON = 1000
PREFIX = "reason."
STARTED = "started."  # the same text as it was when the form was opened


@screen("/ky/<slug>/giai-trinh", "reasons", methods=frame.BOTH)
def edit_reasons(slug: str) -> ResponseReturnValue:
    """Show every warning with room for its reason; save those that changed."""
    report = open_report(slug)
    # the warnings that want a reason
    findings = review.find_findings(get_state().session, report)
    warnings = tuple(f for f in findings if f.takes_reason)
    if request.method != "POST":
        kept = frame.kept_input()
        return _reasons_page(report, warnings, kept.to_dict() if kept else {})
    typed = {name: clean_text(text) for name, text in request.form.items()}
    if any(len(typed.get(PREFIX + f.key, "")) > MAX_REASON for f in warnings):
        return _reasons_page(report, warnings, typed), 422
    state, places = get_state(), {finding.key: review.place_of(finding) for finding in warnings}
    # a text left as it was is nobody's change: it must not undo a colleague's
    mine = {
        key: text
        for key in places
        if (text := typed.get(PREFIX + key)) is not None and text != typed.get(STARTED + key)
    }
    started = {key: typed[STARTED + key] for key in mine if STARTED + key in typed}
    theirs: dict[str, Reason] = {}  # what colleagues changed meanwhile
    with saving_form() as saved:
        changed = review.reasons_changed_since(state.session, report, started)
        theirs = {key: reason for key, reason in changed.items() if reason.text != mine[key]}
        if theirs:
            raise StaleRevision
        for key, text in mine.items():
            review.give_reason(state.session, report, key, text, state.actor(), place=places[key])
    if saved.error is None:
        return frame.leave("period", "Đã lưu giải trình.", slug=slug)
    if not theirs:
        notify(saved.error)
    # the form over the colleagues' texts: saving it once more is knowing
    typed |= {STARTED + key: reason.text for key, reason in theirs.items()}
    return _reasons_page(open_report(slug), warnings, typed, theirs), 409


def _reasons_page(
    report: Report,
    warnings: Sequence[Finding],
    typed: Mapping[str, str],
    theirs: Mapping[str, Reason] | None = None,
) -> str:
    reasons = review.reasons_by_key(report)
    offered = review.offered_reasons(report, warnings)
    texts, started = {}, {}
    for key in (finding.key for finding in warnings):
        stored = reasons[key].text if key in reasons else ""
        mine, begun = typed.get(PREFIX + key), typed.get(STARTED + key)
        # what nobody touched shows what is stored, also by a colleague meanwhile
        texts[key] = stored or offered.get(key, "") if mine is None or mine == begun else mine
        started[key] = stored if begun is None or begun == mine else begun
    conflict = None
    if theirs:  # colleagues' words beside those typed here; saving once more is knowing
        lines = history(get_state().session, report.slug)
        last = next(line for line in lines if line.action == "reason.give")
        error = StaleRevision(edited_by=last.actor.name, edited_at=last.at)
        places = (
            (f.statement, f"reason-{f.key}", typed.get(PREFIX + f.key, ""), theirs[f.key].text)
            for f in warnings
            if f.key in theirs
        )
        conflict = find_conflict(error, last.at, places)
    return render_template(
        "cchc/office/reasons.html",
        period=period_of(report),
        warnings=warnings,
        texts=texts,
        offered=offered,
        started=started,
        conflict=conflict,
        problems={
            PREFIX + key: f"Giải trình dài quá {MAX_REASON} ký tự."
            for key, text in texts.items()
            if len(text) > MAX_REASON
        },
        titles={f.table: get_form(f.table).short_title for f in warnings if f.table},
        addresses={f.key: finding_address(report, f) for f in warnings},
    )
