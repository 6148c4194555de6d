"""A host's frame is rendered for each reader; only what stands in it is kept.

The frame may greet who is signed in, show a flash message, carry a token or a nonce: bytes of it
kept for the next reader would be a leak. Our own part depends on releases alone, so it is rendered
once, without the host's context processors, as if nobody were there.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import current_app, g, render_template, session
from jinja2 import BaseLoader, Environment, UndefinedError
from jinja2.runtime import Context
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.paths import find_folder
from cchc_public.state import State, get_state
from cchc_public.web.jinja import OWN_FRAME
from cchc_public.web.outages import render_alone

log = logging.getLogger(__name__)
_PAGE, _COLLECTOR, _BETWEEN = "cchc/page.html", "cchc/parts.html", secrets.token_hex(16)
# stands for our part while the frame is rendered: letters of both cases, so that a filter shows
_MAIN = "cchcA" + secrets.token_hex(16)


@dataclass(frozen=True)
class Fragment:
    """The parts that one of our pages puts into a frame; the same for every reader."""

    title: Markup
    authority: Markup  # asking the settings for it would be a query for each reader
    head: Markup
    opening: Markup  # style sheet and navigation, only needed in a host's frame
    body: bytes  # encoded once: it is by far the longest part

    @property
    def main(self) -> Markup:
        """Return the body as templates take it."""
        return Markup(self.body.decode())  # noqa: S704 - our own markup

    @cached_property
    def heading(self) -> Markup:
        """Return the title of the whole document."""
        return Markup("{} – {}").format(self.title, self.authority)

    @cached_property
    def before(self) -> bytes:
        """Return what stands between a host's frame and the body."""
        return f"\n{self.opening}\n".encode()

    @property
    def size(self) -> int:
        """Return roughly how many bytes it holds in memory."""
        return (len(self.body) + len(self.head) + len(self.opening)) * 2


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
                return b"".join((head.encode(), fragment.before, fragment.body, foot))
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
        "title": lambda _: iter((fragment.heading,)),
        "head": head,
        "content": lambda _: iter((_MAIN,)),
    }
    for name, block in ours.items():
        context.blocks.setdefault(name, []).insert(0, block)
    return current_app.jinja_env.concat(template.root_render_func(context))


class _Collecting(BaseLoader):
    """Gives the collector in place of the page, so that a template yields its parts."""

    def __init__(self, loader: BaseLoader) -> None:
        self._loader = loader

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str | None, Callable[[], bool] | None]:
        name = _COLLECTOR if template == _PAGE else template
        return self._loader.get_source(environment, name)


def _collect(state: State, template: str, context: dict[str, Any]) -> Fragment | None:
    """Return the parts of a page; None when they depend on the reader.

    A host may override any template. One that looks at the session, needs a context processor or
    does not stand on our page is rendered whole for each reader and never kept.
    """
    environment: Environment | None = state.memory.get("framing")
    if environment is None:
        host_environment = current_app.jinja_env
        environment = host_environment.overlay(loader=_Collecting(host_environment.loader))  # type: ignore[arg-type]
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
