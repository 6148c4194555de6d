"""Staff edit the reception rule, moved or cancelled sessions, and days off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cchc_public.desk import reading, saving
from cchc_public.desk.schedule import POSTING_WORKING_DAYS, Change, working_days_between
from cchc_public.errors import CchcError
from cchc_public.office.desk.forms import ChangeForm, HolidayForm, RuleForm, rule_values
from cchc_public.office.frame.access import requires
from cchc_public.office.frame.guard import kept_input, saving_form
from cchc_public.office.frame.notices import notify
from cchc_public.state import State, get_state
from cchc_public.store import utc_now
from cchc_public.store.changes import find_conflict
from cchc_public.vietnamese.dates import format_date, read_date
from cchc_public.web.caching import today

YEAR = timedelta(days=366)


def register_reception_routes(blueprint: Blueprint, state: State) -> None:
    """Add the screens; what is posted to can be opened too: sign-in leads back to it."""
    both = ["GET", "POST"]
    add = blueprint.add_url_rule
    add("/tiep-cong-dan", "reception", show_reception)
    add("/tiep-cong-dan/quy-dinh", "reception_rule", edit_rule, methods=both)
    add("/tiep-cong-dan/thay-doi", "reception_change", edit_change, methods=both)
    add("/tiep-cong-dan/thay-doi/xoa", "reception_unchange", delete_change, methods=both)
    add("/tiep-cong-dan/ngay-nghi", "reception_holiday", edit_holiday, methods=both)
    add("/tiep-cong-dan/ngay-nghi/xoa", "reception_workday", delete_holiday, methods=both)


@requires("enter")
def show_reception() -> ResponseReturnValue:
    """Show the rule, what is changed, the days off, and what the law would object to."""
    return _page()


@requires("enter")
def edit_rule() -> ResponseReturnValue:
    """Store the rule; a new starting day begins a new rule and keeps the old one's past."""
    if request.method == "GET":
        return _page(rule=RuleForm(kept_input(), data=_stored_rule()))
    form, state = RuleForm(request.form), get_state()
    if not form.validate():
        return _page(422, rule=form)
    with saving_form() as saved:
        saving.save_rule(state.session, form.values(), form.read_version, state.actor())
    if saved.error:
        # show what the colleague saved beside what was typed; a second save is knowing
        session = get_state().session
        rule = reading.find_rule(session, form.valid_from.day or date.max)
        theirs = rule_values(rule) if rule else {}
        places = [
            (field.label.text, field.id, form.words(field.name), form.in_words(theirs, field.name))
            for field in form
            if field.name != "version"
        ]
        form.version.data = str(rule.version if rule else 0)
        return _page(
            409,
            rule=form,
            conflict=find_conflict(saved.error, rule.edited_at if rule else utc_now(), places),
        )
    holidays = {row.day for row in reading.list_holidays(get_state().session)}
    ahead = working_days_between(today(get_state()), form.values()["valid_from"], holidays)
    if 0 < ahead < POSTING_WORKING_DAYS:
        notify(
            f"Lịch mới có hiệu lực sau {ahead} ngày làm việc; luật yêu cầu niêm yết trước 5.",
            "warn",
        )
    return _done("Đã lưu quy định tiếp công dân.")


@requires("enter")
def edit_change() -> ResponseReturnValue:
    """Move or cancel one session."""
    if request.method == "GET":
        return _page(change=ChangeForm(kept_input()))
    form, state = ChangeForm(request.form), get_state()
    if not form.validate() or not _is_session(form):
        return _page(422, change=form)
    values = form.values()
    change = Change(**values, announced_on=today(state))
    with saving_form() as saved:
        saving.save_change(state.session, change, state.actor())
    if saved.error:
        return _refuse(saved.error, change=form)
    if change.moved_to and reading.is_day_off(get_state().session, change.moved_to):
        words = f"Ngày {format_date(change.moved_to)} là ngày nghỉ. Xin xem lại ngày chuyển đến."
        notify(words, "warn")
    return _done(f"Đã lưu thay đổi lịch ngày {format_date(change.day)}.")


@requires("enter")
def edit_holiday() -> ResponseReturnValue:
    """Add days off, or rename them."""
    if request.method == "GET":
        return _page(holiday=HolidayForm(kept_input()))
    form, state = HolidayForm(request.form), get_state()
    if not form.validate():
        return _page(422, holiday=form)
    with saving_form() as saved:
        for day in form.days():
            saving.save_holiday(state.session, day, form.name.data, state.actor())
    if saved.error:
        return _refuse(saved.error, holiday=form)
    return _done(f"Đã lưu ngày nghỉ {', '.join(map(format_date, form.days()))}.")


@requires("enter")
def delete_change() -> ResponseReturnValue:
    """Take a change back."""
    return _delete(saving.delete_change, "Đã bỏ thay đổi; buổi tiếp theo đúng quy định.")


@requires("enter")
def delete_holiday() -> ResponseReturnValue:
    """Remove a day off."""
    return _delete(saving.delete_holiday, "Đã xóa ngày nghỉ.")


def _page(status: int = 200, **shown: Any) -> tuple[str, int]:
    """Show the screen; a form that was refused comes back with what was typed."""
    state = get_state()
    day = today(state)
    page = render_template(
        "cchc/office/reception.html",
        form=shown.get("rule") or RuleForm(None, data=_stored_rule()),
        change_form=shown.get("change") or ChangeForm(None),
        holiday_form=shown.get("holiday") or HolidayForm(None),
        conflict=shown.get("conflict"),
        schedule=reading.get_schedule(state.session, day),
        changes=_part(reading.list_changes(state.session), day),
        holidays=_part(reading.list_holidays(state.session), day),
    )
    return page, status


def _part(rows: Sequence[Any], day: date) -> tuple[list[Any], list[Any]]:
    """Return what is to come, soonest first, and what is over, latest first."""
    ahead = [row for row in rows if max(row.day, getattr(row, "moved_to", None) or row.day) >= day]
    return ahead[::-1], [row for row in rows if row not in ahead]


def _stored_rule() -> dict[str, Any]:
    """Return the newest rule as the form shows it; a beginning when there is none."""
    state = get_state()
    day = today(state)
    rule = reading.find_rule(state.session, day + YEAR)
    return rule_values(rule) if rule else {"valid_from": format_date(day), "version": 0}


def _is_session(form: ChangeForm) -> bool:
    if form.day.day and reading.is_planned(get_state().session, form.day.day):
        return True
    form.day.errors = ["Theo lịch, ngày này không có buổi tiếp công dân."]
    return False


def _delete(remove: Callable[..., None], words: str) -> ResponseReturnValue:
    state = get_state()
    day = read_date(request.form.get("day", ""))
    if request.method == "GET" or not isinstance(day, date):
        return redirect(url_for(".reception"))
    with saving_form() as saved:
        remove(state.session, day, state.actor())
    return _done(str(saved.error) if saved.error else words, "warn" if saved.error else "done")


def _refuse(error: CchcError, **forms: ChangeForm | HolidayForm) -> ResponseReturnValue:
    for form in forms.values():
        form.form_errors.append(str(error))
    return _page(409, **forms)


def _done(words: str, kind: str = "done") -> ResponseReturnValue:
    notify(words, kind)
    return redirect(url_for(".reception"))
