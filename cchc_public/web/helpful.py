"""``/gop-y``: "did this page help?", yes or no, and whom to tell of a wrong figure.

NĐ 224/2026 Điều 10.3 asks public services to hear their readers. Counted by page and month,
without a cookie and without knowing who; whoever wants to can answer often, so nobody may take
the counts for a survey, and every place that shows them says so.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import blake2b
from secrets import token_bytes
from threading import Lock
from time import monotonic
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, make_response, request, url_for
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from cchc_public.i18n import ENGLISH, _, page_language
from cchc_public.procedures.saving import find_posted
from cchc_public.state import get_state
from cchc_public.store import LARGEST_INTEGER, HelpfulAnswers
from cchc_public.store.base import today
from cchc_public.web.jinja import cchc_desk
from cchc_public.web.release_pages import find_standing
from cchc_public.web.rendering import refusal_page, render_page
from cchc_public.web.routes import LANGUAGE, READ, is_found

log = logging.getLogger(__name__)
# in an hour: by one network address for one page and for all, and by everybody in this process
MOST_A_PAGE, MOST_AN_ADDRESS, MOST_IN_ALL = 3, 60, 2_000
HOUR = 3600.0
MOST_REMEMBERED = 20_000
MOST_LISTED = 30


@dataclass
class Limiter:
    """Counts answers of the last hour in memory; an address is kept only as a keyed digest."""

    key: bytes = field(default_factory=lambda: token_bytes(16))
    counts: OrderedDict[bytes, tuple[float, int]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def admits(self, address: str, path: str) -> bool:
        """Count one answer; False when there were too many."""
        asked = (
            (f"{address} {path}", MOST_A_PAGE),
            (address, MOST_AN_ADDRESS),
            ("", MOST_IN_ALL),
        )
        with self.lock:
            return all(self._count(name, most) for name, most in asked)

    def _count(self, name: str, most: int) -> bool:
        digest, now = blake2b(name.encode(), key=self.key, digest_size=12).digest(), monotonic()
        begun, count = self.counts.pop(digest, (now, 0))
        if now - begun >= HOUR:
            begun, count = now, 0
        self.counts[digest] = (begun, count + 1)
        while len(self.counts) > MOST_REMEMBERED:
            self.counts.popitem(last=False)
        return count < most


def register_helpful_routes(blueprint: Blueprint) -> None:
    """Add the answers' address; a host's token check lets it pass: no session could be abused."""
    blueprint.add_url_rule("/gop-y", "helpful", show_helpful, methods=["GET", "POST"])
    blueprint.add_app_template_global(cchc_question)

    @blueprint.record
    def exempt(setup: Any) -> None:
        if guard := setup.app.extensions.get("csrf"):
            guard.exempt(show_helpful)


def cchc_question() -> dict[str, str] | None:
    """Return the question at the end of the present page; None where nothing is asked.

    ``page`` is the same in both languages; ``report`` is whom to tell of something wrong: the
    desk's e-mail, else its telephone, else empty.
    """
    if not is_found() or request.endpoint in ("cchc.overview", "cchc_embed.builder"):
        return None
    path = request.path.removeprefix(get_state().config["URL_PREFIX"])
    page = path.removeprefix(f"/{ENGLISH}")
    desk = cchc_desk().desk
    subject = quote(_("Báo thông tin sai ở trang %(page)s", page=page))
    mail = f"mailto:{desk.email}?subject={subject}" if desk.email else ""
    phones = [phone["address"] for phone in cchc_desk().phones[:1]]
    return {"page": page, "report": mail or "".join(phones)}


def show_helpful() -> Response:
    """Count an answer and thank for it; by GET say what the counts are."""
    if request.method in ("GET", "HEAD"):
        path = find_page(request.args.get("trang", ""))
        prefix = get_state().config["URL_PREFIX"]
        language = f"/{ENGLISH}" if page_language() == ENGLISH else ""
        back = request.script_root + quote(f"{prefix}{language}{path}") if path else ""
        was_counted = request.args.get("da-ghi") == "1"
        page = render_page("cchc/public/helpful.html", back=back, was_counted=was_counted)
        return make_response(page)
    path, answer = find_page(request.form.get("trang", "")), request.form.get("co", "")
    limiter: Limiter = get_state().memory.setdefault("helpful", Limiter())
    if path is None or answer not in ("0", "1"):
        advice = _("Xin quay lại trang trước và thử lại.")
        return refusal_page(_("Yêu cầu chưa đúng"), advice, 400)
    if not limiter.admits(request.remote_addr or "", path):
        advice = _("Câu trả lời trước đã được ghi. Xin chờ một giờ rồi trả lời tiếp.")
        return refusal_page(_("Trả lời quá nhiều lần"), advice, 429)
    try:
        count_answer(path, is_yes=answer == "1")
    except SQLAlchemyError:
        log.warning("an answer was not counted", exc_info=True)
        advice = _("Câu trả lời chưa được ghi. Xin thử lại sau ít phút.")
        return refusal_page(_("Trang tạm thời chưa mở được"), advice, 503)
    thanks = f"{url_for('cchc.helpful', trang=path)}&da-ghi=1"
    return make_response("", 303, {"Location": thanks})


def find_page(path: str) -> str | None:
    """Return ``path`` when it is a page of ours that stands today, else None."""
    if not path.startswith("/") or len(path) > HelpfulAnswers.path.type.length or "\0" in path:
        return None
    prefix = get_state().config["URL_PREFIX"]
    routes = current_app.url_map.bind("localhost")
    try:
        endpoint, values = routes.match(prefix + path, method="GET")
        name = endpoint.removeprefix("cchc.")
        if name not in READ or values.get(LANGUAGE) == ENGLISH:
            return None
        if "slug" in values:
            release = find_standing(values["slug"]).release
            return path if "code" not in values or release.table(values["code"]) else None
        if "code" in values and find_posted(get_state().session, values["code"]) is None:
            return None
    except HTTPException:  # a redirect too
        return None
    return path


def count_answer(path: str, *, is_yes: bool) -> None:
    """Add one answer to the page's month, in a session of its own."""
    month = today().replace(day=1)
    column = HelpfulAnswers.yes if is_yes else HelpfulAnswers.no
    more = (
        update(HelpfulAnswers)
        .where(HelpfulAnswers.path == path, HelpfulAnswers.month == month)
        .where(column < LARGEST_INTEGER)
        .values({column: column + 1})
    )
    with Session(get_state().engine) as session:
        if not session.execute(more).rowcount:  # type: ignore[attr-defined]
            session.add(HelpfulAnswers(path=path, month=month, yes=int(is_yes), no=int(not is_yes)))
            try:
                session.flush()
            except IntegrityError:  # another process was first
                session.rollback()
                session.execute(more)
        session.commit()


def list_answers() -> tuple[tuple[str, int, int], ...]:
    """Return path, yes and no of the pages answered most, over the last twelve months."""
    since = today().replace(day=1)
    since = since.replace(year=since.year - 1)
    yes, no = func.sum(HelpfulAnswers.yes), func.sum(HelpfulAnswers.no)
    query = (
        select(HelpfulAnswers.path, yes, no)
        .where(HelpfulAnswers.month >= since)
        .group_by(HelpfulAnswers.path)
        .order_by(no.desc(), yes.desc(), HelpfulAnswers.path)
        .limit(MOST_LISTED)
    )
    return tuple((path, int(y), int(n)) for path, y, n in get_state().session.execute(query))
