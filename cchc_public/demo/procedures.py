"""Loads the 277 real procedures of the demo, and what is known of 132 of them, as imports.

The facts (papers, ways to submit, fees, legal bases, remarks) are short words of our own on what
the national portal's records stated in July 2026; each row says so, and that it must be compared
with the portal before use: times of land procedures differ by way without a reason given there,
and four records are older than the rest.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from importlib import resources

from sqlalchemy import exists, select

from cchc_public.demo.loading import CLERK
from cchc_public.errors import RecordRefused
from cchc_public.procedures.importing import ImportSummary, import_file
from cchc_public.store import Procedure
from cchc_public.store.actor import Actor, AnySession

FILES = ("procedures.csv", "procedure_facts.csv")


def load_demo_procedures(session: AnySession, actor: Actor = CLERK) -> ImportSummary | None:
    """Import the list, then the facts; None, and nothing changed, when there is a list.

    Returns what the list brought; the caller commits.
    """
    if session.scalar(select(exists().where(Procedure.id.is_not(None)))):
        return None
    folder = resources.files(__package__)
    first, facts = (
        import_file(session, folder.joinpath(name).read_bytes(), name, actor) for name in FILES
    )
    if facts.new or facts.refused:
        raise ValueError(f"{FILES[1]}: {facts}")
    return first


def list_shipped_fields() -> dict[str, int]:
    """Return the fields of the shipped list with how many procedures each has."""
    counted = Counter(row["field"] for row in _read_shipped(FILES[0]))
    return dict(sorted(counted.items()))


def load_chosen_procedures(session: AnySession, fields: Sequence[str], actor: Actor) -> int:
    """Import the procedures of the chosen fields with what is known of them; return how many.

    Procedures that are there already are left as they are by the import's own comparison.
    """
    chosen = [row for row in _read_shipped(FILES[0]) if row["field"] in fields]
    if not chosen:
        raise RecordRefused("Chưa chọn lĩnh vực nào.")
    codes = {row["code"] for row in chosen}
    facts = [row for row in _read_shipped(FILES[1]) if row["Mã thủ tục"] in codes]
    for name, rows in zip(FILES, (chosen, facts), strict=True):
        if rows:
            target = io.StringIO()
            writer = csv.DictWriter(target, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
            import_file(session, target.getvalue().encode(), name, actor)
    return len(chosen)


def _read_shipped(name: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(name).read_text("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
