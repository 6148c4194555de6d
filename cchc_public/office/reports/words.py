"""The screens of what a report says around its tables: head, words, reasons for warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    StringField,
    TextAreaField,
)
from wtforms import ValidationError as Refused

from cchc_public.checks.rules import Finding
from cchc_public.errors import StaleRevision
from cchc_public.office.frame import (
    BOTH,
    DayField,
    OfficeForm,
    Screens,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    read_version,
    readable_day,
    saving_form,
    tell,
)
from cchc_public.office.reports.dashboard import OpenReport, finding_address, open_report
from cchc_public.releases.content import Reason
from cchc_public.releases.prose import (
    Block,
    Section,
    TablePlace,
    arrange,
    as_stored,
    find_part,
    list_figures,
    read_blocks,
    resolve,
)
from cchc_public.reports.drafting import ReportHead, find_previous, save_narrative, save_report_head
from cchc_public.reports.review import (
    find_findings,
    give_reason,
    offered_reasons,
    place_of,
    reasons_by_key,
    reasons_changed_since,
    solve_sheets,
)
from cchc_public.state import get_state
from cchc_public.store import Report
from cchc_public.store.audit import Conflict, differences, find_conflict, history
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.text import clean_text

WORDS = (
    "document_number",
    "place",
    "superior_body",
    "on_behalf_of",
    "signatory_title",
    "signatory",
)


screen = Screens()


def _line(label: str, most: int, kind: type[StringField] = StringField) -> StringField:
    return kind(label, [at_most(most)], filters=[clean_words])


class HeadForm(OfficeForm):
    """Dates, head and signature of a report (NĐ 30/2020)."""

    version = HiddenField()
    data_from = DayField("Số liệu từ ngày", [needed(), readable_day])
    data_to = DayField("Số liệu đến ngày", [needed(), readable_day])
    due_on = DayField("Ngày hẹn số liệu kỳ sau", [readable_day])
    document_number = _line("Số, ký hiệu báo cáo", 100)
    issued_on = DayField("Ngày ban hành", [readable_day])
    place = _line("Địa danh", 200)
    superior_body = _line("Cơ quan cấp trên", 300)
    recipients = _line("Nơi nhận", 3000, TextAreaField)
    on_behalf_of = _line("Ký thay mặt", 200)
    signatory_title = _line("Chức vụ người ký", 200, TextAreaField)
    signatory = _line("Họ tên người ký", 200)

    def validate_data_to(self, field: DayField) -> None:
        """The window must not end before it begins."""
        if field.day and self.data_from.day and field.day < self.data_from.day:
            raise Refused("Ngày cuối ở trước ngày đầu.")

    def head(self) -> ReportHead:
        """Return what was typed; the form must be valid."""
        words: dict[str, Any] = {name: self[name].data for name in WORDS if self[name].data}
        if self.issued_on.day:
            words["issued_on"] = self.issued_on.day.isoformat()
        if lines := [line.strip() for line in (self.recipients.data or "").splitlines()]:
            words["recipients"] = [line for line in lines if line]
        first, last = self.data_from.day, self.data_to.day
        if first is None or last is None:
            raise ValueError("the form was not validated")
        return ReportHead(data_from=first, data_to=last, due_on=self.due_on.day, head=words)


def _stored_head(report: Report) -> dict[str, str]:
    """Return the texts that ``HeadForm`` shows."""
    words = report.head
    issued = date.fromisoformat(words["issued_on"]) if words.get("issued_on") else None
    days = {name: getattr(report, name) for name in ("data_from", "data_to", "due_on")}
    days["issued_on"] = issued
    return {
        **{name: words.get(name, "") for name in WORDS},
        **{name: format_date(day) if day else "" for name, day in days.items()},
        "version": str(report.version),
        "recipients": "\n".join(words.get("recipients", ())),
    }


@screen("/ky/<slug>/bao-cao", "head", methods=BOTH)
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head and signature."""
    opened, state = open_report(slug), get_state()
    report, conflict, status = opened.report, None, 200
    if request.method == "GET":
        form = HeadForm(kept_input(), data=_stored_head(report))
    else:
        form, status = HeadForm(request.form), 422
        if form.validate():
            version = read_version(form.version.data or "")
            with saving_form() as saved:
                new, actor = form.head(), state.actor()
                save_report_head(state.session, report, new, version=version, actor=actor)
            if saved.error is None:
                notify("Đã lưu phần đầu báo cáo.")
                return redirect(url_for(".period", slug=slug))
            # what the colleague saved beside what was typed; a second save is knowing
            report, status = open_report(slug).report, 409
            theirs = _stored_head(report)
            places = (
                (field.label.text, field.id, str(field.data or ""), theirs[field.name])
                for field in form
                if field.name != "version"
            )
            conflict = find_conflict(saved.error, report.edited_at, places)
            form.version.data = str(report.version)
    page = render_template(
        "cchc/office/head.html", form=form, period=opened.period, conflict=conflict
    )
    return page, status


MOST_PARTS = 60


class PartForm(Form):  # type: ignore[misc]
    """One part: words, or the statement that there is nothing to write this time."""

    key = HiddenField()
    title = _line("Tiêu đề", 300)
    text = _line("Lời", 20_000, TextAreaField)
    confirmed = BooleanField("Kỳ này không có nội dung ở phần này")
    reused = BooleanField("Lấy lại lời kỳ trước")

    def section(self) -> Section:
        """Return what was typed."""
        part = find_part(self.key.data or "")
        return Section(
            self.title.data or (part.title if part else ""),
            self.text.data or "",
            part,
            bool(self.confirmed.data),
        )


class NarrativeForm(OfficeForm):
    """All parts of a report's words."""

    version = HiddenField()
    parts = FieldList(FormField(PartForm), "Lời báo cáo", max_entries=MOST_PARTS)

    def sections(self) -> tuple[Section, ...]:
        """Return every part that has a title or words."""
        found = (entry.form.section() for entry in self.parts)
        return tuple(section for section in found if section.title or section.text)


@dataclass(frozen=True)
class PartView:
    """One part on the screen: its fields, how it will read, what it said last time."""

    form: PartForm
    section: Section
    blocks: tuple[Block | TablePlace, ...]
    problems: tuple[str, ...]
    last: tuple[Block | TablePlace, ...]


@screen("/ky/<slug>/loi-bao-cao", "narrative", methods=BOTH)
def edit_narrative(slug: str) -> ResponseReturnValue:
    """Show and save the words; a figure that is not there keeps the form from being saved."""
    opened = open_report(slug)
    report, conflict, status = opened.report, None, 200
    tables, previous = solve_sheets(report).tables, find_previous(get_state().session, report)
    # what each part said in the period before, as it was written
    last = {_name(s): s.text for s in (arrange(previous.narrative) if previous else ())}
    if request.method == "GET":
        stored = {"version": str(report.version), "parts": as_stored(arrange(report.narrative))}
        form = NarrativeForm(kept_input(), data=stored)
    else:
        form = NarrativeForm(request.form)
        for entry in form.parts:
            if entry.form.reused.data and not entry.form.text.data:
                entry.form.text.data = last.get(_name(entry.form.section()), "")
        if request.form.get("do") == "add" and len(form.parts) < MOST_PARTS:
            form.parts.append_entry()
        elif request.form.get("do") not in ("add", "show"):
            unknown = any(resolve(section.text, tables)[1] for section in form.sections())
            status = 422
            if form.validate() and not unknown:
                conflict, status = _save_narrative(opened, form), 409
                if conflict is None:
                    notify("Đã lưu lời báo cáo.")
                    return redirect(url_for(".period", slug=slug))
    views = []
    for entry in form.parts:
        section = entry.form.section()
        text, problems = resolve(section.text, tables)
        before = read_blocks(last.get(_name(section), ""))
        views.append(PartView(entry.form, section, read_blocks(text), problems, before))
    page = render_template(
        "cchc/office/narrative.html",
        form=form,
        views=views,
        figures=list_figures(tables),
        period=opened.period,
        conflict=conflict,
    )
    return page, status


def _save_narrative(opened: OpenReport, form: NarrativeForm) -> Conflict | None:
    """Save the words; what a colleague saved beside what was typed, a second save is knowing."""
    state, version = get_state(), read_version(form.version.data or "")
    sections = form.sections()
    with saving_form() as saved:
        save_narrative(state.session, opened.report, sections, version=version, actor=state.actor())
    if saved.error is None:
        return None
    report = open_report(opened.slug).report
    mine, theirs = (
        {s.title: s.text for s in arrange(narrative)}
        for narrative in (as_stored(sections), report.narrative)
    )
    form.version.data = str(report.version)
    changed = differences(theirs, mine)
    places = ((title, "loi", ours or "", others or "") for title, others, ours in changed)
    return find_conflict(saved.error, report.edited_at, places)


def _name(section: Section) -> str:
    return section.key or section.title


MAX_REASON = 1000
PREFIX = "reason."
STARTED = "started."  # the same text as it was when the form was opened


@screen("/ky/<slug>/giai-trinh", "reasons", methods=BOTH)
def edit_reasons(slug: str) -> ResponseReturnValue:
    """Show every warning with room for its reason; save those that changed."""
    opened = open_report(slug)
    # the warnings that want a reason
    findings = find_findings(get_state().session, opened.report)
    warnings = tuple(f for f in findings if f.takes_reason)
    if request.method == "GET":
        kept = kept_input()
        return _reasons_page(opened, warnings, kept.to_dict() if kept else {}, {})
    typed = {name: clean_text(text) for name, text in request.form.items()}
    problems = {
        name: f"Giải trình dài quá {MAX_REASON} ký tự."
        for name, text in typed.items()
        if name.startswith(PREFIX) and len(text) > MAX_REASON
    }
    if problems:
        return _reasons_page(opened, warnings, typed, problems), 422
    theirs = _save_reasons(opened, warnings, typed)
    if theirs is not None:
        # the form over the colleagues' texts: saving it once more is knowing
        fresh = {STARTED + key: reason.text for key, reason in theirs.items()}
        return _reasons_page(open_report(slug), warnings, {**typed, **fresh}, {}, theirs), 409
    return redirect(url_for(".period", slug=slug))


def _save_reasons(
    opened: OpenReport, warnings: Sequence[Finding], typed: Mapping[str, str]
) -> dict[str, Reason] | None:
    """Save what this person changed; return what colleagues changed meanwhile, None when saved."""
    state, report = get_state(), opened.report
    places = {finding.key: place_of(finding) for finding in warnings}
    # a text left as it was is nobody's change: it must not undo a colleague's
    mine = {
        key: text
        for key in places
        if (text := typed.get(PREFIX + key)) is not None and text != typed.get(STARTED + key)
    }
    started = {key: typed[STARTED + key] for key in mine if STARTED + key in typed}
    theirs: dict[str, Reason] = {}
    with saving_form() as saved:
        changed = reasons_changed_since(state.session, report, started)
        theirs = {key: reason for key, reason in changed.items() if reason.text != mine[key]}
        if theirs:
            raise StaleRevision
        for key, text in mine.items():
            give_reason(state.session, report, key, text, state.actor(), place=places[key])
    if not theirs:
        tell(saved, "Đã lưu giải trình.")
    return theirs if saved.error else None


def _reasons_page(
    opened: OpenReport,
    warnings: tuple[Finding, ...],
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    theirs: Mapping[str, Reason] | None = None,
) -> str:
    reasons = reasons_by_key(opened.report)
    offered = offered_reasons(opened.report, warnings)
    texts, started = {}, {}
    for key in (finding.key for finding in warnings):
        stored = reasons[key].text if key in reasons else ""
        mine, begun = typed.get(PREFIX + key), typed.get(STARTED + key)
        # what nobody touched shows what is stored, also by a colleague meanwhile
        texts[key] = stored or offered.get(key, "") if mine is None or mine == begun else mine
        started[key] = stored if begun is None or begun == mine else begun
    conflict = None
    if theirs:  # colleagues' words beside those typed here; saving once more is knowing
        lines = history(get_state().session, opened.slug)
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
        period=opened.period,
        warnings=warnings,
        texts=texts,
        offered=offered,
        started=started,
        conflict=conflict,
        problems=problems,
        prefix=PREFIX,
        started_prefix=STARTED,
        titles={f.table: get_form(f.table).short_title for f in warnings if f.table},
        addresses={f.key: finding_address(opened.report, f) for f in warnings},
    )
