"""All forms of all tables, in the fixed order in which every face shows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from cchc_public.errors import NotFound
from cchc_public.tables import (
    administration,
    citizens,
    digitization,
    dossiers,
    indicators,
    online_services,
)
from cchc_public.tables.language import Form

# Forms of one table stand together, oldest first.
FORMS: tuple[Form, ...] = (
    *dossiers.FORMS,
    *digitization.FORMS,
    *citizens.FORMS,
    *online_services.FORMS,
    *administration.FORMS,
    *indicators.FORMS,
    *citizens.FEEDBACK_FORMS,
    *online_services.PAYMENT_FORMS,
    *citizens.RECEPTION_FORMS,
    *indicators.SCORE_FORMS,
)

_registered: list[Form] = []


def all_forms() -> tuple[Form, ...]:
    """Return every form of every table, those of ``register`` last."""
    return (*FORMS, *_registered)


def table_codes() -> tuple[str, ...]:
    """Return the codes in the fixed order, each once."""
    return tuple(dict.fromkeys(form.code for form in all_forms()))


def list_forms(code: str) -> tuple[Form, ...]:
    """Return the forms of ``code``, oldest first; empty for an unknown code."""
    return tuple(form for form in all_forms() if form.code == code)


def get_form(code: str, edition: str | None = None) -> Form:
    """Return one form (None = the newest standard one); NotFound when there is none."""
    forms = [f for f in list_forms(code) if edition == f.edition or (not edition and f.is_standard)]
    if not forms:
        raise NotFound(f"Không có biểu “{code}” mẫu “{edition or 'mới nhất'}”.")
    return forms[-1]


def forms_for(on: date) -> tuple[Form, ...]:
    """Return the standard form of each table in force on ``on`` (a period's last day), in order."""
    return tuple(form for form in all_forms() if form.is_standard and form.is_in_force(on))


@contextmanager
def register(form: Form) -> Iterator[Form]:
    """Make one more form known while the block runs (tests; a trial of a new circular)."""
    _registered.append(form)
    try:
        yield form
    finally:
        _registered.remove(form)
