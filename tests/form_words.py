"""Gives pybabel the words of forms, rules and fields, which are data and cannot mark themselves."""

from collections.abc import Iterator
from typing import Any

from cchc_public.checks.rules import RULES
from cchc_public.demo import list_shipped_fields
from cchc_public.tables.registry import FORMS, SINGLE_LABEL
from cchc_public.tables.sheet import TOTAL_LABEL


def form_words() -> Iterator[str]:
    """Yield every word that a statutory form prints, and the names of fields of procedures."""
    yield from (TOTAL_LABEL, SINGLE_LABEL, *list_shipped_fields())
    for form in FORMS:
        yield from (form.row_header, *(label for _key, label in form.groups))
        yield from (row.label for row in form.table.known_rows)
        for column in form.columns:
            yield from (*column.header, column.note)


def extract(_source: Any, _keywords: Any, _tags: Any, options: Any) -> Iterator[Any]:
    """Yield them as pybabel wants them; a rule goes by its code."""
    words = {("form", word) for word in form_words() if any(map(str.isalpha, word))}
    words |= {("rule", code) for code in RULES}
    yield from ((1, "pgettext", word, []) for word in sorted(words))
