"""``/thu-tuc`` and ``/thu-tuc/<code>``: the list with its search, and one procedure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, url_for

from cchc_public.i18n import _
from cchc_public.present.wording import form_text
from cchc_public.procedures.asking import NEEDS, Elsewhere, Need, find_need
from cchc_public.procedures.counting import ProcedureCounts, count_catalogue
from cchc_public.procedures.reading import find_posted, list_rows
from cchc_public.procedures.searching import (
    CHANNEL_FILTER,
    FEE_FILTER,
    STATUS_FILTER,
    Catalogue,
    Found,
    ListFilter,
    Unanswered,
    list_stamp,
)
from cchc_public.public.procedure_page import (
    ProcedureContext,
    build_procedure,
    current_catalogue,
)
from cchc_public.state import State, get_state
from cchc_public.web.caching import skip_page_cache, today
from cchc_public.web.contexts import Entrance
from cchc_public.web.framing import render_page
from cchc_public.web.lists import (
    ListItem,
    cut_page,
    list_item,
    list_popular,
    read_argument,
)

PAGE_SIZE = 20
ARGUMENTS = ("q", "viec", "linh-vuc", "kenh", "phi", "trang-thai")


@dataclass(frozen=True)
class Option:
    """One choice of a filter, or one field with its count."""

    value: str
    label: str
    is_chosen: bool
    count: int | None = None


@dataclass(frozen=True)
class ProceduresContext:
    """What ``procedures.html`` may use."""

    query: str
    need: str  # the event of a life whose procedures are listed, in words
    elsewhere: Elsewhere | None  # what was asked for is done by another body
    popular: tuple[ListItem, ...]
    needs: tuple[Need, ...]
    items: tuple[ListItem, ...]
    found: int
    page: int
    pages: int
    counts: ProcedureCounts
    fields: tuple[Option, ...]
    channels: tuple[Option, ...]
    fees: tuple[Option, ...]
    statuses: tuple[Option, ...]
    is_narrowed: bool  # something was typed or chosen
    is_filtered: bool  # something was chosen


def register_procedure_routes(blueprint: Blueprint, state: State) -> None:
    """Add the list and the page of one procedure; kept pages follow the list's stamp."""
    blueprint.add_url_rule("/thu-tuc", "procedures", show_procedures)
    blueprint.add_url_rule("/thu-tuc/<code>", "procedure", show_procedure)
    state.page_cache.stamps.append(list_stamp)


def show_procedures() -> str:
    """Show the list: searched, filtered, page by page."""
    return render_page("cchc/public/procedures.html", page=build_procedures(), page_url=page_url)


def show_procedure(code: str) -> str:
    """Show one posted procedure."""
    record = find_posted(get_state().session, code)
    if record is None:
        abort(404)
    context: ProcedureContext = build_procedure(record)
    return render_page("cchc/public/procedure.html", page=context)


def page_url(number: int) -> str:
    """Return the address of another page of the same list."""
    kept: dict[str, Any] = {key: read_argument(key) for key in ARGUMENTS if read_argument(key)}
    if number > 1:
        kept["trang"] = number
    return url_for("cchc.procedures", **kept)


def build_procedures() -> ProceduresContext:
    """Return what the list shows for the present address."""
    session = get_state().session
    catalogue = current_catalogue()
    wanted = read_filter()
    found = catalogue.search(wanted)
    page = cut_page(found.codes, PAGE_SIZE)
    if wanted.query.strip() and not found.codes and not found.elsewhere:
        note_unanswered(wanted.query)
    is_entrance = page.number == 1 and not any(read_argument(key) for key in ARGUMENTS)
    return ProceduresContext(
        query=read_argument("q"),
        need=_(wanted.need.name) if wanted.need else "",
        elsewhere=found.elsewhere,
        popular=list_popular(catalogue) if is_entrance else (),
        needs=NEEDS[1:] if is_entrance else (),
        items=tuple(list_item(record) for record in list_rows(session, page.items)),
        found=len(found.codes),
        page=page.number,
        pages=page.count,
        counts=count_catalogue(catalogue),
        fields=_fields(catalogue, found),
        channels=_options(CHANNEL_FILTER, "kenh"),
        fees=_options(FEE_FILTER, "phi"),
        statuses=_options(STATUS_FILTER, "trang-thai"),
        is_narrowed=any(read_argument(key) for key in ARGUMENTS),
        is_filtered=any(read_argument(key) for key in ARGUMENTS[2:]),
    )


def read_filter() -> ListFilter:
    """Return the filter the address names; unknown words narrow nothing."""
    return ListFilter(
        query=read_argument("q"),
        field=read_argument("linh-vuc"),
        channel=CHANNEL_FILTER.get(read_argument("kenh"), ("", ""))[0],
        fee=FEE_FILTER.get(read_argument("phi"), ("", ""))[0],
        status=STATUS_FILTER.get(read_argument("trang-thai"), STATUS_FILTER[""])[0],
        posted=True,
        need=find_need(read_argument("viec")),
    )


def note_unanswered(query: str) -> None:
    """Count a search that nothing answers; its page is not kept, so that each asking counts."""
    state = get_state()
    skip_page_cache()
    unanswered: Unanswered = state.memory.setdefault("unanswered", Unanswered())
    unanswered.note(query, state.engine, today(state))


def build_entrance() -> Entrance | None:
    """Return the ways in that the first page shows; None while the list is empty."""
    catalogue = current_catalogue()
    counts = count_catalogue(catalogue)
    if not counts.posted:
        return None
    return Entrance(list_popular(catalogue), NEEDS[1:], counts.posted, counts.field_count)


def _options(choices: dict[str, tuple[str, str]], argument: str) -> tuple[Option, ...]:
    chosen = read_argument(argument)
    return tuple(
        Option(word, _(label), word == chosen) for word, (_value, label) in choices.items()
    )


def _fields(catalogue: Catalogue, found: Found) -> tuple[Option, ...]:
    chosen = read_argument("linh-vuc")
    return tuple(
        Option(
            field.slug,
            form_text(field.name),
            field.slug == chosen,
            found.per_field.get(field.slug, 0),
        )
        for field in catalogue.fields
        if field.slug in found.per_field or field.slug == chosen
    )
