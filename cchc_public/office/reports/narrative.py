"""The screen of a report's words: every part of the outline, beside it how it will read."""

from __future__ import annotations

from dataclasses import dataclass
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

from cchc_public.errors import CchcError
from cchc_public.office.frame import (
    OfficeForm,
    at_most,
    clean_words,
    kept_input,
    notify,
    read_version,
    requires,
    saving_form,
)
from cchc_public.office.reports.dashboard import OpenReport, open_report
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
from cchc_public.reports.review import solve_sheets
from cchc_public.reports.sheets import head_of, save_narrative
from cchc_public.state import get_state
from cchc_public.store.changes import Conflict, differences, find_conflict

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
        return _page(opened, form, tables)
    form = NarrativeForm(request.form)
    last = _last_words(opened)
    for entry in form.parts:
        if entry.form.reused.data and not entry.form.text.data:
            entry.form.text.data = last.get(_name(entry.form.section()), "")
    if request.form.get("do") in ("add", "show"):
        return _page(opened, form, tables, adds=request.form["do"] == "add")
    unknown = [problem for s in form.sections() for problem in list_problems(s.text, tables)]
    if not form.validate() or unknown:
        return _page(opened, form, tables), 422
    return _save(opened, form, tables)


def _save(opened: OpenReport, form: NarrativeForm, tables: Tables) -> ResponseReturnValue:
    state = get_state()
    version, sections = read_version(str(form.version.data or "")), form.sections()
    with saving_form() as saved:
        save_narrative(state.session, opened.report, sections, version=version, actor=state.actor())
    if saved.error:
        return _conflict(open_report(opened.slug), form, tables, saved.error), 409
    notify("Đã lưu lời báo cáo.")
    return redirect(url_for(".period", slug=opened.slug))


def _conflict(opened: OpenReport, form: NarrativeForm, tables: Tables, error: CchcError) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = {s.title: s.text for s in arrange(opened.report.narrative)}
    mine = {s.title: s.text for s in arrange(as_stored(form.sections()))}
    places = [
        (title, "loi", ours or "", others or "")
        for title, others, ours in differences(theirs, mine)
    ]
    form.version.data = str(opened.report.version)
    return _page(opened, form, tables, find_conflict(error, opened.report.edited_at, places))


def _last_words(opened: OpenReport) -> dict[str, str]:
    """Return what each part said in the period before, as it was written."""
    previous = find_previous(get_state().session, opened.report)
    return {_name(s): s.text for s in (arrange(previous.narrative) if previous else ())}


def _name(section: Section) -> str:
    return section.key or section.title


def _stored(opened: OpenReport) -> dict[str, Any]:
    sections = head_of(opened.report).narrative or ()
    return {"version": str(opened.report.version), "parts": as_stored(sections)}


def _page(
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
