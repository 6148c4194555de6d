"""Puts one release into words: main figures in a line, where they come from, a spoken summary."""

from __future__ import annotations

from decimal import Decimal

from cchc_public.i18n import _
from cchc_public.present.headlines import build_headlines
from cchc_public.present.wording import (
    lower_first,
    period_title,
    rate_text,
    unit_name,
    value_text,
)
from cchc_public.releases.published import PublishedRelease, PublishedTable
from cchc_public.tables.language import Column, ValueKind
from cchc_public.tables.solved import Rate, SolvedRow, SolvedTable
from cchc_public.vietnamese.dates import format_date
from cchc_public.vietnamese.numbers import format_number, format_percent
from cchc_public.web.contexts import Fact
from cchc_public.web.filters import cchc_datetime

DIGEST_SHOWN = 16


def key_line(table: SolvedTable) -> str:
    """Say the main figures of a table in one line, whatever its shape."""
    shape = table.form.shape
    if not shape.has_ordinal and shape.has_labels:
        return _in_out_line(table)
    if shape.is_list:
        return _("%(count)s %(what)s", count=len(table.rows), what=_list_noun(table))
    return _figures_line(table)


def _list_noun(table: SolvedTable) -> str:
    return unit_name(table.form.unit) if table.form.shape.has_sections else _("chỉ tiêu")


def _in_out_line(table: SolvedTable) -> str:
    first = table.form.columns[0]
    return " · ".join(f"{row.label}: {value_text(row.values[first.key])}" for row in table.rows)


def _figures_line(table: SolvedTable) -> str:
    """Name the first count and the last computable rate of the total or the only row."""
    row = table.total or (table.rows[0] if table.rows else None)
    if row is None:
        return _("chưa có số liệu")
    counts = [
        f"{column.header[0]}: {format_number(value)}"
        for column in table.form.columns
        if column.kind is ValueKind.COUNT
        and isinstance(value := row.values.get(column.key), int | Decimal)
    ]
    rates = [words for column in table.form.columns if (words := _rate_words(row, column))]
    return "; ".join([*counts[:1], *rates[-1:]]) or _("chưa có số liệu")


def _rate_words(row: SolvedRow, column: Column) -> str:
    """Write a computable rate with its fraction, or what the source claims, named as a claim."""
    value = row.values.get(column.key)
    if not isinstance(value, Rate):
        return ""
    label = lower_first(column.header[-1])
    if value.percent is not None:
        return f"{label}: {rate_text(value)}"
    stated = row.stated.get(column.key)
    if stated is None:
        return ""
    return _("%(label)s: %(value)s theo báo cáo", label=label, value=format_percent(stated))


def caption(table: PublishedTable) -> str:
    """Say what stands above the columns: form, unit, what the page computes."""
    parts = [
        table.definition.form_code,
        _("Đơn vị: %(unit)s", unit=unit_name(table.definition.unit)),
    ]
    if any(column.formula for column in table.definition.columns):
        parts.append(_("Tổng số và tỷ lệ do trang tính lại từ số gốc"))
    return ". ".join(part for part in parts if part) + "."


def window_text(table: PublishedTable | PublishedRelease) -> str:
    """Write ``từ 15/12/2022 đến 12/06/2023``."""
    return _(
        "từ %(first)s đến %(last)s",
        first=format_date(table.data_from),
        last=format_date(table.data_to),
    )


def release_facts(release: PublishedRelease) -> tuple[Fact, ...]:
    """Return who published what and when."""
    head = release.head.get("document_number")
    facts = [
        (_("Số liệu"), window_text(release)),
        (_("Văn bản"), str(head) if head else ""),
        (
            _("Công bố"),
            _(
                "lần %(number)s, lúc %(when)s, người công bố: %(who)s",
                number=release.number,
                when=cchc_datetime(release.published_at),
                who=release.published_by,
            ),
        ),
        (_("Chịu trách nhiệm"), release.authority.name),
        (_("Số liệu kỳ sau"), _before(release)),
        (_("Mã kiểm tra"), f"SHA-256 {release.digest[:DIGEST_SHOWN]}…"),
    ]
    return tuple((label, text) for label, text in facts if text)


def _before(release: PublishedRelease) -> str:
    return _("trước %(day)s", day=format_date(release.due_on)) if release.due_on else ""


def table_facts(release: PublishedRelease, table: PublishedTable) -> tuple[Fact, ...]:
    """Return where the figures of a table come from and how they are counted."""
    definition = table.definition
    source = ", ".join(part for part in (definition.form_code, definition.legal_source) if part)
    own = [
        (_("Biểu mẫu"), source),
        (_("Cách tính"), " ".join((definition.counting_rule, *definition.notes)).strip()),
    ]
    window = (_("Số liệu"), window_text(table))
    return tuple(
        (label, text) for label, text in (*own, window, *release_facts(release)[1:]) if text
    )


def speak(release: PublishedRelease) -> str:
    """Say the release in sentences, for search engines, shared links and screen readers."""
    known = [item for item in build_headlines(release) if item.value is not None]
    figures = "; ".join(f"{lower_first(i.title)}: {i.figure}, {i.basis}" for i in known)
    return _(
        "%(name)s, %(period)s, số liệu %(window)s. %(figures)s.",
        name=release.authority.name,
        period=lower_first(period_title(release.period)),
        window=window_text(release),
        figures=figures[:1].upper() + figures[1:],
    )
