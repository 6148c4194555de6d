import hashlib
import threading
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from cchc_public.migrations import host_filter, runner
from cchc_public.procedures import (
    Basis,
    Channel,
    ChannelKind,
    Component,
    Exemption,
)
from cchc_public.procedures.saving import get_procedure, read_record
from tests.databases import open_engine

RELEASE = {
    "id": 7,
    "report_id": 1,
    "period_slug": "2023-6-thang",
    "number": 1,
    "kind": "first",
    "reason": "",
    "content": "{}",
    "digest": "d" * 64,
    "period_order": "2023-06-14/06",
    "data_from": "2022-12-15",
    "data_to": "2023-06-12",
    "published_by_id": "p",
    "published_by_name": "P",
    "published_at": "2023-06-12 00:00:00+00:00",
}


def insert(connection, table, row, verb="INSERT"):
    names = ", ".join(row)
    marks = ", ".join(f":{name}" for name in row)
    connection.execute(text(f"{verb} INTO {table} ({names}) VALUES ({marks})"), row)  # noqa: S608


@pytest.fixture
def filled(engine):
    with engine.begin() as connection:
        report = {
            "id": 1, "slug": "2023-6-thang", "kind": "first-half", "year": 2023, "ordinal": 0,
            "data_from": "2022-12-15", "data_to": "2023-06-12", "head": "{}", "narrative": "[]",
            "version": 1, "edited_by_id": "", "edited_by_name": "",
            "edited_at": "2023-06-12 00:00:00+00:00",
        }  # fmt: skip
        insert(connection, "cchc_report", report)
        insert(connection, "cchc_release", RELEASE)
        entry = {
            "id": 3, "at": "2023-06-12 00:00:00+00:00", "actor_id": "a", "actor_name": "A",
            "action": "sheet.save", "subject": "2023-6-thang/ho-so", "detail": "{}",
        }  # fmt: skip
        insert(connection, "cchc_audit_entry", entry)
    return engine


def our_tables(engine):
    return {name for name in inspect(engine).get_table_names() if name.startswith("cchc_")}


def test_upgrade_gives_what_the_models_declare_and_goes_down_and_up_again(database_url):
    engine = open_engine(database_url)
    assert runner.current(engine) is None
    runner.upgrade(engine)
    assert runner.current(engine) == runner.head()
    assert runner.is_current(engine)
    assert runner.check(engine) == ()
    runner.downgrade(engine, "base")
    assert our_tables(engine) == set()  # uninstalling leaves nothing
    runner.upgrade(engine)
    assert runner.check(engine) == ()
    engine.dispose()


def test_the_pinned_head_is_the_only_head():
    from alembic.script import ScriptDirectory

    script = ScriptDirectory.from_config(runner.build_config())
    assert script.get_heads() == [runner.head()]


def test_check_tells_what_differs(engine):
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE cchc_form_draft ADD COLUMN stray INTEGER"))
    (difference,) = runner.check(engine)
    assert "remove_column" in difference
    assert "stray" in difference


def test_our_downgrade_and_check_leave_the_hosts_tables_alone(database_url):
    engine = open_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE page (id INTEGER PRIMARY KEY)"))
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('host1')"))
    runner.upgrade(engine)
    assert runner.check(engine) == ()
    runner.downgrade(engine, "base")
    assert {"page", "alembic_version"} <= set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "host1"
    engine.dispose()


def test_a_new_revision_sees_our_tables_only(engine):
    from alembic.autogenerate import api
    from alembic.migration import MigrationContext

    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE page (id INTEGER PRIMARY KEY)"))
        connection.execute(text("ALTER TABLE cchc_form_draft ADD COLUMN stray INTEGER"))
        options = {**runner.OPTIONS, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=options)
        script = api.produce_migrations(context, runner.load_metadata())
        code = api.render_python_code(script.upgrade_ops, render_as_batch=True)
    assert "batch_alter_table('cchc_form_draft'" in code
    assert "drop_column('stray')" in code
    assert "drop_table" not in code


def test_the_filter_keeps_our_tables_out_of_the_hosts_autogenerate(engine):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    host = sa.MetaData()
    sa.Table("page", host, sa.Column("id", sa.Integer, primary_key=True))
    with engine.connect() as connection:
        bare = MigrationContext.configure(connection)
        dropped = [d for d in compare_metadata(bare, host) if d[0] == "remove_table"]
        assert len(dropped) >= 7  # what happens to a host without the filter
        options = {"include_object": host_filter.include_object}
        filtered = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(filtered, host)
    assert [(d[0], d[1].name) for d in differences] == [("add_table", "page")]


def test_a_failed_upgrade_leaves_nothing_behind(database_url):
    engine = open_engine(database_url)
    with engine.begin() as connection:  # stands in the way of the middle of revision 0001
        connection.execute(text("CREATE TABLE cchc_form_draft (id INTEGER)"))
    with pytest.raises(DBAPIError):
        runner.upgrade(engine)
    assert our_tables(engine) <= {"cchc_form_draft"}
    assert runner.current(engine) is None
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE cchc_form_draft"))
    runner.upgrade(engine)
    assert runner.check(engine) == ()
    engine.dispose()


def test_two_servers_starting_together_migrate_once(database_url):
    engines = [open_engine(database_url) for _ in range(2)]
    failures = []

    def start(engine):
        try:
            runner.upgrade(engine)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test must see it
            failures.append(error)

    threads = [threading.Thread(target=start, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert runner.is_current(engines[0])
    for engine in engines:
        engine.dispose()


def test_stamp_adopts_existing_tables(database_url):
    engine = open_engine(database_url)
    runner.load_metadata().create_all(engine)
    runner.stamp(engine)
    assert runner.is_current(engine)
    engine.dispose()


def test_upgrade_runs_inside_the_callers_transaction(engine):
    runner.downgrade(engine, "base")
    with engine.connect() as connection:
        runner.upgrade(connection)
        connection.rollback()
    assert our_tables(engine) <= {runner.VERSION_TABLE}


@pytest.mark.parametrize("table", ["cchc_release", "cchc_audit_entry"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET id = id",
        "DELETE FROM {table}",
        "DELETE FROM {table} WHERE id > 0",
        "TRUNCATE {table} CASCADE",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_written_once(filled, table, statement):
    if "TRUNCATE" in statement and filled.dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; DELETE without WHERE is refused above")
    with filled.connect() as connection:
        before = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608
        with pytest.raises(DBAPIError, match="written once"):
            connection.execute(text(statement.format(table=table)))
        connection.rollback()
        assert connection.execute(text(f"SELECT * FROM {table}")).all() == before  # noqa: S608


@pytest.mark.parametrize(
    "changes",
    [
        {"content": '{"figure":1}', "digest": "e" * 64},  # same id
        {"id": 8, "digest": "e" * 64},  # same number
        {"id": 8, "number": 2, "content": "[]"},  # same digest
    ],
)
def test_a_release_cannot_be_replaced_by_an_insert(filled, changes):
    is_sqlite = filled.dialect.name == "sqlite"
    verb = "INSERT OR REPLACE" if is_sqlite else "INSERT"
    with filled.connect() as connection:
        with pytest.raises(IntegrityError):
            insert(connection, "cchc_release", {**RELEASE, **changes}, verb)
        connection.rollback()
        rows = connection.execute(text("SELECT id, content FROM cchc_release")).all()
    assert rows == [(7, "{}")]


def test_a_published_report_cannot_be_deleted(filled):
    with filled.connect() as connection, pytest.raises(IntegrityError):
        connection.execute(text("DELETE FROM cchc_report"))


def test_a_procedure_of_the_first_edition_keeps_every_value(database_url):
    engine = open_engine(database_url)
    runner.upgrade(engine, "0006")
    day = "2026-02-28"
    with engine.begin() as connection:
        field = {"id": 1, "slug": "ho-tich", "name": "Hộ tịch", "folded": "ho tich"}
        insert(connection, "cchc_procedure_field", field)
        plain = {key: f"{key} «đ»" for key in PROCEDURE_TEXTS}
        days = dict.fromkeys(PROCEDURE_DAYS, day)
        row = {
            "id": 5, "code": "1.001193", "name": "Khai sinh", "field_id": 1, "status": "in-force",
            "is_posted": True, "name_folded": "khai sinh", "text_folded": "", "fee_classes": "",
            "version": 3, "edited_by_id": "a", "edited_by_name": "A",
            "edited_at": "2026-03-01 00:00:00+00:00", **plain, **days,
        }  # fmt: skip
        insert(connection, "cchc_procedure", row)
        bare = dict.fromkeys(PROCEDURE_TEXTS) | {"online_words": ""} | dict.fromkeys(PROCEDURE_DAYS)
        insert(connection, "cchc_procedure", {**row, "id": 6, "code": "1.000002", **bare})
        for name, parts in PROCEDURE_PARTS.items():
            for number, part in enumerate(parts):
                place = {"id": 9 - number, "procedure_id": 5, "position": number}
                insert(connection, f"cchc_procedure_{name}", {**part, **place})
    before = read_procedure_tables(engine)
    runner.upgrade(engine)
    with Session(engine) as session:
        known = get_procedure(session, "1.001193")
        record = read_record(known)
        assert known.version == 3
        assert known.channel_kinds.split() == ["in-person", "online"]
        assert read_record(get_procedure(session, "1.000002")).source == ""
    assert {key: getattr(record, key) for key in PROCEDURE_TEXTS} == plain
    assert {getattr(record, key) for key in PROCEDURE_DAYS} == {date(2026, 2, 28)}
    assert record.channels == (
        Channel(ChannelKind.IN_PERSON, "1 ngày", "không nêu", "ghi chú"),
        Channel(ChannelKind.ONLINE, "không nêu", "8.000 đồng"),
    )
    assert record.components == (
        Component("Tờ khai", "Mẫu 01", 1, 0, "đi thay"),
        Component("Giấy chứng sinh"),
    )
    assert record.steps == ("Nộp", "Nhận")
    assert record.legal_bases == (Basis("60/2014/QH13", "Luật", date(2026, 2, 28), "Quốc hội"),)
    assert record.exemptions == (Exemption("Hộ nghèo", "miễn", "1/NQ", date(2026, 2, 28)),)
    runner.downgrade(engine, "0006")
    after = read_procedure_tables(engine)
    # an absence in words becomes the text itself: the same words for people
    for row in (*before["channel"], *after["channel"]):
        for key in ("time", "fee"):
            name = "time_limit" if key == "time" else key
            row[name] = row.get(name) or row.pop(f"{key}_absence")
    assert after == before
    engine.dispose()


PROCEDURE_TEXTS = (
    "level", "kind", "status_decision", "decision_number", "decision_by", "authority", "address",
    "hours", "target_group", "result", "conditions", "dossier_sets", "keywords", "online_words",
    "partial_reason", "portal_link", "source",
)  # fmt: skip
PROCEDURE_DAYS = ("in_force_from", "amended_on", "repealed_on", "decision_on", "source_on")
NOT_STATED = {"time_absence": "", "fee_absence": "", "time_limit": None, "fee": None, "note": None}
PROCEDURE_PARTS = {
    "channel": (
        {**NOT_STATED, "kind": "in-person", "time_limit": "1 ngày", "fee_absence": "không nêu",
         "note": "ghi chú"},
        {**NOT_STATED, "kind": "online", "time_absence": "không nêu", "fee": "8.000 đồng"},
    ),
    "component": (
        {"name": "Tờ khai", "form": "Mẫu 01", "originals": 1, "copies": 0, "case_label": "đi thay"},
        {"name": "Giấy chứng sinh"},
    ),
    "step": ({"text": "Nộp"}, {"text": "Nhận"}),
    "legal_basis": (
        {"number": "60/2014/QH13", "title": "Luật", "issued_on": "2026-02-28",
         "issued_by": "Quốc hội"},
    ),
    "exemption": (
        {"beneficiary": "Hộ nghèo", "amount": "miễn", "document_number": "1/NQ",
         "valid_from": "2026-02-28", "valid_to": None},
    ),
}  # fmt: skip


def read_procedure_tables(engine):
    found = {}
    with engine.connect() as connection:
        for name in ("", *PROCEDURE_PARTS):
            table = f"cchc_procedure_{name}" if name else "cchc_procedure"
            order = "procedure_id, position" if name else "id"
            rows = connection.execute(text(f"SELECT * FROM {table} ORDER BY {order}"))  # noqa: S608
            found[name] = [
                {key: str(value) for key, value in row._mapping.items() if key != "id" and value}
                for row in rows
            ]
    return found


# A landed revision is never edited: databases that ran it would differ in silence. The one edit
# that happened, of 0003, is mended by 0012.
FROZEN = {
    "0001_core.py": "c4956159addc532d",
    "0002_accounts.py": "02051fa17e35992b",
    "0003_procedures.py": "7d0c3b8855f4df7f",
    "0004_reception.py": "6f692575bc8eea59",
    "0005_audit_chain.py": "5eee8394ba1d0132",
    "0006_settings.py": "1532a031b9d1aa5d",
    "0007_procedure_details.py": "02d0804f587c6241",
    "0008_sign_ins.py": "2d196cc32b57a5d7",
    "0009_desk.py": "0a7c36ca76691cac",
    "0010_hand_in.py": "48b73ca46f5580df",
    "0011_reading_answers.py": "93dc9a908697b79d",
    "0012_wider_procedure_words.py": "24a1bcce0b567d1b",
    "0013_unanswered.py": "a323884889c2476a",
}


def test_landed_revisions_are_never_edited():
    files = sorted((runner.FOLDER / "versions").glob("[0-9]*.py"))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in files}
    for name, digest in FROZEN.items():
        assert found[name] == digest, f"{name} was edited after it had landed; write a new revision"
    new = [name for name in found if name not in FROZEN]
    assert len(new) <= 1, f"add the hashes of all but the newest: {new}"


def test_words_cut_by_the_first_0003_have_room_after_0012(database_url):
    engine = open_engine(database_url)
    runner.upgrade(engine, "0002")
    first = {}
    source = (Path(__file__).parents[1] / "data" / "0003_as_first_landed.txt").read_text("utf-8")
    exec(source, first)  # noqa: S102 - our own revision, as it was
    with engine.begin() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            first["upgrade"]()
        runner.stamp(connection, "0003")
        row = {"id": 1, "slug": "dat-dai", "name": "Đất đai", "folded": "dat dai"}
        insert(connection, "cchc_procedure_field", row)
    runner.upgrade(engine)
    assert runner.check(engine) == ()
    with engine.begin() as connection:
        query = text("UPDATE cchc_procedure_field SET folded = folded || :more RETURNING folded")
        assert len(connection.execute(query, {"more": "x" * 500}).scalar_one()) == 507
    engine.dispose()


@pytest.mark.databases("sqlite")
def test_dangling_rows_of_the_host_do_not_stop_our_upgrade(database_url):
    engine = open_engine(database_url)
    with engine.connect() as connection:
        driver = connection.connection.dbapi_connection
        driver.executescript(
            "PRAGMA foreign_keys = OFF; CREATE TABLE a (id INTEGER PRIMARY KEY);"
            "CREATE TABLE b (a_id INTEGER REFERENCES a (id)); INSERT INTO b VALUES (9);"
            "PRAGMA foreign_keys = ON;"
        )
    runner.upgrade(engine)
    assert runner.check(engine) == ()
