"""Disappearing and kept messages, and messages to open once."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("kept", sa.JSON(), nullable=True))
    op.add_column("rooms", sa.Column("next_expiry_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("memberships", sa.Column("known_settings", sa.JSON(), nullable=True))
    due = sa.text("expires_at IS NOT NULL")
    place = ["room_id", "expires_at"]
    op.create_index("ix_messages_room_id_expires_at", "messages", place, postgresql_where=due, sqlite_where=due)
    op.create_table(
        "sealed",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_sealed_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", name=op.f("pk_sealed")),
    )
    op.create_table(
        "openings",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_openings_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", name=op.f("pk_openings")),
    )


def downgrade() -> None:
    op.drop_table("openings")
    op.drop_table("sealed")
    op.drop_index("ix_messages_room_id_expires_at", table_name="messages")
    op.drop_column("memberships", "known_settings")
    op.drop_column("rooms", "next_expiry_at")
    op.drop_column("messages", "kept")
