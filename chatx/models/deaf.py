"""What must reach even those who hear nothing of a direct room, since they block the other one: that a message is gone."""

from collections.abc import Iterator

from chatx.models.feed import lock
from chatx.models.hidden import Hidden
from chatx.models.membership import Membership
from chatx.models.room import Room
from chatx.models.room_view import RoomView, view
from chatx.models.user import User
from config import LIMITS


def hide_from_the_deaf(room: Room, seq: int) -> Iterator[tuple[User, RoomView]]:
    """Hide a message from them that they would go on to see; each with their feed, locked, which is to tell how they see it."""
    for deaf in Membership.deaf_in(room.id) if room.kind == "direct" else ():
        (me,) = lock(User, [deaf.user_id])
        hidden = Hidden(deaf)
        if deaf.sees(seq) and len(hidden.spans) < LIMITS["hidden_ranges"] and hidden.add([(seq, seq)]):
            yield me, view(room, deaf)
