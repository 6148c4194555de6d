"""``/healthz``: is the process alive, does the database answer, is it migrated."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from cchc_public.migrations import runner
from cchc_public.state import get_state


def add_health_check(blueprint: Blueprint) -> None:
    """Add ``/healthz`` to the public blueprint."""
    blueprint.add_url_rule("/healthz", "healthz", show_health)


def show_health() -> tuple[Response, int]:
    """Answer 200 when requests can be served, 503 with the reason otherwise; alive either way."""
    problem = find_problem()
    answer = jsonify(alive=True, ready=not problem, problem=problem or None)
    answer.headers["Cache-Control"] = "no-store"
    return answer, 503 if problem else 200


def find_problem() -> str:
    """Return why the database cannot serve, or an empty string."""
    try:
        with get_state().engine.connect() as connection:
            if not runner.is_current(connection):
                return "database-not-migrated"
    except (SQLAlchemyError, OSError):
        return "database-unreachable"
    return ""
