"""Loads the 277 real procedures of the demo, each with its source, through the ordinary import."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import exists, select

from cchc_public.demo.loading import CLERK
from cchc_public.importers.procedures import ImportSummary, import_file
from cchc_public.store import Procedure
from cchc_public.store.actor import Actor, AnySession

FILE_NAME = "procedures.csv"


def load_demo_procedures(session: AnySession, actor: Actor = CLERK) -> ImportSummary | None:
    """Import the demo list; None, and nothing changed, when there is a list. The caller commits."""
    if session.scalar(select(exists().where(Procedure.id.is_not(None)))):
        return None
    data = resources.files(__package__).joinpath(FILE_NAME).read_bytes()
    return import_file(session, data, FILE_NAME, actor)
