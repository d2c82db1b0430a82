"""What is due later, and reminders, which are."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "timers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timers")),
    )
    op.create_index(op.f("ix_timers_kind_key"), "timers", ["kind", "key"], unique=True)
    op.create_index(op.f("ix_timers_kind_due_at"), "timers", ["kind", "due_at"])
    op.create_table(
        "reminders",
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reminders_user_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_reminders_room_id")),
        sa.PrimaryKeyConstraint("user_id", "room_id", "seq", name=op.f("pk_reminders")),
    )
    op.create_index(op.f("ix_reminders_user_id_at"), "reminders", ["user_id", "at"])


def downgrade() -> None:
    op.drop_table("reminders")
    op.drop_table("timers")
