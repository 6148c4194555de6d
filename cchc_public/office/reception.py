"""Staff edit the reception rule, moved or cancelled sessions, and days off."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from cchc_public.errors import StaleRevision
from cchc_public.i18n import _
from cchc_public.models import ReceptionRule, utc_now
from cchc_public.office.access import requires
from cchc_public.office.guard import kept_input
from cchc_public.office.notices import notify
from cchc_public.office.reception_forms import ChangeForm, HolidayForm, RuleForm
from cchc_public.reception import service
from cchc_public.reception.schedule import POSTING_WORKING_DAYS, Change, working_days_between
from cchc_public.state import State, get_state
from cchc_public.vietnamese.dates import format_date, read_date

YEAR = timedelta(days=366)


def register_reception_routes(blueprint: Blueprint, state: State) -> None:
    """Add the reception screens of the back office."""
    add = blueprint.add_url_rule
    add("/tiep-cong-dan", "reception", show_reception, methods=["GET"])
    add("/tiep-cong-dan/quy-dinh", "reception_rule", save_rule, methods=["POST"])
    add("/tiep-cong-dan/thay-doi", "reception_change", save_change, methods=["POST"])
    add("/tiep-cong-dan/thay-doi/xoa", "reception_unchange", delete_change, methods=["POST"])
    add("/tiep-cong-dan/ngay-nghi", "reception_holiday", save_holiday, methods=["POST"])
    add("/tiep-cong-dan/ngay-nghi/xoa", "reception_workday", delete_holiday, methods=["POST"])


@requires("enter")
def show_reception() -> ResponseReturnValue:
    """Show the rule, what is changed, the days off, and what the law would object to."""
    return _page()


def _page(status: int = 200, **forms: FlaskForm) -> tuple[str, int]:
    """Show the screen; a form that was refused comes back with what was typed."""
    session, today = get_state().session, local_today()
    rule = service.find_rule(session, today + YEAR)
    schedule = service.get_schedule(session, today)
    return (
        render_template(
            "cchc/office/reception.html",
            form=forms.get("rule") or _rule_form(rule, today),
            change_form=forms.get("change") or ChangeForm(kept_input()),
            holiday_form=forms.get("holiday") or HolidayForm(None),
            rule=rule,
            schedule=schedule,
            changes=service.list_changes(session),
            holidays=service.list_holidays(session),
        ),
        status,
    )


def _rule_form(rule: ReceptionRule | None, today: date) -> RuleForm:
    if rule is None:
        return RuleForm(None, data={"valid_from": format_date(today), "version": 0})
    values = {name: getattr(rule, name) for name in ("receiver", "place", "hours", "note")}
    return RuleForm(
        None,
        data={
            **values,
            "valid_from": format_date(rule.valid_from),
            "weekdays": list(rule.weekdays),
            "month_days": ", ".join(str(day) for day in rule.month_days),
            "version": rule.version,
        },
    )


@requires("enter")
def save_rule() -> ResponseReturnValue:
    """Store the rule; a new starting day begins a new rule and keeps the old one's past."""
    form, state = RuleForm(request.form), get_state()
    if not form.validate():
        return _page(422, rule=form)
    try:
        service.save_rule(state.session, form.values(), form.version.data or 0, state.actor())
        state.session.commit()
    except StaleRevision as error:
        state.session.rollback()
        form.form_errors.append(str(error))
        return _page(409, rule=form)
    _warn_when_short(form.values()["valid_from"])
    return _done(_("Đã lưu quy định tiếp công dân."))


def _warn_when_short(valid_from: date) -> None:
    holidays = {row.day for row in service.list_holidays(get_state().session)}
    ahead = working_days_between(local_today(), valid_from, holidays)
    if 0 < ahead < POSTING_WORKING_DAYS:
        notify(
            _(
                "Lịch mới có hiệu lực sau %(n)s ngày làm việc; luật yêu cầu niêm yết trước 5.",
                n=ahead,
            ),
            "warn",
        )


@requires("enter")
def save_change() -> ResponseReturnValue:
    """Move or cancel one session."""
    form, state = ChangeForm(request.form), get_state()
    if not form.validate():
        return _page(422, change=form)
    values = form.values()
    change = Change(values["day"], values["moved_to"], values["reason"], local_today())
    service.save_change(state.session, change, state.actor())
    state.session.commit()
    return _done(_("Đã lưu thay đổi lịch ngày %(day)s.", day=format_date(change.day)))


@requires("enter")
def delete_change() -> ResponseReturnValue:
    """Take a change back."""
    return _delete(service.delete_change, _("Đã bỏ thay đổi; buổi tiếp theo đúng quy định."))


@requires("enter")
def save_holiday() -> ResponseReturnValue:
    """Add a day off."""
    form, state = HolidayForm(request.form), get_state()
    if not form.validate():
        return _page(422, holiday=form)
    values = form.values()
    service.save_holiday(state.session, values["day"], values["name"], state.actor())
    state.session.commit()
    return _done(_("Đã lưu ngày nghỉ %(day)s.", day=format_date(values["day"])))


@requires("enter")
def delete_holiday() -> ResponseReturnValue:
    """Remove a day off."""
    return _delete(service.delete_holiday, _("Đã xóa ngày nghỉ."))


def _delete(remove: Any, words: str) -> ResponseReturnValue:
    state = get_state()
    day = read_date(request.form.get("day", ""))
    if isinstance(day, date):
        remove(state.session, day, state.actor())
        state.session.commit()
    return _done(words)


def _done(words: str) -> ResponseReturnValue:
    notify(words)
    return redirect(url_for(".reception"))


def local_today() -> date:
    """Return today in the commune's time zone."""
    return utc_now().astimezone(ZoneInfo(get_state().config["TIMEZONE"])).date()
