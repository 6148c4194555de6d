"""What the author of a host builds on: signals, test helpers, a light start."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import IntegrityError

from cchc_public import CchcPublic, signals, testing
from cchc_public.errors import StaleRevision
from cchc_public.releases.reading import list_periods
from cchc_public.state import get_state
from cchc_public.store.base import Actor
from cchc_public.store.writing import record, write_once

ROOT = Path(__file__).resolve().parents[2]


class User(UserMixin):
    id, name = 3, "Bà Lan"


@pytest.fixture
def app(tmp_path):
    app = Flask("host", instance_path=str(tmp_path))
    app.config.update(
        SECRET_KEY="k" * 40, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'h.sqlite'}"
    )
    SQLAlchemy(app)
    LoginManager(app).user_loader(lambda _identity: User())
    CchcPublic(app)
    testing.create_tables(app)
    yield app
    with app.app_context():
        app.extensions["sqlalchemy"].engine.dispose()


def test_a_host_hears_of_deeds_once_they_are_committed(app, caplog):
    heard = []

    def hear(name):
        def receiver(sender, slug, actor, **more):
            # the database can be asked: everything is written
            heard.append(
                (name, sender.name, slug, sorted(more), len(list_periods(get_state().session)))
            )

        return receiver

    receivers = {name: hear(name) for name in ("sheet_saved", "published", "corrected")}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver, sender=app)

    @signals.published.connect_via(app)
    def fail(_sender, **_told):
        raise ValueError("mail server")

    testing.load_demo(app)
    names = [name for name, *_ in heard]
    assert names.count("published") == 1
    assert names.count("sheet_saved") == 8
    assert ("published", "host", "2023-6-thang", ["number"], 1) in heard
    assert "cchc-published failed" in caplog.text  # and the figures are published all the same
    assert app.test_client().get("/cchc/ky/2023-6-thang").status_code == 200


def test_what_is_taken_back_is_told_to_nobody(app):
    from cchc_public.demo import load_demo

    heard = []
    receiver = lambda _sender, **told: heard.append(told)  # noqa: E731
    signals.published.connect(receiver, sender=app)
    with app.app_context():
        load_demo(get_state().session)
        get_state().session.rollback()
        get_state().session.commit()
    assert heard == []


def test_a_deed_beside_a_savepoint_that_was_taken_back_is_told(app):
    heard = []
    receiver = lambda _sender, **told: heard.append(told["slug"])  # noqa: E731
    signals.withdrawn.connect(receiver, sender=app)

    def withdraw(slug):
        record(get_state().session, Actor("3", "Bà Lan"), "release.withdrawal", slug, number=2)

    def lose_a_race():
        with write_once(get_state().session):
            withdraw("2023-9-thang")
            raise IntegrityError(None, None, Exception("somebody was faster"))

    with app.app_context():
        session = get_state().session
        withdraw("2023-6-thang")
        with pytest.raises(StaleRevision):
            lose_a_race()
        assert heard == []
        session.commit()
    assert heard == ["2023-6-thang"]


def test_the_test_helpers_make_figures_and_sign_people_in(app):
    testing.load_demo(app)
    client = testing.sign_in(app.test_client(), User())
    assert client.get("/cchc/quan-tri/").status_code == 200
    with client:
        client.get("/cchc/quan-tri/")
        assert get_state().actor().name == "Bà Lan"
    assert "6 tháng đầu năm 2023" in app.test_client().get("/cchc/").text


def test_a_host_starts_without_what_only_files_and_commands_need():
    program = (
        "import sys; from flask import Flask; from flask_sqlalchemy import SQLAlchemy\n"
        "from cchc_public import CchcPublic\n"
        "app = Flask('h'); app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\n"
        "SQLAlchemy(app); CchcPublic(app)\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    heavy = {
        "openpyxl",
        "icalendar",
        "docx",
        "alembic",
        "xhtml2pdf",
        "lxml",
        "PIL",
        "xlrd",
        "segno",
    }
    assert not heavy & set(done.stdout.split())


def test_readme_names_only_endpoints_that_exist_and_its_recipes_run(app):
    text = (ROOT / "README.md").read_text("utf-8").split("### Cho người viết trang chủ")[1]
    section = text.split("\n## ")[0]
    named = set(re.findall(r"`(cchc(?:_embed|_staff)?\.[a-z_]+)`", section))
    assert len(named) > 12
    assert named <= set(app.view_functions)
    names = {"app": app, "user": User(), "talisman": lambda **_options: lambda view: view}
    letters = names["letters"] = []
    names["queue_letter"] = letters.append
    for block in re.findall(r"```python\n(.*?)```", section, re.S):
        exec(block, names)  # noqa: S102 - what its reader pastes
    assert letters == ["Người duyệt công bố (trình diễn) đã công bố 2023-6-thang, lần 1"]
