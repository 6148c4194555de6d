"""Loads the 277 real procedures of the demo, and what is known of 132 of them, as imports.

The facts (papers, ways to submit, fees, legal bases, remarks) are short words of our own on what
the national portal's records stated in July 2026; each row says so, and that it must be compared
with the portal before use: times of land procedures differ by way without a reason given there,
and four records are older than the rest.
"""

from __future__ import annotations

from importlib import resources

from sqlalchemy import exists, select

from cchc_public.demo.loading import CLERK
from cchc_public.importers.procedures import ImportSummary, import_file
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
