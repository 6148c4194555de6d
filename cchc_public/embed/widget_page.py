"""Everything a widget says around its figures: whose, of when, which release, and warnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import current_app, url_for

from cchc_public.embed.figures import Figures, Widget
from cchc_public.i18n import _
from cchc_public.present.wording import period_title
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.vietnamese.dates import format_date
from cchc_public.web.standing import is_late

LONGEST_REASON = 160


@dataclass(frozen=True)
class Strip:
    """One line above the figures; ``tone`` is wrong (correction), late or plain."""

    tone: str
    text: str
    address: str = ""
    link: str = ""


@dataclass(frozen=True)
class WidgetPage:
    """The declared context of ``cchc/embed/widget.html`` and ``fragment.html``."""

    code: str
    authority: str
    title: str
    period: str
    figures: Figures | None
    window: str
    published: str
    strips: tuple[Strip, ...]
    note_count: int
    address: str  # the page with everything behind these figures
    is_pinned: bool
    number: int


def build_widget_page(widget: Widget, release: PublishedRelease, *, is_pinned: bool) -> WidgetPage:
    """Return the words of ``widget`` for ``release``."""
    figures = widget.build(release)
    code = figures.table_code if figures else ""
    table = release.table(code) if code else None
    window = (table.data_from, table.data_to) if table else (release.data_from, release.data_to)
    return WidgetPage(
        code=widget.code,
        authority=release.authority.name,
        title=figures.title if figures else _(widget.name),
        period=period_title(release.period),
        figures=figures,
        window=_window_words(*window),
        published=_published_words(release),
        strips=tuple(_strips(release, is_pinned=is_pinned)),
        note_count=len(table.findings) if table else len(release.findings),
        address=page_address(release, code, is_pinned=is_pinned),
        is_pinned=is_pinned,
        number=release.number,
    )


def page_address(release: PublishedRelease, table_code: str, *, is_pinned: bool) -> str:
    """Return the path of the table's page, of the period's page, or '' when the app has neither."""
    values = {"slug": release.slug}
    endpoint = "cchc.period"
    if table_code:
        endpoint, values["code"] = "cchc.table", table_code
    if is_pinned:
        values["ban"] = str(release.number)
    return _address(endpoint, **values)


def _address(endpoint: str, **values: Any) -> str:
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _window_words(first: date, last: date) -> str:
    return _("Số liệu từ %(first)s đến %(last)s", first=format_date(first), last=format_date(last))


def _published_words(release: PublishedRelease) -> str:
    day = format_date(release.published_at.astimezone(get_state().zone).date())
    return _("Công bố lần %(number)s, ngày %(day)s", number=release.number, day=day)


def _strips(release: PublishedRelease, *, is_pinned: bool) -> list[Strip]:
    strips = []
    newest = newest_release(get_state().session, release.slug)
    if newest is not None and newest.number > release.number:
        strips.append(_superseded(newest))
    elif release.is_correction:
        strips.append(_corrected(release))
    if not is_pinned and is_late(release):
        strips.append(_late(release))
    return strips


def _superseded(newest: PublishedRelease) -> Strip:
    return Strip(
        "wrong",
        _("Số liệu này đã được thay bằng lần công bố %(number)s.", number=newest.number),
        page_address(newest, "", is_pinned=False),
        _("Xem số liệu mới"),
    )


def _corrected(release: PublishedRelease) -> Strip:
    reason = release.reason.strip()
    if len(reason) > LONGEST_REASON:
        reason = reason[:LONGEST_REASON].rstrip() + "…"
    return Strip(
        "wrong",
        _("Đã đính chính. Lý do: %(reason)s", reason=reason),
        _address("cchc.corrections"),
        _("Số cũ, số mới"),
    )


def _late(release: PublishedRelease) -> Strip:
    due = format_date(release.due_on) if release.due_on else ""
    return Strip("late", _("Chậm cập nhật: hẹn số liệu mới trước %(due)s.", due=due))
