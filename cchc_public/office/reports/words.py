"""The screens of what a report says around its tables: head, words, reasons for warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
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
from cchc_public.errors import CchcError, StaleRevision
from cchc_public.i18n import _, lazy
from cchc_public.office.frame import (
    DayField,
    OfficeForm,
    at_most,
    clean_words,
    kept_input,
    needed,
    notify,
    read_version,
    readable_day,
    requires,
    saving_form,
)
from cchc_public.office.reports.dashboard import OpenReport, finding_address, open_report
from cchc_public.releases.content import Reason
from cchc_public.releases.prose import (
    Block,
    Section,
    TablePlace,
    Tables,
    arrange,
    as_stored,
    find_part,
    list_figures,
    list_problems,
    read_blocks,
    resolve,
)
from cchc_public.reports.drafting import find_previous
from cchc_public.reports.review import (
    find_findings,
    give_reason,
    offered_reasons,
    place_of,
    reasons_by_key,
    reasons_changed_since,
    solve_sheets,
)
from cchc_public.reports.sheets import ReportHead, head_of, save_narrative, save_report_head
from cchc_public.state import get_state
from cchc_public.store.audit import history
from cchc_public.store.changes import Conflict, differences, find_conflict
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.routes import Routes

WORDS = (
    "document_number",
    "place",
    "superior_body",
    "on_behalf_of",
    "signatory_title",
    "signatory",
)


class HeadForm(OfficeForm):
    """Dates, head and signature of a report (NĐ 30/2020)."""

    version = HiddenField()
    data_from = DayField(lazy("Số liệu từ ngày"), [needed(), readable_day])
    data_to = DayField(lazy("Số liệu đến ngày"), [needed(), readable_day])
    due_on = DayField(lazy("Ngày hẹn số liệu kỳ sau"), [readable_day])
    document_number = StringField(
        lazy("Số, ký hiệu báo cáo"), [at_most(100)], filters=[clean_words]
    )
    issued_on = DayField(lazy("Ngày ban hành"), [readable_day])
    place = StringField(lazy("Địa danh"), [at_most(200)], filters=[clean_words])
    superior_body = StringField(lazy("Cơ quan cấp trên"), [at_most(300)], filters=[clean_words])
    recipients = TextAreaField(lazy("Nơi nhận"), [at_most(3000)], filters=[clean_words])
    on_behalf_of = StringField(lazy("Ký thay mặt"), [at_most(200)], filters=[clean_words])
    signatory_title = TextAreaField(lazy("Chức vụ người ký"), [at_most(200)], filters=[clean_words])
    signatory = StringField(lazy("Họ tên người ký"), [at_most(200)], filters=[clean_words])

    def validate_data_to(self, field: DayField) -> None:
        """The window must not end before it begins."""
        if field.day and self.data_from.day and field.day < self.data_from.day:
            raise Refused(_("Ngày cuối ở trước ngày đầu."))

    @property
    def read_version(self) -> int:
        """The version the form was opened with."""
        return read_version(str(self.version.data or ""))

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
        return ReportHead(
            data_from=first,
            data_to=last,
            due_on=self.due_on.day,
            head=words,
        )


def form_values(head: ReportHead, version: int) -> dict[str, Any]:
    """Return the texts that ``HeadForm`` shows for a stored head."""
    words = head.head
    issued = words.get("issued_on")
    return {
        **{name: words.get(name, "") for name in WORDS},
        "version": str(version),
        "data_from": _day(head.data_from),
        "data_to": _day(head.data_to),
        "due_on": _day(head.due_on),
        "issued_on": _day(date.fromisoformat(issued)) if issued else "",
        "recipients": "\n".join(words.get("recipients", ())),
    }


def _day(day: date | None) -> str:
    return format_date(day) if day else ""


def register_head_routes(blueprint: Blueprint) -> None:
    """Add the form of the head."""
    blueprint.add_url_rule("/ky/<slug>/bao-cao", "head", edit_head, methods=["GET", "POST"])


@requires("enter")
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head and signature."""
    opened = open_report(slug)
    stored = form_values(head_of(opened.report), opened.report.version)
    if request.method == "GET":
        return _head_page(opened, HeadForm(kept_input(), data=stored))
    form = HeadForm(request.form)
    if not form.validate():
        return _head_page(opened, form), 422
    return _save_head(opened, form)


def _save_head(opened: OpenReport, form: HeadForm) -> ResponseReturnValue:
    state = get_state()
    version, actor = form.read_version, state.actor()
    with saving_form() as saved:
        save_report_head(state.session, opened.report, form.head(), version=version, actor=actor)
    if saved.error:
        return _head_conflict(open_report(opened.slug), form, saved.error), 409
    notify("Đã lưu phần đầu báo cáo.")
    return redirect(url_for(".period", slug=opened.slug))


def _head_conflict(opened: OpenReport, form: HeadForm, error: CchcError) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = form_values(head_of(opened.report), opened.report.version)
    places = [
        (field.label.text, field.id, str(field.data or ""), str(theirs[field.name]))
        for field in form
        if field.name != "version"
    ]
    form.version.data = str(opened.report.version)
    return _head_page(opened, form, find_conflict(error, opened.report.edited_at, places))


def _head_page(opened: OpenReport, form: HeadForm, conflict: Conflict | None = None) -> str:
    return render_template(
        "cchc/office/head.html", form=form, period=opened.period, conflict=conflict
    )


MOST_PARTS = 60


class PartForm(Form):  # type: ignore[misc]
    """One part: words, or the statement that there is nothing to write this time."""

    key = HiddenField()
    title = StringField("Tiêu đề", [at_most(300)], filters=[clean_words])
    text = TextAreaField("Lời", [at_most(20_000)], filters=[clean_words])
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


def register_narrative_routes(blueprint: Blueprint) -> None:
    """Add the form of the words."""
    rule = "/ky/<slug>/loi-bao-cao"
    blueprint.add_url_rule(rule, "narrative", edit_narrative, methods=["GET", "POST"])


@requires("enter")
def edit_narrative(slug: str) -> ResponseReturnValue:
    """Show and save the words; a figure that is not there keeps the form from being saved."""
    opened = open_report(slug)
    tables = solve_sheets(opened.report).tables
    if request.method == "GET":
        form = NarrativeForm(kept_input(), data=_stored(opened))
        return _words_page(opened, form, tables)
    form = NarrativeForm(request.form)
    last = _last_words(opened)
    for entry in form.parts:
        if entry.form.reused.data and not entry.form.text.data:
            entry.form.text.data = last.get(_name(entry.form.section()), "")
    if request.form.get("do") in ("add", "show"):
        return _words_page(opened, form, tables, adds=request.form["do"] == "add")
    unknown = [problem for s in form.sections() for problem in list_problems(s.text, tables)]
    if not form.validate() or unknown:
        return _words_page(opened, form, tables), 422
    return _save_words(opened, form, tables)


def _save_words(opened: OpenReport, form: NarrativeForm, tables: Tables) -> ResponseReturnValue:
    state = get_state()
    version, sections = read_version(str(form.version.data or "")), form.sections()
    with saving_form() as saved:
        save_narrative(state.session, opened.report, sections, version=version, actor=state.actor())
    if saved.error:
        return _words_conflict(open_report(opened.slug), form, tables, saved.error), 409
    notify("Đã lưu lời báo cáo.")
    return redirect(url_for(".period", slug=opened.slug))


def _words_conflict(
    opened: OpenReport, form: NarrativeForm, tables: Tables, error: CchcError
) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = {s.title: s.text for s in arrange(opened.report.narrative)}
    mine = {s.title: s.text for s in arrange(as_stored(form.sections()))}
    places = [
        (title, "loi", ours or "", others or "")
        for title, others, ours in differences(theirs, mine)
    ]
    form.version.data = str(opened.report.version)
    return _words_page(opened, form, tables, find_conflict(error, opened.report.edited_at, places))


def _last_words(opened: OpenReport) -> dict[str, str]:
    """Return what each part said in the period before, as it was written."""
    previous = find_previous(get_state().session, opened.report)
    return {_name(s): s.text for s in (arrange(previous.narrative) if previous else ())}


def _name(section: Section) -> str:
    return section.key or section.title


def _stored(opened: OpenReport) -> dict[str, Any]:
    sections = head_of(opened.report).narrative or ()
    return {"version": str(opened.report.version), "parts": as_stored(sections)}


def _words_page(
    opened: OpenReport,
    form: NarrativeForm,
    tables: Tables,
    conflict: Conflict | None = None,
    *,
    adds: bool = False,
) -> str:
    if adds and len(form.parts) < MOST_PARTS:
        form.parts.append_entry()
    last = _last_words(opened)
    views = []
    for entry in form.parts:
        section = entry.form.section()
        text, problems = resolve(section.text, tables)
        before = read_blocks(last.get(_name(section), ""))
        views.append(PartView(entry.form, section, read_blocks(text), problems, before))
    return render_template(
        "cchc/office/narrative.html",
        form=form,
        views=views,
        figures=list_figures(tables),
        period=opened.period,
        conflict=conflict,
    )


routes = Routes()

MAX_REASON = 1000
PREFIX = "reason."
STARTED = "started."  # the same text as it was when the form was opened


@routes("/ky/<slug>/giai-trinh", "reasons", ["GET", "POST"])
@requires("enter")
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
        name: _("Giải trình dài quá %(limit)s ký tự.", limit=MAX_REASON)
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
    if saved.error is None:
        notify(_("Đã lưu giải trình."))
        return None
    if not theirs:
        notify(str(saved.error), "warn")
    return theirs


def _shown(typed: Mapping[str, str], key: str, stored: str) -> str:
    """Return what this person typed; the stored text where nothing was touched."""
    text = typed.get(PREFIX + key)
    return stored if text is None or text == typed.get(STARTED + key) else text


def _begun(typed: Mapping[str, str], key: str, stored: str) -> str:
    """Return what the text was when this person began to change it."""
    begun = typed.get(STARTED + key)
    return stored if begun is None or begun == typed.get(PREFIX + key) else begun


def _reasons_conflict(
    opened: OpenReport,
    warnings: tuple[Finding, ...],
    typed: Mapping[str, str],
    theirs: Mapping[str, Reason],
) -> Conflict:
    """Show colleagues' words beside those typed here; saving once more is knowing."""
    lines = history(get_state().session, opened.slug)
    last = next(line for line in lines if line.action == "reason.give")
    return find_conflict(
        StaleRevision(edited_by=last.actor.name, edited_at=last.at),
        last.at,
        (
            (f.statement, f"reason-{f.key}", typed.get(PREFIX + f.key, ""), theirs[f.key].text)
            for f in warnings
            if f.key in theirs
        ),
    )


def _reasons_page(
    opened: OpenReport,
    warnings: tuple[Finding, ...],
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    theirs: Mapping[str, Reason] | None = None,
) -> str:
    reasons = reasons_by_key(opened.report)
    offered = offered_reasons(opened.report, warnings)
    conflict = _reasons_conflict(opened, warnings, typed, theirs) if theirs else None
    stored = {f.key: reasons[f.key].text if f.key in reasons else "" for f in warnings}
    return render_template(
        "cchc/office/reasons.html",
        period=opened.period,
        warnings=warnings,
        texts={
            key: _shown(typed, key, text or offered.get(key, "")) for key, text in stored.items()
        },
        offered=offered,
        started={key: _begun(typed, key, text) for key, text in stored.items()},
        conflict=conflict,
        problems=problems,
        prefix=PREFIX,
        started_prefix=STARTED,
        titles={f.table: get_form(f.table).short_title for f in warnings if f.table},
        addresses={f.key: finding_address(opened.report, f) for f in warnings},
    )
