from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from cchc_public.checks.rules import Severity
from cchc_public.demo import CLERK, demo_narrative, demo_sheets, load_demo
from cchc_public.errors import PublicationBlocked
from cchc_public.releases.reading import list_releases, newest_release
from cchc_public.store.base import Base
from cchc_public.tables.registry import get_form
from cchc_public.tables.sheet import solve


@pytest.fixture
def session(tmp_path) -> Iterator[Session]:
    engine = create_engine(f"sqlite:///{tmp_path / 'demo.sqlite'}")
    Base.metadata.create_all(engine)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


def test_the_demo_is_published_with_a_reason_for_every_warning(session):
    load_demo(session)
    session.commit()
    release = newest_release(session)
    assert release is not None
    assert (release.slug, release.number) == ("2023-6-thang", 1)
    warnings = [f for f in release.findings if f.severity is Severity.WARNING]
    assert len(warnings) == 14
    assert all(finding.reason for finding in warnings)
    assert not [f for f in release.findings if f.severity is Severity.ERROR]
    assert not any("Hãy " in f.message for f in release.findings)


def test_every_printed_figure_comes_back_out_of_the_release(session):
    load_demo(session)
    session.commit()
    release = newest_release(session)
    for code, sheet in demo_sheets().items():
        expected = solve(get_form(code, sheet.edition), sheet)
        published = release.table(code)
        assert published.evaluated.rows == expected.rows
        assert published.evaluated.total == expected.total
        assert (published.data_from, published.data_to) == (sheet.data_from, sheet.data_to)
    written = {section.title: section for section in release.narrative if section.text}
    assert set(written) == {section.title for section in demo_narrative()}


def test_loading_twice_changes_nothing(session):
    assert load_demo(session) is not None
    session.commit()
    assert load_demo(session) is None
    assert len(list_releases(session, "2023-6-thang")) == 1


def test_one_person_alone_cannot_load_it(session):
    with pytest.raises(PublicationBlocked):
        load_demo(session, publisher=CLERK)
