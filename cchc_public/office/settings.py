"""What the administrator keeps of the site: its settings, and its safety copies.

What ``cchc.toml``, the environment or the host's configuration says wins and is shown as fixed. The
office itself never puts a copy back: that needs a stopped site, so it says the command."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from flask import abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError
from werkzeug.datastructures import MultiDict

from cchc_public import copies, host
from cchc_public.config import EDITABLE, KEYS, OFFICE, Key
from cchc_public.errors import CchcError, ConfigError, RecordRefused, StaleRevision
from cchc_public.office import frame
from cchc_public.office.frame import get_or_404, notify, saving_form
from cchc_public.office.people import confirmed
from cchc_public.present.color import for_dark, least_contrast
from cchc_public.state import get_state
from cchc_public.store import remembered, utc_now
from cchc_public.store.remembered import LOGO
from cchc_public.store.writing import record, saving
from cchc_public.vietnamese.numbers import format_number
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.assets import LOGO_UPLOAD_BYTES, picture_address, read_logo

screen = frame.Screens()
ASKED = {key.name: key for keys in OFFICE.values() for key in keys}
LABELS = {**{key.name: key.label for key in ASKED.values()}, LOGO: "Biểu trưng"}
LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
MOST_LETTERS = 3000
MOST_ON_A_LINE = 300
# how a setting is entered, where its kind does not say it
INPUTS = {"LANGUAGES": "checks", "RECIPIENTS": "lines", "EMBED_ANCESTORS": "lines"}
KINDS = {bool: "check", int: "number"}


@screen("/thiet-lap", "settings", "administer", methods=frame.BOTH)
def edit_settings() -> ResponseReturnValue:
    """Show the settings; look at the changes first, then save them."""
    if request.method != "POST":
        kept = frame.kept_input()
        return _form(*(read_form(kept) if kept else (effective_values(), {})), kept)
    values, problems = read_form(request.form)
    try:
        values[LOGO] = _chosen_logo()
    except RecordRefused as error:
        problems[LOGO] = str(error)
    if problems or request.form.get("do") == "edit":
        return _form(values, problems, request.form), (422 if problems else 200)
    old = effective_values()
    changes = {name: value for name, value in values.items() if value != old[name]}
    if request.form.get("do") == "save":
        return _save(values, changes)
    if not changes:
        return frame.leave("settings", "Không có gì thay đổi so với thiết lập đang dùng.")
    accent, stored = values["ACCENT_COLOR"], remembered.load_settings(get_state().session)
    dark = for_dark(accent)
    return render_template(
        "cchc/office/settings_preview.html",
        changes=[
            (LABELS[name], value_text(name, old[name]), value_text(name, value))
            for name, value in changes.items()
        ],
        hidden=[
            *(pair for pair in request.form.items(multi=True) if pair[0] in ASKED),
            (LOGO, values[LOGO] or ""),
        ],
        name=values["AUTHORITY_NAME"],
        logo=_picture(values[LOGO]),
        looks=[
            ("Nền sáng", accent, "#ffffff", "#1f1b16", least_contrast(accent, "light")),
            ("Nền tối", dark, "#171411", "#f2ede4", least_contrast(dark, "dark")),
        ],
        stored=stored,
        is_overtaken=request.form.get("version", "") != str(stored.version),
    )


def effective_values() -> dict[str, Any]:
    """Return what holds now for every setting of the office."""
    state = get_state()
    values = {name: state.config[name] for name in ASKED}
    return {**values, LOGO: state.office_settings().get(LOGO)}


def read_form(form: MultiDict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values that were typed and what is wrong with them, both by name."""
    state = get_state()
    values, problems = effective_values(), {}
    for name, key in ASKED.items():
        if state.config.is_fixed(name):
            continue
        text = " ".join(form.getlist(name)) if name == "LANGUAGES" else form.get(name, "")
        try:
            values[name] = key.validated(_typed(key, text))
        except ConfigError as error:
            values[name] = text
            problems[name] = str(error).partition(": ")[2] or str(error)
    values[LOGO] = form.get(LOGO) or None
    return values, problems


def _typed(key: Key, text: str) -> Any:
    cleaned = clean_text(text.replace("\r\n", "\n")).strip()
    limit = MOST_LETTERS if "\n" in cleaned else MOST_ON_A_LINE
    if len(cleaned) > limit:
        raise ConfigError(f"{key.full_name}: dài quá {limit} chữ.")
    if key.kind is bool:
        return cleaned == "1"
    if key.kind is int and not (cleaned.isascii() and cleaned.isdigit() and len(cleaned) < 5):
        raise ConfigError(f"{key.full_name}: hãy viết một số nguyên, ví dụ {key.default}.")
    return key.read(cleaned.lower() if key.name == "ACCENT_COLOR" else cleaned)


def _chosen_logo() -> str | None:
    """Return the digest of the emblem that was chosen, kept for the preview."""
    if request.form.get("drop_logo"):
        return None
    upload = request.files.get("logo")
    if upload is None or not upload.filename:
        return request.form.get(LOGO) or None
    state = get_state()
    with closing(upload):
        digest, mimetype, body = read_logo(upload.read(LOGO_UPLOAD_BYTES + 1))
    with saving(state.session):
        remembered.keep_picture(state.session, digest, mimetype, body)
    return digest


def _save(values: Mapping[str, Any], changes: Mapping[str, Any]) -> ResponseReturnValue:
    state = get_state()
    if values[LOGO] and remembered.find_picture(state.session, values[LOGO]) is None:
        return _form(values, {LOGO: "Hãy chọn lại tệp biểu trưng."}, request.form), 422
    # None puts a setting back to its default
    kept = {
        name: None if name in ASKED and value == ASKED[name].default else value
        for name, value in changes.items()
    }
    version = frame.read_number(request.form.get("version"))
    with saving_form() as saved:
        remembered.save_settings(
            state.session, kept, version=version, actor=state.actor(), labels=LABELS
        )
    state.office_settings.forget()
    if isinstance(saved.error, StaleRevision):
        who = f"{saved.error.edited_by} vừa lưu trước bạn. " if saved.error.edited_by else ""
        notify(f"{who}Chưa lưu gì của bạn: xin xem lại các chỗ khác nhau rồi lưu.", "warn")
        return _form(values, {}, None), 409
    said = "Đã lưu thiết lập. Trang công khai theo thiết lập mới sau ít giây."
    return frame.leave("settings", said)


def _form(
    values: Mapping[str, Any], problems: Mapping[str, str], typed: MultiDict[str, str] | None
) -> str:
    state = get_state()
    stored = remembered.load_settings(state.session)

    def text_of(key: Key) -> str:
        value = values[key.name]
        if isinstance(value, tuple):
            return ("\n" if key.name == "EMBED_ANCESTORS" else " ").join(value)
        return ("1" if value else "") if key.kind is bool else str(value)

    return render_template(
        "cchc/office/settings.html",
        groups=OFFICE,
        text_of=text_of,
        inputs={key.name: INPUTS.get(key.name, KINDS.get(key.kind)) for key in ASKED.values()},
        locales=LANGUAGE_NAMES,
        logo=_picture(values[LOGO]),
        logo_digest=values[LOGO] or "",
        problems=problems,
        labels=LABELS,
        stored=stored,
        version=(typed and typed.get("version")) or stored.version,
        # the keys that only the server decides, and how each is
        server=[
            (key, value_text(key.name, value := state.config[key.name]), value != key.default)
            for key in KEYS
            if key.name not in EDITABLE
        ],
    )


def _picture(digest: str | None) -> str:
    found = remembered.find_picture(get_state().session, digest) if digest else None
    return picture_address(*found) if found else ""


def value_text(name: str, value: Any) -> str:
    """Return a value in words; a database address without its password, no digest of a picture."""
    if name == LOGO and value:
        return "ảnh đã tải lên"
    if name in ("DATABASE_URL", "MAIL_URL") and value:
        try:
            return make_url(value).render_as_string(hide_password=True)
        except ArgumentError:
            return "(không hiển thị)"
    if isinstance(value, bool):
        return "bật" if value else "tắt"
    if isinstance(value, tuple | list):
        return " ".join(str(part) for part in value) or "(trống)"
    if isinstance(value, int):
        return format_number(value)
    return str(value) if value not in ("", None) else "(trống)"


WANTED_WITHIN = timedelta(days=2)  # the nightly timer, and a night that it missed


@screen("/sao-luu", "backups", "administer", methods=frame.BOTH)
@confirmed
def keep_backups() -> ResponseReturnValue:
    """List the copies; make one when posted."""
    state = get_state()
    if request.method == "POST":
        now = datetime.now(state.zone)
        name = f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 10_000:02}.sqlite"
        with saving_form() as saved:
            copies.make_copy(copies.copies_folder() / name)
            made = {"file": name, "dropped": copies.drop_old_copies()}
            record(state.session, state.actor(), "database.backup", "database", **made)
        if saved.error:
            return frame.leave("backups", saved.error)
        said = f"Đã sao lưu vào {name}. Hãy tải về và cất ở máy khác."
        return frame.leave("backup", said, name=name)
    try:
        found, problem = copies.list_copies(), ""
    except CchcError as error:
        found, problem = (), str(error)
    return render_template(
        "cchc/office/backups.html",
        copies=found,
        problem=problem,
        is_late=not found or utc_now() - found[0].made_at > WANTED_WITHIN,
        folder=copies.copies_path(),
        command=_command(),
    )


@screen("/sao-luu/<name>", "backup", "administer")
@confirmed
def show_backup(name: str) -> ResponseReturnValue:
    """Examine one copy; say what putting it back would do, and how that is done."""
    copy, problem, told = get_or_404(copies.find_copy, name), "", []
    try:
        copies.read_checksum(copy.file, may_miss=False)
        with copies.checked_twin(copy.file) as twin:
            told = [*copies.foresee(twin, get_state().engine)]
    except CchcError as error:
        problem = str(error)
    return render_template(
        "cchc/office/backup.html", copy=copy, problem=problem, told=told, command=_command()
    )


@screen("/sao-luu/<name>/tep", "backup_file", "administer")
@screen("/sao-luu/<name>/ma-kiem-tra", "backup_checksum", "administer")
@confirmed
def send_backup(name: str) -> ResponseReturnValue:
    """Send one copy or its checksum; that a copy was taken along is a deed."""
    state, file = get_state(), get_or_404(copies.find_copy, name).file
    if request.endpoint == "cchc_staff.backup_checksum":
        file = file.with_name(file.name + copies.SUM)
        if not file.is_file():
            abort(404, description="Bản sao lưu này không có tệp mã kiểm tra.")
    else:
        with saving_form():
            record(state.session, state.actor(), "export.backup", "database", file=file.name)
    return send_file(file, as_attachment=True, conditional=False, max_age=0)


def _command() -> str:
    return "cchc" if host.is_site(current_app) else "flask cchc"
