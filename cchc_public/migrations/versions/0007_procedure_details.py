"""A procedure is one row: its parts and everything that no list asks for become one JSON value."""

import json
from collections import defaultdict
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

DATES = ("in_force_from", "amended_on", "repealed_on", "decision_on", "source_on")
TEXTS = {
    "level": sa.String(200),
    "kind": sa.String(200),
    "status_decision": sa.String(200),
    "decision_number": sa.String(200),
    "decision_by": sa.String(200),
    "authority": sa.Text(),
    "address": sa.Text(),
    "hours": sa.Text(),
    "target_group": sa.Text(),
    "result": sa.Text(),
    "conditions": sa.Text(),
    "dossier_sets": sa.String(200),
    "keywords": sa.Text(),
    "online_words": sa.String(200),
    "partial_reason": sa.Text(),
    "portal_link": sa.String(500),
    "source": sa.Text(),
}
# key in the JSON value -> table, columns in the order of the parts (JSON key: column)
PARTS = {
    "components": (
        "cchc_procedure_component",
        {
            "name": "name",
            "form": "form",
            "originals": "originals",
            "copies": "copies",
            "case": "case_label",
        },
    ),
    "legal_bases": (
        "cchc_procedure_legal_basis",
        {"number": "number", "title": "title", "issued_on": "issued_on", "issued_by": "issued_by"},
    ),
    "exemptions": (
        "cchc_procedure_exemption",
        {
            "beneficiary": "beneficiary",
            "amount": "amount",
            "document_number": "document_number",
            "valid_from": "valid_from",
            "valid_to": "valid_to",
        },
    ),
}
CHANNEL, STEP = "cchc_procedure_channel", "cchc_procedure_step"
CHUNK = 500


def upgrade() -> None:
    with op.batch_alter_table("cchc_procedure") as table:
        table.add_column(sa.Column("details", sa.JSON(), nullable=False, server_default="{}"))
        table.add_column(
            sa.Column("channel_kinds", sa.String(80), nullable=False, server_default="")
        )
    _gather()
    for name in (STEP, *(table for table, _ in PARTS.values()), CHANNEL):
        op.drop_table(name)
    with op.batch_alter_table("cchc_procedure") as table:
        table.alter_column("details", server_default=None, existing_type=sa.JSON())
        table.alter_column("channel_kinds", server_default=None, existing_type=sa.String(80))
        for name in (*TEXTS, *DATES):
            table.drop_column(name)


def downgrade() -> None:
    # read first: SQLite rebuilds the table, and what refers to it must not exist then
    rows = list(op.get_bind().execute(sa.text("SELECT id, details FROM cchc_procedure")))
    with op.batch_alter_table("cchc_procedure") as table:
        for name, kind in TEXTS.items():
            is_words = name == "online_words"
            default = "" if is_words else None
            table.add_column(sa.Column(name, kind, nullable=not is_words, server_default=default))
        for name in DATES:
            table.add_column(sa.Column(name, sa.Date(), nullable=True))
        table.drop_column("channel_kinds")
        table.drop_column("details")
    with op.batch_alter_table("cchc_procedure") as table:
        table.alter_column("online_words", server_default=None, existing_type=sa.String(200))
    _create_parts()
    _spread(rows)


def _gather() -> None:
    """Move every stated value and part into ``details``."""
    bind = op.get_bind()
    parts: dict[int, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for row in _rows(CHANNEL, "kind", "time_limit", "time_absence", "fee", "fee_absence", "note"):
        # an absence is the source's own words for "not stated": part of the verbatim text
        channel = {
            "kind": row.kind,
            "time_limit": row.time_absence if row.time_limit is None else row.time_limit,
            "fee": row.fee_absence if row.fee is None else row.fee,
            "note": row.note,
        }
        parts[row.procedure_id]["channels"].append(_stated(channel))
    for row in _rows(STEP, "text"):
        parts[row.procedure_id]["steps"].append(row.text)
    for key, (table, columns) in PARTS.items():
        for row in _rows(table, *columns.values()):
            values = {name: getattr(row, column) for name, column in columns.items()}
            parts[row.procedure_id][key].append(_stated(values))
    names = ", ".join(("id", *TEXTS, *DATES))
    update = sa.text(
        "UPDATE cchc_procedure SET details = :details, channel_kinds = :kinds WHERE id = :id"
    )
    if bind.dialect.name == "postgresql":
        update = sa.text(str(update).replace(":details", "CAST(:details AS JSON)"))
    for row in bind.execute(sa.text(f"SELECT {names} FROM cchc_procedure")).all():  # noqa: S608
        own = parts.get(row.id, {})
        details = _stated({name: getattr(row, name) for name in (*TEXTS, *DATES)}) | own
        kinds = dict.fromkeys(channel["kind"] for channel in own.get("channels", ()))
        bind.execute(
            update,
            {
                "id": row.id,
                "details": json.dumps(details, ensure_ascii=False),
                "kinds": f" {' '.join(kinds)} " if kinds else "",
            },
        )


def _rows(table: str, *columns: str) -> list[Any]:
    names = ", ".join(("procedure_id", *columns))
    query = f"SELECT {names} FROM {table} ORDER BY procedure_id, position"  # noqa: S608
    return list(op.get_bind().execute(sa.text(query)))


def _stated(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not stated; days as ISO texts (SQLite hands them over as such)."""
    return {
        key: value if isinstance(value, str | int) else value.isoformat()
        for key, value in values.items()
        if value is not None and value != ""
    }


def _spread(rows: list[Any]) -> None:
    """Put back columns and parts; facts that only the newer form knows are lost."""
    bind = op.get_bind()
    names = (*TEXTS, *DATES)
    sets = ", ".join(f"{name} = :{name}" for name in names)
    update = sa.text(f"UPDATE cchc_procedure SET {sets} WHERE id = :id")  # noqa: S608
    for number, raw in rows:
        details = json.loads(raw) if isinstance(raw, str) else raw
        values = {name: details.get(name) for name in names}
        values["online_words"] = values["online_words"] or ""
        bind.execute(update, {"id": number, **values})
        for position, step in enumerate(details.get("steps", ())):
            _insert(STEP, {"procedure_id": number, "position": position, "text": step})
        for position, item in enumerate(details.get("channels", ())):
            row = {
                "kind": item["kind"],
                "time_limit": item.get("time_limit"),
                "time_absence": "",
                "fee": item.get("fee"),
                "fee_absence": "",
                "note": item.get("note"),
            }
            _insert(CHANNEL, {"procedure_id": number, "position": position, **row})
        for key, (table, columns) in PARTS.items():
            for position, item in enumerate(details.get(key, ())):
                row = {column: item.get(name) for name, column in columns.items()}
                _insert(table, {"procedure_id": number, "position": position, **row})


def _insert(table: str, row: dict[str, Any]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    op.get_bind().execute(
        sa.text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"),  # noqa: S608
        row,
    )


def _create_parts() -> None:
    text, words = sa.Text(), sa.Text()
    _create_part(
        "channel",
        ("kind", sa.String(20), False),
        ("time_limit", text, True),
        ("time_absence", words, False),
        ("fee", text, True),
        ("fee_absence", words, False),
        ("note", text, True),
    )
    _create_part(
        "component",
        ("name", text, False),
        ("form", text, True),
        ("originals", sa.Integer(), True),
        ("copies", sa.Integer(), True),
        ("case_label", text, True),
    )
    _create_part(
        "exemption",
        ("beneficiary", text, False),
        ("amount", text, True),
        ("document_number", text, False),
        ("valid_from", sa.Date(), True),
        ("valid_to", sa.Date(), True),
    )
    _create_part(
        "legal_basis",
        ("number", text, False),
        ("title", text, True),
        ("issued_on", sa.Date(), True),
        ("issued_by", text, True),
    )
    _create_part("step", ("text", text, False))


def _create_part(name: str, *columns: tuple[str, sa.types.TypeEngine[Any], bool]) -> None:
    table = f"cchc_procedure_{name}"
    op.create_table(
        table,
        *(sa.Column(key, kind, nullable=nullable) for key, kind, nullable in columns),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f(f"fk_{table}_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_procedure_id"), table, ["procedure_id"], unique=False)
