"""Killed saves, clerks who save at one moment, publishers who publish at one moment."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cchc_public.errors import CchcError
from cchc_public.reports.drafting import get_report, get_sheet, save_sheet, sheet_version
from cchc_public.store import Release
from cchc_public.store.writing import verify_trail
from tests.databases import open_engine
from tests.integration.reports import (
    AUTHORITY,
    CHAIR,
    CLERK,
    SLUG,
    change,
    dossiers,
    open_filled,
    publish,
)


def count_killed_saves(url: str, kills: int = 500) -> str:
    """Kill a process in the middle of saving, again and again; look what it had acknowledged."""
    with Session(open_engine(url)) as session:
        open_filled(session)
        session.commit()
    lost = torn = 0
    figure = 100
    for number in range(kills):
        figure = _save_until_killed(url, figure, saves=1 + number % 7)
        engine = open_engine(url)
        with Session(engine) as session:
            stored = get_sheet(get_report(session, SLUG), "ho-so").rows[0]
            got = _online(stored)
            lost += got < figure
            torn += got > figure + 1  # the save under way may be there, never more
            figure = max(figure, got)
        engine.dispose()
    engine = open_engine(url)
    with Session(engine) as session:
        faults = list(verify_trail(session))
        if engine.dialect.name == "sqlite":
            torn += session.scalar(text("PRAGMA integrity_check")) != "ok"
    engine.dispose()
    return f"{kills} killed saves: lost {lost}, torn {torn}, faults in the trail {len(faults)}"


def _online(row: object) -> int:
    cells = getattr(row, "cells", None) or getattr(row, "given", {})
    return int(cells["received_online"])


def _save_until_killed(url: str, figure: int, saves: int) -> int:
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            engine = open_engine(url)
            while True:
                figure += 1
                with Session(engine) as session:
                    change(session, get_report(session, SLUG), online=figure)
                    session.commit()
                os.write(write, f"{figure}\n".encode())
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as stream:
        acknowledged = [int(stream.readline()) for _ in range(saves)]
        os.kill(child, signal.SIGKILL)
        acknowledged += [int(line) for line in stream if line.endswith("\n")]
    os.waitpid(child, 0)
    return acknowledged[-1]


def count_races(url: str, rounds: int = 200, clerks: int = 8) -> str:
    """Let so many clerks save the same sheet at the same moment: one wins, the others are told."""
    engine = open_engine(url)
    with Session(engine) as session:
        if not _exists(session):
            open_filled(session)
        session.commit()
    seen: Counter[str] = Counter()
    gates = [threading.Barrier(clerks) for _ in range(rounds)]
    for number in range(rounds):
        with Session(engine) as session:
            version = sheet_version(get_report(session, SLUG), "ho-so")

        def save(clerk: int, number: int = number, version: int = version) -> str:
            with Session(engine) as own:
                mine = get_report(own, SLUG)
                sheet = dossiers(mine, online=1000 + number * clerks + clerk)
                gates[number].wait()
                save_sheet(own, mine, sheet, version=version, actor=CLERK)
                own.commit()
            return "won"

        outcomes = _at_once(save, clerks)
        seen.update(outcomes)
        seen["rounds with one winner"] += outcomes["won"] == 1
    engine.dispose()
    return f"{rounds} races of {clerks}: {dict(seen)}"


def count_double_publications(url: str, rounds: int = 50) -> str:
    """Let two publishers press the button at the same moment."""
    engine = open_engine(url)
    seen: Counter[str] = Counter()
    gates = [threading.Barrier(2) for _ in range(rounds)]
    with Session(engine) as session:
        report = get_report(session, SLUG) if _exists(session) else open_filled(session)
        change(session, report, online=10)
        session.commit()
    for number in range(rounds):
        with Session(engine) as session:
            change(
                session,
                get_report(session, SLUG),
                online=2000 + number,
                pending_in_time=1992 + number,
            )
            session.commit()
            before = session.scalar(select(func.count(Release.id)))

        def press(_who: int, number: int = number) -> str:
            with Session(engine) as own:
                mine = get_report(own, SLUG)
                gates[number].wait()
                publish(own, mine, CHAIR, authority=AUTHORITY, reason="Đếm sót")
                own.commit()
            return "published"

        seen.update(_at_once(press, 2))
        with Session(engine) as session:
            made = session.scalar(select(func.count(Release.id))) - before
            seen["rounds with one release"] += made == 1
    engine.dispose()
    return f"{rounds} double publications: {dict(seen)}"


def _exists(session: Session) -> bool:
    try:
        get_report(session, SLUG)
    except CchcError:
        return False
    return True


def _at_once(deed: Callable[[int], str], count: int) -> Counter[str]:
    seen: Counter[str] = Counter()

    def run(number: int) -> None:
        try:
            seen[deed(number)] += 1
        except CchcError:
            seen["told"] += 1
        except Exception as error:  # noqa: BLE001 - whatever it is, it is counted
            seen[f"failed: {type(error).__name__} {str(error)[:80]}"] += 1

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen
