"""Reads the tables and words of the real report from its files, as staff would enter them."""

from __future__ import annotations

import csv
from dataclasses import replace
from importlib.resources import files

from cchc_public.files.opening import open_document
from cchc_public.reading.building import Context
from cchc_public.reading.sources import read_source, sheet_of
from cchc_public.tables.registry import get_form
from cchc_public.tables.rows import task_key
from cchc_public.tables.sheet import Sheet

FOLDER = "kim-thach-2023-h1"
# table, edition (None: the newest), file
FILES: tuple[tuple[str, str | None, str], ...] = (
    ("ho-so", None, "dossiers.csv"),
    ("so-hoa", None, "digitization.csv"),
    ("hai-long", None, "satisfaction.csv"),
    ("dich-vu-cong", "2022-tro-ve-truoc", "online_services.csv"),
    ("van-ban", None, "documents.csv"),
    ("so-luong-thu-tuc", None, "procedure_counts.csv"),
    ("nhiem-vu", None, "tasks.csv"),
    ("chi-tieu", None, "indicators.csv"),
)
WORDS = "narrative.txt"  # "# II.1" begins a part of the outline
TARGETS = "task_targets.csv"  # printed inside the wording of tasks


def read_sheets() -> dict[str, Sheet]:
    """Return every table by its code, without data windows; ValueError for a file gone wrong."""
    sheets = {code: _read(code, edition, name) for code, edition, name in FILES}
    sheets["nhiem-vu"] = _with_targets(sheets["nhiem-vu"])
    return sheets


def _read(code: str, edition: str | None, name: str) -> Sheet:
    document = open_document(_bytes(name), name)
    reading = read_source(document, get_form(code, edition), Context())
    if reading.questions or reading.problems:
        raise ValueError(f"{name}: {[*reading.problems, *reading.questions]}")
    return sheet_of(reading)


def read_words() -> dict[str, str]:
    """Return the report's words by the key of their part: told anew, with figures by name."""
    parts = _bytes(WORDS).decode().split("# ")[1:]
    return {key: text.strip() for key, _, text in (part.partition("\n") for part in parts)}


def _with_targets(tasks: Sheet) -> Sheet:
    records = csv.DictReader(_bytes(TARGETS).decode().splitlines())
    targets = {task_key(r["muc"], r["tt"]): r["chi_tieu_phai_dat"] for r in records}
    rows = (
        replace(row, cells={**row.cells, "target": targets[row.key]}) if row.key in targets else row
        for row in tasks.rows
    )
    return replace(tasks, rows=tuple(rows))


def _bytes(name: str) -> bytes:
    return (files("cchc_public.demo") / FOLDER / name).read_bytes()
