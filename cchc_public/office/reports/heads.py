"""The screen of a report's head, dates and words."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import StaleRevision
from cchc_public.i18n import _
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import forget_kept_input, kept_input
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.conflicts import Conflict, ConflictCell
from cchc_public.office.reports.head_form import MAX_SECTIONS, HeadForm, form_values
from cchc_public.office.reports.loading import OpenReport, open_report
from cchc_public.reports.heads import head_of, save_report_head
from cchc_public.state import get_state


def register_head_routes(blueprint: Blueprint) -> None:
    """Add the form of the head."""
    blueprint.add_url_rule("/ky/<slug>/bao-cao", "head", edit_head, methods=["GET", "POST"])


@requires("enter")
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head, signature and words."""
    opened = open_report(slug)
    stored = form_values(head_of(opened.report), opened.report.version)
    if request.method == "GET":
        return _page(opened, HeadForm(kept_input(), data=stored))
    form = HeadForm(request.form)
    if request.form.get("do") == "add":
        return _page(opened, form)
    if not form.validate():
        return _page(opened, form), 422
    return _save(opened, form)


def _save(opened: OpenReport, form: HeadForm) -> ResponseReturnValue:
    state = get_state()
    try:
        save_report_head(
            state.session,
            opened.report,
            form.head(),
            version=form.read_version,
            actor=state.actor(),
        )
        forget_kept_input()
        state.session.commit()
    except StaleRevision as error:
        state.session.rollback()
        return _conflict(open_report(opened.slug), form, error), 409
    notify(_("Đã lưu phần đầu và lời báo cáo."))
    return redirect(url_for(".period", slug=opened.slug))


def _conflict(opened: OpenReport, form: HeadForm, error: StaleRevision) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = form_values(head_of(opened.report), opened.report.version)
    cells = [
        ConflictCell(field.label.text, field.id, str(field.data or ""), str(theirs[field.name]))
        for field in form
        if field.name not in ("version", "narrative")
        and str(field.data or "") != str(theirs[field.name])
    ]
    mine = {one.form.title.data: one.form.text.data for one in form.narrative}
    their_words = {one["title"]: one["text"] for one in theirs["narrative"]}
    for title in dict.fromkeys((*mine, *their_words)):
        texts = (mine.get(title) or "", their_words.get(title) or "")
        if texts[0] != texts[1]:
            cells.append(ConflictCell(title or _("Lời báo cáo"), "narrative", *texts))
    form.version.data = str(opened.report.version)
    edited_at = error.edited_at or opened.report.edited_at
    return _page(opened, form, Conflict(error.edited_by, edited_at, tuple(cells)))


def _page(opened: OpenReport, form: HeadForm, conflict: Conflict | None = None) -> str:
    if len(form.narrative) < MAX_SECTIONS:
        form.narrative.append_entry()
    return render_template(
        "cchc/office/head.html", form=form, period=opened.period, conflict=conflict
    )
