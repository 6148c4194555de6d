"""Settings of the office and the pictures they name."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cchc_settings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("edited_by_id", sa.String(64), nullable=False),
        sa.Column("edited_by_name", sa.String(200), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cchc_settings")),
    )
    op.create_table(
        "cchc_picture",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("mimetype", sa.String(40), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_cchc_picture")),
    )


def downgrade() -> None:
    op.drop_table("cchc_picture")
    op.drop_table("cchc_settings")
