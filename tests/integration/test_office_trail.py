"""The audit page: every deed leaves a line, the lines can be narrowed, taken along and examined."""

import csv
import io
import re

import pytest
from sqlalchemy import select, text

from cchc_public.demo.procedures import load_demo_procedures
from cchc_public.office.frame.words import DEEDS
from cchc_public.paths import PACKAGE
from cchc_public.store import AuditEntry
from tests.hosts import STAFF
from tests.integration.reports import CLERK, SLUG, open_filled

PAGE = "/quan-tri/nhat-ky"
WRITTEN = re.compile(r'(?:record|note|_note|note_deed)\([^()]*?"([a-z-]+[.-][a-z-]+)"')
sqlite = pytest.mark.databases("sqlite")


def actions(session):
    session.expire_all()
    return [line.action for line in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@pytest.fixture
def filled(session):
    open_filled(session)
    session.commit()


def test_it_names_who_what_and_when_and_narrows(filled, admin, prefix):
    page = admin.get(prefix + PAGE).text
    assert "sửa biểu" in page
    assert f"<b>{SLUG}/ho-so</b>" in page
    narrowed = admin.get(f"{prefix}{PAGE}?viec=ho-so&loai=so-lieu").text
    assert f"<b>{SLUG}/ho-so</b>" in narrowed
    assert f"<b>{SLUG}/so-hoa</b>" not in narrowed
    assert "Không có việc nào khớp" in admin.get(f"{prefix}{PAGE}?ai=Ai+đó").text
    assert "Không có việc nào khớp" in admin.get(f"{prefix}{PAGE}?den=01/01/2001").text


@pytest.mark.parametrize("odd", ["?tu=x&den=99/99/9999", "?trang=99999", "?loai=x&kiem=2"])
@sqlite
def test_odd_addresses_narrow_nothing(filled, admin, prefix, odd):
    assert f"{SLUG}/ho-so" in admin.get(prefix + PAGE + odd).text


@sqlite
def test_only_an_administrator_reads_it(filled, clerk, publisher, prefix):
    for client in (clerk, publisher):
        assert client.get(prefix + PAGE).status_code == 403
        assert client.get(f"{prefix}{PAGE}.csv").status_code == 403


def test_the_csv_opens_in_vietnamese_excel_and_is_a_deed(filled, admin, prefix, session):
    answer = admin.get(f"{prefix}{PAGE}.csv?loai=so-lieu")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Lúc", "Ai", "Việc"]
    assert any(row[4] == f"{SLUG}/ho-so" and row[1] == CLERK.name for row in rows)
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert actions(session)[-1] == "export.audit"


@sqlite
def test_a_trail_that_somebody_changed_is_told(filled, admin, prefix, session):
    assert "nguyên vẹn" in admin.get(f"{prefix}{PAGE}?kiem=1").text
    session.execute(text("DROP TRIGGER cchc_audit_entry_no_update"))
    session.execute(text("UPDATE cchc_audit_entry SET actor_name = 'Kẻ khác' WHERE id = 2"))
    session.commit()
    assert "đã bị sửa" in admin.get(f"{prefix}{PAGE}?kiem=1").text


@sqlite
@pytest.mark.hosts("standalone")
def test_deeds_with_procedures_leave_a_line_each(app, clerk, session):
    load_demo_procedures(session, CLERK)
    session.commit()
    assert actions(session).count("procedure.import") == 2  # the list, then its details
    page = "/quan-tri/thu-tuc"
    assert clerk.get(f"{page}/xuat.csv").status_code == 200
    assert actions(session)[-1] == "export.procedures", actions(session)


@sqlite
@pytest.mark.hosts("standalone")
def test_deeds_of_the_command_line_leave_a_line(app, session, tmp_path):
    runner = app.test_cli_runner()
    runner.invoke(args=["cchc", "backup", str(tmp_path / "copy.sqlite")])
    runner.invoke(args=["cchc", "user", "disable", STAFF["clerk"][0]])
    runner.invoke(args=["cchc", "user", "disable", STAFF["clerk"][0], "--undo"])
    runner.invoke(args=["cchc", "user", "password", STAFF["clerk"][0]])
    runner.invoke(args=["cchc", "db", "downgrade", "0007", "--yes"])
    runner.invoke(args=["cchc", "db", "upgrade"])
    done = actions(session)
    for deed in (
        "database.backup",
        "account.lock",
        "account.unlock",
        "account.password",
        "database.downgrade",
        "database.upgrade",
    ):
        assert done.count(deed) == 1, deed


def test_every_deed_that_the_code_writes_has_its_words():
    written = set()
    for path in PACKAGE.rglob("*.py"):
        source = path.read_text("utf-8")
        if "web.journal import note" in source and "store.audit" not in source:
            continue  # its notes go to the running log, not to the trail
        written |= set(WRITTEN.findall(source))
    written -= {"audit.anchor"}
    assert len(written) > 20
    assert written <= set(DEEDS), written - set(DEEDS)
