"""Answers to "did this page help?", counted by page and month."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cchc_helpful",
        sa.Column("path", sa.String(120), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("yes", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("path", "month", name=op.f("pk_cchc_helpful")),
    )


def downgrade() -> None:
    op.drop_table("cchc_helpful")
