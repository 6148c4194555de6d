"""Hand-in, remarks, preview links; facts and signed copies of papers; tables declared empty."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

ONCE = ("cchc_paper_entry", "cchc_signed_copy")


def upgrade() -> None:
    with op.batch_alter_table("cchc_report") as report:
        report.add_column(
            sa.Column("declared_empty", sa.JSON(), nullable=False, server_default="[]")
        )
    with op.batch_alter_table("cchc_warning_reason") as reason:
        # where the figure stands: a reason stays offered when the figure changes
        reason.add_column(sa.Column("place", sa.String(200), nullable=False, server_default=""))
    op.create_table(
        "cchc_hand_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("handed_in_by_id", sa.String(64), nullable=False),
        sa.Column("handed_in_by_name", sa.String(200), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.String(64), nullable=False),
        sa.Column("decided_by_name", sa.String(200), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_hand_in"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["cchc_report.id"],
            name="fk_cchc_hand_in_report_id_cchc_report",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_cchc_hand_in_report_id", "cchc_hand_in", ["report_id"])
    op.create_index("ix_cchc_hand_in_state", "cchc_hand_in", ["state"])
    op.create_table(
        "cchc_remark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_in_id", sa.Integer(), nullable=False),
        sa.Column("table_code", sa.String(40), nullable=False),
        sa.Column("row", sa.String(200), nullable=False),
        sa.Column("column", sa.String(80), nullable=False),
        sa.Column("part", sa.String(20), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_by_name", sa.String(200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_remark"),
        sa.ForeignKeyConstraint(
            ["hand_in_id"],
            ["cchc_hand_in.id"],
            name="fk_cchc_remark_hand_in_id_cchc_hand_in",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_cchc_remark_hand_in_id", "cchc_remark", ["hand_in_id"])
    op.create_table(
        "cchc_preview_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_by_name", sa.String(200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_preview_link"),
        sa.ForeignKeyConstraint(
            ["report_id"],
            ["cchc_report.id"],
            name="fk_cchc_preview_link_report_id_cchc_report",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint("digest", name="uq_cchc_preview_link_digest"),
    )
    op.create_index("ix_cchc_preview_link_report_id", "cchc_preview_link", ["report_id"])
    op.create_table(
        "cchc_signed_copy",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_cchc_signed_copy"),
    )
    op.create_table(
        "cchc_paper_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("entered_by_id", sa.String(64), nullable=False),
        sa.Column("entered_by_name", sa.String(200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_paper_entry"),
        sa.ForeignKeyConstraint(
            ["release_id"],
            ["cchc_release.id"],
            name="fk_cchc_paper_entry_release_id_cchc_release",
            ondelete="RESTRICT",
        ),
    )
    op.create_index("ix_cchc_paper_entry_release_id", "cchc_paper_entry", ["release_id"])
    freeze()


def freeze() -> None:
    """A log of facts, and the copies it names, are written once."""
    dialect = op.get_bind().dialect.name
    for table in ONCE:
        if dialect == "sqlite":
            for action in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table} BEGIN "
                    f"SELECT RAISE(ABORT, '{table} is written once: {action} refused'); END"
                )
        elif dialect == "postgresql":
            op.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION cchc_refuse_change()"
            )


def downgrade() -> None:
    for table in (
        "cchc_paper_entry",
        "cchc_signed_copy",
        "cchc_preview_link",
        "cchc_remark",
        "cchc_hand_in",
    ):
        op.drop_table(table)  # its triggers go with it
    with op.batch_alter_table("cchc_warning_reason") as reason:
        reason.drop_column("place")
    with op.batch_alter_table("cchc_report") as report:
        report.drop_column("declared_empty")
