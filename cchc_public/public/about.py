"""``/ve-so-lieu``: where the figures come from, how they are counted, how to read them."""

from __future__ import annotations

from flask import Blueprint

from cchc_public.present.wording import table_name
from cchc_public.releases.published import PublishedRelease
from cchc_public.releases.reading import newest_release
from cchc_public.state import get_state
from cchc_public.tables.language import Form
from cchc_public.tables.registry import get_form, table_codes
from cchc_public.web.contexts import AboutPage, Fact, render


def register(blueprint: Blueprint) -> None:
    """Add the page."""
    blueprint.add_url_rule("/ve-so-lieu", "about", show_about)


def show_about() -> str:
    """Explain the figures with the counting rules of the newest release's forms."""
    release = newest_release(get_state().session)
    rules = tuple(_rule(table) for table in _forms(release))
    return render("cchc/public/about.html", AboutPage(release, rules))


def _forms(release: PublishedRelease | None) -> tuple[Form, ...]:
    if release is not None and release.tables:
        return tuple(table.definition for table in release.tables)
    return tuple(get_form(code) for code in table_codes())


def _rule(table: Form) -> Fact:
    source = ", ".join(part for part in (table.form_code, table.legal_source) if part)
    words = [table.counting_rule, f"{source}." if source else ""]
    return table_name(table), " ".join(word for word in words if word)
