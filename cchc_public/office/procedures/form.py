"""What stands in the form of one procedure: texts in, cells out, nothing lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cchc_public.i18n import _
from cchc_public.office.reports.sheet_form import read_version
from cchc_public.procedures.cells import Cells, UnreadableCell, clean_part, from_cells, to_cells
from cchc_public.procedures.columns import get_header
from cchc_public.procedures.record import (
    CHANNEL_LABELS,
    ONLINE_LABELS,
    STATUS_LABELS,
    ChannelKind,
    ProcedureRecord,
    find_faults,
)
from cchc_public.procedures.wording import join_channels
from cchc_public.vietnamese.cleaning import clean_text

# lists inside a cell -> the parts of one row, in the order in which the cell writes them
ROW_PARTS: dict[str, tuple[str, ...]] = {
    "components": ("name", "form", "originals", "copies", "case", "bring", "note"),
    "legal_bases": ("number", "title", "issued_on", "issued_by"),
    "exemptions": ("beneficiary", "amount", "document_number", "valid_from", "valid_to"),
}
_CHANNEL_CELLS = ("channels", "time_limit", "fee", "channel_notes")
_BLANK_ROWS = 2
_MAX_ROWS = 200
STATUS_CHOICES = tuple(STATUS_LABELS.values())
ONLINE_CHOICES = tuple(ONLINE_LABELS.values())


@dataclass(frozen=True)
class ChannelInput:
    """One way to submit as typed."""

    kind: ChannelKind
    is_used: bool = False
    time_limit: str = ""
    fee: str = ""
    note: str = ""

    @property
    def label(self) -> str:
        """The way's name."""
        return _(CHANNEL_LABELS[self.kind])

    @property
    def is_filled(self) -> bool:
        """True when the way was ticked or anything was typed."""
        return self.is_used or bool(self.time_limit or self.fee or self.note)


@dataclass(frozen=True)
class ProcedureInput:
    """The whole form: plain cells, channels, rows of lists, the version it was opened at."""

    cells: Cells
    channels: tuple[ChannelInput, ...]
    rows: Mapping[str, tuple[tuple[str, ...], ...]]
    version: int = 0

    def with_blank_rows(self, count: int = _BLANK_ROWS) -> ProcedureInput:
        """Return the input with empty rows to type into at the end of each list."""
        rows = {key: (*found, *_blank(key, count)) for key, found in self.rows.items()}
        return replace(self, rows=rows)

    def to_cells(self) -> Cells:
        """Return what was typed as the cells of a record."""
        cells = dict(self.cells)
        used = [channel for channel in self.channels if channel.is_filled]
        named = [c for c in used if c.kind is not ChannelKind.ANY]
        chosen = named or used
        cells["channels"] = "; ".join(CHANNEL_LABELS[c.kind] for c in named)
        if chosen:
            cells["time_limit"] = join_channels(tuple((c.kind, c.time_limit) for c in chosen))
            cells["fee"] = join_channels(tuple((c.kind, c.fee) for c in chosen))
            cells["channel_notes"] = join_channels(tuple((c.kind, c.note) for c in chosen))
        for key, found in self.rows.items():
            lines = [" | ".join(map(clean_part, row)) for row in found if any(row)]
            cells[key] = "\n".join(lines)
        return cells


@dataclass(frozen=True)
class FormProblem:
    """One thing to mend: the field's id in the form and the sentence."""

    key: str
    message: str


def input_of(record: ProcedureRecord | None, version: int = 0) -> ProcedureInput:
    """Return the form of a stored record, or an empty one."""
    blank = ProcedureRecord(code="", name="", field="")
    known = record or blank
    cells = to_cells(known)
    stored = {channel.kind: channel for channel in known.channels}
    channels = tuple(
        ChannelInput(kind, True, stored[kind].time_limit, stored[kind].fee, stored[kind].note)
        if kind in stored
        else ChannelInput(kind)
        for kind in ChannelKind
    )
    rows = {
        key: tuple(_read_row(key, line) for line in cells[key].splitlines()) for key in ROW_PARTS
    }
    plain = {k: v for k, v in cells.items() if k not in (*_CHANNEL_CELLS, *ROW_PARTS)}
    return ProcedureInput(plain, channels, rows, version)


def read_form(form: Mapping[str, str]) -> ProcedureInput:
    """Return what was posted; unknown names are ignored."""
    plain = input_of(None).cells
    cells = {key: clean_text(form.get(key, "")) for key in plain}
    channels = tuple(_read_channel(kind, form) for kind in ChannelKind)
    rows = {key: _read_rows(key, form) for key in ROW_PARTS}
    return ProcedureInput(cells, channels, rows, read_version(form.get("version", "")))


def read_record(given: ProcedureInput) -> tuple[ProcedureRecord | None, tuple[FormProblem, ...]]:
    """Return the record, or None with every problem, each bound to its field."""
    cells = given.to_cells()
    problems = [problem for key in cells if (problem := _find_problem(key, cells))]
    if _mixes_channels(given):
        message = _("Đã ghi riêng từng cách nộp thì bỏ trống phần «Mọi cách nộp», hoặc ngược lại.")
        problems.append(FormProblem("channels", message))
    if problems:
        return None, tuple(problems)
    record = from_cells(cells)
    faults = tuple(FormProblem("", fault) for fault in find_faults(record))
    return (None, faults) if faults else (record, ())


def _find_problem(key: str, cells: Cells) -> FormProblem | None:
    """Read one cell alone, so that every unreadable one is told at once."""
    try:
        from_cells({key: cells[key]})
    except UnreadableCell as error:
        return FormProblem(key, f"{get_header(key)}: {error}")
    return None


def _mixes_channels(given: ProcedureInput) -> bool:
    filled = {channel.kind for channel in given.channels if channel.is_filled}
    return ChannelKind.ANY in filled and len(filled) > 1


def _read_channel(kind: ChannelKind, form: Mapping[str, str]) -> ChannelInput:
    texts = (clean_text(form.get(f"{kind.value}.{part}", "")) for part in ("time", "fee", "note"))
    return ChannelInput(kind, form.get(f"{kind.value}.used") == "1", *texts)


def _read_rows(key: str, form: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    found = []
    for number in range(_MAX_ROWS):
        names = [f"{key}.{number}.{part}" for part in ROW_PARTS[key]]
        if not any(name in form for name in names):
            break
        row = tuple(clean_part(clean_text(form.get(name, ""))) for name in names)
        if any(row):
            found.append(row)
    return tuple(found)


def _read_row(key: str, line: str) -> tuple[str, ...]:
    parts = [part.strip() for part in line.split("|")]
    return tuple(parts + [""] * len(ROW_PARTS[key]))[: len(ROW_PARTS[key])]


def _blank(key: str, count: int) -> tuple[tuple[str, ...], ...]:
    return (("",) * len(ROW_PARTS[key]),) * count
