"""Search: what each message can be found by. On SQLite full-text tables beside it, which triggers keep in step."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The numbers of an entry are words to FTS5, which needs neither their places nor another copy of them.
FTS = """
CREATE VIRTUAL TABLE fts_search USING fts5(
    grams, content='search_entries', content_rowid='fts_id', tokenize='ascii', detail='none', columnsize=0
)
"""
ON_INSERT = """
CREATE TRIGGER fts_search_insert AFTER INSERT ON search_entries BEGIN
    INSERT INTO fts_search (rowid, grams) VALUES (new.fts_id, new.grams);
END
"""
ON_DELETE = """
CREATE TRIGGER fts_search_delete AFTER DELETE ON search_entries BEGIN
    INSERT INTO fts_search (fts_search, rowid, grams) VALUES ('delete', old.fts_id, old.grams);
END
"""


def upgrade() -> None:
    op.create_table(
        "search_marks",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_search_marks_room_id")),
        sa.PrimaryKeyConstraint("room_id", name=op.f("pk_search_marks")),
    )
    op.create_table(
        "search_slices",
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("room_id", "number", name=op.f("pk_search_slices")),
    )
    columns = [
        sa.Column("room_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    ]
    if op.get_bind().dialect.name == "postgresql":
        key = sa.PrimaryKeyConstraint("room_id", "seq", name=op.f("pk_search_entries"))
        op.create_table("search_entries", *columns, sa.Column("grams", postgresql.ARRAY(sa.Integer()), nullable=False), key)
        options = {"postgresql_using": "gin", "postgresql_with": {"gin_pending_list_limit": 64}}
        op.create_index(op.f("ix_search_entries_grams"), "search_entries", ["grams"], **options)
    else:
        # FTS5 refers to rows by a number that must outlive a VACUUM.
        number = sa.Column("fts_id", sa.Integer(), primary_key=True)
        op.create_table("search_entries", number, *columns, sa.Column("grams", sa.JSON(), nullable=False))
        op.create_index("fts_search_place", "search_entries", ["room_id", "seq"], unique=True)
        for statement in (FTS, ON_INSERT, ON_DELETE):
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE fts_search")
    op.drop_table("search_entries")
    op.drop_table("search_slices")
    op.drop_table("search_marks")
