"""Publishing, correcting and withdrawing: shows what will change, then does it once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from cchc_public.i18n import _, lazy
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.form_base import OfficeForm, at_most, clean_words, needed
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.office.reports.dashboard import split_findings
from cchc_public.office.reports.loading import OpenReport, open_report
from cchc_public.present.headlines import build_headlines
from cchc_public.releases.comparing import compare
from cchc_public.releases.published import CellChange
from cchc_public.releases.reading import find_comparable, newest_release
from cchc_public.reports.publishing import (
    Obstacle,
    list_obstacles,
    preview,
    publish,
    state_of,
    withdraw,
)
from cchc_public.reports.review import find_findings, reasons_by_key
from cchc_public.state import get_state
from cchc_public.tables.registry import get_form


class PublishForm(OfficeForm):
    """What the publisher saw, and why figures published before change."""

    seen = HiddenField()
    reason = TextAreaField(lazy("Lý do đính chính"), [at_most(2000)], filters=[clean_words])


class WithdrawForm(OfficeForm):
    """Why the figures of a period are taken back."""

    reason = TextAreaField(lazy("Lý do thu hồi"), [needed(), at_most(2000)], filters=[clean_words])


@dataclass(frozen=True)
class ChangeGroup:
    """The changes of one table, typed cells first."""

    title: str
    changes: tuple[CellChange, ...]
    follows: int  # computed cells that change with them


def register_publishing_routes(blueprint: Blueprint) -> None:
    """Add the pages of publishing and withdrawing."""
    both = ["GET", "POST"]
    blueprint.add_url_rule("/ky/<slug>/cong-bo", "publish", publish_period, methods=both)
    blueprint.add_url_rule("/ky/<slug>/thu-hoi", "withdraw", withdraw_period, methods=both)


@requires("publish")
def publish_period(slug: str) -> ResponseReturnValue:
    """Show what publishing now would change and what forbids it; publish when posted."""
    opened = open_report(slug)
    if request.method == "GET":
        return _page(opened, PublishForm(kept_input()))
    form = PublishForm(request.form)
    if not form.validate():
        return _page(opened, form), 422
    return _publish(opened, form)


def _publish(opened: OpenReport, form: PublishForm) -> ResponseReturnValue:
    state = get_state()
    with saving_form() as saved:
        release = publish(
            state.session,
            opened.report,
            state.actor(),
            authority=state.authority,
            require_second_person=state.config["REQUIRE_SECOND_PERSON"],
            expected_state=form.seen.data or "",
            reason=form.reason.data or "",
        )
        number = release.number
    if saved.error:
        form.form_errors.append(str(saved.error))
        return _page(open_report(opened.slug), form), 409
    notify(_("Đã công bố %(title)s, lần %(number)s.", title=opened.period.title, number=number))
    return redirect(url_for(".period", slug=opened.slug))


def _page(opened: OpenReport, form: PublishForm) -> str:
    state, report = get_state(), opened.report
    form.seen.data = state_of(report)
    last = newest_release(state.session, report.slug)
    coming = preview(state.session, report, state.actor(), authority=state.authority)
    changes = group_changes(compare(last, coming)) if last and not last.is_withdrawal else ()
    reasons = reasons_by_key(report)
    waiting, settled = split_findings(find_findings(state.session, report), reasons)
    return render_template(
        "cchc/office/publish.html",
        form=form,
        period=opened.period,
        last=last,
        coming=coming,
        groups=changes,
        headlines=build_headlines(coming, find_comparable(state.session, coming)),
        obstacles=_obstacles(opened),
        waiting=waiting,
        settled=settled,
        reasons=reasons,
        empty=[get_form(code).short_title for code in coming.empty_codes],
    )


def _obstacles(opened: OpenReport) -> tuple[Obstacle, ...]:
    state = get_state()
    return list_obstacles(
        state.session,
        opened.report,
        state.actor(),
        require_second_person=state.config["REQUIRE_SECOND_PERSON"],
    )


def group_changes(changes: Sequence[CellChange]) -> tuple[ChangeGroup, ...]:
    """Return the changes by table; totals and rates that only follow are counted."""
    titles = dict.fromkeys(change.table_title for change in changes)
    groups = []
    for title in titles:
        own = [change for change in changes if change.table_title == title]
        typed = tuple(change for change in own if change.is_base)
        groups.append(ChangeGroup(title or _("Báo cáo"), typed, len(own) - len(typed)))
    return tuple(groups)


@requires("publish")
def withdraw_period(slug: str) -> ResponseReturnValue:
    """Ask for the reason, then take the figures back."""
    opened, state = open_report(slug), get_state()
    form = WithdrawForm(request.form or kept_input())
    if request.method == "POST" and form.validate():
        with saving_form() as saved:
            withdraw(
                state.session, slug, state.actor(), form.reason.data, authority=state.authority
            )
        if not saved.error:
            notify(_("Đã thu hồi số liệu %(title)s.", title=opened.period.title))
            return redirect(url_for(".period", slug=slug))
        form.form_errors.append(str(saved.error))
    last = newest_release(state.session, slug)
    status = 422 if form.errors or form.form_errors else 200
    page = render_template("cchc/office/withdraw.html", form=form, period=opened.period, last=last)
    return page, status
