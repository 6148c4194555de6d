"""Reports, sheets, reasons, kept forms; releases and the audit trail, which nobody can change."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Rows of these tables are written once. A later revision that rebuilds one of them on SQLite
# (batch mode) loses its triggers and must create them again.
FROZEN = {
    "cchc_release": (
        "id = NEW.id",
        "period_slug = NEW.period_slug AND number = NEW.number",
        "digest = NEW.digest",
    ),
    "cchc_audit_entry": ("id = NEW.id",),
}


def upgrade() -> None:
    create_report()
    create_sheet()
    create_warning_reason()
    create_form_draft()
    create_release()
    create_audit_entry()
    freeze()


def create_report() -> None:
    op.create_table(
        "cchc_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("head", sa.JSON(), nullable=False),
        sa.Column("narrative", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by_id", sa.String(64), nullable=False),
        sa.Column("edited_by_name", sa.String(200), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_report"),
        sa.UniqueConstraint("slug", name="uq_cchc_report_slug"),
    )


def create_sheet() -> None:
    op.create_table(
        "cchc_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("table_code", sa.String(40), nullable=False),
        sa.Column("edition", sa.String(40), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by_id", sa.String(64), nullable=False),
        sa.Column("edited_by_name", sa.String(200), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_sheet"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["cchc_report.id"],
            name="fk_cchc_sheet_report_id_cchc_report",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("report_id", "table_code", name="uq_cchc_sheet_report_id_table_code"),
    )


def create_warning_reason() -> None:
    op.create_table(
        "cchc_warning_reason",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("finding_key", sa.String(16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_by_id", sa.String(64), nullable=False),
        sa.Column("given_by_name", sa.String(200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_warning_reason"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["cchc_report.id"],
            name="fk_cchc_warning_reason_report_id_cchc_report",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "report_id", "finding_key", name="uq_cchc_warning_reason_report_id_finding_key"
        ),
    )


def create_form_draft() -> None:
    op.create_table(
        "cchc_form_draft",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("path", sa.String(500), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("owner_id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_cchc_form_draft"),
    )


def create_release() -> None:
    op.create_table(
        "cchc_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("period_slug", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("period_order", sa.String(20), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=False),
        sa.Column("data_to", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("published_by_id", sa.String(64), nullable=False),
        sa.Column("published_by_name", sa.String(200), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_release"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["cchc_report.id"],
            name="fk_cchc_release_report_id_cchc_report",
            ondelete="RESTRICT",
        ),
        sa.UniqueConstraint("period_slug", "number", name="uq_cchc_release_period_slug_number"),
        sa.UniqueConstraint("digest", name="uq_cchc_release_digest"),
    )
    op.create_index("ix_cchc_release_period_slug", "cchc_release", ["period_slug"])
    op.create_index("ix_cchc_release_period_order", "cchc_release", ["period_order"])


def create_audit_entry() -> None:
    op.create_table(
        "cchc_audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.String(64), nullable=False),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(120), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_audit_entry"),
    )
    op.create_index("ix_cchc_audit_entry_subject_at", "cchc_audit_entry", ["subject", "at"])


def freeze() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table, identities in FROZEN.items():
            freeze_on_sqlite(table, identities)
    elif op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION cchc_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION '% is written once: % refused', TG_TABLE_NAME, TG_OP "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for table in FROZEN:
            op.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION cchc_refuse_change()"
            )


def freeze_on_sqlite(table: str, identities: tuple[str, ...]) -> None:
    for action in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
            f"SELECT RAISE(ABORT, '{table} is written once: {action} refused'); END"
        )
    # INSERT OR REPLACE deletes the old row without asking the triggers above.
    for number, identity in enumerate(identities, 1):
        op.execute(
            f"CREATE TRIGGER {table}_no_replace_{number} BEFORE INSERT ON {table} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {identity}) BEGIN "
            f"SELECT RAISE(ABORT, '{table} is written once: REPLACE refused'); END"
        )


def downgrade() -> None:
    for table in (
        "cchc_audit_entry",
        "cchc_release",
        "cchc_form_draft",
        "cchc_warning_reason",
        "cchc_sheet",
        "cchc_report",
    ):
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION cchc_refuse_change()")
