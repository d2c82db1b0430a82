"""Reactions, stars and pins; and room for the client_ids that forwarded messages get, which are longer than those of clients."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reactions",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("change_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("emoji", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("only_for", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_reactions_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", "change_seq", name=op.f("pk_reactions")),
    )
    op.create_table(
        "stars",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_stars_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "user_id", name=op.f("pk_stars")),
    )
    op.create_index(op.f("ix_stars_user_id_at"), "stars", ["user_id", "at"])
    op.create_table(
        "pins",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("only_for", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_pins_room_id")),
        sa.PrimaryKeyConstraint("room_id", "seq", "change_seq", name=op.f("pk_pins")),
    )
    _client_ids(64, 72)


def downgrade() -> None:
    _client_ids(72, 64)
    op.drop_table("pins")
    op.drop_table("stars")
    op.drop_table("reactions")


def _client_ids(before: int, after: int) -> None:
    for table in ("messages", "submissions"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("client_id", existing_type=sa.String(length=before), type_=sa.String(length=after))
