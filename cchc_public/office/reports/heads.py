"""The screen of a report's head and dates."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.errors import CchcError
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.head_form import HeadForm, form_values
from cchc_public.office.reports.loading import OpenReport, open_report
from cchc_public.reports.heads import head_of, save_report_head
from cchc_public.state import get_state
from cchc_public.store.changes import Conflict, find_conflict


def register_head_routes(blueprint: Blueprint) -> None:
    """Add the form of the head."""
    blueprint.add_url_rule("/ky/<slug>/bao-cao", "head", edit_head, methods=["GET", "POST"])


@requires("enter")
def edit_head(slug: str) -> ResponseReturnValue:
    """Show and save dates, head and signature."""
    opened = open_report(slug)
    stored = form_values(head_of(opened.report), opened.report.version)
    if request.method == "GET":
        return _page(opened, HeadForm(kept_input(), data=stored))
    form = HeadForm(request.form)
    if not form.validate():
        return _page(opened, form), 422
    return _save(opened, form)


def _save(opened: OpenReport, form: HeadForm) -> ResponseReturnValue:
    state = get_state()
    version, actor = form.read_version, state.actor()
    with saving_form() as saved:
        save_report_head(state.session, opened.report, form.head(), version=version, actor=actor)
    if saved.error:
        return _conflict(open_report(opened.slug), form, saved.error), 409
    notify("Đã lưu phần đầu báo cáo.")
    return redirect(url_for(".period", slug=opened.slug))


def _conflict(opened: OpenReport, form: HeadForm, error: CchcError) -> str:
    """Show what the colleague saved beside what was typed; a second save is knowing."""
    theirs = form_values(head_of(opened.report), opened.report.version)
    places = [
        (field.label.text, field.id, str(field.data or ""), str(theirs[field.name]))
        for field in form
        if field.name != "version"
    ]
    form.version.data = str(opened.report.version)
    return _page(opened, form, find_conflict(error, opened.report.edited_at, places))


def _page(opened: OpenReport, form: HeadForm, conflict: Conflict | None = None) -> str:
    return render_template(
        "cchc/office/head.html", form=form, period=opened.period, conflict=conflict
    )
