"""Messages do not refer to their room: its row is locked whenever one is written, and looking for it again costs each message."""

from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.drop_constraint("fk_messages_room_id", type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.create_foreign_key("fk_messages_room_id", "rooms", ["room_id"], ["id"])
