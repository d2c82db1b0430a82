"""System messages: what happened in a room, as a line of its history that nobody said."""

from datetime import datetime
from typing import Any

from chatx.models.base import new_id
from chatx.models.message import SYSTEM
from chatx.models.room import Room
from chatx.models.said import Said


def note(room: Room, actor_id: str, now: datetime, action: str, **about: Any) -> Said:
    """A line that says that somebody did this; `about` has ids and names of fields, no words of people.

    It takes the room's next seq, but the room stands in the lists of its members where it stood: nothing was said to them.
    """
    line_id = new_id()
    line = Said(
        id=line_id,
        room_id=room.id,
        seq=room.take_seq(),
        sender_id=actor_id,
        client_id=line_id,
        created_at=now,
        type=SYSTEM,
        text=None,
        data={"action": action, **about},
        mentions=[],
        reply_to_seq=None,
        reply_to=None,
    )
    Said.keep_all([line])
    return line
