"""All forms of all tables in their fixed order, and the rows a new sheet of each starts with."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from importlib import resources

from cchc_public.errors import NotFound
from cchc_public.tables.language import Form, Quantity
from cchc_public.tables.notation import read_forms
from cchc_public.tables.sheet import Row, Sheet, SolvedTable, Value, solve
from cchc_public.vietnamese.text import free_key, slugify

# One file each beside this module; forms of one table stand together, oldest first.
_FILES = (
    "dossiers digitization satisfaction online_services_by_level online_services documents "
    "procedure_counts tasks indicators feedback payments reception score"
)
FORMS = [
    form
    for name in _FILES.split()
    for form in read_forms(resources.files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))
]


def table_codes() -> tuple[str, ...]:
    """Return the codes in the fixed order, each once."""
    return tuple(dict.fromkeys(form.code for form in FORMS))


def list_forms(code: str) -> tuple[Form, ...]:
    """Return the forms of ``code``, oldest first; empty for an unknown code."""
    return tuple(form for form in FORMS if form.code == code)


def get_form(code: str, edition: str | None = None) -> Form:
    """Return one form (None = the newest standard one); NotFound when there is none."""
    forms = [f for f in list_forms(code) if edition == f.edition or (not edition and f.is_standard)]
    if not forms:
        raise NotFound(f"Không có biểu “{code}” mẫu “{edition or 'mới nhất'}”.")
    return forms[-1]


def forms_for(on: date) -> tuple[Form, ...]:
    """Return the standard form of each table in force on ``on`` (a period's last day), in order."""
    standard = (form for form in FORMS if form.is_standard)
    return tuple(
        f for f in standard if (f.valid_from or date.min) <= on <= (f.valid_to or date.max)
    )


SINGLE_KEY = "so-lieu"
SINGLE_LABEL = "Toàn đơn vị"
# Reports often close a few days before or after the statutory day; the next one still follows on.
LOOSE_DAYS = 7


def blank_rows(form: Form) -> tuple[Row, ...]:
    """Return the rows a sheet starts with: the fixed ones, and indicators that checks read."""
    if not form.shape.has_labels:
        return (Row(SINGLE_KEY, SINGLE_LABEL),)
    return tuple(
        Row(known.key, known.label, cells={"section_code": known.section} if known.section else {})
        for known in form.known_rows
    )


CARRIED = "kỳ trước"  # the source of a cell copied when the period was opened


def blank_sheet(form: Form, data_from: date | None = None, data_to: date | None = None) -> Sheet:
    """Return an empty sheet of ``form`` with its starting rows and groups."""
    groups = tuple(Row(key, label) for key, label in form.groups)
    return Sheet(form.code, form.edition, data_from, data_to, blank_rows(form), groups=groups)


def carry_sheet(
    form: Form, previous: Sheet, data_from: date | None = None, data_to: date | None = None
) -> Sheet:
    """Return the sheet of the next period: labels kept, figures emptied.

    ``previous`` may be of another form or table of the same code; only quantities ``form``'s table
    has too are carried. ``data_from`` decides what "từ kỳ trước" opens with.
    """
    blank = blank_sheet(form, data_from, data_to)
    if not previous.rows:
        return blank
    last = solve(get_form(previous.table_code, previous.edition), previous)
    rows = []
    for row in previous.rows:
        cells: dict[str, Value] = {}
        is_done = _is_finished(form, row)
        for quantity in form.table.quantities:
            if quantity.is_carried or is_done:
                cells[quantity.key] = row.cells.get(quantity.key)
            elif quantity.carried_from:
                cells[quantity.key] = opening_figure(quantity, row.key, last, data_from)
        known = {key: value for key, value in cells.items() if value is not None}
        marks = dict.fromkeys(known, CARRIED)
        rows.append(Row(row.key, row.label, row.section, row.section_label, known, marks))
    groups = tuple(Row(group.key, group.label) for group in previous.groups)
    return replace(blank, rows=tuple(rows), groups=groups or blank.groups)


def opening_figure(
    quantity: Quantity, row_key: str, last: SolvedTable, data_from: date | None
) -> Value:
    """Return what ``quantity`` (carried_from …) must open with, None when the last cannot say.

    A period that follows on opens with the last pending figure. A longer period that began on the
    same day (9 tháng after 6 tháng) opens with the same figure as the shorter one did.
    """
    source, before = quantity.carried_from, last.sheet
    if data_from is not None and before.data_to is not None:
        gap = data_from - before.data_to
        follows = timedelta(days=-LOOSE_DAYS) <= gap <= timedelta(days=LOOSE_DAYS + 1)
        if before.data_from == data_from:
            source = quantity.key
        elif not follows:
            source = ""
    return last.figure(source, row_key) if source and last.row(row_key) else None


def is_filled(form: Form, sheet: Sheet) -> bool:
    """Tell whether a sheet says anything of its own period.

    Cells copied from the period before (units, deadlines, từ kỳ trước, what a finished task says)
    are no statement, but where all rows are finished nothing is left to say.
    """
    copied = {q.key for q in form.table.quantities if q.is_carried or q.carried_from}
    if sheet.total.given or any(row.unread for row in sheet.all_rows):
        return True
    stated = {k for row in sheet.all_rows for k in row.given if row.sources.get(k) != CARRIED}
    return not stated <= copied or (
        bool(sheet.rows) and all(_is_finished(form, row) for row in sheet.rows)
    )


def row_key(form: Form, label: str, taken: Container[str] = ()) -> str:
    """Return the key for a row with this label: that of a known row, else a slug not yet taken."""
    if not form.shape.has_labels:
        return SINGLE_KEY
    known = next((k.key for k in form.known_rows if k.key == slugify(label)), None)
    meant = next((k.key for k in form.known_rows if k.is_meant_by(label)), None)
    return free_key(known or meant or slugify(label) or "dong", taken)


def task_key(section: str, ordinal: str | int) -> str:
    """Return the key of a task: its section and number, ``III.6``."""
    return f"{section.strip()}.{str(ordinal).strip()}"


def _is_finished(form: Form, row: Row) -> bool:
    share = row.cells.get(form.table.done_by)
    words = [text.casefold() for text in row.cells.values() if isinstance(text, str)]
    is_under_way = any(text.startswith("đang ") for text in words)  # 100 % of what never ends
    return isinstance(share, int | Decimal) and share >= 100 and not is_under_way
