"""Open sessions, failed sign-ins, the last code of the second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cchc_user", sa.Column("tf_last_counter", sa.Integer(), nullable=True))
    op.create_table(
        "cchc_sign_in",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_cchc_sign_in")),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["cchc_user.id"],
            name=op.f("fk_cchc_sign_in_user_id_cchc_user"),
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_cchc_sign_in_user_id", "cchc_sign_in", ["user_id"])
    op.create_table(
        "cchc_attempts",
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cchc_attempts")),
    )


def downgrade() -> None:
    op.drop_table("cchc_attempts")
    op.drop_table("cchc_sign_in")
    op.drop_column("cchc_user", "tf_last_counter")
