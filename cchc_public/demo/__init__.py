"""The demo: the 2023 report of Kim Thạch commune, 277 procedures, the desk, reception days.

Tables and words are read from the report's files, as staff would enter them.
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from importlib.resources import files
from typing import Any

from sqlalchemy import exists, select

from cchc_public.checks.rules import Finding
from cchc_public.desk import Desk, find_rule, save_desk, save_holiday, save_rule
from cchc_public.errors import RecordRefused
from cchc_public.files.opening import open_document
from cchc_public.procedures.importing import import_files
from cchc_public.reading.questions import Context
from cchc_public.reading.sources import read_source
from cchc_public.releases.prose import Section, arrange
from cchc_public.releases.published import DEMO_PUBLISHER, Authority
from cchc_public.reports.drafting import (
    ReportHead,
    create_report,
    find_report,
    save_report_head,
    save_sheet,
    sheet_version,
)
from cchc_public.reports.publishing import approve, hand_in, publish_approved
from cchc_public.reports.review import find_findings, give_reason, place_of
from cchc_public.store import OneStopDesk, Procedure, Release
from cchc_public.store.base import Actor, AnySession
from cchc_public.store.remembered import load_only
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import Sheet
from cchc_public.vietnamese.dates import PeriodKind, ReportingPeriod


def _bytes(name: str) -> bytes:
    return files(__package__).joinpath(name).read_bytes()


def _read_csv(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(_bytes(name).decode("utf-8-sig"))))


COMMUNE = tomllib.loads(_bytes("commune.toml").decode())
PERIOD = ReportingPeriod(PeriodKind.FIRST_HALF, 2023)
DATA_FROM, DATA_TO = date(2022, 12, 15), date(2023, 6, 12)
DUE_ON = date(2023, 9, 20)  # shortly after the nine-month cut-off of 14/9; long past by now

AUTHORITY_NAME = "Ủy ban nhân dân xã Kim Thạch"
PARENT_AUTHORITY_NAME = "Ủy ban nhân dân huyện Vĩnh Linh"
PLACE = "Kim Thạch"

FOLDER = "kim-thach-2023-h1"

# why each warning stands, in the words a clerk could have written: rule, table, row, column
REASONS = {
    (line["rule"], line["table"], line["row"], line["column"]): line["reason"]
    for line in _read_csv(f"{FOLDER}/reasons.csv")
}


def demo_sheets() -> dict[str, Sheet]:
    """Return all sheets as printed, the data window mended; ValueError for a file gone wrong."""
    sheets = {}
    for code, edition, name in COMMUNE["sheets"]:
        document = open_document(_bytes(f"{FOLDER}/{name}"), name)
        reading = read_source(document, get_form(code, edition), Context())
        if reading.questions or reading.problems or not reading.sheet:
            raise ValueError(f"{name}: {[*reading.problems, *reading.questions]}")
        sheets[code] = reading.sheet.with_window(DATA_FROM, DATA_TO)
    tasks, targets = sheets["nhiem-vu"], COMMUNE["targets"]
    rows = (
        replace(row, cells={**row.cells, "target": targets[row.key]}) if row.key in targets else row
        for row in tasks.rows
    )
    sheets["nhiem-vu"] = replace(tasks, rows=tuple(rows))
    return sheets


def reason_for(finding: Finding) -> str:
    """Return the reason for one warning, '' when the demo has none."""
    return REASONS.get((finding.rule, finding.table, finding.row, finding.column), "")


def demo_narrative() -> tuple[Section, ...]:
    """Return the report's words in the outline: told anew, with figures by name."""
    parts = _bytes(f"{FOLDER}/narrative.txt").decode().split("# ")[1:]  # "# II.1" begins a part
    named = (part.partition("\n") for part in parts)
    return arrange([{"key": key, "text": text.strip()} for key, _, text in named])


CLERK = Actor("demo-clerk", "Công chức nhập liệu (trình diễn)")
PUBLISHER = Actor("demo-publisher", DEMO_PUBLISHER)


def demo_authority(*, is_sample: bool = False) -> Authority:
    """Return the commune of the demo; ``is_sample``: with words that every face then carries."""
    name = f"{AUTHORITY_NAME} (số liệu trình diễn)" if is_sample else AUTHORITY_NAME
    return Authority(name=name, parent=PARENT_AUTHORITY_NAME)


def load_demo(
    session: AnySession,
    authority: Authority | None = None,
    *,
    clerk: Actor = CLERK,
    publisher: Actor = PUBLISHER,
) -> Release | None:
    """Enter and publish the demo period; None, and nothing changed, when the period is there.

    The caller commits. ``publisher`` must not be ``clerk``: the two-person rule holds here too.
    """
    if find_report(session, PERIOD.slug):
        return None
    report = create_report(session, PERIOD, clerk, window=(DATA_FROM, DATA_TO))
    head = ReportHead(
        data_from=DATA_FROM,
        data_to=DATA_TO,
        due_on=DUE_ON,
        head=COMMUNE["head"],
        narrative=demo_narrative(),
    )
    save_report_head(session, report, head, version=report.version, actor=clerk)
    for code, sheet in demo_sheets().items():
        version = sheet_version(report, code)
        save_sheet(session, report, sheet, version=version, actor=clerk)
    for finding in find_findings(session, report):
        if finding.takes_reason:
            words, place = reason_for(finding), place_of(finding)
            give_reason(session, report, finding.key, words, clerk, place=place)
    authority = authority or demo_authority()
    hand_in(session, report, clerk, authority=authority)
    approved = approve(session, report, publisher, authority=authority)
    return publish_approved(session, approved)


LISTS = ("procedures.csv", "procedure_facts.csv")


def load_demo_procedures(session: AnySession, actor: Actor = CLERK) -> dict[str, Any] | None:
    """Import the list, then the facts; None, and nothing changed, when there is a list.

    Returns what the list brought; the caller commits.
    """
    if session.scalar(select(exists().where(Procedure.id.is_not(None)))):
        return None
    (first, _), (facts, words) = (
        import_files(session, [(name, _bytes(name))], actor) for name in LISTS
    )
    if facts["new"] or facts["refused"]:
        raise ValueError(f"{LISTS[1]}: {words}")
    return first


def list_shipped_fields() -> dict[str, int]:
    """Return the fields of the shipped list with how many procedures each has."""
    counted = Counter(row["field"] for row in _read_csv(LISTS[0]))
    return dict(sorted(counted.items()))


def load_chosen_procedures(session: AnySession, fields: Sequence[str], actor: Actor) -> int:
    """Import the procedures of the chosen fields with what is known of them; return how many.

    Procedures that are there already are left as they are by the import's own comparison.
    """
    chosen = [row for row in _read_csv(LISTS[0]) if row["field"] in fields]
    if not chosen:
        raise RecordRefused("Chưa chọn lĩnh vực nào.")
    codes = {row["code"] for row in chosen}
    facts = [row for row in _read_csv(LISTS[1]) if row["Mã thủ tục"] in codes]
    for name, rows in zip(LISTS, (chosen, facts), strict=True):
        if rows:
            target = io.StringIO()
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            import_files(session, [(name, target.getvalue().encode())], actor)
    return len(chosen)


_DAY = "7 giờ 30 – 11 giờ 30 và 13 giờ 30 – 17 giờ"
DEMO_DESK = Desk(
    name="Bộ phận một cửa, UBND xã Kim Thạch",
    place="Thôn Mẫu, xã Kim Thạch",
    telephones=("0233 000 000",),
    hours=(*(_DAY,) * 5, "", ""),
    is_sample=True,
)


def load_demo_reception(session: AnySession, today: date, actor: Actor) -> None:
    """Store the demo rule and the fixed holidays of this year and the next; once only."""
    if find_rule(session, today):
        return
    save_rule(session, COMMUNE["reception"], 0, actor)
    for year in (today.year, today.year + 1):
        for month, day, name in COMMUNE["holidays"]:
            save_holiday(session, date(year, month, day), name, actor)


def load_demo_desk(session: AnySession, actor: Actor) -> None:
    """Store the sample desk when there is none; the caller commits."""
    if load_only(session, OneStopDesk).version == 0:
        save_desk(session, DEMO_DESK, 0, actor, {})
