"""The screen of a signed paper: number, date, who signed, and the copy; never a correction."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename
from wtforms import FileField, StringField, TextAreaField

from cchc_public.files.limited import read_signed
from cchc_public.office.frame import (
    DayField,
    OfficeForm,
    at_most,
    clean_words,
    kept_input,
    notify,
    readable_day,
    requires,
    saving_form,
)
from cchc_public.office.reports.dashboard import open_report
from cchc_public.releases.published import PaperFacts
from cchc_public.releases.reading import find_facts, list_entries, newest_release
from cchc_public.reports.handing_in import enter_facts
from cchc_public.state import get_state
from cchc_public.vietnamese.dates import format_date


class PaperForm(OfficeForm):
    """What is known of the signed paper."""

    document_number = StringField("Số, ký hiệu", [at_most(100)], filters=[clean_words])
    issued_on = DayField("Ngày ban hành", [readable_day])
    signatory_title = TextAreaField("Chức vụ người ký", [at_most(200)], filters=[clean_words])
    signatory = StringField("Họ tên người ký", [at_most(200)], filters=[clean_words])
    copy = FileField("Bản đã ký (PDF)")


def register_paper_routes(blueprint: Blueprint) -> None:
    """Add the page of the signed paper; its upload has a limit of its own."""
    rule = "/ky/<slug>/ban-ky"  # van-ban is a table
    blueprint.add_url_rule(rule, "paper", edit_paper, methods=["GET", "POST"])


def allow_signed_copy() -> None:
    """Let this one form carry a scan: before anything parses it."""
    if request.endpoint == "cchc_staff.paper":
        request.max_content_length = get_state().config["SIGNED_COPY_MAX_BYTES"]


@requires("enter")
def edit_paper(slug: str) -> ResponseReturnValue:
    """Show what is known of the paper; add to it when posted."""
    opened, state = open_report(slug), get_state()
    release = newest_release(state.session, slug)
    if release is None or release.is_withdrawal:
        abort(404, description="Kỳ này chưa công bố nên chưa có văn bản để ghi.")
    known = find_facts(state.session, release.id)
    shown = known or PaperFacts(
        document_number=str(release.head.get("document_number") or ""),
        issued_on=str(release.head.get("issued_on") or ""),
        signatory=str(release.head.get("signatory") or ""),
        signatory_title=str(release.head.get("signatory_title") or ""),
    )
    form = PaperForm(
        request.form or kept_input(),
        data={**shown.as_stored(), "issued_on": format_date(shown.issued) if shown.issued else ""},
    )
    if request.method == "POST" and form.validate():
        file = request.files.get("copy")
        facts = PaperFacts(
            document_number=form.document_number.data or "",
            issued_on=form.issued_on.day.isoformat() if form.issued_on.day else "",
            signatory=form.signatory.data or "",
            signatory_title=form.signatory_title.data or "",
        )
        with saving_form() as saved:
            body = file.read() if file else b""
            name = secure_filename(file.filename or "")[:100] if file else ""
            copy = read_signed(body, name) if body else None
            enter_facts(state.session, release, state.actor(), facts, copy)
        if saved.error is None:
            notify("Đã ghi. Số liệu đã công bố không đổi, không tính là đính chính.")
            return redirect(url_for(".paper", slug=slug))
        form.form_errors.append(str(saved.error))
    page = render_template(
        "cchc/office/paper.html",
        form=form,
        period=opened.period,
        release=release,
        known=known,
        entries=list_entries(state.session, release.id),
        limit=state.config["SIGNED_COPY_MAX_BYTES"] // 1_000_000,
    )
    return page, (422 if form.errors or form.form_errors else 200)
