"""Who is told what: read receipts that can be switched off, and blocks, which make a stay deaf.

The new columns have defaults in the database too, for processes of the version before, which write rows without them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("read_receipts", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("memberships", sa.Column("shown_read_seq", sa.BigInteger(), server_default="0", nullable=False))
    op.execute("UPDATE memberships SET shown_read_seq = read_seq")
    op.add_column("memberships", sa.Column("deaf_from", sa.BigInteger(), nullable=True))
    op.add_column("memberships", sa.Column("active_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "blocks",
        sa.Column("owner_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_blocks_owner_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_blocks_user_id")),
        sa.PrimaryKeyConstraint("owner_id", "user_id", name=op.f("pk_blocks")),
    )


def downgrade() -> None:
    op.drop_table("blocks")
    op.drop_column("memberships", "active_at")
    op.drop_column("memberships", "deaf_from")
    op.drop_column("memberships", "shown_read_seq")
    op.drop_column("users", "read_receipts")
