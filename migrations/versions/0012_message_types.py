"""Message types: votes in polls, answers to events, where people are now, and what all this showed before."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_versions",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_message_versions_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "change_seq", name=op.f("pk_message_versions")),
    )
    op.create_table(
        "poll_votes",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("option_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("voted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_poll_votes_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", "option_id", name=op.f("pk_poll_votes")),
    )
    op.create_table(
        "event_answers",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("answer", sa.String(8), nullable=False),
        sa.Column("guests", sa.Integer(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_event_answers_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", name=op.f("pk_event_answers")),
    )
    op.create_table(
        "live_positions",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_live_positions_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", name=op.f("pk_live_positions")),
    )


def downgrade() -> None:
    op.drop_table("live_positions")
    op.drop_table("event_answers")
    op.drop_table("poll_votes")
    op.drop_table("message_versions")
