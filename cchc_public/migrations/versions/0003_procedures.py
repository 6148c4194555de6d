"""The procedure list: fields, procedures with their parts, import batches, history."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_import_batch()
    _create_procedure_field()
    _create_procedure()
    _create_procedure_revision()
    _create_procedure_channel()
    _create_procedure_component()
    _create_procedure_exemption()
    _create_procedure_legal_basis()
    _create_procedure_step()


def downgrade() -> None:
    op.drop_table("cchc_procedure_step")
    op.drop_table("cchc_procedure_legal_basis")
    op.drop_table("cchc_procedure_exemption")
    op.drop_table("cchc_procedure_component")
    op.drop_table("cchc_procedure_channel")
    op.drop_table("cchc_procedure_revision")
    op.drop_table("cchc_procedure")
    op.drop_table("cchc_procedure_field")
    op.drop_table("cchc_import_batch")


def _create_import_batch() -> None:
    op.create_table(
        "cchc_import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("summary", sa.JSON(), nullable=False),
        sa.Column("created_by_id", sa.String(length=64), nullable=False),
        sa.Column("created_by_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_name", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_import_batch")),
    )


def _create_procedure_field() -> None:
    op.create_table(
        "cchc_procedure_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_field")),
        sa.UniqueConstraint("name", name=op.f("uq_cchc_procedure_field_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_cchc_procedure_field_slug")),
    )


def _create_procedure() -> None:
    op.create_table(
        "cchc_procedure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("field_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=200), nullable=True),
        sa.Column("kind", sa.String(length=200), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=True),
        sa.Column("amended_on", sa.Date(), nullable=True),
        sa.Column("repealed_on", sa.Date(), nullable=True),
        sa.Column("status_decision", sa.String(length=200), nullable=True),
        sa.Column("decision_number", sa.String(length=200), nullable=True),
        sa.Column("decision_on", sa.Date(), nullable=True),
        sa.Column("decision_by", sa.String(length=200), nullable=True),
        sa.Column("received_here", sa.Boolean(), nullable=True),
        sa.Column("decided_here", sa.Boolean(), nullable=True),
        sa.Column("is_posted", sa.Boolean(), nullable=False),
        sa.Column("authority", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("target_group", sa.Text(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("dossier_sets", sa.String(length=200), nullable=True),
        sa.Column("keywords", sa.Text(), nullable=True),
        sa.Column("online_level", sa.String(length=20), nullable=True),
        sa.Column("online_words", sa.String(length=200), nullable=False),
        sa.Column("partial_reason", sa.Text(), nullable=True),
        sa.Column("portal_link", sa.String(length=500), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("source_on", sa.Date(), nullable=True),
        sa.Column("name_folded", sa.Text(), nullable=False),
        sa.Column("text_folded", sa.Text(), nullable=False),
        sa.Column("fee_classes", sa.String(length=80), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by_id", sa.String(length=64), nullable=False),
        sa.Column("edited_by_name", sa.String(length=200), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["field_id"],
            ["cchc_procedure_field.id"],
            name=op.f("fk_cchc_procedure_field_id_cchc_procedure_field"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure")),
        sa.UniqueConstraint("code", name=op.f("uq_cchc_procedure_code")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_field_id"), "cchc_procedure", ["field_id"], unique=False
    )
    op.create_index(op.f("ix_cchc_procedure_status"), "cchc_procedure", ["status"], unique=False)


def _create_procedure_revision() -> None:
    op.create_table(
        "cchc_procedure_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_code", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("batch_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["cchc_import_batch.id"],
            name=op.f("fk_cchc_procedure_revision_batch_id_cchc_import_batch"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_revision")),
        sa.UniqueConstraint("token", name=op.f("uq_cchc_procedure_revision_token")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_revision_batch_id"),
        "cchc_procedure_revision",
        ["batch_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_cchc_procedure_revision_procedure_code_id"),
        "cchc_procedure_revision",
        ["procedure_code", "id"],
        unique=False,
    )


def _create_procedure_channel() -> None:
    op.create_table(
        "cchc_procedure_channel",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("time_limit", sa.Text(), nullable=True),
        sa.Column("time_absence", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=True),
        sa.Column("fee_absence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f("fk_cchc_procedure_channel_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_channel")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_channel_procedure_id"),
        "cchc_procedure_channel",
        ["procedure_id"],
        unique=False,
    )


def _create_procedure_component() -> None:
    op.create_table(
        "cchc_procedure_component",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=True),
        sa.Column("originals", sa.Integer(), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=True),
        sa.Column("case_label", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f("fk_cchc_procedure_component_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_component")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_component_procedure_id"),
        "cchc_procedure_component",
        ["procedure_id"],
        unique=False,
    )


def _create_procedure_exemption() -> None:
    op.create_table(
        "cchc_procedure_exemption",
        sa.Column("beneficiary", sa.Text(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=True),
        sa.Column("document_number", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f("fk_cchc_procedure_exemption_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_exemption")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_exemption_procedure_id"),
        "cchc_procedure_exemption",
        ["procedure_id"],
        unique=False,
    )


def _create_procedure_legal_basis() -> None:
    op.create_table(
        "cchc_procedure_legal_basis",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issued_by", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f("fk_cchc_procedure_legal_basis_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_legal_basis")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_legal_basis_procedure_id"),
        "cchc_procedure_legal_basis",
        ["procedure_id"],
        unique=False,
    )


def _create_procedure_step() -> None:
    op.create_table(
        "cchc_procedure_step",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("procedure_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["procedure_id"],
            ["cchc_procedure.id"],
            name=op.f("fk_cchc_procedure_step_procedure_id_cchc_procedure"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_procedure_step")),
    )
    op.create_index(
        op.f("ix_cchc_procedure_step_procedure_id"),
        "cchc_procedure_step",
        ["procedure_id"],
        unique=False,
    )
