"""Leaflets and posting sheets of procedures as PDF, made once for each state of the list."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import Blueprint, Response, abort, current_app
from jinja2 import Environment

from cchc_public.exports.procedure_pdf import Leaf, PrintOrder, leaflet_pdf, posting_pdf
from cchc_public.procedures.description import describe
from cchc_public.procedures.reading import find_posted, last_change, list_records
from cchc_public.procedures.record import ProcedureRecord, ProcedureStatus
from cchc_public.procedures.searching import get_catalogue
from cchc_public.state import State, get_state
from cchc_public.web.addresses import printed
from cchc_public.web.caching import today
from cchc_public.web.desk_view import cchc_desk
from cchc_public.web.pdf import send_paper

Render = Callable[[PrintOrder, Environment | None], bytes]


def register_procedure_pdf_routes(blueprint: Blueprint, state: State) -> None:
    """Add the routes of the printed procedures when PDFs are switched on."""
    if not state.config["ENABLE_PDF"]:
        return
    field = "/thu-tuc/linh-vuc/<slug>"
    blueprint.add_url_rule("/thu-tuc/<code>/to-roi.pdf", "procedure_leaflet", show_leaflet)
    blueprint.add_url_rule(f"{field}/to-roi.pdf", "field_leaflets", show_field_leaflets)
    blueprint.add_url_rule(f"{field}/niem-yet.pdf", "field_posting", show_posting)


def show_leaflet(code: str) -> Response:
    """Send the leaflet of one posted procedure."""
    record = find_posted(get_state().session, code)
    if record is None:
        abort(404)
    return _send("to-roi", code, _order((record,)), leaflet_pdf)


def show_field_leaflets(slug: str) -> Response:
    """Send the leaflets of a whole field as one file."""
    return _send("to-roi", slug, _field_order(slug), leaflet_pdf)


def show_posting(slug: str) -> Response:
    """Send the posting sheet of a field."""
    return _send("niem-yet", slug, _field_order(slug), posting_pdf)


def _field_order(slug: str) -> PrintOrder:
    """Return the posted procedures of a field that are not repealed; 404 when there is none."""
    session = get_state().session
    name = get_catalogue(session).field_name(slug)
    records = list_records(session, field_slug=slug, posted_only=True) if name else ()
    standing = tuple(r for r in records if r.status is not ProcedureStatus.REPEALED)
    if not standing:
        abort(404)
    return _order(standing, name, slug)


def _order(records: tuple[ProcedureRecord, ...], field: str = "", slug: str = "") -> PrintOrder:
    state = get_state()
    authority = state.config["AUTHORITY_NAME"]
    view = cchc_desk()
    leaves = tuple(
        Leaf(describe(record, today(state)), printed("cchc.procedure", code=record.code))
        for record in records
    )
    return PrintOrder(
        authority=authority,
        procedures=leaves,
        as_of=last_change(state.session, [record.code for record in records]),
        desk=". ".join(filter(None, (view.ask, view.desk.place))),
        hours=view.desk.hours_in_words,
        field=field,
        address=printed("cchc.procedures", **{"linh-vuc": slug}) if slug else "",
        zone=state.zone,
    )


def _send(kind: str, name: str, order: PrintOrder, render: Render) -> Response:
    # everything that is printed is in the order, so its words are the key
    key = hashlib.sha256(f"{kind} {order!r}".encode()).hexdigest()
    filename = f"{kind}-{name}.pdf"
    return send_paper(key, filename, lambda: render(order, current_app.jinja_env))
