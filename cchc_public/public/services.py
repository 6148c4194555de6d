"""``/thu-tuc``, ``/mot-cua``, ``/tiep-cong-dan``: what people come for, where, when, to whom.

The list with its search, one procedure, what is printed of both; the desk and the receptions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from flask import Response, abort, current_app, request, url_for
from markupsafe import Markup

from cchc_public.desk import WEEKDAY_NAMES, changed_at, days_off, get_schedule, write_spans
from cchc_public.exports.data import days_ics
from cchc_public.exports.pdf import Leaf, PrintOrder, leaflet_pdf, posting_pdf
from cchc_public.i18n import _, as_vietnamese, format_month
from cchc_public.present.wording import form_text, period_title
from cchc_public.procedures import ChannelKind, OnlineLevel, ProcedureRecord, ProcedureStatus
from cchc_public.procedures.asking import NEEDS, find_need
from cchc_public.procedures.description import Description, short_name
from cchc_public.procedures.saving import find_posted, iterate_records, last_change
from cchc_public.procedures.searching import (
    CHANNEL_FILTER,
    FEE_FILTER,
    STATUS_FILTER,
    Catalogue,
    Found,
    ListFilter,
    Unanswered,
    get_catalogue,
    list_stamp,
)
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.store.base import today
from cchc_public.tables.sheet import Rate
from cchc_public.vietnamese.text import search_key
from cchc_public.web.assets import send_paper
from cchc_public.web.caching import skip_page_cache
from cchc_public.web.jinja import cchc_desk
from cchc_public.web.rendering import (
    cut_page,
    list_items,
    list_popular,
    read_argument,
    render_page,
)
from cchc_public.web.routes import Routes, absolute, data_block, owner, printed

PAGE_SIZE = 20
MOST_RELATED = 4
ARGUMENTS = ("q", "viec", "linh-vuc", "kenh", "phi", "trang-thai")
_ONLINE = (OnlineLevel.FULL, OnlineLevel.PARTIAL, OnlineLevel.UNSPECIFIED)
_RENDERERS = {"to-roi": leaflet_pdf, "niem-yet": posting_pdf}

routes = Routes()
papers = Routes()  # served where PDFs are switched on


def current_catalogue() -> Catalogue:
    """Return the list; a page made from one that is being renewed is not kept."""
    session = get_state().session
    catalogue = get_catalogue(session)
    if catalogue.stamp != list_stamp(session):
        skip_page_cache()
    return catalogue


def search_list(catalogue: Catalogue, wanted: ListFilter) -> Found:
    """Search, and count what nothing answers; that page is not kept: each asking counts."""
    found = catalogue.search(wanted)
    if wanted.query.strip() and not found.codes and not found.elsewhere:
        state = get_state()
        skip_page_cache()
        unanswered: Unanswered = state.memory.setdefault("unanswered", Unanswered())
        unanswered.note(wanted.query, state.engine, today())
    return found


def build_entrance() -> dict[str, Any] | None:
    """Return the ways in that the first page shows; None while the list is empty."""
    catalogue = current_catalogue()
    counts = catalogue.counts
    if not counts.posted:
        return None
    return {
        "popular": list_popular(catalogue),
        "needs": NEEDS[1:],
        "procedures": counts.posted,
        "fields": counts.field_count,
    }


def page_addresses(endpoint: str, asked: dict[str, str]) -> Callable[[int], str]:
    """Return what gives the address of another page of the list that was asked for."""
    kept: dict[str, Any] = {key: text for key, text in asked.items() if text}
    return lambda number: url_for(endpoint, **kept, trang=number if number > 1 else None)


@routes("/thu-tuc", "procedures")
def show_procedures() -> str:
    """Show the list: searched, filtered, page by page; unknown words narrow nothing."""
    asked = {key: read_argument(key) for key in ARGUMENTS}
    catalogue = current_catalogue()
    need = find_need(asked["viec"])
    wanted = ListFilter(
        query=asked["q"],
        field=asked["linh-vuc"],
        channel=CHANNEL_FILTER.get(asked["kenh"], ("", ""))[0],
        fee=FEE_FILTER.get(asked["phi"], ("", ""))[0],
        status=STATUS_FILTER.get(asked["trang-thai"], STATUS_FILTER[""])[0],
        posted=True,
        need=need,
    )
    found = search_list(catalogue, wanted)
    part = cut_page(found.codes, PAGE_SIZE)
    is_entrance = part.number == 1 and not any(asked.values())
    chosen = asked["linh-vuc"]
    counts = {**({chosen: 0} if chosen else {}), **found.per_field}
    return render_page(
        "cchc/public/procedures.html",
        query=asked["q"],
        need=_(need.name) if need else "",  # the event of a life whose procedures are listed
        elsewhere=found.elsewhere,  # what was asked for is done by another body
        popular=list_popular(catalogue) if is_entrance else (),
        needs=NEEDS[1:] if is_entrance else (),
        items=list_items(part.items),
        found=len(found.codes),
        part=part,
        counts=catalogue.counts,
        fields=[
            {
                "value": slug,
                "label": form_text(name),
                "is_chosen": slug == chosen,
                "count": counts[slug],
            }
            for slug, name in catalogue.fields.items()
            if slug in counts
        ],
        channels=_options(CHANNEL_FILTER, asked["kenh"]),
        fees=_options(FEE_FILTER, asked["phi"]),
        statuses=_options(STATUS_FILTER, asked["trang-thai"]),
        is_narrowed=any(asked.values()),
        is_filtered=any(asked[key] for key in ARGUMENTS[2:]),
        page_url=page_addresses("cchc.procedures", asked),
    )


def _options(choices: dict[str, tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    return [
        {"value": word, "label": _(label), "is_chosen": word == chosen, "count": None}
        for word, (_value, label) in choices.items()
    ]


@routes("/thu-tuc/<code>", "procedure")
def show_procedure(code: str) -> str:
    """Show one posted procedure: its description, the desk, figures of its field, related ones."""
    session = get_state().session
    record, catalogue = find_posted(session, code) or abort(404), current_catalogue()
    about = Description(record, today())
    field_slug = catalogue.field_slug(record.field)
    flags = {True: _("Có"), False: _("Không"), None: ""}
    facts = (
        (_("Ai được làm"), as_vietnamese(record.target_group)),
        (_("Cơ quan thực hiện"), as_vietnamese(record.authority)),
        (_("Cấp thực hiện"), as_vietnamese(record.level)),
        (_("Tiếp nhận tại đây"), flags[record.received_here]),
        (_("Giải quyết tại đây"), flags[record.decided_here]),
    )
    related = catalogue.neighbours(record.code, record.name, field_slug, MOST_RELATED)
    # what search engines and shared links show: papers, time, fee
    told = [_("%(n)s loại giấy tờ", n=len(about.papers))] if about.papers else []
    for answers in (about.times, about.fees):
        if len(answers) == 1 and not answers[0].is_missing:
            told.append(answers[0].text.lower())
    summary = f"{about.title}: {', '.join(told)}. " if told else f"{about.title}. "
    summary += _("Nơi nộp, giờ nhận hồ sơ, cách nộp trực tuyến.")
    return render_page(
        "cchc/public/procedure.html",
        about=about,
        field_slug=field_slug,
        is_online=_is_online(record),
        facts=[(label, text) for label, text in facts if text],
        figures=_find_figures(newest_release(session), record.field),
        related=[(one.code, short_name(one.name)) for one in related],
        summary=summary,
        structured=_describe_service(record, about, summary),
    )


def _is_online(record: ProcedureRecord) -> bool:
    """Tell whether the procedure can be submitted on the portal."""
    kinds = {channel.kind for channel in record.channels}
    return record.online_level in _ONLINE or ChannelKind.ONLINE in kinds


def _find_figures(release: PublishedRelease | None, field: str) -> dict[str, Any] | None:
    """Return how dossiers of the field were handled; None when the release does not say."""
    table = release.table("ho-so") if release else None
    rows = table.evaluated.rows if table else ()
    row = next((row for row in rows if search_key(row.label) == search_key(field)), None)
    received, resolved = (row.figure(key) if row else None for key in ("received", "resolved"))
    if release is None or row is None or received is None or resolved is None:
        return None
    return {
        "period_title": period_title(release.period),
        "period_slug": release.slug,
        "received": received,
        "resolved": resolved,
        "pending": row.figure("pending"),
        "in_time": Rate(row.figure("resolved_in_term"), resolved),
    }


def _describe_service(record: ProcedureRecord, about: Description, summary: str) -> Markup:
    """Return schema.org ``GovernmentService`` as JSON that is safe inside a page."""
    kinds = [c.kind for c in record.channels if c.kind is not ChannelKind.ANY]
    if _is_online(record) and ChannelKind.ONLINE not in kinds:
        kinds.append(ChannelKind.ONLINE)
    channels = [{"@type": "ServiceChannel", "name": kind.label} for kind in kinds]
    if record.portal_link and ChannelKind.ONLINE in kinds:
        channels[kinds.index(ChannelKind.ONLINE)]["serviceUrl"] = record.portal_link
    authority = get_state().config["AUTHORITY_NAME"]
    data: dict[str, Any] = {
        "@type": "GovernmentService",
        "name": record.name,
        "description": summary,
        "identifier": record.code,
        "serviceType": record.field,
        "url": absolute("cchc.procedure", code=record.code),
        "provider": {"@type": "GovernmentOrganization", "name": record.authority or authority},
        "areaServed": {"@type": "AdministrativeArea", "name": authority},
        "availableChannel": channels,
    }
    for key, name, answers in (
        ("fee", _("Phí, lệ phí"), about.fees),
        ("time", _("Thời hạn"), about.times),
    ):
        known = [f"{said.label}: {said.text}" if said.label else said.text for said in answers]
        if not any(said.is_missing for said in answers):
            value = {"@type": "PropertyValue", "propertyID": key, "name": name}
            data.setdefault("additionalProperty", []).append({**value, "value": "; ".join(known)})
    return data_block(data)


@papers("/thu-tuc/<code>/to-roi.pdf", "procedure_leaflet")
def show_leaflet(code: str) -> Response:
    """Send the leaflet of one posted procedure."""
    return _print("to-roi", code, [find_posted(get_state().session, code) or abort(404)])


@papers("/thu-tuc/linh-vuc/<slug>/to-roi.pdf", "field_leaflets")
@papers("/thu-tuc/linh-vuc/<slug>/niem-yet.pdf", "field_posting")
def show_field(slug: str) -> Response:
    """Send the leaflets of a whole field as one file, or its posting sheet.

    Both hold the posted procedures that are not repealed; 404 when there is none.
    """
    catalogue = get_catalogue(get_state().session)
    codes = sorted(entry.code for entry in catalogue.entries if entry.field_slug == slug)
    standing = [
        record
        for record in iterate_records(get_state().session, codes)
        if record.is_posted and record.status_on(today()) is not ProcedureStatus.REPEALED
    ]
    if not standing:
        abort(404)
    kind = request.path.rpartition("/")[2].removesuffix(".pdf")
    return _print(kind, slug, standing, catalogue.fields[slug])


def _print(kind: str, name: str, records: Sequence[ProcedureRecord], field: str = "") -> Response:
    state, view = get_state(), cchc_desk()
    order = PrintOrder(
        authority=state.config["AUTHORITY_NAME"],
        procedures=tuple(
            Leaf(Description(record, today()), printed("cchc.procedure", code=record.code))
            for record in records
        ),
        as_of=last_change(state.session, [record.code for record in records]),
        desk=view.where,
        hours=view.desk.hours_in_words,
        field=field,
        address=printed("cchc.procedures", **{"linh-vuc": name}) if field else "",
        zone=state.zone,
    )
    # everything that is printed is in the order, so its words are the key
    key, render = f"{kind} {order!r}", _RENDERERS[kind]
    return send_paper(key, f"{kind}-{name}.pdf", lambda: render(order, current_app.jinja_env))


AHEAD = timedelta(days=60)
# identifiers of later sessions no longer name a host, which a site may change
UIDS_WITHOUT_HOST = date(2027, 1, 1)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@routes("/mot-cua", "desk")
def show_desk() -> str:
    """Show the desk: hours by weekday and the next days off."""
    view = cchc_desk()
    first = today()
    days = [
        (_(name), write_spans(spans))
        for name, spans in zip(WEEKDAY_NAMES, view.desk.week, strict=True)
    ]
    holidays = sorted(days_off(get_state().session).items())
    office: dict[str, Any] = {
        "@type": "GovernmentOffice",
        "name": view.name,
        "url": absolute("cchc.desk"),
        "address": view.desk.place,
        "telephone": list(view.desk.telephones),
        "openingHoursSpecification": [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": name,
                "opens": f"{opens:%H:%M}",
                "closes": f"{closes:%H:%M}",
            }
            for name, spans in zip(_DAYS, view.desk.week, strict=True)
            for opens, closes in spans
        ],
    }
    return render_page(
        "cchc/public/desk.html",
        days=days if any(view.desk.hours) else (),
        days_off=[(day, name) for day, name in holidays if first <= day <= first + AHEAD],
        # a sample is no office that search engines should know
        structured="" if view.desk.is_sample or not view.desk.place else data_block(office),
    )


@routes("/tiep-cong-dan", "reception")
def show_reception() -> str:
    """Show the next three months of sessions, under their months, and the rules in words."""
    schedule = get_schedule(get_state().session, today())
    rules = schedule.rules if schedule else ()
    words = [rule_in_words(rule.weekdays, rule.month_days) for rule in rules]
    months = groupby(schedule.sessions if schedule else (), key=lambda s: (s.day.year, s.day.month))
    return render_page(
        "cchc/public/reception.html",
        schedule=schedule,
        rule_words=words[0] if words else "",
        upcoming=list(zip(rules[1:], words[1:], strict=True)),  # announced for later
        months=[
            (format_month(month, year).capitalize(), list(found)) for (year, month), found in months
        ],
    )


@routes("/tiep-cong-dan.ics", "reception_ics")
def send_calendar() -> Response:
    """Send the same sessions as an iCalendar file."""
    state = get_state()
    schedule = get_schedule(state.session, today())
    if schedule is None:
        abort(404)
    # under which calendars know the sessions of before
    host = urlsplit(state.config["CANONICAL_URL"]).hostname or request.host.partition(":")[0]
    name = _("Tiếp công dân") + f" – {state.config['AUTHORITY_NAME']}"
    changed = changed_at(state.session, schedule.rule)
    events = []
    # a moved session is one event, on its new day, under its old identifier: calendars move it
    for session in (one for one in schedule.sessions if one.moved_to is None):
        rule = schedule.rule_on(session.day)
        maker = host if session.planned_on < UIDS_WITHOUT_HOST else f"{owner()}.cchc_public"
        event = {
            "uid": f"tiep-cong-dan-{session.planned_on.isoformat()}@{maker}",
            "dtstamp": changed,
            "summary": name,
            "location": rule.place,
            "description": "\n".join(part for part in (rule.hours, session.note) if part),
            "status": "CANCELLED" if session.is_cancelled else "CONFIRMED",
        }
        events.append((session.day, event))
    body = days_ics("tiep-cong-dan", events, name)
    return Response(body, content_type="text/calendar; charset=utf-8")


def next_reception() -> dict[str, Any] | None:
    """Return the next session as the overview tells of it, None without a schedule."""
    day = today()
    schedule = get_schedule(get_state().session, day)
    session = schedule.next_session if schedule else None
    if schedule is None or session is None:
        return None
    rule = schedule.rule_on(session.day)
    return {
        "day": session.day,
        "month": format_month(session.day.month),
        "weekday": _(session.weekday_name),
        "is_today": session.day == day,
        "hours": rule.hours,
        "place": rule.place,
    }


def rule_in_words(weekdays: list[int], month_days: list[int]) -> str:
    """Return the rule as a sentence: ``Thứ Năm hằng tuần và ngày 25 hằng tháng``."""
    parts = []
    if weekdays:
        days = ", ".join(_(WEEKDAY_NAMES[day]) for day in weekdays)
        parts.append(_("%(days)s hằng tuần", days=days))
    if month_days:
        days = ", ".join(str(day) for day in month_days)
        parts.append(_("ngày %(days)s hằng tháng", days=days))
    words = _(" và ").join(parts)
    return words[:1].upper() + words[1:]
