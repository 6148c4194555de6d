"""Each new line of the audit trail names the digest of the line before it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLE = "cchc_audit_entry"
LINE = sa.table(
    TABLE,
    sa.column("id", sa.Integer),
    sa.column("at", sa.DateTime(timezone=True)),
    sa.column("actor_id", sa.String),
    sa.column("actor_name", sa.String),
    sa.column("action", sa.String),
    sa.column("subject", sa.String),
    sa.column("detail", sa.JSON),
    sa.column("previous_digest", sa.String),
    sa.column("digest", sa.String),
)


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("previous_digest", sa.String(64), nullable=True))
    op.add_column(TABLE, sa.Column("digest", sa.String(64), nullable=True))
    # Two lines that follow the same one would be two trails.
    op.create_index(f"uq_{TABLE}_previous_digest", TABLE, ["previous_digest"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER {TABLE}_no_replace_2 BEFORE INSERT ON {TABLE} "  # noqa: S608
            f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE previous_digest = NEW.previous_digest) "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is written once: REPLACE refused'); END"
        )
    anchor()


def anchor() -> None:
    """Seal the lines of earlier days, which carry no digest, with one line that covers them all."""
    connection = op.get_bind()
    parts = [column for column in LINE.c if "digest" not in column.name]
    count, seal = 0, hashlib.sha256()
    for row in connection.execute(sa.select(*parts).order_by(LINE.c.id)):
        seal.update(canonical(row.id, *row[1:]))
        count += 1
    if not count:
        return
    line = {
        "at": datetime.now(UTC),
        "actor_id": "cli",
        "actor_name": "",
        "action": "audit.anchor",
        "subject": "nhat-ky",
        "detail": {"lines": count, "sha256": seal.hexdigest()},
    }
    digest = hashlib.sha256(canonical("", *line.values())).hexdigest()
    connection.execute(LINE.insert().values(**line, previous_digest="", digest=digest))


def canonical(first: str | int, at: Any, *parts: Any) -> bytes:
    """As store/audit.py does: number or digest of the line before, then what the line says."""
    moment = (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()
    return json.dumps([first, moment, *parts], ensure_ascii=False, sort_keys=True).encode()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {TABLE}_no_replace_2")
    op.drop_index(f"uq_{TABLE}_previous_digest", TABLE)
    op.drop_column(TABLE, "digest")
    op.drop_column(TABLE, "previous_digest")
