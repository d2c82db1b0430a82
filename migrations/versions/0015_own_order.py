"""Scheduled messages; and what of a room is one's own: a name, a lock, favourites, drafts that answer, rooms that come back."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STIRRED = sa.text("draft IS NOT NULL OR comes_back")


def upgrade() -> None:
    op.create_table(
        "scheduled_messages",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_scheduled_messages_user_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_scheduled_messages_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_messages")),
    )
    op.create_index(op.f("ix_scheduled_messages_user_id_at"), "scheduled_messages", ["user_id", "at"])
    op.add_column("users", sa.Column("keep_archived", sa.Boolean(), server_default=sa.true(), nullable=False))
    for name in ("comes_back", "locked", "favourite"):
        op.add_column("memberships", sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("memberships", sa.Column("custom_name", sa.String(length=100), nullable=True))
    op.add_column("memberships", sa.Column("draft_reply_to_seq", sa.BigInteger(), nullable=True))
    op.create_index("ix_memberships_stirred", "memberships", ["room_id"], postgresql_where=STIRRED, sqlite_where=STIRRED)


def downgrade() -> None:
    op.drop_index("ix_memberships_stirred", "memberships")
    for name in ("draft_reply_to_seq", "custom_name", "favourite", "locked", "comes_back"):
        op.drop_column("memberships", name)
    op.drop_column("users", "keep_archived")
    op.drop_index(op.f("ix_scheduled_messages_user_id_at"), "scheduled_messages")
    op.drop_table("scheduled_messages")
