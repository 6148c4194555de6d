"""Drafts as citizens would see them, the paper to sign, and what is known of the signed one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
from cchc_public.files.limited import read_signed
from cchc_public.i18n import _
from cchc_public.office.frame import (
    DayField,
    OfficeForm,
    at_most,
    clean_words,
    kept_input,
    notify,
    readable_day,
    register_refusals,
    requires,
    saving_form,
)
from cchc_public.office.reports.dashboard import open_report
from cchc_public.releases.published import PaperFacts, PublishedRelease, PublishedTable
from cchc_public.releases.reading import find_facts, list_entries, list_releases, newest_release
from cchc_public.reports.handing_in import (
    LINK_DAYS,
    enter_facts,
    find_last,
    find_linked_report,
    make_link,
    revoke_link,
)
from cchc_public.reports.publishing import find_active, preview, preview_approved
from cchc_public.state import get_state
from cchc_public.store.locking import saving
from cchc_public.vietnamese.dates import format_date
from cchc_public.web.contexts import PeriodPage, Standing, TablePage, render
from cchc_public.web.headers import attach_door, set_security_headers
from cchc_public.web.pdf import TYPES
from cchc_public.web.release_pages import build_period, build_table_page


def register_preview_routes(blueprint: Blueprint) -> None:
    """Add the previews of a period and of its tables."""
    rule = "/ky/<slug>/xem-truoc"
    blueprint.add_url_rule(rule, "preview", preview_period)
    blueprint.add_url_rule(f"{rule}/<code>", "preview_table", preview_table)
    blueprint.add_url_rule("/ky/<slug>/lien-ket", "link", change_links, methods=["POST"])
    blueprint.add_url_rule("/ky/<slug>/du-thao.pdf", "draft_pdf", show_draft_pdf)
    blueprint.add_url_rule("/ky/<slug>/du-thao.docx", "draft_docx", show_draft_docx)


@requires("enter")
def preview_period(slug: str) -> ResponseReturnValue:
    """Show the period's page of the coming release."""
    release = coming_release(slug)
    page = build_period(release, standing_of(release), list_releases(get_state().session, slug))
    return render("cchc/office/preview_period.html", _inside(page, _staff_address(release)))


@requires("enter")
def preview_table(slug: str, code: str) -> ResponseReturnValue:
    """Show one table's page of the coming release."""
    release = coming_release(slug)
    table = release.table(code)
    if table is None:
        abort(404, description=_("Biểu này chưa có số liệu nên người dân chưa thấy trang của nó."))
    page = _table_inside(release, table, _staff_address(release))
    return render("cchc/office/preview_table.html", page)


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
    blueprint.after_request(_for_guests)
    return blueprint


def _for_guests(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    return set_security_headers(response)


def show_linked_period(secret: str) -> ResponseReturnValue:
    """Show the draft to somebody without an account."""
    release = _linked_release(secret)
    page = build_period(release, standing_of(release))
    inside = _inside(page, _guest_address(secret))
    paper = (_("Báo cáo PDF"), url_for("cchc_preview.pdf", secret=secret))
    return render("cchc/office/preview_guest.html", replace(inside, downloads=(paper,)))


def show_linked_table(secret: str, code: str) -> ResponseReturnValue:
    """Show one table of the draft."""
    release = _linked_release(secret)
    table = release.table(code)
    if table is None:
        abort(404)
    page = _table_inside(release, table, _guest_address(secret))
    return render("cchc/public/table.html", page)


def show_linked_pdf(secret: str) -> ResponseReturnValue:
    """Send the paper of the draft."""
    release = _linked_release(secret)
    return _send_paper(release, f"du-thao-{release.slug}.pdf", is_draft=True)


def _linked_release(secret: str) -> PublishedRelease:
    report = find_linked_report(get_state().session, secret) if len(secret) <= 64 else None
    if report is None:
        abort(404, description="Liên kết xem trước này không còn dùng được.")
    return coming_release(report.slug)


@requires("enter")
def change_links(slug: str) -> ResponseReturnValue:
    """Make a preview link, or end one."""
    state, opened = get_state(), open_report(slug)
    ended = request.form.get("end", "")
    secret = ""
    with saving(state.session) as saved:
        if ended.isascii() and ended.isdigit() and len(ended) < 10:
            revoke_link(state.session, opened.report, int(ended), state.actor())
        else:
            secret = make_link(state.session, opened.report, state.actor())
    if saved.error:
        notify(str(saved.error), "warn")
    elif secret:
        address = url_for("cchc_preview.period", secret=secret, _external=True)
        notify(f"Liên kết xem trước, dùng được {LINK_DAYS} ngày (chỉ hiện một lần): {address}")
    else:
        notify("Đã thu hồi liên kết.")
    return redirect(url_for("cchc_staff.period", slug=slug))


def _table_inside(
    release: PublishedRelease, table: PublishedTable, address: Callable[[str], str]
) -> TablePage:
    """Let the page's links stay within the preview; files of it do not exist yet."""
    page = build_table_page(release, table, standing_of(release))
    neighbours = tuple(
        (other.definition.short_title, address(other.code))
        for other in release.tables
        if other is not table
    )
    return replace(page, downloads=(), chart_links=(), citation="", neighbours=neighbours)


@requires("enter")
def show_draft_pdf(slug: str) -> ResponseReturnValue:
    """Send the paper as it would be: a draft, or the one to sign once it is approved."""
    return _staff_paper(slug, "pdf")


@requires("enter")
def show_draft_docx(slug: str) -> ResponseReturnValue:
    """Send the same as a Word document."""
    return _staff_paper(slug, "docx")


def _staff_paper(slug: str, kind: str) -> Response:
    handed_in = find_active(get_state().session, open_report(slug).report)
    is_draft = handed_in is None or not handed_in.is_approved
    name = "du-thao" if is_draft else "ban-trinh-ky"
    return _send_paper(coming_release(slug), f"{name}-{slug}.{kind}", is_draft=is_draft)


def _send_paper(release: PublishedRelease, name: str, *, is_draft: bool) -> Response:
    zone, is_pdf = get_state().zone, name.endswith(".pdf")
    if is_pdf:
        environment = current_app.jinja_env
        data = report_pdf(release, environment=environment, zone=zone, is_draft=is_draft)
    else:
        from cchc_public.exports.report_docx import report_docx  # only who asks waits for it

        data = report_docx(release, zone=zone, is_draft=is_draft)
    response = Response(data, mimetype=TYPES[name.rpartition(".")[2]])
    placing = "inline" if is_pdf else "attachment"
    response.headers["Content-Disposition"] = f'{placing}; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def coming_release(slug: str) -> PublishedRelease:
    """Return the release that publishing now would make; what was approved stays as it was."""
    state, report = get_state(), open_report(slug).report
    handed_in = find_last(state.session, report)
    if handed_in and handed_in.is_approved:
        return preview_approved(state.session, handed_in)
    return preview(
        state.session,
        report,
        state.actor(),
        authority=state.authority,
        reason=handed_in.reason if handed_in and handed_in.is_active else "",
    )


def standing_of(release: PublishedRelease) -> Standing:
    """Return the standing of a release that does not exist yet."""
    return Standing(newest_number=release.number, is_preview=True)


def _inside(page: PeriodPage, address: Callable[[str], str]) -> PeriodPage:
    """Let the page's links stay within the preview; files of it do not exist yet."""
    groups = tuple(
        replace(group, address=address(group.code) if group.address else "")
        for group in page.sides.groups
    )
    return replace(
        page,
        sides=replace(page.sides, groups=groups),
        notes=tuple(
            (finding, address(finding.table) if public else "") for finding, public in page.notes
        ),
        downloads=(),
        table_links={code: (link[0], address(code)) for code, link in page.table_links.items()},
    )


def _staff_address(release: PublishedRelease) -> Callable[[str], str]:
    return lambda code: url_for("cchc_staff.preview_table", slug=release.slug, code=code)


def _guest_address(secret: str) -> Callable[[str], str]:
    return lambda code: url_for("cchc_preview.table", secret=secret, code=code)


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
