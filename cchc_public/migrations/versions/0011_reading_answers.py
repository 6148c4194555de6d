"""Answers given while reading foreign tables."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cchc_reading_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_code", sa.String(64), nullable=False),
        sa.Column("fingerprint", sa.String(32), nullable=False),
        sa.Column("question", sa.String(120), nullable=False),
        sa.Column("answer", sa.String(120), nullable=False),
        sa.Column("words", sa.String(300), nullable=False),
        sa.Column("given_by_name", sa.String(200), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_reading_answer")),
        sa.UniqueConstraint(
            "table_code",
            "fingerprint",
            "question",
            name=op.f("uq_cchc_reading_answer_table_code_fingerprint_question"),
        ),
    )


def downgrade() -> None:
    op.drop_table("cchc_reading_answer")
