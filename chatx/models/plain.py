"""Saying plain messages: numbered, stored and noted under their client_ids by one statement, which is its own transaction.

It needs no look beforehand, because it says what it takes for granted: the version of each room that is known here. The
statement waits for the room's row lock and then finds the row as the last commit left it, so a version that still holds
means that nobody came or went, and a client_id that was used before breaks its key. In both cases nothing has happened.
Nor has it where a stay would change too, since its draft ends or its room comes back (`stirred`), which are rare: the index
of these few is looked at once a room.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# Prepared once a connection: planning them costs as much as running them. The first is for one message alone, as on a server
# that has little to do: without arrays it takes half the time.
PREPARE = """
PREPARE chatx_say_one (uuid, bigint, timestamptz, uuid, uuid, text, text, text) AS
WITH moved AS (
    UPDATE rooms SET seq = seq + 1, last_message_seq = seq + 1, active_at = $3
    WHERE id = $1 AND members_version = $2 AND NOT EXISTS (
        SELECT FROM memberships WHERE room_id = $1 AND (comes_back OR draft IS NOT NULL AND user_id = $5)
    )
    RETURNING seq
), kept AS (
    INSERT INTO messages (room_id, seq, id, sender_id, client_id, type, text, data, mentions, forward_score, created_at)
    SELECT $1, seq, $4, $5, $6, 'text', $8, '{}', '[]', 0, $3 FROM moved
)
INSERT INTO submissions (user_id, client_id, digest, subject) SELECT $5, $6, $7, $1 || ':' || seq FROM moved
RETURNING (SELECT seq FROM moved);
PREPARE chatx_say (uuid[], bigint[], int[], timestamptz, uuid[], int[], uuid[], uuid[], text[], text[], text[]) AS
WITH moved AS (
    UPDATE rooms SET seq = seq + said, last_message_seq = seq + said, active_at = $4
    FROM unnest($1, $2, $3) AS known (id, version, said)
    WHERE rooms.id = known.id AND members_version = known.version AND NOT EXISTS (
        SELECT FROM memberships WHERE room_id = rooms.id AND (comes_back OR draft IS NOT NULL AND user_id = ANY ($8))
    )
    RETURNING rooms.id, rooms.seq
), placed AS (
    SELECT room_id, moved.seq - later AS seq, plain.id, sender_id, client_id, digest, said
    FROM unnest($5, $6, $7, $8, $9, $10, $11) AS plain (room_id, later, id, sender_id, client_id, digest, said)
    JOIN moved ON moved.id = room_id
), kept AS (
    INSERT INTO messages (room_id, seq, id, sender_id, client_id, type, text, data, mentions, forward_score, created_at)
    SELECT room_id, seq, id, sender_id, client_id, 'text', said, '{}', '[]', 0, $4 FROM placed
), noted AS (
    INSERT INTO submissions (user_id, client_id, digest, subject)
    SELECT sender_id, client_id, digest, room_id || ':' || seq FROM placed
)
SELECT id, seq FROM moved
"""
ONE = f"EXECUTE chatx_say_one ({', '.join(['%s'] * 8)})"
MANY = f"EXECUTE chatx_say ({', '.join(['%s'] * 11)})"


@dataclass(slots=True)
class Plain:
    """A text that answers nothing and names nobody; later: how many follow it in its room in the same statement."""

    room_id: str
    id: str
    sender_id: str
    client_id: str
    text: str
    digest: str
    later: int = 0


def say_all(cursor: Any, said: Sequence[Plain], versions: Mapping[str, int], now: datetime) -> dict[str, int]:
    """Say these, in order; the last seq of each room whose version (by room id) still holds.

    cursor: of psycopg2, on a connection that commits each statement.
    """
    return _say_one(cursor, said[0], versions, now) if len(said) == 1 else _say_many(cursor, said, versions, now)


def _say_one(cursor: Any, message: Plain, versions: Mapping[str, int], now: datetime) -> dict[str, int]:
    room_id = message.room_id
    who = (message.id, message.sender_id, message.client_id, message.digest, message.text)
    cursor.execute(ONE, (room_id, versions[room_id], now, *who))
    moved = cursor.fetchone()
    return {room_id: moved[0]} if moved else {}


def _say_many(cursor: Any, said: Sequence[Plain], versions: Mapping[str, int], now: datetime) -> dict[str, int]:
    counts: dict[str, int] = {}
    for message in reversed(said):
        message.later = counts.get(message.room_id, 0)
        counts[message.room_id] = message.later + 1
    rooms = sorted(counts)
    cursor.execute(
        MANY,
        (
            _plain_array(rooms),
            _plain_array([str(versions[room_id]) for room_id in rooms]),
            _plain_array([str(counts[room_id]) for room_id in rooms]),
            now,
            _plain_array([message.room_id for message in said]),
            _plain_array([str(message.later) for message in said]),
            _plain_array([message.id for message in said]),
            _plain_array([message.sender_id for message in said]),
            _array([message.client_id for message in said]),
            _plain_array([message.digest for message in said]),
            _array([message.text for message in said]),
        ),
    )
    return dict(cursor.fetchall())


def _plain_array(values: Sequence[str]) -> str:
    """An array of ids or numbers, as PostgreSQL reads it: in one piece, where a list would be parsed value by value."""
    return "{" + ",".join(values) + "}"


def _array(texts: Sequence[str]) -> str:
    """The same of texts with anything in them."""
    quoted = [text.replace("\\", "\\\\").replace('"', '\\"') for text in texts]
    return '{"' + '","'.join(quoted) + '"}'
