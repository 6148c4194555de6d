"""Room for the whole folded name of a field.

0003 was once landed with 200 letters for six columns and later edited, so databases of both kinds
exist. Five of them went into the details of a procedure with 0007; this is the sixth.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "cchc_procedure_field"


def upgrade() -> None:
    columns = {one["name"]: one["type"] for one in sa.inspect(op.get_bind()).get_columns(TABLE)}
    if getattr(columns["folded"], "length", None) is None:
        return
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(TABLE, "folded", type_=sa.Text(), existing_nullable=False)
        return
    # not by building the table anew: dropping the old one would run into its foreign keys
    op.add_column(TABLE, sa.Column("wide", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE cchc_procedure_field SET wide = folded")
    op.drop_column(TABLE, "folded")
    op.execute("ALTER TABLE cchc_procedure_field RENAME COLUMN wide TO folded")


def downgrade() -> None:
    pass  # the words stay whole
