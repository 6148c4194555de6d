"""Our own words: Vietnamese in the source, citizens' pages in English as well, below ``/en``.

The address alone decides: no cookie, no header, no choice of a host's changes the language of a
page. A catalogue in ``translations/`` covers exactly what citizens read; office, commands and
papers are in Vietnamese only. On English pages figures are written the English way (``1,714``,
``77.56%``, ``12 June 2023``); the commune's own texts stay Vietnamese and say so (``lang``).
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.dates import get_month_names
from flask import current_app, has_request_context, request
from flask_babel import LazyString
from markupsafe import Markup, escape

from cchc_public.paths import find_folder
from cchc_public.vietnamese import dates, numbers
from cchc_public.vietnamese.numbers import Number

SOURCE, ENGLISH = "vi", "en"
NAME = "cchc_public"
_KEPT = "cchc.language"
_VIETNAMESE = re.compile("[À-ỹ]")
_SWAPPED = str.maketrans(",.", ".,")


@lru_cache(maxsize=4)
def read_catalogue(path: Path) -> GNUTranslations:
    """Return the translations of a ``.po`` file; entries marked fuzzy stay out.

    Read as it is: no compile step that could be forgotten or be stale.
    """
    # imported here: a site in Vietnamese never needs them
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parents[1].name))
    compiled.seek(0)
    return GNUTranslations(compiled)


_folder = find_folder("translations")
_none = NullTranslations()


def _words() -> NullTranslations:
    if page_language() == SOURCE:
        return _none
    return read_catalogue(_folder / ENGLISH / "LC_MESSAGES" / f"{NAME}.po")


def address_language(path: str, prefix: str) -> str:
    """Return the language of a path of ours: English below ``/en``."""
    return ENGLISH if f"{path}/".startswith(f"{prefix}/{ENGLISH}/") else SOURCE


def page_language() -> str:
    """Return the language of the present page, for ``lang``; Vietnamese outside requests."""
    if not has_request_context():
        return SOURCE
    environ = request.environ
    if _KEPT not in environ:
        language, state = SOURCE, current_app.extensions.get(NAME)
        if state and address_language(request.path, state.config["URL_PREFIX"]) == ENGLISH:
            language = ENGLISH if ENGLISH in state.config["LANGUAGES"] else SOURCE
        environ[_KEPT] = language
    return str(environ[_KEPT])


def format_number(value: Number, digits: int | None = None) -> str:
    """Write ``1.714``; on an English page ``1,714``."""
    return as_here(numbers.format_number(value, digits))


def format_percent(value: Number, digits: int | None = None) -> str:
    """Write ``77,56 %``; on an English page ``77.56%``."""
    return as_here(numbers.format_percent(value, digits))


def format_date(day: date) -> str:
    """Write ``12/06/2023``; ``12 June 2023`` on an English page, where months might come first."""
    if page_language() == SOURCE:
        return dates.format_date(day)
    return f"{day.day} {get_month_names(locale=ENGLISH)[day.month]} {day.year}"


def format_month(month: int, year: int | None = None) -> str:
    """Write ``tháng 11 năm 2026``, or the month alone; ``November 2026`` on an English page."""
    if page_language() == SOURCE:
        return f"tháng {month} năm {year}" if year else f"tháng {month}"
    name = str(get_month_names(locale=ENGLISH)[month])
    return f"{name} {year}" if year else name


def as_here(text: str) -> str:
    """Return a number written the Vietnamese way as this page writes numbers."""
    if page_language() == SOURCE:
        return text
    return text.translate(_SWAPPED).replace(f"{numbers.NBSP}%", "%")


def vietnamese_part() -> Markup:
    """Return ``lang="vi"`` for a part that stays Vietnamese on a page in another language.

    Screen readers then speak it right (WCAG 3.1.2). Empty on a Vietnamese page.
    """
    return Markup("") if page_language() == SOURCE else Markup(' lang="vi"')


def as_vietnamese(text: str) -> str:
    """Return the commune's own words so that an English page says that they are Vietnamese.

    Markup is returned as it is: its parts were marked one by one.
    """
    is_marked = isinstance(text, Markup) or not _VIETNAMESE.search(text)
    if page_language() == SOURCE or is_marked:
        return text
    return Markup('<span lang="vi">{}</span>').format(text)


def mark(text: str) -> str:
    """Return ``text`` unchanged: it is a constant here and is translated where it is shown."""
    return text


def lazy(text: str, /, **variables: Any) -> Any:
    """Return words that are translated when they are shown: labels of forms, made only once."""
    return LazyString(_, text, **variables)


def _(text: str, /, **variables: Any) -> str:
    """Return ``text`` in the reader's language; Vietnamese when there is no catalogue."""
    # gettext would answer an empty text with the catalogue's own header
    return _fill(_words().gettext(text), variables) if text else ""


def ngettext(singular: str, plural: str, count: int, /, **variables: Any) -> str:
    """Return the right number form; Vietnamese has one, English two."""
    return _fill(_words().ngettext(singular, plural, count), {"num": count, **variables})


def pgettext(context: str, text: str, /, **variables: Any) -> str:
    """Translate a short word whose meaning depends on ``context``."""
    return _fill(_words().pgettext(context, text), variables)


def _fill(text: str, variables: dict[str, Any]) -> str:
    if any(isinstance(value, Markup) for value in variables.values()):
        return escape(text) % variables
    # without variables a per cent sign is a per cent sign
    return text % variables if variables else text
