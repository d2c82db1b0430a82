"""Edits and deletes: earlier texts of messages, and what people have hidden from themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_edits",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_message_edits_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "change_seq", name=op.f("pk_message_edits")),
    )
    op.create_table(
        "hidden_ranges",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("low", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_hidden_ranges_room_id")),
        sa.PrimaryKeyConstraint("room_id", "user_id", "low", name=op.f("pk_hidden_ranges")),
    )
    op.create_table(
        "last_hides",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spans", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_last_hides_room_id")),
        sa.PrimaryKeyConstraint("room_id", "user_id", name=op.f("pk_last_hides")),
    )


def downgrade() -> None:
    op.drop_table("last_hides")
    op.drop_table("hidden_ranges")
    op.drop_table("message_edits")
