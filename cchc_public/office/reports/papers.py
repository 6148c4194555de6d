"""Drafts as citizens would see them, the paper to sign, and what is known of the signed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.utils import secure_filename
from wtforms import FileField, StringField, TextAreaField

from cchc_public.exports.pdf import report_pdf
from cchc_public.files.opening import SignedPdf, read_signed
from cchc_public.i18n import _
from cchc_public.office.frame import (
    BOTH,
    POST,
    DayField,
    OfficeForm,
    Screens,
    at_most,
    clean_words,
    kept_input,
    notify,
    readable_day,
    register_refusals,
    saving_form,
    tell,
)
from cchc_public.office.reports.dashboard import open_report
from cchc_public.releases.published import PaperFacts, PublishedRelease, ReleaseSummary
from cchc_public.releases.reading import (
    OF_THE_PAPER,
    find_facts,
    list_entries,
    list_releases,
    newest_release,
)
from cchc_public.reports.drafting import LINK_DAYS, find_linked_report, make_link, revoke_link
from cchc_public.reports.publishing import enter_facts, preview, preview_approved
from cchc_public.reports.review import find_active, find_last
from cchc_public.state import get_state
from cchc_public.store.locking import saving
from cchc_public.vietnamese.dates import format_date
from cchc_public.web.assets import TYPES
from cchc_public.web.release_pages import Standing, build_period, build_table_page
from cchc_public.web.rendering import render_page
from cchc_public.web.routes import attach_door, set_security_headers

screen = Screens()


@screen("/ky/<slug>/xem-truoc", "preview")
def preview_period(slug: str) -> ResponseReturnValue:
    """Show the period's page of the coming release."""
    release = coming_release(slug)
    page = _period_page(release, _staff_address(slug), list_releases(get_state().session, slug))
    return render_page("cchc/office/preview_period.html", **page)


@screen("/ky/<slug>/xem-truoc/<code>", "preview_table")
def preview_table(slug: str, code: str) -> ResponseReturnValue:
    """Show one table's page of the coming release."""
    page = _table_page(coming_release(slug), code, _staff_address(slug))
    return render_page("cchc/office/preview_table.html", **page)


def create_guest_blueprint() -> Blueprint:
    """Return the pages behind a preview link: no account, no index, the secret is the key."""
    blueprint = Blueprint("cchc_preview", __name__, url_prefix="/xem-truoc")
    blueprint.add_url_rule("/<secret>", "period", show_linked_period)
    blueprint.add_url_rule("/<secret>/du-thao.pdf", "pdf", show_linked_pdf)
    blueprint.add_url_rule("/<secret>/<code>", "table", show_linked_table)
    attach_door(blueprint)
    register_refusals(blueprint)
    # refusals stand in the office's frame; here nobody is signed in
    blueprint.context_processor(
        lambda: {
            "cchc_keeping": str,
            "cchc_notices": tuple,
            "cchc_office_nav": tuple,
            "cchc_sign_out": lambda: ("", False),
        }
    )

    @blueprint.after_request
    def keep_secret(response: Response) -> Response:
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
        return set_security_headers(response)

    return blueprint


def show_linked_period(secret: str) -> ResponseReturnValue:
    """Show the draft to somebody without an account."""
    page = _period_page(_linked_release(secret), _guest_address(secret))
    paper = (_("Báo cáo PDF"), url_for("cchc_preview.pdf", secret=secret))
    return render_page("cchc/office/preview_guest.html", **{**page, "downloads": (paper,)})


def show_linked_table(secret: str, code: str) -> ResponseReturnValue:
    """Show one table of the draft."""
    page = _table_page(_linked_release(secret), code, _guest_address(secret))
    return render_page("cchc/public/table.html", **page)


def show_linked_pdf(secret: str) -> ResponseReturnValue:
    """Send the paper of the draft."""
    release = _linked_release(secret)
    return _send_paper(release, f"du-thao-{release.slug}.pdf", is_draft=True)


def _linked_release(secret: str) -> PublishedRelease:
    report = find_linked_report(get_state().session, secret) if len(secret) <= 64 else None
    if report is None:
        abort(404, description="Liên kết xem trước này không còn dùng được.")
    return coming_release(report.slug)


@screen("/ky/<slug>/lien-ket", "link", methods=POST, back="period")
def change_links(slug: str) -> ResponseReturnValue:
    """Make a preview link, or end one."""
    state, report = get_state(), open_report(slug).report
    ended, words = request.form.get("end", ""), "Đã thu hồi liên kết."
    with saving(state.session) as saved:
        if ended.isascii() and ended.isdigit() and len(ended) < 10:
            revoke_link(state.session, report, int(ended), state.actor())
        else:
            secret = make_link(state.session, report, state.actor())
            address = url_for("cchc_preview.period", secret=secret, _external=True)
            words = f"Liên kết xem trước, dùng được {LINK_DAYS} ngày (chỉ hiện một lần): {address}"
    tell(saved, words)
    return redirect(url_for("cchc_staff.period", slug=slug))


@screen("/ky/<slug>/du-thao.<kind>", "draft")
def show_draft(slug: str, kind: str) -> ResponseReturnValue:
    """Send the paper as it would be: a draft, or the one to sign once it is approved."""
    if kind not in TYPES:
        abort(404)
    handed_in = find_active(get_state().session, open_report(slug).report)
    is_draft = handed_in is None or not handed_in.is_approved
    name = "du-thao" if is_draft else "ban-trinh-ky"
    return _send_paper(coming_release(slug), f"{name}-{slug}.{kind}", is_draft=is_draft)


def _send_paper(release: PublishedRelease, name: str, *, is_draft: bool) -> Response:
    zone, kind = get_state().zone, name.rpartition(".")[2]
    if kind == "pdf":
        environment = current_app.jinja_env
        data = report_pdf(release, environment=environment, zone=zone, is_draft=is_draft)
    else:
        from cchc_public.exports.report_docx import report_docx  # only who asks waits for it

        data = report_docx(release, zone=zone, is_draft=is_draft)
    response = Response(data, mimetype=TYPES[kind])
    placing = "inline" if kind == "pdf" else "attachment"
    response.headers["Content-Disposition"] = f'{placing}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def coming_release(slug: str) -> PublishedRelease:
    """Return the release that publishing now would make; what was approved stays as it was."""
    state, report = get_state(), open_report(slug).report
    handed_in = find_last(state.session, report)
    if handed_in and handed_in.is_approved:
        return preview_approved(state.session, handed_in)
    reason = handed_in.reason if handed_in and handed_in.is_active else ""
    return preview(state.session, report, state.actor(), authority=state.authority, reason=reason)


def _period_page(
    release: PublishedRelease,
    address: Callable[[str], str],
    releases: tuple[ReleaseSummary, ...] = (),
) -> dict[str, Any]:
    """Let the page's links stay within the preview; files of it do not exist yet."""
    standing = Standing(newest_number=release.number, is_preview=True)
    page = build_period(release, standing, releases)
    groups = tuple(
        replace(group, address=address(group.code) if group.address else "")
        for group in page["sides"].groups
    )
    own = {
        "sides": replace(page["sides"], groups=groups),
        "notes": [
            (found, address(found.table) if public else "") for found, public in page["notes"]
        ],
        "downloads": (),
        "table_links": {
            code: (link[0], address(code)) for code, link in page["table_links"].items()
        },
    }
    return page | own


def _table_page(
    release: PublishedRelease, code: str, address: Callable[[str], str]
) -> dict[str, Any]:
    """Let the page's links stay within the preview; files of it do not exist yet."""
    table = release.table(code)
    if table is None:
        abort(404, description="Biểu này chưa có số liệu nên người dân chưa thấy trang của nó.")
    standing = Standing(newest_number=release.number, is_preview=True)
    neighbours = tuple(
        (other.definition.short_title, address(other.code))
        for other in release.tables
        if other is not table
    )
    own = {"downloads": (), "chart_links": (), "citation": "", "neighbours": neighbours}
    return build_table_page(release, table, standing) | own


def _staff_address(slug: str) -> Callable[[str], str]:
    return lambda code: url_for("cchc_staff.preview_table", slug=slug, code=code)


def _guest_address(secret: str) -> Callable[[str], str]:
    return lambda code: url_for("cchc_preview.table", secret=secret, code=code)


class PaperForm(OfficeForm):
    """What is known of the signed paper."""

    document_number = StringField("Số, ký hiệu", [at_most(100)], filters=[clean_words])
    issued_on = DayField("Ngày ban hành", [readable_day])
    signatory_title = TextAreaField("Chức vụ người ký", [at_most(200)], filters=[clean_words])
    signatory = StringField("Họ tên người ký", [at_most(200)], filters=[clean_words])
    copy = FileField("Bản đã ký (PDF)")


def allow_signed_copy() -> None:
    """Let this one form carry a scan: before anything parses it."""
    if request.endpoint == "cchc_staff.paper":
        request.max_content_length = get_state().config["SIGNED_COPY_MAX_BYTES"]


@screen("/ky/<slug>/ban-ky", "paper", methods=BOTH)  # van-ban is a table
def edit_paper(slug: str) -> ResponseReturnValue:
    """Show what is known of the paper; add to it when posted."""
    opened, state = open_report(slug), get_state()
    release = newest_release(state.session, slug)
    if release is None or release.is_withdrawal:
        abort(404, description="Kỳ này chưa công bố nên chưa có văn bản để ghi.")
    known = find_facts(state.session, release.id)
    words: dict[str, Any] = {name: str(release.head.get(name) or "") for name in OF_THE_PAPER}
    shown = known or PaperFacts(**words)
    form = PaperForm(
        request.form or kept_input(),
        data={**shown.as_stored(), "issued_on": format_date(shown.issued) if shown.issued else ""},
    )
    if request.method == "POST" and form.validate():
        file = request.files.get("copy")
        words = {name: form[name].data or "" for name in OF_THE_PAPER}
        words["issued_on"] = form.issued_on.day.isoformat() if form.issued_on.day else ""
        with saving_form() as saved:
            body = file.read() if file else b""
            name = secure_filename(file.filename or "")[:100] if file else ""
            copy = read_signed(body, name) if body else SignedPdf(b"")
            facts = PaperFacts(**words, copy_name=name, signatures=copy.signatures)
            enter_facts(state.session, release, state.actor(), facts, copy=body, marks=copy.marks)
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
