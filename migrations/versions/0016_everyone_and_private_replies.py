"""Mentions of everyone, which each member may mute; replies in a direct room to what was said in a group."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("memberships", sa.Column("everyone_muted_until", sa.DateTime(timezone=True), nullable=True))
    op.add_column("messages", sa.Column("reply_to_room_id", sa.Uuid(as_uuid=False), nullable=True))


def downgrade() -> None:
    op.drop_column("messages", "reply_to_room_id")
    op.drop_column("memberships", "everyone_muted_until")
