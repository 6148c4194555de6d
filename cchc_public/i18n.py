"""Our own words: Vietnamese in the source, citizens' pages in further languages as well.

A catalogue in ``translations/`` covers exactly what citizens read; office and commands are in
Vietnamese only.

Only words are translated. Statutory headings, the commune's own texts and the way numbers and
dates are written (``1.714``, ``77,56 %``, ``12/06/2023``) stay Vietnamese in every language: they
are official figures, and a reader must find the same signs here as in the signed report.
"""

from __future__ import annotations

from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from flask import current_app, g, has_app_context, has_request_context, request
from flask_babel import BabelConfiguration, LazyString, get_locale
from markupsafe import Markup

from cchc_public.paths import find_folder

SOURCE = "vi"
# the office, and the sign-in pages of the stand-alone site
STAFF_BLUEPRINTS = {"cchc_staff", "security"}
NAME = "cchc_public"


class Catalogues:
    """Reads the ``.po`` files themselves: no compile step that could be forgotten or be stale.

    The host's own catalogues and default domain stay untouched: only this object knows our folder.
    """

    def __init__(self, folder: Path) -> None:
        """Look for ``<locale>/LC_MESSAGES/cchc_public.po`` in ``folder``, at first use."""
        self._folder = folder
        self._lock = Lock()
        self._found: dict[str, tuple[str, NullTranslations]] = {}

    def find(self, locale: str) -> tuple[str, NullTranslations]:
        """Return the language our words have under ``locale``, and its words."""
        found = self._found.get(locale)
        if found is None:
            with self._lock:  # one thread parses, the others wait for it
                if locale not in self._found:
                    self._found[locale] = self._load(locale)
                found = self._found[locale]
        return found

    def _load(self, locale: str) -> tuple[str, NullTranslations]:
        # en_GB is served by en; without any catalogue the citizen reads Vietnamese
        for name in dict.fromkeys((locale, locale.partition("_")[0])):
            path = self._folder / name / "LC_MESSAGES" / f"{NAME}.po"
            if name != SOURCE and path.is_file():
                return name.replace("_", "-"), read_catalogue(path)
        return SOURCE, NullTranslations()


def read_catalogue(path: Path) -> GNUTranslations:
    """Return the translations of a ``.po`` file; entries marked fuzzy stay out."""
    # imported here: a site in Vietnamese never needs them
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=path.parents[1].name))
    compiled.seek(0)
    return GNUTranslations(compiled)


_catalogues = Catalogues(find_folder("translations"))


def _locale() -> str:
    """Return the reader's language: our only one, else what Flask-Babel says, else the old key's.

    Staff read Vietnamese always.

    Another library at the name ``babel`` is not asked: it knows other functions.
    """
    if not has_app_context() or (has_request_context() and request.blueprint in STAFF_BLUEPRINTS):
        return SOURCE
    state = current_app.extensions.get(NAME)
    if state is None:
        return str(get_locale() or SOURCE)
    if "cchc_only_language" not in g:
        languages = state.config["LANGUAGES"]
        g.cchc_only_language = languages[0] if len(languages) == 1 else ""
    if g.cchc_only_language:
        return str(g.cchc_only_language)
    if isinstance(current_app.extensions.get("babel"), BabelConfiguration):
        return str(get_locale() or SOURCE)
    return str(state.config["DEFAULT_LOCALE"])


def _words() -> NullTranslations:
    return _catalogues.find(_locale())[1]


def page_language() -> str:
    """Return the language of our words here, for ``lang``: ``vi`` where there is no catalogue."""
    return _catalogues.find(_locale())[0]


def vietnamese_part() -> Markup:
    """Return ``lang="vi"`` for a part that stays Vietnamese on a page in another language.

    Screen readers then speak it right (WCAG 3.1.2). Empty on a Vietnamese page.
    """
    return Markup("") if page_language() == SOURCE else Markup(' lang="vi"')


def mark(text: str) -> str:
    """Return ``text`` unchanged: it is a constant here and is translated where it is shown."""
    return text


def mark_in(context: str, text: str) -> str:
    """Mark a constant whose meaning depends on ``context``; ``pgettext`` translates it."""
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
    # without variables a per cent sign is a per cent sign
    return text % variables if variables else text
