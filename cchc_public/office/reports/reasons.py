"""One form for the reasons of all warnings of a period; they are published beside the figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.checks.rules import Finding
from cchc_public.errors import StaleRevision
from cchc_public.i18n import _
from cchc_public.office.frame import kept_input, notify, requires, saving_form
from cchc_public.office.reports.dashboard import OpenReport, finding_address, open_report
from cchc_public.releases.content import Reason
from cchc_public.reports.review import (
    find_findings,
    give_reason,
    offered_reasons,
    place_of,
    reasons_by_key,
    reasons_changed_since,
)
from cchc_public.state import get_state
from cchc_public.store.audit import history
from cchc_public.store.changes import Conflict, find_conflict
from cchc_public.tables.registry import get_form
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.routes import Routes

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
        return _page(opened, warnings, kept.to_dict() if kept else {}, {})
    typed = {name: clean_text(text) for name, text in request.form.items()}
    problems = {
        name: _("Giải trình dài quá %(limit)s ký tự.", limit=MAX_REASON)
        for name, text in typed.items()
        if name.startswith(PREFIX) and len(text) > MAX_REASON
    }
    if problems:
        return _page(opened, warnings, typed, problems), 422
    theirs = _save(opened, warnings, typed)
    if theirs is not None:
        # the form over the colleagues' texts: saving it once more is knowing
        fresh = {STARTED + key: reason.text for key, reason in theirs.items()}
        return _page(open_report(slug), warnings, {**typed, **fresh}, {}, theirs), 409
    return redirect(url_for(".period", slug=slug))


def _save(
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


def _conflict(
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


def _page(
    opened: OpenReport,
    warnings: tuple[Finding, ...],
    typed: Mapping[str, str],
    problems: Mapping[str, str],
    theirs: Mapping[str, Reason] | None = None,
) -> str:
    reasons = reasons_by_key(opened.report)
    offered = offered_reasons(opened.report, warnings)
    conflict = _conflict(opened, warnings, typed, theirs) if theirs else None
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
