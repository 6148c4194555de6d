"""Renders public pages, in our frame or in a host's; the lists that several faces show."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import ceil
from typing import Any, Generic, TypeVar, cast

from flask import Response, current_app, g, make_response, render_template, request, session
from jinja2 import BaseLoader, Environment, FunctionLoader, UndefinedError
from jinja2.runtime import Context
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.config import OWN_FRAME
from cchc_public.i18n import _, as_vietnamese
from cchc_public.paths import find_folder
from cchc_public.procedures import ProcedureStatus
from cchc_public.procedures.asking import EVERYDAY_NAMES, NEEDS
from cchc_public.procedures.description import short_facts, short_name
from cchc_public.procedures.saving import iterate_records
from cchc_public.procedures.searching import Catalogue, ListFilter
from cchc_public.state import State, get_state
from cchc_public.store.base import today
from cchc_public.vietnamese.text import clean_text
from cchc_public.web.page_store import Fragment

MOST_LETTERS = 200
MOST_DIGITS = 5
MOST_POPULAR = 6
T = TypeVar("T")


@dataclass(frozen=True)
class ListPart(Generic[T]):
    """One page of a list: its items, its number, how many pages there are."""

    items: Sequence[T]
    number: int
    count: int


def read_argument(key: str) -> str:
    """Return the words after ``?key=``, bounded and clean."""
    return clean_text(request.args.get(key, "")[:MOST_LETTERS])


def read_page_number() -> int:
    """Return the number after ``?trang=``; 1 for anything that is none."""
    text = request.args.get("trang", "1")
    is_number = text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS
    return max(1, int(text)) if is_number else 1


def cut_page(found: Sequence[T], size: int) -> ListPart[T]:
    """Return the page of ``found`` that the address asks for, the last one beyond the end."""
    count = max(1, ceil(len(found) / size))
    number = min(read_page_number(), count)
    return ListPart(found[(number - 1) * size : number * size], number, count)


@dataclass(frozen=True)
class ListItem:
    """One procedure in the list."""

    code: str
    name: str
    field: str
    facts: Markup  # time and fee in one line, each part that stays Vietnamese marked
    is_repealed: bool


def list_items(codes: Sequence[str]) -> list[ListItem]:
    """Return procedures as lists show them, in the order of their codes."""
    return [
        ListItem(
            record.code,
            short_name(record.name),
            record.field,
            Markup(" · ").join(short_facts(record, as_vietnamese)),
            record.status_on(today()) is ProcedureStatus.REPEALED,
        )
        for record in iterate_records(get_state().session, codes)
    ]


def list_popular(catalogue: Catalogue, most: int = MOST_POPULAR) -> list[ListItem]:
    """Return what is done most of what is posted here, with time and fee."""
    wanted = ListFilter(status="current", posted=True, need=NEEDS[0])
    return [
        replace(item, name=_(EVERYDAY_NAMES[item.code])) if item.code in EVERYDAY_NAMES else item
        for item in list_items(catalogue.search(wanted).codes[:most])
    ]


log = logging.getLogger(__name__)
_PAGE, _COLLECTOR, _BETWEEN = "cchc/page.html", "cchc/parts.html", secrets.token_hex(16)
# stands for our part while the frame is rendered: letters of both cases, so that a filter shows
_MAIN = "cchcA" + secrets.token_hex(16)


def is_frame_live(state: State) -> bool:
    """Tell whether public pages stand in a frame that may differ from reader to reader."""
    return state.config["BASE_TEMPLATE"] != OWN_FRAME and not state.config["FRAME_IS_PUBLIC"]


def render_page(template: str, **context: Any) -> str:
    """Render a public page; in a host's frame leave its fragment in ``g`` for the page cache."""
    state = get_state()
    g.cchc_live_frame = is_frame_live(state)
    if g.cchc_live_frame and "cchc_version" in g:
        fragment = _collect(state, template, context)
        if fragment is not None:
            g.cchc_fragment = fragment
            return render_frame(fragment).decode()
    return render_template(template, **context)


def refusal_page(title: str, advice: str, code: int) -> Response:
    """Return the page of a refusal: what is wrong and where to go on."""
    g.cchc_refused = True  # no page that search engines should know
    page = render_page("cchc/errors/problem.html", title=title, advice=advice, code=code)
    return make_response(page, code)


def render_alone(template: str, **context: Any) -> str:
    """Render without context processors: these may ask the database who reads, and it fails."""
    get_state().office_settings.stay()
    return current_app.jinja_env.get_template(template).render(request=request, **context)


def render_frame(fragment: Fragment) -> bytes:
    """Put a fragment into the host's frame for this reader; into ours when that one fails."""
    state = get_state()
    if "own-page" not in state.memory:  # page.html is ours, not overridden by the host
        file = current_app.jinja_env.get_template(_PAGE).filename or ""
        is_own = file.startswith(str(find_folder("templates")))
        state.memory["own-page"] = is_own and not current_app.jinja_env.is_async
    try:
        if state.memory["own-page"] and "cchc_snapshot" not in g:
            head, *feet = _render_around(state.config["BASE_TEMPLATE"], fragment).split(_MAIN)
            if len(feet) == 1:
                foot = f"\n</div>\n{feet[0]}".encode()
                return b"".join((f"{head}\n{fragment.opening}\n".encode(), fragment.body, foot))
        # the frame passes its content through a filter, has a page.html of its own, or a notice
        context = {"cchc_parts": fragment, "title": fragment.title, "cchc_main": fragment.main}
        return render_template("cchc/framed_page.html", **context).encode()
    except SQLAlchemyError as error:  # the frame asks who reads, and the database is gone
        log.warning("the host's frame needs the database: %s", error)
        state.session.rollback()
        return render_alone("cchc/errors/kept.html", cchc_parts=fragment).encode()


def _render_around(frame: str, fragment: Fragment) -> str:
    """Return a host's frame with our parts in its blocks, as ``page.html`` fills them.

    Straight into the blocks: a template that extends the frame takes a sixth longer.
    """
    values: dict[str, Any] = {"title": fragment.title}
    current_app.update_template_context(values)
    template = current_app.jinja_env.get_template(frame)
    context = template.new_context(values)

    def head(context: Context) -> Iterator[str]:
        for own in context.blocks["head"][1:2]:
            yield from own(context)
        yield fragment.head

    ours: dict[str, Callable[[Context], Iterator[str]]] = {
        "title": lambda _: iter((fragment.title, " – ", fragment.authority)),
        "head": head,
        "content": lambda _: iter((_MAIN,)),
    }
    for name, block in ours.items():
        context.blocks.setdefault(name, []).insert(0, block)
    return current_app.jinja_env.concat(template.root_render_func(context))


def _collect(state: State, template: str, context: dict[str, Any]) -> Fragment | None:
    """Return the parts of a page; None when they depend on the reader.

    A host may override any template. One that looks at the session, needs a context processor or
    does not stand on our page is rendered whole for each reader and never kept.
    """
    environment: Environment | None = state.memory.get("framing")
    if environment is None:
        host_environment = current_app.jinja_env
        find = partial(cast(BaseLoader, host_environment.loader).get_source, host_environment)
        # the collector in place of the page, so that a template yields its parts
        loader = FunctionLoader(lambda name: find(_COLLECTOR if name == _PAGE else name))
        environment = host_environment.overlay(loader=loader)
        state.memory["framing"] = environment
    readers = session._get_current_object()  # type: ignore[attr-defined]  # a proxy by nature
    was_accessed, readers.accessed = readers.accessed, False
    try:
        text = environment.get_template(template).render(**context, cchc_between=_BETWEEN)
    except UndefinedError:
        return None
    finally:
        is_touched, readers.accessed = readers.accessed, was_accessed or readers.accessed
    if is_touched or text.count(_BETWEEN) != 4:
        return None
    title, authority, head, opening, body = map(Markup, text.split(_BETWEEN))
    return Fragment(title, authority, head, opening, body.encode())
