"""The audit page: every deed leaves a line, the lines can be narrowed, taken along and examined."""

import csv
import io
import re

import pytest
from sqlalchemy import select, text

from cchc_public.store import AuditEntry
from tests.integration.reports import CLERK, SLUG, open_filled

PAGE = "/quan-tri/nhat-ky"
TITLE = "<b>6 tháng đầu năm 2023, Hồ sơ theo lĩnh vực</b>"
WRITTEN = re.compile(r'(?:record|note|_note|note_deed)\([^()]*?"([a-z-]+[.-][a-z-]+)"')
sqlite = pytest.mark.databases("sqlite")


def actions(session):
    session.expire_all()
    return [line.action for line in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


@pytest.fixture
def filled(session):
    open_filled(session)
    session.commit()


@pytest.mark.everywhere
def test_it_names_who_what_and_when_and_narrows(filled, admin, prefix):
    page = admin.get(prefix + PAGE).text
    assert "sửa biểu" in page
    assert TITLE in page
    narrowed = admin.get(f"{prefix}{PAGE}?viec=ho-so&loai=so-lieu").text
    assert TITLE in narrowed
    assert "Số hóa hồ sơ và kết quả</b>" not in narrowed
    assert "Không có việc nào khớp" in admin.get(f"{prefix}{PAGE}?ai=Ai+đó").text
    assert "Không có việc nào khớp" in admin.get(f"{prefix}{PAGE}?den=01/01/2001").text


@pytest.mark.parametrize("odd", ["?tu=x&den=99/99/9999", "?trang=99999", "?loai=x&kiem=2"])
@sqlite
def test_odd_addresses_narrow_nothing(filled, admin, prefix, odd):
    assert TITLE in admin.get(prefix + PAGE + odd).text


@sqlite
def test_only_an_administrator_reads_it(filled, clerk, publisher, prefix):
    for client in (clerk, publisher):
        assert client.get(prefix + PAGE).status_code == 403
        assert client.get(f"{prefix}{PAGE}.csv").status_code == 403


@pytest.mark.everywhere
def test_the_csv_opens_in_vietnamese_excel_and_is_a_deed(filled, admin, prefix, session):
    answer = admin.get(f"{prefix}{PAGE}.csv?loai=so-lieu")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0][:3] == ["Lúc", "Ai", "Việc"]
    assert any(row[4] == f"{SLUG}/ho-so" and row[1] == CLERK.name for row in rows)
    assert not any(cell.startswith("=") for row in rows for cell in row)
    assert actions(session)[-1] == "export.audit"


@pytest.mark.everywhere
@sqlite
def test_a_trail_that_somebody_changed_is_told(filled, admin, prefix, session):
    assert "nguyên vẹn" in admin.get(f"{prefix}{PAGE}?kiem=1").text
    session.execute(text("DROP TRIGGER cchc_audit_entry_no_update"))
    session.execute(text("UPDATE cchc_audit_entry SET actor_name = 'Kẻ khác' WHERE id = 2"))
    session.commit()
    assert "đã bị sửa" in admin.get(f"{prefix}{PAGE}?kiem=1").text
