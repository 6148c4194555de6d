"""Searches that nothing answered, counted."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cchc_unanswered_query",
        sa.Column("query", sa.String(80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("query", name=op.f("pk_cchc_unanswered_query")),
    )


def downgrade() -> None:
    op.drop_table("cchc_unanswered_query")
