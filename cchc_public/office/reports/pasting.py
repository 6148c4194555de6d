"""Figures pasted from Word or Excel, or uploaded: seen first, then applied, undone at will."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadData, URLSafeSerializer

from cchc_public.errors import ImportRejected, StaleRevision
from cchc_public.i18n import _
from cchc_public.importers.outcome import SheetImport
from cchc_public.importers.pasted import read_pasted
from cchc_public.importers.sheet_csv import import_sheet
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import forget_kept_input, kept_input
from cchc_public.office.frame.merging import left_alone, merge
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.loading import OpenSheet, open_sheet
from cchc_public.office.reports.sheet_form import MAX_ROWS, read_version
from cchc_public.reports.cell_changes import list_cell_changes
from cchc_public.reports.sheets import save_sheet
from cchc_public.state import get_state
from cchc_public.store.form_drafts import keep_draft, take_draft
from cchc_public.tables.registry import list_forms
from cchc_public.tables.sheet import Sheet, sheet_from_json, sheet_to_json
from cchc_public.vietnamese.numbers import format_number

UNDO = "hoan-tac"


def register_paste_routes(blueprint: Blueprint) -> None:
    """Add pasting, uploading and taking it back."""
    rule = "/ky/<slug>/<code>"
    blueprint.add_url_rule(f"{rule}/dan", "paste", paste, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{rule}/hoan-tac", "undo", undo, methods=["POST"])
    blueprint.add_url_rule(f"{rule}/hoan-tac", "undo_back", lead_back)


@requires("enter")
def paste(slug: str, code: str) -> ResponseReturnValue:
    """Take text or a file; show what it would change; apply it when confirmed."""
    opened = open_sheet(slug, code)
    if request.method == "GET":
        kept = kept_input()
        return _page(opened, text=kept.get("text", "") if kept else "")
    if request.form.get("do") == "apply":
        return _apply(opened)
    text = request.form.get("text", "")
    try:
        found = _read(opened, text)
    except ImportRejected as error:
        return _page(opened, text=text, problem=f"{error} {_other_edition(opened, text)}"), 422
    return _preview(opened, found, text)


def _read(opened: OpenSheet, text: str) -> SheetImport:
    upload = request.files.get("file")
    if upload is None or not upload.filename:
        return read_pasted(opened.table, text)
    limit = get_state().config["UPLOAD_MAX_BYTES"]
    data = upload.stream.read(limit + 1)
    if len(data) > limit:
        size = format_number(limit // 1_000_000)
        raise ImportRejected(_("Tệp lớn quá %(size)s MB nên không đọc.", size=size))
    return import_sheet(opened.table, data, upload.filename)


def _other_edition(opened: OpenSheet, text: str) -> str:
    """Return the hint that pasted text suits another edition of the table; '' when none does."""
    for table in list_forms(opened.table.code):
        if table.edition == opened.table.edition:
            continue
        try:
            read_pasted(table, text)
        except ImportRejected:
            continue
        return _(
            "Nội dung này hợp với mẫu «%(title)s»: hãy bấm “Đổi mẫu biểu” ở màn hình nhập rồi dán "
            "lại.",
            title=table.title,
        )
    return ""


def _preview(opened: OpenSheet, found: SheetImport, text: str) -> ResponseReturnValue:
    merged = merge(opened.sheet, found.sheet)
    if len(merged.rows) > MAX_ROWS:
        problem = _("Mỗi biểu nhận tối đa %(limit)s dòng. Chưa lưu gì.", limit=MAX_ROWS)
        return _page(opened, text=text, problem=problem), 422
    return render_template(
        "cchc/office/paste_preview.html",
        opened=opened,
        period=opened.opened.period,
        found=found,
        changes=list_cell_changes(opened.sheet, merged),
        left_alone=left_alone(opened.sheet, found.sheet),
        payload=_signer(opened).dumps(sheet_to_json(merged)),
    )


def _page(opened: OpenSheet, text: str = "", problem: str = "") -> str:
    return render_template(
        "cchc/office/paste.html",
        opened=opened,
        period=opened.opened.period,
        text=text,
        problem=problem,
    )


def _apply(opened: OpenSheet) -> ResponseReturnValue:
    """Save the previewed sheet; keep the one before, so that one click brings it back."""
    state, table = get_state(), opened.table
    back: dict[str, Any] = {"slug": opened.opened.slug, "code": table.code}
    try:
        sheet = sheet_from_json(_signer(opened).loads(request.form.get("payload", "")), table)
        version = read_version(request.form.get("version", ""))
        before = json.dumps(sheet_to_json(opened.sheet), ensure_ascii=False)
        saved = save_sheet(
            state.session, opened.report, sheet, version=version, actor=state.actor()
        )
        fields = [("sheet", before), ("version", str(saved.version))]
        path = url_for(".undo", **back)
        token = keep_draft(state.session, path, fields, state.actor().id)
        forget_kept_input()
        state.session.commit()
    except (BadData, KeyError):
        notify(_("Bản xem trước không còn dùng được. Xin dán lại."), "warn")
        return redirect(url_for(".paste", **back))
    except StaleRevision as error:
        state.session.rollback()
        notify(str(error) + " " + _("Xin dán lại để so với bản mới."), "warn")
        return redirect(url_for(".paste", **back))
    notify(_("Đã nhập vào biểu «%(title)s».", title=table.short_title))
    return redirect(url_for(".sheet", **{**back, UNDO: token}))


@requires("enter")
def undo(slug: str, code: str) -> ResponseReturnValue:
    """Bring back the sheet as it was before the last paste or upload."""
    opened, state = open_sheet(slug, code), get_state()
    kept = take_draft(state.session, request.form.get("token", ""), state.actor().id)
    if kept is None or kept.path != url_for(".undo", slug=slug, code=code):
        notify(_("Không còn bản để hoàn tác."), "warn")
        return redirect(url_for(".sheet", slug=slug, code=code))
    fields: dict[str, Any] = dict(kept.fields)
    try:
        sheet: Sheet = sheet_from_json(json.loads(fields["sheet"]), opened.table)
        version = int(fields["version"])
        save_sheet(state.session, opened.report, sheet, version=version, actor=state.actor())
        state.session.commit()
        notify(_("Đã hoàn tác lần nhập vừa rồi."))
    except StaleRevision as error:
        state.session.rollback()
        notify(_("Không hoàn tác được.") + f" {error}", "warn")
    return redirect(url_for(".sheet", slug=slug, code=code))


@requires("enter")
def lead_back(slug: str, code: str) -> ResponseReturnValue:
    """Lead to the sheet whoever comes back here after signing in."""
    return redirect(url_for(".sheet", slug=slug, code=code))


def _signer(opened: OpenSheet) -> URLSafeSerializer:
    """Sign what was previewed for this very sheet: in another it would be read wrongly."""
    place = (opened.opened.slug, opened.table.code, opened.table.edition)
    return URLSafeSerializer(str(current_app.secret_key), salt=f"cchc-paste-preview {place}")
