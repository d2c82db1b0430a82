"""Previews of links with the messages, who lets links be looked up, and exports of chats.

The new columns have defaults in the database too, for processes of the version before, which write rows without them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("link_previews", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("messages", sa.Column("preview", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "exports",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("format", sa.String(8), nullable=False),
        sa.Column("up_to_seq", sa.BigInteger(), nullable=False),
        sa.Column("done_seq", sa.BigInteger(), nullable=False),
        sa.Column("messages", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_exports_user_id")),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_exports_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports") as exports:
        exports.create_index(op.f("ix_exports_user_id_created_at"), ["user_id", "created_at"])


def downgrade() -> None:
    op.drop_table("exports")
    with op.batch_alter_table("messages") as messages:
        messages.drop_column("preview")
    with op.batch_alter_table("users") as users:
        users.drop_column("link_previews")
