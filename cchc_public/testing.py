"""Helpers for the tests of a host: tables, figures to look at, somebody signed in.

from cchc_public import testing

testing.create_tables(app)
testing.load_demo(app)
client = testing.sign_in(app.test_client(), user)
"""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from cchc_public.state import get_state


def create_tables(app: Flask) -> None:
    """Bring our tables into the app's database, by the migrations that a real site runs."""
    from cchc_public.migrations import runner

    with app.app_context():
        runner.upgrade(get_state().engine)


def load_demo(app: Flask) -> None:
    """Enter and publish the real half-year report of one commune, with its procedure list."""
    from cchc_public.demo import load_demo as load_report
    from cchc_public.demo import load_demo_procedures

    with app.app_context():
        session = get_state().session
        load_report(session)
        load_demo_procedures(session)
        session.commit()


def sign_in(client: FlaskClient, user: Any) -> FlaskClient:
    """Let ``client`` be ``user``, as Flask-Login's ``login_user`` would."""
    with client.session_transaction() as session:
        session.update(_user_id=str(user.get_id()), _fresh=True)
    return client
