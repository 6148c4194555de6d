"""Accounts of the stand-alone site (empty in a host, which brings its own)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_role_table()
    create_user_table()
    create_join_table()
    create_passkey_table()


def create_role_table() -> None:
    op.create_table(
        "cchc_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("description", sa.String(255), nullable=True),
        sa.Column("permissions", sa.UnicodeText(), nullable=True),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_role"),
        sa.UniqueConstraint("name", name="uq_cchc_role_name"),
    )


def create_user_table() -> None:
    op.create_table(
        "cchc_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("full_name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("username", sa.String(255), nullable=True),
        sa.Column("password", sa.String(255), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_at", sa.DateTime(), nullable=True),
        sa.Column("current_login_at", sa.DateTime(), nullable=True),
        sa.Column("last_login_ip", sa.String(64), nullable=True),
        sa.Column("current_login_ip", sa.String(64), nullable=True),
        sa.Column("login_count", sa.Integer(), nullable=True),
        sa.Column("tf_primary_method", sa.String(64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(255), nullable=True),
        sa.Column("tf_phone_number", sa.String(128), nullable=True),
        sa.Column("us_totp_secrets", sa.Text(), nullable=True),
        sa.Column("us_phone_number", sa.String(128), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(64), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("update_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_user"),
        *(
            sa.UniqueConstraint(name, name=f"uq_cchc_user_{name}")
            for name in (
                "email",
                "username",
                "fs_uniquifier",
                "us_phone_number",
                "fs_webauthn_user_handle",
            )
        ),
    )


def create_join_table() -> None:
    op.create_table(
        "cchc_user_role",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "role_id", name="pk_cchc_user_role"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["cchc_user.id"],
            name="fk_cchc_user_role_user_id_cchc_user",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["cchc_role.id"],
            name="fk_cchc_user_role_role_id_cchc_role",
            ondelete="CASCADE",
        ),
    )


def create_passkey_table() -> None:
    op.create_table(
        "cchc_webauthn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=True),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(64), nullable=False),
        sa.Column("extensions", sa.String(255), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), server_default=sa.func.now(), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("usage", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cchc_webauthn"),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["cchc_user.id"],
            name="fk_cchc_webauthn_user_id_cchc_user",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_cchc_webauthn_credential_id", "cchc_webauthn", ["credential_id"], unique=True
    )


def downgrade() -> None:
    op.drop_table("cchc_webauthn")
    op.drop_table("cchc_user_role")
    op.drop_table("cchc_user")
    op.drop_table("cchc_role")
